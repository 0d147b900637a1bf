// Every gradient schedule, with every way of keeping activations and of guiding, against the plain flow
// (tests/support/plain_flow.h) in float64, and against finite differences.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <optional>

#include "drf/base/error.h"
#include "tests/support/flow_case.h"
#include "tests/support/plain_flow.h"
#include "tests/support/slope.h"
#include "tests/support/small_flow.h"

namespace drf {
namespace {

using diffusion::Walk;
using flow::Batch;
using run::RunConfig;
using testing::close_relative;
using testing::direction;
using testing::expect_slope;
using testing::FlowCase;
using testing::kStep;
using testing::PlainFlow;

constexpr double kFloat64 = 1e-9;
constexpr int64_t kSteps = testing::kSmallSteps;
using Small = testing::SmallFlow;

// The models are opened once for all tests.
class FlowPolicies : public ::testing::Test {
 public:
  static void TearDownTestSuite() { all().clear(); }
  // "block" also decodes in chunks and stripes and recomputes in the critic.
  static Small& small(const std::string& recompute) {
    auto& small = all()[recompute == "block"];
    if (!small) small = std::make_unique<Small>(recompute == "block" ? "block" : "stage");
    return *small;
  }

 private:
  static std::map<bool, std::unique_ptr<Small>>& all() {
    static std::map<bool, std::unique_ptr<Small>> all;
    return all;
  }
};

Walk walk_of(const std::string& steps) { return testing::walk_of(steps, kSteps); }

// Which steps train, as a configuration names them, and the walk that it should be.
struct Schedule {
  std::string policy;
  int64_t K;
  Walk walk;
  int64_t update = 0;
  std::vector<int64_t> steps{};
  int64_t draws = 2;
  std::function<void(RunConfig&)> more{};

  void write(RunConfig& c) const {
    c.flow.policy = policy;
    c.flow.K = K;
    c.flow.steps = steps;
    c.flow.draws = draws;
    if (more) more(c);
  }
};

Schedule list() { return {"list", 3, walk_of(".tcctctc"), 0, {1, 4, 6}}; }
Schedule short_list() { return {"list", 2, walk_of(".....tct"), 0, {5, 7}}; }
Schedule low_variance() {
  Walk walk = walk_of("........");
  walk.gradient = {{7, 8, true}};
  walk.renoise_to = 7;
  walk.draws = 3;
  return {"low_variance", 1, walk, 0, {}, 3};
}
// Seed 0 draws the first of two steps of eight like this (step_policy_test says how that was computed).
Schedule random(int64_t update) {
  const char* const walks[] = {".....tt", "....tt", ".tt"};
  return {"random", 2, walk_of(walks[update]), update};
}

// Draws of seed 0 too, as step_policy_test has them.
Schedule last_drawn(int64_t update) {
  const char* const walks[] = {"......tt", "....tttt", ".....ttt"};
  return {"last", 4, walk_of(walks[update]), update, {}, 2, [](RunConfig& c) { c.flow.K_min = 2; }};
}
Schedule windowed() {
  return {"random", 2, walk_of(".....tt"), 1, {}, 2, [](RunConfig& c) { c.flow.window = 4; }};
}
Schedule sparse(double rescale) {
  return {"sparse", 2, walk_of("...tctcc"), 3, {}, 2, [=](RunConfig& c) { c.flow.rescale = rescale; }};
}

std::vector<Schedule> schedules() {
  return {{"last", 1, walk_of(".......t")},
          {"last", 3, walk_of(".....ttt")},
          {"last", kSteps, walk_of("tttttttt")},
          {"uniform", 3, walk_of(".tcctcct")},
          list(),
          random(0),
          random(1),
          low_variance(),
          last_drawn(1),
          windowed(),
          sparse(0)};
}

void expect_same(Small& s, const objectives::Outcome& outcome, const PlainFlow::Result& want) {
  const flow::Judgement& got = outcome.judgement;
  EXPECT_TRUE(close_relative(got.rewards_B, want.rewards_B, kFloat64)) << "rewards";
  const auto& parts = got.by_name.at("vlm").parts;
  ASSERT_EQ(parts.size(), static_cast<size_t>(want.rewards_B.numel()));
  for (size_t b = 0; b < parts.size(); ++b) {  // means over draws, like the reward
    double sum = 0;
    for (const auto& [aspect, value] : parts[b])
      sum += s.opened().vlm_options().weigh.aspect_weights.at(*questions::parse_aspect(aspect)) * value;
    EXPECT_NEAR(sum, want.rewards_B[static_cast<int64_t>(b)].item<double>(), kFloat64)
        << "aspects of clip " << b;
  }
  EXPECT_TRUE(close_relative(outcome.x_K, want.x_K, kFloat64)) << "x_K";
  EXPECT_TRUE(close_relative(got.x0, want.x0, kFloat64)) << "x0";
  EXPECT_TRUE(close_relative(outcome.d_xK, want.d_xK, kFloat64)) << "d_xK";
  const auto anchor = outcome.penalties.find("anchor");
  EXPECT_NEAR(anchor == outcome.penalties.end() ? 0 : anchor->second, want.penalty,
              kFloat64 * (1e-3 + std::abs(want.penalty)));
  const auto adapters = s.flow_case().adapters();
  const auto gradients = s.flow_case().take_gradients();
  ASSERT_GT(gradients.size(), 10u);
  ASSERT_EQ(gradients.size(), want.gradients.size());
  for (size_t i = 0; i < gradients.size(); ++i) {
    ASSERT_TRUE(gradients[i].defined() && want.gradients[i].defined()) << adapters[i].first;
    EXPECT_TRUE(close_relative(gradients[i], want.gradients[i], kFloat64)) << adapters[i].first;
    EXPECT_GT(want.gradients[i].abs().max().item<double>(), 0) << adapters[i].first << ": says nothing";
  }
}

// A way of running that must not change the result.
struct Way {
  std::string recompute = "block";
  bool one_batch = true;
};
using Change = std::function<void(RunConfig&)>;

struct Pass {
  Change change = {};
  std::function<void(Batch&)> change_batch = {};
  double scale = 1;
  bool replayed = false;  ///< goes on with the clips of a pass before it
};

// The plain flow is run once, and compared with each way.
void expect_plain(const Schedule& schedule, const std::vector<Way>& ways, int64_t clips,
                  const Pass& pass = {}) {
  Small& plain = FlowPolicies::small("stage");
  const auto configure = [&](RunConfig& c) {
    c.sampling.guidance = 1;
    schedule.write(c);
    if (pass.replayed) c.flow.reuse = 100;
    if (pass.change) pass.change(c);
  };
  RunConfig config = plain.opened().config();
  configure(config);
  Batch batch = plain.batch(clips, schedule.update);
  if (pass.change_batch) pass.change_batch(batch);
  Batch other = batch;  // not of this noise: it must not be rolled out again
  other.noise_BCTHW = direction(77, batch.noise_BCTHW);
  std::optional<PlainFlow::Result> want;
  for (const Way& way : ways) {
    SCOPED_TRACE(concat(schedule.policy, ", clips ", clips, ", guidance ", config.sampling.guidance,
                        ", recompute ", way.recompute, ", one batch ", way.one_batch));
    Small& s = FlowPolicies::small(way.recompute);
    const auto engine = s.flow_case().engine([&](RunConfig& c) {
      configure(c);
      c.flow.recompute = way.recompute;
      c.flow.cfg_batch = way.one_batch ? "on" : "off";
    });
    at::Tensor finished;
    if (pass.replayed) {
      finished = engine->objective().accumulate(other, 1).judgement.x0;
      engine->objective().commit(/*skipped=*/false);
      s.flow_case().take_gradients();
    }
    if (!want) want = PlainFlow(plain.opened(), config).run(batch, schedule.walk, pass.scale, finished);
    expect_same(s, engine->objective().accumulate(batch, pass.scale), *want);
  }
}

Change guided(const char* gradient = "both") {
  return [gradient](RunConfig& c) {
    c.sampling.guidance = 3;
    c.flow.cfg_grad = gradient;
  };
}

const std::vector<Way> kEveryRecompute = {{"none"}, {"stage"}, {"block"}};

TEST_F(FlowPolicies, EveryScheduleEqualsThePlainFlowHoweverActivationsAreKept) {
  for (const Schedule& schedule : schedules()) {
    SCOPED_TRACE(concat("K ", schedule.K, ", update ", schedule.update));
    expect_plain(schedule, kEveryRecompute, 1);
  }
}

TEST_F(FlowPolicies, GuidedBatchesOfDifferentPromptsEqualThePlainFlow) {
  for (const char* gradient : {"both", "cond"}) {
    expect_plain(short_list(), {{"block", true}, {"block", false}}, 3, {guided(gradient)});
    expect_plain(short_list(), {{"stage", true}, {"stage", false}}, 1, {guided(gradient)});
    expect_plain(short_list(), {{"none", true}, {"none", false}}, 1, {guided(gradient)});
  }
  expect_plain(list(), {{"block"}}, 3);
  expect_plain(low_variance(), {{"block"}}, 2, {guided()});
}

TEST_F(FlowPolicies, NegativePromptsMayDifferByClip) {
  expect_plain(short_list(), {{"block"}}, 3,
               {guided(), [](Batch& batch) { batch.unconditional = batch.conditions.back(); }});
}

TEST_F(FlowPolicies, DetachedInputsPassTheGradientOfTheStateUnchanged) {
  const Change detached = [](RunConfig& c) { c.flow.nested = 0; };
  expect_plain(list(), kEveryRecompute, 1, {detached});
  expect_plain(short_list(), {{"block"}}, 1, {[&](RunConfig& c) {
                 detached(c);
                 guided()(c);
               }});
}

// x.detach() + a (x - x.detach()) in the plain flow's one graph: the value x, and a of its gradient.
TEST_F(FlowPolicies, AShareOfTheGradientReachesEarlierStates) {
  const Change nested = [](RunConfig& c) { c.flow.nested = 0.3; };
  expect_plain(list(), kEveryRecompute, 1, {nested});
  expect_plain(short_list(), {{"block"}, {"none", false}}, 2,
               {[&](RunConfig& c) {
                  nested(c);
                  guided()(c);
                  c.train.anchor = 0.3;
                },
                {},
                -0.5});
  expect_plain(short_list(), {{"stage"}}, 1, {[&](RunConfig& c) {
                 nested(c);
                 guided("cond")(c);
               }});
}

TEST_F(FlowPolicies, TheShareMayPassAtOneDrawnStepAlone) {
  for (const auto& [update, split] : {std::pair{0, 2}, {1, 4}, {5, 6}}) {  // of 1, 4 and 6 that train
    Schedule schedule = list();
    schedule.update = update;
    schedule.walk.split = split;
    expect_plain(schedule, update == 1 ? kEveryRecompute : std::vector<Way>{{"block"}}, 1, {[](RunConfig& c) {
                   c.flow.nested = 0.5;
                   c.flow.nested_at = "one";
                 }});
  }
}

TEST_F(FlowPolicies, SparseStepsMayBeRescaled) {
  const Change detached = [](RunConfig& c) { c.flow.nested = 0; };
  expect_plain(sparse(0.5), kEveryRecompute, 1, {detached});
  expect_plain(sparse(1), {{"block"}}, 2,
               {[](RunConfig& c) {
                  guided()(c);
                  c.train.anchor = 0.3;
                },
                {},
                -0.5});
}

TEST_F(FlowPolicies, LeapsHaveTheValuesOfAllStepsAndTheirOwnGradient) {
  Walk walk = walk_of("........");
  walk.gradient = {{2, 5, true}, {5, kSteps, true}};
  walk.leap = true;
  const Schedule leaps{"list", 2, walk, 0, {2, 5}, 2, [](RunConfig& c) {
                         c.flow.leap = true;
                         c.flow.nested = 0.3;
                       }};
  expect_plain(leaps, kEveryRecompute, 1);
  expect_plain(leaps, {{"block"}}, 3,
               {[](RunConfig& c) {
                  guided()(c);
                  c.train.anchor = 0.3;
                },
                {},
                -0.5});
}

TEST_F(FlowPolicies, TheAnchorIsExactUnderGuidanceAndRecomputedBlocks) {
  const auto anchored = [](const Change& guidance) -> Pass {
    return {[guidance](RunConfig& c) {
              c.train.anchor = 0.3;
              if (guidance) guidance(c);
            },
            {},
            -0.5};
  };
  const std::vector<Way> block = {{"block"}};
  expect_plain(short_list(), kEveryRecompute, 1, anchored({}));
  const std::vector<Way> every = {{"none"}, {"none", false}, {"block"}, {"block", false}};
  expect_plain(short_list(), every, 3, anchored(guided()));
  expect_plain(short_list(), every, 1, anchored(guided("cond")));
  expect_plain(short_list(), block, 1, anchored([](RunConfig& c) {
                 c.flow.nested = 0;
                 guided()(c);
               }));
  expect_plain(low_variance(), block, 1, anchored(guided()));
}

TEST_F(FlowPolicies, WhatReachesTheFirstStateThroughTheBaseModelTrainsNothing) {
  Small& s = FlowPolicies::small("stage");
  for (const char* recompute : {"none", "stage"}) {
    const auto engine = s.flow_case().engine([&](RunConfig& c) {
      c.flow.policy = "last";
      c.flow.K = 2;
      c.train.anchor = 0.3;
      c.flow.recompute = recompute;
    });
    std::vector<at::Tensor> exact;
    at::Tensor exact_d_xK;
    for (const bool wanted : {true, false}) {
      Batch batch = s.batch();
      batch.exact_d_xK = wanted;
      s.flow_case().take_gradients();
      const at::Tensor d_xK = engine->objective().accumulate(batch, -1).d_xK;
      const auto gradients = s.flow_case().take_gradients();
      if (wanted) {
        exact = gradients;
        exact_d_xK = d_xK;
        continue;
      }
      for (size_t i = 0; i < exact.size(); ++i) EXPECT_TRUE(gradients[i].equal(exact[i])) << i;
      EXPECT_FALSE(close_relative(d_xK, exact_d_xK, 1e-3)) << "the anchor says nothing";
    }
  }
}

TEST_F(FlowPolicies, AReplayedUpdateEqualsTheFlowFromTheRenoisedState) {
  Pass replayed;
  replayed.replayed = true;
  for (const Schedule& schedule : {short_list(), random(2), low_variance()})
    expect_plain(schedule, {{"block"}}, 1, replayed);
  expect_plain(short_list(), {{"stage"}}, 3, replayed);
}

// An update whose gradient was not finite: its clips would give it again, so the same prompts come with other
// noise, until the rollout would have ended anyway.
TEST_F(FlowPolicies, ClipsOfASkippedUpdateAreGivenUp) {
  Small& s = FlowPolicies::small("block");
  const auto engine = s.flow_case().engine([](RunConfig& c) { c.flow.reuse = 3; });
  objectives::Objective& objective = engine->objective();
  const auto clip = [&](int64_t update) { return objective.accumulate(s.batch(1, update), 1).judgement.x0; };
  const at::Tensor first = clip(0);
  objective.commit(/*skipped=*/true);
  const at::Tensor second = clip(1);
  EXPECT_FALSE(close_relative(second, first, 1e-3));
  EXPECT_TRUE(clip(1).equal(second)) << "an update that is not over lasts";
  objective.commit(/*skipped=*/false);
  clip(2);
  objective.commit(/*skipped=*/false);
  EXPECT_TRUE(clip(3).equal(first)) << "the batch's own noise again";
  s.flow_case().take_gradients();
}

// Directions of all adapters, and what the gradient says along them.
struct AdapterDirection {
  std::vector<at::Tensor> directions, adapters;
  std::vector<at::Tensor> at(double h) const {
    std::vector<at::Tensor> moved;
    for (size_t i = 0; i < adapters.size(); ++i) moved.push_back(adapters[i] + h * directions[i]);
    return moved;
  }
};

TEST_F(FlowPolicies, FiniteDifferencesAgreeAlongTheAdaptersOfTheStepsThatTrain) {
  Small& s = FlowPolicies::small("block");
  for (const Schedule& schedule : {list(), low_variance(), random(2), sparse(0)}) {
    SCOPED_TRACE(schedule.policy);
    RunConfig config = s.opened().config();
    const Change change = [&](RunConfig& c) {
      schedule.write(c);
      c.sampling.guidance = 2;
      c.flow.cfg_grad = "both";
    };
    change(config);
    const Batch batch = s.batch(1, schedule.update);
    s.flow_case().take_gradients();
    s.flow_case().engine(change)->objective().accumulate(batch, 1);
    AdapterDirection d;
    double analytic = 0;
    for (const auto& [name, tensor] : s.flow_case().adapters()) {
      d.adapters.push_back(tensor.detach());
      d.directions.push_back(direction(static_cast<uint32_t>(d.directions.size()), tensor) * 0.05);
      analytic += (d.directions.back() * tensor.grad()).sum().item<double>();
    }
    s.flow_case().take_gradients();
    PlainFlow plain(s.opened(), config);
    expect_slope(plain.reward(batch, schedule.walk, d.at(kStep)),
                 plain.reward(batch, schedule.walk, d.at(-kStep)), analytic);
  }
}

TEST_F(FlowPolicies, FiniteDifferencesAgreeAlongTheFirstStateThatTrains) {
  Small& s = FlowPolicies::small("block");
  RunConfig config = s.opened().config();
  list().write(config);
  const Batch batch = s.batch();
  const objectives::Outcome result =
      s.flow_case().engine([](RunConfig& c) { list().write(c); })->objective().accumulate(batch, 1);
  s.flow_case().take_gradients();
  std::vector<at::Tensor> adapters;
  for (const auto& [name, tensor] : s.flow_case().adapters()) adapters.push_back(tensor.detach());
  const at::Tensor d = direction(3, result.x_K);
  PlainFlow plain(s.opened(), config);
  expect_slope(plain.reward(batch, list().walk, adapters, kStep * d),
               plain.reward(batch, list().walk, adapters, -kStep * d),
               (d * result.d_xK).sum().item<double>());
}

}  // namespace
}  // namespace drf
