#pragma once
// How a clip goes through the VAE where memory counts: chunks of time, stripes of rows.

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "drf/models/wan/vae_config.h"

namespace drf::wan {

/// How a clip is walked. Values and gradients do not depend on it, up to the rounding of sums.
struct ClipWalk {
  /// Latent frames at a time; 0 is the whole clip at once.
  int64_t chunk_latents = 0;
  /// Keep nothing of a chunk but what it remembers and run it again in the backward. A border between chunks
  /// costs up to two frames a layer.
  bool recompute = false;
  /// Decoding only: the finest two levels are decoded in so many stripes of rows, one after the other, each
  /// with the rows around it that its own depend on; exact, for nothing there looks further. 0 or 1 is the
  /// whole height.
  int64_t stripes = 1;
};

/// The decoder's levels from the coarsest (up_blocks.0); stripes begin where level `first` is upsampled to.
struct StripeLevels {
  explicit StripeLevels(const VaeConfig& config);
  int64_t first;
  int64_t frames_per_latent;  ///< before the upsampling to `first`; a clip's first latent is one frame
  /// [levels]: rows beyond a stripe's own that level i needs on each side, in its own rows, so that its own
  /// rows of the picture come out right: one a convolution from there on. 0 before `first`.
  std::vector<int64_t> margins;
  /// The same for what comes before the upsampling to `first`, in rows of that.
  int64_t input_margin;
};

/// Bytes that the graph of a decode keeps of latents [B, z_dim, T, H, W] decoded at once, the weights frozen:
/// above all the inputs of the norms. To about a tenth.
int64_t decoder_graph_bytes(const VaeConfig& config, at::IntArrayRef sizes_BCTHW, at::ScalarType dtype);

/// What a walk keeps unless it is given more: nothing to a process that holds a generator and a critic.
constexpr int64_t kFewBytes = int64_t{384} << 20;
/// Kernels of GPUs count the numbers of a tensor in 32 bits. No walk that is found here makes a larger one,
/// as far as any can avoid it.
constexpr int64_t kTooManyNumbers = int64_t{1} << 31;

/// Where memory counts: a clip whose graph takes no more than `budget` bytes keeps it; of the walks that
/// recompute, the fastest that keeps no more than that, and where there is none, the one with the least
/// product of bytes and work. With `chunk` latents or `stripes` given (not 0), the best of the recomputing
/// walks in such.
ClipWalk lean_walk(const VaeConfig& config, at::IntArrayRef sizes_BCTHW, at::ScalarType dtype,
                   int64_t budget = kFewBytes, int64_t chunk = 0, int64_t stripes = 0);

/// With the whole graph: at once, or in the longest chunks and fewest stripes whose tensors are small enough.
/// Given ones (not 0) stay.
ClipWalk whole_walk(const VaeConfig& config, at::IntArrayRef sizes_BCTHW, at::ScalarType dtype,
                    int64_t chunk = 0, int64_t stripes = 0);

/// Without a graph: chunks as long as lean_walk would keep.
ClipWalk walk_without_graph(const VaeConfig& config, at::IntArrayRef sizes_BCTHW, at::ScalarType dtype);

/// Throws Error(kConfig) where a tensor of the walk has kTooManyNumbers, naming what would do.
void require_indexable(const VaeConfig& config, at::IntArrayRef sizes_BCTHW, const ClipWalk& walk);

}  // namespace drf::wan
