#include "drf/base/nearest.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace drf {

int64_t edit_distance(const std::string& a, const std::string& b) {
  // Three rows of the table: a swap looks two rows back.
  std::vector<int64_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) last[j] = static_cast<int64_t>(j);
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = static_cast<int64_t>(i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const int64_t substitution = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, substitution});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

std::vector<std::string> nearest(const std::string& name, const std::vector<std::string>& candidates,
                                 size_t count) {
  std::vector<std::pair<int64_t, std::string>> ranked;
  for (const std::string& candidate : candidates) {
    const auto longer = static_cast<int64_t>(std::max(name.size(), candidate.size()));
    const auto shorter = static_cast<int64_t>(std::min(name.size(), candidate.size()));
    if (2 * (longer - shorter) > longer) continue;  // the distance is no less; a key may have megabytes
    const int64_t distance = edit_distance(name, candidate);
    if (2 * distance <= longer) ranked.emplace_back(distance, candidate);
  }
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> names;
  for (const auto& [distance, candidate] : ranked) {
    if (names.size() < count) names.push_back(candidate);
  }
  return names;
}

}  // namespace drf
