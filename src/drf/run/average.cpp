#include "drf/run/average.h"

#include <ATen/ATen.h>

namespace drf::run {

Average::Average(const nn::TrainableSet& trained, double decay) : decay_(decay) {
  for (const auto& [name, leaf] : trained.parameters()) {
    leaves_.push_back(leaf.detach());
    values_.push_back(leaves_.back().clone());
  }
}

void Average::update() {
  const at::NoGradGuard no_graph;
  at::_foreach_lerp_(values_, leaves_, 1 - decay_);
}

}  // namespace drf::run
