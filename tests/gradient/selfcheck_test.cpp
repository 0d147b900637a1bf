// drf selfcheck's table: nothing fails on sound models, and each seeded fault fails at its own place.
#include "drf/check/selfcheck.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "drf/nn/lora.h"
#include "tests/support/at_guidance.h"
#include "tests/support/flow_case.h"

namespace drf::check {
namespace {

using drf::testing::FlowCase;

class DetachingDecoder : public models::Decoder {
 public:
  explicit DetachingDecoder(models::Decoder& sound) : sound_(sound) {}
  at::Tensor decode(const at::Tensor& latents, nn::Graph graph) override {
    return sound_.decode(latents.detach(), graph);
  }
  models::Flops flops(at::IntArrayRef latents) const override { return sound_.flops(latents); }

 private:
  models::Decoder& sound_;
};

// The same answers, with a gradient `times` as large as theirs.
class ScalingCritic : public critic::Critic {
 public:
  ScalingCritic(critic::Critic& sound, double times) : sound_(sound), times_(times) {}
  critic::Answers ask(const at::Tensor& frames, double fps,
                      const std::vector<questions::QuestionList>& questions) override {
    critic::Answers answers = sound_.ask(frames, fps, questions);
    for (at::Tensor& p : answers.logprobs) p = p * times_ + p.detach() * (1 - times_);
    return answers;
  }

 private:
  critic::Critic& sound_;
  double times_;
};

// The same velocities, with a gradient `times` as large as theirs.
class ScalingDenoiser : public models::Denoiser {
 public:
  ScalingDenoiser(models::Denoiser& sound, double times) : sound_(sound), times_(times) {}
  models::Condition encode(const std::string& prompt) override { return sound_.encode(prompt); }
  int64_t text_tokens(const std::string& prompt) const override { return sound_.text_tokens(prompt); }
  models::Condition prepare(const std::vector<models::Condition>& rows, const nn::BlockRunner& run,
                            size_t component) override {
    return sound_.prepare(rows, run, component);
  }
  at::Tensor velocity(const at::Tensor& x, double timestep, const models::Condition& text,
                      const nn::BlockRunner& run) override {
    const at::Tensor v = sound_.velocity(x, timestep, text, run);
    return v * times_ + v.detach() * (1 - times_);
  }
  models::Flops velocity_flops(at::IntArrayRef x, double t,
                               const models::Condition& prepared) const override {
    return sound_.velocity_flops(x, t, prepared);
  }
  double guidance(double t) const override { return sound_.guidance(t); }
  diffusion::Schedule schedule(const diffusion::ScheduleOptions& options) const override {
    return sound_.schedule(options);
  }
  std::vector<int64_t> latent_shape(const models::Size& size) const override {
    return sound_.latent_shape(size);
  }
  models::Size nearest(const models::Size& size) const override { return sound_.nearest(size); }
  std::vector<models::Component> components() override { return sound_.components(); }

 private:
  models::Denoiser& sound_;
  double times_;
};

// Every answer is all but certain.
class CertainCritic : public critic::Critic {
 public:
  explicit CertainCritic(critic::Critic& sound) : sound_(sound) {}
  critic::Answers ask(const at::Tensor& frames, double fps,
                      const std::vector<questions::QuestionList>& questions) override {
    critic::Answers answers = sound_.ask(frames, fps, questions);
    for (at::Tensor& p : answers.logprobs) p = p * 1e-4;
    return answers;
  }

 private:
  critic::Critic& sound_;
};

class Selfcheck : public ::testing::Test {
 public:
  static FlowCase& flow_case() {
    if (!case_) {
      case_ = std::make_unique<FlowCase>("margin", "stage", "float64", [](run::RunConfig& c) {
        c.sampling.width = c.sampling.height = 16;
        c.sampling.noise.clear();
        c.sampling.schedule = "flow";
        c.sampling.steps = 2;
        c.flow.K = 1;
        c.critic.frames = 2;
        c.reward.margin = 1;
      });
    }
    return *case_;
  }
  static void TearDownTestSuite() { case_.reset(); }
  CheckedFlow sound() { return checked_flow(flow_case().opened(), 0); }

  /// The checks that fail, and the table for the message.
  std::vector<std::string> failures(const CheckedFlow& checked) {
    std::vector<std::string> failed;
    table_.clear();
    check_flow(checked, [&](const CheckRow& row) { add(row, failed); });
    return failed;
  }
  void add(const CheckRow& row, std::vector<std::string>& failed) {
    table_ += row.check + ": " + row.found + "\n";
    EXPECT_EQ(row.remedy.empty(), row.verdict == Verdict::kPass) << row.check;
    if (row.verdict == Verdict::kFail) failed.push_back(row.check);
  }
  const std::string& table() const { return table_; }
  /// The questions' reward with another critic.
  std::vector<flow::Term> asking(critic::Critic& critic) {
    const run::Run& run = flow_case().opened();
    reward_ = std::make_unique<rewards::VlmReward>(critic, run.questions(), run.vlm_options());
    return {{"vlm", 1, reward_.get()}};
  }

 private:
  static std::unique_ptr<FlowCase> case_;
  std::string table_;
  std::unique_ptr<rewards::VlmReward> reward_;
};
std::unique_ptr<FlowCase> Selfcheck::case_;

using Names = std::vector<std::string>;

TEST_F(Selfcheck, SoundModelsPassAndKeepTheirAdapters) {
  std::vector<at::Tensor> before;
  for (const auto& [name, tensor] : flow_case().adapters()) before.push_back(tensor.detach().clone());
  EXPECT_EQ(failures(sound()), Names{}) << table();
  for (const char* row : {"pixels", "clip", "first state", "the adapters", "reaches the steps", "in range"})
    EXPECT_NE(table().find(row), std::string::npos) << row << " is not in\n" << table();
  size_t i = 0;
  for (const auto& [name, tensor] : flow_case().adapters()) {
    EXPECT_TRUE(tensor.equal(before[i++])) << name;
    EXPECT_FALSE(tensor.grad().defined()) << name;
  }
}

TEST_F(Selfcheck, ThePenaltyOnPixelsOutOfRangeIsCheckedWithTheRest) {
  CheckedFlow checked = sound();
  checked.config.reward.out_of_range = 100;
  EXPECT_EQ(failures(checked), Names{}) << table();
}

TEST_F(Selfcheck, StepsThatAreTooSmallAreNoted) {
  failures(sound());
  EXPECT_EQ(table().find("size of the steps"), std::string::npos) << table();
  CheckedFlow checked = sound();
  checked.config.sampling.schedule = "diffusers";
  EXPECT_EQ(failures(checked), Names{}) << table();
  EXPECT_NE(table().find("the last of 2 steps moves sigma by"), std::string::npos) << table();
  EXPECT_NE(table().find("the steps that train move sigma by"), std::string::npos) << table();
}

TEST_F(Selfcheck, FreshAdaptersAreCheckedWithBMovedAndPutBack) {
  const at::NoGradGuard no_graph;
  std::vector<at::Tensor> before;
  for (auto& [name, tensor] : flow_case().adapters()) {
    before.push_back(tensor.detach().clone());
    if (name.find("lora_B") != std::string::npos) tensor.zero_();
  }
  EXPECT_EQ(failures(sound()), Names{}) << table();
  EXPECT_NE(table().find("are fresh"), std::string::npos) << table();
  size_t i = 0;
  for (auto& [name, tensor] : flow_case().adapters()) {
    const bool B = name.find("lora_B") != std::string::npos;
    EXPECT_TRUE(!B || !tensor.any().item<bool>()) << name << " was not put back";
    tensor.copy_(before[i++]);
  }
}

TEST_F(Selfcheck, EverySchedulePasses) {
  for (const char* policy : {"random", "list", "low_variance", "sparse"}) {
    CheckedFlow checked = sound();
    checked.config.flow.policy = policy;
    checked.config.flow.steps = {0};
    EXPECT_EQ(failures(checked), Names{}) << policy << "\n" << table();
  }
}

// Two steps that train, guided, so that an approximation and the reward differ.
TEST_F(Selfcheck, AnApproximationIsComparedWithWhatItClaims) {
  const CheckedFlow own = sound();
  testing::AtGuidance guided(own.denoiser, 4);
  CheckedFlow checked{guided,     own.trained, own.decoder, own.rewards,
                      own.config, own.noise,   own.batch,   own.dtype};
  checked.config.flow.K = 2;
  checked.config.sampling.guidance = 4;
  checked.config.flow.cfg_batch = "off";
  const at::Tensor text = checked.batch.conditions[0].get("text");
  checked.batch.unconditional = {{{"text", text.mean(1, true).expand_as(text).contiguous()}}};
  EXPECT_EQ(failures(checked), Names{}) << table();
  EXPECT_EQ(table().find("held constant"), std::string::npos) << table();
  for (const bool conditional : {true, false}) {
    for (const bool detach : {true, false}) {
      if (!conditional && !detach) continue;
      checked.config.flow.cfg_grad = conditional ? "cond" : "both";
      checked.config.flow.nested = detach ? 0 : 1;
      EXPECT_EQ(failures(checked), Names{}) << table();
      for (const auto& [key, named] : {std::pair{"flow.cfg_grad", conditional}, {"flow.nested", detach}})
        EXPECT_EQ(table().find(key) != std::string::npos, named) << key << "\n" << table();
      EXPECT_NE(table().find("the reward itself: "), std::string::npos) << table();
      const CheckedFlow& c = checked;
      ScalingDenoiser wrong(c.denoiser, 1.001);
      const Names failed =
          failures({wrong, c.trained, c.decoder, c.rewards, c.config, c.noise, c.batch, c.dtype});
      // With detached inputs the state's gradient does not pass the generator.
      EXPECT_EQ(failed, detach ? Names{"slope along the adapters"}
                               : (Names{"slope along the first state", "slope along the adapters"}))
          << table();
    }
  }
}

TEST_F(Selfcheck, ANestedShareIsComparedWithWhatItClaims) {
  for (const char* at : {"all", "one"}) {
    CheckedFlow checked = sound();
    checked.config.flow.K = 2;
    checked.config.flow.nested = 0.3;
    checked.config.flow.nested_at = at;
    EXPECT_EQ(failures(checked), Names{}) << table();
    EXPECT_NE(table().find("a part of the states that velocities see (flow.nested)"), std::string::npos)
        << table();
    EXPECT_NE(table().find("the reward itself: "), std::string::npos) << table();
    const CheckedFlow& c = checked;
    ScalingDenoiser wrong(c.denoiser, 1.01);
    EXPECT_FALSE(
        failures({wrong, c.trained, c.decoder, c.rewards, c.config, c.noise, c.batch, c.dtype}).empty())
        << table();
  }
}

TEST_F(Selfcheck, LeapsAreNoGradientOfAnythingThatIsSampled) {
  CheckedFlow checked = sound();
  checked.config.flow.policy = "list";
  checked.config.flow.K = 2;
  checked.config.flow.steps = {0, 1};
  checked.config.flow.leap = true;
  EXPECT_EQ(failures(checked), Names{}) << table();
  EXPECT_NE(table().find("slope along the adapters: not taken"), std::string::npos) << table();
}

TEST_F(Selfcheck, ADecoderThatDetachesFailsFromTheClipOn) {
  DetachingDecoder decoder(*flow_case().opened().decoder());
  const CheckedFlow s = sound();
  EXPECT_EQ(failures({s.denoiser, s.trained, &decoder, s.rewards, s.config, s.noise, s.batch, s.dtype}),
            (Names{"slope along the clip", "slope along the first state", "slope along the adapters",
                   "gradient reaches the adapters", "gradient reaches the steps"}))
      << table();
}

TEST_F(Selfcheck, ACriticWhoseGradientIsWrongFailsAtThePixels) {
  for (const double times : {1.001, 0.0}) {
    ScalingCritic critic(flow_case().opened().critic(), times);
    const CheckedFlow s = sound();
    const Names failed =
        failures({s.denoiser, s.trained, s.decoder, asking(critic), s.config, s.noise, s.batch, s.dtype});
    ASSERT_FALSE(failed.empty()) << table();
    EXPECT_EQ(failed.front(), "slope along the pixels") << table();
  }
}

TEST_F(Selfcheck, AFrozenAdapterIsNamed) {
  const nn::NamedLinear layer =
      nn::adapters_of(*flow_case().opened().denoiser().components().front().root).back();
  const nn::TrainableSet& trained = flow_case().opened().trained();
  std::vector<at::Tensor> values = trained.standing(nn::TrainableSet::Take::kAsTheyStand);
  for (size_t i = values.size() - 2; i < values.size(); ++i)
    values[i] = values[i].detach();  // the last layer's
  const auto scope = trained.with(values);
  EXPECT_EQ(failures(sound()), (Names{"slope along the adapters", "gradient reaches the adapters"}))
      << table();
  EXPECT_NE(table().find(layer.path), std::string::npos) << table();
}

TEST_F(Selfcheck, ACriticThatIsCertainOfEverythingFails) {
  CertainCritic critic(flow_case().opened().critic());
  const CheckedFlow s = sound();
  EXPECT_EQ(failures({s.denoiser, s.trained, s.decoder, asking(critic), s.config, s.noise, s.batch, s.dtype}),
            Names{"answers undecided"})
      << table();
}

TEST_F(Selfcheck, AgreementSeesAnotherDirectionAndAnotherLength) {
  const at::Tensor g = at::tensor({3.0, 4.0}), across = at::tensor({4.0, -3.0});
  const GradientSample wide{-1.0, {g}, {g}};
  const auto failed = [&](double reward, const at::Tensor& gradient, at::ScalarType dtype) {
    Names names;
    check_agreement({reward, {g}, {gradient}}, wide, dtype, [&](const CheckRow& row) { add(row, names); });
    return names;
  };
  EXPECT_EQ(failed(-1.05, g + 0.2 * across, at::kBFloat16), Names{});
  EXPECT_EQ(failed(-1.3, g, at::kBFloat16), Names{"dtype: the reward"});
  EXPECT_EQ(failed(-1.0, 1.5 * g, at::kBFloat16), Names{"dtype: the gradient"});
  EXPECT_EQ(failed(-1.0, g + across, at::kBFloat16), Names{"dtype: the gradient"});
  EXPECT_EQ(failed(-1.05, g + 0.2 * across, at::kFloat), (Names{"dtype: the reward", "dtype: the gradient"}));
}

}  // namespace
}  // namespace drf::check
