#pragma once
// What every objective works with.

#include "drf/diffusion/schedule.h"
#include "drf/flow/guided_denoiser.h"
#include "drf/flow/noise.h"
#include "drf/flow/parking.h"
#include "drf/flow/scorer.h"
#include "drf/tensor/memory_meter.h"

namespace drf::flow {

/// All of it outlives who is given it.
struct Parts {
  const GuidedDenoiser& denoiser;
  Scorer& scorer;
  const Parking& parking;
  const diffusion::Schedule& schedule;
  const Noise& noise;
  MemoryMeter* meter = nullptr;  ///< stages book their memory on it; null: none is booked

  /// The weights that a step from `level` needs, as parking takes them; may be null.
  nn::Residence* network(int64_t level) const {
    return denoiser.network(schedule.timesteps.at(static_cast<size_t>(level)));
  }
};

/// A clock for one pass, which books on `costs`.
StageClock clock_of(const Parts& parts, std::map<std::string, StageCost>& costs);

}  // namespace drf::flow
