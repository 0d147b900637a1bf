// From log-probabilities to a reward and to what training climbs, by hand.
#include "drf/rewards/weigh_answers.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "drf/rewards/vlm_reward.h"

namespace drf::rewards {
namespace {

using questions::Aspect;
using questions::Question;
using questions::QuestionList;

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

TEST(Reward, LogOddsAreClimbedWithoutAPriceOnBeingQuiteWrong) {
  WeighOptions options, plain;
  options.odds = true;
  const at::Tensor logprobs = logs({0.5, 0.9, 0.2});
  const WeighedAnswers r = weigh_answers(logprobs, kQuestions, options);
  // w / (1 - p) / sum w
  EXPECT_TRUE(gradient(logprobs, r.objective)
                  .allclose(at::tensor({0.25 / 0.5, 0.75 / 0.1, 1 / 0.8}, at::kDouble), 1e-9));
  EXPECT_EQ(r.value.item<double>(), weigh_answers(logprobs, kQuestions, plain).value.item<double>());
  // Right half the time, or never sure: log p pays for the latter, log odds do not.
  const auto climbed = [&](const WeighOptions& by, double p) {
    return weigh_answers(logs({p, p, p}), kQuestions, by).objective.item<double>();
  };
  EXPECT_LT(climbed(plain, 0.98) + climbed(plain, 0.02), 2 * climbed(plain, 0.3));
  EXPECT_GT(climbed(options, 0.98) + climbed(options, 0.02), 2 * climbed(options, 0.3));
  // Nothing beyond the margin; a certain answer has a gradient that is finite.
  options.margin = 0.8;
  const at::Tensor again = logs({0.5, 0.9, 0.2});
  EXPECT_EQ(gradient(again, weigh_answers(again, kQuestions, options).objective)[1].item<double>(), 0);
  options.margin = 1;
  const at::Tensor certain = at::zeros({3}, at::kDouble).set_requires_grad(true);
  EXPECT_TRUE(
      gradient(certain, weigh_answers(certain, kQuestions, options).objective).isfinite().all().item<bool>());
}

TEST(Reward, NothingIsGainedBeyondTheMargin) {
  WeighOptions options;
  options.margin = 0.8;
  const at::Tensor logprobs = logs({0.5, 0.9, 0.2});
  const WeighedAnswers r = weigh_answers(logprobs, kQuestions, options);
  EXPECT_NEAR(r.by_aspect.at(Aspect::kTA), (std::log(0.5) + 3 * std::log(0.8)) / 4, 1e-12);
  EXPECT_TRUE(gradient(logprobs, r.objective).allclose(at::tensor({0.25, 0.0, 1.0}, at::kDouble), 1e-12));
}

// robust.questions: what is drawn counts nothing, by prompt and update, and never a whole aspect.
TEST(Reward, QuestionsThatAreLeftOutCountNothingAndEachAspectKeepsOne) {
  QuestionList many;
  for (int i = 0; i < 40; ++i) many.push_back(question(i % 4 == 3 ? Aspect::kPF : Aspect::kTA, 1 + i % 3));
  many[7].weight = 0;  // of PF: it never counted
  const auto at_update = [&](double share, uint32_t update, uint64_t seed = 0) {
    return leave_out(many, share, {seed, Purpose::kAskedQuestions, 2, update});
  };
  const auto counted = [](const QuestionList& list) {
    std::vector<size_t> all;
    for (size_t i = 0; i < list.size(); ++i)
      if (list[i].weight > 0) all.push_back(i);
    return all;
  };
  EXPECT_EQ(counted(at_update(0, 1)), counted(many));
  EXPECT_EQ(counted(at_update(0.5, 1)), counted(at_update(0.5, 1)));
  EXPECT_NE(counted(at_update(0.5, 1)), counted(at_update(0.5, 2)));
  EXPECT_NE(counted(at_update(0.5, 1)), counted(at_update(0.5, 1, 9)));
  size_t left = 0;
  for (uint32_t update = 0; update < 200; ++update) {
    const QuestionList some = at_update(0.3, update);
    for (const size_t i : counted(some)) EXPECT_EQ(some[i].weight, many[i].weight);
    left += counted(some).size();
    // All but one of an aspect: the one that was drawn highest, which lesser shares keep as well.
    const QuestionList few = at_update(0.999999, update);
    ASSERT_EQ(counted(few).size(), 2u) << update;
    for (const size_t i : counted(few)) EXPECT_GT(some[i].weight, 0) << update;
    EXPECT_NE(few[counted(few)[0]].aspect, few[counted(few)[1]].aspect);
  }
  EXPECT_NEAR(static_cast<double>(left) / 200, 0.7 * 39, 1.0);  // five standard errors of 200 draws
}

// A critic that answers by what it is shown: log p is the mean pixel times the question's number.
class CountingCritic : public critic::Critic {
 public:
  critic::Answers ask(const at::Tensor& frames, double, const std::vector<QuestionList>& questions) override {
    critic::Answers answers;
    for (size_t b = 0; b < questions.size(); ++b) {
      std::vector<double> numbers;
      for (size_t q = 0; q < questions[b].size(); ++q) numbers.push_back(-1.0 - static_cast<double>(q));
      answers.logprobs.push_back(at::tensor(numbers, at::kDouble) * frames[static_cast<int64_t>(b)].mean());
      answers.p_yes.push_back(answers.logprobs.back().detach().exp());
    }
    return answers;
  }
};

TEST(Reward, OnlyClipsWithAViewLeaveQuestionsOut) {
  CountingCritic critic;
  const std::vector<QuestionList> train(3, kQuestions);
  VlmOptions options;
  options.weigh.aspect_weights = {{Aspect::kTA, 1.0}};
  options.left_out = 0.9999;
  VlmReward reward(critic, {{Split::kTrain, &train}}, options);
  const at::Tensor frames = at::full({2, 1, 3, 2, 2}, 0.5, at::kDouble);
  const std::vector<Sample> samples = {{Split::kTrain, 1, 0, "", /*view=*/6}, {Split::kTrain, 1, 0, ""}};
  const Score score = reward.score(frames, samples);
  EXPECT_NEAR(score.total_B[1].item<double>(), -0.5 * (1 + 3 * 2) / 4, 1e-12) << "all of them";
  const QuestionList left = leave_out(kQuestions, 0.9999, {0, Purpose::kAskedQuestions, 1, 6});
  EXPECT_NEAR(score.total_B[0].item<double>(), left[0].weight > 0 ? -0.5 : -1.0, 1e-12) << "one of them";
  EXPECT_EQ(score.tensors.at("logprobs")[0].sizes(), at::IntArrayRef({3})) << "all are asked";
  EXPECT_EQ(score.facts[0].at("p_right").count, 3);
  EXPECT_EQ(score.facts[0].at("p_right_TA").count, 2);
  EXPECT_EQ(score.facts[0].at("p_right_PF").count, 1);
  EXPECT_NEAR(score.facts[0].at("p_right_TA").sum + score.facts[0].at("p_right_PF").sum,
              score.facts[0].at("p_right").sum, 1e-12);
  EXPECT_FALSE(score.facts[0].contains("p_right_VQ")) << "none is asked";
}

}  // namespace
}  // namespace drf::rewards
