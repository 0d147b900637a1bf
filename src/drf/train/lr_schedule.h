#pragma once
// The learning rate over the run.

#include <cstdint>

namespace drf::train {

struct LrSchedule {
  double peak = 1e-4;
  int64_t warmup = 0;   ///< updates of linear warm-up; 0 or 1: none
  double final = 1.0;   ///< share of the peak that is left at the last update, reached linearly; 1 = constant
  int64_t updates = 1;  ///< of the whole run
};

/// The rate of `update`, counted from 0: peak * (update + 1) / warmup while below the peak, so the first
/// update already moves and update warmup - 1 is the first at the peak; from there linearly to peak * final
/// at update updates - 1.
inline double learning_rate(const LrSchedule& s, int64_t update) {
  if (update + 1 < s.warmup) return s.peak * static_cast<double>(update + 1) / static_cast<double>(s.warmup);
  const int64_t top = s.warmup > 0 ? s.warmup - 1 : 0, last = s.updates - 1;
  if (last <= top) return s.peak;
  const double way = static_cast<double>(update - top) / static_cast<double>(last - top);
  return s.peak * (1 - (1 - s.final) * (way < 1 ? way : 1));
}

}  // namespace drf::train
