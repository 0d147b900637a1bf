#include "drf/train/guards.h"

#include <limits>
#include <nlohmann/json.hpp>

#include "drf/base/error.h"
#include "drf/base/log.h"

namespace drf::train {

std::vector<Guard> guards_of(const run::RunConfig& config) {
  std::vector<Guard> guards;
  for (const run::RewardTermConfig& term : config.terms()) {
    if (!term.learns()) continue;
    for (const char* on : {"", "held_out_"}) {
      guards.push_back(
          {concat(on, "rank_accuracy/", term.name), 0.6, 1,
           concat("the surrogate no longer ranks fresh clips as ", term.teacher,
                  " does, and training climbs something else: lower train.lr or learn_every, raise "
                  "learn_steps or train.anchor, or end at an earlier checkpoint")});
    }
  }
  return guards;
}

void Guards::watch(nlohmann::ordered_json& row) {
  for (const Guard& guard : guards_) {
    const auto at = row.find(guard.measure);
    if (at == row.end()) continue;
    // A value that is not finite is written as null.
    const double value = at->is_number() ? at->get<double>() : std::numeric_limits<double>::quiet_NaN();
    if (value >= guard.least && value <= guard.most) {
      if (alarmed_.erase(guard.measure) > 0)
        log_info("guard", guard.measure, " is ", value, ", within ", guard.least, " to ", guard.most,
                 " again");
      continue;
    }
    row["alarm/" + guard.measure] = 1;
    if (alarmed_.insert(guard.measure).second) {
      log_warning("guard", guard.measure, " is ", value, ", wanted ", guard.least, " to ", guard.most, ": ",
                  guard.alarm);
    }
  }
}

}  // namespace drf::train
