#include "drf/questions/question_marks.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <unordered_map>
#include <unordered_set>

#include "drf/base/digest.h"
#include "drf/base/files.h"
#include "drf/base/nearest.h"
#include "drf/base/random.h"
#include "drf/questions/json_line.h"
#include "drf/questions/prompt_file.h"
#include "drf/questions/question_file.h"

namespace drf::questions {
namespace {

using nlohmann::json;

struct MarkLine {
  JsonLine line;
  size_t number = 0;
  Question question;  ///< as it read when it was marked; what a mark does not repeat is left out
  Mark mark;
};
struct PromptLine {
  JsonLine line;
  size_t number = 0;
  int64_t prompt = 0;
  std::string text;
  Missed missed;
};
// The file by itself: well-formed, whatever it was made for.
struct MarksFile {
  std::string prompts_digest, questions_digest;
  std::optional<PromptSample> sample;
  std::vector<MarkLine> marks;
  std::vector<PromptLine> prompts;
};

bool boolean(const JsonLine& line, const std::string& key) {
  const json& value = line.at(key);
  if (!value.is_boolean()) line.reject("\"", key, "\" is ", value.dump(), ", wanted true or false");
  return value.get<bool>();
}

void read_header(const JsonLine& line, MarksFile& file) {
  const json* version = line.find("marks");
  if (!version || *version != 1)
    line.reject("no file of marks: its first line is {\"marks\":1, ...}, as the page of --judge exports it");
  line.require_known_keys({"marks", "questions", "prompts", "sample"});
  file.questions_digest = line.text("questions");
  file.prompts_digest = line.text("prompts");
  if (!line.find("sample")) return;
  const JsonLine sample = line.object("sample");
  sample.require_known_keys({"prompts", "of", "seed"});
  file.sample =
      PromptSample{sample.integer("prompts", 1), sample.integer("of", 1), sample.integer("seed", 0)};
  if (file.sample->prompts > file.sample->of) sample.reject("more prompts than there are");
}

Verdict read_verdict(const JsonLine& line) {
  const std::string name = line.text("verdict");
  std::vector<std::string> names;
  for (const Verdict verdict : kVerdicts) {
    if (to_string(verdict) == name) return verdict;
    names.push_back(to_string(verdict));
  }
  const auto near = nearest(name, names, 1);
  line.reject("\"verdict\" is \"", name, "\"",
              near.empty() ? concat(", wanted ", names) : concat("; did you mean \"", near[0], "\"?"));
}

bool may_be_fact(const Question& question, const Mark& mark) {
  return question.aspect == Aspect::kTA && question.kind == Kind::kYesNo && mark.verdict == Verdict::kValid;
}

MarkLine read_mark(const JsonLine& line, size_t number) {
  line.require_known_keys({"id", "prompt", "aspect", "kind", "text", "answer", "verdict", "fact"});
  MarkLine mark{line,
                number,
                {line.text("id"), line.integer("prompt", 0), read_aspect(line), read_kind(line),
                 line.text("text"), line.text("answer")},
                {read_verdict(line)}};
  if (line.find("fact")) mark.mark.fact = boolean(line, "fact");
  if (mark.mark.fact && !may_be_fact(mark.question, mark.mark))
    line.reject("\"fact\" is for valid yes/no questions of the aspect TA");
  return mark;
}

PromptLine read_prompt(const JsonLine& line, size_t number) {
  line.require_known_keys({"prompt", "prompt_text", "missed", "whole"});
  PromptLine prompt{line, number, line.integer("prompt", 0), line.text("prompt_text"), {}};
  const json& missed = line.at("missed");
  if (!missed.is_array()) line.reject("\"missed\" is ", missed.dump(), ", wanted a list of texts");
  for (const json& fact : missed) prompt.missed.facts.push_back(line.text_of(fact, "missed"));
  prompt.missed.whole = boolean(line, "whole");
  return prompt;
}

MarksFile read_marks_file(const std::filesystem::path& path) {
  MarksFile file;
  bool header = false;
  std::unordered_map<std::string, size_t> line_of_id;
  std::unordered_map<int64_t, size_t> line_of_prompt;
  for_each_json_line(path, read_text_file(path, kMaxListBytes), [&](size_t number, const JsonLine& line) {
    if (!header) {
      read_header(line, file);
      header = true;
    } else if (line.find("id")) {
      file.marks.push_back(read_mark(line, number));
      const auto [first, fresh] = line_of_id.emplace(file.marks.back().question.id, number);
      if (!fresh) line.reject("question \"", first->first, "\" was marked on line ", first->second);
    } else {
      file.prompts.push_back(read_prompt(line, number));
      const auto [first, fresh] = line_of_prompt.emplace(file.prompts.back().prompt, number);
      if (!fresh) line.reject("prompt ", first->first, " has its line already, ", first->second);
    }
  });
  if (file.marks.empty()) fail(ErrorKind::kInput, path, ": no question is marked");
  for (const MarkLine& mark : file.marks) {
    if (!line_of_prompt.contains(mark.question.prompt))
      mark.line.reject("prompt ", mark.question.prompt, " of the mark has no line of its own in the file");
  }
  return file;
}

Marks no_marks(const JudgedFiles& files) {
  Marks marks;
  marks.of_question.resize(files.questions.size());
  marks.of_prompt.resize(files.prompts.size());
  return marks;
}

void require_same(const std::filesystem::path& path, const std::string& which, const std::string& made_for,
                  const std::string& digest) {
  if (made_for == digest) return;
  fail(ErrorKind::kInput, path, ": the marks are of another ", which, " file (its digest is ", made_for,
       ", that of the one given ", digest,
       "); with -o PAGE.html a page is written on which the marks that still fit are set");
}

// Everything that two questions have in common where they are the same to a judge.
using Content = std::tuple<std::string, Aspect, Kind, std::string, std::string>;
Content content_of(const std::string& prompt, const Question& q) {
  return {prompt, q.aspect, q.kind, q.text, q.answer};
}

}  // namespace

std::string to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::kValid:
      return "valid";
    case Verdict::kWrongTarget:
      return "wrong target";
    case Verdict::kContradicts:
      return "contradicts the prompt";
    case Verdict::kNonsense:
      return "nonsense or ungrammatical";
    case Verdict::kUnanswerable:
      return "unanswerable or not one fact";
    case Verdict::kDuplicate:
      return "duplicate";
  }
  return "";
}

std::string meaning_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::kValid:
      return "one fact that the prompt states or plainly implies, the right target, seen in the picture";
    case Verdict::kWrongTarget:
      return "the other answer is true, or as likely";
    case Verdict::kContradicts:
      return "a generic question that a video true to the prompt would fail";
    case Verdict::kNonsense:
      return "no sentence, or no thing that one could look for";
    case Verdict::kUnanswerable:
      return "the picture does not tell, or it asks several facts at once";
    case Verdict::kDuplicate:
      return "the same fact again";
  }
  return "";
}

std::vector<int64_t> sampled_prompts(const PromptSample& sample) {
  std::vector<int64_t> order =
      shuffle({static_cast<uint64_t>(sample.seed), Purpose::kJudgedPrompts}, sample.of);
  order.resize(static_cast<size_t>(sample.prompts));
  std::sort(order.begin(), order.end());
  return order;
}

JudgedFiles read_judged_files(const std::filesystem::path& prompts, const std::filesystem::path& questions) {
  JudgedFiles files;
  files.prompts = read_prompts(prompts);
  files.questions = read_questions(questions, static_cast<int64_t>(files.prompts.size()));
  files.prompts_digest = digest_file(prompts);
  files.questions_digest = digest_file(questions);
  return files;
}

bool counts_as_fact(const Question& question, const Mark& mark) {
  return may_be_fact(question, mark) &&
         mark.fact.value_or(question.answer == "Yes" && question.paraphrase_of.empty());
}

Marks read_marks(const std::filesystem::path& path, const JudgedFiles& files) {
  MarksFile file = read_marks_file(path);
  require_same(path, "question", file.questions_digest, files.questions_digest);
  require_same(path, "prompt", file.prompts_digest, files.prompts_digest);
  const auto num_prompts = static_cast<int64_t>(files.prompts.size());
  if (file.sample && file.sample->of != num_prompts)
    fail(ErrorKind::kInput, path, ": a sample of ", file.sample->of, " prompts, and there are ", num_prompts);
  std::vector<bool> drawn(files.prompts.size(), !file.sample);
  if (file.sample) {
    for (const int64_t prompt : sampled_prompts(*file.sample)) drawn[static_cast<size_t>(prompt)] = true;
  }

  Marks marks = no_marks(files);
  marks.sample = file.sample;
  for (PromptLine& prompt : file.prompts) {
    if (prompt.prompt >= num_prompts || files.prompts[static_cast<size_t>(prompt.prompt)] != prompt.text)
      prompt.line.reject("prompt ", prompt.prompt, " is not this one in the prompt file");
    if (!drawn[static_cast<size_t>(prompt.prompt)])
      prompt.line.reject("prompt ", prompt.prompt, " is not in the sample that the first line names");
    marks.of_prompt[static_cast<size_t>(prompt.prompt)] = std::move(prompt.missed);
  }
  std::unordered_map<std::string, size_t> index_of;
  for (size_t i = 0; i < files.questions.size(); ++i) index_of.emplace(files.questions[i].id, i);
  for (const MarkLine& mark : file.marks) {
    const auto at = index_of.find(mark.question.id);
    if (at == index_of.end()) mark.line.reject("no question has the id \"", mark.question.id, "\"");
    const Question& question = files.questions[at->second];
    if (question.prompt != mark.question.prompt || content_of("", question) != content_of("", mark.question))
      mark.line.reject("question \"", mark.question.id, "\" reads otherwise in the question file");
    marks.of_question[at->second] = mark.mark;
  }
  return marks;
}

CarriedMarks carry_marks(const std::filesystem::path& path, const JudgedFiles& files) {
  MarksFile file = read_marks_file(path);
  CarriedMarks carried{no_marks(files)};
  Marks& marks = carried.marks;
  std::unordered_map<int64_t, const PromptLine*> line_of;
  for (const PromptLine& prompt : file.prompts) line_of[prompt.prompt] = &prompt;
  std::map<Content, std::vector<size_t>> same;
  for (size_t i = 0; i < files.questions.size(); ++i) {
    const Question& q = files.questions[i];
    same[content_of(files.prompts[static_cast<size_t>(q.prompt)], q)].push_back(i);
  }
  std::unordered_set<std::string> asked_before;  // prompts of which a fact is asked no more
  for (const MarkLine& mark : file.marks) {
    const std::string& prompt = line_of[mark.question.prompt]->text;
    const auto at = same.find(content_of(prompt, mark.question));
    if (at == same.end()) {
      ++carried.set_aside;
      if (counts_as_fact(mark.question, mark.mark)) asked_before.insert(prompt);
      continue;
    }
    ++carried.kept;
    // Where a question stands twice, each has a mark of its own by its id.
    const bool by_id = std::any_of(at->second.begin(), at->second.end(),
                                   [&](size_t i) { return files.questions[i].id == mark.question.id; });
    for (const size_t i : at->second) {
      const bool own = files.questions[i].id == mark.question.id;
      if (own || !(by_id || marks.of_question[i])) marks.of_question[i] = mark.mark;
    }
  }
  std::vector<bool> open(files.prompts.size());
  for (size_t i = 0; i < files.questions.size(); ++i)
    if (!marks.of_question[i]) open[static_cast<size_t>(files.questions[i].prompt)] = true;
  std::unordered_map<std::string, const Missed*> missed;
  for (const PromptLine& prompt : file.prompts) missed.emplace(prompt.text, &prompt.missed);
  for (size_t i = 0; i < files.prompts.size(); ++i) {
    const auto at = missed.find(files.prompts[i]);
    if (at == missed.end()) continue;
    marks.of_prompt[i] = *at->second;
    if (open[i] || asked_before.contains(files.prompts[i])) marks.of_prompt[i].whole = false;
  }
  return carried;
}

}  // namespace drf::questions
