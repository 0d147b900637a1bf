#pragma once
// How much better a clip is than the others of its prompt, for objectives that take no gradient of the
// reward.

#include <cstdint>
#include <vector>

namespace drf::objectives {

struct Advantages {
  /// A_b = (R_b - mean over its prompt's clips) / (standard deviation of all R + 1e-4), cut to +-5
  /// (Flow-GRPO).
  std::vector<double> values;
  double spread = 0;  ///< standard deviation within a prompt's clips, mean over the prompts
};

/// Of all clips of an update, in any order; prompts[b] is clip b's. Clips of a prompt that all have one
/// reward get exactly 0. Deviations are of what is there (no n - 1).
Advantages advantages(const std::vector<double>& rewards, const std::vector<int64_t>& prompts);

}  // namespace drf::objectives
