#include "drf/critic/question_file.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/base/nearest.h"

namespace drf::critic {
namespace {

using nlohmann::json;
const char* const kSpace = " \t\r\n\v\f";
const std::vector<std::string> kKeys = {"id", "prompt", "aspect", "kind", "text", "answer", "weight"};

bool blank(const std::string& text) { return text.find_first_not_of(kSpace) == std::string::npos; }

std::string trimmed(const std::string& text) {
  const size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string::npos) return "";
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

// One line of a file of JSON objects: its keys, and complaints that name file and line.
class Line {
 public:
  Line(const std::filesystem::path& path, size_t number, const std::string& text)
      : where_(concat(path, ":", number, ": ")), object_(json::parse(text, nullptr, false)) {
    if (!object_.is_object()) reject("the line is not a JSON object");
  }

  template <typename... Parts>
  [[noreturn]] void reject(const Parts&... parts) const {
    fail(ErrorKind::kInput, where_, parts...);
  }

  void require_known_keys(const std::vector<std::string>& keys) const {
    for (const auto& [key, value] : object_.items()) {
      if (std::find(keys.begin(), keys.end(), key) != keys.end()) continue;
      const auto near = nearest(key, keys, 1);
      reject("unknown key \"", key, "\"",
             near.empty() ? concat(", wanted ", keys) : concat("; did you mean \"", near[0], "\"?"));
    }
  }

  const json* find(const std::string& key) const {
    const auto it = object_.find(key);
    return it == object_.end() ? nullptr : &*it;
  }

  const json& at(const std::string& key) const {
    const json* value = find(key);
    if (!value) reject("key \"", key, "\" is missing");
    return *value;
  }

  std::string text(const std::string& key) const {
    const json& value = at(key);
    if (!value.is_string()) reject("\"", key, "\" is ", value.dump(), ", wanted a string");
    if (blank(value.get<std::string>())) reject("\"", key, "\" is empty");
    return value.get<std::string>();
  }

 private:
  std::string where_;
  json object_;
};

template <typename Visit>
void for_each_line(const std::filesystem::path& path, const Visit& visit) {
  const std::vector<std::string> lines = read_utf8_lines(path);
  for (size_t i = 0; i < lines.size(); ++i) {
    if (!blank(lines[i])) visit(i + 1, lines[i]);
  }
}

Question parse_question(const Line& line, int64_t num_prompts) {
  line.require_known_keys(kKeys);
  Question q;
  q.id = line.text("id");
  const json& prompt = line.at("prompt");
  if (!prompt.is_number_integer() || (prompt.is_number_unsigned() && prompt.get<uint64_t>() > INT64_MAX)) {
    line.reject("\"prompt\" is ", prompt.dump(), ", wanted the index of a prompt");
  }
  q.prompt = prompt.get<int64_t>();
  if (q.prompt < 0 || (num_prompts >= 0 && q.prompt >= num_prompts)) {
    line.reject("\"prompt\" is ", q.prompt, ", wanted 0",
                num_prompts >= 0 ? concat(" to ", num_prompts - 1, ": there are ", num_prompts, " prompts")
                                 : std::string(" or more"));
  }
  const std::string aspect = line.text("aspect"), kind = line.text("kind");
  if (!parse_aspect(aspect)) line.reject("\"aspect\" is \"", aspect, "\", wanted TA, PF or VQ");
  if (!parse_kind(kind)) line.reject("\"kind\" is \"", kind, "\", wanted yes_no or dense");
  q.aspect = *parse_aspect(aspect);
  q.kind = *parse_kind(kind);
  q.text = line.text("text");
  q.answer = line.text("answer");
  if (q.kind == Kind::kYesNo && q.answer != "Yes" && q.answer != "No") {
    line.reject("\"answer\" is \"", q.answer, "\", wanted Yes or No for a yes_no question");
  }
  if (const json* weight = line.find("weight")) {
    if (!weight->is_number() || !std::isfinite(weight->get<double>()) || weight->get<double>() < 0) {
      line.reject("\"weight\" is ", weight->dump(), ", wanted a number of 0 or more");
    }
    q.weight = weight->get<double>();
  }
  return q;
}

}  // namespace

std::vector<std::string> read_prompts(const std::filesystem::path& path) {
  std::vector<std::string> prompts;
  for_each_line(path, [&](size_t number, const std::string& line) {
    prompts.push_back(trimmed(path.extension() == ".jsonl" ? Line(path, number, line).text("prompt") : line));
    for (const char c : prompts.back()) {
      const auto byte = static_cast<unsigned char>(c);
      if ((byte < 0x20 && c != '\t' && c != '\n') || byte == 0x7F) {
        fail(ErrorKind::kInput, path, ":", number, ": control character ", static_cast<int>(byte),
             " in the prompt; is this a text file?");
      }
    }
  });
  if (prompts.empty()) fail(ErrorKind::kInput, path, ": no prompts: the file has no line with text");
  return prompts;
}

std::vector<Question> read_questions(const std::filesystem::path& path, int64_t num_prompts) {
  std::vector<Question> questions;
  std::unordered_map<std::string, size_t> line_of;
  for_each_line(path, [&](size_t number, const std::string& text) {
    const Line line(path, number, text);
    questions.push_back(parse_question(line, num_prompts));
    const auto [first, fresh] = line_of.emplace(questions.back().id, number);
    if (!fresh) line.reject("id \"", first->first, "\" was used on line ", first->second);
  });
  if (questions.empty()) fail(ErrorKind::kInput, path, ": no questions: the file has no line with text");
  return questions;
}

std::string to_json_line(const Question& q) {
  const nlohmann::ordered_json line = {{"id", q.id},
                                       {"prompt", q.prompt},
                                       {"aspect", to_string(q.aspect)},
                                       {"kind", to_string(q.kind)},
                                       {"text", q.text},
                                       {"answer", q.answer},
                                       {"weight", q.weight}};
  return line.dump();
}

void write_questions(const std::filesystem::path& path, const std::vector<Question>& questions) {
  write_file_atomically(path, [&](std::ostream& out) {
    for (const Question& question : questions) out << to_json_line(question) << "\n";
  });
}

}  // namespace drf::critic
