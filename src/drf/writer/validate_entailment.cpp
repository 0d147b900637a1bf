#include "drf/writer/validate_entailment.h"

#include <cmath>
#include <optional>

#include "drf/base/interrupt.h"
#include "drf/base/progress.h"

namespace drf::writer {
namespace {

const char* const kSystem =
    "You check questions about videos. You are given the caption of a video, but not the video, and a "
    "question. "
    "Answer with Yes or No.";

bool is_yes_right(const questions::Question& question) {
  return question.kind == questions::Kind::kDense || question.answer == "Yes";
}

}  // namespace

TextRequest judgement_request(const questions::Question& question, const std::string& text, bool wants_yes,
                              const std::string& prompt) {
  TextRequest request;
  request.turns.push_back({"system", kSystem});
  std::string ask = "Caption: " + prompt + "\n\nQuestion: " + text + "\n";
  if (question.kind == questions::Kind::kDense) {
    ask += "Answer: " + question.answer + "\n\nDoes the caption say that this answer is right?";
  } else if (question.aspect == questions::Aspect::kTA) {
    ask +=
        wants_yes
            ? "\nDoes the caption say, or is it plain from it, that the answer to the question is yes?"
            : "\nCan the answer to the question be yes in a video that shows exactly what the caption says? "
              "What the caption neither says nor rules out can be there too.";
  } else {
    ask +=
        "\nImagine the good videos of exactly this caption, with whatever effects and style it asks for, "
        "from near or far, from any side and in any light that it leaves open. Is the answer to the question "
        "yes in ";
    ask += wants_yes ? "every one of them? It is not where what is asked of may be out of sight in one."
                     : "any of them?";
  }
  request.turns.push_back({"user", ask});
  return request;
}

void check_entailment(std::vector<Draft>& drafts, const std::vector<std::string>& prompts, TextModel& model,
                      Ledger& ledger) {
  if (drafts.empty()) return;
  std::vector<TextRequest> requests;
  struct Asked {
    std::optional<size_t> question, twin, paraphrase;  // their requests
  };
  std::vector<Asked> asked;
  for (const Draft& draft : drafts) {
    const std::string& prompt = prompts.at(static_cast<size_t>(draft.question.prompt));
    const auto ask = [&](const std::string& text, bool yes) -> std::optional<size_t> {
      if (text.empty()) return std::nullopt;
      requests.push_back(judgement_request(draft.question, text, yes, prompt));
      return requests.size() - 1;
    };
    const bool yes = is_yes_right(draft.question);
    Asked of;
    of.question = ask(draft.question.text, yes);
    of.twin = ask(draft.twin, !yes);
    of.paraphrase = ask(draft.paraphrase, yes);
    asked.push_back(of);
  }
  Progress progress("judging questions by their captions", static_cast<int64_t>(requests.size()));
  int64_t done = 0;
  const std::vector<YesNo> judged = model.judge(requests, [&](size_t, const YesNo&) {
    progress.update(++done);
    stop_if_interrupted();
  });
  size_t i = 0;
  drop_where(drafts, ledger, "entailment", [&](const Draft& draft) -> std::optional<Verdict> {
    const Asked& of = asked[i++];
    const bool yes = is_yes_right(draft.question);
    std::map<std::string, double> numbers;
    // Why `request` is not answered as it should be.
    const auto fault = [&](const std::optional<size_t>& request, bool right, const char* name,
                           const char* reason) -> std::optional<Verdict> {
      if (!request) return std::nullopt;
      const YesNo& answer = judged[*request];
      if (!answer.error.empty() || !std::isfinite(answer.p_yes)) return Verdict{"not judged", answer.error};
      numbers[name] = right ? answer.p_yes : 1 - answer.p_yes;
      return numbers[name] > kEntailed ? std::nullopt : std::optional(Verdict{reason, ""});
    };
    auto verdict = fault(of.question, yes, "p_question", "the caption does not say so");
    const auto twin = fault(of.twin, !yes, "p_twin", "its twin holds as well");
    if (!verdict) verdict = twin;
    if (!verdict) {
      verdict = fault(of.paraphrase, yes, "p_paraphrase", "the paraphrase does not hold");
      if (verdict) verdict->part = Verdict::Part::kParaphrase;
    }
    if (verdict) verdict->numbers = numbers;
    return verdict;
  });
}

}  // namespace drf::writer
