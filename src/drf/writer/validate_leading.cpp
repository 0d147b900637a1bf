#include "drf/writer/validate_leading.h"

#include <algorithm>

#include "drf/writer/question_words.h"

namespace drf::writer {
namespace {

// At the beginning, where they want a yes.
const std::vector<std::string> kOpenings = {"isn't",    "aren't", "wasn't",   "weren't",  "doesn't",
                                            "don't",    "didn't", "hasn't",   "haven't",  "can't",
                                            "couldn't", "won't",  "wouldn't", "shouldn't"};
// At the end, behind a comma.
const std::vector<Phrase> kTags =
    phrases({"isn't it", "aren't they", "doesn't it", "don't they", "is it not", "are they not", "right",
             "correct", "isn't there", "aren't there", "isn't he", "isn't she", "no", "yes"});
// Anywhere.
const std::vector<Phrase> kAssuring =
    phrases({"of course", "obviously", "surely", "undoubtedly", "certainly", "definitely", "naturally",
             "without a doubt", "would you agree", "do you agree", "as expected", "as you can see",
             "needless to say", "is it true", "as it should"});

std::string text_of(const Phrase& phrase) {
  std::string text;
  for (const std::string& word : phrase) text += (text.empty() ? "" : " ") + word;
  return text;
}

// What may be wrong with a text, "" for nothing, and the reason that it is.
struct Fault {
  std::string reason;
  std::function<std::string(const std::string&)> of;
};

// Of the question and its twin first, whatever it is: what is wrong with a paraphrase takes that alone.
std::optional<Verdict> of_parts(const Draft& draft, const std::vector<Fault>& faults) {
  for (const Fault& fault : faults) {
    for (const std::string& text : {draft.question.text, draft.twin}) {
      const std::string found = fault.of(text);
      if (!found.empty()) return Verdict{fault.reason, found};
    }
  }
  for (const Fault& fault : faults) {
    const std::string found = fault.of(draft.paraphrase);
    if (!found.empty()) return Verdict{fault.reason, found, {}, Verdict::Part::kParaphrase};
  }
  return std::nullopt;
}

}  // namespace

std::string leading_words(const std::string& question) {
  const auto words = words_of(question);
  if (words.empty()) return "";
  for (const std::string& opening : kOpenings)
    if (words[0] == opening) return opening;
  for (const Phrase& phrase : kAssuring)
    if (has_phrase(words, phrase)) return text_of(phrase);
  const size_t comma = question.rfind(',');
  if (comma == std::string::npos) return "";
  const Phrase end = words_of(question.substr(comma));
  for (const Phrase& tag : kTags)
    if (end == tag) return text_of(tag);
  return "";
}

std::string special_token(const std::string& text) {
  for (const char* mark : {"<|", "|>", "<s>", "</s>", "<pad>", "<unk>", "<image>", "<video>", "[INST]",
                           "[/INST]", "<<SYS>>", "<start_of_turn>", "<end_of_turn>", "<think>", "</think>"}) {
    if (text.find(mark) != std::string::npos) return mark;
  }
  return "";
}

void check_leading(std::vector<Draft>& drafts, Ledger& ledger) {
  drop_where(drafts, ledger, "leading", [](const Draft& draft) -> std::optional<Verdict> {
    if (!special_token(draft.question.answer).empty())
      return Verdict{"special token", special_token(draft.question.answer)};
    return of_parts(draft, {{"special token", special_token}, {"leading", leading_words}});
  });
}

void check_readable(std::vector<Draft>& drafts, Ledger& ledger,
                    const std::function<std::string(const questions::Question&)>& complaint) {
  drop_where(drafts, ledger, "leading", [&](const Draft& draft) {
    return of_parts(draft, {{"special token", [&](const std::string& text) {
                               questions::Question question = draft.question;
                               question.text = text;
                               return text.empty() ? "" : complaint(question);
                             }}});
  });
}

}  // namespace drf::writer
