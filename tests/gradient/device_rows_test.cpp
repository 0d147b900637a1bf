// The kernels of ops/device_rows.cuh, whose source is CUDA's, run here on emulated warps: values and
// gradients against the operations that they stand for, in float32, and in half types within their rounding.
// That a card's compiler takes the source is looked at where there is one.
#include "drf/ops/device_rows.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "drf/ops/device_program.h"
#include "drf/ops/modulation.h"
#include "drf/ops/rms_norm.h"
#include "drf/ops/rms_silu.h"
#include "drf/ops/rotary.h"
#include "tests/support/golden.h"
#include "tests/support/warp_emulator.h"

namespace drf::testing::warp {

#include "drf/ops/device_rows.cuh"

float wide(f16 v) { return static_cast<float>(c10::Half(v.bits, c10::Half::from_bits())); }
void put(bf16& to, float v) { to.bits = c10::BFloat16(v).x; }
void put(f16& to, float v) { to.bits = c10::Half(v).x; }

}  // namespace drf::testing::warp

namespace drf::ops {
namespace {

namespace warp = testing::warp;
using testing::close_relative;

at::Tensor draw(at::IntArrayRef shape, uint64_t seed) {
  return at::randn(shape, at::detail::createCPUGenerator(seed), at::TensorOptions());
}

template <typename T>
struct Of;
template <>
struct Of<float> {
  static constexpr auto type = at::kFloat;
  static constexpr double rounding = 2e-6;
};
template <>
struct Of<warp::bf16> {
  static constexpr auto type = at::kBFloat16;
  static constexpr double rounding = 0.004;
};
template <>
struct Of<warp::f16> {
  static constexpr auto type = at::kHalf;
  static constexpr double rounding = 5e-4;
};

template <typename T>
const T* in(const at::Tensor& t) {
  return static_cast<const T*>(t.const_data_ptr());
}
template <typename T>
T* out(const at::Tensor& t) {
  return static_cast<T*>(t.mutable_data_ptr());
}

/// What an operation gives and what it pulls back, in float32 from numbers that T has.
struct Want {
  at::Tensor value;
  std::vector<at::Tensor> pulled;
};
template <typename Operation>
Want want(std::vector<at::Tensor> varied, const at::Tensor& grad, const Operation& operation) {
  for (at::Tensor& t : varied) t = t.to(at::kFloat).set_requires_grad(true);
  const at::Tensor y = operation(varied);
  y.backward(grad.to(at::kFloat));
  Want result{y.detach(), {}};
  for (const at::Tensor& t : varied) result.pulled.push_back(t.grad());
  return result;
}

template <typename T>
class DeviceRows : public ::testing::Test {
 protected:
  static constexpr int kWidth = 392, kRows = 6;  // more packets than lanes, not a multiple of them
  static at::Tensor rounded(const at::Tensor& t) { return t.to(Of<T>::type); }
  static void expect_close(const at::Tensor& got, const at::Tensor& wanted, const char* what) {
    EXPECT_TRUE(close_relative(got.to(at::kFloat), wanted, Of<T>::rounding)) << what;
  }
  static int64_t row_blocks() { return (kRows * 32 + warp::kThreads - 1) / warp::kThreads; }
  static int64_t packet_blocks(const at::Tensor& t) {
    return t.numel() * t.element_size() / 16 / warp::kThreads + 1;
  }

  const at::Tensor x = rounded(draw({2, kRows / 2, kWidth}, 1) + 0.3),
                   g = rounded(draw({2, kRows / 2, kWidth}, 2)), a = rounded(draw({2, kRows / 2, kWidth}, 3)),
                   y = at::empty_like(x);
  const at::Tensor gamma = draw({2, 1, kWidth}, 4) + 1, beta = draw({2, 1, kWidth}, 5);
};
using Types = ::testing::Types<float, warp::bf16, warp::f16>;
TYPED_TEST_SUITE(DeviceRows, Types);

constexpr float kEps = 1e-6f, kFloor = 1e-12f;

TYPED_TEST(DeviceRows, NormsWithARowOfScalesForEachClip) {
  using T = TypeParam;
  const Want w = want({this->x}, this->g,
                      [&](const auto& t) { return modulated_norm(t[0], this->beta, this->gamma - 1, kEps); });
  const float *gamma = in<float>(this->gamma), *beta = in<float>(this->beta);
  warp::launch(this->row_blocks(), [&] {
    warp::layer_norm(in<T>(this->x), gamma, beta, out<T>(this->y), this->kRows, this->kRows / 2, this->kWidth,
                     kEps);
  });
  this->expect_close(this->y, w.value, "value");
  warp::launch(this->row_blocks(), [&] {
    warp::layer_norm_back(in<T>(this->x), gamma, in<T>(this->g), out<T>(this->y), this->kRows,
                          this->kRows / 2, this->kWidth, kEps);
  });
  this->expect_close(this->y, w.pulled[0], "gradient");
}

TYPED_TEST(DeviceRows, GatedSums) {
  using T = TypeParam;
  const Want w =
      want({this->x, this->a}, this->g, [&](const auto& t) { return gated_sum(t[0], t[1], this->gamma); });
  const float* gate = in<float>(this->gamma);
  const int64_t count = this->x.numel();
  warp::launch(this->packet_blocks(this->x), [&] {
    warp::gated(in<T>(this->x), in<T>(this->a), gate, out<T>(this->y), count, this->kRows / 2, this->kWidth);
  });
  this->expect_close(this->y, w.value, "value");
  warp::launch(this->packet_blocks(this->x), [&] {
    warp::gated(static_cast<const T*>(nullptr), in<T>(this->g), gate, out<T>(this->y), count, this->kRows / 2,
                this->kWidth);
  });
  this->expect_close(this->y, w.pulled[1], "gradient");
}

TYPED_TEST(DeviceRows, RootMeanSquareNorms) {
  using T = TypeParam;
  const at::Tensor weight = this->rounded(draw({this->kWidth}, 6) + 1);
  const Want w =
      want({this->x}, this->g, [&](const auto& t) { return rms_norm(t[0], weight.to(at::kFloat), kEps); });
  warp::launch(this->row_blocks(), [&] {
    warp::rms_norm(in<T>(this->x), in<T>(weight), out<T>(this->y), this->kRows, this->kWidth, kEps);
  });
  this->expect_close(this->y, w.value, "value");
  warp::launch(this->row_blocks(), [&] {
    warp::rms_norm_back(in<T>(this->x), in<T>(weight), in<T>(this->g), out<T>(this->y), this->kRows,
                        this->kWidth, kEps);
  });
  this->expect_close(this->y, w.pulled[0], "gradient");
}

TYPED_TEST(DeviceRows, NormsWithSiluAndARowAtTheFloor) {
  using T = TypeParam;
  if (Of<T>::type != at::kFloat)
    GTEST_SKIP() << "half types are rounded in between, as the reference rounds them";
  this->x.select(0, 1).select(0, 1).zero_();
  const at::Tensor gamma = this->gamma[0].flatten().contiguous();
  const Want w = want({this->x}, this->g, [&](const auto& t) { return rms_silu(t[0], gamma); });
  warp::launch(this->row_blocks(), [&] {
    warp::rms_silu(in<T>(this->x), in<float>(gamma), out<T>(this->y), this->kRows, this->kWidth, kFloor);
  });
  this->expect_close(this->y, w.value, "value");
  warp::launch(this->row_blocks(), [&] {
    warp::rms_silu_back(in<T>(this->x), in<float>(gamma), in<T>(this->g), out<T>(this->y), this->kRows,
                        this->kWidth, kFloor);
  });
  this->expect_close(this->y.flatten(0, 1)[4], w.pulled[0].flatten(0, 1)[4], "gradient at the floor");
  for (const at::Tensor& t : {this->y, w.pulled[0]}) t.flatten(0, 1)[4].zero_();  // 1e12 times the others
  this->expect_close(this->y, w.pulled[0], "gradient");
}

TYPED_TEST(DeviceRows, RotationsOfPairs) {
  using T = TypeParam;
  const int64_t tokens = 5;
  const int heads = 3, width = 16;
  const at::Tensor x = this->rounded(draw({2, tokens, heads, width}, 7)),
                   g = this->rounded(draw({2, tokens, heads, width}, 8));
  const at::Tensor angles = draw({tokens, 1, width / 2}, 9), table = at::complex(angles.cos(), angles.sin());
  const at::Tensor y = at::empty_like(x);
  const Want w = want({x}, g, [&](const auto& t) { return rotate_pairs(t[0], table); });
  const float* turns = in<float>(at::view_as_real(table));
  const auto turn = [&](const at::Tensor& from, float direction) {
    warp::launch(this->packet_blocks(x), [&] {
      warp::rotate_pairs(in<T>(from), turns, out<T>(y), from.numel(), tokens, heads, width, direction);
    });
  };
  turn(x, 1);
  this->expect_close(y, w.value, "value");
  turn(g, -1);
  this->expect_close(y, w.pulled[0], "gradient");
}

TEST(DeviceProgram, TheSourceIsTakenForEachGenerationSinceTuring) {
  std::string problem;
  if (compile_for("rows", kDeviceRowsSource, 8, 0, problem).empty() && problem == "no NVRTC beside libtorch")
    GTEST_SKIP() << "libtorch without CUDA brings no compiler";
  for (const auto& [major, minor] : {std::pair{7, 5}, {8, 0}, {8, 6}, {8, 9}, {9, 0}, {10, 0}, {12, 0}}) {
    problem.clear();
    EXPECT_FALSE(compile_for("rows", kDeviceRowsSource, major, minor, problem).empty())
        << major << "." << minor << ": " << problem;
  }
  EXPECT_TRUE(compile_for("rows", "not CUDA", 9, 0, problem).empty());
  EXPECT_NE(problem.find("NVRTC: rows.cu(1): error"), std::string::npos) << problem;
}

}  // namespace
}  // namespace drf::ops
