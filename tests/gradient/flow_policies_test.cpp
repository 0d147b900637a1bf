// Every gradient schedule, with every way of keeping activations and of guiding, against the plain flow
// (tests/support/plain_flow.h) in float64, and against finite differences.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "drf/base/error.h"
#include "drf/base/random.h"
#include "tests/support/flow_case.h"
#include "tests/support/plain_flow.h"
#include "tests/support/slope.h"

namespace drf {
namespace {

using diffusion::GuidanceGradient;
using diffusion::Walk;
using flow::FlowInput;
using flow::FlowOptions;
using flow::Recompute;
using testing::close_relative;
using testing::direction;
using testing::expect_slope;
using testing::FlowCase;
using testing::kStep;
using testing::PlainFlow;
using testing::TemporaryFolder;
using testing::write_text;

constexpr double kFloat64 = 1e-9;
constexpr int64_t kSteps = 8;

// Three prompts of different lengths that are asked different numbers of questions, small clips, adapters
// everywhere.
class Small {
 public:
  explicit Small(const std::string& recompute, const std::function<void(train::RunConfig&)>& change = {}) {
    write_text(folder_ / "prompts.txt",
               "a red ball moves left on a black background\n"
               "a blue square\n"
               "a green triangle moves down\n");
    const auto question = [](int id, int prompt, const char* aspect, const char* text) {
      return concat(R"({"id":"q)", id, R"(","prompt":)", prompt, R"(,"aspect":")", aspect,
                    R"(","kind":"yes_no","text":")", text, R"(","answer":"Yes"})", "\n");
    };
    write_text(
        folder_ / "questions.jsonl",
        question(0, 0, "TA", "Is the object red?") + question(1, 0, "PF", "Does the object move smoothly?") +
            question(2, 0, "TA", "Does the object move left?") + question(3, 1, "TA", "Is the object blue?") +
            question(4, 2, "TA", "Is the object green?") + question(5, 2, "VQ", "Are the corners clean?"));
    case_ = std::make_unique<FlowCase>("guided", recompute, "float64", [&](train::RunConfig& c) {
      c.prompts.train = (folder_ / "prompts.txt").string();
      c.questions.file = (folder_ / "questions.jsonl").string();
      c.sampling.noise.clear();
      c.sampling.frames = 5;
      c.sampling.width = c.sampling.height = 16;
      c.sampling.steps = kSteps;
      c.critic.frames = 2;
      c.lora.init_from.clear();
      c.lora.rank = 2;
      if (change) change(c);
    });
    const at::NoGradGuard no_graph;
    uint32_t index = 100;
    for (auto& [name, tensor] : case_->adapters()) {
      if (name.find("lora_B") != std::string::npos) tensor.copy_(direction(index++, tensor) * 0.02);
    }
  }

  FlowCase& flow_case() { return *case_; }
  train::Session& session() { return case_->session(); }
  FlowOptions options() { return session().flow().options(); }
  // The first clips, with noise for three draws.
  FlowInput input(int64_t clips = 1, int64_t update = 0) {
    std::vector<std::pair<int64_t, int64_t>> all;
    for (int64_t prompt = 0; prompt < clips; ++prompt) all.emplace_back(prompt, 0);
    FlowInput input = session().input(session().train_set(), all, Purpose::kNoise, update);
    for (uint32_t draw = 0; draw < 3; ++draw)
      input.renoise.push_back(direction(50 + draw, input.noise_BCTHW));
    return input;
  }

 private:
  TemporaryFolder folder_;
  std::unique_ptr<FlowCase> case_;
};

// The models are opened once for all tests.
class FlowPolicies : public ::testing::Test {
 public:
  static void TearDownTestSuite() { sessions().clear(); }
  // "block" also decodes in chunks and stripes and recomputes in the critic.
  static Small& small(Recompute recompute) {
    auto& session = sessions()[recompute == Recompute::kBlock];
    if (!session) session = std::make_unique<Small>(recompute == Recompute::kBlock ? "block" : "stage");
    return *session;
  }

 private:
  static std::map<bool, std::unique_ptr<Small>>& sessions() {
    static std::map<bool, std::unique_ptr<Small>> sessions;
    return sessions;
  }
};

// '.' rolls out without gradient, 't' trains, 'c' passes gradient while the adapters are constant; what ends
// early goes to the clip with its last move.
Walk walk_of(const std::string& steps) {
  Walk walk;
  for (size_t i = 0; i < steps.size(); ++i) {
    const auto level = static_cast<int64_t>(i);
    const int64_t to = i + 1 == steps.size() ? kSteps : level + 1;
    (steps[i] == '.' ? walk.rollout : walk.gradient).push_back({level, to, steps[i] == 't'});
  }
  return walk;
}

diffusion::StepPolicyOptions policy(const std::string& name, int64_t K) {
  diffusion::StepPolicyOptions options;
  options.policy = name;
  options.K = K;
  return options;
}

struct Schedule {
  diffusion::StepPolicyOptions policy;
  Walk walk;
  int64_t update = 0;
};

Schedule list() {
  Schedule schedule{policy("list", 3), walk_of(".tcctctc")};
  schedule.policy.steps = {1, 4, 6};
  return schedule;
}
Schedule short_list() {
  Schedule schedule{policy("list", 2), walk_of(".....tct")};
  schedule.policy.steps = {5, 7};
  return schedule;
}
Schedule low_variance() {
  Walk walk = walk_of("........");
  walk.gradient = {{7, 8, true}};
  walk.renoise_to = 7;
  walk.draws = 3;
  Schedule schedule{policy("low_variance", 1), walk};
  schedule.policy.draws = 3;
  return schedule;
}
// Seed 0 draws the first of two steps of eight like this (step_policy_test says how that was computed).
Schedule random(int64_t update) {
  const char* const walks[] = {".....tt", "....tt", ".tt"};
  return {policy("random", 2), walk_of(walks[update]), update};
}

std::vector<Schedule> schedules() {
  return {{policy("last", 1), walk_of(".......t")},
          {policy("last", 3), walk_of(".....ttt")},
          {policy("last", kSteps), walk_of("tttttttt")},
          {policy("uniform", 3), walk_of(".tcctcct")},
          list(),
          random(0),
          random(1),
          low_variance()};
}

void expect_same(Small& s, const FlowOptions& options, const FlowInput& input, const PlainFlow::Result& want,
                 double scale) {
  flow::RewardFlow flow(s.session().denoiser(), s.session().trained(), &s.session().decoder(),
                        s.session().flow().scorer().terms(), options);
  s.flow_case().take_gradients();
  const flow::FlowResult got = flow.run(input, scale);
  EXPECT_TRUE(close_relative(got.rewards_B, want.rewards_B, kFloat64)) << "rewards";
  const auto& parts = got.by_name.at("vlm").parts;
  ASSERT_EQ(parts.size(), static_cast<size_t>(want.rewards_B.numel()));
  for (size_t b = 0; b < parts.size(); ++b) {  // means over draws, like the reward
    double sum = 0;
    for (const auto& [aspect, value] : parts[b])
      sum += s.session().vlm_options().weigh.aspect_weights.at(*critic::parse_aspect(aspect)) * value;
    EXPECT_NEAR(sum, want.rewards_B[static_cast<int64_t>(b)].item<double>(), kFloat64)
        << "aspects of clip " << b;
  }
  EXPECT_TRUE(close_relative(got.x_K, want.x_K, kFloat64)) << "x_K";
  EXPECT_TRUE(close_relative(got.x0, want.x0, kFloat64)) << "x0";
  EXPECT_TRUE(close_relative(got.d_xK, want.d_xK, kFloat64)) << "d_xK";
  EXPECT_NEAR(got.stats.penalty, want.penalty, kFloat64 * (1e-3 + std::abs(want.penalty)));
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
  Recompute recompute = Recompute::kBlock;
  bool one_batch = true;
};

// The plain flow is run once, and compared with each way.
void expect_plain(const Schedule& schedule, const std::vector<Way>& ways, int64_t clips,
                  const std::function<void(FlowOptions&)>& change,
                  const std::function<void(FlowInput&)>& change_input = {}, double scale = 1) {
  Small& plain = FlowPolicies::small(Recompute::kStage);
  FlowOptions options = plain.options();
  options.policy = schedule.policy;
  options.guidance = {};
  if (change) change(options);
  FlowInput input = plain.input(clips, schedule.update);
  if (change_input) change_input(input);
  const auto want = PlainFlow(plain.session(), options).run(input, schedule.walk, scale);
  for (const Way& way : ways) {
    SCOPED_TRACE(concat(schedule.policy.policy, ", clips ", clips, ", guidance ", options.guidance.scale,
                        ", recompute ", static_cast<int>(way.recompute), ", one batch ", way.one_batch));
    options.recompute = way.recompute;
    options.guidance.one_batch = way.one_batch;
    expect_same(FlowPolicies::small(way.recompute), options, input, want, scale);
  }
}

std::function<void(FlowOptions&)> guided(GuidanceGradient gradient = GuidanceGradient::kBoth) {
  return [gradient](FlowOptions& options) { options.guidance = {3, gradient, true}; };
}

const std::vector<Way> kEveryRecompute = {{Recompute::kNone}, {Recompute::kStage}, {Recompute::kBlock}};

TEST_F(FlowPolicies, EveryScheduleEqualsThePlainFlowHoweverActivationsAreKept) {
  for (const Schedule& schedule : schedules()) {
    SCOPED_TRACE(concat("K ", schedule.policy.K, ", update ", schedule.update));
    expect_plain(schedule, kEveryRecompute, 1, {});
  }
}

TEST_F(FlowPolicies, GuidedBatchesOfDifferentPromptsEqualThePlainFlow) {
  for (const auto gradient : {GuidanceGradient::kBoth, GuidanceGradient::kConditional}) {
    expect_plain(short_list(), {{Recompute::kBlock, true}, {Recompute::kBlock, false}}, 3, guided(gradient));
    expect_plain(short_list(), {{Recompute::kStage, true}, {Recompute::kStage, false}}, 1, guided(gradient));
    expect_plain(short_list(), {{Recompute::kNone, true}, {Recompute::kNone, false}}, 1, guided(gradient));
  }
  expect_plain(list(), {{Recompute::kBlock}}, 3, {});
  expect_plain(low_variance(), {{Recompute::kBlock}}, 2, guided());
}

TEST_F(FlowPolicies, NegativePromptsMayDifferByClip) {
  expect_plain(short_list(), {{Recompute::kBlock}}, 3, guided(),
               [](FlowInput& input) { input.unconditional = input.conditions.back(); });
}

TEST_F(FlowPolicies, DetachedInputsPassTheGradientOfTheStateUnchanged) {
  expect_plain(list(), kEveryRecompute, 1, [](FlowOptions& options) { options.detach_input = true; });
  expect_plain(short_list(), {{Recompute::kBlock}}, 1, [](FlowOptions& options) {
    options.detach_input = true;
    guided()(options);
  });
}

TEST_F(FlowPolicies, TheAnchorIsExactUnderGuidanceAndRecomputedBlocks) {
  const auto anchored = [](const std::function<void(FlowOptions&)>& guidance) {
    return [guidance](FlowOptions& options) {
      options.anchor = 0.3;
      if (guidance) guidance(options);
    };
  };
  const std::vector<Way> block = {{Recompute::kBlock}};
  expect_plain(short_list(), kEveryRecompute, 1, anchored({}), {}, -0.5);
  const std::vector<Way> every = {
      {Recompute::kNone}, {Recompute::kNone, false}, {Recompute::kBlock}, {Recompute::kBlock, false}};
  expect_plain(short_list(), every, 3, anchored(guided()), {}, -0.5);
  expect_plain(short_list(), every, 1, anchored(guided(GuidanceGradient::kConditional)), {}, -0.5);
  expect_plain(short_list(), block, 1, anchored([](FlowOptions& options) {
                 options.detach_input = true;
                 guided()(options);
               }),
               {}, -0.5);
  expect_plain(low_variance(), block, 1, anchored(guided()), {}, -0.5);
}

TEST_F(FlowPolicies, WhatReachesTheFirstStateThroughTheBaseModelTrainsNothing) {
  Small& s = FlowPolicies::small(Recompute::kStage);
  for (const auto recompute : {Recompute::kNone, Recompute::kStage}) {
    FlowOptions options = s.options();
    options.policy = policy("last", 2);
    options.anchor = 0.3;
    options.recompute = recompute;
    std::vector<at::Tensor> exact;
    at::Tensor exact_d_xK;
    for (const bool wanted : {true, false}) {
      FlowInput input = s.input();
      input.exact_d_xK = wanted;
      flow::RewardFlow flow(s.session().denoiser(), s.session().trained(), &s.session().decoder(),
                            s.session().flow().scorer().terms(), options);
      s.flow_case().take_gradients();
      const flow::FlowResult result = flow.run(input, -1);
      const auto gradients = s.flow_case().take_gradients();
      if (wanted) {
        exact = gradients;
        exact_d_xK = result.d_xK;
        continue;
      }
      for (size_t i = 0; i < exact.size(); ++i) EXPECT_TRUE(gradients[i].equal(exact[i])) << i;
      EXPECT_FALSE(close_relative(result.d_xK, exact_d_xK, 1e-3)) << "the anchor says nothing";
    }
  }
}

TEST_F(FlowPolicies, AReplayedUpdateEqualsTheFlowFromTheRenoisedState) {
  // Not the clip of this noise: it must not be rolled out again.
  const auto replay = [](FlowInput& input) { input.finished_BCTHW = direction(77, input.noise_BCTHW); };
  for (const Schedule& schedule : {short_list(), random(2), low_variance()})
    expect_plain(schedule, {{Recompute::kBlock}}, 1, {}, replay);
  expect_plain(short_list(), {{Recompute::kStage}}, 3, {}, replay);
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
  Small& s = FlowPolicies::small(Recompute::kBlock);
  for (const Schedule& schedule : {list(), low_variance(), random(2)}) {
    SCOPED_TRACE(schedule.policy.policy);
    FlowOptions options = s.options();
    options.policy = schedule.policy;
    options.guidance = {2, GuidanceGradient::kBoth, true};
    const FlowInput input = s.input(1, schedule.update);
    flow::RewardFlow flow(s.session().denoiser(), s.session().trained(), &s.session().decoder(),
                          s.session().flow().scorer().terms(), options);
    s.flow_case().take_gradients();
    flow.run(input, 1);
    AdapterDirection d;
    double analytic = 0;
    for (const auto& [name, tensor] : s.flow_case().adapters()) {
      d.adapters.push_back(tensor.detach());
      d.directions.push_back(direction(static_cast<uint32_t>(d.directions.size()), tensor) * 0.05);
      analytic += (d.directions.back() * tensor.grad()).sum().item<double>();
    }
    s.flow_case().take_gradients();
    PlainFlow plain(s.session(), options);
    expect_slope(plain.reward(input, schedule.walk, d.at(kStep)),
                 plain.reward(input, schedule.walk, d.at(-kStep)), analytic);
  }
}

TEST_F(FlowPolicies, FiniteDifferencesAgreeAlongTheFirstStateThatTrains) {
  Small& s = FlowPolicies::small(Recompute::kBlock);
  FlowOptions options = s.options();
  options.policy = list().policy;
  const FlowInput input = s.input();
  flow::RewardFlow flow(s.session().denoiser(), s.session().trained(), &s.session().decoder(),
                        s.session().flow().scorer().terms(), options);
  const flow::FlowResult result = flow.run(input, 1);
  s.flow_case().take_gradients();
  std::vector<at::Tensor> adapters;
  for (const auto& [name, tensor] : s.flow_case().adapters()) adapters.push_back(tensor.detach());
  const at::Tensor d = direction(3, result.x_K);
  PlainFlow plain(s.session(), options);
  expect_slope(plain.reward(input, list().walk, adapters, kStep * d),
               plain.reward(input, list().walk, adapters, -kStep * d),
               (d * result.d_xK).sum().item<double>());
}

// Three latent channels for pixels, and their mean for an answer: what costs memory and time here are the
// steps.
class ChannelDecoder : public models::Decoder {
 public:
  at::Tensor decode(const at::Tensor& latents, nn::Graph) override {
    return latents.narrow(1, 0, 3).transpose(1, 2);
  }
  models::Flops flops(at::IntArrayRef) const override { return {}; }
};
class MeanReward : public rewards::Reward {
 public:
  bool sees_frames() const override { return true; }
  rewards::Score score(const at::Tensor& frames, const std::vector<rewards::Sample>& samples) override {
    rewards::Score score;
    score.total_B = frames.flatten(1).mean(1);
    score.parts.resize(samples.size());
    return score;
  }
};

// Bytes that pulling the steps adds at its worst moment.
double pulled_bytes(Small& s, const std::function<void(FlowOptions&)>& change) {
  FlowOptions options = s.options();
  options.policy = policy("last", 2);
  options.guidance = {};
  change(options);
  ChannelDecoder decoder;
  MeanReward reward;
  flow::RewardFlow flow(s.session().denoiser(), s.session().trained(), &decoder, {{"mean", 1, &reward}},
                        options);
  flow.set_meter(&s.session().meter());
  FlowInput input = s.input();
  input.exact_d_xK = false;
  const flow::StageCost cost = flow.run(input, -1).stats.costs.at("pull_steps");
  return static_cast<double>(cost.peak_bytes - cost.begin_bytes);
}

TEST(FlowMemory, PullsKeepOneBranchsGraphAtATime) {
  for (const char* recompute : {"stage", "block"}) {
    Small s(recompute, [](train::RunConfig& c) {  // more of video than of text, whose gradients gather
      c.sampling.width = c.sampling.height = 48;
      c.sampling.steps = c.flow.K = 2;
    });
    pulled_bytes(s, [](FlowOptions&) {});  // adapters have their gradients, tables are made
    const double alone = pulled_bytes(s, [](FlowOptions&) {});
    EXPECT_GT(alone, 1e5);
    const auto times_alone = [&](const std::function<void(FlowOptions&)>& change) {
      return pulled_bytes(s, change) / alone;
    };
    const auto guide = [](bool one_batch, double anchor) {
      return [=](FlowOptions& options) {
        options.guidance = {3, GuidanceGradient::kBoth, one_batch};
        options.anchor = anchor;
      };
    };
    EXPECT_LT(times_alone(guide(false, 0)), 1.15) << recompute << ": one branch's graph beside the other's";
    EXPECT_LT(times_alone(guide(false, 0.3)), 1.15) << recompute << ": the base velocity's graph beside it";
    EXPECT_GT(times_alone(guide(true, 0)), 1.5) << recompute << ": the numbers above say nothing";
  }
}

TEST(FlowMemory, MoreStepsThatTrainCostNextToNothing) {
  // A meter counts while it is the thread's newest: this session's is.
  Small s("block");
  const FlowInput input = s.input();
  std::map<int64_t, double> peaks;
  for (const int64_t K : {int64_t{1}, kSteps}) {
    FlowOptions options = s.options();
    options.policy = policy("last", K);
    flow::RewardFlow flow(s.session().denoiser(), s.session().trained(), &s.session().decoder(),
                          s.session().flow().scorer().terms(), options);
    flow.set_meter(&s.session().meter());
    flow.run(input, 1);  // adapters have their gradients, tables are made
    const auto before = static_cast<double>(s.session().meter().live());
    const flow::FlowResult result = flow.run(input, 1);
    for (const auto& [stage, cost] : result.stats.costs)
      peaks[K] = std::max(peaks[K], static_cast<double>(cost.peak_bytes) - before);
    EXPECT_EQ(result.stats.costs.size(), flow::stage_names().size());
    RecordProperty(concat("peak_bytes_K", K), concat(peaks[K]));
  }
  EXPECT_GT(peaks[1], 1e5);
  EXPECT_LT(peaks[kSteps], 1.05 * peaks[1]);
}

}  // namespace
}  // namespace drf
