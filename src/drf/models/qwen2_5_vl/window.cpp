#include "drf/models/qwen2_5_vl/window.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>

#include "drf/models/qwen/patch_places.h"

namespace drf::qwen {
namespace {

/// One side cut into windows: whole ones, and what is left at the end.
struct Side {
  int64_t whole, rest, window;
  Side(int64_t units, int64_t window) : whole(units / window), rest(units % window), window(window) {}
};

at::Tensor int64_tensor(const std::vector<int64_t>& values) { return at::tensor(values, at::kLong); }

}  // namespace

WindowLayout window_layout(int64_t h, int64_t w, const VisionConfig& config, at::ScalarType dtype,
                           at::Device device) {
  const int64_t units_high = h / config.spatial_merge_size, units_wide = w / config.spatial_merge_size;
  const Side down(units_high, config.window_tokens()), across(units_wide, config.window_tokens());
  WindowLayout layout;
  std::vector<int64_t> units;
  // Interior windows, then those cut at the right, at the bottom, and at both.
  for (const bool cut_down : {false, true}) {
    for (const bool cut_across : {false, true}) {
      const int64_t count_down = cut_down ? 1 : down.whole, size_down = cut_down ? down.rest : down.window;
      const int64_t count_across = cut_across ? 1 : across.whole;
      const int64_t size_across = cut_across ? across.rest : across.window;
      if (count_down * size_down * count_across * size_across == 0) continue;
      const int64_t top = cut_down ? down.whole * down.window : 0;
      const int64_t left = cut_across ? across.whole * across.window : 0;
      layout.groups.push_back({static_cast<int64_t>(units.size()) * config.merge_unit(),
                               count_down * count_across, size_down * size_across * config.merge_unit()});
      for (int64_t a = 0; a < count_down; ++a) {
        for (int64_t b = 0; b < count_across; ++b) {
          for (int64_t i = 0; i < size_down; ++i) {
            for (int64_t j = 0; j < size_across; ++j) {
              units.push_back((top + a * size_down + i) * units_wide + left + b * size_across + j);
            }
          }
        }
      }
    }
  }
  const PatchPlaces places = patch_places(w, config.spatial_merge_size, units);
  layout.rotary = axial_rotary(places, config.head_dim(), config.rope_theta, dtype);
  layout.rotary = {layout.rotary.cos.to(device), layout.rotary.sin.to(device)};
  if (!std::is_sorted(units.begin(), units.end())) {
    layout.order = int64_tensor(units).to(device);
    layout.inverse = layout.order.argsort();
  }
  return layout;
}

}  // namespace drf::qwen
