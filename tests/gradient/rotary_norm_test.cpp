// The rotation and the norm of the towers against their formulas written out with libtorch's operators.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "drf/base/error.h"
#include "drf/ops/rms_norm.h"
#include "drf/ops/rotary.h"
#include "drf/tensor/dry_run.h"
#include "drf/tensor/memory_meter.h"
#include "tests/support/golden.h"

namespace drf::ops {
namespace {

using testing::close_relative;

at::Tensor draw(at::IntArrayRef shape, uint64_t seed) {
  return at::randn(shape, at::detail::createCPUGenerator(seed), at::TensorOptions().dtype(at::kDouble));
}

/// Rounding of one product and a sum of up to 700 terms.
double tolerance(at::ScalarType dtype) {
  if (dtype == at::kDouble) return 1e-14;
  return dtype == at::kFloat ? 2e-6 : 1e-2;
}

class EachType : public ::testing::TestWithParam<at::ScalarType> {};

TEST_P(EachType, TheNormAndItsGradientsFollowTheFormula) {
  const at::ScalarType dtype = GetParam();
  for (const int64_t width : {1, 3, 16, 37, 700}) {
    // Rows of every size, among them one of zeros, where eps alone counts; not dense in memory.
    at::Tensor base = draw({width, 50}, 1) * at::logspace(-3, 3, 50, 10.0, at::kDouble);
    base.select(1, 7).zero_();
    const at::Tensor x = base.to(dtype).t().set_requires_grad(true);
    const at::Tensor w = draw({width}, 2).to(dtype).set_requires_grad(true);
    const at::Tensor probe = draw({50, width}, 3).to(dtype);
    const at::Tensor y = rms_norm(x, w, 1e-3);
    EXPECT_EQ(y.scalar_type(), dtype);
    (y * probe).sum().backward();
    const at::Tensor x64 = x.detach().to(at::kDouble).set_requires_grad(true);
    const at::Tensor w64 = w.detach().to(at::kDouble).set_requires_grad(true);
    const at::Tensor want = x64 / (x64.square().mean(-1, true) + 1e-3).sqrt() * w64;
    (want * probe.to(at::kDouble)).sum().backward();
    EXPECT_TRUE(close_relative(y, want, tolerance(dtype))) << width;
    EXPECT_TRUE(close_relative(x.grad(), x64.grad(), tolerance(dtype))) << width;
    EXPECT_TRUE(close_relative(w.grad(), w64.grad(), tolerance(dtype))) << width;
  }
}

TEST(RmsNorm, OfHalfNumbersKeepsAndFormsNothingWide) {
  const DryRun cuda(at::kCUDA);
  const auto options = at::TensorOptions(at::kMeta).dtype(at::kBFloat16);
  const at::Tensor x = at::zeros({1, 32760, 1536}, options).set_requires_grad(true),
                   w = at::ones({1536}, options);
  const auto whole = static_cast<int64_t>(x.nbytes()),
             few_rows = int64_t{49} << 20;  // 2^22 numbers, three times
  MemoryMeter meter(at::kMeta);
  const at::Tensor y = rms_norm(x, w, 1e-6), grad = at::zeros(x.sizes(), options);
  EXPECT_EQ(meter.live(), 2 * whole);  // y and grad
  EXPECT_LE(meter.peak(), 2 * whole + few_rows);
  meter.reset_peak();
  y.backward(grad);
  EXPECT_LE(meter.peak(), 3 * whole + few_rows);
}

TEST_P(EachType, TheRotationAndItsGradientFollowTheFormula) {
  const at::ScalarType dtype = GetParam(), wide = dtype == at::kDouble ? at::kDouble : at::kFloat;
  for (const int64_t half : {1, 5, 16}) {
    for (const int64_t turned : {0, 2, 3}) {
      // [B, L, N, D], a slice of something wider, as queries beside keys and values are.
      const at::Tensor whole = draw({2, 301, 5, 2 * half}, 4).to(dtype).set_requires_grad(true);
      const at::Tensor angles = draw({301, half}, 5);
      const RotaryTable table{angles.cos().to(wide), angles.sin().to(wide)};
      const at::Tensor probe = draw({2, 301, 3, 2 * half}, 6).to(dtype);
      const at::Tensor y = rotate(whole.narrow(2, 1, 3), table, turned);
      EXPECT_EQ(y.scalar_type(), dtype);
      (y * probe).sum().backward();
      const at::Tensor whole64 = whole.detach().to(at::kDouble).set_requires_grad(true);
      const auto parts = whole64.narrow(2, 1, 3).split_with_sizes({turned, 3 - turned}, 2);
      const auto halves = parts[0].chunk(2, -1);
      const at::Tensor cos = angles.cos().unsqueeze(1), sin = angles.sin().unsqueeze(1);
      const at::Tensor turned_heads =
          at::cat({halves[0] * cos - halves[1] * sin, halves[1] * cos + halves[0] * sin}, -1);
      const at::Tensor want = at::cat({turned_heads, parts[1]}, 2);
      (want * probe.to(at::kDouble)).sum().backward();
      EXPECT_TRUE(close_relative(y, want, tolerance(dtype))) << half << " " << turned;
      EXPECT_TRUE(close_relative(whole.grad(), whole64.grad(), tolerance(dtype))) << half << " " << turned;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Types, EachType, ::testing::Values(at::kDouble, at::kFloat, at::kBFloat16));

TEST(Rotary, AnglesThatDoNotFitTheHeadsAreABug) {
  const RotaryTable table{at::zeros({4, 3}), at::zeros({4, 3})};
  EXPECT_THROW(rotate(at::zeros({1, 5, 2, 6}), table), Error);
  EXPECT_THROW(rotate(at::zeros({1, 4, 2, 8}), table), Error);
}

}  // namespace
}  // namespace drf::ops
