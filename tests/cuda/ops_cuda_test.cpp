// Each operation of ops/ on a GPU, in float32 and bfloat16, against the CPU's float32: values and gradients.
#include <ATen/ATen.h>

#include <functional>
#include <vector>

#include "drf/ops/causal_conv3d.h"
#include "drf/ops/device_rows.h"
#include "drf/ops/frozen_conv3d.h"
#include "drf/ops/low_rank_linear.h"
#include "drf/ops/modulation.h"
#include "drf/ops/recompute.h"
#include "drf/ops/rms_norm.h"
#include "drf/ops/rms_silu.h"
#include "drf/ops/rotary.h"
#include "drf/ops/separable_resize.h"
#include "drf/ops/shared_prefix_attention.h"
#include "tests/cuda/device.h"
#include "tests/support/golden.h"

namespace drf::ops {
namespace {

using testing::close_relative;
using Tensors = std::vector<at::Tensor>;

struct Case {
  const char* name;
  std::vector<std::vector<int64_t>> varied, frozen;  ///< shapes: with gradient, and without
  /// The tensors of `varied`, then those of `frozen`.
  std::function<at::Tensor(const Tensors&)> run;
  bool masters = false;  ///< the second and third of `varied` stay float32 in half precision
};

Tensors results(const Case& c, at::Device device, at::ScalarType dtype) {
  Tensors inputs;
  uint64_t seed = 1;
  for (const auto* shapes : {&c.varied, &c.frozen}) {
    for (const auto& shape : *shapes) {
      const size_t index = inputs.size();
      const bool master = c.masters && (index == 1 || index == 2);
      // Rounded to bfloat16 first: all three see the same numbers.
      const at::Tensor numbers =
          at::randn(shape, at::detail::createCPUGenerator(seed++), at::TensorOptions()).to(at::kBFloat16);
      inputs.push_back(
          numbers.to(device, master ? at::kFloat : dtype).set_requires_grad(shapes == &c.varied));
    }
  }
  const at::Tensor y = c.run(inputs);
  EXPECT_EQ(y.scalar_type(), dtype) << c.name;
  EXPECT_EQ(y.device().type(), device.type()) << c.name;
  const at::Tensor probe = at::randn(y.sizes(), at::detail::createCPUGenerator(99), at::TensorOptions());
  y.backward(probe.to(at::kBFloat16).to(device, dtype));
  Tensors all{y.detach().to(at::kCPU)};
  for (size_t i = 0; i < c.varied.size(); ++i) {
    EXPECT_TRUE(inputs[i].grad().defined()) << c.name;
    all.push_back(inputs[i].grad().to(at::kCPU));
  }
  return all;
}

RotaryTable table_of(const at::Tensor& angles, at::Device device) {
  return {angles.cos().to(device), angles.sin().to(device)};
}

/// A tensor whose gradient is asked for, as recompute wants one.
at::Tensor anchor(const at::Tensor& like) { return at::zeros({1}, like.options()).set_requires_grad(true); }

std::vector<Case> cases() {
  return {
      {"low_rank_linear",
       {{2, 301, 96}, {8, 96}, {64, 8}},
       {{64, 96}, {64}},
       [](const Tensors& t) { return low_rank_linear(t[0], t[3], t[4], t[1], t[2], 0.5); },
       true},
      {"rms_norm", {{3, 50, 96}}, {{96}}, [](const Tensors& t) { return rms_norm(t[0], t[1], 1e-6); }},
      {"rms_silu", {{1, 3, 20, 12, 96}}, {{96}}, [](const Tensors& t) { return rms_silu(t[0], t[1]); }},
      {"channel_rms", {{1, 3, 20, 12, 96}}, {{96}}, [](const Tensors& t) { return channel_rms(t[0], t[1]); }},
      {"conv3d",
       {{1, 5, 16, 24, 32}},
       {{48, 32, 3, 3, 3}, {48}},
       [](const Tensors& t) {
         return conv3d_channels_last(t[0], t[1], t[2], {1, 1, 1}, {0, 1, 1});
       }},
      {"conv3d, strides that leave a rest",
       {{1, 4, 16, 24, 32}},
       {{32, 32, 1, 3, 3}, {32}},
       [](const Tensors& t) {
         return conv3d_channels_last(t[0], t[1], t[2], {1, 2, 2}, {0, 0, 0});
       }},
      {"causal_conv3d with a past",
       {{1, 4, 16, 24, 32}, {1, 2, 16, 24, 32}},
       {{48, 32, 3, 3, 3}, {48}},
       [](const Tensors& t) { return causal_conv3d(t[0], t[1], t[2], t[3], PackedWeight()); }},
      {"doubled_conv2d",
       {{1, 2, 8, 12, 32}},
       {{16, 32, 3, 3}, {16}},
       [](const Tensors& t) { return doubled_conv2d(t[0], t[1], t[2], PackedWeight()); }},
      {"rotate",
       {{2, 31, 6, 64}},
       {},
       [](const Tensors& t) {
         const at::Tensor angles =
             at::randn({31, 32}, at::detail::createCPUGenerator(5), at::TensorOptions().dtype(at::kFloat));
         return rotate(t[0], table_of(angles, t[0].device()), 4);
       }},
      {"rotate_pairs",
       {{2, 31, 6, 64}},
       {},
       [](const Tensors& t) {
         const at::Tensor angles =
             at::randn({31, 1, 32}, at::detail::createCPUGenerator(5), at::TensorOptions().dtype(at::kFloat));
         return rotate_pairs(t[0], at::complex(angles.cos(), angles.sin()).to(t[0].device()));
       }},
      {"layer_norm",
       {{2, 31, 96}},
       {{96}, {96}},
       [](const Tensors& t) { return layer_norm(t[0], t[1].to(at::kFloat), t[2].to(at::kFloat), 1e-6); }},
      {"modulated_norm, a row a clip",
       {{3, 31, 96}},
       {{3, 1, 96}, {3, 1, 96}},
       [](const Tensors& t) { return modulated_norm(t[0], t[1].to(at::kFloat), t[2].to(at::kFloat), 1e-6); }},
      {"modulated_norm, one row",
       {{3, 31, 96}},
       {{1, 1, 96}, {1, 1, 96}},
       [](const Tensors& t) { return modulated_norm(t[0], t[1].to(at::kFloat), t[2].to(at::kFloat), 1e-6); }},
      {"modulated_norm, trained",
       {{3, 31, 96}, {3, 1, 96}, {3, 1, 96}},
       {},
       [](const Tensors& t) { return modulated_norm(t[0], t[1].to(at::kFloat), t[2].to(at::kFloat), 1e-6); }},
      {"gated_sum, trained",
       {{3, 31, 96}, {3, 31, 96}, {1, 1, 96}},
       {},
       [](const Tensors& t) { return gated_sum(t[0], t[1], t[2].to(at::kFloat)); }},
      {"gated_sum",
       {{3, 31, 96}, {3, 31, 96}},
       {{3, 1, 96}},
       [](const Tensors& t) { return gated_sum(t[0], t[1], t[2].to(at::kFloat)); }},
      {"resize_bicubic", {{3, 60, 104}}, {}, [](const Tensors& t) { return resize_bicubic(t[0], 28, 56); }},
      {"causal_attention",
       {{2, 77, 8, 64}, {2, 77, 2, 64}, {2, 77, 2, 64}},
       {},
       [](const Tensors& t) { return causal_attention(t[0], t[1], t[2], 0.125); }},
      {"shared_prefix_attention",
       {{2, 3, 17, 8, 64}, {2, 70, 2, 64}, {2, 70, 2, 64}, {2, 3, 17, 2, 64}, {2, 3, 17, 2, 64}},
       {},
       [](const Tensors& t) { return shared_prefix_attention(t[0], t[1], t[2], t[3], t[4], 0.125); }},
      {"recompute",
       {{4, 96}},
       {{96, 96}},
       [](const Tensors& t) {
         return recompute([w = t[1]](const Tensors& in) { return at::silu(at::linear(in[0], w)) / 10; },
                          {t[0]}, anchor(t[0]));
       }},
  };
}

class OpsOnCuda : public testing::OnCuda {};

TEST_F(OpsOnCuda, Float32EqualsTheCpus) {
  // cuDNN would take TF32's 10 bits for convolutions, which is what docs/numerics.md says of training; here
  // the order of sums alone may differ.
  at::globalContext().setAllowTF32CuDNN(false);
  for (const Case& c : cases()) {
    const Tensors want = results(c, at::kCPU, at::kFloat), got = results(c, device_, at::kFloat);
    for (size_t i = 0; i < want.size(); ++i)
      EXPECT_TRUE(close_relative(got[i], want[i], 1e-5)) << c.name << ", result " << i << " (0: the value)";
  }
  at::globalContext().setAllowTF32CuDNN(true);
}

TEST_F(OpsOnCuda, BFloat16StaysWithinAFewRoundingsOfFloat32) {
  for (const Case& c : cases()) {
    const Tensors want = results(c, at::kCPU, at::kFloat), got = results(c, device_, at::kBFloat16);
    // Three roundings of 2^-9 that add up, in operations of up to a handful of steps.
    for (size_t i = 0; i < want.size(); ++i)
      EXPECT_TRUE(close_relative(got[i], want[i], 0.0125)) << c.name << ", result " << i << " (0: the value)";
  }
}

TEST_F(OpsOnCuda, AdaptersOfHalfLayersGetFloat32Gradients) {
  // Whole numbers whose sums need more digits than bfloat16 has: exact in float32 sums alone.
  const auto whole = [&](at::IntArrayRef shape, uint64_t seed) {
    return at::randint(-1, 2, shape, at::detail::createCPUGenerator(seed), at::TensorOptions());
  };
  const int64_t tokens = 20'000;
  const at::Tensor x = whole({tokens, 64}, 1), dy = whole({tokens, 32}, 2);
  const at::Tensor A = whole({4, 64}, 3), B = whole({32, 4}, 4);
  const auto on = [&](const at::Tensor& t, at::ScalarType dtype) { return t.to(device_, dtype); };
  const at::Tensor a = on(A, at::kFloat).set_requires_grad(true),
                   b = on(B, at::kFloat).set_requires_grad(true);
  low_rank_linear(on(x, at::kBFloat16), on(at::zeros({32, 64}), at::kBFloat16), {}, a, b, 1)
      .backward(on(dy, at::kBFloat16));
  EXPECT_EQ(a.grad().scalar_type(), at::kFloat);
  EXPECT_TRUE(a.grad().cpu().equal(at::mm(at::mm(dy, B).t(), x)));
  EXPECT_TRUE(b.grad().cpu().equal(at::mm(dy.t(), at::mm(x, A.t()))));
}

// Else the cases above would pass by libtorch's operators.
TEST_F(OpsOnCuda, OwnKernelsAreCompiledForThisCard) {
  for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16, at::kHalf})
    EXPECT_TRUE(has_device_rows(at::ones({3, 96}, at::TensorOptions().device(device_).dtype(dtype))))
        << dtype;
  EXPECT_FALSE(has_device_rows(at::ones({3, 95}, device_)));
}

}  // namespace
}  // namespace drf::ops
