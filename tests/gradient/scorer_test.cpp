// Several rewards and a judge, on frames and on latents, where everything is known in closed form.
#include "drf/flow/scorer.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "drf/base/random.h"
#include "drf/media/layout.h"
#include "drf/ops/separable_resize.h"
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
    for (const Sample& sample : samples) prompts.push_back(sample.prompt), view = sample.view;
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
  int64_t view = -1;  // of the last sample it was asked about

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

// What [robust] shows and where it takes the gradient; of clips that have a view alone.
class Robust : public ScorerTest {
 protected:
  Scorer scorer(std::vector<Term> terms, const Jitter& jitter, double pixels = 0) {
    return {&decoder, std::move(terms), {Recompute::kStage, 0, jitter, pixels}, parking};
  }
  static std::vector<Sample> viewed(std::vector<Sample> samples, int64_t view) {
    for (Sample& sample : samples) sample.view = view;
    return samples;
  }
  // Which frames a clip of `frames` of them shows.
  static std::vector<int64_t> shown(const Sample& sample, int64_t frames, const Jitter& jitter) {
    const at::Tensor numbers = at::arange(frames, at::kDouble).view({1, frames, 1, 1, 1});
    const at::Tensor seen = jittered(numbers, {sample}, jitter).flatten();
    std::vector<int64_t> taken;
    for (int64_t f = 0; f < frames; ++f) taken.push_back(std::llround(seen[f].item<double>()));
    return taken;
  }
};

TEST_F(Robust, ARewardIsShownClipsMovedInTimeAndTheirFramesGetTheGradient) {
  constexpr int64_t kFrames = 7;
  const Jitter jitter{2, 0, 5};
  x = direction(0, at::zeros({2, 3, kFrames, 2, 2}));
  PowerReward squares(true, 0.5, 2);
  const at::Tensor frames = x.square().transpose(1, 2);
  std::set<int64_t> moves;
  for (int64_t view = 0; view < 8; ++view) {
    const std::vector<Sample> seen = viewed(samples, view);
    const Judgement j = scorer({{"squares", 1, &squares}, {"latents", 1, &latents}}, jitter)
                            .pull(x, seen, weight_B, nullptr, clock);
    EXPECT_TRUE(j.frames_BF3HW.equal(frames)) << "as they were made";
    at::Tensor total = at::zeros({2}, at::kDouble), d_frames = at::zeros_like(frames);
    for (int64_t b = 0; b < 2; ++b) {
      const std::vector<int64_t> taken = shown(seen[static_cast<size_t>(b)], kFrames, jitter);
      const int64_t moved = taken[3] - 3;
      moves.insert(moved);
      for (int64_t f = 0; f < kFrames; ++f) {
        const int64_t from = std::clamp<int64_t>(f + moved, 0, kFrames - 1);
        EXPECT_EQ(taken[static_cast<size_t>(f)], from) << f;
        total[b] += 0.5 * frames[b][from].square().sum();
        d_frames[b][from] += weight_B[b] * frames[b][from];
      }
    }
    EXPECT_TRUE(j.by_name.at("squares").total_B.allclose(total, 1e-12));
    EXPECT_TRUE(j.d_frames.allclose(d_frames, 1e-12));
    EXPECT_TRUE(j.by_name.at("latents").total_B.allclose(3 * per_clip(x.square()), 1e-12));
  }
  EXPECT_EQ(moves, (std::set<int64_t>{-2, -1, 0, 1, 2})) << "sixteen draws of five";

  // Another update or prompt shows others, the same one the same, whatever else is in the batch.
  const auto of = [&](const Sample& sample) { return shown(sample, 999, {400, 0, 5}); };
  const Sample here = viewed(samples, 3)[0];
  Sample later = here, other = here, draw = here;
  later.view = 4;
  other.prompt = 5;
  draw.draw = 8;
  EXPECT_EQ(of(here), of(here));
  EXPECT_EQ(of(here), of(draw)) << "clips of a prompt in one update alike";
  EXPECT_NE(of(here), of(later));
  EXPECT_NE(of(here), of(other));
  EXPECT_NE(of(here), shown(here, 999, {400, 0, 6})) << "the seed";
}

TEST_F(Robust, ARewardIsShownClipsWithLessResolution) {
  const Jitter jitter{0, 0.6, 5};
  x = direction(0, at::zeros({2, 3, 2, 10, 7}));
  const std::vector<Sample> seen = viewed(samples, 1);
  PowerReward cubes(true, 0.5, 3);
  const Judgement j = scorer({{"cubes", 1, &cubes}}, jitter).pull(x, seen, weight_B, nullptr, clock);
  // The share is uniform in (1 - .6, 1]: by hand, and for each clip its own.
  const auto coarse = [&](const at::Tensor& frames) {
    std::vector<at::Tensor> clips;
    for (int64_t b = 0; b < 2; ++b) {
      const Sample& s = seen[static_cast<size_t>(b)];
      const double u = uniform({5, Purpose::kShownResolution, static_cast<uint32_t>(s.prompt), 1}, 1).at(0);
      const double share = 1 - 0.6 * u;
      const int64_t H = std::llround(share * 10), W = std::llround(share * 7);
      EXPECT_LT(H, 10);
      clips.push_back(ops::resize_bicubic(ops::resize_bicubic(frames[b], H, W), 10, 7));
    }
    return at::stack(clips);
  };
  const at::Tensor frames = x.square().transpose(1, 2);
  EXPECT_TRUE(j.rewards_B.allclose(0.5 * per_clip(coarse(frames).pow(3)), 1e-12));
  EXPECT_FALSE(j.rewards_B.allclose(0.5 * per_clip(frames.pow(3)), 1e-3));
  const at::Tensor d = direction(1, x);
  const auto objective = [&](double h) {
    const at::Tensor moved = (x + h * d).square().transpose(1, 2);
    return (weight_B * 0.5 * per_clip(coarse(moved).pow(3))).sum().item<double>();
  };
  testing::expect_slope(objective(testing::kStep), objective(-testing::kStep),
                        (d * j.d_x0).sum().item<double>());
  // A share of the range stays above its end.
  int64_t least = 10;
  for (int64_t view = 0; view < 200; ++view) {
    const double u = uniform({5, Purpose::kShownResolution, 4, static_cast<uint32_t>(view)}, 1).at(0);
    least = std::min<int64_t>(least, std::llround((1 - 0.6 * u) * 10));
  }
  EXPECT_EQ(least, 4);
}

TEST_F(Robust, TheGradientIsTakenWherePixelsAreMovedToALowerReward) {
  constexpr double kMoved = 0.05;
  PowerReward cubes(true, 0.5, 3);
  const std::vector<Term> terms = {{"cubes", 2, &cubes}, {"frames", 1, &frames}, {"latents", -1, &latents}};
  const std::vector<Sample> seen = viewed(samples, 0);
  const Judgement j = scorer(terms, {}, kMoved).pull(x, seen, weight_B, nullptr, clock);
  const at::Tensor made = x.square().transpose(1, 2);
  const auto slope = [](const at::Tensor& frames) { return 2 * 0.5 * 3 * frames.square() + 0.5; };
  // Each clip by itself, against its own gradient, whatever its weight's sign is.
  const at::Tensor up = slope(made);
  const at::Tensor length = up.flatten(1).norm(2, 1).view({2, 1, 1, 1, 1});
  const at::Tensor moved = made - kMoved * std::sqrt(static_cast<double>(made[0].numel())) * up / length;
  EXPECT_NEAR((moved - made)[1].square().mean().sqrt().item<double>(), kMoved, 1e-12);
  EXPECT_TRUE(j.d_frames.allclose(rows(weight_B) * slope(moved), 1e-12));
  EXPECT_FALSE(j.d_frames.allclose(rows(weight_B) * up, 1e-3));
  EXPECT_TRUE(j.d_x0.allclose(2 * x * j.d_frames.transpose(1, 2) - rows(weight_B) * 6 * x, 1e-12));
  EXPECT_TRUE(j.frames_BF3HW.equal(made));
  EXPECT_TRUE(j.by_name.at("cubes").total_B.allclose(0.5 * per_clip(made.pow(3)), 1e-12))
      << "as they were made";
  EXPECT_EQ(cubes.scored, 2);
  EXPECT_EQ(latents.scored, 1);

  // With a reward of nothing there is nowhere to go.
  PowerReward none(true, 0, 1);
  const Judgement flat = scorer({{"none", 1, &none}}, {}, kMoved).pull(x, seen, weight_B, nullptr, clock);
  EXPECT_EQ(flat.d_x0.abs().max().item<double>(), 0);
}

TEST_F(Robust, ClipsWithoutAViewAndWhatIsJudgedAreAsTheyAre) {
  PowerReward cubes(true, 0.5, 3);
  const Jitter jitter{2, 0.5, 5};
  const auto d_x0 = [&](const Jitter& jitter, double pixels, const std::vector<Sample>& samples) {
    return scorer({{"cubes", 1, &cubes}}, jitter, pixels).pull(x, samples, weight_B, nullptr, clock).d_x0;
  };
  x = direction(0, at::zeros({2, 3, 5, 4, 4}));
  const at::Tensor plain = d_x0({}, 0, samples);
  EXPECT_TRUE(d_x0(jitter, 0.1, samples).equal(plain));
  EXPECT_TRUE(d_x0({}, 0, viewed(samples, 2)).equal(plain));
  EXPECT_FALSE(d_x0(jitter, 0, viewed(samples, 2)).equal(plain));
  EXPECT_FALSE(d_x0({}, 0.1, viewed(samples, 2)).equal(plain));
  const auto judged = [&](const Jitter& jitter, double pixels, int64_t view) {
    return scorer({{"cubes", 1, &cubes}}, jitter, pixels)
        .score(x, viewed(samples, view), Pixels::kAsTheyAre, clock)
        .rewards_B;
  };
  EXPECT_EQ(cubes.view, 2);
  EXPECT_TRUE(judged(jitter, 0.1, 2).equal(judged({}, 0, 3)));
  EXPECT_EQ(cubes.view, -1) << "a reward leaves nothing out by itself then";
  scorer({{"cubes", 1, &cubes}, {"teacher", 1, &judge, Role::kTeaches}}, jitter)
      .observe(x, viewed(samples, 2), clock);
  EXPECT_EQ(judge.view, -1);
}

}  // namespace
}  // namespace drf::flow
