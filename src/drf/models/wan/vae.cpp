#include "drf/models/wan/vae.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
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
                                                const VaeMemory& before, bool keeps) {
  std::vector<at::Tensor> inputs{x};
  inputs.insert(inputs.end(), before.frames.begin(), before.frames.end());
  const auto anchor =
      std::find_if(inputs.begin(), inputs.end(), [](const auto& t) { return t.requires_grad(); });
  if (!at::GradMode::is_enabled() || anchor == inputs.end()) return run(step, x, before, keeps);

  const ops::BlockOfMany block = [step, keeps](const std::vector<at::Tensor>& in) {
    auto [y, after] = run(step, in[0], VaeMemory{{in.begin() + 1, in.end()}}, keeps);
    after.frames.insert(after.frames.begin(), y);
    return std::move(after.frames);
  };
  std::vector<at::Tensor> results = ops::recompute(block, inputs, *anchor);
  return {results[0], VaeMemory{{results.begin() + 1, results.end()}}};
}

/// Which chunks' graphs are given up.
enum class GiveUp { kNone, kAll, kAllButLast };

/// Walks x along its frames, dim 1: `first` of them, then `later` at a time.
at::Tensor walk_clip(const Step& step, const at::Tensor& x, int64_t first, int64_t later, GiveUp give_up) {
  std::vector<at::Tensor> results;
  VaeMemory memory;
  for (int64_t begin = 0, count = first; begin < x.size(1); begin += count, count = later) {
    count = std::min(count, x.size(1) - begin);
    const at::Tensor chunk = x.narrow(1, begin, count);
    const bool is_last = begin + count == x.size(1);
    const bool recompute = give_up == GiveUp::kAll || (give_up == GiveUp::kAllButLast && !is_last);
    auto [y, after] =
        recompute ? run_recomputed(step, chunk, memory, !is_last) : run(step, chunk, memory, !is_last);
    results.push_back(std::move(y));
    memory = std::move(after);
  }
  return results.size() == 1 ? results[0] : at::cat(results, 1);
}

at::Tensor as_BTHWC(const at::Tensor& x_BCTHW) { return x_BCTHW.permute({0, 2, 3, 4, 1}); }
at::Tensor as_BCTHW(const at::Tensor& x_BTHWC) { return x_BTHWC.permute({0, 4, 1, 2, 3}).contiguous(); }

at::Tensor latent_constant(const std::vector<double>& values, const at::Tensor& like) {
  return at::tensor(values, like.options());
}

}  // namespace

Vae::Vae(const VaeConfig& config, Parts parts)
    : config_(config), post_quant_conv_(config.z_dim, config.z_dim, 3), decoder_(config) {
  if (parts == Parts::kBoth) {
    register_module("encoder", encoder_.emplace(config));
    register_module("quant_conv", quant_conv_.emplace(2 * config.z_dim, 2 * config.z_dim, 3));
  }
  register_module("post_quant_conv", post_quant_conv_);
  register_module("decoder", decoder_);
}

at::Tensor Vae::raw_latents(const at::Tensor& z_BCTHW) const {
  // Un-normalised in float32 or wider, rounded once to the model's dtype.
  const at::Tensor z = as_BTHWC(upcast(z_BCTHW));
  const at::Tensor raw =
      z * latent_constant(config_.latents_std, z) + latent_constant(config_.latents_mean, z);
  return post_quant_conv_.forward(raw.to(post_quant_conv_.dtype()).contiguous());
}

at::Tensor Vae::encode_pass(const at::Tensor& x_BFHWC, MemoryPass& memory) const {
  DRF_CHECK(encoder_ && quant_conv_, "the encoder was not asked for");
  const at::Tensor x = x_BFHWC.to(quant_conv_->dtype()).contiguous();
  const at::Tensor moments = quant_conv_->forward(encoder_->forward(x, memory));
  const at::Tensor mean = upcast(moments.narrow(4, 0, config_.z_dim));
  const at::Tensor z =
      (mean - latent_constant(config_.latents_mean, mean)) / latent_constant(config_.latents_std, mean);
  return z.to(moments.scalar_type());
}

void Vae::require_latents(const at::Tensor& z_BCTHW) const {
  if (z_BCTHW.dim() != 5 || z_BCTHW.size(1) != config_.z_dim || z_BCTHW.numel() == 0) {
    fail(ErrorKind::kInput, "VAE decoder: latents of shape ", z_BCTHW.sizes(), ", wanted [B, ", config_.z_dim,
         ", T, H, W] with at least one latent");
  }
}

void Vae::require_frames(const at::Tensor& x_B3FHW) const {
  const int64_t s = config_.spatial_factor(), t = config_.temporal_factor();
  if (x_B3FHW.dim() != 5 || x_B3FHW.size(1) != config_.in_channels || x_B3FHW.numel() == 0 ||
      (x_B3FHW.size(2) - 1) % t != 0 || x_B3FHW.size(3) % s != 0 || x_B3FHW.size(4) % s != 0) {
    fail(ErrorKind::kInput, "VAE encoder: frames of shape ", x_B3FHW.sizes(), ", wanted [B, ",
         config_.in_channels, ", F, H, W] with F = 1 + k * ", t, " and H, W multiples of ", s,
         "; crop or drop frames");
  }
}

at::Tensor Vae::decode(const at::Tensor& z_BCTHW, const ClipWalk& walk) const {
  require_latents(z_BCTHW);
  const int64_t chunk = walk.chunk_latents > 0 ? walk.chunk_latents : z_BCTHW.size(2);
  const auto pass = [this, striped = walk.stripes > 1](const auto& z, auto& memory) {
    return striped ? decoder_.coarse(z, memory) : decoder_.forward(z, memory);
  };
  const at::Tensor x =
      walk_clip(pass, raw_latents(z_BCTHW), chunk, chunk, walk.recompute ? GiveUp::kAll : GiveUp::kNone);
  return as_BCTHW(walk.stripes > 1 ? decode_stripes(x, walk) : x);
}

at::Tensor Vae::decode_stripes(const at::Tensor& x_BTHWC, const ClipWalk& walk) const {
  const StripeLevels& levels = decoder_.stripe_levels();
  const int64_t rows = x_BTHWC.size(2), count = std::min(walk.stripes, rows);
  const bool whole = walk.chunk_latents == 0;
  const int64_t later = whole ? x_BTHWC.size(1) : walk.chunk_latents * levels.frames_per_latent;
  const int64_t first = whole ? later : later - (levels.frames_per_latent - 1);
  std::vector<at::Tensor> stripes;
  for (int64_t i = 0; i < count; ++i) {
    const int64_t begin = rows * i / count, end = rows * (i + 1) / count;
    const StripeEdges edges{std::min(begin, levels.input_margin), std::min(rows - end, levels.input_margin)};
    const auto decode = [this, edges, first, later, walk](const std::vector<at::Tensor>& in) {
      const auto pass = [&](const auto& x, auto& memory) { return decoder_.fine(x, memory, edges); };
      return walk_clip(pass, in[0], first, later, walk.recompute ? GiveUp::kAllButLast : GiveUp::kNone);
    };
    const at::Tensor x = x_BTHWC.narrow(2, begin - edges.above, end - begin + edges.above + edges.below);
    const bool recompute = walk.recompute && x.requires_grad() && at::GradMode::is_enabled();
    stripes.push_back(recompute ? ops::recompute(ops::Block(decode), {x}, x) : decode({x}));
  }
  return at::cat(stripes, 2);
}

at::Tensor Vae::encode(const at::Tensor& x_B3FHW, const ClipWalk& walk) const {
  require_frames(x_B3FHW);
  const int64_t later =
      walk.chunk_latents > 0 ? walk.chunk_latents * config_.temporal_factor() : x_B3FHW.size(2);
  const int64_t first = walk.chunk_latents > 0 ? config_.frames_of(walk.chunk_latents) : x_B3FHW.size(2);
  const auto pass = [this](const auto& x, auto& memory) { return encode_pass(x, memory); };
  return as_BCTHW(
      walk_clip(pass, as_BTHWC(x_B3FHW), first, later, walk.recompute ? GiveUp::kAll : GiveUp::kNone));
}

void load_decoder(Vae& vae, const Checkpoint& checkpoint, nn::LoadOptions options) {
  options.rename = [](const std::string& name) -> std::string {
    const bool encodes = name.rfind("encoder.", 0) == 0 || name.rfind("quant_conv.", 0) == 0;
    return encodes ? "" : name;
  };
  nn::load_strict(vae, checkpoint, options);
}

}  // namespace drf::wan
