// Bicubic resizing as matrix products, against libtorch's own antialiased interpolation.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "drf/ops/separable_resize.h"
#include "tests/support/golden.h"

namespace drf::ops {
namespace {

using testing::close;
using testing::close_relative;

at::Tensor draw(at::IntArrayRef shape) {
  return at::randn(shape, at::detail::createCPUGenerator(2), at::TensorOptions().dtype(at::kDouble));
}

struct Sizes {
  int64_t height, width, new_height, new_width;
};
class Resize : public ::testing::TestWithParam<Sizes> {};

TEST_P(Resize, ValuesAndGradientEqualLibtorchsInFloat64) {
  const auto [height, width, new_height, new_width] = GetParam();
  const at::Tensor x = draw({2, 3, height, width}).set_requires_grad(true);
  const at::Tensor y = x.detach().clone().set_requires_grad(true);
  const at::Tensor probe = draw({2, 3, new_height, new_width});
  const at::Tensor got = resize_bicubic(x, new_height, new_width);
  const at::Tensor want =
      at::_upsample_bicubic2d_aa(y, {new_height, new_width}, /*align_corners=*/false, {}, {});
  EXPECT_TRUE(close(got, want, 1e-12));
  (got * probe).sum().backward();
  (want * probe).sum().backward();
  EXPECT_TRUE(close(x.grad(), y.grad(), 1e-12));
}

TEST_P(Resize, Float32IsNearFloat64) {
  const auto [height, width, new_height, new_width] = GetParam();
  const at::Tensor x = draw({1, 3, height, width});
  // Weights are made in float64 and rounded once; libtorch's own float32 is 2e-5 off here.
  EXPECT_TRUE(close(resize_bicubic(x.to(at::kFloat), new_height, new_width),
                    resize_bicubic(x, new_height, new_width), 1e-6));
  EXPECT_EQ(resize_bicubic(x.to(at::kBFloat16), new_height, new_width).scalar_type(), at::kBFloat16);
}

// No result one pixel wide: libtorch 2.13's own is wrong there (its two passes do not commute).
INSTANTIATE_TEST_SUITE_P(Sizes, Resize,
                         ::testing::Values(Sizes{48, 64, 32, 48}, Sizes{9, 14, 28, 28}, Sizes{37, 53, 28, 56},
                                           Sizes{20, 20, 20, 7}, Sizes{20, 21, 5, 21}, Sizes{1, 2, 3, 4},
                                           Sizes{97, 31, 3, 2}));

TEST(Resize, TheSameSizeIsLeftAlone) {
  const at::Tensor x = draw({3, 8, 8});
  EXPECT_TRUE(resize_bicubic(x, 8, 8).is_same(x));
}

TEST(Resize, RowsOfWeightsSumToOne) {
  for (const auto& [in, out] : {std::pair(10, 4), std::pair(4, 10), std::pair(7, 7), std::pair(100, 3)}) {
    EXPECT_TRUE(close(bicubic_weights(in, out).sum(1), at::ones({out}, at::kDouble), 1e-14));
  }
}

TEST(Resize, TheGradientIsTheFiniteDifference) {
  const at::Tensor x = draw({1, 13, 17}).set_requires_grad(true), probe = draw({1, 8, 20}),
                   way = draw({1, 13, 17});
  const auto value = [&](const at::Tensor& at) { return (resize_bicubic(at, 8, 20) * probe).sum(); };
  value(x).backward();
  // Linear: the difference quotient is exact but for rounding.
  const at::Tensor quotient = (value(x.detach() + way) - value(x.detach() - way)) / 2;
  EXPECT_TRUE(close_relative((x.grad() * way).sum(), quotient, 1e-12));
}

}  // namespace
}  // namespace drf::ops
