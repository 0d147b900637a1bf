// robust.adapters: an update against two plain graphs (tests/support/plain_flow.h) in float64.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "drf/base/error.h"
#include "drf/run/prompt_order.h"
#include "drf/train/moved_parameters.h"
#include "drf/train/trainer.h"
#include "tests/support/flow_case.h"
#include "tests/support/plain_flow.h"
#include "tests/support/slope.h"

namespace drf::train {
namespace {

using testing::close_relative;
using testing::FlowCase;
using testing::PlainFlow;

constexpr double kDistance = 0.05, kRate = 1e-3;

class Sharpness : public ::testing::Test {
 protected:
  Sharpness()
      : flow("plain", "none", "float64", [this](run::RunConfig& c) {
          testing::write_text(folder / "prompts.txt", "a red ball\na blue square\n");
          testing::write_text(
              folder / "questions.jsonl",
              R"({"id":"q0","prompt":0,"aspect":"TA","kind":"yes_no","text":"Is it red?","answer":"Yes"}
{"id":"q1","prompt":1,"aspect":"TA","kind":"yes_no","text":"Is it blue?","answer":"Yes"}
)");
          c.prompts.train = (folder / "prompts.txt").string();
          c.questions.file = (folder / "questions.jsonl").string();
          c.sampling.noise.clear();
          c.sampling.frames = 5;
          c.sampling.width = c.sampling.height = 16;
          c.sampling.steps = 3;
          c.critic.frames = 2;
          c.flow.K = 2;
          c.reward.focus = false;
          c.lora.init_from.clear();
          c.lora.rank = 2;
          c.robust.adapters = kDistance;
          c.train.updates = 1;
          c.train.batch = 1;
          c.train.accumulate = 2;
          c.train.anchor = 0.05;
          c.train.clip = 0;
          c.train.warmup = 0;
          c.train.lr = kRate;
        }) {
    flow.move_fresh_adapters();
  }
  std::vector<at::Tensor> leaves() {
    std::vector<at::Tensor> all;
    for (const auto& [name, leaf] : flow.adapters()) all.push_back(leaf);
    return all;
  }
  testing::TemporaryFolder folder;
  FlowCase flow;
};

double norm_of(const std::vector<at::Tensor>& gradients) {
  double square = 0;
  for (const at::Tensor& g : gradients) square += g.square().sum().item<double>();
  return std::sqrt(square);
}

TEST_F(Sharpness, AnUpdateTakesTheGradientWhereTheLossIsHigher) {
  const run::RunConfig& config = flow.opened().config();
  const auto policy = diffusion::make_step_policy(run::step_policy(config), config.sampling.steps);
  double reward = 0, penalty = 0;
  // Of the loss over the update's two clips.
  const auto plain = [&] {
    std::vector<at::Tensor> sum;
    reward = penalty = 0;
    for (int64_t m = 0; m < 2; ++m) {
      PlainFlow own(flow.opened(), config);
      const flow::Batch batch = flow.opened().batches().of(
          rewards::Split::kTrain, run::clips_of_update(config, 2, 0, m), Purpose::kNoise, 0, m);
      const PlainFlow::Result result = own.run(batch, policy->walk(0), -0.5);
      reward += result.rewards_B.sum().item<double>() / 2;
      penalty += result.penalty / 2;
      for (size_t i = 0; i < result.gradients.size(); ++i)
        m == 0 ? sum.push_back(result.gradients[i]) : void(sum[i] = sum[i] + result.gradients[i]);
    }
    return sum;
  };
  const std::vector<at::Tensor> here = plain();
  const double told = reward, loss = penalty - reward, length = norm_of(here);
  std::vector<at::Tensor> start;
  for (const at::Tensor& leaf : leaves()) start.push_back(leaf.detach().clone());
  const auto move = [&](double h) {
    const at::NoGradGuard no_graph;
    const std::vector<at::Tensor> all = leaves();
    for (size_t i = 0; i < all.size(); ++i) all[i].copy_(start[i] + h / length * here[i]);
  };
  move(kDistance);
  const std::vector<at::Tensor> want = plain();
  EXPECT_GT(penalty - reward, loss) << "it is higher there, or the test says nothing";
  move(0);

  Trainer trainer(flow.opened(), /*directory=*/nullptr);
  UpdateStats stats;
  ASSERT_TRUE(trainer.run([&](const UpdateStats& s) { stats = s; }));
  EXPECT_NEAR(stats.reward, told, 1e-9 * std::abs(told)) << "where the adapters are";
  EXPECT_NEAR(stats.grad_norm, norm_of(want), 1e-9 * norm_of(want));
  const std::vector<at::Tensor> all = leaves();
  for (size_t i = 0; i < all.size(); ++i) {
    EXPECT_TRUE(close_relative(all[i].grad(), want[i], 1e-9)) << i;
    // AdamW's first step, from where they were.
    const at::Tensor after = start[i] - kRate * want[i] / (want[i].abs() + config.train.eps);
    EXPECT_TRUE(close_relative(all[i].detach(), after, 1e-9)) << i;
  }
  double apart = 0;
  for (size_t i = 0; i < want.size(); ++i)
    apart = std::max(apart, (want[i] - here[i]).abs().max().item<double>());
  EXPECT_GT(apart, 1e-3 * norm_of(want)) << "the plain gradient is another";
}

TEST(MovedParameters, WhereOneCannotBeMovedNoneStaysMoved) {
  at::Tensor a = at::randn({3}, at::kDouble), b = at::randn({2}, at::kDouble);
  const at::Tensor before = a.clone();
  a.mutable_grad() = at::ones({3}, at::kDouble);
  b.mutable_grad() = at::ones({5}, at::kDouble);  // does not fit: as where memory ends
  EXPECT_ANY_THROW(MovedParameters({a, b}, 0.5));
  EXPECT_TRUE(a.equal(before));
}

TEST(MovedParameters, GoBackToTheBitAndStayWhereThereIsNoDirection) {
  at::Tensor a = at::tensor({0.1, 0.2}, at::kFloat).set_requires_grad(true),
             b = at::tensor({0.3}, at::kFloat).set_requires_grad(true),
             idle = at::zeros({2}).set_requires_grad(true);
  const at::Tensor a_before = a.detach().clone();
  a.mutable_grad() = at::tensor({3.0, 0.0}, at::kFloat);
  b.mutable_grad() = at::tensor({-4.0}, at::kFloat);
  {
    const MovedParameters moved({a, b, idle}, 0.5);
    EXPECT_TRUE(a.detach().allclose(at::tensor({0.1 + 0.5 * 3 / 5, 0.2}, at::kFloat)));
    EXPECT_TRUE(b.detach().allclose(at::tensor({0.3 - 0.5 * 4 / 5}, at::kFloat)));
    EXPECT_FALSE(a.grad().defined() || b.grad().defined());
  }
  EXPECT_TRUE(a.detach().equal(a_before));
  EXPECT_EQ(b.item<float>(), 0.3f);
  for (const double g : {0.0, std::nan("")}) {
    a.mutable_grad() = at::full({2}, g, at::kFloat);
    const MovedParameters moved({a}, 0.5);
    EXPECT_TRUE(a.detach().equal(a_before)) << g;
  }
}

}  // namespace
}  // namespace drf::train
