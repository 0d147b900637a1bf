#pragma once
// What a demo that was interrupted goes on with beside the run itself: what the oracle said on the way, and
// the time it took.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "drf/run/run_directory.h"

namespace drf::cli {

class DemoProgress {
 public:
  /// Of the demo in `directory`, in its demo.json. judge_every: updates between two verdicts; 0: none.
  /// updates: of the whole demo. A new one is written at once, so it comes before RunDirectory::begin(). With
  /// `resume` what is there already is read: throws Error(kConfig) where that demo was asked otherwise, or no
  /// demo began the run, Error(kInput) where the file is damaged.
  DemoProgress(const run::RunDirectory& directory, int64_t judge_every, int64_t updates, bool resume);

  /// A resumed demo, once it is known how many updates are done: verdicts on later ones are given anew.
  void go_on_from(int64_t updates);
  /// Whether the oracle is to judge what so many updates have made: not the end, which is no point of the
  /// curve, and not what it has judged.
  bool is_due(int64_t updates) const;
  /// Its verdict, which is written at once.
  void judged(int64_t updates, const nlohmann::ordered_json& columns);
  /// Writes the time so far too: before an end that is none.
  void save() const;

  /// [{"updates", "columns"}, ...] in the order of training.
  const nlohmann::ordered_json& curve() const { return curve_; }
  /// Of all its parts, as far as save() came: what a kill took is not in it, and a part that goes on judges
  /// the untrained model again.
  double seconds() const;

 private:
  std::filesystem::path file_;
  int64_t judge_every_, updates_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  double seconds_before_ = 0;
  nlohmann::ordered_json curve_ = nlohmann::ordered_json::array();
};

}  // namespace drf::cli
