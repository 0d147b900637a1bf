// A linear layer with its adapter as one operation against the two written out with libtorch's operators.
#include "drf/ops/low_rank_linear.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

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

TEST(LowRankLinear, FrozenHalvesGetNoGradient) {
  const at::Tensor x = at::ones({2, 3}).set_requires_grad(true), A = at::ones({1, 3}), B = at::ones({4, 1});
  low_rank_linear(x, at::ones({4, 3}), {}, A, B, 1).sum().backward();
  EXPECT_FALSE(A.grad().defined());
  EXPECT_TRUE(x.grad().equal(at::full({2, 3}, 8.0)));
}

}  // namespace
}  // namespace drf::ops
