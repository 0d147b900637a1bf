#include "drf/writer/validate_entailment.h"

#include <cmath>

#include "drf/base/interrupt.h"
#include "drf/base/progress.h"

namespace drf::writer {
namespace {

const char* const kSystem =
    "You check questions about videos. You are given the caption of a video, but not the video, and a "
    "question. "
    "Answer with Yes or No.";

}  // namespace

TextRequest judgement_request(const critic::Question& question, const std::string& text,
                              const std::string& prompt) {
  TextRequest request;
  request.turns.push_back({"system", kSystem});
  std::string ask = "Caption: " + prompt + "\n\nQuestion: " + text + "\n";
  if (question.kind == critic::Kind::kDense) {
    ask += "Answer: " + question.answer + "\n\nDoes the caption say that this answer is right?";
  } else if (question.aspect == critic::Aspect::kTA) {
    ask += "\nDoes the caption say, or is it plain from it, that the answer to the question is yes?";
  } else {
    ask +=
        "\nImagine a good video of exactly this caption, with whatever effects and style it asks for. Is the "
        "answer to the question yes?";
  }
  request.turns.push_back({"user", ask});
  return request;
}

void check_entailment(std::vector<Draft>& drafts, const std::vector<std::string>& prompts, TextModel& model,
                      Ledger& ledger) {
  if (drafts.empty()) return;
  std::vector<TextRequest> requests;
  std::vector<size_t> first;  // of each draft's requests
  for (const Draft& draft : drafts) {
    const std::string& prompt = prompts.at(static_cast<size_t>(draft.question.prompt));
    first.push_back(requests.size());
    requests.push_back(judgement_request(draft.question, draft.question.text, prompt));
    if (!draft.twin.empty()) requests.push_back(judgement_request(draft.question, draft.twin, prompt));
  }
  Progress progress("judging questions by their captions", static_cast<int64_t>(requests.size()));
  int64_t done = 0;
  const std::vector<YesNo> judged = model.judge(requests, [&](size_t, const YesNo&) {
    progress.update(++done);
    stop_if_interrupted();
  });
  size_t i = 0;
  drop_where(drafts, ledger, "entailment", [&](const Draft& draft) -> std::optional<Verdict> {
    const size_t at = first[i++];
    const bool wants_yes = draft.question.kind == critic::Kind::kDense || draft.question.answer == "Yes";
    const auto right = [&](size_t request, bool yes) {
      return yes ? judged[request].p_yes : 1 - judged[request].p_yes;
    };
    std::map<std::string, double> numbers;
    for (size_t r = at; r < at + (draft.twin.empty() ? 1 : 2); ++r) {
      if (!judged[r].error.empty() || !std::isfinite(judged[r].p_yes))
        return Verdict{"not judged", judged[r].error};
    }
    numbers["p_question"] = right(at, wants_yes);
    if (!draft.twin.empty()) numbers["p_twin"] = right(at + 1, !wants_yes);
    if (numbers["p_question"] <= kEntailed) return Verdict{"the caption does not say so", "", numbers};
    if (!draft.twin.empty() && numbers["p_twin"] <= kEntailed)
      return Verdict{"its twin holds as well", "", numbers};
    return std::nullopt;
  });
}

}  // namespace drf::writer
