#pragma once
// A 3 x 3 convolution over frames as few matrix products (plane_transforms.h, panel_product.h), float32 on
// the CPU, with time taken frame by frame: what is not there is neither padded nor multiplied.

#include <ATen/core/Tensor.h>

#include <vector>

#include "drf/ops/panel_product.h"

namespace drf::ops {

enum class PlaneForm {
  kTiles,          ///< 3 x 3 of stride 1, padded by 1: 16 products for 4 pixels instead of 36
  kDoubled,        ///< the same of a frame first enlarged twice by nearest neighbour: 9 instead of 36
  kDoubledAdjoint  ///< the gradient of kDoubled with respect to the small frame
};

/// A convolution's weight, transformed and packed.
struct PackedConv {
  PlaneForm form;
  int64_t in, out, taps;
  Panels panels;
  at::Tensor numbers;  ///< [plane, tap, in * panels.padded]
};

/// weight [O, C, kt, 3, 3], float32. kTiles, kDoubled: in = C, out = O; kDoubledAdjoint: in = O, out = C.
PackedConv pack_conv(PlaneForm form, const at::Tensor& weight);
/// kTiles of the weight turned over in space and with its channels exchanged: what takes the gradient of
/// kTiles back. Its tap k is the weight's tap k.
PackedConv pack_conv_adjoint(const at::Tensor& weight);

/// One result frame: bias + add + sum over `terms` of tap * source frame.
struct FrameSum {
  struct Term {
    int64_t source, tap;
  };
  float* y;          ///< [H', W', out]
  const float* add;  ///< like y, or null
  std::vector<Term> terms;
};

/// One clip: its source frames [H, W, in], and its results in the order of the sources they read; all sources
/// of one result lie within `taps` frames.
struct ClipSums {
  std::vector<const float*> sources;
  std::vector<FrameSum> sums;
};

/// H and W of the source frames; bias [out] or null. Uses all of ATen's threads.
void run_conv(const PackedConv& conv, const std::vector<ClipSums>& clips, int64_t H, int64_t W,
              const float* bias);

}  // namespace drf::ops
