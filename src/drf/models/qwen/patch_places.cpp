#include "drf/models/qwen/patch_places.h"

#include <ATen/ATen.h>

#include <numeric>

namespace drf::qwen {

PatchPlaces patch_places(int64_t w, int64_t merge, const std::vector<int64_t>& units) {
  const int64_t units_wide = w / merge;
  PatchPlaces places;
  for (const int64_t unit : units) {
    for (int64_t i = 0; i < merge; ++i) {
      for (int64_t j = 0; j < merge; ++j) {
        places.rows.push_back(unit / units_wide * merge + i);
        places.columns.push_back(unit % units_wide * merge + j);
      }
    }
  }
  return places;
}

PatchPlaces patch_places_in_order(int64_t h, int64_t w, int64_t merge) {
  std::vector<int64_t> units(static_cast<size_t>(h / merge * (w / merge)));
  std::iota(units.begin(), units.end(), int64_t{0});
  return patch_places(w, merge, units);
}

ops::RotaryTable axial_rotary(const PatchPlaces& places, int64_t head_dim, double theta,
                              at::ScalarType dtype) {
  const at::Tensor frequencies = ops::inverse_frequencies(head_dim / 2, theta, dtype);
  const auto angles = [&](const std::vector<int64_t>& at_axis) {
    return at::tensor(at_axis, at::kLong).to(dtype).unsqueeze(1) * frequencies;
  };
  const at::Tensor both = at::cat({angles(places.rows), angles(places.columns)}, -1);
  return {both.cos(), both.sin()};
}

}  // namespace drf::qwen
