#pragma once
// Weights of a form that drf does not load, told apart by the names of their tensors, so that a message can
// say what a file is and what to use instead of "a tensor is missing".

#include <string>

#include "drf/tensor/checkpoint.h"

namespace drf {

/// What the checkpoint is and the way out, in words that follow a colon; "" if no sign of a known form is
/// found. Known: quantised weights (GPTQ, AWQ, bitsandbytes, compressed-tensors, quanto, fp8 with scales),
/// the original layout of Wan and single files of ComfyUI, image- and VACE-conditioned Wan, adapters that are
/// not merged, names that torch.compile or DataParallel have changed.
std::string foreign_weights(const Checkpoint& checkpoint);

}  // namespace drf
