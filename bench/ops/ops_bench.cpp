// Each operation of src/drf/ops/ (the convolutions aside: decoder_bench) against the plain libtorch
// formulation that it replaces, float32 on the CPU, at sizes of a small video model.
//   ops_bench [threads, default all] [turns, default 10]

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

#include "bench/ops/timing.h"
#include "drf/ops/recompute.h"
#include "drf/ops/rms_norm.h"
#include "drf/ops/rms_silu.h"
#include "drf/ops/rotary.h"
#include "drf/ops/separable_resize.h"
#include "drf/ops/shared_prefix_attention.h"

namespace {

using namespace drf;
using Tensors = std::vector<at::Tensor>;
using Formula = std::function<at::Tensor(const Tensors&)>;

/// What is compared. `amount` is what one forward has to do and `amount_both` forward and backward: bytes
/// read and written, or floating-point operations, whatever the formulation does beyond them.
struct Comparison {
  std::string name, unit;  // "GB/s" or "GFLOP/s"
  double amount = 0, amount_both = 0;
  Tensors inputs;  // those that require grad are differentiated
  Formula ours, plain;
};

double bytes(const at::Tensor& t) { return static_cast<double>(t.nbytes()); }

at::Tensor leaf(at::IntArrayRef shape) { return at::randn(shape).set_requires_grad(true); }

void print_row(const Comparison& c, const char* pass, double amount, double ours, double plain) {
  std::printf("%-22s %-9s %9.3f ms %9.2f %-8s %9.3f ms %7.2f\n", c.name.c_str(), pass, 1e3 * ours,
              amount / ours / 1e9, c.unit.c_str(), 1e3 * plain, plain / ours);
}

/// Values must agree before times mean anything.
void require_equal(const Comparison& c) {
  const at::NoGradGuard no_graph;
  const at::Tensor got = c.ours(c.inputs), want = c.plain(c.inputs);
  const double error = (got - want).abs().max().item<double>();
  if (error < 1e-3 * std::max(1.0, want.abs().max().item<double>())) return;
  std::fprintf(stderr, "%s: the two formulations differ by %g\n", c.name.c_str(), error);
  std::exit(1);
}

void compare(const Comparison& c, int turns) {
  require_equal(c);
  const auto forward = [&](const Formula& f) {
    return [&c, f] {
      const at::NoGradGuard no_graph;
      f(c.inputs);
    };
  };
  const auto seconds = bench::fastest({forward(c.ours), forward(c.plain)}, turns);
  print_row(c, "forward", c.amount, seconds[0], seconds[1]);

  const at::Tensor grad = at::ones_like(c.plain(c.inputs));
  const auto both = [&](const Formula& f) {
    return [&c, f, grad] {
      f(c.inputs).backward(grad);
      for (const at::Tensor& input : c.inputs) input.mutable_grad() = at::Tensor();
    };
  };
  const auto with_backward = bench::fastest({both(c.ours), both(c.plain)}, turns);
  print_row(c, "both", c.amount_both, with_backward[0], with_backward[1]);
}

Comparison rms_norm() {
  const at::Tensor x = leaf({4096, 1024}), weight = at::rand({1024});
  return {"rms_norm",
          "GB/s",
          2 * bytes(x),  // x; y
          5 * bytes(x),  // and x, dy; dx
          {x},
          [weight](const Tensors& in) { return ops::rms_norm(in[0], weight, 1e-6); },
          [weight](const Tensors& in) {
            return in[0] * at::rsqrt(in[0].square().mean(-1, true) + 1e-6) * weight;
          }};
}

Comparison rms_silu() {
  const at::Tensor x = leaf({1, 8, 64, 64, 96}), gamma = at::rand({96});
  return {"rms_silu",
          "GB/s",
          2 * bytes(x),
          5 * bytes(x),
          {x},
          [=](const Tensors& in) { return ops::rms_silu(in[0], gamma); },
          [=](const Tensors& in) {
            const at::Tensor norm = in[0].norm(2, {-1}, /*keepdim=*/true).clamp_min(1e-12);
            return at::silu(in[0] / norm * std::sqrt(96.0) * gamma);
          }};
}

Comparison rotary() {
  const at::Tensor x = leaf({1, 4096, 16, 64}), angles = at::randn({4096, 32});
  const ops::RotaryTable table{angles.cos(), angles.sin()};
  return {"rotate",
          "GB/s",
          2 * bytes(x),
          4 * bytes(x),
          {x},
          [table](const Tensors& in) { return ops::rotate(in[0], table); },
          [table](const Tensors& in) {
            const auto half = in[0].chunk(2, -1);
            const at::Tensor cos = table.cos.unsqueeze(1), sin = table.sin.unsqueeze(1);
            return at::cat({half[0] * cos - half[1] * sin, half[1] * cos + half[0] * sin}, -1);
          }};
}

/// The prefix once and its continuations, against each continuation as a whole sequence of its own.
Comparison shared_prefix() {
  constexpr int64_t N = 8, S = 32, P = 1024, H = 8, D = 64;
  const double scale = 1 / std::sqrt(static_cast<double>(D));
  const Tensors inputs = {leaf({1, P, H, D}),    leaf({1, P, H, D}),    leaf({1, P, H, D}),
                          leaf({1, N, S, H, D}), leaf({1, N, S, H, D}), leaf({1, N, S, H, D})};
  const double pairs = P * (P + 1) / 2.0 + N * (S * P + S * (S + 1) / 2.0);
  const double forward = 2 * 2 * pairs * H * D;
  return {"shared_prefix x8",
          "GFLOP/s",
          forward,
          3 * forward,
          inputs,
          [scale](const Tensors& in) {
            const at::Tensor prefix = ops::causal_attention(in[0], in[1], in[2], scale);
            const at::Tensor own = ops::shared_prefix_attention(in[3], in[1], in[2], in[4], in[5], scale);
            return at::cat({prefix[0], own[0].flatten(0, 1)});
          },
          [scale](const Tensors& in) {
            const auto whole = [&](size_t i) {  // [N, P + S, H, D]
              return at::cat({in[i].expand({N, -1, -1, -1}), in[i + 3][0]}, 1);
            };
            const at::Tensor out = ops::causal_attention(whole(0), whole(1), whole(2), scale);
            return at::cat({out[0].narrow(0, 0, P), out.narrow(1, P, S).flatten(0, 1)});
          }};
}

Comparison resize() {
  constexpr int64_t kFrom = 128, kTo = 112;
  const at::Tensor x = leaf({16, 3, kFrom, kFrom});
  const double rows = 16 * 3 * (kFrom * kFrom * kTo + kFrom * kTo * kTo);  // one axis, then the other
  return {"resize_bicubic",
          "GFLOP/s",
          2 * rows,
          4 * rows,
          {x},
          [](const Tensors& in) { return ops::resize_bicubic(in[0], kTo, kTo); },
          [](const Tensors& in) {
            return at::_upsample_bicubic2d_aa(in[0], {kTo, kTo}, /*align_corners=*/false, {}, {});
          }};
}

/// A feed-forward layer run again in its backward: what that costs beside keeping its activations.
Comparison recompute() {
  constexpr int64_t kTokens = 1024, kWidth = 384, kInner = 1536;
  const at::Tensor in = at::randn({kInner, kWidth}) / 20, out = at::randn({kWidth, kInner}) / 40;
  const Formula block = [in, out](const Tensors& x) {
    return at::linear(at::gelu(at::linear(x[0], in)), out);
  };
  const double forward = 2.0 * 2 * kTokens * kWidth * kInner;
  return {"recompute (ffn)",
          "GFLOP/s",
          forward,
          2 * forward,
          {leaf({kTokens, kWidth})},
          [block](const Tensors& x) { return ops::recompute(block, {x[0]}, x[0]); },
          block};
}

}  // namespace

int main(int argc, char** argv) {
  const int cores = static_cast<int>(std::thread::hardware_concurrency());
  const int threads = argc > 1 ? std::atoi(argv[1]) : cores, turns = argc > 2 ? std::atoi(argv[2]) : 10;
  if (threads < 1 || turns < 1) {
    std::fprintf(stderr, "usage: ops_bench [threads] [turns], both at least 1\n");
    return 2;
  }
  at::set_num_threads(threads);
  at::manual_seed(0);
  std::printf("float32, %d threads, fastest of %d turns; ratio: plain / ours\n", threads, turns);
  std::printf("%-22s %-9s %12s %18s %12s %7s\n", "", "", "ours", "", "plain", "ratio");
  for (const auto& make : {rms_norm, rms_silu, rotary, shared_prefix, resize, recompute})
    compare(make(), turns);
}
