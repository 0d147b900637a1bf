#pragma once
// A language model by script: answers by the caption and the aspect that a request is about.

#include <functional>
#include <string>
#include <vector>

#include "drf/writer/draft.h"
#include "drf/writer/text_model.h"

namespace drf::writer {

class FakeTextModel : public TextModel {
 public:
  /// Called with the last turn's text (and the whole request) for each.
  std::function<TextAnswer(const TextRequest&)> writes;
  std::function<YesNo(const std::string&)> judges;
  int64_t written = 0, judged = 0;

  std::vector<TextAnswer> write(const std::vector<TextRequest>& requests, const Done& done) override {
    std::vector<TextAnswer> answers(requests.size());
    for (size_t k = requests.size(); k-- > 0;) {  // in no order that anybody may rely on
      answers[k] = writes(requests[k]);
      ++written;
      done(k, answers[k]);
    }
    return answers;
  }
  std::vector<YesNo> judge(const std::vector<TextRequest>& requests, const Judged& done) override {
    std::vector<YesNo> answers(requests.size());
    for (size_t k = requests.size(); k-- > 0;) {
      answers[k] = judges(requests[k].turns.back().text);
      ++judged;
      done(k, answers[k]);
    }
    return answers;
  }
  std::string identity() const override { return "fake"; }
};

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

inline Draft yes_no(const std::string& text, const std::string& answer = "Yes", const std::string& twin = "",
                    int64_t prompt = 0) {
  Draft draft;
  draft.question.prompt = prompt;
  draft.question.text = text;
  draft.question.answer = answer;
  draft.twin = twin;
  return draft;
}

inline Draft open(const std::string& text, const std::string& answer) {
  Draft draft = yes_no(text, answer);
  draft.question.kind = questions::Kind::kDense;
  return draft;
}

inline std::vector<std::string> texts_of(const std::vector<Draft>& drafts) {
  std::vector<std::string> texts;
  for (const Draft& draft : drafts) texts.push_back(draft.question.text);
  return texts;
}

/// The reason for which `check` drops the only draft that it is given, "" if it stays whole, "(twin) ..." and
/// "(paraphrase) ..." where only that goes.
template <typename Check>
std::string reason_of(const Draft& draft, const Check& check) {
  std::vector<Draft> drafts = {draft};
  Ledger ledger;
  check(drafts, ledger);
  if (ledger.lines().empty()) return drafts.size() == 1 ? "" : "gone without a line";
  const std::string reason = ledger.lines()[0].verdict.reason;
  if (drafts.empty()) return reason;
  if (drafts[0].asks_twin() != draft.asks_twin()) return "(twin) " + reason;
  return (drafts[0].paraphrase != draft.paraphrase ? "(paraphrase) " : "(kept) ") + reason;
}

}  // namespace drf::writer
