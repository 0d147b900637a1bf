#pragma once
// How the micro-benchmarks take time: all formulations of one operation in turn, so that whatever else the
// machine does falls on each of them alike, and the fastest turn of each.

#include <algorithm>
#include <chrono>
#include <functional>
#include <limits>
#include <vector>

namespace drf::bench {

/// Seconds of each work's fastest turn of `turns`, after one that is not counted.
inline std::vector<double> fastest(const std::vector<std::function<void()>>& works, int turns) {
  std::vector<double> best(works.size(), std::numeric_limits<double>::infinity());
  for (int turn = 0; turn <= turns; ++turn) {
    for (size_t i = 0; i < works.size(); ++i) {
      const auto begin = std::chrono::steady_clock::now();
      works[i]();
      const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
      if (turn > 0) best[i] = std::min(best[i], took.count());
    }
  }
  return best;
}

}  // namespace drf::bench
