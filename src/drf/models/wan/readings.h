#pragma once
// What a transformer reads once, as the denoisers of this folder keep it: text for a rollout, times for a
// run.

#include <map>

#include "drf/models/condition.h"
#include "drf/models/wan/transformer.h"

namespace drf::wan {

/// A reading of text as a denoiser's prepared condition, and back.
models::Condition to_condition(const TextReading& reading);
TextReading of_condition(const models::Condition& prepared);

/// Rows of text that were read.
int64_t text_rows(const models::Condition& prepared);

/// The timesteps of a schedule, each read once as long as training does not change what is read.
class TimeReadings {
 public:
  /// `wide`: device, and float32 or wider; `dtype`: the transformer's.
  TimeReading of(const Transformer& transformer, double timestep, const at::TensorOptions& wide,
                 at::ScalarType dtype);

 private:
  std::map<double, TimeReading> kept_;
};

}  // namespace drf::wan
