#include "drf/questions/question_file.h"

#include <cmath>
#include <unordered_map>

#include "drf/base/blank.h"
#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/questions/json_line.h"

namespace drf::questions {
namespace {

using nlohmann::json;
const std::vector<std::string> kKeys = {"id",     "prompt", "aspect",    "kind",  "text",
                                        "answer", "weight", "reference", "split", "paraphrase_of"};

Question parse_question(const JsonLine& line, int64_t num_prompts) {
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
  q.aspect = read_aspect(line);
  q.kind = read_kind(line);
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
  if (line.find("reference")) {
    q.reference = line.text("reference");
    if (is_blank(q.reference))
      line.reject("\"reference\" is empty, wanted the file of a clip; or leave it out");
  }
  if (line.find("split")) {
    const std::string split = line.text("split");
    if (split != "train" && split != "held_out")
      line.reject("\"split\" is \"", split, "\", wanted train or held_out");
    q.held_out = split == "held_out";
  }
  if (line.find("paraphrase_of")) q.paraphrase_of = line.text("paraphrase_of");
  return q;
}

// What a paraphrase is answered with, and whether it is trained on, is said by the question that it repeats.
void require_sound_paraphrases(const std::filesystem::path& path, const std::vector<Question>& questions,
                               const std::unordered_map<std::string, size_t>& line_of) {
  std::unordered_map<std::string, const Question*> by_id;
  for (const Question& q : questions) by_id.emplace(q.id, &q);
  for (const Question& q : questions) {
    if (q.paraphrase_of.empty()) continue;
    const std::string where =
        concat(path, ":", line_of.at(q.id), ": \"paraphrase_of\" is \"", q.paraphrase_of, "\", ");
    const auto found = by_id.find(q.paraphrase_of);
    if (found == by_id.end()) fail(ErrorKind::kInput, where, "but the file has no question with this id");
    const Question& of = *found->second;
    if (!of.paraphrase_of.empty())
      fail(ErrorKind::kInput, where, "which is a paraphrase itself; wanted the question that it repeats");
    const char* differs = of.prompt != q.prompt       ? "prompt"
                          : of.aspect != q.aspect     ? "aspect"
                          : of.kind != q.kind         ? "kind"
                          : of.answer != q.answer     ? "answer"
                          : of.held_out != q.held_out ? "split"
                                                      : nullptr;
    if (differs) fail(ErrorKind::kInput, where, "whose ", differs, " is another one, wanted the same");
  }
}

}  // namespace

Aspect read_aspect(const JsonLine& line) {
  const std::string name = line.text("aspect");
  const auto aspect = parse_aspect(name);
  if (!aspect) line.reject("\"aspect\" is \"", name, "\", wanted TA, PF or VQ");
  return *aspect;
}

Kind read_kind(const JsonLine& line) {
  const std::string name = line.text("kind");
  const auto kind = parse_kind(name);
  if (!kind) line.reject("\"kind\" is \"", name, "\", wanted yes_no or dense");
  return *kind;
}

std::vector<Question> read_questions(const std::filesystem::path& path, int64_t num_prompts) {
  std::vector<Question> questions;
  std::unordered_map<std::string, size_t> line_of;
  for_each_json_line(path, read_text_file(path, kMaxListBytes), [&](size_t number, const JsonLine& line) {
    questions.push_back(parse_question(line, num_prompts));
    const auto [first, fresh] = line_of.emplace(questions.back().id, number);
    if (!fresh) line.reject("id \"", first->first, "\" was used on line ", first->second);
  });
  require_sound_paraphrases(path, questions, line_of);
  if (questions.empty()) fail(ErrorKind::kInput, path, ": no questions: the file has no line with text");
  return questions;
}

std::string to_json_line(const Question& q) {
  nlohmann::ordered_json line = {{"id", q.id},
                                 {"prompt", q.prompt},
                                 {"aspect", to_string(q.aspect)},
                                 {"kind", to_string(q.kind)},
                                 {"text", q.text},
                                 {"answer", q.answer},
                                 {"weight", q.weight}};
  if (!q.reference.empty()) line["reference"] = q.reference;
  if (q.held_out) line["split"] = "held_out";
  if (!q.paraphrase_of.empty()) line["paraphrase_of"] = q.paraphrase_of;
  return line.dump();
}

void write_questions(const std::filesystem::path& path, const std::vector<Question>& questions) {
  write_file_atomically(path, [&](std::ostream& out) {
    for (const Question& question : questions) out << to_json_line(question) << "\n";
  });
}

}  // namespace drf::questions
