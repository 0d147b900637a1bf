#pragma once
// What an update did, for its line of metrics.jsonl, the progress line and who measures.

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "drf/objectives/objective.h"
#include "drf/rewards/reward.h"

namespace drf::train {

/// What one update did; metrics.jsonl has the same names.
struct UpdateStats {
  int64_t update = 0;                     ///< counted from 1
  double reward = 0;                      ///< mean over the update's clips, before the update
  std::map<std::string, double> rewards;  ///< of [[rewards]], by name, before their weights
  std::map<std::string, double> parts;    ///< of the questions' reward: "TA"
  /// What rewards say beside their value, means over what they count: "p_right" of the yes/no questions.
  std::map<std::string, double> facts;
  std::map<std::string, double> figures;  ///< what rewards that learn say of themselves: "rank_accuracy/NAME"
  double grad_norm = 0;                   ///< of all that is trained, before clipping
  double lr = 0;
  bool skipped = false;                          ///< non-finite: no weight was moved
  objectives::Norms norms;                       ///< of its last batch
  std::map<std::string, double> penalties;       ///< of the objective, by name
  double saturation = 0, out_of_range = 0;       ///< as flow::Judgement's
  std::map<std::string, flow::StageCost> costs;  ///< over all batches of the update
  double seconds = 0;
  std::optional<double> share_of_peak;  ///< share_of_peak.h
};

/// One line of metrics.jsonl.
nlohmann::ordered_json to_json(const UpdateStats& stats);

/// What the progress line shows beside the time left.
std::string summary(const UpdateStats& stats);

/// Gathers the batches of an update.
class BatchSums {
 public:
  /// `by_name`: whether rewards are shown by their names ([[rewards]]).
  BatchSums(int64_t batches, double clips, bool by_name)
      : batches_(static_cast<double>(batches)), clips_(clips), by_name_(by_name) {}

  /// Costs add up, what is a mean over clips stays one.
  void add(const objectives::Outcome& outcome);
  void add_costs(const std::map<std::string, flow::StageCost>& costs);
  /// Means of a batch's clips, by the teacher's name.
  void add_teachers(const std::map<std::string, double>& means);
  std::map<std::string, flow::StageCost>& costs() { return sums_.costs; }
  /// Of all of them; who the update is and what it led to is not in it.
  UpdateStats stats() const;

 private:
  double batches_, clips_;
  bool by_name_;
  UpdateStats sums_;
  std::map<std::string, rewards::Mean> facts_;
  std::map<std::string, int64_t> part_count_;
};

}  // namespace drf::train
