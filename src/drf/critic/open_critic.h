#pragma once
// Opens a critic by what its folder holds.

#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>

#include <filesystem>
#include <memory>

#include "drf/critic/critic.h"

namespace drf::critic {

struct CriticOptions {
  at::ScalarType dtype = at::kFloat;
  at::Device device = at::kCPU;
  int64_t frames = 16;           ///< taken from a clip at round(linspace(0, F-1, frames)), half to even
  int64_t max_pixels = 0;        ///< a frame; 0 = the checkpoint's own limits; one without effect is refused
  bool count_end_token = false;  ///< dense answers: whether the end token's log-probability counts
  bool recompute = true;         ///< blocks keep no activations for the backward: less memory, the same bits
};

/// Throws Error(kInput) naming file, tensor, got, wanted and the remedy, also for architectures other than
/// Qwen2.5-VL.
std::unique_ptr<Critic> open_critic(const std::filesystem::path& folder, const CriticOptions& options);

}  // namespace drf::critic
