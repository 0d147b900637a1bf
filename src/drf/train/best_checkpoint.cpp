#include "drf/train/best_checkpoint.h"

namespace drf::train {
namespace {

bool is_better(const BestCheckpoint::Found& one, const BestCheckpoint::Found& other) {
  return one.alarmed == other.alarmed ? one.merit > other.merit : other.alarmed;
}

}  // namespace

void BestCheckpoint::begin(run::RunDirectory* directory, const std::string& setup) {
  directory_ = directory;
  setup_ = setup;
  best_ = directory ? directory->best(setup) : std::nullopt;
}

void BestCheckpoint::offer(const Found& found, const std::function<StateImage()>& image,
                           const run::TrainedFiles& trained) {
  if (!directory_ || (best_ && !is_better(found, *best_))) return;
  directory_->save_best(image(), trained, found, setup_);
  best_ = found;
}

}  // namespace drf::train
