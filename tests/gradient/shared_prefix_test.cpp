// Attention of many continuations of one prefix, against plain softmax attention over the whole of each
// sequence.
#include "drf/ops/shared_prefix_attention.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/support/golden.h"

namespace drf::ops {
namespace {

using testing::close_relative;

/// B, N, S, P, H query heads, G key heads, D.
struct Sizes {
  int64_t b, n, s, p, h, g, d;
};

struct Inputs {
  at::Tensor q, k_prefix, v_prefix, k, v, probe;
  Inputs(const Sizes& z, at::ScalarType dtype) {
    const auto generator = at::detail::createCPUGenerator(5);
    const auto draw = [&](at::IntArrayRef shape) {
      return at::randn(shape, generator, at::TensorOptions().dtype(at::kDouble)).to(dtype);
    };
    q = draw({z.b, z.n, z.s, z.h, z.d}) * 2.0;  // sharp enough that prefix and continuation compete
    k_prefix = draw({z.b, z.p, z.g, z.d});
    v_prefix = draw({z.b, z.p, z.g, z.d});
    k = draw({z.b, z.n, z.s, z.g, z.d});
    v = draw({z.b, z.n, z.s, z.g, z.d});
    probe = draw({z.b, z.n, z.s, z.h, z.d});
    for (const at::Tensor& x : all()) x.set_requires_grad(true);
  }
  std::vector<at::Tensor> all() const { return {q, k_prefix, v_prefix, k, v}; }
};

/// One question at a time: the whole sequence's keys, a mask, one softmax.
at::Tensor one_by_one(const Inputs& in, const Sizes& z, double scale) {
  std::vector<at::Tensor> outs;
  for (int64_t b = 0; b < z.b; ++b) {
    for (int64_t n = 0; n < z.n; ++n) {
      const auto whole = [&](const at::Tensor& prefix, const at::Tensor& own) {  // [H, P + S, D]
        return at::cat({prefix[b], own[b][n]}).repeat_interleave(z.h / z.g, 1).transpose(0, 1);
      };
      const at::Tensor scores =
          at::matmul(in.q[b][n].transpose(0, 1), whole(in.k_prefix, in.k).transpose(1, 2)) * scale;
      const at::Tensor hidden = at::ones({z.s, z.p + z.s}, at::kBool).triu(z.p + 1);
      const at::Tensor weights =
          at::softmax(scores.masked_fill(hidden, -std::numeric_limits<double>::infinity()), -1);
      outs.push_back(at::matmul(weights, whole(in.v_prefix, in.v)).transpose(0, 1));
    }
  }
  return at::stack(outs).reshape(in.q.sizes());
}

using Attend = at::Tensor (*)(const at::Tensor&, const at::Tensor&, const at::Tensor&, const at::Tensor&,
                              const at::Tensor&, double);

void expect_equal(Attend attend, const Sizes& z, at::ScalarType dtype, double tolerance) {
  const double scale = 1.0 / std::sqrt(static_cast<double>(z.d));
  const Inputs want(z, at::kDouble), got(z, dtype);
  const at::Tensor expected = one_by_one(want, z, scale);
  (expected * want.probe).sum().backward();
  const at::Tensor out = attend(got.q, got.k_prefix, got.v_prefix, got.k, got.v, scale);
  EXPECT_EQ(out.scalar_type(), dtype);
  EXPECT_TRUE(close_relative(out, expected, tolerance));
  (out * got.probe).sum().backward();
  for (size_t i = 0; i < got.all().size(); ++i) {
    EXPECT_TRUE(close_relative(got.all()[i].grad(), want.all()[i].grad(), tolerance)) << "input " << i;
  }
}

class SharedPrefix : public ::testing::TestWithParam<Sizes> {};

TEST_P(SharedPrefix, EqualsAskingOneByOneInFloat64) {
  expect_equal(shared_prefix_attention, GetParam(), at::kDouble, 1e-13);
  expect_equal(shared_prefix_attention_plain, GetParam(), at::kDouble, 1e-13);
}

TEST_P(SharedPrefix, Float32AgreesToRounding) {
  // float32 has 24 bits; sums of up to a hundred terms.
  expect_equal(shared_prefix_attention, GetParam(), at::kFloat, 3e-6);
  expect_equal(shared_prefix_attention_plain, GetParam(), at::kFloat, 3e-6);
}

TEST_P(SharedPrefix, Bfloat16AgreesToRounding) {
  // bfloat16 has 8 bits; inputs, weights and output are rounded once each.
  expect_equal(shared_prefix_attention, GetParam(), at::kBFloat16, 1.5e-2);
}

INSTANTIATE_TEST_SUITE_P(Sizes, SharedPrefix,
                         ::testing::Values(Sizes{1, 1, 1, 1, 1, 1, 2}, Sizes{2, 3, 5, 7, 4, 2, 6},
                                           Sizes{3, 2, 4, 9, 3, 1, 10}, Sizes{1, 5, 3, 70, 6, 3, 16},
                                           Sizes{2, 1, 65, 40, 2, 2, 5}));

TEST(SharedPrefix, WhatFollowsATokenDoesNotReachIt) {
  const Sizes z{2, 3, 6, 7, 4, 2, 8};
  Inputs in(z, at::kDouble);
  const at::NoGradGuard no_grad;
  const auto run = [&] { return shared_prefix_attention(in.q, in.k_prefix, in.v_prefix, in.k, in.v, 0.3); };
  const at::Tensor before = run();
  for (const at::Tensor& x : {in.q, in.k, in.v}) x.slice(2, 4) += 100.0;
  EXPECT_TRUE(run().slice(2, 0, 4).equal(before.slice(2, 0, 4)));
}

TEST(CausalAttention, EqualsSoftmaxUnderAMask) {
  const Sizes z{2, 1, 9, 1, 6, 2, 8};
  const Inputs want(z, at::kDouble), got(z, at::kDouble);
  // A prefix token that nobody looks at: what remains is causal attention of the continuation.
  const auto drop_prefix = [](const Inputs& in) {
    return at::scaled_dot_product_attention(in.q.squeeze(1).transpose(1, 2),
                                            in.k.squeeze(1).transpose(1, 2).repeat_interleave(3, 1),
                                            in.v.squeeze(1).transpose(1, 2).repeat_interleave(3, 1),
                                            at::ones({9, 9}, at::kBool).tril(), 0.0, false, 0.4)
        .transpose(1, 2);
  };
  const at::Tensor expected = drop_prefix(want);
  (expected * want.probe.squeeze(1)).sum().backward();
  const at::Tensor out = causal_attention(got.q.squeeze(1), got.k.squeeze(1), got.v.squeeze(1), 0.4);
  (out * got.probe.squeeze(1)).sum().backward();
  EXPECT_TRUE(close_relative(out, expected, 1e-13));
  for (const auto& [a, b] : {std::pair(got.q, want.q), std::pair(got.k, want.k), std::pair(got.v, want.v)}) {
    EXPECT_TRUE(close_relative(a.grad(), b.grad(), 1e-13));
  }
}

}  // namespace
}  // namespace drf::ops
