#include "drf/models/qwen/video_patches.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/ops/separable_resize.h"
#include "drf/tensor/precision.h"

namespace drf::qwen {
namespace {

// Far above what any critic takes; products of them stay below 2^63.
constexpr int64_t kMostPixels = 1 << 30, kMostTokens = 1 << 24, kMostFactor = 1 << 12;

std::array<double, 3> channels(const JsonConfig& json, const std::string& key,
                               const std::array<double, 3>& fallback) {
  const auto values = json.numbers(key, {fallback.begin(), fallback.end()});
  if (values.size() != 3) json.reject(key, concat("has ", values.size(), " values, wanted 3"));
  return {values[0], values[1], values[2]};
}

}  // namespace

int64_t round_half_even(double x) { return static_cast<int64_t>(std::nearbyint(x)); }

ProcessorConfig ProcessorConfig::read(const std::filesystem::path& folder, const PatchSizes& models,
                                      const ProcessorDefaults& defaults) {
  if (is_there(folder / "processor_config.json")) {
    const JsonConfig json = JsonConfig::read(folder / "processor_config.json");
    if (json.has("video_processor")) return read(json.object("video_processor"), models, defaults);
  }
  for (const char* name : {"video_preprocessor_config.json", "preprocessor_config.json"}) {
    if (is_there(folder / name)) return read(JsonConfig::read(folder / name), models, defaults);
  }
  fail(ErrorKind::kInput, folder,
       ": holds neither video_preprocessor_config.json nor preprocessor_config.json; ",
       "is the download complete?");
}

ProcessorConfig ProcessorConfig::read(const JsonConfig& json, const PatchSizes& models,
                                      const ProcessorDefaults& defaults) {
  json.require_absent_or("resample", 3);  // PIL's number for bicubic
  const auto require_same = [&](const char* key, int64_t fallback, int64_t wanted) {
    const int64_t value = json.integer(key, fallback);
    if (value == wanted) return;
    json.reject(key, concat("is ", json.has(key) ? "" : "left out, which means ", value, "; the model's is ",
                            wanted));
  };
  require_same("patch_size", defaults.patch_size, models.patch_size);
  require_same("temporal_patch_size", 2, models.temporal_patch_size);
  require_same("merge_size", 2, models.spatial_merge_size);
  ProcessorConfig p;
  p.min_pixels = defaults.min_pixels;
  p.max_pixels = defaults.max_pixels;
  p.resize = json.boolean("do_resize", true);
  if (json.has("size")) {
    const JsonConfig size = json.object("size");
    p.min_pixels =
        size.size("shortest_edge", size.size("min_pixels", p.min_pixels, kMostPixels), kMostPixels);
    p.max_pixels = size.size("longest_edge", size.size("max_pixels", p.max_pixels, kMostPixels), kMostPixels);
  }
  p.min_pixels = json.size("min_pixels", p.min_pixels, kMostPixels);
  p.max_pixels = json.size("max_pixels", p.max_pixels, kMostPixels);
  p.share_pixels = json.boolean("cap_pixels_per_frame", false);
  p.max_video_tokens = json.size("max_video_tokens", defaults.max_video_tokens, kMostTokens);
  if (models.patch_size > kMostFactor / models.spatial_merge_size) {
    json.reject("merge_size", concat("times patch_size is ", models.spatial_merge_size, " x ",
                                     models.patch_size, ", wanted at most ", kMostFactor));
  }
  p.scale = json.boolean("do_rescale", true) ? 255 * json.positive("rescale_factor", 1.0 / 255) : 255;
  if (json.boolean("do_normalize", true)) {
    p.mean = channels(json, "image_mean", defaults.mean);
    p.std = channels(json, "image_std", defaults.std);
    for (const double deviation : p.std) {
      if (!(deviation > 0)) json.reject("image_std", concat("holds ", deviation, ", must be above 0"));
    }
  }
  return p;
}

std::pair<int64_t, int64_t> fit_pixels(int64_t height, int64_t width, int64_t factor, FrameCount count,
                                       int64_t min_pixels, int64_t max_pixels) {
  const auto h = static_cast<double>(height), w = static_cast<double>(width), f = static_cast<double>(factor);
  if (std::max(h, w) / std::min(h, w) > 200) {
    fail(ErrorKind::kInput, "critic: frames of ", width, " x ", height,
         " pixels; sides may differ by 200 : 1 at most");
  }
  const int64_t new_height = round_half_even(h / f) * factor, new_width = round_half_even(w / f) * factor;
  const int64_t pixels = count.counted * new_height * new_width;
  const auto given = static_cast<double>(count.frames * height * width);
  if (pixels > max_pixels) {
    const double beta = std::sqrt(given / static_cast<double>(max_pixels));
    const auto shrink = [&](double side) {
      return std::max(factor, static_cast<int64_t>(std::floor(side / beta / f)) * factor);
    };
    return {shrink(h), shrink(w)};
  }
  if (pixels < min_pixels) {
    const double beta = std::sqrt(static_cast<double>(min_pixels) / given);
    const auto grow = [&](double side) { return static_cast<int64_t>(std::ceil(side * beta / f)) * factor; };
    return {grow(h), grow(w)};
  }
  return {new_height, new_width};
}

VideoInput cut_patches(const at::Tensor& frames_BFCHW, std::pair<int64_t, int64_t> size,
                       const ProcessorConfig& processor, const PatchSizes& models) {
  DRF_CHECK(frames_BFCHW.dim() == 5 && frames_BFCHW.size(2) == 3 && frames_BFCHW.size(1) > 0, "frames ",
            frames_BFCHW.sizes());
  const int64_t patch = models.patch_size, merge = models.spatial_merge_size, factor = models.token_side();
  const int64_t temporal = models.temporal_patch_size;
  at::Tensor x = upcast(frames_BFCHW);
  if (processor.resize) x = ops::resize_bicubic(x, size.first, size.second);
  const int64_t height = x.size(3), width = x.size(4);
  if (height <= 0 || width <= 0 || height % factor != 0 || width % factor != 0) {
    fail(ErrorKind::kInput, "critic: frames of ", frames_BFCHW.size(4), " x ", frames_BFCHW.size(3),
         " pixels become ", width, " x ", height, ", wanted multiples of ", factor,
         "; use larger frames, or a video processor that resizes");
  }
  const auto& [mean, std] = std::tie(processor.mean, processor.std);
  const auto per_channel = [&](const auto& value) {
    return at::tensor({value(0), value(1), value(2)}, at::kDouble).to(x.options()).view({3, 1, 1});
  };
  x = at::addcmul(per_channel([&](int c) { return -mean[c] / std[c]; }), x,
                  per_channel([&](int c) { return processor.scale / std[c]; }));
  if (const int64_t rest = x.size(1) % temporal; rest != 0) {
    x = at::cat({x, x.narrow(1, x.size(1) - 1, 1).expand({-1, temporal - rest, -1, -1, -1})}, 1);
  }
  const Grid grid{x.size(1) / temporal, height / patch, width / patch};
  x = x.reshape({x.size(0), grid.t, temporal, 3, grid.h / merge, merge, patch, grid.w / merge, merge, patch})
          .permute({0, 1, 4, 7, 5, 8, 3, 2, 6, 9})
          .reshape({x.size(0), grid.patches(), models.patch_values()});
  return {x, grid};
}

void require_effect(int64_t max_pixels, const ProcessorConfig& processor, const PatchSizes& models,
                    const std::filesystem::path& folder) {
  const int64_t side = models.token_side();
  if (max_pixels == 0) return;
  if (!processor.resize) {
    fail(ErrorKind::kConfig, "max_pixels is ", max_pixels, ", but the processor of ", folder,
         " resizes no frames (do_resize is false); leave it out");
  }
  if (max_pixels < side * side) {
    fail(ErrorKind::kConfig, "max_pixels is ", max_pixels, ", but ", folder, " shows at least ", side * side,
         " pixels a frame (", side, "x", side, "); set that or more, or leave it out");
  }
}

void refuse_max_pixels(int64_t max_pixels, int64_t height, int64_t width, int64_t least) {
  fail(ErrorKind::kConfig, "max_pixels is ", max_pixels, ", but frames of ", width, "x", height,
       " are shown with ", least, " pixels, the least that the critic's processor makes of them; set ", least,
       " or more, or leave it out");
}

std::vector<int64_t> sample_frame_indices(int64_t frames, int64_t n) {
  DRF_CHECK(frames > 0 && n > 0, frames, " frames, ", n, " wanted");
  std::vector<int64_t> indices;
  for (int64_t i = 0; i < n; ++i) {
    const double at = n == 1 ? 0.0 : static_cast<double>(i * (frames - 1)) / static_cast<double>(n - 1);
    indices.push_back(round_half_even(at));
  }
  return indices;
}

}  // namespace drf::qwen
