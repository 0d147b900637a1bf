// The flow through a denoiser of two networks (Wan 2.2 A14B's form): its gradient crosses the boundary, each
// network has its guidance, adapters only where a step trains, and is on the device only while it computes.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "drf/base/error.h"
#include "drf/nn/lora.h"
#include "drf/nn/residence.h"
#include "tests/support/flow_case.h"
#include "tests/support/pair_model.h"
#include "tests/support/plain_flow.h"
#include "tests/support/slope.h"

namespace drf {
namespace {

using testing::close_relative;
using testing::direction;
using testing::FlowCase;
using testing::PlainFlow;
using testing::TemporaryFolder;

constexpr double kFloat64 = 1e-9;
constexpr int64_t kSteps = 4;

using Change = std::function<void(run::RunConfig&)>;

// Four steps, of which two are each network's; all of them train.
class PairCase {
 public:
  explicit PairCase(const std::string& recompute, const Change& change = {}) {
    testing::write_pair(folder_ / "pair", 0.9);
    case_ = std::make_unique<FlowCase>("guided", recompute, "float64", [&](run::RunConfig& c) {
      c.generator.path = (folder_ / "pair").string();
      c.sampling.noise.clear();
      c.sampling.frames = 5;
      c.sampling.width = c.sampling.height = 16;
      c.sampling.steps = c.flow.K = kSteps;
      c.sampling.guidance = 3;
      c.sampling.guidance_2 = 2;
      c.critic.frames = 2;
      c.lora.init_from.clear();
      c.lora.rank = 2;
      if (change) change(c);
    });
    case_->move_fresh_adapters();
  }
  FlowCase* operator->() { return case_.get(); }
  run::Run& opened() { return case_->opened(); }
  models::Component network(size_t i) { return opened().denoiser().components().at(i); }
  std::vector<std::string> names() {
    std::vector<std::string> all;
    for (const auto& [name, tensor] : case_->adapters()) all.push_back(name);
    return all;
  }
  static bool is_second(const std::string& name) { return name.rfind("transformer_2.blocks.", 0) == 0; }

 private:
  TemporaryFolder folder_;
  std::unique_ptr<FlowCase> case_;
};

objectives::Outcome expect_plain(PairCase& c, double scale = 1) {
  const flow::Batch batch = c->batch();
  const int64_t K = c.opened().config().flow.K;
  const diffusion::Walk walk = testing::walk_of(
      std::string(static_cast<size_t>(kSteps - K), '.') + std::string(static_cast<size_t>(K), 't'), kSteps);
  const auto want = PlainFlow(c.opened(), c.opened().config()).run(batch, walk, scale);
  const objectives::Outcome outcome = c->run(batch, scale);
  const flow::Judgement& got = outcome.judgement;
  const auto gradients = c->take_gradients();
  EXPECT_TRUE(close_relative(got.rewards_B, want.rewards_B, kFloat64));
  EXPECT_TRUE(close_relative(got.x0, want.x0, kFloat64));
  EXPECT_TRUE(close_relative(outcome.d_xK, want.d_xK, kFloat64));
  const auto anchor = outcome.penalties.find("anchor");
  EXPECT_NEAR(anchor == outcome.penalties.end() ? 0 : anchor->second, want.penalty,
              kFloat64 * (1e-3 + std::abs(want.penalty)));
  const auto names = c.names();
  EXPECT_EQ(gradients.size(), want.gradients.size());
  for (size_t i = 0; i < gradients.size(); ++i) {
    EXPECT_TRUE(close_relative(gradients[i], want.gradients[i], kFloat64)) << names[i];
    EXPECT_GT(want.gradients[i].abs().max().item<double>(), 0) << names[i] << ": says nothing";
  }
  return outcome;
}

TEST(PairFlow, TheStepsLieOnBothSides) {
  PairCase c("none");
  const auto& timesteps = c.opened().parts().schedule.timesteps;
  std::vector<size_t> networks;
  for (const float t : timesteps) networks.push_back(c.opened().denoiser().component(t));
  EXPECT_EQ(networks, (std::vector<size_t>{0, 0, 1, 1}));
}

TEST(PairFlow, TheGradientCrossesTheBoundary) {
  for (const char* recompute : {"none", "stage", "block"}) {
    for (const char* batch : {"on", "off"}) {
      SCOPED_TRACE(concat(recompute, ", one batch ", batch));
      PairCase c(recompute, [&](run::RunConfig& r) { r.flow.cfg_batch = batch; });
      expect_plain(c);
      const auto names = c.names();
      EXPECT_EQ(std::count_if(names.begin(), names.end(), PairCase::is_second) * 5,
                static_cast<int64_t>(names.size()) * 3)
          << "two blocks and three";
    }
  }
}

TEST(PairFlow, GuidanceThatEndsAtTheBoundary) {
  for (const char* batch : {"on", "off"}) {
    for (const char* gradient : {"both", "cond"}) {
      SCOPED_TRACE(concat("one batch ", batch, ", gradient ", gradient));
      PairCase c("stage", [&](run::RunConfig& r) {
        r.sampling.guidance_2 = 1;
        r.flow.cfg_batch = batch;
        r.flow.cfg_grad = gradient;
      });
      expect_plain(c);
    }
  }
}

TEST(PairFlow, EachNetworkIsHeldToItsOwnBase) {
  for (const double guidance_2 : {1.0, 2.0}) {
    PairCase c("block", [&](run::RunConfig& r) {
      r.train.anchor = 0.3;
      r.sampling.guidance_2 = guidance_2;
    });
    EXPECT_GT(expect_plain(c, -0.5).penalties.at("anchor"), 1e-6);
  }
}

// The last two steps of four are the second network's.
TEST(PairFlow, ANetworkThatNoStepTrainsHasNoAdapters) {
  PairCase c("stage", [](run::RunConfig& r) { r.flow.K = 2; });
  const auto names = c.names();
  ASSERT_FALSE(names.empty());
  EXPECT_TRUE(std::all_of(names.begin(), names.end(), PairCase::is_second)) << names.front();
  EXPECT_TRUE(nn::adapters_of(*c.network(0).root).empty());
  expect_plain(c);
  const auto warnings = c.opened().objective().step_warnings();
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_NE(warnings[0].remedy.find("flow.K = 3 would reach it"), std::string::npos) << warnings[0].remedy;
}

// Fresh adapters of layers with one name are not the same numbers.
TEST(PairFlow, EachNetworkStartsFromNumbersOfItsOwn) {
  PairCase c("stage");
  const auto first = nn::adapters_of(*c.network(0).root), second = nn::adapters_of(*c.network(1).root);
  ASSERT_EQ(first[0].path, second[0].path);
  const auto drawn = [](const nn::NamedLinear& layer) {  // in [-1, 1], whatever the layer's width
    const at::Tensor& A = layer.linear->lora_A();
    return (A[0][0] * std::sqrt(static_cast<double>(A.size(1)))).item<double>();
  };
  EXPECT_GT(std::abs(drawn(first[0]) - drawn(second[0])), 1e-3);
}

TEST(PairFlow, OneNetworkAtATimeGivesTheSameBits) {
  for (const char* recompute : {"none", "stage", "block"}) {
    for (const bool early : {false, true}) {
      SCOPED_TRACE(concat(recompute, early ? ", early" : ""));
      std::vector<std::vector<at::Tensor>> all;
      for (const char* park : {"off", "on"}) {
        PairCase c(recompute, [&](run::RunConfig& r) {
          r.memory.park = park;
          r.memory.park_early = early && park == std::string("on");
          r.train.anchor = 0.3;
        });
        auto& tensors = all.emplace_back();
        for (int pass = 0; pass < 2; ++pass) {
          const objectives::Outcome r = c->run();
          tensors.insert(tensors.end(), {r.judgement.rewards_B, r.judgement.x0, r.d_xK});
          for (const at::Tensor& g : c->take_gradients()) tensors.push_back(g);
          EXPECT_EQ(c.network(0).residence->here() && c.network(1).residence->here(),
                    park == std::string("off"));
        }
      }
      ASSERT_EQ(all[0].size(), all[1].size());
      for (size_t i = 0; i < all[0].size(); ++i) EXPECT_TRUE(at::equal(all[0][i], all[1][i])) << i;
    }
  }
}

// Rule matching: the mean over the branches that a step has.
TEST(PairFlow, MatchingHasTheBranchesOfItsStep) {
  PairCase c("stage", [](run::RunConfig& r) {
    r.flow.rule = "matching";
    r.flow.K = 2;  // not read
    r.matching.quantile = 1;
    r.sampling.guidance_2 = 1;
  });
  const flow::Batch input = c->batch();
  const objectives::Outcome outcome = c->run(input, -1);
  const flow::Judgement& got = outcome.judgement;
  c->take_gradients();
  const auto names = c.names();
  EXPECT_TRUE(std::any_of(names.begin(), names.end(), PairCase::is_second));
  EXPECT_FALSE(std::all_of(names.begin(), names.end(), PairCase::is_second));

  const flow::GuidedDenoiser guided(c.opened().denoiser(), c.opened().trained(), {});
  const auto prepared = guided.prepare(input.conditions, input.unconditional, nn::Graph::kNone, true);
  const diffusion::Schedule& schedule = c.opened().parts().schedule;
  const at::NoGradGuard no_graph;
  at::Tensor x = input.noise_BCTHW;
  double loss = 0;
  for (size_t k = 0; k < kSteps; ++k) {
    const double t = schedule.timesteps[k];
    const double sigma = static_cast<double>(schedule.sigmas[k]),
                 next = static_cast<double>(schedule.sigmas[k + 1]);
    const double branches = k < 2 ? 2 : 1;
    for (const auto which : {flow::Which::kConditional, flow::Which::kUnconditional}) {
      if (which == flow::Which::kUnconditional && branches == 1) continue;
      const auto own = guided.branches(x, t, prepared, which),
                 base = guided.branches(x, t, prepared, which, {flow::Take::kReference});
      const auto off = [&](const at::Tensor& v, const at::Tensor& b) {
        return v.defined() ? (v - b + (1 - sigma) * got.d_x0).square().sum().item<double>() : 0;
      };
      loss +=
          (off(own.conditional, base.conditional) + off(own.unconditional, base.unconditional)) / branches;
    }
    x = x + (next - sigma) * guided.velocity(x, t, prepared);
  }
  EXPECT_TRUE(close_relative(x, got.x0, 1e-6));  // float32 step sizes
  EXPECT_NEAR(outcome.penalties.at("matching_loss"), loss / kSteps, 1e-5 * loss);
}

// Each call is counted by the network and the branches that it has.
TEST(PairFlow, OperationsAreTheNetworksOwn) {
  const auto flops = [](double guidance_2) {
    PairCase c("stage", [&](run::RunConfig& r) { r.sampling.guidance_2 = guidance_2; });
    const auto costs = c->run().costs;
    return std::pair{costs.at("rollout").flops, costs.at("pull_steps").flops};
  };
  PairCase c("stage");
  const auto input = c->batch();
  std::vector<models::Flops> velocity;
  for (const double t : {950.0, 300.0}) {
    const size_t own = c.opened().denoiser().component(t);
    const auto text = c.opened().denoiser().prepare({input.conditions[0], input.unconditional}, {}, own);
    velocity.push_back(c.opened().denoiser().velocity_flops(input.noise_BCTHW.sizes(), t, text));
  }
  EXPECT_NE(velocity[0].forward(), velocity[1].forward());
  const auto both = flops(2), ends = flops(1);
  EXPECT_NEAR(both.first - ends.first, 2 * velocity[1].forward(), 1e-6 * both.first);
  EXPECT_NEAR(both.second - ends.second, 2 * velocity[1].input_gradient(), 1e-6 * both.second);
}

}  // namespace
}  // namespace drf
