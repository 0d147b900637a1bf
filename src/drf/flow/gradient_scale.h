#pragma once
// Backwards through half-precision models at a power of two. A backward is linear in the gradient that comes
// in, but float16 has no numbers below 6e-8: a reward that weighs 1e-6, or whose gradient batch, accumulation
// and |d sigma| make small, would leave nothing. So what comes in is brought to a size that suits every half
// type, and what comes out, in float32, back again.

#include <ATen/core/Tensor.h>

#include <functional>
#include <vector>

namespace drf::flow {

/// A leaf, and the gradient that has gathered for it in float32 or wider (undefined: none yet).
struct LeafGradient {
  at::Tensor leaf, sum;
};

/// The power of two that brings the largest number of `incoming` (undefined ones count nothing) to [128,
/// 256); 1 where all are zero or one is not finite. Depends on nothing else, so that runs stay reproducible.
double gradient_scale(const std::vector<at::Tensor>& incoming);

/// `backward(scale)` pulls a gradient of about `incoming` times scale, leaving gradients in the leaves'
/// .grad, which it finds and which are left undefined, and returns others. Called at gradient_scale(incoming)
/// and, as long as something overflows, again at 1/64 of that, four times at most; what then is not finite
/// stays so, for the trainer to skip, with a warning. Where `incoming` or `values`, what it belongs to, is
/// not finite already, no scale would help. Adds to the leaves' sums and returns backward's gradients, both
/// unscaled.
std::vector<at::Tensor> pull_scaled(const std::vector<at::Tensor>& incoming,
                                    const std::vector<at::Tensor>& values,
                                    const std::vector<LeafGradient*>& leaves,
                                    const std::function<std::vector<at::Tensor>(double scale)>& backward);

}  // namespace drf::flow
