#include "drf/flow/parking.h"

namespace drf::flow {

/// Whether anything was moved. `coming`, if it is there or on its way, stays.
bool Parking::bring(nn::Residence* used, const nn::Residence* coming) const {
  if (how_ == Park::kOff) return false;
  bool moved = false;
  for (nn::Residence* other : networks_) {  // room is made before anything comes
    if (other && other != used && other != coming) moved |= other->park();
  }
  if (used && !used->here()) {
    used->come_back();
    moved = true;
  }
  return moved;
}

void Parking::begin(nn::Residence* used, StageClock& clock, nn::Residence* next) const {
  nn::Residence* const coming = how_ == Park::kEarly ? next : nullptr;
  if (bring(used, coming)) clock.lap("park");
  if (coming) coming->begin_return();
}

int64_t Parking::returned_bytes() const {
  int64_t bytes = 0;
  for (const nn::Residence* network : networks_) bytes += network ? network->returned_bytes() : 0;
  return bytes;
}

}  // namespace drf::flow
