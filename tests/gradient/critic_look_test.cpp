// Where the critic looks: gradients by question against the whole reward's of the reference, against a plain
// graph, and against differences; maps that lose nothing.
#include "drf/train/critic_look.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>
#include <csignal>

#include "drf/base/interrupt.h"
#include "drf/train/shown_clips.h"
#include "tests/support/flow_case.h"
#include "tests/support/golden.h"
#include "tests/support/slope.h"

namespace drf::train {
namespace {

using drf::testing::close_relative;
using drf::testing::direction;
using drf::testing::expect_slope;
using drf::testing::FlowCase;
using drf::testing::kStep;

constexpr double kFloat64 = 1e-9;

class CriticLooks : public ::testing::TestWithParam<const char*> {
 protected:
  CriticLooks()
      : case_(GetParam()),
        look_(run().critic(), run().vlm_options(), run().parts().parking),
        questions_(run().prompts().train.questions.at(0)),
        frames_(case_.golden()["frames"].to(at::kDouble)) {}
  run::Run& run() { return case_.opened(); }

  FlowCase case_;
  CriticLook look_;
  questions::QuestionList questions_;
  at::Tensor frames_;  // [F,3,H,W]
};

TEST_P(CriticLooks, TheQuestionsGradientsAddToTheReferences) {
  const CriticLook::Answers answers = look_.ask(frames_, questions_);
  const at::Tensor logprobs = case_.golden()["logprobs"].to(at::kDouble);
  ASSERT_EQ(static_cast<int64_t>(answers.logprobs.size()), logprobs.numel());
  at::Tensor sum = at::zeros_like(frames_);
  for (size_t q = 0; q < questions_.size(); ++q) {
    EXPECT_NEAR(answers.logprobs[q], logprobs.flatten()[static_cast<int64_t>(q)].item<double>(), kFloat64);
    sum += look_.gradient(frames_, questions_[q], answers.slopes[q]);
  }
  EXPECT_TRUE(close_relative(sum, case_.golden()["d_frames"], kFloat64));
}

// One graph of all questions, and its gradient in one of them.
TEST_P(CriticLooks, EachIsThatOfItsOwnTermOfThePlainGraph) {
  const CriticLook::Answers answers = look_.ask(frames_, questions_);
  for (size_t q = 0; q < questions_.size(); ++q) {
    const at::Tensor frames = frames_.clone().set_requires_grad(true);
    const at::Tensor logprobs =
        run().critic().ask(frames.unsqueeze(0), run().config().sampling.fps, {questions_}).logprobs[0];
    const at::Tensor only =
        at::zeros_like(logprobs).index_fill(0, at::tensor({static_cast<int64_t>(q)}), 1.0);
    // The others' answers are constants to it.
    const at::Tensor seen = logprobs.detach() + only * (logprobs - logprobs.detach());
    const at::Tensor climbed = rewards::weigh_answers(seen, questions_, run().vlm_options().weigh).objective;
    torch::autograd::backward({climbed}, {at::ones_like(climbed)});
    const at::Tensor got = look_.gradient(frames_, questions_[q], answers.slopes[q]);
    if (answers.slopes[q] == 0)
      EXPECT_EQ(got.abs().sum().item<double>(), 0);
    else
      EXPECT_TRUE(close_relative(got, frames.grad(), kFloat64)) << questions_[q].id;
  }
}

TEST_P(CriticLooks, AQuestionsGradientIsItsSlopeAlongADirection) {
  const CriticLook::Answers answers = look_.ask(frames_, questions_);
  size_t q = 0;
  while (answers.slopes.at(q) == 0) ++q;
  const at::Tensor gradient = look_.gradient(frames_, questions_[q], answers.slopes[q]);
  const at::Tensor along = direction(3, frames_);
  const auto value = [&](double step) {
    return answers.slopes[q] * look_.ask(frames_ + along * step, questions_).logprobs[q];
  };
  expect_slope(value(kStep), value(-kStep), (gradient * along).sum().item<double>());
}

INSTANTIATE_TEST_SUITE_P(Goldens, CriticLooks, ::testing::Values("plain", "focus", "margin"),
                         [](const auto& info) { return std::string(info.param); });

// A critic in a half type: the map is that of float64, whatever its size.
TEST(CriticLookInHalf, PointsWhereFloat64Does) {
  FlowCase exact("plain"), half("plain", "none", "bfloat16");
  const at::Tensor frames = exact.golden()["frames"].to(at::kDouble);
  const questions::QuestionList& questions = exact.opened().prompts().train.questions.at(0);
  const auto map_of = [&](FlowCase& from, const at::Tensor& seen, size_t q, double slope) {
    const CriticLook look(from.opened().critic(), from.opened().vlm_options(), from.opened().parts().parking);
    return cells_of(look.gradient(seen, questions[q], slope), 1).flatten();
  };
  for (size_t q = 0; q < 3; ++q) {
    const at::Tensor want = map_of(exact, frames, q, 1.0);
    for (const double slope : {1.0, 1e-6}) {
      const at::Tensor got = map_of(half, frames.to(at::kFloat), q, slope) / slope;
      EXPECT_GT(at::dot(got, want).item<double>() / (got.norm() * want.norm()).item<double>(), 0.97) << q;
      EXPECT_NEAR(got.norm().item<double>() / want.norm().item<double>(), 1, 0.2) << q;
    }
  }
}

// A validation looks only where updates pull the critic's gradient, and sees it as they do.
TEST(ShownClips, LookWhereTrainingDoes) {
  const auto shown = [](const std::function<void(run::RunConfig&)>& change) {
    FlowCase from("plain", "none", "float64", [&](run::RunConfig& c) {
      c.prompts.held_out = c.prompts.train;
      run::RewardTermConfig critic, own;
      critic.name = "critic";
      own.name = "own";
      own.path = c.critic.path;
      own.dtype = c.critic.dtype;
      own.frames = c.critic.frames;
      c.rewards = {critic, own};
      change(c);
    });
    const Shown got = show(from.opened(), 0, from.golden()["frames"].to(at::kDouble));
    EXPECT_EQ(got.p_right.size(), from.opened().prompts().held_out.questions.at(0).size());
    return got.cells_Fhw;
  };
  const auto once = shown([](run::RunConfig&) {});
  const auto thrice = shown([](run::RunConfig& c) { c.rewards[0].weight = 3; });
  ASSERT_GT(once.size(), 0u);
  ASSERT_EQ(once.size(), thrice.size());
  double sum = 0;
  for (size_t q = 0; q < once.size(); ++q) {
    sum += once[q].sum().item<double>();
    EXPECT_TRUE(at::allclose(thrice[q], 3 * once[q], kFloat64, 0)) << q;
  }
  EXPECT_GT(sum, 0);
  EXPECT_TRUE(shown([](run::RunConfig& c) { c.rewards[0].weight = 0; }).empty());
  EXPECT_TRUE(shown([](run::RunConfig& c) { c.rewards[0].judge = true; }).empty());
  EXPECT_TRUE(shown([](run::RunConfig& c) {
                c.rewards[1].kind = "surrogate";
                c.rewards[1].path.clear();
                c.rewards[1].teacher = "critic";
              }).empty());
  EXPECT_TRUE(shown([](run::RunConfig& c) { c.flow.rule = "policy_gradient"; }).empty());
}

TEST(ShownClips, StopForASignal) {
  FlowCase from("plain", "none", "float64", [](run::RunConfig& c) { c.prompts.held_out = c.prompts.train; });
  const at::Tensor frames = from.golden()["frames"].to(at::kDouble);
  const Interrupt interrupt;
  std::raise(SIGINT);
  EXPECT_THROW(show(from.opened(), 0, frames), Interrupted);
}

TEST(CellsOf, LoseNothingAndStandWhereThePixelsAre) {
  for (const auto& [H, W, every] : {std::tuple(5, 7, 1), {70, 33, 2}, {32, 64, 3}, {101, 1, 4}}) {
    const at::Tensor gradient = direction(7, at::zeros({5, 3, H, W}));
    const at::Tensor cells = cells_of(gradient, every);
    EXPECT_EQ(cells.sizes().vec(),
              (std::vector<int64_t>{(5 + every - 1) / every, std::min(H, 32), std::min(W, 32)}));
    EXPECT_NEAR(cells.sum().item<double>(), gradient.abs().sum().item<double>(), 1e-9);
    // One pixel alone: its cell is the one that lies over it.
    at::Tensor one = at::zeros({5, 3, H, W});
    const int64_t y = H - 1, x = W / 2;
    one[4][1][y][x] = -2.5;
    const at::Tensor cell = cells_of(one, every);
    EXPECT_EQ(cell[4 / every][y * std::min(H, 32) / H][x * std::min(W, 32) / W].item<double>(), 2.5);
    EXPECT_EQ(cell.sum().item<double>(), 2.5);
  }
}

}  // namespace
}  // namespace drf::train
