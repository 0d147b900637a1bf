#pragma once
// Which networks are on the device while a stage runs (memory.park). A flow says at its stages which one they
// use; the others' weights leave first, so that no two are there together. The decoder, a few hundred MiB,
// always stays.

#include <vector>

#include "drf/flow/stage_clock.h"
#include "drf/nn/residence.h"

namespace drf::flow {

/// Which networks' weights are on the device during a stage.
enum class Park {
  kOff,    ///< all, always
  kOn,     ///< the one that the stage uses
  kEarly,  ///< and that of the next stage: its copies run beside this one, its memory counts here
};

class Parking {
 public:
  /// Of what cannot be parked the residence is null. They must outlive this.
  Parking(std::vector<nn::Residence*> networks, Park how) : networks_(std::move(networks)), how_(how) {}

  /// From here on `used` (null: none of them) is there and the other networks need not be. `next`: what the
  /// stage after this one will use. Moving weights is booked as the stage "park", but for a way back that
  /// begins early: that runs beside the stage that begins here, and what it takes of it is booked there.
  /// Throws as nn::Residence.
  void begin(nn::Residence* used, StageClock& clock, nn::Residence* next = nullptr) const;
  /// The same where nothing is booked.
  void begin(nn::Residence* used) const { bring(used, nullptr); }

  /// Bytes of weights that came back to the device so far.
  int64_t returned_bytes() const;

 private:
  bool bring(nn::Residence* used, const nn::Residence* coming) const;
  std::vector<nn::Residence*> networks_;
  Park how_;
};

}  // namespace drf::flow
