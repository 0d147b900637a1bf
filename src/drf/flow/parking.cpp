#include "drf/flow/parking.h"

#include <initializer_list>

namespace drf::flow {

nn::Residence* Parking::of(Network network) const {
  if (network == Network::kGenerator) return generator_;
  return network == Network::kCritic ? critic_ : nullptr;
}

/// Whether anything was moved. `coming`, if it is there or on its way, stays.
bool Parking::bring(Network used, const nn::Residence* coming) const {
  if (how_ == Park::kOff) return false;
  nn::Residence* const here = of(used);
  bool moved = false;
  for (nn::Residence* other : {generator_, critic_}) {  // room is made before anything comes
    if (other && other != here && other != coming) moved |= other->park();
  }
  if (here && !here->here()) {
    here->come_back();
    moved = true;
  }
  return moved;
}

void Parking::begin(Network used, StageClock& clock, Network next) const {
  nn::Residence* const coming = how_ == Park::kEarly ? of(next) : nullptr;
  if (bring(used, coming)) clock.lap("park");
  if (coming) coming->begin_return();
}

int64_t Parking::returned_bytes() const {
  return (generator_ ? generator_->returned_bytes() : 0) + (critic_ ? critic_->returned_bytes() : 0);
}

}  // namespace drf::flow
