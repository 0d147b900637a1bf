#include "drf/models/wan/vae.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "drf/base/error.h"
#include "drf/ops/recompute.h"
#include "drf/tensor/precision.h"

namespace drf::wan {
namespace {

using Step = std::function<at::Tensor(const at::Tensor& x, MemoryPass& memory)>;

std::pair<at::Tensor, VaeMemory> run(const Step& step, const at::Tensor& x, const VaeMemory& before,
                                     bool keeps) {
  MemoryPass pass(before, keeps);
  at::Tensor y = step(x, pass);
  return {y, pass.take()};
}

/// The same, keeping only inputs and outputs in the graph.
std::pair<at::Tensor, VaeMemory> run_recomputed(const Step& step, const at::Tensor& x,
                                                const VaeMemory& before) {
  std::vector<at::Tensor> inputs{x};
  inputs.insert(inputs.end(), before.frames.begin(), before.frames.end());
  const auto anchor =
      std::find_if(inputs.begin(), inputs.end(), [](const auto& t) { return t.requires_grad(); });
  if (!at::GradMode::is_enabled() || anchor == inputs.end()) return run(step, x, before, /*keeps=*/true);

  const ops::BlockOfMany block = [step](const std::vector<at::Tensor>& in) {
    auto [y, after] = run(step, in[0], VaeMemory{{in.begin() + 1, in.end()}}, /*keeps=*/true);
    after.frames.insert(after.frames.begin(), y);
    return std::move(after.frames);
  };
  std::vector<at::Tensor> results = ops::recompute(block, inputs, *anchor);
  return {results[0], VaeMemory{{results.begin() + 1, results.end()}}};
}

/// Walks x along dim 2: `first` frames, then `later` at a time. The last chunk is never recomputed: its
/// backward comes first, and nothing would be freed in between.
at::Tensor walk_clip(const Step& step, const at::Tensor& x, int64_t first, int64_t later, bool recompute) {
  std::vector<at::Tensor> results;
  VaeMemory memory;
  for (int64_t begin = 0, count = first; begin < x.size(2); begin += count, count = later) {
    count = std::min(count, x.size(2) - begin);
    const at::Tensor chunk = x.narrow(2, begin, count);
    const bool keeps = begin + count < x.size(2);
    auto [y, after] =
        recompute && keeps ? run_recomputed(step, chunk, memory) : run(step, chunk, memory, keeps);
    results.push_back(std::move(y));
    memory = std::move(after);
  }
  return results.size() == 1 ? results[0] : at::cat(results, 2);
}

at::Tensor latent_constant(const std::vector<double>& values, const at::Tensor& like) {
  return at::tensor(values, like.options());
}

}  // namespace

Vae::Vae(const VaeConfig& config)
    : config_(config),
      encoder_(config),
      quant_conv_(2 * config.z_dim, 2 * config.z_dim, 3),
      post_quant_conv_(config.z_dim, config.z_dim, 3),
      decoder_(config) {
  register_module("encoder", encoder_);
  register_module("quant_conv", quant_conv_);
  register_module("post_quant_conv", post_quant_conv_);
  register_module("decoder", decoder_);
}

at::Tensor Vae::decode_pass(const at::Tensor& z_BCTHW, MemoryPass& memory) const {
  // Un-normalised in float32 or wider, rounded once to the model's dtype.
  const at::Tensor z = upcast(z_BCTHW).permute({0, 2, 3, 4, 1});
  const at::Tensor raw =
      z * latent_constant(config_.latents_std, z) + latent_constant(config_.latents_mean, z);
  const at::Tensor x = post_quant_conv_.forward(raw.to(post_quant_conv_.dtype()).contiguous());
  return decoder_.forward(x, memory).permute({0, 4, 1, 2, 3}).contiguous();
}

at::Tensor Vae::encode_pass(const at::Tensor& x_B3FHW, MemoryPass& memory) const {
  const at::Tensor x = x_B3FHW.to(quant_conv_.dtype()).permute({0, 2, 3, 4, 1}).contiguous();
  const at::Tensor moments = quant_conv_.forward(encoder_.forward(x, memory));
  const at::Tensor mean = upcast(moments.narrow(4, 0, config_.z_dim));
  const at::Tensor z =
      (mean - latent_constant(config_.latents_mean, mean)) / latent_constant(config_.latents_std, mean);
  return z.to(moments.scalar_type()).permute({0, 4, 1, 2, 3}).contiguous();
}

void Vae::require_latents(const at::Tensor& z_BCTHW) const {
  if (z_BCTHW.dim() != 5 || z_BCTHW.size(1) != config_.z_dim || z_BCTHW.numel() == 0) {
    fail(ErrorKind::kInput, "VAE decoder: latents of shape ", z_BCTHW.sizes(), ", wanted [B, ", config_.z_dim,
         ", T, H, W] with at least one latent");
  }
}

void Vae::require_frames(const at::Tensor& x_B3FHW, bool is_first_chunk) const {
  const int64_t s = config_.spatial_factor(), t = config_.temporal_factor();
  if (x_B3FHW.dim() != 5 || x_B3FHW.size(1) != config_.in_channels || x_B3FHW.numel() == 0 ||
      (x_B3FHW.size(2) - (is_first_chunk ? 1 : 0)) % t != 0 || x_B3FHW.size(3) % s != 0 ||
      x_B3FHW.size(4) % s != 0) {
    fail(ErrorKind::kInput, "VAE encoder: frames of shape ", x_B3FHW.sizes(), ", wanted [B, ",
         config_.in_channels, ", F, H, W] with F = ", is_first_chunk ? "1 + " : "", "k * ", t,
         " and H, W multiples of ", s, "; crop or drop frames");
  }
}

at::Tensor Vae::decode(const at::Tensor& z_BCTHW, const ClipWalk& walk) const {
  require_latents(z_BCTHW);
  const int64_t chunk = walk.chunk_latents > 0 ? walk.chunk_latents : z_BCTHW.size(2);
  return walk_clip([this](const auto& z, auto& memory) { return decode_pass(z, memory); }, z_BCTHW, chunk,
                   chunk, walk.recompute);
}

int64_t Vae::graph_bytes(at::IntArrayRef sizes_BCTHW) const {
  int64_t frames = sizes_BCTHW[2], pixels = sizes_BCTHW[3] * sizes_BCTHW[4], numbers = 0;
  int64_t in = config_.decoder_base_dim * config_.dim_mult.back();
  // The middle: two residual blocks, and in the attention norm, its quotient, three projections and the
  // result.
  numbers += frames * pixels * in * (2 * 2 + 6);
  for (int64_t level = config_.num_levels() - 1; level >= 0; --level) {
    const int64_t out = config_.decoder_base_dim * config_.dim_mult[level];
    numbers += frames * pixels * (in + out + 2 * out * config_.num_res_blocks);
    in = level > 0 ? out / 2 : out;
    if (level > 0) pixels *= 4;
    if (level > 0 && config_.temporal_downsample[level - 1]) frames = 2 * frames - 1;
  }
  numbers += frames * pixels * (in + config_.out_channels);
  return sizes_BCTHW[0] * numbers * static_cast<int64_t>(c10::elementSize(post_quant_conv_.dtype()));
}

ClipWalk Vae::lean_walk(at::IntArrayRef sizes_BCTHW) const {
  // A border between chunks keeps two frames a layer, a chunk its whole graph: sqrt(T / 2) latents balance
  // the two. Larger chunks take less time, the whole clip least: its only chunk is the last, which is not
  // recomputed.
  constexpr double kFewBytes = 384.0 * (1 << 20);  // of a process that holds a model and a critic
  const auto T = static_cast<double>(sizes_BCTHW[2]);
  const double balanced = std::max(1.0, std::round(std::sqrt(T / 2)));
  const double fit = std::floor(T * kFewBytes / static_cast<double>(graph_bytes(sizes_BCTHW)));
  const double chunks = std::ceil(T / std::max(balanced, fit));
  return {static_cast<int64_t>(std::ceil(T / chunks)), /*recompute=*/true};
}

std::pair<at::Tensor, VaeMemory> Vae::decode_chunk(const at::Tensor& z_BCTHW, const VaeMemory& memory) const {
  require_latents(z_BCTHW);
  return run([this](const auto& z, auto& pass) { return decode_pass(z, pass); }, z_BCTHW, memory,
             /*keeps=*/true);
}

at::Tensor Vae::encode(const at::Tensor& x_B3FHW, const ClipWalk& walk) const {
  require_frames(x_B3FHW, /*is_first_chunk=*/true);
  const int64_t later =
      walk.chunk_latents > 0 ? walk.chunk_latents * config_.temporal_factor() : x_B3FHW.size(2);
  const int64_t first = walk.chunk_latents > 0 ? config_.frames_of(walk.chunk_latents) : x_B3FHW.size(2);
  return walk_clip([this](const auto& x, auto& memory) { return encode_pass(x, memory); }, x_B3FHW, first,
                   later, walk.recompute);
}

std::pair<at::Tensor, VaeMemory> Vae::encode_chunk(const at::Tensor& x_B3FHW, const VaeMemory& memory) const {
  require_frames(x_B3FHW, memory.is_first_chunk());
  return run([this](const auto& x, auto& pass) { return encode_pass(x, pass); }, x_B3FHW, memory,
             /*keeps=*/true);
}

}  // namespace drf::wan
