#pragma once
// The convolutions of a causal video model whose weights are frozen: frames of the past come as they are,
// frames before the clip are no frames, and a residual is added on the way out. The graph keeps nothing but
// weights.

#include <ATen/core/Tensor.h>

#include <memory>

namespace drf::ops {

/// A place for what a weight becomes on its way into the CPU's convolution, made at first use and again when
/// the weight is another one. One for each weight; costs up to 3.6 times its memory. Not for several threads.
class PackedWeight {
 public:
  PackedWeight();
  ~PackedWeight();
  struct Forms;
  /// Those of `weight` as it is now.
  std::shared_ptr<Forms> forms_of(const at::Tensor& weight) const;

 private:
  mutable std::shared_ptr<Forms> forms_;
};

/// conv3d(cat(past, x)) + add on channels-last frames: stride 1, no padding in time, half a kernel of zeros
/// around each frame. x [B, T, H, W, C], T >= 1; past [B, kt - 1, H, W, C], or undefined for zeros; weight
/// [O, C, kt, kh, kw] with odd kh, kw; bias [O]; add [B, T, H, W, O] or undefined -> [B, T, H, W, O],
/// contiguous. Float32 on the CPU sums in another order than at::conv3d and with intermediate differences of
/// its input (error of a few roundings more). Gradients of first order, with respect to x, past and add, and
/// where weight or bias require grad, to them.
at::Tensor causal_conv3d(const at::Tensor& x_BTHWC, const at::Tensor& past_BPHWC, const at::Tensor& weight,
                         const at::Tensor& bias, const PackedWeight& packed, const at::Tensor& add = {});

/// A 3 x 3 convolution of frames that are first enlarged twice by nearest neighbour, without enlarging them.
/// x [B, T, H, W, C], weight [O, C, 3, 3], bias [O] -> [B, T, 2H, 2W, O], contiguous.
at::Tensor doubled_conv2d(const at::Tensor& x_BTHWC, const at::Tensor& weight, const at::Tensor& bias,
                          const PackedWeight& packed);

}  // namespace drf::ops
