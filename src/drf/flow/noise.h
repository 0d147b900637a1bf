#pragma once
// Noise of clips, drawn by key: who a clip is and what the noise is for decide its numbers, so that it can be
// drawn where it is needed, again after an interrupt, and on any machine.

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <vector>

#include "drf/base/random.h"
#include "drf/rewards/reward.h"

namespace drf::flow {

/// Tensor "noise" [C, T, H, W] of a safetensors file. Throws Error(kInput) for a missing tensor, another
/// shape, or values that are not finite.
at::Tensor read_noise(const std::filesystem::path& file, const std::vector<int64_t>& shape);

class Noise {
 public:
  /// Of clips of `shape` = {C, T, H, W}. `given` (may be undefined): what every clip starts from instead.
  Noise(uint64_t seed, std::vector<int64_t> shape, at::TensorOptions options, at::Tensor given = {})
      : seed_(seed), shape_(std::move(shape)), options_(options), given_(std::move(given)) {}

  /// x_N [B, C, T, H, W], standard normal with float32 values whatever the dtype.
  at::Tensor start(const std::vector<rewards::Sample>& samples, Purpose purpose) const;
  /// Noise for finished clips; `number` counts the times they are noised again over all updates.
  at::Tensor again(const std::vector<rewards::Sample>& samples, int64_t number) const;

  /// Noise that step `number` of a rollout adds.
  at::Tensor step(const std::vector<rewards::Sample>& samples, int64_t number) const;

  const std::vector<int64_t>& shape() const { return shape_; }
  const at::TensorOptions& options() const { return options_; }

 private:
  at::Tensor draw(const RandomKey& key) const;

  uint64_t seed_;
  std::vector<int64_t> shape_;
  at::TensorOptions options_;
  at::Tensor given_;
};

}  // namespace drf::flow
