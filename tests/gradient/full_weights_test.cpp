// Full weights in the whole flow: the gradient of each against the plain flow (tests/support/plain_flow.h) in
// float64 and against differences, half models, and what must not remember weights that have moved.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "drf/base/error.h"
#include "drf/nn/adamw.h"
#include "tests/support/expect_error.h"
#include "tests/support/flow_case.h"
#include "tests/support/plain_flow.h"
#include "tests/support/slope.h"

namespace drf {
namespace {

using flow::Batch;
using run::RunConfig;
using testing::close_relative;
using testing::direction;
using testing::FlowCase;
using Take = nn::TrainableSet::Take;

constexpr double kFloat64 = 1e-9;
constexpr int64_t kSteps = 4;

// A small clip of the bundled generator, all of whose weights are trained and have left where they began.
struct Full {
  explicit Full(const std::string& dtype = "float64", const std::string& recompute = "none",
                const std::function<void(run::RunConfig&)>& change = {})
      : c("guided", recompute, dtype, [&](run::RunConfig& config) {
          config.lora = {};
          config.train.weights = "full";
          config.sampling.noise.clear();
          config.sampling.frames = 5;
          config.sampling.width = config.sampling.height = 16;
          config.sampling.steps = kSteps;
          config.critic.frames = 2;
          if (change) change(config);
        }) {
    const at::NoGradGuard no_graph;
    uint32_t index = 0;
    for (auto& [name, leaf] : c.adapters()) leaf.add_(direction(index++, leaf).to(leaf.dtype()), 1e-3);
  }
  run::Run& opened() { return c.opened(); }
  Batch batch(int64_t update = 0) {
    return opened().batches().of(rewards::Split::kTrain, {{0, 0}}, Purpose::kNoise, update);
  }
  flow::Judgement run(double scale, int64_t update = 0) { return c.run(batch(update), scale).judgement; }
  FlowCase c;
};

diffusion::Walk walk_of(const std::string& steps) { return testing::walk_of(steps, kSteps); }

struct Case {
  std::string name, steps;
  std::function<void(RunConfig&)> change;
};

std::vector<Case> cases() {
  const auto list = [](RunConfig& c) {
    c.flow.policy = "list";
    c.flow.steps = {1, 3};
  };
  const auto anchored = [](RunConfig& c) { c.train.anchor = 0.3; };
  const auto guided = [](RunConfig& c) {
    c.sampling.guidance = 3;
    c.flow.cfg_batch = "on";
  };
  return {{"last", "..tt", [](RunConfig&) {}},
          {"list", ".tct", list},
          {"guided, anchored", ".tct",
           [=](RunConfig& c) {
             list(c);
             anchored(c);
             guided(c);
           }},
          {"one branch's gradient, detached, anchored", "..tt", [=](RunConfig& c) {
             anchored(c);
             guided(c);
             c.flow.cfg_batch = "off";
             c.flow.cfg_grad = "cond";
             c.flow.nested = 0;
           }}};
}

void last_two(RunConfig& c) {
  c.flow.policy = "last";
  c.flow.K = 2;
  c.flow.cfg_grad = "both";
}

TEST(FullWeights, EveryWeightsGradientEqualsThePlainFlows) {
  Full full;
  const double scale = -0.5;
  for (const Case& one : cases()) {
    RunConfig config = full.opened().config();
    const auto change = [&](RunConfig& c) {
      last_two(c);
      c.sampling.guidance = 1;
      one.change(c);
    };
    change(config);
    const Batch batch = full.batch();
    const auto want = testing::PlainFlow(full.opened(), config).run(batch, walk_of(one.steps), scale);
    for (const char* recompute : {"none", "stage", "block"}) {
      SCOPED_TRACE(concat(one.name, ", recompute ", recompute));
      const auto engine = full.c.engine([&](RunConfig& c) {
        change(c);
        c.flow.recompute = recompute;
      });
      objectives::Outcome got = engine->objective().accumulate(batch, scale);
      EXPECT_TRUE(close_relative(got.judgement.rewards_B, want.rewards_B, kFloat64));
      EXPECT_TRUE(close_relative(got.d_xK, want.d_xK, kFloat64));
      EXPECT_NEAR(got.penalties["anchor"], want.penalty, kFloat64 * (1e-3 + std::abs(want.penalty)));
      EXPECT_EQ(config.train.anchor > 0, want.penalty > 0);
      const auto names = full.c.adapters();
      const auto gradients = full.c.take_gradients();
      ASSERT_EQ(gradients.size(), full.opened().denoiser().components()[0].root->named_parameters().size());
      for (size_t i = 0; i < gradients.size(); ++i) {
        ASSERT_TRUE(gradients[i].defined() && want.gradients[i].defined()) << names[i].first;
        EXPECT_TRUE(close_relative(gradients[i], want.gradients[i], kFloat64)) << names[i].first;
        EXPECT_GT(want.gradients[i].abs().max().item<double>(), 0) << names[i].first << ": says nothing";
      }
    }
  }
}

TEST(FullWeights, DifferencesAlongAllOfThemAgree) {
  Full full;
  RunConfig config = full.opened().config();
  last_two(config);
  const Batch batch = full.batch();
  full.c.engine(last_two)->objective().accumulate(batch, 1);
  std::vector<at::Tensor> plus, minus;
  double analytic = 0;
  for (const auto& [name, leaf] : full.c.adapters()) {
    const at::Tensor d = direction(static_cast<uint32_t>(1000 + plus.size()), leaf) * 0.02;
    plus.push_back(leaf.detach() + testing::kStep * d);
    minus.push_back(leaf.detach() - testing::kStep * d);
    analytic += (d * leaf.grad()).sum().item<double>();
  }
  full.c.take_gradients();
  testing::PlainFlow plain(full.opened(), config);
  testing::expect_slope(plain.reward(batch, walk_of("..tt"), plus),
                        plain.reward(batch, walk_of("..tt"), minus), analytic);
}

// The rule that compares with the model as it was read at every step.
TEST(FullWeights, MatchingGivesEachTheSameGradientHoweverActivationsAreKept) {
  Full full;
  std::vector<at::Tensor> want;
  for (const char* recompute : {"none", "stage", "block"}) {
    const auto engine = full.c.engine([&](RunConfig& c) {
      c.flow.rule = "matching";
      c.flow.recompute = recompute;
    });
    const objectives::Outcome outcome = engine->objective().accumulate(full.batch(), -1);
    const auto got = full.c.take_gradients();
    EXPECT_GT(outcome.penalties.at("matching_loss"), 0);
    for (size_t i = 0; i < got.size(); ++i) {
      ASSERT_TRUE(got[i].defined());
      if (!want.empty()) {
        EXPECT_TRUE(close_relative(got[i], want[i], kFloat64)) << i;
      }
    }
    if (want.empty()) want = got;
  }
}

// One number for what the generator makes.
at::Tensor clip(Full& full, Take take) {
  const nn::TrainableSet& trained = full.opened().trained();
  const auto scope = trained.with(trained.standing(take));
  return full.c.evaluate(full.batch(), flow::Pixels::kAsTheyAre).x0;
}

// Whoever remembers what weights gave would give it again.
TEST(FullWeights, NothingIsRememberedOfWeightsThatHaveMoved) {
  for (const char* dtype : {"float64", "bfloat16"}) {
    SCOPED_TRACE(dtype);
    Full full(dtype);
    full.run(1);
    full.c.take_gradients();
    clip(full, Take::kAsTheyStand);
    const at::Tensor base = clip(full, Take::kReference);
    std::vector<at::Tensor> leaves;
    for (auto& [name, leaf] : full.c.adapters()) {
      leaves.push_back(leaf);
      leaf.mutable_grad() = direction(static_cast<uint32_t>(leaves.size()), leaf).to(leaf.dtype());
    }
    nn::AdamW(full.c.adapters(), {}).step(3e-2);  // sign descent
    full.c.take_gradients();
    const at::Tensor moved = clip(full, Take::kAsTheyStand);
    EXPECT_GT((moved - base).norm().item<double>(), .1 * base.norm().item<double>());
    EXPECT_TRUE(clip(full, Take::kReference).equal(base));
    const flow::Judgement trained = full.run(1);
    EXPECT_TRUE(trained.x0.equal(moved)) << "training sees them too";
    full.c.take_gradients();

    Full fresh(dtype);  // opened with the same numbers, it remembers nothing
    const at::NoGradGuard no_graph;
    const auto parameters = fresh.c.adapters();
    for (size_t i = 0; i < leaves.size(); ++i) parameters[i].second.copy_(leaves[i]);
    EXPECT_TRUE(clip(fresh, Take::kAsTheyStand).equal(moved));
  }
}

TEST(FullWeights, OfHalfModelsGetGradientsNearFloat32s) {
  std::vector<at::Tensor> flats;
  for (const char* dtype : {"float32", "bfloat16", "float16"}) {
    Full full(dtype, "block", [](run::RunConfig& c) { c.critic.dtype = "float32"; });
    full.run(1e-4);
    std::vector<at::Tensor> parts;
    for (const at::Tensor& g : full.c.take_gradients()) {
      EXPECT_EQ(g.scalar_type(), at::kFloat);
      parts.push_back(g.flatten().to(at::kDouble));
    }
    flats.push_back(at::cat(parts));
  }
  for (size_t i : {1, 2}) {
    const double cosine = at::dot(flats[0], flats[i]).item<double>() / flats[0].norm().item<double>() /
                          flats[i].norm().item<double>();
    EXPECT_GT(cosine, .98) << i;
    EXPECT_NEAR(flats[i].norm().item<double>() / flats[0].norm().item<double>(), 1, .1) << i;
  }
}

TEST(FullWeights, ParkedOrNotTheyTrainTheSameBits) {
  std::vector<std::vector<at::Tensor>> all;
  for (const char* park : {"off", "on"}) {
    Full full("bfloat16", "block", [&](run::RunConfig& c) { c.memory.park = park; });
    std::vector<at::Tensor> seen, leaves;
    for (auto& [name, leaf] : full.c.adapters()) leaves.push_back(leaf);
    nn::AdamW optimizer(full.c.adapters(), {});
    for (int64_t update = 0; update < 2; ++update) {
      const flow::Judgement r = full.run(-1, update);
      seen.insert(seen.end(), {r.x0, r.rewards_B});
      optimizer.step(1e-3);
      full.c.take_gradients();
    }
    for (const Take take : {Take::kReference, Take::kDetached, Take::kAsTheyStand})
      seen.push_back(clip(full, take));
    std::vector<at::Tensor> average;
    for (const at::Tensor& leaf : leaves) average.push_back(leaf.detach() * 0.999);
    {
      const auto scope = full.opened().trained().with(average);
      for (int pass = 0; pass < 2; ++pass)
        seen.push_back(full.c.evaluate(full.batch(), flow::Pixels::kAsTheyAre).x0);
    }
    seen.insert(seen.end(), leaves.begin(), leaves.end());
    all.push_back(std::move(seen));
  }
  for (size_t i = 0; i < all[0].size(); ++i) EXPECT_TRUE(all[0][i].equal(all[1][i])) << i;
}

}  // namespace
}  // namespace drf
