// Rule matching where everything is known in closed form (tests/support/matching_rule.h): training must reach
// the tilted law, proportional to p(x) exp(<lambda c, x>).
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "drf/base/files.h"
#include "drf/flow/rollout.h"
#include "drf/tensor/saved_state.h"
#include "tests/support/matching_rule.h"
#include "tests/support/temporary_folder.h"

namespace drf::objectives {
namespace {

TEST_F(MatchingRule, TrainingReachesTheTiltedVelocity) {
  train(options(), 200);
  expect_tilted_velocity();
}

TEST_F(MatchingRule, ADrawOfStepsReachesTheSame) {
  train(options(3), 300);
  expect_tilted_velocity();
}

// Both branches share the adapters. Held by their guided sum alone, they would keep what cancels in it.
TEST_F(MatchingRule, EachBranchOfGuidanceIsHeldToItsOwnBase) {
  for (const bool one_batch : {true, false}) {
    const at::NoGradGuard no_graph;
    text = 1;
    denoiser.tilt().lora_A().copy_(at::tensor({1.0, -0.8}).view({1, 2}));
    denoiser.tilt().lora_B().copy_(at::tensor({0.9, 0.4, -0.7}).view({kD, 1}));
    denoiser.scale = 3;
    train(options(), 1000,
          {diffusion::GuidanceGradient::kBoth, one_batch});  // 600 leave 4e-5 over these levels
    expect_tilted_velocity(0);
    expect_tilted_velocity(1);
  }
}

// The paper's form against one plain graph: the guided velocity, its unconditional part a constant.
TEST_F(MatchingRule, TheGuidedVelocityIsMatchedAsThePlainGraphSays) {
  text = 1;
  denoiser.scale = 3;
  {
    const at::NoGradGuard no_graph;
    denoiser.tilt().lora_A().copy_(at::tensor({1.0, -0.8}).view({1, 2}));
    denoiser.tilt().lora_B().copy_(at::tensor({0.9, 0.4, -0.7}).view({kD, 1}));
  }
  MatchingOptions o = options();
  o.guided = true;
  const auto gradients = [&] {
    std::vector<at::Tensor> all;
    for (at::Tensor tensor : denoiser.trained.standing(flow::Take::kAsTheyStand)) {
      all.push_back(tensor.grad().clone());
      tensor.mutable_grad() = at::Tensor();
    }
    return all;
  };
  for (const bool one_batch : {true, false}) {
    Matched matched(*this, 4, o, {diffusion::GuidanceGradient::kBoth, one_batch});
    const flow::Batch in = input(2, 3);
    const double loss = matched.loss(in, -0.5);
    const std::vector<at::Tensor> got = gradients();

    const auto branch = [&](const at::Tensor& x, int k, double of) {
      return denoiser.velocity(x, matched.schedule.timesteps[static_cast<size_t>(k)],
                               {{{"text", at::full({2, 1, 1}, of, at::kDouble)}}}, {});
    };
    at::Tensor x = in.noise_BCTHW, sum = at::zeros({}, at::kDouble);
    for (int k = 0; k < 4; ++k) {
      const double sigma = matched.schedule.sigmas[static_cast<size_t>(k)];
      const at::Tensor v = 3 * branch(x, k, 1) - 2 * branch(x, k, 0).detach();
      const double told = matched.schedule.timesteps[static_cast<size_t>(k)] / 1000.0;  // to the network
      const at::Tensor base = slope(told) * (x - (1 - told) * mu()) - mu();
      sum = sum + (v - (base - kBeta * (1 - sigma) * c())).square().sum() / 4;
      x = (x + (matched.schedule.sigmas[static_cast<size_t>(k) + 1] -
                matched.schedule.sigmas[static_cast<size_t>(k)]) *
                   v)
              .detach();
    }
    (sum * 0.5).backward();
    const std::vector<at::Tensor> want = gradients();
    EXPECT_NEAR(loss, sum.item<double>() / 2, 1e-9 * loss);
    for (size_t i = 0; i < want.size(); ++i) {
      EXPECT_LT((got[i] - want[i]).abs().max().item<double>(), 1e-9 * want[i].abs().max().item<double>())
          << i;
      EXPECT_GT(want[i].abs().max().item<double>(), 1e-3);
    }
    // Each branch by itself is another gradient.
    Matched(*this, 4, options()).loss(in, -0.5);
    EXPECT_GT((gradients()[0] - want[0]).abs().max().item<double>(), 1e-3);
  }
}

TEST_F(MatchingRule, ReportsTheMeanOverTheBranches) {
  text = 1;
  const double alone = Matched(*this, 4, options()).loss(input(2, 3), -0.5);
  denoiser.scale = 3;
  EXPECT_NEAR(Matched(*this, 4, options()).loss(input(2, 3), -0.5), alone, 1e-9);
}

TEST_F(MatchingRule, EveryClipMovesByTheEulerSumAndNoneChangesItsPlaceAmongTheOthers) {
  train(options(), 200);
  Matched matched(*this, 8, options());
  const flow::Batch in = input(16, 900);
  const at::Tensor after = flow::sample(matched.parts, in);
  const auto base = denoiser.trained.with(denoiser.trained.standing(flow::Take::kReference));
  const at::Tensor before = flow::sample(matched.parts, in);
  double moved = 0;
  const auto& sigmas = matched.schedule.sigmas;
  for (size_t k = 0; k + 1 < sigmas.size(); ++k) {
    const double sigma = sigmas[k];
    moved += (sigmas[k + 1] - sigma) * (slope(sigma) * moved - kBeta * (1 - sigma));
  }
  EXPECT_GT(moved, 0.1);
  EXPECT_LT((after - before - moved * c()).abs().max().item<double>(), 1e-5);
}

TEST_F(MatchingRule, SamplesFollowTheTiltedLaw) {
  train(options(), 200);
  const Matched matched(*this, 1000, options());
  constexpr int64_t kClips = 20000;
  const at::Tensor x = flow::sample(matched.parts, input(kClips, 901)).view({kClips, kD});
  // delta = beta s integral_0^1 (1 - sigma) / sqrt(variance) dsigma, by the midpoint rule.
  double delta = 0;
  constexpr int kCells = 100000;
  for (int i = 0; i < kCells; ++i) {
    const double sigma = (i + 0.5) / kCells;
    delta += kBeta * kS * (1 - sigma) / std::sqrt(variance(sigma)) / kCells;
  }
  const double lambda = delta / (kS * kS);
  const at::Tensor want = (mu() + kS * kS * lambda * c()).view({kD});
  const double standard_error = kS / std::sqrt(static_cast<double>(kClips));
  const at::Tensor mean = x.mean(0);
  // 5 standard errors, and what 1000 Euler steps leave.
  EXPECT_LT((mean - want).abs().max().item<double>(), 5 * standard_error + 2e-3);
  const at::Tensor centred = x - mean;
  const at::Tensor covariance = at::mm(centred.t(), centred) / static_cast<double>(kClips - 1);
  const double error = kS * kS * std::sqrt(2.0 / static_cast<double>(kClips));
  EXPECT_LT((covariance - kS * kS * at::eye(kD, at::kDouble)).abs().max().item<double>(), 5 * error + 2e-3);
}

TEST_F(MatchingRule, TheLossAndTheGuideAreReported) {
  Matched matched(*this, 4, options());
  const Outcome result = matched.objective.accumulate(input(2, 3), -0.5);
  const double length = c().norm().item<double>();
  ASSERT_EQ(result.norms.guides.size(), 2u);
  EXPECT_NEAR(result.norms.guides[0], length, 1e-12);
  EXPECT_TRUE(result.judgement.d_x0.allclose(c().expand({2, kD, 1, 1, 1})));
  // Before any update the velocity is the base model's: what is missing is beta (1 - sigma) c.
  double want = 0;
  for (int k = 0; k < 4; ++k)
    want += std::pow(kBeta * (1 - static_cast<double>(matched.schedule.sigmas[k])) * length, 2) / 4;
  EXPECT_NEAR(result.penalties.at("matching_loss"), want, 1e-9);
  EXPECT_FALSE(result.d_xK.defined());
}

TEST_F(MatchingRule, ALongGuideIsCutToWhatIsUsual) {
  MatchingOptions o = options();
  o.quantile = 0.5;
  Matched matched(*this, 4, o);
  const double length = c().norm().item<double>();
  const auto loss = [&] {
    denoiser.trained.parameters()[0].second.mutable_grad() = at::Tensor();
    return matched.loss(input(1, 3), -1);
  };
  drf::testing::TemporaryFolder folder;
  const auto remember = [&](size_t count) {
    const nlohmann::json state = {{"guide_norms", std::vector<double>(count, length / 2)}};
    write_file_atomically(folder / "state.json", state.dump());
    StateReader reader(folder.path());
    matched.objective.state(reader, 0);
  };
  const auto remembered = [&] {
    StateImage image;
    matched.objective.state(image, 0);
    return image.values().at("guide_norms").get<std::vector<double>>();
  };
  const double free = loss();
  remember(RunningQuantile::kLeast);
  EXPECT_NEAR(loss(), free / 4, 1e-9);
  EXPECT_EQ(remembered().size(), RunningQuantile::kLeast) << "an update that is not over";
  matched.objective.commit(/*skipped=*/false);
  EXPECT_EQ(remembered().size(), RunningQuantile::kLeast + 1);
  EXPECT_NEAR(remembered().back(), length, 1e-12);
  remember(RunningQuantile::kLeast - 1);
  EXPECT_NEAR(loss(), free, 1e-9) << "too few to know";
}

TEST_F(MatchingRule, SaysHowFarTheTiltGoesBesideTheVelocity) {
  for (const Eta which : {Eta::kLinear, Eta::kQuadratic, Eta::kConstant}) {
    MatchingOptions o = options();
    o.eta = which;
    Matched matched(*this, 4, o);
    const flow::Batch in = input(2, 3);
    const Outcome outcome = matched.objective.accumulate(in, -0.5);
    double tilt = 0, loss = 0;
    at::Tensor x = in.noise_BCTHW;
    for (size_t k = 0; k < 4; ++k) {
      const double sigma = matched.schedule.sigmas[k], told = matched.schedule.timesteps[k] / 1000.0;
      const at::Tensor v = slope(told) * (x - (1 - told) * mu()) - mu();
      const double far = kBeta *
                         std::pow(1 - sigma, which == Eta::kConstant    ? 0
                                             : which == Eta::kQuadratic ? 2
                                                                        : 1) *
                         c().norm().item<double>();
      loss += far * far / 4;
      for (int64_t b = 0; b < 2; ++b) tilt += far / v[b].norm().item<double>() / 8;
      x = x + (static_cast<double>(matched.schedule.sigmas[k + 1]) - sigma) * v;
    }
    EXPECT_NEAR(outcome.penalties.at("tilt"), tilt, 1e-9 * tilt);
    EXPECT_NEAR(outcome.penalties.at("matching_loss"), loss, 1e-9 * loss);
  }
}

TEST(RunningQuantile, IsNumpysOfTheLastValues) {
  RunningQuantile usual(0.9);
  for (int i = 1; i < 16; ++i) usual.add(i);
  EXPECT_TRUE(std::isinf(usual.limit()));
  usual.add(std::nan(""));
  EXPECT_TRUE(std::isinf(usual.limit()));
  usual.add(16);
  EXPECT_NEAR(usual.limit(), 14.5, 1e-12);  // numpy.quantile(range(1, 17), 0.9)
  for (int i = 0; i < 256; ++i) usual.add(1);
  EXPECT_EQ(usual.limit(), 1);
  EXPECT_EQ(usual.values().size(), RunningQuantile::kRemembered);
  RunningQuantile mostly_satisfied(0.9);
  for (int i = 0; i < 250; ++i) mostly_satisfied.add(0);
  for (int i = 0; i < 20; ++i) mostly_satisfied.add(3);
  EXPECT_EQ(mostly_satisfied.limit(), 3);
  RunningQuantile never(1);
  for (int i = 1; i < 21; ++i) never.add(i);
  EXPECT_TRUE(std::isinf(never.limit()));
}

}  // namespace
}  // namespace drf::objectives
