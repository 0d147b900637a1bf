#include "drf/models/qwen/patch_sizes.h"

namespace drf::qwen {
namespace {

constexpr int64_t kMostPatch = 256;  // pixels or frames a side

}  // namespace

void read_patch_sizes(const JsonConfig& vision, PatchSizes& sizes) {
  vision.require_absent_or("in_channels", 3);
  vision.require_absent_or("in_chans", 3);
  sizes.patch_size = vision.size("patch_size", sizes.patch_size, kMostPatch);
  sizes.temporal_patch_size = vision.size("temporal_patch_size", sizes.temporal_patch_size, kMostPatch);
  sizes.spatial_merge_size = vision.size("spatial_merge_size", sizes.spatial_merge_size, kMostPatch);
}

double read_axial_theta(const JsonConfig& vision, double fallback) {
  if (!vision.has("rope_parameters")) return fallback;
  const JsonConfig rope = vision.object("rope_parameters");
  if (rope.text("rope_type", "axial") != "default") rope.require_absent_or("rope_type", "axial");
  return rope.positive("rope_theta", fallback);
}

}  // namespace drf::qwen
