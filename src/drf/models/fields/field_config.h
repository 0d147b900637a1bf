#pragma once
// fields.json of a generator of fields: what its latents mean.
//
//   {"channels": ["f", "u"], "mean": [0, 0], "std": [0.2865, 0.004355], "equation": "poisson"}
//
// field = mean + std x latent, a channel at a time. Further keys: "residual_scale" (s of the reward, else 1;
// tools/fields writes the RMS of f, 1, u_t or w_t), "time_spacing" (kolmogorov alone: d between its three
// fields), "data" (what generated fields are compared with: see FieldData).

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "drf/models/fields/equation.h"
#include "drf/tensor/json_config.h"

namespace drf::fields {

/// Measured on data by tools/fields.
struct FieldData {
  int64_t samples = 0;
  double mean_abs_r = 0, mean_square_r = 0;  ///< the floor: the data's own residual, stored as float32
  std::vector<double> variance;              ///< a channel: over samples, averaged over pixels
  std::vector<std::vector<double>> power;    ///< a channel: DCT-II power on the rings 1, 2, ...
};

struct FieldConfig {
  Equation equation = Equation::kPoisson;
  std::vector<double> mean, std;  ///< one a channel of channels_of(equation); std > 0
  double residual_scale = 1;      ///< > 0
  double time_spacing = 0;        ///< > 0 for kolmogorov, else 0
  std::optional<FieldData> data;

  int64_t channels() const { return static_cast<int64_t>(mean.size()); }

  /// Throws Error(kInput) naming file, key, got and wanted: an unknown equation, channels that are not the
  /// equation's in their order, lists of another length, a scale that is not above 0, a spacing that is
  /// missing or means nothing.
  static FieldConfig read(const JsonConfig& json);
};

}  // namespace drf::fields
