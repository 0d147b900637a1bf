// Networks that leave the device while others work: every bit stays, memory falls, and what goes wrong says
// so.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "drf/base/interrupt.h"
#include "drf/flow/stage_clock.h"
#include "drf/models/denoiser.h"
#include "drf/nn/residence.h"
#include "tests/support/expect_error.h"
#include "tests/support/flow_case.h"
#include "tests/support/temporary_folder.h"

namespace drf {
namespace {

namespace fs = std::filesystem;
using testing::error_of;
using testing::FlowCase;
using testing::says;
using testing::source_path;
using testing::TemporaryFolder;

using Change = std::function<void(run::RunConfig&)>;

Change parked(bool early = false, const Change& more = {}) {
  return [=](run::RunConfig& c) {
    c.memory.park = "on";
    c.memory.park_early = early;
    if (more) more(c);
  };
}

struct Everything {
  std::vector<at::Tensor> tensors;
  std::map<std::string, flow::StageCost> costs;
};

/// Two updates' gradients and values of one clip, and one evaluation.
Everything everything(FlowCase& c) {
  Everything all;
  for (int pass = 0; pass < 2; ++pass) {
    const objectives::Outcome outcome = c.run(1);
    const flow::Judgement& r = outcome.judgement;
    for (const at::Tensor& g : c.take_gradients()) all.tensors.push_back(g);
    all.tensors.insert(all.tensors.end(), {r.rewards_B, r.frames_BF3HW, r.d_frames, r.d_x0});
    all.costs = outcome.costs;
  }
  const flow::Judgement r = c.evaluate(c.batch(), flow::Pixels::kAsShown);
  all.tensors.insert(all.tensors.end(), {r.rewards_B, r.x0});
  return all;
}

void expect_same_bits(FlowCase& want, FlowCase& got) {
  const Everything a = everything(want), b = everything(got);
  ASSERT_EQ(a.tensors.size(), b.tensors.size());
  for (size_t i = 0; i < a.tensors.size(); ++i) {
    ASSERT_EQ(a.tensors[i].defined(), b.tensors[i].defined()) << "tensor " << i;
    if (!a.tensors[i].defined()) continue;
    EXPECT_TRUE(at::equal(a.tensors[i], b.tensors[i])) << "tensor " << i;
  }
}

TEST(Parking, LeavesEveryBitAsItIs) {
  for (const char* recompute : {"none", "stage", "block"}) {
    SCOPED_TRACE(recompute);
    FlowCase plain("guided", recompute), on("guided", recompute, "float64", parked());
    expect_same_bits(plain, on);
  }
  FlowCase plain("guided", "block"), early("guided", "block", "float64", parked(/*early=*/true));
  expect_same_bits(plain, early);
}

// A rollout that serves several updates: its clip is noised again, and nothing is rolled out.
TEST(Parking, LeavesReplaysAsTheyAre) {
  const Change reuse = [](run::RunConfig& c) { c.flow.reuse = 2; };
  FlowCase plain("guided", "stage", "float64", reuse),
      on("guided", "stage", "float64", parked(/*early=*/true, reuse));
  std::vector<at::Tensor> all;
  for (FlowCase* c : {&plain, &on}) {
    flow::Batch batch = c->batch();
    c->run(batch, 1);
    c->opened().objective().commit(false);
    c->take_gradients();
    batch.update = 1;
    const flow::Judgement again = c->run(batch, 1).judgement;
    const auto gradients = c->take_gradients();
    all.insert(all.end(), gradients.begin(), gradients.end());
    all.insert(all.end(), {again.rewards_B, again.frames_BF3HW, again.d_x0});
  }
  for (size_t i = 0; i < all.size() / 2; ++i)
    EXPECT_TRUE(at::equal(all[i], all[i + all.size() / 2])) << "tensor " << i;
}

TEST(Parking, LeavesTheMatchingRuleAndDrawsAsTheyAre) {
  const Change matching = [](run::RunConfig& c) {
    c.flow.rule = "matching";
    c.train.anchor = 0;
  };
  FlowCase plain("guided", "stage", "float64", matching),
      on("guided", "stage", "float64", parked(false, matching));
  expect_same_bits(plain, on);
  const Change draws = [](run::RunConfig& c) {
    c.flow.policy = "low_variance";
    c.flow.K = 1;
    c.flow.draws = 2;
  };
  FlowCase several("guided", "stage", "float64", draws),
      several_on("guided", "stage", "float64", parked(false, draws));
  expect_same_bits(several, several_on);
}

// Of one clip, which has nothing to be better than: the pull to the base alone.
TEST(Parking, LeavesPolicyGradientsAsTheyAre) {
  const Change grpo = [](run::RunConfig& c) {
    c.flow = {};
    c.flow.rule = "policy_gradient";
    c.flow.recompute = "stage";
    c.train.anchor = 0;
    c.reward.focus = false;
    c.policy_gradient.group = 2;
    c.train.batch = 2;
  };
  std::vector<std::vector<at::Tensor>> all;
  for (const Change& change : {grpo, parked(false, grpo)}) {
    FlowCase of("guided", "stage", "float64", change);
    for (int pass = 0; pass < 2; ++pass) {
      const objectives::Outcome outcome = of.run(1);
      all.push_back(of.take_gradients());
      all.back().push_back(outcome.judgement.rewards_B);
    }
  }
  for (size_t i = 0; i < all[0].size(); ++i) {
    EXPECT_GT(all[0][i].abs().max().item<double>(), 0) << i;
    for (size_t pass = 1; pass < 4; ++pass) EXPECT_TRUE(all[0][i].equal(all[pass][i])) << i;
  }
}

/// Each stage's peak in float64, which no file holds: what is read is converted, and counted. And, of a
/// run that parks, the bytes that its networks' leaving frees. One run at a time: it has the thread's
/// only meter.
struct Measured {
  explicit Measured(const char* recompute, const Change& change = {}) {
    FlowCase c("guided", recompute, "float64", change);
    costs = everything(c).costs;
    const auto freed = [&](nn::Residence* weights) {
      weights->come_back();
      const int64_t before = c.opened().meter().live();
      weights->park();
      return before - c.opened().meter().live();
    };
    generator = freed(c.opened().denoiser().components().front().residence);
    critic = freed(c.opened().critic().residence());
  }
  int64_t peak(const char* stage) const { return costs.at(stage).peak_bytes; }
  std::map<std::string, flow::StageCost> costs;
  int64_t generator = 0, critic = 0;
};

TEST(Parking, TakesEachStagesMemoryDownByTheOtherNetworksWeights) {
  const Measured off("block"), on("block", parked());
  ASSERT_GT(on.generator, 1 << 20);
  ASSERT_GT(on.critic, 1 << 20);
  const auto expect_saved = [&](const char* stage, int64_t bytes) {
    EXPECT_NEAR(static_cast<double>(off.peak(stage) - on.peak(stage)), static_cast<double>(bytes), 64 << 10)
        << stage;
  };
  for (const char* stage : {"rollout", "pull_steps"}) expect_saved(stage, on.critic);
  for (const char* stage : {"critic", "pull_critic"}) expect_saved(stage, on.generator);
  for (const char* stage : {"decode", "pull_decode"}) expect_saved(stage, on.generator + on.critic);
  EXPECT_GT(on.costs.at("park").seconds, 0);
  EXPECT_EQ(off.costs.count("park"), 0u);
}

// The graph of the steps refers to the generator's weights; they leave it all the same.
TEST(Parking, FreesWeightsThatAKeptGraphRefersTo) {
  const Measured off("none"), on("none", parked());
  EXPECT_GT(off.peak("critic") - on.peak("critic"), on.generator * 9 / 10);
}

TEST(Parking, ComesBackAfterAnInterrupt) {
  FlowCase plain("guided", "stage"), on("guided", "stage", "float64", parked(/*early=*/true));
  {
    const Interrupt interrupt;
    ::raise(SIGINT);
    EXPECT_THROW(on.run(1), Interrupted);
  }
  on.take_gradients();
  expect_same_bits(plain, on);
}

/// A generator's folder that may be spoilt, and the residence of its transformer.
class Spoilt {
 public:
  explicit Spoilt(at::ScalarType dtype = at::kDouble) {
    fs::copy(source_path("assets/tiny/generator"), folder_ / "generator", fs::copy_options::recursive);
    models::ModelOptions options;
    options.load.dtype = dtype;
    model_ = models::open_generator(folder_ / "generator", options);
  }
  fs::path file() const { return folder_ / "generator/transformer/diffusion_pytorch_model.safetensors"; }
  nn::Residence& weights() { return *model_.denoiser->components().front().residence; }
  models::Denoiser& denoiser() { return *model_.denoiser; }
  at::Tensor velocity() {
    const at::NoGradGuard no_graph;
    if (text_.tensors.empty()) text_ = model_.denoiser->encode("a red ball");
    const std::vector<int64_t> shape = model_.denoiser->latent_shape({5, 32, 32});
    const at::Tensor x = at::ones({1, shape[0], shape[1], shape[2], shape[3]}, at::kDouble);
    return model_.denoiser->velocity(x, 500, model_.denoiser->prepare({text_}, {}), {});
  }

 private:
  TemporaryFolder folder_;
  models::Generator model_;
  models::Condition text_;
};

TEST(Parking, RefusesFilesThatAreGoneOrWereChanged) {
  Spoilt model;
  const at::Tensor before = model.velocity();
  model.weights().park();
  const fs::path aside = model.file().string() + ".aside";
  fs::rename(model.file(), aside);
  std::string message = error_of(ErrorKind::kInput, [&] { model.weights().come_back(); });
  EXPECT_TRUE(says(message, model.file().string())) << message;
  EXPECT_TRUE(says(message, "memory.park"));
  EXPECT_EQ(message.find('\n'), std::string::npos);
  fs::copy_file(aside, model.file());  // another file of the same bytes
  message = error_of(ErrorKind::kInput, [&] { model.weights().come_back(); });
  EXPECT_TRUE(says(message, "changed"));
  fs::remove(model.file());
  fs::rename(aside, model.file());  // as it was
  EXPECT_TRUE(at::equal(model.velocity(), before));
}

TEST(Parking, LeavesWhatIsTrainedWhereItIs) {
  Spoilt model;
  auto parameters = model.denoiser().components().front().root->named_parameters();
  at::Tensor& trained = *parameters.front().tensor;
  const at::Tensor other = *parameters.back().tensor;
  {
    const at::NoGradGuard no_graph;
    trained.fill_(0.25);
  }
  trained.set_requires_grad(true);
  EXPECT_TRUE(model.weights().park());
  EXPECT_FALSE(model.weights().park());  // nothing is left to go
  EXPECT_TRUE(trained.eq(0.25).all().item<bool>());
  EXPECT_THROW(other.sum().item<double>(), c10::Error);  // no numbers rather than wrong ones
  model.weights().come_back();
  EXPECT_TRUE(trained.eq(0.25).all().item<bool>());
  EXPECT_TRUE(other.isfinite().all().item<bool>());
}

TEST(StageClock, WaitsForTheDeviceBeforeItReadsTheTime) {
  constexpr auto kLate = std::chrono::milliseconds(30);
  std::map<std::string, flow::StageCost> costs;
  bool busy = true;  // with what came before the clock
  flow::StageClock clock(costs, nullptr, [&] {
    if (busy) std::this_thread::sleep_for(kLate);
    busy = false;
  });
  clock.lap("first");
  busy = true;  // the second stage asked for work and went on
  clock.lap("second");
  EXPECT_LT(costs.at("first").seconds, costs.at("second").seconds);
  EXPECT_GE(costs.at("second").seconds, 0.03);
}

}  // namespace
}  // namespace drf
