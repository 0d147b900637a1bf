// Gradients through half-precision models, however small what comes in: scaled by powers of two
// (flow/gradient_scale.h), against float32; and the head in float32, which guidance would multiply.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "drf/base/error.h"
#include "drf/flow/gradient_scale.h"
#include "tests/support/at_guidance.h"
#include "tests/support/flow_case.h"
#include "tests/support/slope.h"

namespace drf {
namespace {

using flow::gradient_scale;
using flow::LeafGradient;
using flow::pull_scaled;
using testing::direction;
using testing::FlowCase;

TEST(GradientScale, BringsTheLargestNumberToAPowerOfTwo) {
  for (const double largest : {1.0, 255.9, 256.0, 3e-9, 7e8}) {
    const double scale = gradient_scale({at::tensor({0.5 * largest, -largest}), {}, at::zeros({0})});
    int exponent = 0;
    EXPECT_EQ(std::frexp(scale, &exponent), 0.5) << "not a power of two";
    EXPECT_GE(scale * largest, 128);
    EXPECT_LT(scale * largest, 256);
  }
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(gradient_scale({at::zeros({3})}), 1);
  EXPECT_EQ(gradient_scale({at::tensor({1.0, infinity})}), 1);
  EXPECT_EQ(gradient_scale({at::tensor({1.0, std::nan("")})}), 1);
  // float32 must hold the scale and its inverse.
  EXPECT_GT(static_cast<float>(gradient_scale({at::tensor({1e-45}, at::kFloat)})), 1);
  EXPECT_TRUE(std::isfinite(static_cast<float>(gradient_scale({at::tensor({1e-45}, at::kFloat)}))));
}

// A backward that overflows above a scale.
struct Overflowing {
  double most;
  std::vector<double> scales = {};
  std::vector<LeafGradient> leaves{{at::zeros({2}, at::kHalf), {}}, {at::zeros({1}), at::full({1}, 5.0)}};

  at::Tensor pull() {
    return pull_scaled({at::tensor({1.0})}, {}, {&leaves[0], &leaves[1]}, [&](double scale) {
      scales.push_back(scale);
      for (const LeafGradient& leaf : leaves) EXPECT_FALSE(leaf.leaf.grad().defined());
      const double given = scale > most ? std::numeric_limits<double>::infinity() : scale;
      leaves[0].leaf.mutable_grad() = at::full({2}, 3 * given, at::kHalf);
      return std::vector<at::Tensor>{at::full({1}, 2 * scale)};
    })[0];
  }
};

TEST(GradientScale, WhatOverflowsIsRunAgainAtASmallerOne) {
  Overflowing o{4};
  const at::Tensor got = o.pull();
  EXPECT_EQ(o.scales, (std::vector<double>{128, 2}));
  EXPECT_EQ(got.item<double>(), 2);
  EXPECT_TRUE(o.leaves[0].sum.equal(at::full({2}, 3.0)));  // float32, where float16's gradients gather
  EXPECT_EQ(o.leaves[1].sum.item<double>(), 5);
  o.pull();
  EXPECT_TRUE(o.leaves[0].sum.equal(at::full({2}, 6.0)));
  EXPECT_FALSE(o.leaves[0].leaf.grad().defined());
}

TEST(GradientScale, WhatOverflowsAtEveryScaleStaysSo) {
  Overflowing o{0};
  o.pull();
  EXPECT_EQ(o.scales.size(), 4u);
  EXPECT_TRUE(o.leaves[0].sum.isinf().all().item<bool>());
}

struct Gradient {
  at::Tensor flat;  // of all adapters, float64
  double norm() const { return flat.norm().item<double>(); }
};

double cosine(const Gradient& a, const Gradient& b) {
  return (a.flat * b.flat).sum().item<double>() / (a.norm() * b.norm());
}

Gradient gradient_of(FlowCase& c, double gradient_scale, int times = 1) {
  c.take_gradients();
  for (int i = 0; i < times; ++i) c.run(gradient_scale);
  std::vector<at::Tensor> parts;
  for (const at::Tensor& g : c.take_gradients()) parts.push_back(g.to(at::kDouble).flatten());
  return {at::cat(parts)};
}

Gradient gradient(const std::string& dtype, const std::string& recompute, double weight,
                  const std::function<void(run::RunConfig&)>& change = {}, double scale = 1, int times = 1) {
  FlowCase c("guided", recompute, dtype, [&](run::RunConfig& config) {
    for (auto& [aspect, own] : config.reward.weights) own *= weight;
    if (change) change(config);
  });
  return gradient_of(c, scale, times);
}

// Against float32. What differs is the forward: the answers' own rounding makes this gradient 9 % longer in
// float16 (56 % in bfloat16), with weight 1 as with 1e-6.
constexpr double kHalfCosine = 0.99, kHalfSize = 0.15;

void expect_scaled(const Gradient& got, const Gradient& want, double factor, double cosine_limit, double size,
                   const std::string& about) {
  ASSERT_GT(got.norm(), 0) << about << ": nothing is left";
  EXPECT_GT(cosine(got, want), cosine_limit) << about;
  EXPECT_NEAR(got.norm() / want.norm() / factor, 1, size) << about;
  ::testing::Test::RecordProperty(about, concat(cosine(got, want), " ", got.norm() / want.norm() / factor));
}

TEST(HalfPrecision, ASmallRewardHasTheSameGradientButForItsSize) {
  // A power of two, which rounds nothing anew: with 1e-6 bfloat16 differed by 1.6 % in size on a machine with
  // AMX.
  const double small_weight = std::ldexp(1.0, -20);
  for (const char* dtype : {"float16", "bfloat16"}) {
    for (const char* recompute : {"none", "stage", "block"}) {
      const std::string about = concat(dtype, " ", recompute);
      const Gradient one = gradient(dtype, recompute, 1), small = gradient(dtype, recompute, small_weight);
      expect_scaled(small, one, small_weight, 1 - 1e-6, 1e-4, about);
      if (about != "float16 stage") continue;
      const Gradient wide = gradient("float32", recompute, small_weight);
      expect_scaled(small, wide, 1, kHalfCosine, kHalfSize, about + " against float32");
    }
  }
}

TEST(HalfPrecision, SoHaveSmallStepsManyBatchesAndBranchesOneByOne) {
  // Levels that lie close together, and a share of the gradient in each of many batches.
  const auto close = [](run::RunConfig& c) {
    c.sampling.steps = 40;
    c.flow.K = 2;
    c.flow.cfg_batch = "off";
  };
  const Gradient half = gradient("float16", "block", 1e-3, close, -1e-4, 2);
  const Gradient wide = gradient("float32", "block", 1e-3, close, -1e-4, 2);
  expect_scaled(half, wide, 1, kHalfCosine, kHalfSize, "small steps");
}

TEST(HalfPrecision, SoHasTheAnchorAlone) {
  const auto anchored = [](run::RunConfig& c) {
    c.train.anchor = 1e-6;
    c.flow.K = 2;
  };
  const Gradient half = gradient("float16", "stage", 1e-15, anchored, -1),
                 wide = gradient("float32", "stage", 1e-15, anchored, -1);
  expect_scaled(half, wide, 1, 0.98, 0.05, "anchor");
}

TEST(HalfPrecision, SoHasMatching) {
  const auto matching = [](run::RunConfig& c) {
    c.flow.rule = "matching";
    c.matching.beta = 1e-3;
  };
  const Gradient half = gradient("float16", "block", 1, matching, -1e-6),
                 wide = gradient("float32", "block", 1, matching, -1e-6);
  expect_scaled(half, wide, 1, 0.98, 0.05, "matching");
}

TEST(HalfPrecision, TheHeadIsFloat32UpToTheGuidedSum) {
  const auto rounded = [](const at::Tensor& t) { return t.to(at::kBFloat16).to(at::kFloat); };
  const auto velocity = [&](const char* dtype, bool round_branches) {
    FlowCase c("guided", "stage", dtype);
    const flow::Batch input = c.batch();
    const at::NoGradGuard no_graph;
    testing::AtGuidance at_5(c.opened().denoiser(), 5);
    flow::GuidedDenoiser denoiser(at_5, c.opened().trained(), {});
    const flow::Prepared prepared = denoiser.prepare(input.conditions, input.unconditional);
    flow::Branches v;
    for (const auto which : {flow::Which::kConditional, flow::Which::kUnconditional}) {
      const flow::Branches one = denoiser.branches(input.noise_BCTHW, 900, prepared, which);
      if (one.conditional.defined()) v.conditional = one.conditional;
      if (one.unconditional.defined()) v.unconditional = one.unconditional;
    }
    if (round_branches) {  // what a head in the model's type would give at best
      v.conditional = rounded(v.conditional);
      v.unconditional = rounded(v.unconditional);
    } else if (v.conditional.scalar_type() == at::kFloat) {
      const auto share = [&](const at::Tensor& t) { return t.ne(rounded(t)).to(at::kDouble).mean(); };
      EXPECT_GT(share(v.conditional).item<double>(), 0.9) << "rounded on its way";
      EXPECT_GT(share(v.unconditional).item<double>(), 0.9) << "rounded on its way";
    }
    return denoiser.guided(v, 900).to(at::kDouble);
  };
  const at::Tensor exact = velocity("float64", false), own = velocity("bfloat16", false),
                   with_rounding = velocity("bfloat16", true);
  const auto share = [&](const at::Tensor& d) { return (d.norm() / exact.norm()).item<double>(); };
  // The blocks' own error comes first in this model; the head's would be added to it.
  std::printf(
      "guided velocity at guidance 5 in bfloat16: error %.4g; branches rounded once more: %.4g, which "
      "alone is %.4g\n",
      share(own - exact), share(with_rounding - exact), share(with_rounding - own));
  EXPECT_GT(share(with_rounding - own), 5e-3) << "five times what bfloat16 rounds";
}

}  // namespace
}  // namespace drf
