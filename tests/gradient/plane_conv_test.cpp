// The CPU's float32 convolutions against at::conv3d in float64: what they compute (causal_conv3d,
// doubled_conv2d) and the matrix product inside.

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include <array>

#include "drf/base/error.h"
#include "drf/ops/causal_conv3d.h"
#include "drf/ops/panel_product.h"
#include "tests/support/golden.h"

namespace drf::ops {
namespace {

using testing::close;
using testing::close_relative;

// float32 sums in another order, of differences of pixels: measured at most 4e-7 in relative L2.
constexpr double kRounding = 2e-6;

at::Tensor noise(at::IntArrayRef sizes, uint64_t seed) {
  return at::randn(sizes, at::detail::createCPUGenerator(seed), at::kDouble);
}
at::Tensor leaf(const at::Tensor& x, at::ScalarType dtype) {
  return x.to(dtype, /*non_blocking=*/false, /*copy=*/true).requires_grad_();
}

/// The definition: zeros or the past in front, plain conv3d.
at::Tensor by_definition(const at::Tensor& x, const at::Tensor& past, const at::Tensor& weight,
                         const at::Tensor& bias, const at::Tensor& add) {
  at::IntArrayRef s = x.sizes();
  const at::Tensor front =
      past.defined() ? past : at::zeros({s[0], weight.size(2) - 1, s[2], s[3], s[4]}, x.options());
  const at::Tensor all = at::cat({front, x}, 1).permute({0, 4, 1, 2, 3});
  const at::Tensor y = at::conv3d(all, weight, bias, {1, 1, 1}, {0, weight.size(3) / 2, weight.size(4) / 2})
                           .permute({0, 2, 3, 4, 1});
  return add.defined() ? y + add : y;
}

struct Case {
  const char* name;
  int64_t B, T, H, W, in, out, taps;
};

class CausalConv3d : public ::testing::TestWithParam<Case> {};

TEST_P(CausalConv3d, EqualsItsDefinitionInValuesAndGradients) {
  const Case& c = GetParam();
  const at::Tensor x = noise({c.B, c.T, c.H, c.W, c.in}, 1),
                   past = noise({c.B, c.taps - 1, c.H, c.W, c.in}, 2),
                   add = noise({c.B, c.T, c.H, c.W, c.out}, 3), probe = noise(add.sizes(), 4),
                   weight = noise({c.out, c.in, c.taps, 3, 3}, 5), bias = noise({c.out}, 6);
  for (const bool has_past : {false, true}) {
    if (has_past && c.taps == 1) continue;
    for (const bool has_add : {false, true}) {
      SCOPED_TRACE(concat("past ", has_past, " add ", has_add));
      const auto inputs = [&](at::ScalarType dtype) {
        return std::array{leaf(x, dtype), has_past ? leaf(past, dtype) : at::Tensor(),
                          has_add ? leaf(add, dtype) : at::Tensor()};
      };
      const auto want = inputs(at::kDouble), got = inputs(at::kFloat), wide = inputs(at::kDouble);
      const PackedWeight packed;
      const at::Tensor y = by_definition(want[0], want[1], weight, bias, want[2]);
      const at::Tensor y32 =
          causal_conv3d(got[0], got[1], weight.to(at::kFloat), bias.to(at::kFloat), packed, got[2]);
      const at::Tensor y64 = causal_conv3d(wide[0], wide[1], weight, bias, packed, wide[2]);
      EXPECT_TRUE(y32.is_contiguous());
      EXPECT_TRUE(close(y32, y, kRounding));  // of the largest value: one pixel can cancel
      EXPECT_TRUE(close_relative(y64, y, 1e-13));
      (y * probe).sum().backward();
      (y32 * probe.to(at::kFloat)).sum().backward();
      (y64 * probe).sum().backward();
      for (size_t i = 0; i < 3; ++i) {
        if (!want[i].defined()) continue;
        EXPECT_TRUE(close_relative(got[i].grad(), want[i].grad(), kRounding)) << i;
        EXPECT_TRUE(close_relative(wide[i].grad(), want[i].grad(), 1e-13)) << i;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, CausalConv3d,
    ::testing::Values(Case{"one_pixel", 1, 1, 1, 1, 1, 1, 3}, Case{"odd", 2, 3, 5, 7, 3, 5, 3},
                      Case{"even_by_odd", 2, 2, 4, 9, 7, 8, 3}, Case{"one_frame", 1, 1, 6, 6, 5, 17, 3},
                      Case{"many_frames", 1, 8, 3, 4, 4, 24, 3},
                      Case{"full_registers", 1, 2, 8, 8, 24, 48, 3},
                      Case{"four_vectors", 1, 2, 7, 6, 9, 32, 3}, Case{"wide", 1, 3, 5, 6, 96, 40, 3},
                      Case{"no_time", 2, 3, 5, 5, 6, 11, 1}, Case{"five_taps", 1, 4, 5, 5, 6, 11, 5},
                      Case{"several_blocks", 1, 3, 40, 38, 6, 7, 3},
                      Case{"narrow_out", 1, 2, 9, 33, 24, 3, 3}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(CausalConv3dInputs, MayNeedNoGradientOneByOne) {
  const at::Tensor weight = noise({3, 2, 3, 3, 3}, 5).to(at::kFloat), bias = noise({3}, 6).to(at::kFloat);
  const PackedWeight packed;
  const auto inputs = [&] {
    return std::array{noise({1, 3, 4, 4, 2}, 1).to(at::kFloat), noise({1, 2, 4, 4, 2}, 2).to(at::kFloat),
                      noise({1, 3, 4, 4, 3}, 3).to(at::kFloat)};
  };
  const auto all = inputs();
  for (const auto& t : all) t.requires_grad_();
  causal_conv3d(all[0], all[1], weight, bias, packed, all[2]).square().sum().backward();
  for (size_t i = 0; i < 3; ++i) {
    const auto one = inputs();
    one[i].requires_grad_();
    causal_conv3d(one[0], one[1], weight, bias, packed, one[2]).square().sum().backward();
    EXPECT_TRUE(at::equal(one[i].grad(), all[i].grad())) << i;
    for (size_t j = 0; j < 3; ++j) EXPECT_EQ(one[j].grad().defined(), i == j);
  }
}

TEST(CausalConv3dInputs, OtherKernelsAndTrainedWeightsTakeTheGeneralRoad) {
  const at::Tensor x = noise({2, 3, 4, 5, 2}, 1).to(at::kFloat), bias = noise({3}, 6).to(at::kFloat);
  for (const auto& kernel : {std::vector<int64_t>{3, 1, 1}, {3, 5, 3}, {1, 1, 1}, {3, 3, 3}}) {
    const at::Tensor weight =
        noise({3, 2, kernel[0], kernel[1], kernel[2]}, 5).to(at::kFloat).requires_grad_();
    const PackedWeight packed;
    const at::Tensor trained = causal_conv3d(x, {}, weight, bias, packed);
    trained.sum().backward();
    EXPECT_TRUE(weight.grad().defined());
    EXPECT_TRUE(close_relative(causal_conv3d(x, {}, weight.detach(), bias, packed), trained, kRounding));
    EXPECT_TRUE(close_relative(trained, by_definition(x, {}, weight, bias, {}), kRounding));
  }
}

TEST(CausalConv3dInputs, AWeightThatChangesIsPackedAgain) {
  const at::Tensor x = noise({1, 2, 4, 4, 2}, 1).to(at::kFloat), bias = at::zeros({3});
  at::Tensor weight = noise({3, 2, 3, 3, 3}, 5).to(at::kFloat);
  const PackedWeight packed;
  const at::Tensor before = causal_conv3d(x, {}, weight, bias, packed);
  weight.mul_(2);
  EXPECT_TRUE(at::equal(causal_conv3d(x, {}, weight, bias, packed), 2 * before));
  weight = 4 * weight;
  EXPECT_TRUE(at::equal(causal_conv3d(x, {}, weight, bias, packed), 8 * before));
}

TEST(CausalConv3dInputs, NothingOfTheInputIsKept) {
  const at::Tensor weight = noise({3, 2, 3, 3, 3}, 5).to(at::kFloat), bias = at::zeros({3});
  const PackedWeight packed;
  at::Tensor x = noise({1, 2, 4, 4, 2}, 1).to(at::kFloat).requires_grad_() * 2;
  const at::Storage memory = x.storage();
  const at::Tensor y = causal_conv3d(x, {}, weight, bias, packed);
  EXPECT_TRUE(y.requires_grad());
  x = at::Tensor();
  EXPECT_EQ(memory.use_count(), 1);
}

TEST(DoubledConv2d, EqualsEnlargingFirstInValuesAndGradients) {
  for (const auto& [T, H, W, in, out] : {std::array<int64_t, 5>{1, 1, 1, 1, 1},
                                         {2, 3, 5, 3, 7},
                                         {1, 4, 4, 24, 12},
                                         {3, 17, 19, 6, 40},
                                         {2, 8, 5, 48, 24}}) {
    SCOPED_TRACE(concat(T, " x ", H, " x ", W, ": ", in, " to ", out));
    const at::Tensor x = noise({2, T, H, W, in}, 1), weight = noise({out, in, 3, 3}, 5),
                     bias = noise({out}, 6);
    const at::Tensor want_x = leaf(x, at::kDouble), got_x = leaf(x, at::kFloat),
                     wide_x = leaf(x, at::kDouble);
    const at::Tensor twice = want_x.repeat_interleave(2, 2).repeat_interleave(2, 3);
    const at::Tensor want = by_definition(twice, {}, weight.unsqueeze(2), bias, {});
    const PackedWeight packed;
    const at::Tensor got = doubled_conv2d(got_x, weight.to(at::kFloat), bias.to(at::kFloat), packed);
    const at::Tensor wide = doubled_conv2d(wide_x, weight, bias, packed);
    EXPECT_TRUE(close_relative(got, want, kRounding));
    EXPECT_TRUE(close_relative(wide, want, 1e-13));
    const at::Tensor probe = noise(want.sizes(), 4);
    (want * probe).sum().backward();
    (got * probe.to(at::kFloat)).sum().backward();
    (wide * probe).sum().backward();
    EXPECT_TRUE(close_relative(got_x.grad(), want_x.grad(), kRounding));
    EXPECT_TRUE(close_relative(wide_x.grad(), want_x.grad(), 1e-13));
  }
}

TEST(SumOfProducts, EqualsMatmulForEveryWidthOfPanel) {
  for (int64_t N = 1; N <= 80; ++N) {
    const int64_t M = 1 + N % 19, C = 1 + N % 7;
    const Panels panels = panels_for(N);
    const at::Tensor a = noise({2, round_up_rows(M), C}, 1).to(at::kFloat),
                     b = noise({2, C, N}, 2).to(at::kFloat);
    const at::Tensor packed = at::full({2, C * panels.padded}, 7.0f),
                     y = at::full({round_up_rows(M), panels.padded}, 7.0f);
    std::vector<Term> terms;
    for (int64_t k = 0; k < 2; ++k) {
      pack_columns(b[k].const_data_ptr<float>(), N, 1, C, N, panels, packed[k].mutable_data_ptr<float>());
      terms.push_back({a[k].const_data_ptr<float>(), packed[k].const_data_ptr<float>()});
    }
    sum_of_products(terms.data(), 2, C, panels, M, y.mutable_data_ptr<float>());
    const at::Tensor want = at::matmul(a, b).sum(0).narrow(0, 0, M);
    EXPECT_TRUE(close(y.narrow(0, 0, M).narrow(1, 0, N), want, 1e-5)) << N;
    EXPECT_TRUE((y.narrow(0, 0, M).narrow(1, N, panels.padded - N) == 0).all().item<bool>()) << N;
  }
}

}  // namespace
}  // namespace drf::ops
