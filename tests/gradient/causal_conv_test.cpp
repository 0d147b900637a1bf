// The functions under Wan's VAE: the convolution that keeps no input, and norm + silu in front of it.

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include <limits>

#include "drf/ops/frozen_conv3d.h"
#include "drf/ops/rms_silu.h"
#include "drf/tensor/dry_run.h"
#include "drf/tensor/memory_meter.h"
#include "tests/support/golden.h"

namespace drf::ops {
namespace {

using testing::close;
using testing::close_relative;

at::Tensor noise(at::IntArrayRef sizes, at::ScalarType dtype = at::kDouble, uint64_t seed = 7) {
  return at::randn(sizes, at::detail::createCPUGenerator(seed), at::kDouble).to(dtype);
}

/// Central differences of sum(f(x) * probe) in float64, one element after the other.
at::Tensor differences(const std::function<at::Tensor(const at::Tensor&)>& f, const at::Tensor& x,
                       const at::Tensor& probe) {
  const at::Tensor result = at::empty_like(x), moved = x.detach().clone();
  const double step = 1e-5;
  for (int64_t i = 0; i < x.numel(); ++i) {
    double* element = moved.mutable_data_ptr<double>() + i;
    const double before = *element;
    *element = before + step;
    const double up = (f(moved) * probe).sum().item<double>();
    *element = before - step;
    const double down = (f(moved) * probe).sum().item<double>();
    *element = before;
    result.mutable_data_ptr<double>()[i] = (up - down) / (2 * step);
  }
  return result;
}

struct Case {
  const char* name;
  std::vector<int64_t> x, weight, stride, padding;
};

class Conv3d : public ::testing::TestWithParam<Case> {};

TEST_P(Conv3d, GradientEqualsCentralDifferences) {
  const Case& c = GetParam();
  const at::Tensor x = noise(c.x).requires_grad_(), weight = noise(c.weight, at::kDouble, 8),
                   bias = noise(c.weight[0]);
  const auto f = [&](const at::Tensor& in) {
    return conv3d_channels_last(in, weight, bias, c.stride, c.padding);
  };
  const at::Tensor y = f(x), probe = noise(y.sizes(), at::kDouble, 9);
  (y * probe).sum().backward();
  // The map is linear: the differences err by rounding only, about 1e-16 / 1e-5 of the sum.
  EXPECT_TRUE(close_relative(x.grad(), differences(f, x, probe), 1e-8));
}

TEST_P(Conv3d, FrozenEqualsTrainableInEveryDtype) {
  const Case& c = GetParam();
  for (const auto dtype : {at::kDouble, at::kFloat}) {
    // Float sums of at most some hundred terms in another order.
    const double tolerance = dtype == at::kDouble ? 1e-13 : 1e-5;
    const at::Tensor weight = noise(c.weight, dtype, 8), bias = noise(c.weight[0], dtype);
    const at::Tensor x = noise(c.x, dtype).requires_grad_(),
                     frozen = conv3d_channels_last(x, weight, bias, c.stride, c.padding);
    const at::Tensor probe = noise(frozen.sizes(), dtype, 9);
    (frozen * probe).sum().backward();

    const at::Tensor x2 = x.detach().clone().requires_grad_(), weight2 = weight.clone().requires_grad_();
    const at::Tensor trained = conv3d_channels_last(x2, weight2, bias, c.stride, c.padding);
    (trained * probe).sum().backward();
    EXPECT_TRUE(close_relative(frozen, trained, tolerance));
    EXPECT_TRUE(close_relative(x.grad(), x2.grad(), tolerance));
    EXPECT_TRUE(weight2.grad().defined());
  }
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, Conv3d,
    ::testing::Values(Case{"causal", {2, 5, 3, 4, 2}, {3, 2, 3, 3, 3}, {1, 1, 1}, {0, 1, 1}},
                      Case{"one_clip", {1, 5, 3, 4, 2}, {3, 2, 3, 3, 3}, {1, 1, 1}, {0, 1, 1}},
                      Case{"one_clip_one_frame", {1, 3, 3, 4, 2}, {3, 2, 3, 3, 3}, {1, 1, 1}, {0, 1, 1}},
                      Case{"time_only", {1, 4, 2, 3, 3}, {2, 3, 3, 1, 1}, {1, 1, 1}, {0, 0, 0}},
                      Case{"time_stride", {1, 7, 2, 3, 2}, {2, 2, 3, 1, 1}, {2, 1, 1}, {0, 0, 0}},
                      Case{"space_stride", {1, 2, 5, 7, 2}, {2, 2, 1, 3, 3}, {1, 2, 2}, {0, 0, 0}},
                      Case{"last_ones_unread", {1, 4, 6, 8, 2}, {2, 2, 1, 3, 3}, {1, 2, 2}, {0, 0, 0}},
                      Case{"padded_stride", {2, 4, 6, 5, 2}, {3, 2, 2, 3, 3}, {2, 2, 2}, {0, 1, 1}},
                      Case{"both_strides", {2, 7, 5, 7, 1}, {1, 1, 3, 3, 3}, {2, 2, 2}, {0, 0, 0}}),
    [](const auto& info) { return std::string(info.param.name); });

/// Whether anything but the caller holds x's memory after f(x).
bool is_kept(const std::function<at::Tensor(const at::Tensor&)>& f) {
  const at::Tensor leaf = noise({1, 4, 3, 3, 2}, at::kFloat).requires_grad_();
  at::Tensor x = leaf * 2;
  const at::Storage memory = x.storage();
  const at::Tensor y = f(x);
  EXPECT_TRUE(y.requires_grad());
  x = at::Tensor();
  return memory.use_count() > 1;
}

TEST(Conv3d, KeepsItsInputOnlyWhenTheWeightIsTrained) {
  const at::Tensor weight = noise({2, 2, 3, 3, 3}, at::kFloat), bias = noise({2}, at::kFloat);
  const auto f = [&](const at::Tensor& x) {
    return conv3d_channels_last(x, weight, bias, {1, 1, 1}, {0, 1, 1});
  };
  EXPECT_FALSE(is_kept(f));
  weight.requires_grad_();
  EXPECT_TRUE(is_kept(f));
}

/// Bytes that the backward of f has at once beside what was there, on a device whose kernels are CUDA's, and
/// those of x.
std::pair<int64_t, int64_t> backward_bytes(const std::function<at::Tensor(const at::Tensor&)>& f,
                                           at::IntArrayRef x_sizes) {
  MemoryMeter meter(at::kMeta);
  const at::Tensor x = at::zeros(x_sizes, at::TensorOptions(at::kMeta).dtype(at::kFloat)).requires_grad_();
  const at::Tensor y = f(x), grad = at::zeros(y.sizes(), y.options());
  const int64_t before = meter.live();
  meter.reset_peak();
  y.backward(grad);
  EXPECT_EQ(x.grad().sizes(), x.sizes());
  return {meter.peak() - before, static_cast<int64_t>(x.nbytes())};
}

TEST(Conv3d, ItsBackwardAllocatesTheGradientAndNothingElse) {
  const DryRun cuda(at::kCUDA);
  for (const Case& c : {Case{"wan", {1, 6, 48, 83, 96}, {96, 96, 3, 3, 3}, {1, 1, 1}, {0, 1, 1}},
                        Case{"strides", {2, 7, 6, 8, 8}, {4, 8, 3, 3, 3}, {2, 2, 2}, {0, 0, 0}}}) {
    const auto options = at::TensorOptions(at::kMeta).dtype(at::kFloat);
    const at::Tensor weight = at::zeros(c.weight, options), bias = at::zeros({c.weight[0]}, options);
    const auto [taken, whole] = backward_bytes(
        [&](const at::Tensor& x) { return conv3d_channels_last(x, weight, bias, c.stride, c.padding); }, c.x);
    EXPECT_EQ(taken, whole) << c.name;
  }
}

TEST(RmsSilu, ItsBackwardAllocatesTheGradientAndAFewRows) {
  const DryRun cuda(at::kCUDA);
  const at::Tensor gamma = at::zeros({96}, at::TensorOptions(at::kMeta).dtype(at::kFloat));
  int64_t forward = 0;
  const auto [taken, whole] = backward_bytes(
      [&](const at::Tensor& x) {
        MemoryMeter meter(at::kMeta);
        const at::Tensor y = rms_silu(x, gamma);
        forward = meter.peak();
        return y;
      },
      {1, 4, 480, 832, 96});
  EXPECT_LE(taken, whole + (48 << 20)) << whole;  // three times 2^22 numbers, and their norms
  EXPECT_LE(forward, whole + whole / 16);         // y; the norms, of which there is one a pixel
}

TEST(RmsSilu, TheComposedBackwardEqualsTheKernels) {
  for (const int64_t channels : {2, 7, 96}) {  // of one channel the gradient is zero
    const at::Tensor gamma = noise({channels}, at::kDouble, 8) * 3;
    const at::Tensor x = noise({2, 4, 5, 3, channels}, at::kDouble, 6);
    x.select(1, 0).zero_();
    x.select(1, 1).mul_(1e-14);
    const at::Tensor leaf = x.clone().requires_grad_(), grad_y = noise(x.sizes(), at::kDouble, 9);
    rms_silu(leaf, gamma).backward(grad_y);
    const at::Tensor composed = rms_silu_backward_composed(x, gamma, grad_y);
    EXPECT_TRUE(close_relative(composed, leaf.grad(), 1e-13));
    EXPECT_TRUE(close_relative(composed.narrow(1, 2, 2), leaf.grad().narrow(1, 2, 2), 1e-13)) << channels;
  }
  // More rows than are taken at once, and some left over.
  const at::Tensor x = noise({70'001, 64}, at::kFloat), gamma = noise({64}, at::kFloat, 8);
  const at::Tensor leaf = x.clone().requires_grad_(), grad_y = noise(x.sizes(), at::kFloat, 9);
  rms_silu(leaf, gamma).backward(grad_y);
  EXPECT_TRUE(close_relative(rms_silu_backward_composed(x, gamma, grad_y), leaf.grad(), 1e-6));
}

TEST(RmsSilu, GradientEqualsCentralDifferences) {
  for (const int64_t channels : {1, 3, 16, 21}) {
    const at::Tensor gamma = noise({channels}, at::kDouble, 8);
    const at::Tensor x = noise({2, 3, 2, 3, channels}, at::kDouble, 6).requires_grad_();
    const at::Tensor y = rms_silu(x, gamma), probe = noise(y.sizes(), at::kDouble, 9);
    (y * probe).sum().backward();
    const auto of_x = [&](const at::Tensor& in) { return rms_silu(in, gamma); };
    // Truncation of the differences, step^2 times a third derivative of order 10 (norms near 0 are steep).
    EXPECT_TRUE(close(x.grad(), differences(of_x, x, probe), 1e-6)) << channels;
  }
}

TEST(RmsSilu, FrozenEqualsTrainable) {
  for (const int64_t channels : {2, 7, 16, 40, 96}) {
    const at::Tensor gamma = noise({channels}, at::kDouble, 8) * 3;
    const at::Tensor x = noise({2, 4, 5, 3, channels}, at::kDouble, 6);
    x.select(1, 0).zero_();      // a norm of zero: value and gradient are defined by the floor
    x.select(1, 1).mul_(1e-14);  // below the floor: the norm counts as a constant
    const at::Tensor a = x.clone().requires_grad_(), b = x.clone().requires_grad_();
    const at::Tensor frozen = rms_silu(a, gamma);
    const at::Tensor trained = rms_silu(b, gamma.clone().requires_grad_());
    EXPECT_TRUE(close(frozen, trained, 1e-14));
    const at::Tensor probe = noise(frozen.sizes(), at::kDouble, 9);
    (frozen * probe).sum().backward();
    (trained * probe).sum().backward();
    EXPECT_TRUE(close_relative(a.grad(), b.grad(), 1e-13));
    EXPECT_TRUE(close_relative(a.grad().narrow(1, 2, 2), b.grad().narrow(1, 2, 2), 1e-13));

    // float32: a few units in the last place in the exponential and in the sums over channels.
    const at::Tensor c = x.to(at::kFloat).requires_grad_();
    const at::Tensor narrow = rms_silu(c, gamma.to(at::kFloat));
    EXPECT_TRUE(close_relative(narrow, frozen, 1e-6));
    (narrow * probe.to(at::kFloat)).sum().backward();
    EXPECT_TRUE(close_relative(c.grad().narrow(1, 2, 2), a.grad().narrow(1, 2, 2), 2e-6));
  }
}

TEST(RmsSilu, HoldsFromOneEndOfFloatToTheOther) {
  // One channel: u = sign(x) * gamma, so gamma walks silu's whole argument range.
  for (const double u : {0.0, 1e-30, 0.1, 1.0, 20.0, 86.0, 90.0, 1e4, 1e30}) {
    const at::Tensor x = at::tensor({1.0, -1.0}).to(at::kFloat).view({1, 1, 1, 2, 1});
    const at::Tensor gamma = at::tensor({u}).to(at::kFloat);
    const at::Tensor y = rms_silu(x, gamma).flatten();
    const at::Tensor want = at::silu(at::tensor({u, -u}));
    EXPECT_NEAR(y[0].item<double>(), want[0].item<double>(), 2e-7 * u) << u;
    EXPECT_NEAR(y[1].item<double>(), want[1].item<double>(), 1e-6 * std::abs(want[1].item<double>()) + 1e-7)
        << u;
  }
  const at::Tensor bad = at::full({1, 1, 1, 1, 4}, std::numeric_limits<float>::quiet_NaN());
  EXPECT_TRUE(rms_silu(bad, at::ones({4})).isnan().all().item<bool>());
}

TEST(RmsSilu, HalfTypesTakeTheNormInFloat32) {
  const at::Tensor x = noise({1, 2, 2, 2, 8}).to(at::kBFloat16).requires_grad_();
  const at::Tensor gamma = noise({8}).to(at::kBFloat16);
  const at::Tensor frozen = rms_silu(x, gamma);
  frozen.sum().backward();
  const at::Tensor x2 = x.detach().clone().requires_grad_();
  const at::Tensor trained = rms_silu(x2, gamma.clone().requires_grad_());
  trained.sum().backward();
  EXPECT_EQ(frozen.scalar_type(), at::kBFloat16);
  EXPECT_TRUE(at::equal(frozen, trained));
  // Its backward rounds once, where a graph of bfloat16 operators rounds at each of them.
  const at::Tensor exact = x.detach().to(at::kDouble).requires_grad_();
  rms_silu(exact, gamma.to(at::kDouble)).sum().backward();
  EXPECT_EQ(x.grad().scalar_type(), at::kBFloat16);
  EXPECT_TRUE(close_relative(x.grad(), exact.grad(), 1.0 / 512));  // half a unit in the last place
  EXPECT_FALSE(close_relative(x2.grad(), exact.grad(), 1.0 / 512));
}

}  // namespace
}  // namespace drf::ops
