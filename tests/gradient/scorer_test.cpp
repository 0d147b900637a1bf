// Several rewards and a judge, on frames and on latents, where everything is known in closed form.
#include "drf/flow/scorer.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "drf/media/layout.h"
#include "tests/support/slope.h"

namespace drf::flow {
namespace {

using drf::testing::direction;
using rewards::Sample;
using rewards::Score;

// Frames are the latents' square, one channel a color.
class SquareDecoder : public models::Decoder {
 public:
  at::Tensor decode(const at::Tensor& latents, nn::Graph) override {
    ++decoded;
    return latents.square().transpose(1, 2);
  }
  models::Flops flops(at::IntArrayRef latents) const override {
    return models::products(static_cast<double>(latents[0]));
  }
  int decoded = 0;
};

/// a * sum of what is seen to the power of n.
class PowerReward : public rewards::Reward {
 public:
  PowerReward(bool on_frames, double a, int n) : on_frames_(on_frames), a_(a), n_(n) {}
  bool sees_frames() const override { return on_frames_; }
  Score score(const at::Tensor& seen, const std::vector<Sample>& samples) override {
    ++scored;
    with_gradient |= at::GradMode::is_enabled();
    for (const Sample& sample : samples) prompts.push_back(sample.prompt);
    Score score;
    score.total_B = a_ * seen.pow(n_).flatten(1).sum(1);
    score.parts.resize(samples.size());
    score.facts.resize(samples.size());
    score.flops = models::products(100);
    return score;
  }
  int scored = 0;
  bool with_gradient = false;
  std::vector<int64_t> prompts;

 private:
  bool on_frames_;
  double a_;
  int n_;
};

class ScorerTest : public ::testing::Test {
 protected:
  Scorer scorer(std::vector<Term> terms, double out_of_range = 0) {
    return {&decoder, std::move(terms), {Recompute::kStage, out_of_range}, parking};
  }
  SquareDecoder decoder;
  PowerReward frames{true, 0.5, 1}, latents{false, 3, 2}, judge{true, 7, 2};
  Parking parking{{}, Park::kOff};
  std::map<std::string, StageCost> costs;
  StageClock clock{costs, nullptr, [] {}};
  at::Tensor x = direction(0, at::zeros({2, 3, 1, 2, 2}));
  std::vector<Sample> samples{{rewards::Split::kTrain, 4, 0, "a"}, {rewards::Split::kTrain, 9, 0, "b"}};
  at::Tensor weight_B = at::tensor({-0.5, 2.0}, at::kDouble);

  at::Tensor per_clip(const at::Tensor& t) { return t.flatten(1).sum(1); }
  at::Tensor rows(const at::Tensor& t) { return t.view({2, 1, 1, 1, 1}); }
};

TEST_F(ScorerTest, TheSumIsWeightedAndSoIsItsGradient) {
  const Judgement j =
      scorer({{"frames", 2, &frames}, {"latents", -1, &latents}}).pull(x, samples, weight_B, nullptr, clock);
  EXPECT_TRUE(j.by_name.at("frames").total_B.allclose(0.5 * per_clip(x.square())));
  EXPECT_TRUE(j.by_name.at("latents").total_B.allclose(3 * per_clip(x.square())));
  EXPECT_TRUE(j.rewards_B.allclose(2 * 0.5 * per_clip(x.square()) - 3 * per_clip(x.square())));
  EXPECT_FALSE(j.rewards_B.requires_grad());
  EXPECT_TRUE(j.d_frames.allclose((rows(weight_B) * at::ones_like(x)).transpose(1, 2)));
  EXPECT_TRUE(j.d_x0.allclose(rows(weight_B) * (2 * x - 6 * x)));
  EXPECT_EQ(frames.prompts, (std::vector<int64_t>{4, 9}));
}

TEST_F(ScorerTest, AJudgeIsScoredWhereNothingIsLearntAndNeverElsewhere) {
  const Term train{"frames", 1, &frames}, judges{"judge", 1, &judge, Role::kJudges};
  const Judgement alone = scorer({train}).pull(x, samples, weight_B, nullptr, clock),
                  beside = scorer({train, judges}).pull(x, samples, weight_B, nullptr, clock);
  EXPECT_EQ(judge.scored, 0);
  EXPECT_TRUE(alone.rewards_B.equal(beside.rewards_B) && alone.d_x0.equal(beside.d_x0));
  const Judgement seen = scorer({train, judges}).score(x, samples, Pixels::kAsTheyAre, clock);
  EXPECT_EQ(judge.scored, 1);
  EXPECT_FALSE(judge.with_gradient);
  EXPECT_TRUE(seen.rewards_B.equal(alone.rewards_B)) << "no part of the sum";
  EXPECT_TRUE(seen.by_name.at("judge").total_B.allclose(7 * per_clip(x.square().square())));
}

TEST_F(ScorerTest, WithoutARewardThatSeesFramesNothingIsDecoded) {
  Scorer scorer(nullptr, {{"latents", 1, &latents}}, {Recompute::kBlock, 0}, parking);
  const Judgement j = scorer.pull(x, samples, weight_B, nullptr, clock);
  EXPECT_FALSE(j.frames_BF3HW.defined() || j.d_frames.defined());
  EXPECT_TRUE(j.d_x0.allclose(rows(weight_B) * 6 * x));
  EXPECT_EQ(costs.count("decode"), 0u);
  EXPECT_NEAR(scorer.sum_of(x, samples), 3 * x.square().sum().item<double>(), 1e-9);
}

TEST_F(ScorerTest, ARewardOnLatentsBesideAJudgeOnFramesDecodesForTheJudgeAlone) {
  Scorer s = scorer({{"latents", 1, &latents}, {"judge", 1, &judge, Role::kJudges}});
  s.pull(x, samples, weight_B, nullptr, clock);
  EXPECT_EQ(decoder.decoded, 0);
  s.score(x, samples, Pixels::kAsTheyAre, clock);
  EXPECT_EQ(decoder.decoded, 1);
}

/// s times the clip's sum; remembers what it was shown.
class Pupil : public PowerReward, public rewards::Learner {
 public:
  Pupil() : PowerReward(false, 2, 1) {}
  Learner* learner() override { return this; }
  const std::string& teacher() const override { return teacher_; }
  bool has_learnt() const override { return learnt; }
  void start() override { learnt = true; }
  bool wants_teacher(int64_t) const override { return true; }
  void learn(const std::vector<Judgement>& judgements) override { lessons.push_back(judgements); }
  std::map<std::string, double> figures() const override { return {{"lessons", lessons.size()}}; }
  std::map<std::string, double> figures_of(const std::vector<Judgement>& j) const override {
    return {{"clips", j.size()}};
  }
  void state(StateVisitor&) override {}
  bool learnt = false;
  std::vector<std::vector<Judgement>> lessons;

 private:
  std::string teacher_ = "teacher";
};

TEST_F(ScorerTest, ATeacherGivesNoGradientAndCountsForItsPupilWhereNothingIsTrained) {
  Pupil pupil;
  PowerReward& teacher = judge;  // sees frames
  Scorer s = scorer({{"teacher", 1, &teacher, Role::kTeaches}, {"pupil", 3, &pupil}});
  Judgement j = s.score(x, samples, Pixels::kAsTheyAre, clock);
  EXPECT_EQ(pupil.scored, 0) << "it has learnt nothing yet";
  EXPECT_TRUE(j.rewards_B.allclose(3 * 7 * per_clip(x.square().square())));

  pupil.start();
  teacher.scored = decoder.decoded = 0;
  j = s.pull(x, samples, weight_B, nullptr, clock);
  EXPECT_TRUE(j.rewards_B.allclose(3 * 2 * per_clip(x)));
  EXPECT_TRUE(j.d_x0.allclose(rows(weight_B) * 3 * 2 * at::ones_like(x)));
  EXPECT_EQ(teacher.scored + decoder.decoded, 0) << "neither is in the gradient";

  const Judgement seen = s.observe(x, samples, clock);
  EXPECT_EQ(teacher.scored, 1);
  EXPECT_FALSE(teacher.with_gradient);
  EXPECT_TRUE(seen.by_name.at("teacher").total_B.allclose(
      7 * per_clip(media::as_shown(x.square().transpose(1, 2)).square())));
  EXPECT_TRUE(pupil.lessons.empty()) << "before the optimiser nothing is learnt";
  s.commit();
  ASSERT_EQ(pupil.lessons.size(), 1u);
  ASSERT_EQ(pupil.lessons[0].size(), 2u);
  EXPECT_TRUE(pupil.lessons[0][0].by_name.at("pupil").total_B.allclose(2 * per_clip(x)));
  EXPECT_FALSE(pupil.lessons[0][0].x0.defined()) << "only numbers are kept of what was pulled";
  EXPECT_TRUE(pupil.lessons[0][1].x0.equal(x));
  s.pull(x, samples, weight_B, nullptr, clock);
  s.forget();  // an update that never was
  s.commit();
  EXPECT_TRUE(pupil.lessons[1].empty());
  EXPECT_EQ(s.figures(), (std::map<std::string, double>{{"lessons/pupil", 2}}));
  EXPECT_EQ(s.figures(&pupil.lessons[0]), (std::map<std::string, double>{{"clips/pupil", 2}}));
}

TEST_F(ScorerTest, ThePenaltyOutOfRangeFollowsEachClipsWeight) {
  Scorer s = scorer({{"frames", 1, &frames}}, 10);
  const at::Tensor d = direction(1, x);
  const Judgement j = s.pull(x, samples, weight_B, nullptr, clock);
  const auto objective = [&](double h) {
    const at::Tensor moved = x + h * d, pixels = moved.square();
    const at::Tensor off = (pixels - pixels.clamp(0, 1)).square().flatten(1).mean(1);
    return (weight_B * (0.5 * per_clip(pixels) - 10 * off)).sum().item<double>();
  };
  EXPECT_GT(j.out_of_range, 0) << "no pixel is out of range: the test says nothing";
  testing::expect_slope(objective(testing::kStep), objective(-testing::kStep),
                        (d * j.d_x0).sum().item<double>());
}

TEST_F(ScorerTest, CallsAndPullsAreCountedOnceWhateverIsRunAgain) {
  const auto pulled = [&](Recompute recompute) {
    costs.clear();
    StageClock own(costs, nullptr, [] {});
    Scorer(&decoder, {{"frames", 1, &frames}, {"latents", 1, &latents}}, {recompute, 0}, parking)
        .pull(x, samples, weight_B, nullptr, own);
    std::map<std::string, double> flops;
    for (const auto& [stage, cost] : costs) flops[stage] = cost.flops;
    return flops;
  };
  const std::map<std::string, double> want = {
      {"decode", 4}, {"critic", 400}, {"pull_critic", 400}, {"pull_decode", 4}};
  EXPECT_EQ(pulled(Recompute::kNone), want);
  EXPECT_EQ(pulled(Recompute::kStage), want);
}

}  // namespace
}  // namespace drf::flow
