#include "drf/writer/validate_form.h"

#include <algorithm>
#include <set>

#include "drf/base/blank.h"
#include "drf/base/files.h"
#include "drf/base/letters.h"
#include "drf/questions/prompt_file.h"
#include "drf/writer/language.h"
#include "drf/writer/question_words.h"

namespace drf::writer {
namespace {

// "and" that joins no two facts.
const std::vector<Phrase> kOneThing =
    phrases({"black and white", "back and forth", "up and down", "to and fro", "salt and pepper"});
// Of the text that the model was given, which nobody who watches the video knows.
const std::vector<Phrase> kOfTheText =
    phrases({"caption", "prompt", "the description", "described", "the text says", "according to",
             "the example", "as stated", "mentioned", "the question"});
const std::vector<Phrase> kAnswers = phrases({"yes or no", "answer yes", "answer no", "answer is",
                                              "correct answer", "say yes", "say no", "true or false"});
const Phrase kAsWellAs = {"as", "well", "as"};
// What follows an "or" that leaves no choice: "five or more".
const std::set<std::string> kMore = {"more", "less", "fewer"};
// What two do together, or are to one another, is one fact.
const std::vector<Phrase> kTogether = phrases({"together", "each other", "one another", "side by side"});
constexpr std::ptrdiff_t kWordsBetween = 6;  // "between the old oak and"
const std::vector<Phrase> kFreeOf = phrases({"free of", "free from"});

// Question marks of the scripts: ASCII, full width, Arabic, Greek (which looks like a semicolon).
bool is_question_mark(char32_t code) {
  return code == '?' || code == 0xFF1F || code == 0x61F || code == 0x37E;
}

size_t question_marks(const std::string& text, bool& at_end) {
  size_t count = 0;
  at_end = false;
  for (size_t i = 0; i < text.size();) {
    const auto letter = letter_at(text, i);
    at_end = letter && is_question_mark(letter->code);
    count += at_end;
    i += letter ? letter->bytes : 1;
  }
  return count;
}

std::string fault_of_line(const std::string& text) {
  if (is_blank(text)) return "empty";
  if (!is_utf8(text)) return "not UTF-8";
  if (text.find('\n') != std::string::npos) return "not one line";
  for (const char c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) return "control character";
  if (text.size() > questions::kMaxTextBytes) return "too long";
  return "";
}

// Without what stands between quotation marks, straight or curly: words to be read in the video.
std::string unquoted(const std::string& text) {
  static const std::vector<std::pair<std::string, std::string>> kMarks = {{"\"", "\""},
                                                                          {"\xE2\x80\x9C", "\xE2\x80\x9D"}};
  std::string rest;
  for (size_t i = 0; i < text.size();) {
    size_t after = i;
    for (const auto& [open, close] : kMarks) {
      if (text.compare(i, open.size(), open) != 0) continue;
      const size_t end = text.find(close, i + open.size());
      if (end != std::string::npos) after = end + close.size();
    }
    if (after == i)
      rest += text[i++];
    else
      i = after;
  }
  return rest;
}

bool leaves_a_choice(const std::vector<std::string>& words) {
  for (size_t i = 0; i < words.size(); ++i)
    if (words[i] == "or" && (i + 1 == words.size() || !kMore.count(words[i + 1]))) return true;
  return false;
}

bool joins_facts(const std::vector<std::string>& words) {
  int64_t joins = 0;
  for (size_t i = 0; i < words.size(); ++i) {
    const bool repeats = i > 0 && i + 1 < words.size() && words[i - 1] == words[i + 1];  // "more and more"
    joins += words[i] == "and" && !repeats;
  }
  const auto between = std::find(words.begin(), words.end(), "between");
  const auto far = between + std::min<std::ptrdiff_t>(words.end() - between, kWordsBetween);
  joins -= std::find(between, far, "and") != far;
  const auto first = std::find(words.begin(), words.end(), "and");
  for (const Phrase& phrase : kTogether)
    if (joins == 1 && std::search(first, words.end(), phrase.begin(), phrase.end()) != words.end())
      return false;
  for (const Phrase& phrase : kOneThing) joins -= has_phrase(words, phrase);
  return joins > 0 || has_phrase(words, kAsWellAs);
}

// "" for an open question that can be asked.
std::string fault_of_open(const questions::Question& q) {
  for (const std::string& text : {q.text, q.answer}) {
    const std::string fault = fault_of_line(text);
    if (!fault.empty()) return fault;
  }
  const size_t letters = count_letters(q.text);
  if (letters < kLeastLetters) return "too short";
  if (letters > kMostLetters || count_letters(q.answer) > kMostAnswerLetters) return "too long";
  const auto words = words_of(q.text);
  for (const Phrase& phrase : kOfTheText)
    if (has_phrase(words, phrase)) return "about the text";
  const std::vector<std::string> answer = words_of(q.answer);
  size_t told = 0, all = 0;
  for (const std::string& word : answer) {
    if (meaning_of(word).key.empty()) continue;
    ++all;
    told += static_cast<size_t>(std::count(words.begin(), words.end(), word) > 0);
  }
  if (all > 0 && static_cast<double>(told) > kMostOfAnswer * static_cast<double>(all))
    return "gives the answer away";
  return "";
}

}  // namespace

std::string fault_of_form(const std::string& text, bool one_fact) {
  const std::string line = fault_of_line(text);
  if (!line.empty()) return line;
  const auto words = words_of(text);
  const size_t letters = count_letters(text);
  if (letters < (is_latin(text) ? kLeastLetters : kLeastLetters / 2)) return "too short";
  if (letters > kMostLetters || words.size() > kMostWords) return "too long";
  bool at_end = false;
  const std::string ours = unquoted(text);
  const size_t marks = question_marks(ours, at_end);
  if (!at_end) return "no question mark";
  if (marks > 1 || ours.find(". ") != std::string::npos) return "more than one question";
  const auto own = words_of(ours);
  for (const Phrase& phrase : kAnswers)
    if (has_phrase(own, phrase)) return "gives the answer away";
  for (const Phrase& phrase : kOfTheText)
    if (has_phrase(own, phrase)) return "about the text";
  if (!one_fact) return "";
  if (leaves_a_choice(own)) return "a choice, not a yes or no";
  if (joins_facts(own)) return "more than one fact";
  return "";
}

namespace {

// To be free of something is to have none of it, though no word of it denies: with it nothing is told.
bool turns_round(const std::string& paraphrase, const std::string& question) {
  for (const std::string& text : {paraphrase, question}) {
    const auto words = words_of(text);
    for (const Phrase& phrase : kFreeOf)
      if (has_phrase(words, phrase)) return false;
  }
  return meaning_of(paraphrase).negated != meaning_of(question).negated;
}

// What can be told of its meaning by words: it is not what it should not be. Whether it means what its
// question does, entailment judges.
std::string fault_of_paraphrase(const Draft& draft) {
  if (draft.paraphrase.empty()) return "";
  const std::string fault = fault_of_form(draft.paraphrase);
  if (!fault.empty()) return fault;
  if (draft.paraphrase == draft.question.text) return "the paraphrase is its question";
  if (!draft.twin.empty() && key_of(draft.paraphrase) == key_of(draft.twin))
    return "the paraphrase is the twin";
  if (turns_round(draft.paraphrase, draft.question.text)) return "the paraphrase turns it round";
  return "";
}

}  // namespace

void check_form(std::vector<Draft>& drafts, Ledger& ledger) {
  drop_where(drafts, ledger, "form", [](const Draft& draft) -> std::optional<Verdict> {
    const questions::Question& q = draft.question;
    if (q.kind == questions::Kind::kDense) {
      const std::string fault = fault_of_open(q);
      return fault.empty() ? std::nullopt : std::optional<Verdict>({fault, q.text});
    }
    const bool written = draft.origin == Draft::Origin::kWritten;
    std::string fault = fault_of_form(q.text, written);
    if (!fault.empty()) return Verdict{fault, "the question"};
    if (q.answer != "Yes" && q.answer != "No") return Verdict{"not a yes/no question", q.answer};
    if (draft.twin.empty()) {
      if (written) return Verdict{"no twin", ""};
    } else {
      fault = fault_of_form(draft.twin, written);
      if (!fault.empty()) return Verdict{fault, "the twin"};
      if (key_of(q.text) == key_of(draft.twin)) return Verdict{"the twin is its question", draft.twin};
    }
    fault = fault_of_paraphrase(draft);
    if (fault.empty()) return std::nullopt;
    return Verdict{fault, draft.paraphrase, {}, Verdict::Part::kParaphrase};
  });
}

}  // namespace drf::writer
