#pragma once
// Which networks are on the device while a stage runs (memory.park). A flow says at its stages which one they
// use; the others' weights leave first, so that no two are there together. The decoder, a few hundred MiB,
// always stays.

#include "drf/flow/stage_clock.h"
#include "drf/nn/residence.h"

namespace drf::flow {

/// Which networks' weights are on the device during a stage.
enum class Park {
  kOff,    ///< all, always
  kOn,     ///< the one that the stage uses
  kEarly,  ///< and that of the next stage: its copies run beside this one, its memory counts here
};

enum class Network { kGenerator, kDecoder, kCritic };

class Parking {
 public:
  /// Of what cannot be parked the residence is null. They must outlive this.
  Parking(nn::Residence* generator, nn::Residence* critic, Park how)
      : generator_(generator), critic_(critic), how_(how) {}

  /// From here on `used` is there and the other networks need not be. `next`: what the stage after this one
  /// will use. Moving weights is booked as the stage "park", but for a way back that begins early: that runs
  /// beside the stage that begins here, and what it takes of it is booked there. Throws as nn::Residence.
  void begin(Network used, StageClock& clock, Network next) const;
  void begin(Network used, StageClock& clock) const { begin(used, clock, used); }
  /// The same where nothing is booked.
  void begin(Network used) const { bring(used, nullptr); }

  /// Bytes of weights that came back to the device so far.
  int64_t returned_bytes() const;

 private:
  nn::Residence* of(Network network) const;
  bool bring(Network used, const nn::Residence* coming) const;
  nn::Residence *generator_, *critic_;
  Park how_;
};

}  // namespace drf::flow
