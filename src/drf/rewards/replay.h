#pragma once
// The clips a surrogate learns from: the newest of those its teacher has scored.
//
// Shape letters: B clips, C T H W latent channels, frames, height, width, E text width.

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "drf/rewards/rank_pairs.h"
#include "drf/tensor/state.h"

namespace drf::rewards {

class Replay {
 public:
  explicit Replay(int64_t capacity) : capacity_(capacity) {}

  /// A clip's latents_CTHW, kept as float16 in the host's memory, and its text_E. The oldest clip goes where
  /// there are `capacity`.
  void add(const at::Tensor& latents_CTHW, const at::Tensor& text_E, const Ranked& ranked);

  struct Batch {
    at::Tensor latents_BCTHW, text_BE;
  };
  /// The clips at `positions`, in float16 and as their text came, on `device`.
  Batch at(const std::vector<size_t>& positions, at::Device device) const;

  const std::vector<Ranked>& ranked() const { return ranked_; }  ///< the oldest first
  size_t size() const { return ranked_.size(); }

  int64_t text_width() const { return texts_.empty() ? 0 : texts_.front().numel(); }

  /// What every clip has.
  struct Form {
    std::vector<int64_t> latents_CTHW;
    int64_t text_width = 0;
  };
  /// Numbers under names that begin with `at`. Rejects clips of another form, and what does not belong
  /// together.
  void state(StateVisitor& v, const std::string& at, const Form& form);

 private:
  int64_t capacity_;
  std::vector<Ranked> ranked_;  // these three have an entry a clip
  std::vector<at::Tensor> latents_, texts_;
};

}  // namespace drf::rewards
