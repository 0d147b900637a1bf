#pragma once
// Gradient checkpointing: a block's activations are not kept; its backward runs it again.

#include <ATen/core/Tensor.h>

#include <functional>
#include <vector>

namespace drf::ops {

using Block = std::function<at::Tensor(const std::vector<at::Tensor>&)>;

/// block(inputs), whose backward runs `block` once more and then pulls the gradient through it. Values and
/// gradients are the same bits as without. Leaves captured by `block` (adapters) get their gradients
/// accumulated into .grad, so the outer call must be Tensor::backward(), not autograd::grad; every non-leaf
/// must be an element of `inputs`. `anchor` is any tensor that requires grad: it keeps the graph alive where
/// no input requires grad (a frozen base whose first block holds adapters); its own gradient is undefined.
/// Without gradient mode this is block(inputs). Throws Error(kBug) if the anchor does not require grad.
at::Tensor recompute(const Block& block, const std::vector<at::Tensor>& inputs, const at::Tensor& anchor);

using BlockOfMany = std::function<std::vector<at::Tensor>(const std::vector<at::Tensor>&)>;

/// The same for a block of several results, each defined, of a floating type and not itself an input.
std::vector<at::Tensor> recompute(const BlockOfMany& block, const std::vector<at::Tensor>& inputs,
                                  const at::Tensor& anchor);

}  // namespace drf::ops
