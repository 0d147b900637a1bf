#include "drf/nn/adamw.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "drf/base/files.h"
#include "drf/tensor/saved_state.h"
#include "drf/train/clip_norm.h"
#include "drf/train/lr_schedule.h"
#include "tests/support/expect_error.h"
#include "tests/support/golden.h"
#include "tests/support/temporary_folder.h"

namespace drf::nn {
namespace {

using drf::testing::close;
using drf::testing::error_of;
using drf::testing::Golden;
using drf::testing::says;
using drf::testing::TemporaryFolder;

const std::vector<std::string> kNames = {"a", "b", "c"};
constexpr int64_t kSteps = 20;

void visit(AdamW& optimizer, StateVisitor& v) {
  v.file("optimizer");
  optimizer.state(v);
}
void save(AdamW& optimizer, const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  StateImage image;
  visit(optimizer, image);
  image.write_tensors(folder);
  write_file_atomically(folder / "state.json", image.values().dump());
}
void load(AdamW& optimizer, const std::filesystem::path& folder) {
  StateReader reader(folder);
  visit(optimizer, reader);
  reader.finish();
}

// One case of tools/reference/adamw.py.
struct Case {
  explicit Case(const Golden& golden, const std::string& name)
      : golden(golden), name(name), config(golden.config().object(name)) {
    for (const auto& p : kNames) parameters.push_back(golden[name + ".start." + p].set_requires_grad(true));
  }
  AdamWOptions options() const {
    return {config.number("beta1"), config.number("beta2"), config.number("eps"),
            config.number("weight_decay")};
  }
  std::vector<std::pair<std::string, at::Tensor>> named() const {
    std::vector<std::pair<std::string, at::Tensor>> all;
    for (size_t i = 0; i < kNames.size(); ++i) all.emplace_back(kNames[i], parameters[i]);
    return all;
  }
  void set_gradients(int64_t step) {
    for (size_t i = 0; i < kNames.size(); ++i) {
      parameters[i].mutable_grad() = golden[concat(name, ".grad.", step, ".", kNames[i])];
    }
  }
  // The same bits on the machine that made the golden; another machine's vector width may round the kernel's
  // fused products otherwise, a few units in the last place of the dtype.
  double tolerance() const { return config.text("dtype") == "float64" ? 1e-15 : 1e-7; }

  const Golden& golden;
  std::string name;
  JsonConfig config;
  std::vector<at::Tensor> parameters;
};

class AdamWParity : public ::testing::TestWithParam<const char*> {};

TEST_P(AdamWParity, TwentyStepsWithClippingEqualTorchsFusedKernel) {
  const Golden golden("adamw.safetensors");
  Case c(golden, GetParam());
  AdamW optimizer(c.named(), c.options());
  for (int64_t step = 0; step < kSteps; ++step) {
    c.set_gradients(step);
    const double norm = train::clip_grad_norm(c.parameters, c.config.number("clip"));
    // torch sums the squares in the gradient's dtype, we in double
    EXPECT_NEAR(norm / golden[c.name + ".norm"][step].item<double>(), 1, 5e-7);
    optimizer.step(c.config.number("lr"));
    for (size_t i = 0; i < kNames.size(); ++i) {
      const at::Tensor want = golden[concat(c.name, ".after.", step, ".", kNames[i])];
      EXPECT_TRUE(close(c.parameters[i].detach(), want, 4 * c.tolerance())) << step << " " << kNames[i];
    }
  }
}

TEST_P(AdamWParity, ASavedAndLoadedStateGoesOnToTheSameBits) {
  const Golden golden("adamw.safetensors");
  TemporaryFolder folder;
  Case through(golden, GetParam()), resumed(golden, GetParam());
  AdamW first(through.named(), through.options());
  for (int64_t step = 0; step < kSteps; ++step) {
    if (step == 8) {
      save(first, folder / "o");
      for (size_t i = 0; i < kNames.size(); ++i)
        resumed.parameters[i].data().copy_(through.parameters[i].detach());
    }
    through.set_gradients(step);
    first.step(0.01);
  }
  AdamW second(resumed.named(), resumed.options());
  load(second, folder / "o");
  for (int64_t step = 8; step < kSteps; ++step) {
    resumed.set_gradients(step);
    second.step(0.01);
  }
  for (size_t i = 0; i < kNames.size(); ++i) EXPECT_TRUE(through.parameters[i].equal(resumed.parameters[i]));
}

INSTANTIATE_TEST_SUITE_P(Cases, AdamWParity, ::testing::Values("plain", "decay", "double"));

TEST(AdamW, AParameterWithoutGradientStays) {
  at::Tensor a = at::ones({2}).set_requires_grad(true), b = at::ones({2}).set_requires_grad(true);
  AdamW optimizer({{"a", a}, {"b", b}}, {.weight_decay = 0.5});
  a.mutable_grad() = at::ones({2});
  optimizer.step(0.1);
  EXPECT_TRUE(b.detach().equal(at::ones({2})));
  EXPECT_LT(a.detach().max().item<float>(), 1);
  EXPECT_TRUE(a.requires_grad() && a.is_leaf());
}

TEST(AdamW, AStateOfOtherParametersIsRefusedAndChangesNothing) {
  TemporaryFolder folder;
  at::Tensor a = at::ones({2}).set_requires_grad(true), wide = at::ones({3}).set_requires_grad(true);
  at::Tensor exact = at::ones({2}, at::kDouble).set_requires_grad(true);
  AdamW one({{"a", a}}, {}), two({{"a", a}, {"b", wide}}, {}), renamed({{"b", a}}, {});
  AdamW other({{"a", wide}}, {}), precise({{"a", exact}}, {});
  save(one, folder / "a");
  save(two, folder / "two");
  const auto message = [&](AdamW& optimizer, const char* saved) {
    return error_of(ErrorKind::kInput, [&] { load(optimizer, folder / saved); });
  };
  EXPECT_TRUE(says(message(renamed, "a"), "'exp_avg.b' is missing"));
  EXPECT_TRUE(says(message(other, "a"), "is F32 [2], wanted F32 [3]"));
  EXPECT_TRUE(says(message(precise, "a"), "is F32 [2], wanted F64 [2]"));
  // Moments that would be filled come before the tensors that nobody asked for.
  a.mutable_grad() = at::ones({2});
  two.step(0.1);
  save(two, folder / "two");
  EXPECT_TRUE(says(message(one, "two"), "holds 6 tensors, wanted 3"));
  save(one, folder / "after");
  EXPECT_EQ(SafetensorsFile(folder / "after/optimizer.safetensors").get("step.a").item<float>(), 0);
}

TEST(AdamW, AStepCountsAsAChangeOfWhatItMoves) {  // casts of weights are made anew by that
  at::Tensor a = at::ones({2}).set_requires_grad(true), b = at::ones({2}).set_requires_grad(true);
  a.mutable_grad() = at::ones({2});
  const int64_t was_a = a._version(), was_b = b._version();
  AdamW({{"a", a}, {"b", b}}, {}).step(0.1);
  EXPECT_GT(a._version(), was_a);
  EXPECT_EQ(b._version(), was_b) << "it has no gradient";
}

TEST(ClipNorm, OnlyALargerNormIsScaledAndTheDirectionStays) {
  at::Tensor a = at::zeros({2}).set_requires_grad(true), b = at::zeros({1}).set_requires_grad(true);
  at::Tensor without = at::zeros({1}).set_requires_grad(true);
  const auto set = [&] {
    a.mutable_grad() = at::tensor({3.0f, 0.0f});
    b.mutable_grad() = at::tensor({4.0f});
  };
  set();
  EXPECT_DOUBLE_EQ(train::clip_grad_norm({a, b, without}, 0), 5);
  EXPECT_DOUBLE_EQ(train::clip_grad_norm({a, b, without}, 6), 5);
  EXPECT_TRUE(a.grad().equal(at::tensor({3.0f, 0.0f})));
  EXPECT_DOUBLE_EQ(train::clip_grad_norm({a, b, without}, 1), 5);
  EXPECT_TRUE(close(a.grad(), at::tensor({0.6f, 0.0f}), 1e-6));
  EXPECT_TRUE(close(b.grad(), at::tensor({0.8f}), 1e-6));
  EXPECT_FALSE(without.grad().defined());
  EXPECT_EQ(train::clip_grad_norm({without}, 1), 0);
}

TEST(ClipNorm, NonFiniteGradientsAreReportedAndLeft) {
  for (const double bad :
       {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    at::Tensor a = at::zeros({2}).set_requires_grad(true), b = at::zeros({1}).set_requires_grad(true);
    a.mutable_grad() = at::tensor({1.0f, static_cast<float>(bad)});
    b.mutable_grad() = at::tensor({2.0f});
    EXPECT_FALSE(std::isfinite(train::clip_grad_norm({a, b}, 1)));
    EXPECT_EQ(b.grad().item<float>(), 2);
  }
}

TEST(ClipNorm, LargeFloatsDoNotOverflow) {
  at::Tensor a = at::zeros({4}).set_requires_grad(true);
  a.mutable_grad() = at::full({4}, 1e30);
  EXPECT_NEAR(train::clip_grad_norm({a}, 1) / 2e30, 1, 1e-6);
  EXPECT_TRUE(close(a.grad(), at::full({4}, 0.5), 1e-6));
}

TEST(LearningRate, RisesLinearlyAndThenStays) {
  const auto rate = [](int64_t warmup, int64_t update) {
    return train::learning_rate({1.0, warmup, 1.0, 2000}, update);
  };
  EXPECT_EQ(rate(0, 0), 1.0);
  EXPECT_EQ(rate(1, 0), 1.0);
  EXPECT_EQ(rate(4, 0), 0.25);
  EXPECT_EQ(rate(4, 2), 0.75);
  EXPECT_EQ(rate(4, 3), 1.0);
  EXPECT_EQ(rate(4, 1000), 1.0);
}

TEST(LearningRate, FallsLinearlyToItsFinalShare) {
  const train::LrSchedule schedule{2.0, 3, 0.1, 13};
  EXPECT_DOUBLE_EQ(train::learning_rate(schedule, 2), 2.0);
  EXPECT_DOUBLE_EQ(train::learning_rate(schedule, 7), 1.1);
  EXPECT_DOUBLE_EQ(train::learning_rate(schedule, 12), 0.2);
  EXPECT_DOUBLE_EQ(train::learning_rate(schedule, 99), 0.2);
  EXPECT_EQ(train::learning_rate({1.0, 5, 0.0, 3}, 2), 0.6) << "a warm-up longer than the run";
}

}  // namespace
}  // namespace drf::nn
