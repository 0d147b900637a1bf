// Residuals of the five equations: their order on exact solutions, their axes and signs, their gradients, and
// what the solvers' own data leave.
#include "drf/rewards/residual.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "drf/rewards/residual_reward.h"
#include "drf/tensor/dry_run.h"
#include "tests/support/expect_error.h"
#include "tests/support/golden.h"
#include "tests/support/slope.h"

namespace drf::rewards {
namespace {

using fields::Equation;
using fields::name_of;
using testing::close_relative;
using testing::error_of;
using testing::Golden;
using testing::says;

// The same sums in another order, float64.
constexpr double kFloat64 = 1e-12;
constexpr std::array kEquations{Equation::kPoisson, Equation::kHelmholtz, Equation::kDarcy,
                                Equation::kBurgers, Equation::kKolmogorov};

// x along the rows, y along the columns: the inner points of (0, 1)^2, H x W.
struct Grid {
  at::Tensor x, y;
  Grid(int64_t H, int64_t W)
      : x(at::arange(1, H + 1, at::kDouble).div(static_cast<double>(H + 1)).unsqueeze(1)),
        y(at::arange(1, W + 1, at::kDouble).div(static_cast<double>(W + 1)).unsqueeze(0)) {}
};

at::Tensor field(const std::vector<at::Tensor>& channels, int64_t H, int64_t W) {
  std::vector<at::Tensor> full;
  for (const at::Tensor& channel : channels) full.push_back(channel.expand({H, W}));
  return at::stack(full).unsqueeze(0);
}

double rms(const at::Tensor& r) { return r.square().mean().sqrt().item<double>(); }

// What `of` leaves of an exact solution at 16, 32, 64 points a side: halving h leaves a quarter. h is
// 1 / (n + 1) on inner points, so the halving is not quite one: the order is read off the spacings
// themselves.
void expect_second_order(const std::function<at::Tensor(int64_t)>& of,
                         const std::function<double(int64_t)>& h) {
  std::array<double, 3> left{};
  for (int i = 0; i < 3; ++i) left[i] = rms(of(16 << i));
  EXPECT_GT(left[2], 1e-9) << "an error that is not there has no order";
  for (int i = 0; i < 2; ++i) {
    const double order = std::log(left[i] / left[i + 1]) / std::log(h(16 << i) / h(32 << i));
    EXPECT_NEAR(order, 2.0, 0.1) << left[i] << " then " << left[i + 1];
  }
}

double inner_h(int64_t n) { return 1.0 / static_cast<double>(n + 1); }

// Unequal waves along the axes, so that swapped axes or a wrong h show.
TEST(Residual, PoissonAndHelmholtzAreOfSecondOrder) {
  for (const Equation equation : {Equation::kPoisson, Equation::kHelmholtz}) {
    for (const int64_t waves : {1, 2}) {
      expect_second_order(
          [&](int64_t n) {
            const int64_t H = n, W = n + n / 2;
            const Grid g(H, W);
            const at::Tensor u = at::sin(M_PI * g.x) * at::sin(M_PI * waves * g.y);
            const double k2 = equation == Equation::kHelmholtz ? 1 : 0;
            const at::Tensor f = (k2 - M_PI * M_PI * static_cast<double>(1 + waves * waves)) * u;
            return residual(equation, field({f, u}, H, W));
          },
          inner_h);
    }
  }
}

// u = sin pi x sin 2 pi y and a smooth a: what -div F should be is worked out and taken off.
TEST(Residual, DarcyIsOfSecondOrder) {
  expect_second_order(
      [](int64_t n) {
        const Grid g(n, n);
        const at::Tensor log_a = 0.5 * g.x + 0.8 * g.y * g.y;  // a_x = .5 a, a_y = 1.6 y a
        const at::Tensor u = at::sin(M_PI * g.x) * at::sin(2 * M_PI * g.y);
        const at::Tensor u_x = M_PI * at::cos(M_PI * g.x) * at::sin(2 * M_PI * g.y),
                         u_y = 2 * M_PI * at::sin(M_PI * g.x) * at::cos(2 * M_PI * g.y);
        const at::Tensor divergence = log_a.exp() * (0.5 * u_x + 1.6 * g.y * u_y - 5 * M_PI * M_PI * u);
        // Next to the edge the face has its one cell's a,
        // which is of first order there; inside, of second.
        const at::Tensor left = residual(Equation::kDarcy, field({log_a, u}, n, n)) + 1 + divergence;
        return left.slice(1, 1, n - 1).slice(2, 1, n - 1);
      },
      inner_h);
}

TEST(Residual, DarcysFacesAtTheEdgeHaveTheCellsOwnConductivity) {
  // One column: -(a_s u_1 - ...)/h^2 by hand, a = 2, 6 and u = 3, 5; h = 1/3 along x, 1/2 along y.
  const at::Tensor log_a = at::tensor({2.0, 6.0}, at::kDouble).log().view({1, 1, 2, 1});
  const at::Tensor u = at::tensor({3.0, 5.0}, at::kDouble).view({1, 1, 2, 1});
  const at::Tensor r = residual(Equation::kDarcy, at::cat({log_a, u}, 1));
  const double along_x_1 = 9 * (4 * (5 - 3) - 2 * 3), along_y_1 = 4 * 2 * (-3 - 3);
  const double along_x_2 = 9 * (6 * (0 - 5) - 4 * (5 - 3)), along_y_2 = 4 * 6 * (-5 - 5);
  EXPECT_NEAR(r.flatten()[0].item<double>(), -(along_x_1 + along_y_1) - 1, 1e-11);
  EXPECT_NEAR(r.flatten()[1].item<double>(), -(along_x_2 + along_y_2) - 1, 1e-11);
}

// u = (1 + t) sin 2 pi x + t^3 / 5: the equation's own left side, worked out, is what should be left.
TEST(Residual, BurgersIsOfSecondOrder) {
  expect_second_order(
      [](int64_t n) {
        const at::Tensor t = (at::arange(n, at::kDouble) / static_cast<double>(n - 1)).unsqueeze(1);
        const at::Tensor x = (at::arange(2 * n, at::kDouble) / static_cast<double>(2 * n)).unsqueeze(0);
        const double k = 2 * M_PI;
        const at::Tensor u = (1 + t) * at::sin(k * x) + t.pow(3) / 5;
        const at::Tensor u_t = at::sin(k * x) + 3 * t.square() / 5, u_x = k * (1 + t) * at::cos(k * x),
                         u_xx = -k * k * (1 + t) * at::sin(k * x);
        const at::Tensor exact = u_t + u * u_x - 0.01 * u_xx;
        return residual(Equation::kBurgers, field({u}, n, 2 * n)) - exact.slice(0, 1, n - 1);
      },
      [](int64_t n) { return 1.0 / static_cast<double>(2 * n); });  // dx, whose error is by far the larger
}

TEST(Residual, KolmogorovsLaminarFlowLeavesNothing) {
  for (const auto& [H, W] : {std::pair{16, 16}, {9, 21}, {12, 18}}) {
    const at::Tensor y = at::arange(W, at::kDouble) * (2 * M_PI / W);
    const at::Tensor w = (-4 * at::cos(4 * y) / (0.1 + 16.0 / 1000)).unsqueeze(0);
    const at::Tensor r = residual(Equation::kKolmogorov, field({w, w, w}, H, W), 0.25);
    EXPECT_LT(r.abs().max().item<double>(), 1e-10);
    const at::Tensor turned =
        residual(Equation::kKolmogorov, field({w, w, w}, H, W).transpose(2, 3).contiguous(), 0.25);
    EXPECT_GT(rms(turned), 1) << "x and y are not the same";
  }
}

// w = cos(m x + p y) + cos(q x): psi = each over its k^2, and the advection is worked out by hand.
TEST(Residual, KolmogorovsAdvectionHasTheRightSign) {
  const int64_t H = 20, W = 24;
  const at::Tensor x = (at::arange(H, at::kDouble) * (2 * M_PI / H)).unsqueeze(1),
                   y = (at::arange(W, at::kDouble) * (2 * M_PI / W)).unsqueeze(0);
  const at::Tensor w1 = at::cos(x + 2 * y), w2 = at::cos(3 * x);
  const at::Tensor w = w1 + w2.expand({H, W});
  // psi = w1 / 5 + w2 / 9; U = psi_y, V = -psi_x.
  const at::Tensor U = -2 * at::sin(x + 2 * y) / 5;
  const at::Tensor V = at::sin(x + 2 * y) / 5 + 3 * at::sin(3 * x) / 9;
  const at::Tensor w_x = -at::sin(x + 2 * y) - 3 * at::sin(3 * x), w_y = -2 * at::sin(x + 2 * y);
  const at::Tensor before = 0.5 * w, after = w + 0.25 * at::sin(y);
  const at::Tensor want = (after - before) / (2 * 0.125) + U * w_x + V * w_y + (5 * w1 + 9 * w2) / 1000 +
                          0.1 * w + 4 * at::cos(4 * y);
  const at::Tensor r = residual(Equation::kKolmogorov, field({before, w, after}, H, W), 0.125);
  EXPECT_TRUE(testing::close(r[0], want, 1e-12));
}

TEST(Residual, EqualsTheReferenceOnFieldsOfUnequalSidesWithItsGradient) {
  const Golden golden("fields.safetensors");
  for (const Equation equation : kEquations) {
    SCOPED_TRACE(name_of(equation));
    const at::Tensor q = golden["in." + name_of(equation)].set_requires_grad(true);
    const at::Tensor r = residual(equation, q, equation == Equation::kKolmogorov ? 0.125 : 0);
    EXPECT_TRUE(close_relative(r, golden["out." + name_of(equation)], kFloat64));
    (r * golden["probe." + name_of(equation)]).sum().backward();
    EXPECT_TRUE(close_relative(q.grad(), golden["grad." + name_of(equation)], kFloat64));
  }
}

// Sizes from the solvers of tools/fields; what is stored is float32. Poisson's and Helmholtz's floor is that
// rounding alone; Darcy's beside it the solver's 1e-10; the others' the differences' own error.
TEST(Residual, TheSolversDataLeaveTheirFloor) {
  const Golden golden("fields.safetensors");
  for (const Equation equation : kEquations) {
    SCOPED_TRACE(name_of(equation));
    const at::Tensor q = golden["data." + name_of(equation)];
    ASSERT_EQ(q.scalar_type(), at::kFloat);
    const at::Tensor r = residual(equation, q, equation == Equation::kKolmogorov ? 1.0 / 64 : 0);
    const at::Tensor floor = golden["floor." + name_of(equation)];
    // Rounding's own size is not stable to more than the sums' order; 1e-6 of it is.
    EXPECT_NEAR(r.abs().mean().item<double>(), floor[0].item<double>(), 1e-6 * floor[0].item<double>());
    EXPECT_NEAR(r.square().mean().item<double>(), floor[1].item<double>(), 1e-6 * floor[1].item<double>());
    const bool rounding_alone = equation != Equation::kBurgers && equation != Equation::kKolmogorov;
    if (rounding_alone) {
      EXPECT_LT(floor[0].item<double>(), 1e-5);
    }
    if (is_linear(equation)) {
      EXPECT_TRUE(close_relative(solution(equation, q), q.select(1, 1), 1e-6));
    }
  }
}

TEST(ResidualScore, LatentsBecomeFieldsByMeanAndStandardDeviationOfTheirChannel) {
  fields::FieldConfig config;
  config.equation = Equation::kHelmholtz;
  config.mean = {0.5, -2};
  config.std = {3, 0.25};
  config.residual_scale = 7;
  const at::Tensor z = at::randn({3, 2, 1, 4, 6});
  const at::Tensor f = 0.5 + 3 * z.select(1, 0).select(1, 0).to(at::kDouble),
                   u = -2 + 0.25 * z.select(1, 1).select(1, 0).to(at::kDouble);
  const at::Tensor r = residual(Equation::kHelmholtz, at::stack({f, u}, 1)).flatten(1);
  const ResidualScores scores = ResidualScore(config).score(z);
  EXPECT_TRUE(testing::close(scores.reward_B, -(r / 7).square().mean(1), 1e-12));
  EXPECT_TRUE(testing::close(scores.mean_abs_r_B, r.abs().mean(1), 1e-12));
  EXPECT_TRUE(testing::close(scores.mean_square_r_B, r.square().mean(1), 1e-12));
  EXPECT_EQ(scores.reward_B.sizes(), at::IntArrayRef({3}));
}

TEST(ResidualScore, ItsGradientEqualsFiniteDifferences) {
  for (const Equation equation : kEquations) {
    SCOPED_TRACE(name_of(equation));
    fields::FieldConfig config;
    config.equation = equation;
    const size_t channels = fields::channels_of(equation).size();
    config.mean = std::vector<double>(channels, 0.25);
    config.std = {0.5, 0.01, 0.7};
    config.std.resize(channels);
    config.time_spacing = 0.5;
    config.residual_scale = 2;
    const ResidualScore score(config);
    const at::Tensor z = testing::direction(1, at::empty({2, static_cast<int64_t>(channels), 1, 9, 11}));
    const at::Tensor along = testing::direction(2, z), weight = at::tensor({1.0, -0.5}, at::kDouble);
    const auto value = [&](const at::Tensor& at_z) { return (score.score(at_z).reward_B * weight).sum(); };
    const at::Tensor leaf = z.clone().set_requires_grad(true);
    value(leaf).backward();
    testing::expect_slope(value(z + testing::kStep * along).item<double>(),
                          value(z - testing::kStep * along).item<double>(),
                          (leaf.grad() * along).sum().item<double>());
  }
}

// The planner walks a reward on the meta device.
TEST(ResidualScore, ItsGradientHasAFormWithoutNumbers) {
  const DryRun dry_run(at::kCPU);
  for (const Equation equation : kEquations) {
    SCOPED_TRACE(name_of(equation));
    fields::FieldConfig config;
    config.equation = equation;
    const size_t channels = fields::channels_of(equation).size();
    config.mean = config.std = std::vector<double>(channels, 1.0);
    config.time_spacing = 0.5;
    const at::Tensor z =
        at::empty({2, static_cast<int64_t>(channels), 1, 9, 11}, at::TensorOptions().device(at::kMeta))
            .set_requires_grad(true);
    ResidualScore(config).score(z).reward_B.sum().backward();
    EXPECT_EQ(z.grad().sizes(), z.sizes());
  }
}

TEST(ResidualScore, RowsAreIndependentAndFloat32LatentsGetTheirOwnGradient) {
  fields::FieldConfig config;
  config.mean = {0, 0};
  config.std = {1, 0.01};
  const ResidualScore score(config);
  const at::Tensor z = at::randn({3, 2, 1, 5, 7}).set_requires_grad(true);
  const at::Tensor together = score.score(z).reward_B;
  for (int64_t b = 0; b < 3; ++b)
    EXPECT_TRUE(testing::close(score.score(z.narrow(0, b, 1)).reward_B[0], together[b], 1e-13));
  together[1].backward();
  EXPECT_EQ(z.grad().scalar_type(), at::kFloat);
  EXPECT_EQ(z.grad()[0].abs().sum().item<double>(), 0);
  EXPECT_GT(z.grad()[1].abs().sum().item<double>(), 0);
}

TEST(ResidualReward, SaysOfEachSampleWhatTheScoreSays) {
  fields::FieldConfig config;
  config.mean = {0, 0};
  config.std = {1, 0.01};
  config.residual_scale = 3;
  ResidualReward reward(Equation::kPoisson, config);
  EXPECT_FALSE(reward.sees_frames());
  const at::Tensor z = at::randn({2, 2, 1, 4, 5}).set_requires_grad(true);
  const ResidualScores scores = ResidualScore(config).score(z);
  const Score said = reward.score(z, std::vector<Sample>(2));
  EXPECT_TRUE(said.total_B.equal(scores.reward_B));
  EXPECT_TRUE(said.total_B.requires_grad());
  ASSERT_EQ(said.facts.size(), 2u);
  EXPECT_EQ(said.facts[1].at("abs_r").sum, scores.mean_abs_r_B[1].item<double>());
  EXPECT_EQ(said.facts[1].at("square_r").sum, scores.mean_square_r_B[1].item<double>());
  EXPECT_TRUE(says(error_of(ErrorKind::kConfig, [&] { ResidualReward(Equation::kDarcy, config); }),
                   "equation is darcy, but the generator draws fields of poisson"));
}

TEST(Residual, WhatDoesNotFitAnEquationIsRefused) {
  const auto refusal = [](Equation equation, std::vector<int64_t> sizes) {
    return error_of(ErrorKind::kConfig, [&] { residual(equation, at::zeros(sizes), 0.5); });
  };
  EXPECT_TRUE(says(refusal(Equation::kPoisson, {1, 3, 4, 4}),
                   "poisson has the channels [f, u], the generator gives 3"));
  EXPECT_TRUE(says(refusal(Equation::kBurgers, {1, 2, 4, 4}), "[u]"));
  EXPECT_TRUE(says(refusal(Equation::kBurgers, {1, 1, 2, 8}), "8x2 is too small"));
  EXPECT_TRUE(says(refusal(Equation::kKolmogorov, {1, 3, 8, 8}), "too small"));
  EXPECT_TRUE(says(error_of(ErrorKind::kConfig,
                            [] {
                              residual(Equation::kKolmogorov, at::zeros({1, 3, 9, 9}));
                            }),
                   "time_spacing"));
  EXPECT_TRUE(says(error_of(ErrorKind::kConfig,
                            [] {
                              solution(Equation::kDarcy, at::zeros({1, 2, 4, 4}));
                            }),
                   "darcy"));
  fields::FieldConfig config;
  config.mean = {0, 0};
  config.std = {1, 1};
  const auto score = [&](std::vector<int64_t> sizes) {
    return error_of(ErrorKind::kConfig, [&] { ResidualScore(config).score(at::zeros(sizes)); });
  };
  EXPECT_TRUE(says(score({1, 2, 3, 4, 4}), "3 frames"));
  EXPECT_TRUE(says(score({1, 4, 1, 4, 4}), "4"));
}

}  // namespace
}  // namespace drf::rewards
