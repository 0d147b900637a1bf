// A reward that is learnt, in closed form: a linear teacher is ranked and its direction found; the gradient
// is that of the values; what lasts is written and read back to the same bits.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "drf/base/files.h"
#include "drf/rewards/surrogate_reward.h"
#include "drf/tensor/saved_state.h"
#include "tests/support/expect_error.h"
#include "tests/support/slope.h"
#include "tests/support/temporary_folder.h"

namespace drf::rewards {
namespace {

using drf::testing::direction;
using drf::testing::error_of;
using drf::testing::says;

/// Standard normal clips, eight channels, three frames, 8 x 8.
const std::vector<int64_t> kLatents{8, 3, 8, 8};

at::Tensor clips_of(int64_t count, uint32_t index) {
  std::vector<int64_t> sizes = kLatents;
  sizes.insert(sizes.begin(), count);
  return direction(index, at::zeros(sizes)).to(at::kFloat);
}

/// A direction that is smooth in space: for each channel a constant and half as much of a half wave along
/// rows and along columns.
at::Tensor smooth() {
  const at::Tensor wave = at::cos((at::arange(8) + 0.5) * (M_PI / 8));
  const at::Tensor g = direction(1, at::zeros({3, 8, 1, 1, 1})).to(at::kFloat);
  const at::Tensor a = (g[0] + 0.5 * (g[1] * wave.view({1, 1, 8, 1}) + g[2] * wave)).expand({8, 3, 8, 8});
  return a / a.norm();
}

SurrogateOptions options(at::ScalarType dtype = at::kFloat) {
  SurrogateOptions o;
  o.name = "fast";
  o.teacher = "slow";
  o.start_clips = 40;
  o.start_steps = 3;
  o.start_accuracy = 0;
  o.learn_every = 2;
  o.learn_steps = 2;
  o.buffer = 64;
  o.latents_CTHW = kLatents;
  o.tensors = at::TensorOptions().dtype(dtype);
  o.text_of = [](const std::string& text) {
    return at::tensor({1.0, -2.0, static_cast<double>(text.size())});
  };
  return o;
}

/// Clips of one prompt, with a teacher's values.
Judgement taught(const at::Tensor& clips, const at::Tensor& values_B, int64_t first = 0) {
  Judgement judgement;
  judgement.x0 = clips;
  for (int64_t b = 0; b < clips.size(0); ++b)
    judgement.samples.push_back({Split::kTrain, 0, first + b, "a prompt"});
  judgement.by_name["slow"].total_B = values_B;
  return judgement;
}

at::Tensor values_of(const at::Tensor& clips, const at::Tensor& a) {
  return clips.flatten(1).matmul(a.flatten());
}

/// Shows it what it wants to see and lets it start.
void begin(SurrogateReward& reward, const at::Tensor& a, int64_t count = 40, uint32_t index = 5) {
  const at::Tensor clips = clips_of(count, index);
  reward.learn({taught(clips, values_of(clips, a))});
  reward.start();
}

TEST(Surrogate, FindsALinearTeachersOrderAndDirection) {
  const at::Tensor a = smooth();
  SurrogateOptions o = options();
  o.start_clips = 1280;  // a fifth is held out
  o.start_steps = 150;
  o.start_accuracy = 0.9;
  o.buffer = 1280;
  SurrogateReward reward(o);
  begin(reward, a, o.start_clips);  // throws below .9

  const at::Tensor fresh = clips_of(64, 6).set_requires_grad(true);
  Judgement both = taught(fresh.detach(), values_of(fresh.detach(), a));
  const Score score = reward.score(fresh, both.samples);
  both.by_name["fast"] = score;
  const double accuracy = reward.figures_of({both}).at("rank_accuracy");
  score.total_B.sum().backward();
  const at::Tensor d = fresh.grad().flatten(1), inside = score.total_B.detach().abs().lt(3);
  const double cosine = (d.matmul(a.flatten()) / d.norm(2, 1)).masked_select(inside).mean().item<double>();
  EXPECT_GT(inside.sum().item<int64_t>(), 60);
  EXPECT_GT(accuracy, 0.9);
  EXPECT_GT(cosine, 0.7);
  std::printf("rank accuracy %.3f, mean cosine %.3f\n", accuracy, cosine);
}

TEST(Surrogate, ItsGradientIsThatOfItsValuesAndLeavesNothingInItsWeights) {
  SurrogateReward reward(options(at::kDouble));
  begin(reward, smooth());
  const at::Tensor x = clips_of(3, 7).to(at::kDouble), d = direction(8, x);
  const auto samples = taught(x, {}).samples;
  const auto objective = [&](const at::Tensor& z) {
    return (reward.score(z, samples).total_B * at::tensor({1.0, -2.0, 0.5}, at::kDouble)).sum();
  };
  const at::Tensor leaf = x.clone().set_requires_grad(true);
  objective(leaf).backward();
  testing::expect_slope(objective(x + testing::kStep * d).item<double>(),
                        objective(x - testing::kStep * d).item<double>(),
                        (leaf.grad() * d).sum().item<double>());
  // Were its weights to gather gradient, its next lesson would climb the reward.
  const Score score = reward.score(leaf, samples);
  EXPECT_TRUE(score.total_B.requires_grad());
  EXPECT_FALSE(reward.score(x, samples).total_B.requires_grad());
}

TEST(Surrogate, ReadsClipsOfAnySizeRowByRowWithTheirText) {
  const SurrogateNetwork network({5, 2, 3}, 1, at::kDouble);
  for (const int64_t side : {1, 3, 8, 13}) {
    const at::Tensor z = direction(1, at::zeros({3, 5, 2, side, 2 * side + 1})),
                     text = direction(2, at::zeros({3, 3}));
    const at::Tensor all = network.score(z, text);
    EXPECT_EQ(all.sizes(), at::IntArrayRef({3}));
    EXPECT_TRUE(all[1].allclose(network.score(z.narrow(0, 1, 1), text.narrow(0, 1, 1))[0], 1e-12, 1e-12));
    EXPECT_FALSE(all[1].allclose(network.score(z.narrow(0, 1, 1), text.narrow(0, 2, 1))[0], 1e-6, 1e-6));
  }
}

TEST(Surrogate, EveryWeightsGradientIsThatOfItsLoss) {
  const SurrogateNetwork network({5, 2, 3}, 1, at::kDouble);
  const at::Tensor z = direction(1, at::zeros({6, 5, 2, 7, 3})), text = direction(2, at::zeros({6, 3}));
  const auto loss = [&] {
    const at::Tensor s = network.score(z, text);
    return pair_loss(s.narrow(0, 0, 3), s.narrow(0, 3, 3));
  };
  for (const auto& [name, leaf] : network.parameters()) {
    at::Tensor weight = leaf;
    weight.set_requires_grad(true);
    loss().backward();
    const at::Tensor grad = weight.grad(), d = direction(3, weight), plain = weight.detach();
    weight.set_requires_grad(false);
    if (name == "out.bias") continue;  // the order knows none: only what holds the scale
    const auto moved = [&](double h) {
      plain.add_(d, h);
      const double value = loss().item<double>();
      plain.sub_(d, h);
      return value;
    };
    SCOPED_TRACE(name);
    testing::expect_slope(moved(testing::kStep), moved(-testing::kStep), (grad * d).sum().item<double>());
  }
}

TEST(Surrogate, ItsRewardIsNormalisedAndBounded) {
  SurrogateReward reward(options());
  begin(reward, smooth());
  EXPECT_EQ(reward.figures().count("rank_accuracy"), 0u)
      << "clips of the base model say nothing of fresh ones";
  const at::Tensor x = clips_of(4, 9);
  const auto samples = taught(x, {}).samples;
  const Score before = reward.score(x, samples);
  // m and d are those of the clips it learnt from: values of such clips are near 0 +- 1.
  EXPECT_LT(before.total_B.abs().mean().item<double>(), 2);
  EXPECT_EQ(reward.score(1e4 * x, samples).total_B.abs().max().item<double>(), 3);
  // They follow what is pulled, a hundredth at a time.
  Judgement pulled = taught(x, {});
  pulled.by_name.clear();
  pulled.by_name["fast"] = before;
  reward.learn({pulled});
  const double mean = before.total_B.mean().item<double>(),
               off = before.total_B.square().mean().item<double>() - 2 * 0.01 * mean * mean +
                     1e-4 * mean * mean,
               deviation = std::sqrt(0.99 + 0.01 * off);
  const Score after = reward.score(x, samples);
  EXPECT_TRUE(after.total_B.allclose((before.total_B - 0.01 * mean) / deviation, 1e-4, 1e-5));
}

TEST(Surrogate, ItsWeightsChangeAtLessonsAlone) {
  SurrogateReward reward(options());
  const at::Tensor a = smooth();
  begin(reward, a);
  EXPECT_TRUE(reward.wants_teacher(1) && reward.wants_teacher(3) && !reward.wants_teacher(2));
  const at::Tensor x = clips_of(4, 10);
  const auto s_of = [&] { return at::stack(reward.score(x, taught(x, {}).samples).tensors.at("s")); };
  const at::Tensor before = s_of();
  Judgement pulled;
  pulled.samples = taught(x, {}).samples;
  pulled.by_name["fast"] = reward.score(x, pulled.samples);
  reward.learn({pulled});
  EXPECT_TRUE(s_of().equal(before));
  reward.learn({pulled, taught(x, values_of(x, a), 40)});
  EXPECT_FALSE(s_of().equal(before));
}

TEST(Surrogate, ClipsThatItIsExaminedOnAreNotLearntFromByThen) {
  // A teacher of noise: what was learnt by heart is ranked, fresh clips cannot be.
  SurrogateOptions o = options();
  o.latents_CTHW = {8, 1, 4, 4};
  o.start_steps = 200;
  SurrogateReward reward(o);
  const at::Tensor clips = direction(11, at::zeros({40, 8, 1, 4, 4})), noise = direction(12, at::zeros({40}));
  reward.learn({taught(clips, noise)});
  reward.start();
  // The first 16 are not among the held-out ones.
  Judgement known = taught(clips.narrow(0, 0, 16), noise.narrow(0, 0, 16));
  known.by_name["fast"] = reward.score(known.x0, known.samples);
  EXPECT_GT(reward.figures_of({known}).at("rank_accuracy"), 0.9) << "the test says nothing";
  Judgement fresh = taught(direction(13, at::zeros({200, 8, 1, 4, 4})), direction(14, at::zeros({200})), 200);
  for (size_t b = 0; b < fresh.samples.size(); ++b) fresh.samples[b].prompt = 1 + static_cast<int64_t>(b) / 2;
  reward.learn({fresh});
  EXPECT_NEAR(reward.figures().at("rank_accuracy"), 0.5, 0.15);  // three deviations of 100 pairs and more
}

TEST(Surrogate, ATeacherThatItCannotRankLikeStopsTheRun) {
  SurrogateOptions o = options();
  o.start_accuracy = 0.9;
  o.start_clips = 200;  // 8 groups of 4 are held out: 48 pairs
  o.buffer = 200;
  SurrogateReward reward(o);
  const at::Tensor clips = clips_of(200, 15);
  reward.learn({taught(clips, direction(16, at::zeros({200})))});
  const std::string message = error_of(ErrorKind::kNumerics, [&] { reward.start(); });
  for (const char* part : {"fast: ", "held-out pairs as slow does", "0.9 (start_accuracy)"})
    EXPECT_TRUE(says(message, part));
  std::printf("%s\n", message.c_str());
  o.start_accuracy = 0.5;
  o.start_clips = 40;
  SurrogateReward flat(o);
  flat.learn({taught(clips.narrow(0, 0, 40), at::ones({40}))});
  EXPECT_TRUE(says(error_of(ErrorKind::kNumerics, [&] { flat.start(); }), "0 of 0 held-out pairs"))
      << "a teacher that says the same of all teaches nothing";
}

class Saved : public ::testing::Test {
 protected:
  void write(SurrogateReward& reward) {
    StateImage image;
    image.file("reward-0");
    reward.state(image);
    std::filesystem::create_directories(folder_ / "s");
    image.write_tensors(folder_ / "s");
    write_file_atomically(folder_ / "s/state.json", image.values().dump());
  }
  void read(SurrogateReward& reward) {
    StateReader reader(folder_ / "s");
    reader.file("reward-0");
    reward.state(reader);
    reader.finish();
  }
  testing::TemporaryFolder folder_;
};

TEST_F(Saved, WhatIsReadBackGoesOnToTheSameBits) {
  const at::Tensor a = smooth();
  SurrogateReward through(options()), resumed(options());
  begin(through, a);
  const auto lesson = [&](SurrogateReward& reward, uint32_t index) {
    const at::Tensor clips = clips_of(12, index);
    Judgement pulled = taught(clips, {});
    pulled.by_name.clear();
    pulled.by_name["fast"] = reward.score(clips, pulled.samples);
    reward.learn({pulled, taught(clips, values_of(clips, a), index * 100)});
  };
  for (uint32_t i = 20; i < 24; ++i) lesson(through, i);  // 80 clips: the first went
  write(through);
  read(resumed);
  EXPECT_TRUE(resumed.has_learnt());
  for (uint32_t i = 24; i < 27; ++i) lesson(through, i), lesson(resumed, i);
  const at::Tensor x = clips_of(5, 30);
  const Score want = through.score(x, taught(x, {}).samples), got = resumed.score(x, taught(x, {}).samples);
  EXPECT_TRUE(want.total_B.equal(got.total_B));
  EXPECT_EQ(through.figures(), resumed.figures());
}

TEST_F(Saved, AReplayOfAnotherRunIsRefused) {
  SurrogateReward reward(options());
  begin(reward, smooth());
  write(reward);
  SurrogateOptions fewer = options();
  fewer.buffer = 16;
  SurrogateReward small(fewer);
  const std::string message = error_of(ErrorKind::kInput, [&] { read(small); });
  EXPECT_TRUE(says(message, "fast.replay_group"));
  EXPECT_TRUE(says(message, "at most 16"));
}

TEST(RankPairs, AreOfOneGroupOrderedAndNotTooNear) {
  const std::vector<Ranked> clips{{1, 0.0}, {2, 5.0}, {1, 1.0}, {1, 1.05}, {2, 3.0}, {3, 9.0}};
  const std::vector<Pair> pairs = all_pairs(clips, 0.1);
  std::vector<std::pair<size_t, size_t>> got;
  for (const Pair& pair : pairs) got.emplace_back(pair.winner, pair.loser);
  EXPECT_EQ(got, (std::vector<std::pair<size_t, size_t>>{{2, 0}, {3, 0}, {1, 4}}));
  // Around the means .6833 and 4 of two groups, with 2 + 1 degrees of freedom.
  EXPECT_NEAR(spread_within(clips), std::sqrt((0.70166667 + 2.0) / 3), 1e-6);
  EXPECT_EQ(spread_within({{1, 2.0}, {2, 3.0}}), 0);
}

TEST(RankPairs, DrawsReachAllPairsAndRecentOnesBeginInTheNewestQuarter) {
  std::vector<Ranked> clips;
  for (int i = 0; i < 16; ++i) clips.push_back({i % 2, static_cast<double>(i)});
  clips.push_back({7, 1.0});  // alone: in no pair
  const PairDraw draw(clips, 0.1);
  std::set<std::pair<size_t, size_t>> all, recent;
  for (uint32_t i = 0; i < 2000; ++i) {
    RandomStream stream({1, Purpose::kSurrogatePairs, 0, i});
    const auto pair = draw.draw(stream, false);
    ASSERT_TRUE(pair);
    all.emplace(pair->winner, pair->loser);
    const auto late = draw.draw(stream, true);
    ASSERT_TRUE(late);
    EXPECT_EQ(clips[late->winner].group, clips[late->loser].group);
    EXPECT_GE(std::max(late->winner, late->loser), 12u);  // 5 of 17, rounded up
    recent.emplace(late->winner, late->loser);
  }
  EXPECT_EQ(all.size(), 2 * 8u * 7 / 2);
  EXPECT_EQ(recent.size(), 6 + 7 + 6 + 7u);
  RandomStream stream({1, Purpose::kSurrogatePairs, 0, 0});
  const std::vector<Ranked> alone{{1, 0.0}, {2, 1.0}};
  EXPECT_FALSE(PairDraw(alone, 0.1).draw(stream, false));
}

}  // namespace
}  // namespace drf::rewards
