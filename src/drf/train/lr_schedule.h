#pragma once
// The learning rate over the run.

#include <cstdint>

namespace drf::train {

/// Linear warm-up, then constant: peak * (update + 1) / warmup for update < warmup, else peak. `update`
/// counts from 0, so the first update already moves and update warmup - 1 is the first at the peak. warmup 0
/// or 1: no warm-up.
inline double warmup_lr(double peak, int64_t warmup, int64_t update) {
  return update + 1 < warmup ? peak * static_cast<double>(update + 1) / static_cast<double>(warmup) : peak;
}

}  // namespace drf::train
