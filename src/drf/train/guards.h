#pragma once
// What a run watches about itself: a measure, the range in which it means what it should, and what to say
// where it leaves it. A guard changes no number of a run.

#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>
#include <vector>

#include "drf/run/config.h"

namespace drf::train {

struct Guard {
  std::string measure;  ///< a key of metrics.jsonl
  double least, most;   ///< its range, both included
  std::string alarm;    ///< what it means to leave it, and what to do
};

/// Those that a configuration gives cause for.
std::vector<Guard> guards_of(const run::RunConfig& config);

class Guards {
 public:
  explicit Guards(std::vector<Guard> guards) : guards_(std::move(guards)) {}
  void add(const std::vector<Guard>& more) { guards_.insert(guards_.end(), more.begin(), more.end()); }
  /// Adds "alarm/MEASURE": 1 to a line of metrics for each measure in it that is out of its range (or not
  /// finite), and says so in the log when that begins and when it ends.
  void watch(nlohmann::ordered_json& row);

 private:
  std::vector<Guard> guards_;
  std::set<std::string> alarmed_;  // measures
};

}  // namespace drf::train
