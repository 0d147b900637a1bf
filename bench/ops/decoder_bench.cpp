// Wan's VAE decoder on random weights: seconds and bytes of a decode and its pull, as the flow runs them,
// and the rates of its convolutions beside that of a large matrix product. CPU seconds are those of all
// threads and do not count other programs'.
//   decoder_bench [base width 24] [latent frames 5] [latent height 16] [latent width 16] [repeats 3] [plain
//   0]
// plain 1: also with ordinary convolutions and norms, gradients of the weights included.

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <set>
#include <string>

#include "drf/flow/stage.h"
#include "drf/models/wan/vae.h"
#include "drf/ops/causal_conv3d.h"
#include "drf/ops/rms_silu.h"
#include "drf/tensor/memory_meter.h"

namespace {

using drf::flow::Recompute;
using drf::wan::ClipWalk;

/// Of all threads: what a run costs when others use the machine too.
double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

double seconds_of(const std::function<void()>& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

drf::wan::VaeConfig config_of(int64_t width) {
  drf::wan::VaeConfig config;
  config.base_dim = config.decoder_base_dim = width;
  config.temporal_downsample = {false, true, true};
  config.latents_mean.assign(config.z_dim, 0.0);
  config.latents_std.assign(config.z_dim, 1.0);
  return config;
}

/// He-scaled weights: activations keep an ordinary size through forty layers.
void fill(drf::wan::Vae& vae) {
  for (const auto& p : vae.named_parameters()) {
    const double fan_in = static_cast<double>(p.tensor->numel()) / static_cast<double>(p.tensor->size(0));
    const bool is_gain = p.name.find("gamma") != std::string::npos;
    *p.tensor = is_gain ? at::ones(p.tensor->sizes()) : at::randn(p.tensor->sizes()) / std::sqrt(fan_in);
  }
}

/// The least CPU seconds of some runs.
double best_cpu(int repeats, const std::function<void()>& work) {
  double best = 1e9;
  for (int i = 0; i < repeats; ++i) {
    const double begin = cpu_seconds();
    work();
    best = std::min(best, cpu_seconds() - begin);
  }
  return best;
}

/// GFLOP in a CPU second of a large matrix product.
double matmul_rate(int repeats) {
  const int64_t n = 1536;
  const at::Tensor a = at::randn({n, n}), b = at::randn({n, n});
  return 2e-9 * static_cast<double>(n * n * n) / best_cpu(2 * repeats, [&] { at::matmul(a, b); });
}

/// The decoder's 3 x 3 x 3 convolutions alone: rates by the 2 * 27 * C * O operations a pixel of the
/// definition, of which the CPU's form needs 16 / 36.
void print_convolutions(int64_t width, int64_t latents, int64_t H, int64_t W, double matmul, int repeats) {
  struct Level {
    int64_t in, out, frames, scale;
  };
  const int64_t twice = 2 * latents - 1, all = 4 * latents - 3;
  for (const Level& l : {Level{4 * width, 4 * width, latents, 1},
                         {4 * width, 4 * width, twice, 2},
                         {2 * width, 2 * width, all, 4},
                         {width, width, all, 8},
                         {width, 3, all, 8}}) {
    const at::Tensor x = at::randn({1, l.frames, l.scale * H, l.scale * W, l.in}).requires_grad_();
    const at::Tensor weight = at::randn({l.out, l.in, 3, 3, 3}), bias = at::randn({l.out}),
                     gamma = at::ones({l.in});
    const drf::ops::PackedWeight packed;
    at::Tensor y = drf::ops::causal_conv3d(x, {}, weight, bias, packed);
    const at::Tensor grad = at::randn(y.sizes());
    y.backward(grad);
    const double forward =
        best_cpu(repeats, [&] { y = drf::ops::causal_conv3d(x, {}, weight, bias, packed); });
    const double both = best_cpu(repeats, [&] {
      x.mutable_grad() = at::Tensor();
      drf::ops::causal_conv3d(x, {}, weight, bias, packed).backward(grad);
    });
    const double norm = best_cpu(repeats, [&] { y = drf::ops::rms_silu(x, gamma); });
    const double gflop = 54e-9 * static_cast<double>(x.numel() * l.out);
    std::printf(
        "conv %3ld to %3ld, %2ld x %3ld x %3ld: forward %5.1f ms, %4.0f GFLOP/s (products at %3.0f %% of "
        "matmul)"
        "  backward %5.1f ms  norm + silu %4.1f ms\n",
        long{l.in}, long{l.out}, long{l.frames}, long{l.scale * H}, long{l.scale * W}, 1e3 * forward,
        gflop / forward, 100 * gflop * 16 / 36 / forward / matmul, 1e3 * (both - forward), 1e3 * norm);
  }
}

struct Figures {
  double decode = 1e9, pull = 1e9, cpu = 1e9;
  int64_t bytes = 0;
};

Figures measure(const drf::wan::Vae& vae, const at::Tensor& z, const ClipWalk& walk, Recompute recompute,
                int repeats) {
  Figures figures;
  for (int i = 0; i < repeats; ++i) {
    const drf::MemoryMeter meter(at::kCPU);
    drf::flow::Stage stage(
        [&](const drf::flow::Stage::Tensors& x, drf::nn::Graph) -> drf::flow::Stage::Tensors {
          return {vae.decode(x[0], walk)};
        },
        recompute, nullptr);
    at::Tensor frames;
    const double cpu = cpu_seconds();
    figures.decode = std::min(figures.decode, seconds_of([&] { frames = stage.forward({z})[0]; }));
    const at::Tensor grad = at::ones_like(frames);
    figures.pull = std::min(figures.pull, seconds_of([&] { stage.pull({grad}); }));
    figures.cpu = std::min(figures.cpu, cpu_seconds() - cpu);
    figures.bytes = meter.peak();
  }
  return figures;
}

}  // namespace

int main(int argc, char** argv) {
  const auto argument = [&](int i, int64_t fallback) { return argc > i ? std::atoll(argv[i]) : fallback; };
  const int64_t width = argument(1, 24), frames = argument(2, 5), H = argument(3, 16), W = argument(4, 16),
                plain = argument(6, 0);
  const int repeats = static_cast<int>(argument(5, 3));
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  at::manual_seed(0);
  drf::wan::Vae vae(config_of(width), drf::wan::Vae::Parts::kDecoder);
  fill(vae);
  const at::Tensor z = at::randn({1, vae.config().z_dim, frames, H, W});
  const double matmul = matmul_rate(repeats);
  std::printf("%d threads; by CPU time: matmul %.0f GFLOP/s\n", at::get_num_threads(), matmul);
  print_convolutions(width, frames, H, W, matmul, repeats);
  vae.decode(z);  // packs the weights of the way forward
  const auto line = [&](const char* name, const ClipWalk& walk, Recompute recompute) {
    const Figures f = measure(vae, z, walk, recompute, repeats);
    std::printf("%-18s decode %.3f s  pull %.3f s  sum %.3f s  CPU %.2f s  peak %.0f MB\n", name, f.decode,
                f.pull, f.decode + f.pull, f.cpu, 1e-6 * static_cast<double>(f.bytes));
  };
  line("graph kept", {0, false}, Recompute::kNone);
  const ClipWalk lean = drf::wan::lean_walk(vae.config(), z.sizes(), at::kFloat);
  for (const int64_t chunk : std::set<int64_t>{1, 3, lean.chunk_latents, frames}) {
    const std::string name =
        "chunks of " + std::to_string(chunk) + (chunk == lean.chunk_latents ? " (lean)" : "");
    line(name.c_str(), {chunk, true}, Recompute::kBlock);
  }
  if (plain == 0) return 0;
  // Trained weights take the ordinary road, whose graph keeps every input.
  vae.set_requires_grad(true);
  line("plain autograd", {0, false}, Recompute::kNone);
}
