#pragma once
// Which validation checkpoints/best is of: of those at which no guard raised an alarm the one with the
// highest merit (merit.h), and of the others only while every one raised some. A judge answers what it is
// asked; where clips no longer look like the base model's it may rise with the reward that it should judge
// (bench/results/2026-11-28-scenes-table.md: motion half as much again and physics down from .81 to .53,
// while the judge rose).

#include <functional>
#include <optional>
#include <string>

#include "drf/run/run_directory.h"

namespace drf::train {

class BestCheckpoint {
 public:
  using Found = run::RunDirectory::Best;

  /// Goes on from what `directory` (may be null: nothing is kept) holds, if that was measured on `setup`.
  void begin(run::RunDirectory* directory, const std::string& setup);
  /// Keeps what `image` and `trained` give if what was found beats the best so far. Throws what writing
  /// throws.
  void offer(const Found& found, const std::function<StateImage()>& image, const run::TrainedFiles& trained);

 private:
  run::RunDirectory* directory_ = nullptr;
  std::string setup_;
  std::optional<Found> best_;
};

}  // namespace drf::train
