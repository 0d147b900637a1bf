// Flow-GRPO against one plain graph (tests/support/plain_flow.h) in float64, and where it must give nothing
// or the same.
#include "drf/objectives/policy_gradient.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/run/prompt_order.h"
#include "drf/tensor/saved_state.h"
#include "tests/support/flow_case.h"
#include "tests/support/plain_flow.h"
#include "tests/support/slope.h"

namespace drf::objectives {
namespace {

using flow::Batch;
using run::RunConfig;
using testing::close_relative;
using testing::direction;
using testing::FlowCase;
using testing::PlainFlow;
using testing::TemporaryFolder;
using testing::write_text;

using Clips = std::vector<std::pair<int64_t, int64_t>>;
using Change = std::function<void(RunConfig&)>;
using Gradients = std::vector<at::Tensor>;

constexpr double kFloat64 = 1e-9;
constexpr int64_t kSteps = 4;
const Clips kClips = {{0, 0}, {0, 1}, {1, 0}, {1, 1}};  // (prompt, draw): two groups of two

// Two prompts of different lengths, small clips, adapters everywhere; guidance 3 in one batch.
class PolicyGradientRule : public ::testing::Test {
 public:
  static void SetUpTestSuite() {
    folder() = std::make_unique<TemporaryFolder>();
    write_text(*folder() / "prompts.txt", "a red ball moves left on a black background\na blue square\n");
    const auto question = [](int id, int prompt, const char* aspect, const char* text) {
      return concat(R"({"id":"q)", id, R"(","prompt":)", prompt, R"(,"aspect":")", aspect,
                    R"(","kind":"yes_no","text":")", text, R"(","answer":"Yes"})", "\n");
    };
    write_text(*folder() / "questions.jsonl", question(0, 0, "TA", "Is the object red?") +
                                                  question(1, 0, "PF", "Does the object move smoothly?") +
                                                  question(2, 1, "TA", "Is the object blue?"));
    models() = std::make_unique<FlowCase>("guided", "none", "float64", [&](RunConfig& c) {
      c.prompts.train = (*folder() / "prompts.txt").string();
      c.questions.file = (*folder() / "questions.jsonl").string();
      c.sampling.noise.clear();
      c.sampling.frames = 5;
      c.sampling.width = c.sampling.height = 16;
      c.sampling.steps = kSteps;
      c.critic.frames = 2;
      c.lora.init_from.clear();
      c.lora.rank = 2;
      c.flow = {};
      c.flow.rule = "policy_gradient";
      c.flow.cfg_batch = "on";
      c.flow.recompute = "none";
      c.train.anchor = 0;
      c.reward.focus = false;
      c.policy_gradient = {2, 0.7, 1e-4, 0.04};
      c.train.batch = 4;
    });
    models()->move_fresh_adapters();
  }
  static void TearDownTestSuite() {
    models().reset();
    folder().reset();
  }
  static FlowCase& flow_case() { return *models(); }
  static run::Run& opened() { return models()->opened(); }

  static Batch batch(const Clips& clips = kClips, int64_t update = 0, int64_t micro = 0) {
    return opened().batches().of(rewards::Split::kTrain, clips, Purpose::kNoise, update, micro);
  }
  // Adapters moved a little along a direction; back with -h.
  static void move_adapters(double h) {
    const at::NoGradGuard no_graph;
    uint32_t index = 500;
    for (auto& [name, tensor] : flow_case().adapters()) {
      at::Tensor own = tensor;
      own.add_(direction(index++, tensor) * h);
    }
  }

 private:
  static std::unique_ptr<TemporaryFolder>& folder() {
    static std::unique_ptr<TemporaryFolder> folder;
    return folder;
  }
  static std::unique_ptr<FlowCase>& models() {
    static std::unique_ptr<FlowCase> models;
    return models;
  }
};

void expect_same(const Gradients& got, const Gradients& want, double tolerance, const std::string& what) {
  ASSERT_EQ(got.size(), want.size());
  double largest = 0;
  for (size_t i = 0; i < got.size(); ++i) {
    ASSERT_TRUE(got[i].defined() && want[i].defined()) << what << " " << i;
    EXPECT_TRUE(close_relative(got[i], want[i], tolerance)) << what << " " << i;
    largest = std::max(largest, want[i].abs().max().item<double>());
  }
  EXPECT_GT(largest, 1e-8) << what << ": nothing is compared";
}

// The same by one graph a step and clip, from the formulas of rewards.md.
class PlainRollout {
 public:
  PlainRollout(const RunConfig& config, const Batch& batch)
      : config_(config), batch_(batch), plain_(PolicyGradientRule::opened(), config) {
    const at::NoGradGuard no_graph;
    for (int64_t b = 0; b < clips(); ++b) {
      at::Tensor x = batch.noise_BCTHW.narrow(0, b, 1);
      for (int64_t k = 0; k + 1 < kSteps; ++k) {
        states_.push_back(x);
        const at::Tensor mu = mean(b, k, x, PlainFlow::As::kConstants);
        const at::Tensor noise = PolicyGradientRule::opened().parts().noise.step(batch.samples, k);
        x = mu + c(k) * std::sqrt(delta(k)) * noise.narrow(0, b, 1);
        old_.push_back(density(k, x, mu).item<double>());
      }
      states_.push_back(x);
      x = x - sigma(kSteps - 1) * plain_.guided(batch, b, x, kSteps - 1, PlainFlow::As::kConstants);
      rewards_.push_back(plain_.shown_reward(batch, b, x));
    }
  }

  // Of scale times what is climbed, at the adapters as they stand now.
  Gradients gradients(double scale) {
    // (R - mean of its two) / (deviation of all four + 1e-4)
    const at::Tensor R = at::tensor(rewards_, at::kDouble);
    const at::Tensor A =
        ((R.view({2, 2}) - R.view({2, 2}).mean(1, true)).view({4}) / (R.std(0, /*unbiased=*/false) + 1e-4))
            .clamp(-5, 5);
    ratio = clipped = kl = 0;
    for (int64_t b = 0; b < clips(); ++b) {
      for (int64_t k = 0; k + 1 < kSteps; ++k) {
        const size_t at = static_cast<size_t>(b * kSteps + k);
        const at::Tensor& x = states_[at];
        const at::Tensor mu = mean(b, k, x, PlainFlow::As::kVariables);
        at::Tensor base;
        {
          const at::NoGradGuard no_graph;
          base = mean(b, k, x, PlainFlow::As::kBase);
        }
        const double e = config_.policy_gradient.clip;
        const at::Tensor r =
            (density(k, states_[at + 1], mu) - old_[static_cast<size_t>(b * (kSteps - 1) + k)]).exp();
        const at::Tensor loss = at::max(-A[b] * r, -A[b] * r.clamp(1 - e, 1 + e));
        const at::Tensor divergence = (mu - base).square().mean() / (2 * c(k) * c(k) * delta(k));
        ((loss + config_.policy_gradient.kl * divergence) * (-scale / (kSteps - 1))).backward();
        const double value = r.item<double>(), own = A[b].item<double>();
        ratio += value / 12;
        clipped += ((own > 0 && value > 1 + e) || (own < 0 && value < 1 - e)) / 12.0;
        kl += divergence.item<double>() / 12;
      }
    }
    return plain_.take_gradients();
  }
  double ratio = 0, clipped = 0, kl = 0;  // means, of the last call
  const std::vector<double>& rewards() const { return rewards_; }

 private:
  int64_t clips() const { return static_cast<int64_t>(batch_.samples.size()); }
  double sigma(int64_t k) const { return plain_.schedule().sigmas[k]; }
  double delta(int64_t k) const {
    return static_cast<double>(plain_.schedule().sigmas[k] - plain_.schedule().sigmas[k + 1]);
  }
  double c(int64_t k) const {
    return config_.policy_gradient.noise * std::sqrt(sigma(k) / (1 - std::min(sigma(k), sigma(1))));
  }
  at::Tensor mean(int64_t b, int64_t k, const at::Tensor& x, PlainFlow::As as) {
    const at::Tensor v = plain_.guided(batch_, b, x, k, as);
    const double pull = c(k) * c(k) * delta(k) / (2 * sigma(k));
    return x * (1 - pull) - v * (delta(k) + pull * (1 - sigma(k)));
  }
  at::Tensor density(int64_t k, const at::Tensor& next, const at::Tensor& mu) const {
    const double variance = c(k) * c(k) * delta(k);
    return (-(next - mu).square() / (2 * variance) - std::log(2 * M_PI * variance) / 2).mean();
  }

  RunConfig config_;
  Batch batch_;
  PlainFlow plain_;
  std::vector<at::Tensor> states_;
  std::vector<double> old_, rewards_;
};

RunConfig changed(const Change& change) {
  RunConfig config = PolicyGradientRule::opened().config();
  change(config);
  return config;
}

TEST_F(PolicyGradientRule, OneUpdateIsThatOfThePlainGraph) {
  const std::map<std::string, Change> ways = {
      {"guided", [](RunConfig&) {}},
      {"one branch after the other, recomputed",
       [](RunConfig& c) {
         c.flow.cfg_batch = "off";
         c.flow.recompute = "block";
       }},
      {"branches apart, kept", [](RunConfig& c) { c.flow.cfg_batch = "off"; }},
      {"the conditional branch's gradient",
       [](RunConfig& c) {
         c.flow.cfg_batch = "off";
         c.flow.cfg_grad = "cond";
         c.flow.recompute = "stage";
       }},
      {"unguided",
       [](RunConfig& c) {
         c.sampling.guidance = 1;
         c.sampling.negative.clear();
         c.flow.cfg_batch = "off";
         c.policy_gradient.kl = 0;
         c.policy_gradient.noise = 0.4;
       }},
  };
  for (const auto& [name, change] : ways) {
    const RunConfig config = changed(change);
    Batch in = batch();
    if (config.sampling.guidance == 1) in.unconditional = {};
    PlainRollout plain(config, in);
    const auto engine = flow_case().engine(change);
    const Outcome outcome = engine->objective().accumulate(in, -0.25);
    const Gradients got = flow_case().take_gradients();
    expect_same(got, plain.gradients(-0.25), kFloat64, name);
    for (size_t b = 0; b < 4; ++b)
      EXPECT_NEAR(outcome.judgement.rewards_B[static_cast<int64_t>(b)].item<double>(), plain.rewards()[b],
                  1e-9);
    EXPECT_NEAR(outcome.penalties.at("ratio"), 1, 1e-12) << name;
    EXPECT_EQ(outcome.penalties.at("clipped"), 0) << name;
    if (config.policy_gradient.kl > 0) {
      EXPECT_NEAR(outcome.penalties.at("kl"), plain.kl, 1e-9 * plain.kl) << name;
      EXPECT_GT(plain.kl, 1e-8);
    }
  }
}

TEST_F(PolicyGradientRule, ALaterPassIsThatOfThePlainGraphWithItsRatiosClipped) {
  for (const char* recompute : {"none", "block"}) {
    const Change change = [&](RunConfig& c) {
      c.flow.reuse = 2;
      c.flow.recompute = recompute;
      c.policy_gradient.clip = 1e-5;
    };
    PlainRollout plain(changed(change), batch());
    const auto engine = flow_case().engine(change);
    engine->objective().accumulate(batch(), -0.25);
    engine->objective().commit(/*skipped=*/false);
    flow_case().take_gradients();
    move_adapters(1e-3);
    const Outcome outcome = engine->objective().accumulate(batch(kClips, /*update=*/1), -0.25);
    const Gradients got = flow_case().take_gradients();
    const Gradients want = plain.gradients(-0.25);
    move_adapters(-1e-3);
    expect_same(got, want, kFloat64, recompute);
    EXPECT_NEAR(outcome.penalties.at("ratio"), plain.ratio, 1e-9);
    EXPECT_NE(outcome.penalties.at("ratio"), 1);
    EXPECT_NEAR(outcome.penalties.at("clipped"), plain.clipped, 1e-12);
    EXPECT_GT(plain.clipped, 0);
    EXPECT_LT(plain.clipped, 0.9);
    EXPECT_EQ(outcome.judgement.rewards_B.sizes(), at::IntArrayRef({4}));
    EXPECT_EQ(outcome.costs.count("rollout"), 0u) << "nothing was rolled out or judged again";
  }
}

// A number of each clip, without any gradient: whether the mean latent is above 0; or the same for all.
class Steps : public rewards::Reward {
 public:
  explicit Steps(bool same) : same_(same) {}
  bool sees_frames() const override { return false; }
  rewards::Score score(const at::Tensor& seen, const std::vector<rewards::Sample>& samples) override {
    EXPECT_FALSE(seen.requires_grad());
    rewards::Score score;
    score.total_B = same_ ? at::full({seen.size(0)}, 0.1, seen.options())
                          : seen.select(1, 0).flatten(1).mean(1).gt(0).to(seen.scalar_type()).detach();
    score.parts.resize(samples.size());
    score.facts.resize(samples.size());
    return score;
  }

 private:
  bool same_;
};

double largest(const Gradients& gradients) {
  double most = 0;
  for (const at::Tensor& g : gradients)
    if (g.defined()) most = std::max(most, g.abs().max().item<double>());
  return most;
}

TEST_F(PolicyGradientRule, EqualRewardsGiveNoGradientAndOthersNeedNone) {
  Steps same(true), steps(false);
  const Change no_kl = [](RunConfig& c) { c.policy_gradient.kl = 0; };
  auto engine = flow_case().engine(no_kl, {{"steps", 1, &same}});
  const Outcome outcome = engine->objective().accumulate(batch(), -0.25);
  EXPECT_EQ(largest(flow_case().take_gradients()), 0);
  EXPECT_EQ(outcome.penalties.at("group_spread"), 0);
  // The pull to the base is there without them.
  engine = flow_case().engine([](RunConfig&) {}, {{"steps", 1, &same}});
  engine->objective().accumulate(batch(), -0.25);
  EXPECT_GT(largest(flow_case().take_gradients()), 0);

  Clips clips;
  for (int64_t draw = 0; draw < 6; ++draw) clips.emplace_back(0, draw);
  engine = flow_case().engine(no_kl, {{"steps", 1, &steps}});
  const Outcome other = engine->objective().accumulate(batch(clips), -0.25);
  EXPECT_GT(other.penalties.at("group_spread"), 0.3) << "six clips of one side";
  EXPECT_GT(largest(flow_case().take_gradients()), 0);
}

TEST_F(PolicyGradientRule, HoweverTheClipsOfAnUpdateAreBatchedTheGradientIsTheSame) {
  Gradients whole;
  std::map<std::string, double> shown;
  for (const int64_t size : {4, 2, 1}) {
    const auto engine = flow_case().engine([&](RunConfig& c) {
      c.train.batch = size;
      c.train.accumulate = 4 / size;
    });
    const auto of = [&](int64_t micro) {
      return batch(Clips(kClips.begin() + micro * size, kClips.begin() + (micro + 1) * size), 0, micro);
    };
    for (int64_t micro = 0; micro < 4 / size; ++micro) engine->objective().gather(of(micro));
    std::map<std::string, double> sums;
    for (int64_t micro = 0; micro < 4 / size; ++micro)
      for (const auto& [name, value] : engine->objective().accumulate(of(micro), -0.25).penalties)
        sums[name] += value * static_cast<double>(size) / 4;
    const Gradients got = flow_case().take_gradients();
    if (size == 4) {
      whole = got;
      shown = sums;
      continue;
    }
    expect_same(got, whole, kFloat64, concat("batches of ", size));
    for (const auto& [name, value] : sums) EXPECT_NEAR(value, shown.at(name), 1e-9) << name;
  }
}

TEST_F(PolicyGradientRule, ALaterPassGoesOnFromACheckpointToTheSameBits) {
  const Change change = [](RunConfig& c) {
    c.flow.reuse = 3;
    c.train.batch = 2;
    c.train.accumulate = 2;
  };
  const auto of = [&](int64_t update, int64_t micro) {
    return batch({{micro, 0}, {micro, 1}}, update, micro);
  };
  const auto update_of = [&](run::Engine& engine, int64_t update) {
    double sum = 0;
    for (int64_t micro = 0; micro < 2; ++micro) engine.objective().gather(of(update, micro));
    for (int64_t micro = 0; micro < 2; ++micro)
      sum += engine.objective().accumulate(of(update, micro), -0.25).judgement.rewards_B.sum().item<double>();
    engine.objective().commit(false);
    return sum;
  };
  const auto before = flow_case().engine(change);
  update_of(*before, 0);
  flow_case().take_gradients();
  TemporaryFolder folder;
  StateImage image;
  before->objective().state(image, 1);
  image.write_tensors(folder.path());
  write_text(folder / "state.json", image.values().dump());

  move_adapters(1e-3);
  const double reward = update_of(*before, 1);
  const Gradients want = flow_case().take_gradients();
  const auto after = flow_case().engine(change);
  StateReader reader(folder.path());
  after->objective().state(reader, 1);
  reader.finish();
  EXPECT_EQ(update_of(*after, 1), reward);
  const Gradients got = flow_case().take_gradients();
  move_adapters(-1e-3);
  for (size_t i = 0; i < got.size(); ++i) EXPECT_TRUE(got[i].equal(want[i])) << i;

  // Where a rollout is over nothing is kept; one that is damaged is refused.
  update_of(*before, 2);
  flow_case().take_gradients();
  StateImage over;
  before->objective().state(over, 3);
  EXPECT_FALSE(over.values().contains("judged"));
  for (const char* name : {"log_densities", "judged"}) {
    nlohmann::ordered_json edited = image.values();
    edited.erase(name);
    write_text(folder / "state.json", edited.dump());
    StateReader damaged(folder.path());
    EXPECT_THROW(flow_case().engine(change)->objective().state(damaged, 1), Error) << name;
  }
}

TEST_F(PolicyGradientRule, AfterASkippedUpdateTheSamePromptsComeWithOtherNoise) {
  const Change change = [](RunConfig& c) { c.flow.reuse = 2; };
  const auto engine = flow_case().engine(change);
  const auto reward = [&](int64_t update) {
    const Outcome outcome = engine->objective().accumulate(batch(kClips, update), -0.25);
    flow_case().take_gradients();
    return outcome.judgement.rewards_B;
  };
  const at::Tensor first = reward(0);
  engine->objective().commit(/*skipped=*/true);
  EXPECT_FALSE(reward(1).equal(first));
  engine->objective().commit(false);  // the rollout's last update
  EXPECT_TRUE(reward(2).equal(first));
}

TEST(PolicyGradientPrompts, ComeInGroupsThatMaySpanBatches) {
  RunConfig c;
  c.flow.rule = "policy_gradient";
  c.policy_gradient.group = 3;
  c.train.batch = 2;
  c.train.accumulate = 3;
  c.flow.reuse = 2;
  RunConfig single = c;  // an order of prompts alone
  single.flow.rule = "adjoint";
  single.flow.reuse = single.train.batch = single.train.accumulate = 1;
  constexpr int64_t kPrompts = 3;
  std::set<std::pair<int64_t, int64_t>> seen;
  for (int64_t rollout = 0; rollout < 6; ++rollout) {
    for (int64_t clip = 0; clip < 6; ++clip) {
      const auto at = [&](int64_t u) {
        return run::clips_of_update(c, kPrompts, u, clip / 2)[static_cast<size_t>(clip % 2)];
      };
      const auto [prompt, draw] = at(2 * rollout);
      EXPECT_EQ(at(2 * rollout + 1), at(2 * rollout)) << "a later pass";
      const int64_t position = rollout * 2 + clip / 3;
      const auto [want, epoch] = run::clips_of_update(single, kPrompts, position, 0)[0];
      EXPECT_EQ(prompt, want);
      EXPECT_EQ(draw, epoch * 3 + clip % 3);
      EXPECT_TRUE(seen.insert({prompt, draw}).second) << "no two clips share their noise";
    }
  }
}

TEST(Advantages, AreFlowGrposByHand) {
  // Means 2 and 5, deviation of all: values 1 3 5 5 about 3.5.
  const Advantages all = advantages({1, 5, 3, 5}, {7, 2, 7, 2});
  const double deviation = std::sqrt((6.25 + 0.25 + 2.25 + 2.25) / 4) + 1e-4;
  EXPECT_NEAR(all.values[0], -1 / deviation, 1e-12);
  EXPECT_NEAR(all.values[2], 1 / deviation, 1e-12);
  EXPECT_EQ(all.values[1], 0);
  EXPECT_EQ(all.values[3], 0);
  EXPECT_NEAR(all.spread, 0.5, 1e-12);  // 1 and 0
  // Far ones are cut, and equal ones get 0 to the bit whatever their sum rounds to.
  std::vector<double> rewards(101, 0.1);
  for (const double value : advantages(rewards, std::vector<int64_t>(101, 0)).values) EXPECT_EQ(value, 0);
  rewards[5] = 1e6;
  EXPECT_EQ(advantages(rewards, std::vector<int64_t>(101, 0)).values[5], 5);
}

}  // namespace
}  // namespace drf::objectives
