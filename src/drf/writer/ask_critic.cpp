#include "drf/writer/ask_critic.h"

#include <ATen/ATen.h>

#include <cmath>
#include <map>
#include <optional>
#include <tuple>

#include "drf/base/interrupt.h"
#include "drf/base/progress.h"

namespace drf::writer {
namespace {

constexpr size_t kAtOnce = 64;  // questions of one pass; their texts are padded to the longest

}  // namespace

std::vector<Answered> ask_critic(critic::Critic& critic, const at::Tensor& frames_F3HW, double fps,
                                 const std::vector<const Draft*>& drafts, const std::string& what) {
  const at::NoGradGuard no_graph;
  // By text, answer and second clip: what the same question is answered does not depend on who asks it.
  using Key = std::tuple<std::string, std::string, std::string>;
  std::map<Key, double> known;
  std::vector<questions::Question> asked;
  const auto key_of = [](const questions::Question& q) { return Key{q.text, q.answer, q.reference}; };
  const auto want = [&](questions::Question q) {
    if (known.emplace(key_of(q), std::numeric_limits<double>::quiet_NaN()).second)
      asked.push_back(std::move(q));
  };
  const auto twin_of = [](const Draft& draft) {
    questions::Question twin = draft.question;
    twin.text = draft.twin;
    twin.answer = opposite(draft.question.answer);
    return twin;
  };
  for (const Draft* draft : drafts) {
    want(draft->question);
    if (!draft->twin.empty()) want(twin_of(*draft));
  }
  std::optional<Progress> progress;
  if (!what.empty() && !asked.empty()) progress.emplace(what, static_cast<int64_t>(asked.size()));
  for (size_t begin = 0; begin < asked.size(); begin += kAtOnce) {
    stop_if_interrupted();
    if (progress) progress->update(static_cast<int64_t>(begin));
    const questions::QuestionList part(
        asked.begin() + static_cast<std::ptrdiff_t>(begin),
        asked.begin() + static_cast<std::ptrdiff_t>(std::min(asked.size(), begin + kAtOnce)));
    const critic::Answers answers = critic.ask(frames_F3HW.unsqueeze(0), fps, {part});
    const at::Tensor p = answers.logprobs[0].exp().to(at::kDouble).to(at::kCPU);
    for (size_t i = 0; i < part.size(); ++i)
      known[key_of(part[i])] = p[static_cast<int64_t>(i)].item<double>();
  }
  std::vector<Answered> result;
  for (const Draft* draft : drafts) {
    Answered answered;
    answered.question = known.at(key_of(draft->question));
    if (!draft->twin.empty()) answered.twin = known.at(key_of(twin_of(*draft)));
    result.push_back(answered);
  }
  return result;
}

}  // namespace drf::writer
