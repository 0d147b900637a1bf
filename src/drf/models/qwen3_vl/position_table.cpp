#include "drf/models/qwen3_vl/position_table.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "drf/tensor/precision.h"

namespace drf::qwen3 {
namespace {

/// The two rows of one axis under each patch, and their weights: [L, 2].
struct Taps {
  at::Tensor rows, weights;
};

Taps taps(const std::vector<int64_t>& at_axis, int64_t size, int64_t side) {
  const at::Tensor offsets = at::arange(2, at::kLong);
  const at::Tensor source = at::tensor(at_axis, at::kLong).to(at::kFloat) * (side - 1) /
                            static_cast<float>(std::max<int64_t>(size - 1, 1));
  const at::Tensor below = source.floor();
  return {(below.to(at::kLong).unsqueeze(1) + offsets).clamp(0, side - 1),
          (1 - (source.unsqueeze(1) - below.unsqueeze(1) - offsets).abs()).clamp_min(0)};
}

}  // namespace

TablePlaces table_places(const qwen::PatchPlaces& places, int64_t h, int64_t w, int64_t side) {
  const Taps down = taps(places.rows, h, side), across = taps(places.columns, w, side);
  const auto both = [](const at::Tensor& a, const at::Tensor& b, const auto& join) {
    return join(a.unsqueeze(2), b.unsqueeze(1)).reshape({-1, 4});
  };
  return {both(down.rows, across.rows, [&](const auto& r, const auto& c) { return r * side + c; }),
          both(down.weights, across.weights, [](const auto& r, const auto& c) { return r * c; })};
}

at::Tensor look_up(const at::Tensor& table_ND, const TablePlaces& places) {
  return (upcast(at::embedding(table_ND, places.rows_L4)) * places.weights_L4.unsqueeze(2)).sum(1);
}

}  // namespace drf::qwen3
