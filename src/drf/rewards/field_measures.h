#pragma once
// What generated fields are compared with data by. A small residual alone proves nothing: u = 0, blurred and
// shrunken fields have one too. Equal to tools/fields/measures.py.

#include <ATen/core/Tensor.h>

#include <vector>

#include "drf/models/fields/equation.h"

namespace drf::rewards {

struct FieldStatistics {
  std::vector<double> variance;  ///< a channel: unbiased over samples, averaged over pixels
  std::vector<std::vector<double>>
      power;  ///< a channel: mean square of the orthonormal DCT-II coefficients (k, l) on the rings
              ///< floor(sqrt(k^2 + l^2) + 1/2) = 1 .. min(H, W) - 1
};

/// q_NCHW: at least two samples, H, W >= 2.
FieldStatistics field_statistics(const at::Tensor& q_NCHW);

struct FieldComparison {
  std::vector<double> spread;    ///< a channel: sqrt(variance / the data's); 1 is right
  std::vector<double> spectrum;  ///< a channel: mean over rings of |log10(power / the data's)|; 0 is right
};

/// Throws Error(kConfig) if the two have other channels or rings: the data were of another size.
FieldComparison compare(const FieldStatistics& generated, const FieldStatistics& data);

/// ||u - L^-1 f|| / ||u|| over all samples together. Throws as solution().
double solve_error(fields::Equation equation, const at::Tensor& q_NCHW);

}  // namespace drf::rewards
