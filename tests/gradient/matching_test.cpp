// Rule matching where everything is known in closed form: a generator of N(mu, s^2), a reward linear in the
// clip. Training must reach the tilted law, proportional to p(x) exp(<lambda c, x>).
#include "drf/objectives/matching.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "drf/base/files.h"
#include "drf/flow/rollout.h"
#include "drf/nn/lora.h"
#include "drf/tensor/saved_state.h"
#include "tests/support/slope.h"
#include "tests/support/temporary_folder.h"

namespace drf::objectives {
namespace {

using drf::testing::direction;

constexpr double kS = 0.5;  // standard deviation
constexpr double kBeta = 0.7;
constexpr int64_t kD = 3;  // numbers in a clip

at::Tensor row(const std::vector<double>& values) {
  return at::tensor(values, at::kDouble).view({1, kD, 1, 1, 1});
}
at::Tensor mu() { return row({0.3, -0.2, 0.5}); }
at::Tensor c() { return row({1.0, -2.0, 0.5}); }

double variance(double sigma) { return sigma * sigma + (1 - sigma) * (1 - sigma) * kS * kS; }
double slope(double sigma) { return (sigma - (1 - sigma) * kS * kS) / variance(sigma); }

// The velocity that carries noise to N(mu, s^2), plus an adapter on the features (1 - sigma) and (1 - sigma)
// text: a prompt is one number.
class GaussianDenoiser : public models::Denoiser {
 public:
  GaussianDenoiser() {
    for (const nn::NamedParameter& parameter : root_.named_parameters())
      *parameter.tensor = at::zeros(parameter.tensor->sizes(), at::kDouble);
    nn::attach_lora(root_, {1, 1, {"tilt"}}, 0);
    nn::add_lora(trained, root_);
    const at::NoGradGuard no_graph;
    root_.tilt.lora_A().fill_(1);
  }
  models::Condition encode(const std::string&) override {
    return {{{"text", at::zeros({1, 1, 1}, at::kDouble)}}};
  }
  int64_t text_tokens(const std::string&) const override { return 1; }
  models::Condition prepare(const std::vector<models::Condition>& rows, const nn::BlockRunner&,
                            size_t) override {
    std::vector<at::Tensor> text;
    for (const models::Condition& row : rows) text.push_back(row.get("text"));
    return {{{"text", at::cat(text)}}};
  }
  at::Tensor velocity(const at::Tensor& x, double timestep, const models::Condition& prepared,
                      const nn::BlockRunner&) override {
    const double sigma = timestep / 1000;
    const at::Tensor text_B1 = prepared.get("text").view({-1, 1});
    const at::Tensor features = at::cat({at::ones_like(text_B1), text_B1}, 1) * (1 - sigma);
    const at::Tensor moved = root_.tilt.forward(features).view({-1, kD, 1, 1, 1});
    return slope(sigma) * (x - (1 - sigma) * mu()) - mu() + moved;
  }
  models::Flops velocity_flops(at::IntArrayRef, double, const models::Condition&) const override {
    return {};
  }
  double guidance(double) const override { return scale; }
  diffusion::Schedule schedule(const diffusion::ScheduleOptions& options) const override {
    return diffusion::euler_schedule(options);
  }
  std::vector<int64_t> latent_shape(const models::Size&) const override { return {kD, 1, 1, 1}; }
  models::Size nearest(const models::Size& size) const override { return size; }
  std::vector<models::Component> components() override { return {{"root", &root_, {}}}; }
  nn::Linear& tilt() { return root_.tilt; }
  nn::TrainableSet trained;
  double scale = 1;  // of guidance

 private:
  struct Root : nn::Module {
    Root() : tilt(2, kD, /*bias=*/false) { register_module("tilt", tilt); }
    nn::Linear tilt;
  } root_;
};

class IdentityDecoder : public models::Decoder {
 public:
  at::Tensor decode(const at::Tensor& latents, nn::Graph) override { return latents; }
  models::Flops flops(at::IntArrayRef) const override { return {}; }
};

class LinearReward : public rewards::Reward {
 public:
  bool sees_frames() const override { return true; }
  rewards::Score score(const at::Tensor& frames, const std::vector<rewards::Sample>& samples) override {
    rewards::Score score;
    score.total_B = (frames * c()).flatten(1).sum(1);
    score.parts.resize(samples.size());
    return score;
  }
};

class MatchingRule : public ::testing::Test {
 public:
  // The objective on its parts.
  struct Matched {
    Matched(MatchingRule& test, int64_t steps, MatchingOptions options, const flow::Guidance& guidance = {})
        : schedule(test.denoiser.schedule({diffusion::EulerLevels::kFlow, steps, 1.5})),
          denoiser(test.denoiser, test.denoiser.trained, guidance),
          parking({}, flow::Park::kOff),
          scorer(&test.decoder, test.rewards, {}, parking),
          noise(0, {kD, 1, 1, 1}, at::TensorOptions(at::kDouble)),
          parts{denoiser, scorer, parking, schedule, noise},
          objective(parts, options) {}
    double loss(const flow::Batch& batch, double scale) {
      return objective.accumulate(batch, scale).penalties.at("matching_loss");
    }
    diffusion::Schedule schedule;
    flow::GuidedDenoiser denoiser;
    flow::Parking parking;
    flow::Scorer scorer;
    flow::Noise noise;
    flow::Parts parts;
    Matching objective;
  };
  static MatchingOptions options(int64_t matched = 0) { return {kBeta, 1, matched}; }
  double text = 0;  // the prompt; the empty one is 0
  flow::Batch input(int64_t clips, uint32_t index) {
    flow::Batch input;
    const models::Condition condition{{{"text", at::full({1, 1, 1}, text, at::kDouble)}}};
    input.conditions.assign(static_cast<size_t>(clips), condition);
    input.unconditional = {{{"text", at::zeros({1, 1, 1}, at::kDouble)}}};
    input.noise_BCTHW = direction(index, at::zeros({clips, kD, 1, 1, 1}));
    input.samples.resize(static_cast<size_t>(clips));
    return input;
  }
  // Gradient descent on the matching loss.
  void train(const MatchingOptions& o, int64_t updates, const flow::Guidance& guidance = {}) {
    Matched matched(*this, 8, o, guidance);
    for (int64_t update = 0; update < updates; ++update) {
      flow::Batch in = input(4, static_cast<uint32_t>(update));
      in.update = update;
      matched.objective.accumulate(in, -1.0 / 4);
      const at::NoGradGuard no_graph;
      for (at::Tensor tensor : denoiser.trained.standing(flow::Take::kAsTheyStand)) {
        tensor.sub_(tensor.grad(), 0.1);
        tensor.mutable_grad() = at::Tensor();
      }
    }
  }
  void expect_tilted_velocity(double text = 0) {
    const at::Tensor x = direction(7, at::zeros({5, kD, 1, 1, 1}));
    for (const double sigma : {0.1, 0.5, 0.9}) {
      const at::Tensor v =
          denoiser.velocity(x, 1000 * sigma, {{{"text", at::full({1, 1, 1}, text, at::kDouble)}}}, {})
              .detach();
      const at::Tensor base = slope(sigma) * (x - (1 - sigma) * mu()) - mu();
      EXPECT_LT((v - base + kBeta * (1 - sigma) * c()).abs().max().item<double>(), 1e-6) << sigma;
    }
  }

  GaussianDenoiser denoiser;
  IdentityDecoder decoder;
  LinearReward reward;
  std::vector<flow::Term> rewards{{"linear", 1, &reward}};
};

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
