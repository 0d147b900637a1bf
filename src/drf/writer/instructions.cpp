#include "drf/writer/instructions.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "drf/base/blank.h"
#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/base/letters.h"
#include "drf/base/nearest.h"
#include "drf/writer/language.h"
#include "drf/writer/validate_form.h"

namespace drf::writer {
namespace {

using nlohmann::ordered_json;
constexpr uint64_t kMaxInstructionBytes = 256 << 10;  // what a model can read beside a caption is less
constexpr int64_t kMostFacts = 64;
constexpr int64_t kTokensOfFact = 120, kTokensAround = 120;  // of an answer, generously
// Of our judged captions (Latin ones) hardly any states more than a fact for every five letters.
constexpr int64_t kLettersOfFact = 4, kAlwaysFacts = 12;

const std::vector<std::string> kSections = {"most", "instruction", "request", "example"};
const std::vector<std::string> kFactKeys = {"fact", "question", "answer", "twin", "paraphrase"};
const std::vector<std::string> kExampleKeys = {"caption", "fact",       "question", "answer",
                                               "twin",    "paraphrase", "open",     "open answer"};

std::string did_you_mean(const std::string& name, const std::vector<std::string>& known) {
  const auto near = nearest(name, known, 1);
  return near.empty() ? concat(", wanted one of ", known) : concat("; did you mean ", near[0], "?");
}

class Reader {
 public:
  explicit Reader(const std::filesystem::path& file) : file_(file) {}

  Instruction read() {
    const std::string bytes = read_text_file(file_, kMaxInstructionBytes);
    for_each_line(bytes, [&](size_t number, const std::string& line) {
      line_ = number;
      if (!is_utf8(line)) reject("the line is not UTF-8; save the file as UTF-8");
      if (!line.empty() && line[0] == '#') return;
      if (!line.empty() && line[0] == '[') {
        open_section(trimmed(line));
      } else {
        take(line);
      }
    });
    close_section();
    for (const char* section : {"most", "instruction", "request"}) {
      if (!seen_.count(section)) fail(ErrorKind::kInput, file_, ": has no section [", section, "]");
    }
    return std::move(result_);
  }

 private:
  template <typename... Parts>
  [[noreturn]] void reject(const Parts&... parts) const {
    fail(ErrorKind::kInput, file_, ":", line_, ": ", parts...);
  }

  void open_section(const std::string& line) {
    close_section();
    const std::string name = line.back() == ']' ? line.substr(1, line.size() - 2) : line.substr(1);
    if (line.back() != ']') reject("\"", line, "\" has no closing bracket");
    if (std::find(kSections.begin(), kSections.end(), name) == kSections.end())
      reject("unknown section [", name, "]", did_you_mean(name, kSections));
    if (!seen_.insert(name).second && name != "example") reject("section [", name, "] stands twice");
    section_ = name;
    section_line_ = line_;
    if (name == "example") result_.examples.emplace_back();
  }

  void take(const std::string& line) {
    if (section_ == "example") {
      if (!is_blank(line)) take_example_line(line);
    } else if (!section_.empty()) {
      if (section_ != "most") require_known_placeholders(line);
      text_ += line + "\n";
    } else if (!is_blank(line)) {
      reject("text before the first section, wanted a line such as [instruction]");
    }
  }

  void require_known_placeholders(const std::string& line) const {
    const std::string known = section_ == "request" ? "prompt" : "most";
    for (size_t at = line.find_first_of("{}"); at != std::string::npos; at = line.find_first_of("{}", at)) {
      const size_t close = line[at] == '{' ? line.find('}', at) : std::string::npos;
      if (close == std::string::npos)
        reject("a brace that is no placeholder; [", section_, "] knows {", known, "} alone");
      const std::string name = line.substr(at + 1, close - at - 1);
      if (name != known) reject("unknown placeholder {", name, "}; [", section_, "] knows {", known, "}");
      at = close + 1;
    }
  }

  void take_example_line(const std::string& line) {
    const size_t colon = line.find(':');
    if (colon == std::string::npos) reject("wanted a line \"key: text\", with a key of ", kExampleKeys);
    const std::string key = trimmed(line.substr(0, colon)), text = trimmed(line.substr(colon + 1));
    if (std::find(kExampleKeys.begin(), kExampleKeys.end(), key) == kExampleKeys.end())
      reject("unknown key \"", key, "\"", did_you_mean(key, kExampleKeys));
    if (text.empty()) reject("\"", key, "\" has no text");
    if (std::find(wanted_.begin(), wanted_.end(), key) == wanted_.end())
      reject("\"", key, "\" stands out of order, wanted ",
             wanted_.empty() ? "[example]: this one has ended" : concat(wanted_));
    Instruction::Example& example = result_.examples.back();
    if (key == "caption") {
      example.caption = text;
      wanted_ = {"fact"};
    } else if (key == "open") {
      example.open = text;
      wanted_ = {"open answer"};
    } else if (key == "open answer") {
      example.open_answer = text;
      wanted_ = {};
    } else {
      take_fact(example, key, text);
    }
  }

  void take_fact(Instruction::Example& example, const std::string& key, const std::string& text) {
    if (key == "fact") example.facts.emplace_back();
    WrittenFact& fact = example.facts.back();
    if (key == "answer" && text != "Yes" && text != "No")
      reject("\"answer\" is \"", text, "\", wanted Yes or No");
    (key == "fact"       ? fact.fact
     : key == "question" ? fact.question
     : key == "answer"   ? fact.answer
     : key == "twin"     ? fact.twin
                         : fact.paraphrase) = text;
    const size_t place =
        static_cast<size_t>(std::find(kFactKeys.begin(), kFactKeys.end(), key) - kFactKeys.begin());
    wanted_ = place + 1 < kFactKeys.size() ? std::vector<std::string>{kFactKeys[place + 1]}
                                           : std::vector<std::string>{"fact", "open"};
  }

  // What a section lacks is known at its end.
  void close_section() {
    const size_t here = line_;
    line_ = section_line_;
    const std::string text = trimmed(std::exchange(text_, ""));
    if (section_ == "most") {
      const bool digits =
          !text.empty() && text.size() < 4 && text.find_first_not_of("0123456789") == std::string::npos;
      result_.most = digits ? std::stoll(text) : 0;
      if (result_.most < 1 || result_.most > kMostFacts)
        reject("[most] is \"", text, "\", wanted a number from 1 to ", kMostFacts);
    } else if (section_ == "instruction" || section_ == "request") {
      if (text.empty()) reject("[", section_, "] has no text");
      if (section_ == "request" && text.find("{prompt}") == std::string::npos)
        reject("[request] does not name {prompt}, so the model would not know what to ask about");
      (section_ == "request" ? result_.request : result_.instruction) = text;
    } else if (section_ == "example" && !wanted_.empty() &&
               std::find(wanted_.begin(), wanted_.end(), "open") == wanted_.end()) {
      reject("the example ends before its ", wanted_[0]);
    }
    line_ = here;
    wanted_ = {"caption"};
  }

  std::filesystem::path file_;
  size_t line_ = 0, section_line_ = 0;
  std::string section_, text_;
  std::set<std::string> seen_;
  std::vector<std::string> wanted_ = {"caption"};  // keys that may come next in an example
  Instruction result_;
};

std::string filled(std::string text, const std::string& placeholder, const std::string& value) {
  for (size_t at = text.find(placeholder); at != std::string::npos;
       at = text.find(placeholder, at + value.size()))
    text.replace(at, placeholder.size(), value);
  return text;
}

// The answer that would have been right for an example.
std::string answer_of(const Instruction::Example& example, const AnswerParts& parts) {
  ordered_json facts = ordered_json::array(), open = ordered_json::array();
  for (const WrittenFact& fact : example.facts) {
    ordered_json item = {
        {"fact", fact.fact}, {"question", fact.question}, {"answer", fact.answer}, {"twin", fact.twin}};
    if (parts.paraphrases) item["paraphrase"] = fact.paraphrase;
    facts.push_back(std::move(item));
  }
  if (!example.open.empty()) open.push_back({{"question", example.open}, {"answer", example.open_answer}});
  ordered_json answer = {{"questions", std::move(facts)}};
  if (parts.open) answer["open"] = std::move(open);
  return answer.dump();
}

// What an answer may hold at most: a short caption leaves a model that does not find an end less to go on
// with.
int64_t most_facts_of(const std::string& prompt, int64_t most) {
  const auto letters = static_cast<int64_t>(count_letters(prompt));
  return std::min(most, std::max(kAlwaysFacts, letters / (is_latin(prompt) ? kLettersOfFact : 1)));
}

}  // namespace

Instruction read_instruction(const std::filesystem::path& file) { return Reader(file).read(); }

std::map<questions::Aspect, Instruction> read_instructions(const std::filesystem::path& folder,
                                                           const std::set<questions::Aspect>& aspects) {
  std::map<questions::Aspect, Instruction> all;
  for (const questions::Aspect aspect : aspects)
    all[aspect] = read_instruction(folder / (lower(questions::to_string(aspect)) + ".txt"));
  return all;
}

std::string answer_schema(int64_t most, const AnswerParts& parts) {
  const ordered_json text = {{"type", "string"}, {"maxLength", kMostLetters}};
  const auto object = [](ordered_json properties) {
    ordered_json names = ordered_json::array();
    for (const auto& [name, schema] : properties.items()) names.push_back(name);
    return ordered_json{{"type", "object"},
                        {"properties", std::move(properties)},
                        {"required", std::move(names)},
                        {"additionalProperties", false}};
  };
  ordered_json fact = {{"fact", text},
                       {"question", text},
                       {"answer", {{"type", "string"}, {"enum", ordered_json::array({"Yes", "No"})}}},
                       {"twin", text}};
  if (parts.paraphrases) fact["paraphrase"] = text;
  ordered_json properties = {
      {"questions", {{"type", "array"}, {"items", object(fact)}, {"minItems", 1}, {"maxItems", most}}}};
  if (parts.open) {
    properties["open"] = {
        {"type", "array"}, {"items", object({{"question", text}, {"answer", text}})}, {"maxItems", 1}};
  }
  return object(std::move(properties)).dump();
}

TextRequest request_for(const Instruction& instruction, const std::string& prompt, const AnswerParts& parts) {
  TextRequest request;
  request.turns.push_back(
      {"system", filled(instruction.instruction, "{most}", std::to_string(instruction.most))});
  for (const Instruction::Example& example : instruction.examples) {
    request.turns.push_back({"user", filled(instruction.request, "{prompt}", example.caption)});
    request.turns.push_back({"assistant", answer_of(example, parts)});
  }
  request.turns.push_back({"user", filled(instruction.request, "{prompt}", prompt)});
  const int64_t most = most_facts_of(prompt, instruction.most);
  request.schema = answer_schema(most, parts);
  request.max_tokens = kTokensAround + kTokensOfFact * most;
  return request;
}

}  // namespace drf::writer
