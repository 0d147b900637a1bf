// Template sets: reading one, matching prompts with its patterns, and what it asks.
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/base/json.h"
#include "drf/base/nearest.h"
#include "drf/base/random.h"
#include "drf/questions/json_line.h"
#include "drf/questions/prompt_file.h"
#include "drf/templates/templates.h"

namespace drf::templates {
namespace {

using nlohmann::json;
using Values = std::map<std::string, std::string>;
const std::string kPromptSlot = "prompt";
constexpr uint64_t kMaxSetBytes = 1 << 20;  // of a template set's file
constexpr int64_t kMaxMatchSteps =
    1'000'000;  // of one pattern on one prompt: a pattern can be read many ways

// Small letters, single blanks, no full stop at the end: the form in which patterns and prompts are compared.
std::string normal_form(const std::string& text, bool whole) {
  std::string result;
  for (const char c : text) {
    if (c == ' ' || c == '\t' || c == '\n') {
      if (result.empty() ? !whole : result.back() != ' ') result += ' ';
    } else {
      result += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
  }
  while (whole && !result.empty() && (result.back() == ' ' || result.back() == '.')) result.pop_back();
  return result;
}

std::string filled(const Template& text, const Values& values) {
  std::string result;
  for (const Template::Part& part : text.parts) {
    result += part.slot ? values.at(part.text) : part.text;
    if (result.size() > questions::kMaxTextBytes) break;  // refused by require_writable_text
  }
  return result;
}

// Matches parts[i..] against text[at..], extending `values`. Gives up, and is false, when `steps` reaches 0.
bool match_from(const std::vector<Template::Part>& parts, size_t i, const std::string& text, size_t at,
                const std::map<std::string, std::vector<std::string>>& slots, Values& values,
                int64_t& steps) {
  if (--steps <= 0) return false;
  if (i == parts.size()) return at == text.size();
  const auto fits = [&](const std::string& piece) { return text.compare(at, piece.size(), piece) == 0; };
  if (!parts[i].slot) {
    const std::string literal = normal_form(parts[i].text, false);
    return fits(literal) && match_from(parts, i + 1, text, at + literal.size(), slots, values, steps);
  }
  const std::string& name = parts[i].text;
  for (const std::string& value : slots.at(name)) {
    const std::string piece = normal_form(value, false);
    const auto known = values.find(name);
    if (!fits(piece) || (known != values.end() && known->second != value)) continue;
    const bool first = known == values.end();
    values[name] = value;
    if (match_from(parts, i + 1, text, at + piece.size(), slots, values, steps)) return true;
    if (first) values.erase(name);
  }
  return false;
}

// Reads a template set; `where_` says which part of the file is at fault.
class SetReader {
 public:
  explicit SetReader(const std::filesystem::path& path) : file_(path.string()) {
    const std::string bytes = read_text_file(path, kMaxSetBytes);
    std::string problem;
    root_ = parse_json(bytes, problem);
    if (!root_.is_object())
      reject("", concat("is not a JSON object in UTF-8", problem.empty() ? "" : ": ", problem));
    known_keys(root_, {"slots", "patterns", "questions"}, "");
  }

  std::map<std::string, std::vector<std::string>> slots() {
    const json& slots = member(root_, "slots", "");
    if (!slots.is_object()) reject("slots", "is not an object of lists");
    for (const auto& [name, list] : slots.items()) {
      const std::string where = "slots." + name;
      if (name == kPromptSlot) reject(where, "stands for the prompt itself and takes no values");
      if (!list.is_array() || list.empty()) reject(where, "is not a list of one value or more");
      std::set<std::string> seen;
      for (const json& value : list) {
        const std::string text = string(value, where);
        if (!seen.insert(text).second) reject(where, concat("holds \"", text, "\" twice"));
        slots_[name].push_back(text);
      }
    }
    return slots_;
  }

  std::vector<Template> patterns() {
    std::vector<Template> patterns;
    for_each("patterns", [&](const json& item, const std::string& where) {
      patterns.push_back(parse(string(item, where), where, false));
      const auto& parts = patterns.back().parts;
      if (std::none_of(parts.begin(), parts.end(), [](const auto& part) { return part.slot; }))
        reject(where, "has no slot");
    });
    return patterns;
  }

  std::vector<QuestionTemplate> questions() {
    std::vector<QuestionTemplate> questions;
    for_each("questions", [&](const json& item, const std::string& where) {
      if (!item.is_object()) reject(where, "is not an object");
      known_keys(item, {"aspect", "kind", "text", "answer", "twin", "weight"}, where);
      questions.push_back(question(item, where));
    });
    return questions;
  }

 private:
  [[noreturn]] void reject(const std::string& where, const std::string& what) const {
    fail(ErrorKind::kInput, file_, ": ", where, where.empty() ? "" : " ", what);
  }

  void known_keys(const json& object, const std::vector<std::string>& keys, const std::string& where) const {
    for (const auto& [key, value] : object.items()) {
      if (std::find(keys.begin(), keys.end(), key) != keys.end()) continue;
      const auto near = nearest(key, keys, 1);
      reject(where,
             concat("has the unknown key \"", key, "\"",
                    near.empty() ? concat(", wanted ", keys) : concat("; did you mean ", near[0], "?")));
    }
  }

  const json& member(const json& object, const std::string& key, const std::string& where) const {
    const auto it = object.find(key);
    if (it == object.end()) reject(where, "lacks \"" + key + "\"");
    return *it;
  }

  std::string string(const json& value, const std::string& where) const {
    if (!value.is_string() || normal_form(value.get<std::string>(), true).empty())
      reject(where, concat("holds ", value.dump(), ", wanted text"));
    questions::require_plain_text(value.get<std::string>(), "text", file_ + ": " + where);
    return value.get<std::string>();
  }

  template <typename Visit>
  void for_each(const std::string& key, const Visit& visit) const {
    const json& list = member(root_, key, "");
    if (!list.is_array() || list.empty()) reject(key, "is not a list of one entry or more");
    for (size_t i = 0; i < list.size(); ++i) visit(list[i], concat(key, "[", i, "]"));
  }

  // Splits "a {slot} text" into its parts.
  Template parse(const std::string& text, const std::string& where, bool with_prompt) const {
    Template result;
    size_t at = 0;
    while (at < text.size()) {
      const size_t open = text.find('{', at);
      if (open != at) result.parts.push_back({false, text.substr(at, open - at)});
      if (open == std::string::npos) break;
      const size_t close = text.find('}', open);
      if (close == std::string::npos) reject(where, "has a { without its }");
      const std::string name = text.substr(open + 1, close - open - 1);
      if (!slots_.count(name) && !(with_prompt && name == kPromptSlot)) {
        reject(where, concat("names the slot {", name, "}, which is not among the slots"));
      }
      result.parts.push_back({true, name});
      at = close + 1;
    }
    return result;
  }

  QuestionTemplate question(const json& item, const std::string& where) const {
    QuestionTemplate q;
    const std::string aspect = string(member(item, "aspect", where), where + ".aspect");
    const std::string kind = string(member(item, "kind", where), where + ".kind");
    if (!questions::parse_aspect(aspect))
      reject(where, "has the aspect \"" + aspect + "\", wanted TA, PF or VQ");
    if (!questions::parse_kind(kind)) reject(where, "has the kind \"" + kind + "\", wanted yes_no or dense");
    q.aspect = *questions::parse_aspect(aspect);
    q.kind = *questions::parse_kind(kind);
    q.text = parse(string(member(item, "text", where), where + ".text"), where + ".text", true);
    const std::string answer = string(member(item, "answer", where), where + ".answer");
    q.answer = parse(answer, where + ".answer", true);
    if (q.kind == questions::Kind::kYesNo && answer != "Yes" && answer != "No")
      reject(where, "has the answer \"" + answer + "\", wanted Yes or No for a yes_no question");
    if (item.contains("twin")) {
      q.twin = string(item["twin"], where + ".twin");
      if (q.kind != questions::Kind::kYesNo)
        reject(where, "has a twin, which only a yes_no question can have");
      if (!q.text.uses(q.twin))
        reject(where, "has the twin \"" + q.twin + "\", a slot its text does not name");
      const auto values = slots_.find(q.twin);
      if (values == slots_.end() || values->second.size() < 2)
        reject(where, "has the twin \"" + q.twin + "\", a slot without a second value");
    }
    if (item.contains("weight")) {
      const json& weight = item["weight"];
      if (!weight.is_number() || !std::isfinite(weight.get<double>()) || weight.get<double>() < 0)
        reject(where, concat("has the weight ", weight.dump(), ", wanted a number of 0 or more"));
      q.weight = weight.get<double>();
    }
    return q;
  }

  std::string file_;
  json root_;
  std::map<std::string, std::vector<std::string>> slots_;
};

}  // namespace

bool Template::uses(const std::string& slot) const {
  return std::find(parts.begin(), parts.end(), Part{true, slot}) != parts.end();
}

TemplateSet TemplateSet::read(const std::filesystem::path& path) {
  SetReader reader(path);
  TemplateSet set;
  set.slots_ = reader.slots();
  set.patterns_ = reader.patterns();
  set.questions_ = reader.questions();
  return set;
}

Values TemplateSet::match(const std::string& prompt) const {
  const std::string text = normal_form(prompt, true);
  for (const Template& pattern : patterns_) {
    Values values;
    int64_t steps = kMaxMatchSteps;
    if (match_from(pattern.parts, 0, text, 0, slots_, values, steps)) return values;
    if (steps <= 0) {
      fail(ErrorKind::kInput, "templates: a pattern of ", pattern.parts.size(),
           " parts can be read in more than ", kMaxMatchSteps, " ways in the prompt \"", prompt,
           "\"; give its slots values that do not begin alike");
    }
  }
  return {};
}

std::vector<TemplateQuestion> TemplateSet::ask(const std::string& prompt, const Values& matched,
                                               int64_t index, const QuestionOptions& options) const {
  Values values = matched;
  values[kPromptSlot] = prompt;
  const auto known = [&](const Template& text) {
    return std::all_of(text.parts.begin(), text.parts.end(),
                       [&](const auto& part) { return !part.slot || values.count(part.text) > 0; });
  };
  std::vector<TemplateQuestion> questions;
  for (size_t t = 0; t < questions_.size(); ++t) {
    const QuestionTemplate& from = questions_[t];
    if (!options.aspects.count(from.aspect) || (from.kind == questions::Kind::kDense && !options.dense))
      continue;
    if (!known(from.text) || !known(from.answer)) continue;
    TemplateQuestion q;
    q.aspect = from.aspect;
    q.kind = from.kind;
    q.text = filled(from.text, values);
    q.answer = filled(from.answer, values);
    q.weight = from.weight;
    questions.push_back(q);
    if (!options.twins || from.twin.empty()) continue;
    std::vector<std::string> others;
    for (const std::string& value : slots_.at(from.twin)) {
      if (value != values.at(from.twin)) others.push_back(value);
    }
    RandomStream random(
        {options.seed, Purpose::kTwins, static_cast<uint32_t>(index), static_cast<uint32_t>(t)});
    Values exchanged = values;
    exchanged[from.twin] = others[random.next_below(others.size())];
    q.text = filled(from.text, exchanged);
    q.answer = q.answer == "Yes" ? "No" : "Yes";
    q.twin = true;
    questions.push_back(q);
  }
  return questions;
}

}  // namespace drf::templates
