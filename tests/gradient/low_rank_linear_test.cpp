// A linear layer with its adapter as one operation against the two written out with libtorch's operators.
#include "drf/ops/low_rank_linear.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>

#include "drf/nn/linear.h"
#include "drf/tensor/dry_run.h"
#include "drf/tensor/memory_meter.h"
#include "tests/support/golden.h"

namespace drf::ops {
namespace {

using testing::close_relative;

struct Case {
  std::vector<int64_t> x_shape;
  int64_t out, rank;
  bool bias, needs_x;
};

void expect_equal(at::ScalarType dtype, double tolerance, const Case& c) {
  const auto draw = [&, generator = at::detail::createCPUGenerator(3)](at::IntArrayRef shape) {
    return at::randn(shape, generator, at::TensorOptions().dtype(at::kDouble)).to(dtype);
  };
  const int64_t in = c.x_shape.back();
  const at::Tensor W = draw({c.out, in}), b = c.bias ? draw({c.out}) : at::Tensor();
  const at::Tensor x = draw(c.x_shape), A = draw({c.rank, in}), B = draw({c.out, c.rank});
  std::vector<at::Tensor> values, gradients[2];
  for (int fused = 0; fused < 2; ++fused) {
    const auto leaf = [&](const at::Tensor& t, bool needed) {
      return t.detach().to(fused ? dtype : at::kDouble).set_requires_grad(needed);
    };
    const at::Tensor x1 = leaf(x, c.needs_x), A1 = leaf(A, true), B1 = leaf(B, true);
    const at::Tensor W1 = leaf(W, false), b1 = c.bias ? leaf(b, false) : at::Tensor();
    const at::Tensor y = fused ? low_rank_linear(x1, W1, b1, A1, B1, 0.7)
                               : at::linear(x1, W1, b1) + 0.7 * at::linear(at::linear(x1, A1), B1);
    (y * y.detach()).sum().backward();
    values.push_back(y);
    for (const at::Tensor& t : {x1, A1, B1}) gradients[fused].push_back(t.grad());
  }
  EXPECT_TRUE(close_relative(values[1], values[0], tolerance));
  EXPECT_EQ(gradients[1][0].defined(), c.needs_x);
  for (size_t i = c.needs_x ? 0 : 1; i < 3; ++i) {
    EXPECT_EQ(gradients[1][i].sizes(), gradients[0][i].sizes());
    EXPECT_TRUE(close_relative(gradients[1][i], gradients[0][i], tolerance)) << i;
  }
}

const std::vector<Case> kCases = {{{3, 7, 5}, 11, 2, true, true},
                                  {{3, 7, 5}, 11, 2, false, true},
                                  {{13, 4}, 1, 9, true, false},
                                  {{1, 1, 1, 6}, 6, 1, true, true}};

TEST(LowRankLinear, EqualsTheLayerAndItsAdapterOneAfterTheOther) {
  for (const Case& c : kCases) {
    expect_equal(at::kDouble, 1e-13, c);  // sums of a few products, ordered differently
    expect_equal(at::kFloat, 1e-5, c);
  }
}

at::Tensor draw(at::IntArrayRef shape, uint64_t seed) {
  return at::randn(shape, at::detail::createCPUGenerator(seed), at::TensorOptions().dtype(at::kDouble));
}
at::Tensor integers(at::IntArrayRef shape, uint64_t seed) {
  return at::randint(-3, 4, shape, at::detail::createCPUGenerator(seed), at::TensorOptions());
}

// float32 masters on a half layer, against float64 on the very numbers that the half model has.
void expect_close_in_half(at::ScalarType dtype, double unit, const Case& c) {
  const int64_t in = c.x_shape.back();
  const double in_scale = 1 / std::sqrt(static_cast<double>(in));
  const auto half = [&](const at::Tensor& t) { return t.to(dtype); };
  const at::Tensor W = half(draw({c.out, in}, 1) * in_scale), x = half(draw(c.x_shape, 2));
  const at::Tensor b = c.bias ? half(draw({c.out}, 3)) : at::Tensor();
  const at::Tensor A = (draw({c.rank, in}, 4) * in_scale).to(at::kFloat);
  const at::Tensor B = draw({c.out, c.rank}, 5).to(at::kFloat);
  std::vector<at::Tensor> values, gradients[2];
  for (int fused = 0; fused < 2; ++fused) {
    const auto frozen = [&](const at::Tensor& t) { return fused || !t.defined() ? t : t.to(at::kDouble); };
    const auto leaf = [&](const at::Tensor& t, bool needed) {
      return frozen(t).detach().clone().set_requires_grad(needed);
    };
    const at::Tensor x1 = leaf(x, c.needs_x), A1 = leaf(A, true), B1 = leaf(B, true);
    const at::Tensor y =
        fused ? low_rank_linear(x1, W, b, A1, B1, 0.7)
              : at::linear(x1, frozen(W), frozen(b)) + 0.7 * at::linear(at::linear(x1, A1), B1);
    const at::Tensor dy = half(draw(y.sizes(), 6)).to(y.scalar_type());
    y.backward(dy);
    values.push_back(y);
    for (const at::Tensor& t : {x1, A1, B1}) gradients[fused].push_back(t.grad());
  }
  // Each of x, A, B, z, y and the products in between is rounded a few times, independently.
  EXPECT_EQ(values[1].scalar_type(), dtype);
  EXPECT_TRUE(close_relative(values[1], values[0], 2 * unit));
  EXPECT_EQ(gradients[1][0].defined(), c.needs_x);
  for (size_t i = c.needs_x ? 0 : 1; i < 3; ++i) {
    EXPECT_EQ(gradients[1][i].scalar_type(), i == 0 ? dtype : at::kFloat);
    EXPECT_TRUE(close_relative(gradients[1][i], gradients[0][i], 2 * unit)) << i;
  }
}

TEST(LowRankLinear, HalfModelsStayWithinTheirRoundingOfFloat64) {
  for (const Case& c : {Case{{3, 70, 64}, 48, 8, true, true}, Case{{301, 40}, 96, 4, false, true},
                        Case{{50, 33}, 17, 3, true, false}}) {
    expect_close_in_half(at::kBFloat16, 1.0 / 256, c);  // half a unit in the last place, relative: 2^-9
    expect_close_in_half(at::kHalf, 1.0 / 2048, c);
  }
}

TEST(LowRankLinear, GradientsInHalfModelsAreSummedInFloat32) {
  // Small whole numbers: every product is exact in any type, and the sums over 9,001 tokens in float32 alone.
  const int64_t tokens = 9001, in = 257, out = 31, rank = 3;
  for (const auto dtype : {at::kBFloat16, at::kHalf}) {
    const at::Tensor x = integers({tokens, in}, 1).to(dtype), dy = integers({tokens, out}, 2).to(dtype);
    const at::Tensor W = at::zeros({out, in}, dtype);
    const auto sparse = [](const at::Tensor& t) {
      return t * at::arange(t.numel()).view_as(t).remainder(13).eq(0);
    };
    const at::Tensor A = sparse(integers({rank, in}, 3)).to(at::kFloat).set_requires_grad(true),
                     B = sparse(integers({out, rank}, 4)).to(at::kFloat).set_requires_grad(true);
    low_rank_linear(x, W, {}, A, B, 0.5).backward(dy);
    const at::Tensor x64 = x.to(at::kDouble), dy64 = dy.to(at::kDouble);
    const at::Tensor dA = 0.5 * at::mm(at::mm(dy64, B.detach().to(at::kDouble)).t(), x64);
    const at::Tensor dB = 0.5 * at::mm(dy64.t(), at::mm(x64, A.detach().to(at::kDouble).t()));
    ASSERT_GT(dA.abs().max().item<double>(), 300);  // more digits than bfloat16 has
    EXPECT_TRUE(A.grad().to(at::kDouble).equal(dA));
    EXPECT_TRUE(B.grad().to(at::kDouble).equal(dB));
  }
}

// What a layer of a half model and its adapter keep for the backward beside x and y, and allocate at once.
struct Taken {
  int64_t kept = 0, forward_peak = 0, backward_peak = 0;
};
Taken taken_by_linear(at::Device device, int64_t tokens, int64_t width) {
  const int64_t rank = 32;
  const auto options = at::TensorOptions().device(device).dtype(at::kBFloat16);
  nn::Linear linear(width, width);
  for (const auto& p : linear.named_parameters()) *p.tensor = at::zeros(p.tensor->sizes(), options);
  linear.set_lora(at::zeros({rank, width}, options.dtype(at::kFloat)).set_requires_grad(true),
                  at::zeros({width, rank}, options.dtype(at::kFloat)).set_requires_grad(true), 1);
  const at::Tensor x = at::zeros({1, tokens, width}, options).set_requires_grad(true);
  const at::Tensor dy = at::zeros({1, tokens, width}, options);
  MemoryMeter meter(device);
  at::Tensor y = linear.forward(x);
  Taken taken{meter.live() - static_cast<int64_t>(y.nbytes()), meter.peak()};
  const int64_t before = meter.live();
  meter.reset_peak();
  y.backward(dy);
  taken.backward_peak = meter.peak() - before;
  return taken;
}

TEST(LowRankLinear, HalfModelsKeepAFewBytesATokenBesideTheirInput) {
  const auto expect_lean = [](at::Device device, int64_t tokens, int64_t width) {
    const Taken taken = taken_by_linear(device, tokens, width);
    const int64_t whole = 2 * tokens * width;    // x or y or their gradients
    const int64_t thin = 2 * tokens * 32;        // z or dz
    const int64_t masters = 2 * 4 * 32 * width;  // A and B, or their gradients
    const int64_t chunk = 8 << 20;               // rows in float32, on the CPU
    // oneDNN packs the weight where a CPU has AMX: .63 MiB were measured for .5 MiB of weight, x is 8
    const int64_t packed = device.is_cpu() ? 2 * 2 * width * width : 0;
    std::printf("%s, %ld wide: kept %.1f, forward %.1f, backward %.1f bytes a token\n", device.str().c_str(),
                width, double(taken.kept) / double(tokens), double(taken.forward_peak) / double(tokens),
                double(taken.backward_peak) / double(tokens));
    EXPECT_EQ(taken.kept, thin);
    EXPECT_LE(taken.forward_peak, whole + thin + 3 * masters + packed);
    EXPECT_LE(taken.backward_peak, whole + thin + 3 * masters + (device.is_cpu() ? chunk : 0));
  };
  for (const int64_t width : {1536, 5120}) {
    const DryRun cuda(at::kCUDA);
    expect_lean(at::kMeta, 32760, width);
  }
  expect_lean(at::kCPU, 8192, 512);
}

TEST(LowRankLinear, FrozenHalvesGetNoGradient) {
  const at::Tensor x = at::ones({2, 3}).set_requires_grad(true), A = at::ones({1, 3}), B = at::ones({4, 1});
  low_rank_linear(x, at::ones({4, 3}), {}, A, B, 1).sum().backward();
  EXPECT_FALSE(A.grad().defined());
  EXPECT_TRUE(x.grad().equal(at::full({2, 3}, 8.0)));
}

}  // namespace
}  // namespace drf::ops
