// From log-probabilities to a reward and to what training climbs, by hand.
#include "drf/rewards/weigh_answers.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

namespace drf::rewards {
namespace {

using critic::Aspect;
using critic::Question;
using critic::QuestionList;

Question question(Aspect aspect, double weight) {
  Question q;
  q.aspect = aspect;
  q.weight = weight;
  return q;
}

at::Tensor logs(const std::vector<double>& p) {
  return at::tensor(p, at::kDouble).log().set_requires_grad(true);
}

at::Tensor gradient(const at::Tensor& logprobs, const at::Tensor& of) {
  of.backward();
  return logprobs.grad();
}

const QuestionList kQuestions = {question(Aspect::kTA, 1), question(Aspect::kTA, 3),
                                 question(Aspect::kPF, 2)};

TEST(Reward, IsTheWeightedMeanOfEachAspect) {
  WeighOptions options;
  options.aspect_weights = {{Aspect::kTA, 2.0}, {Aspect::kPF, 0.5}, {Aspect::kVQ, 9.0}};
  const at::Tensor logprobs = logs({0.5, 0.9, 0.2});
  const WeighedAnswers r = weigh_answers(logprobs, kQuestions, options);
  const double TA = (std::log(0.5) + 3 * std::log(0.9)) / 4, PF = std::log(0.2);
  EXPECT_NEAR(r.value.item<double>(), 2 * TA + 0.5 * PF, 1e-12);
  EXPECT_NEAR(r.by_aspect.at(Aspect::kTA), TA, 1e-12);
  EXPECT_EQ(r.by_aspect.count(Aspect::kVQ), 0u);  // nothing was asked
  EXPECT_TRUE(gradient(logprobs, r.objective).allclose(at::tensor({0.5, 1.5, 0.5}, at::kDouble), 1e-12));
}

TEST(Reward, FocusWeighsTheGradientByWhatIsStillWrongAndDividesByWhatWasAsked) {
  WeighOptions options;
  options.focus = true;
  const at::Tensor logprobs = logs({0.5, 0.9, 0.2});
  const WeighedAnswers r = weigh_answers(logprobs, kQuestions, options);
  // w (1 - p) / sum w
  EXPECT_TRUE(gradient(logprobs, r.objective)
                  .allclose(at::tensor({0.5 / 4, 3 * 0.1 / 4, 2 * 0.8 / 2}, at::kDouble), 1e-9));
}

TEST(Reward, FocusShowsTheRewardThatItDoesNotTouch) {
  WeighOptions plain, focused;
  plain.margin = focused.margin = 0.8;
  focused.focus = true;
  const at::Tensor logprobs = logs({0.5, 0.9, 0.2});
  const WeighedAnswers without = weigh_answers(logprobs, kQuestions, plain),
                       with = weigh_answers(logprobs, kQuestions, focused);
  EXPECT_EQ(with.value.item<double>(), without.value.item<double>());
  EXPECT_EQ(with.by_aspect, without.by_aspect);
  EXPECT_NE(with.objective.item<double>(), without.objective.item<double>());
}

TEST(Reward, UnderFocusAClipWhoseAnswersAreAllRightIsLeftAlone) {
  WeighOptions options;
  options.focus = true;
  const auto push = [&](double p) {
    const at::Tensor logprobs = logs({p, p, p});
    return gradient(logprobs, weigh_answers(logprobs, kQuestions, options).objective)
        .abs()
        .sum()
        .item<double>();
  };
  EXPECT_NEAR(push(0.99), 2 * 0.01, 1e-9);  // two aspects
  EXPECT_NEAR(push(0.999999), 2 * 1e-6, 1e-9);
  const at::Tensor certain = at::zeros({3}, at::kDouble).set_requires_grad(true);
  EXPECT_EQ(
      gradient(certain, weigh_answers(certain, kQuestions, options).objective).abs().max().item<double>(), 0);
}

TEST(Reward, NothingIsGainedBeyondTheMargin) {
  WeighOptions options;
  options.margin = 0.8;
  const at::Tensor logprobs = logs({0.5, 0.9, 0.2});
  const WeighedAnswers r = weigh_answers(logprobs, kQuestions, options);
  EXPECT_NEAR(r.by_aspect.at(Aspect::kTA), (std::log(0.5) + 3 * std::log(0.8)) / 4, 1e-12);
  EXPECT_TRUE(gradient(logprobs, r.objective).allclose(at::tensor({0.25, 0.0, 1.0}, at::kDouble), 1e-12));
}

}  // namespace
}  // namespace drf::rewards
