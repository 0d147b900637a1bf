#pragma once
// What a causal video model remembers between chunks of a clip: for each layer that looks back in time, the
// last frames of its input. Explicit values in and out, so that a chunk is a pure function and gradients of
// later chunks reach earlier ones.

#include <ATen/core/Tensor.h>

#include <utility>
#include <vector>

#include "drf/base/error.h"

namespace drf::wan {

/// One tensor [B, 1 or 2, H, W, C] a remembering layer, in the order the layers run. Empty before the first
/// chunk.
struct VaeMemory {
  std::vector<at::Tensor> frames;
  bool is_first_chunk() const { return frames.empty(); }
};

/// One pass over the layers: hands each layer what it left at the last chunk and takes what it leaves for the
/// next.
class MemoryPass {
 public:
  /// With `keeps` false nothing is stored: for the last chunk.
  MemoryPass(const VaeMemory& before, bool keeps) : before_(before), keeps_(keeps) {}

  bool is_first_chunk() const { return before_.is_first_chunk(); }
  bool keeps() const { return keeps_; }
  /// What the next layer in order left behind, or `if_first()` in the first chunk.
  template <typename MakeFirst>
  at::Tensor recall(MakeFirst if_first) {
    if (is_first_chunk()) return if_first();
    DRF_CHECK(next_ < before_.frames.size(), "memory of another model");
    return before_.frames[next_++];
  }
  /// A copy of its own, so that the frames before it can be freed.
  void leave(const at::Tensor& frames) {
    if (keeps_) after_.frames.push_back(frames.clone());
  }
  VaeMemory take() { return std::move(after_); }

 private:
  const VaeMemory& before_;
  bool keeps_;
  size_t next_ = 0;
  VaeMemory after_;
};

}  // namespace drf::wan
