// The whole flow: equal to one PyTorch graph over diffusers, transformers and peft (tools/reference/flow.py),
// and to central finite differences of the reward.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "drf/base/error.h"
#include "drf/base/random.h"
#include "drf/flow/networks.h"
#include "drf/media/layout.h"
#include "drf/tensor/safetensors.h"
#include "drf/train/evaluation.h"
#include "tests/support/expect_error.h"
#include "tests/support/flow_case.h"
#include "tests/support/open_run.h"
#include "tests/support/slope.h"

namespace drf {
namespace {

using testing::close_relative;
using testing::direction;
using testing::expect_slope;
using testing::FlowCase;
using testing::Golden;
using testing::kStep;
using testing::source_path;
using testing::TemporaryFolder;
using testing::write_text;

// float64 with the reference's float32 casts lifted: only the order of sums differs.
constexpr double kFloat64 = 1e-9;
// float32 through sampler, decoder, critic and back; the reference's own float32 run is off by up to 4e-5.
constexpr double kFloat32 = 5e-4;

void expect_equal(FlowCase& c, const objectives::Outcome& outcome, double tolerance) {
  const flow::Judgement& r = outcome.judgement;
  const Golden& golden = c.golden();
  const auto check = [&](const char* name, const at::Tensor& got) {
    const at::Tensor want = golden[name];
    EXPECT_TRUE(close_relative(got.reshape(want.sizes()), want, tolerance)) << name;
  };
  check("x_K", outcome.x_K);
  check("x0", r.x0);
  check("frames", r.frames_BF3HW);
  check("logprobs", r.by_name.at("vlm").tensors.at("logprobs")[0]);
  check("reward", r.rewards_B);
  check("d_frames", r.d_frames);
  check("d_x0", r.d_x0);
  check("d_xK", outcome.d_xK);
  size_t compared = 0;
  for (const auto& [name, tensor] : c.adapters()) {
    ASSERT_TRUE(tensor.grad().defined()) << "no gradient reached " << name;
    ASSERT_TRUE(golden.has("d." + name)) << name;
    EXPECT_TRUE(close_relative(tensor.grad(), golden["d." + name], tolerance)) << name;
    ++compared;
  }
  EXPECT_GT(compared, 10u);
}

class Flow : public ::testing::TestWithParam<const char*> {};

TEST_P(Flow, EqualsTheReferenceFlowInFloat64) {
  FlowCase c(GetParam());
  expect_equal(c, c.run(1.0), kFloat64);
}

TEST_P(Flow, EqualsTheReferenceFlowInFloat64WhenBlocksAreRecomputed) {
  FlowCase c(GetParam(), "block");
  expect_equal(c, c.run(1.0), kFloat64);
}

TEST_P(Flow, AgreesInFloat32ToRounding) {
  FlowCase c(GetParam(), "stage", "float32");
  expect_equal(c, c.run(1.0), kFloat32);
}

INSTANTIATE_TEST_SUITE_P(Cases, Flow, ::testing::Values("plain", "guided", "focus", "margin"));

TEST(FlowRecompute, ChangesNoBitAndChunksOnlyRounding) {
  std::vector<at::Tensor> first;
  for (const char* recompute : {"none", "stage", "block"}) {
    FlowCase c("plain", recompute, "float32");
    c.run(1.0);
    std::vector<at::Tensor> grads;
    for (const auto& [name, tensor] : c.adapters()) grads.push_back(tensor.grad());
    if (first.empty()) first = grads;
    ASSERT_GT(grads.size(), 10u);
    for (size_t i = 0; i < grads.size(); ++i) {
      EXPECT_GT(grads[i].abs().max().item<double>(), 0) << i << " says nothing";
      // "block" also decodes in chunks and stripes, whose sums are ordered differently.
      EXPECT_TRUE(std::string(recompute) == "block" ? close_relative(grads[i], first[i], 1e-4)
                                                    : grads[i].equal(first[i]))
          << recompute << " " << i;
    }
  }
}

TEST(FlowAdapters, AFileWithoutAlphaTakesTheGivenOne) {
  const SafetensorsFile file(source_path("tests/goldens/flow_plain_lora.safetensors"));
  const double alpha =
      nlohmann::json::parse(file.metadata().at("lora_adapter_metadata"))["transformer.lora_alpha"];
  std::vector<std::pair<std::string, at::Tensor>> tensors;
  for (const auto& [name, entry] : file.entries()) tensors.emplace_back(name, file.get(name));
  TemporaryFolder folder;
  write_safetensors(folder / "silent.safetensors", tensors);
  FlowCase c("plain", "none", "float64", [&](run::RunConfig& config) {
    config.lora.init_from = (folder / "silent.safetensors").string();
    config.lora.alpha = alpha;
    config.given_keys.insert("lora.alpha");
  });
  EXPECT_NE(alpha, 2.0) << "the rank: it would be right by chance";
  expect_equal(c, c.run(1.0), kFloat64);
}

// The run's flow with other questions, a list a prompt.
struct Asking {
  Asking(FlowCase& c, std::vector<questions::QuestionList> asked)
      : lists(std::move(asked)),
        reward(c.opened().critic(), {{rewards::Split::kTrain, &lists}}, c.opened().vlm_options()),
        engine(c.engine({}, {{"vlm", 1, &reward}})) {}
  objectives::Outcome run(const flow::Batch& batch) { return engine->objective().accumulate(batch, 1); }
  std::vector<questions::QuestionList> lists;
  rewards::VlmReward reward;
  std::unique_ptr<run::Engine> engine;
};
questions::QuestionList questions_of(FlowCase& c) { return c.opened().prompts().train.questions[0]; }

TEST(FlowBatch, GradientsOfABatchAreTheSumOfItsClips) {
  FlowCase c("plain");
  const flow::Batch one = c.batch();
  flow::Batch two = one;
  const std::vector<float> other =
      normal({5, Purpose::kDirection, 0, 0}, static_cast<size_t>(one.noise_BCTHW.numel()));
  const at::Tensor noise = at::tensor(other).to(at::kDouble).view(one.noise_BCTHW.sizes());
  two.noise_BCTHW = at::cat({one.noise_BCTHW, noise});
  two.conditions = {one.conditions[0], one.conditions[0]};
  // The second clip is asked fewer questions: batches may be ragged.
  const questions::QuestionList all = questions_of(c);
  Asking asking(c, {all, {all.begin(), all.begin() + 2}});
  two.samples.push_back({rewards::Split::kTrain, 1, 0, ""});
  asking.run(two);
  std::vector<at::Tensor> together;
  for (auto& [name, tensor] : c.adapters())
    together.push_back(tensor.grad().clone()), tensor.mutable_grad() = at::Tensor();
  asking.run(one);
  flow::Batch second = one;
  second.noise_BCTHW = noise;
  second.samples[0] = two.samples[1];
  asking.run(second);
  size_t i = 0;
  for (const auto& [name, tensor] : c.adapters()) {
    EXPECT_GT(tensor.grad().abs().max().item<double>(), 0) << name << " says nothing";
    EXPECT_TRUE(close_relative(together[i++], tensor.grad(), kFloat64)) << name;
  }
  EXPECT_GT(i, 10u);
}

TEST(FlowQuestions, ClipsWhoseQuestionsCountNothingHaveNoGradient) {
  FlowCase c("plain");
  flow::Batch input = c.batch();
  questions::QuestionList weightless = questions_of(c);
  for (questions::Question& question : weightless) question.weight = 0;
  Asking asking(c, {weightless});
  const objectives::Outcome outcome = asking.run(input);
  const flow::Judgement& result = outcome.judgement;
  EXPECT_EQ(result.rewards_B[0].item<double>(), 0);
  EXPECT_EQ(result.d_frames.abs().max().item<double>(), 0);
  EXPECT_EQ(outcome.d_xK.abs().max().item<double>(), 0);
}

TEST(FlowQuestions, APromptWithoutAQuestionThatCountsIsRefused) {
  try {
    FlowCase c("plain", "none", "float32", [](run::RunConfig& config) {
      write_text(config.questions.file,
                 R"({"id":"q","prompt":0,"aspect":"TA","kind":"yes_no","text":"Is it red?","answer":"Yes"})");
      config.reward.weights = {{"TA", 0.0}, {"PF", 1.0}};
    });
    ADD_FAILURE() << "accepted";
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::kConfig);
    EXPECT_NE(std::string(e.what()).find("prompt 0"), std::string::npos) << e.what();
  }
}

TEST(FlowRun, TheDtypeOfTheCommandLineIsRecorded) {
  FlowCase c("plain", "none", "float32");
  const auto opened = testing::open_run(c.opened().config(), at::kCPU, "float64");
  const run::Run& other = *opened;
  EXPECT_EQ(other.config().generator.dtype, "float64");
  EXPECT_EQ(other.config().critic.dtype, "float64");
}

TEST(FlowEvaluation, AClipWithoutYesNoQuestionsDoesNotCountAsWrong) {
  FlowCase c("plain", "none", "float32", [](run::RunConfig& config) {
    config.prompts.held_out = config.prompts.train;
    config.questions.file.clear();
    config.sampling.steps = config.flow.K = 1;
  });
  const double alone = train::evaluate(c.opened(), flow::Take::kAsTheyStand, 1, 1).facts.at("p_right").mean;
  // The same clip (the noise is a file's) once more, asked dense questions only. No template set makes those.
  auto& set = const_cast<run::PromptSet&>(c.opened().prompts().held_out);
  set.prompts.push_back(set.prompts[0]);
  set.questions.push_back(set.questions[0]);
  for (questions::Question& q : set.questions[1]) q.kind = questions::Kind::kDense;
  EXPECT_NEAR(train::evaluate(c.opened(), flow::Take::kAsTheyStand, 1, 1).facts.at("p_right").mean, alone,
              1e-6);
}

/// The slope of a clip's whole sampling, rollout and all, against the gradient.
void expect_slope_along_adapters(const char* name, const std::function<void(run::RunConfig&)>& change) {
  FlowCase c(name, "none", "float64", change);
  const flow::Batch input = c.batch();
  c.run(input, 1.0);
  double analytic = 0;
  std::vector<at::Tensor> directions;
  for (const auto& [key, tensor] : c.adapters()) {
    directions.push_back(direction(static_cast<uint32_t>(directions.size()), tensor) * 0.05);
    analytic += (directions.back() * tensor.grad()).sum().item<double>();
  }
  const auto reward_at = [&](double h) {
    const at::NoGradGuard no_graph;
    size_t i = 0;
    for (const auto& [key, tensor] : c.adapters()) tensor.add_(directions[i++], h);
    const double reward = c.evaluate(input, flow::Pixels::kAsTheyAre).rewards_B[0].item<double>();
    i = 0;
    for (const auto& [key, tensor] : c.adapters()) tensor.sub_(directions[i++], h);
    return reward;
  };
  expect_slope(reward_at(kStep), reward_at(-kStep), analytic);
}

TEST(FlowFiniteDifferences, AlongTheAdapters) {
  for (const char* name : {"plain", "guided"}) {
    expect_slope_along_adapters(name, [](run::RunConfig& config) {
      config.flow.K = config.sampling.steps;  // else the rollout before the K steps moves too
      config.flow.cfg_grad = "both";
    });
  }
}

TEST(FlowFiniteDifferences, NothingIsLeftOutWhereAdaptersComputeInTheTrainedStepsAlone) {
  for (const char* name : {"plain", "guided"}) {
    for (const int64_t K : {1, 2}) {
      SCOPED_TRACE(concat(name, ", K ", K));
      expect_slope_along_adapters(name, [K](run::RunConfig& config) {
        ASSERT_LT(K, config.sampling.steps);
        config.flow.K = K;
        config.flow.cfg_grad = "both";
        config.lora.steps = "trained";
      });
    }
  }
}

TEST(FlowAdapters, TrainedStepsThatAreAllOfThemAreRefused) {
  FlowCase c("plain");
  const auto refused = [&](const std::string& policy, int64_t K, const std::string& rule) {
    return testing::error_of(ErrorKind::kConfig, [&] {
      c.engine([&](run::RunConfig& config) {
        config.flow.policy = policy;
        config.flow.K = K;
        config.flow.rule = rule;
        config.lora.steps = "trained";
      });
    });
  };
  const int64_t N = c.opened().config().sampling.steps;
  EXPECT_NE(refused("last", N, "adjoint").find("flow.policy = \"last\" trains all of them"),
            std::string::npos);
  EXPECT_NE(refused("random", 1, "adjoint").find("trains all of them"), std::string::npos);
  EXPECT_NE(refused("last", 1, "matching").find("flow.rule = \"matching\" trains all"), std::string::npos);
}

TEST(FlowAdapters, ThatWouldComputeAtNoStepAreRefused) {
  FlowCase c("plain");
  models::Denoiser& denoiser = c.opened().denoiser();
  const diffusion::Schedule& schedule = c.opened().parts().schedule;
  const auto until = [&](const nn::SigmaMax& below) {
    return flow::trained_until(denoiser, schedule, {below});
  };
  EXPECT_TRUE(until({}).empty());
  EXPECT_EQ(until(1.0).front(), schedule.timesteps.front());
  const size_t last = schedule.timesteps.size() - 1;
  const double lowest = schedule.sigmas[last];
  EXPECT_EQ(until(lowest + 1e-6).front(), schedule.timesteps[last]);
  EXPECT_NE(testing::error_of(ErrorKind::kConfig, [&] { until(lowest - 1e-6); })
                .find("the adapters of transformer compute below sigma"),
            std::string::npos);
}

TEST(FlowAdapters, ComputeInTheTrainedStepsAloneWhereTheyAreToldTo) {
  FlowCase c("plain", "none", "float64", [](run::RunConfig& config) {
    config.flow.K = 2;
    config.lora.steps = "trained";
  });
  const flow::Batch input = c.batch();
  const objectives::Outcome moved = c.run(input, 1.0);
  objectives::Outcome base;
  {
    const auto none = c.opened().trained().with(c.opened().trained().standing(flow::Take::kReference));
    base = c.run(input, 1.0);
  }
  EXPECT_TRUE(moved.x_K.equal(base.x_K)) << "the rollout is the base's, to the bit";
  EXPECT_FALSE(moved.judgement.x0.equal(base.judgement.x0)) << "the adapters do nothing";
  FlowCase everywhere("plain", "none", "float64", [](run::RunConfig& config) { config.flow.K = 2; });
  EXPECT_FALSE(everywhere.run(everywhere.batch(), 1.0).x_K.equal(base.x_K)) << "the test says nothing";
}

TEST(FlowFiniteDifferences, AlongTheFirstGradientState) {
  FlowCase c("plain", "none", "float64",
             [](run::RunConfig& config) { config.flow.K = config.sampling.steps; });
  flow::Batch input = c.batch();
  const objectives::Outcome result = c.run(input, 1.0);
  const at::Tensor d = direction(0, input.noise_BCTHW), x = input.noise_BCTHW;
  const auto reward_at = [&](double h) {
    input.noise_BCTHW = x + h * d;
    return c.evaluate(input, flow::Pixels::kAsTheyAre).rewards_B[0].item<double>();
  };
  expect_slope(reward_at(kStep), reward_at(-kStep), (d * result.d_xK).sum().item<double>());
}

TEST(FlowFiniteDifferences, AlongThePixels) {
  FlowCase c("plain");
  const flow::Batch input = c.batch();
  const flow::Judgement result = c.run(input, 1.0).judgement;
  const at::Tensor d = direction(1, result.frames_BF3HW);
  const auto reward_at = [&](double h) {
    const auto answers =
        c.opened().critic().ask(result.frames_BF3HW + h * d, c.opened().vlm_options().fps, {questions_of(c)});
    return rewards::weigh_answers(answers.logprobs[0], questions_of(c), c.opened().vlm_options().weigh)
        .value.item<double>();
  };
  expect_slope(reward_at(kStep), reward_at(-kStep), (d * result.d_frames).sum().item<double>());
}

TEST(FlowOutOfRange, ThePenaltyIsTheMeanSquareBeyondTheRangeAndItsGradientIsExact) {
  constexpr double kWeight = 40;
  FlowCase c("plain", "none", "float64", [](run::RunConfig& config) {
    config.flow.K = config.sampling.steps;
    config.reward.out_of_range = kWeight;
  });
  FlowCase without("plain", "none", "float64",
                   [](run::RunConfig& config) { config.flow.K = config.sampling.steps; });
  flow::Batch input = c.batch();
  const objectives::Outcome outcome = c.run(input, 1.0);
  const flow::Judgement &result = outcome.judgement, plain = without.run(input, 1.0).judgement;
  EXPECT_TRUE(result.rewards_B.equal(plain.rewards_B)) << "the penalty is no part of the reward";
  EXPECT_EQ(plain.out_of_range, 0);
  const at::Tensor off = result.frames_BF3HW - result.frames_BF3HW.clamp(0, 1);
  const double penalty = kWeight * off.square().mean().item<double>();
  EXPECT_GT(penalty, 0) << "no pixel is out of range: the test says nothing";
  EXPECT_NEAR(result.out_of_range, penalty, 1e-12);
  EXPECT_TRUE(close_relative(plain.d_frames - result.d_frames,
                             2 * kWeight * off / static_cast<double>(off.numel()), kFloat64));
  // And along the first state, by differences.
  const at::Tensor d = direction(0, input.noise_BCTHW), x = input.noise_BCTHW;
  const auto objective_at = [&](double h) {
    input.noise_BCTHW = x + h * d;
    const flow::Judgement r = c.evaluate(input, flow::Pixels::kAsTheyAre);
    const at::Tensor beyond = r.frames_BF3HW - r.frames_BF3HW.clamp(0, 1);
    return r.rewards_B[0].item<double>() - kWeight * beyond.square().mean().item<double>();
  };
  expect_slope(objective_at(kStep), objective_at(-kStep), (d * outcome.d_xK).sum().item<double>());
}

TEST(FlowOutOfRange, IsAMeanOverTheClipsOfABatch) {
  FlowCase c("plain", "none", "float64", [](run::RunConfig& config) { config.reward.out_of_range = 40; });
  const flow::Batch one = c.batch();
  flow::Batch two = one;
  two.noise_BCTHW = at::cat({one.noise_BCTHW, one.noise_BCTHW});
  two.conditions = {one.conditions[0], one.conditions[0]};
  two.samples.push_back(one.samples[0]);
  const flow::Judgement single = c.run(one, 1.0).judgement, both = c.run(two, 1.0).judgement;
  EXPECT_NEAR(both.out_of_range, single.out_of_range, 1e-12);
  EXPECT_TRUE(close_relative(both.d_frames[1], single.d_frames[0], kFloat64));
}

TEST(FlowEvaluation, TheCriticSeesWhatAViewerSees) {
  FlowCase c("plain", "none", "float64");
  const flow::Batch input = c.batch();
  const auto exact = c.evaluate(input, flow::Pixels::kAsTheyAre),
             shown = c.evaluate(input, flow::Pixels::kAsShown);
  EXPECT_TRUE(shown.frames_BF3HW.equal(
      media::from_bytes(media::to_bytes(exact.frames_BF3HW[0])).to(at::kDouble).unsqueeze(0)));
  EXPECT_FALSE(shown.rewards_B.equal(exact.rewards_B));
  EXPECT_EQ(shown.saturation, exact.saturation);
  EXPECT_GT(shown.saturation, 0);
}

TEST(FlowFocus, TheGradientIsFocusedAndTheRewardShownIsNot) {
  const auto with = [](bool focus) {
    return [focus](run::RunConfig& config) { config.reward.focus = focus; };
  };
  FlowCase focused("plain", "none", "float64", with(true)), plain("plain", "none", "float64", with(false));
  const flow::Judgement a = focused.run(1.0).judgement, b = plain.run(1.0).judgement;
  EXPECT_TRUE(a.rewards_B.equal(b.rewards_B));
  EXPECT_EQ(a.by_name.at("vlm").parts, b.by_name.at("vlm").parts);
  EXPECT_FALSE(close_relative(a.d_frames, b.d_frames, 0.01));
}

TEST(FlowAnchor, ItsGradientIsExactToo) {
  const auto full = [](run::RunConfig& config) {
    config.flow.K = config.sampling.steps;
    config.train.anchor = 0.01;
  };
  FlowCase c("plain", "stage", "float64", full);
  const flow::Batch input = c.batch();
  EXPECT_GT(c.run(input, -1.0).penalties.at("anchor"), 0);
  double analytic = 0;
  std::vector<at::Tensor> directions;
  for (const auto& [key, tensor] : c.adapters()) {
    directions.push_back(direction(static_cast<uint32_t>(directions.size()), tensor) * 0.05);
    analytic += (directions.back() * tensor.grad()).sum().item<double>();
  }
  const auto loss_at = [&](double h) {
    size_t i = 0;
    const auto move = [&](double by) {
      const at::NoGradGuard no_graph;
      i = 0;
      for (const auto& [key, tensor] : c.adapters()) tensor.add_(directions[i++], by);
    };
    move(h);
    const objectives::Outcome r = c.run(input, -1.0);
    move(-h);
    return r.penalties.at("anchor") - r.judgement.rewards_B[0].item<double>();
  };
  expect_slope(loss_at(kStep), loss_at(-kStep), analytic);
}

}  // namespace
}  // namespace drf
