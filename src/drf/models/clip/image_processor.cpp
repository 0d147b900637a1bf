#include "drf/models/clip/image_processor.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/ops/separable_resize.h"
#include "drf/tensor/precision.h"

namespace drf::clip {
namespace {

constexpr int64_t kMostPixels = 1 << 13;  // a side

std::array<double, 3> channels(const JsonConfig& json, const std::string& key,
                               const std::array<double, 3>& fallback) {
  const auto values = json.numbers(key, std::vector<double>(fallback.begin(), fallback.end()));
  if (values.size() != 3) json.reject(key, concat("has ", values.size(), " values, wanted 3"));
  return {values[0], values[1], values[2]};
}

/// 224 or {"shortest_edge": 224}.
int64_t read_shortest_edge(const JsonConfig& json) {
  if (!json.has("size") || !json.json()["size"].is_object()) return json.size("size", 224, kMostPixels);
  const JsonConfig size = json.object("size");
  for (const char* other : {"height", "width", "longest_edge", "max_height", "max_width"}) {
    if (size.has(other))
      size.reject(other, "is given; only shortest_edge is supported, which keeps an image's shape");
  }
  return size.size("shortest_edge", size.integer("shortest_edge"), kMostPixels);
}

/// 224 or {"height": 224, "width": 224}.
int64_t read_crop_size(const JsonConfig& json) {
  if (!json.has("crop_size") || !json.json()["crop_size"].is_object())
    return json.size("crop_size", 224, kMostPixels);
  const JsonConfig size = json.object("crop_size");
  const int64_t height = size.integer("height");
  if (size.integer("width") != height)
    json.reject("crop_size", concat("is ", height, " x ", size.integer("width"), ", wanted a square"));
  return size.size("height", height, kMostPixels);
}

int64_t round_half_even(double x) { return static_cast<int64_t>(std::nearbyint(x)); }

at::Tensor crop(const at::Tensor& x, const ImageProcessorConfig& p) {
  const int64_t height = x.size(-2), width = x.size(-1);
  const int64_t low = std::min(height, width), high = std::max(height, width);
  // The quotient in floating point and cut, as the reference forms it.
  const auto other =
      static_cast<int64_t>(static_cast<double>(p.shortest_edge * high) / static_cast<double>(low));
  const int64_t new_height = height <= width ? p.shortest_edge : other;
  const int64_t new_width = height <= width ? other : p.shortest_edge;
  const int64_t side = p.crop_size;
  return ops::resize_bicubic(x, new_height, new_width)
      .narrow(-2, (new_height - side) / 2, side)
      .narrow(-1, (new_width - side) / 2, side);
}

at::Tensor pad(const at::Tensor& x, const ImageProcessorConfig& p) {
  const int64_t height = x.size(-2), width = x.size(-1), side = p.crop_size;
  const double factor = static_cast<double>(side) / static_cast<double>(std::max(height, width));
  const auto resized = [&](int64_t extent) {
    return std::max<int64_t>(round_half_even(static_cast<double>(extent) * factor), 1);
  };
  const int64_t new_height = resized(height), new_width = resized(width);
  const int64_t above = (side - new_height) / 2, left = (side - new_width) / 2;
  return at::constant_pad_nd(ops::resize_bicubic(x, new_height, new_width),
                             {left, side - new_width - left, above, side - new_height - above});
}

}  // namespace

ImageProcessorConfig ImageProcessorConfig::read(const std::filesystem::path& folder,
                                                const VisionConfig& vision) {
  if (is_there(folder / "processor_config.json")) {
    const JsonConfig json = JsonConfig::read(folder / "processor_config.json");
    if (json.has("image_processor")) return read(json.object("image_processor"), vision);
  }
  if (is_there(folder / "preprocessor_config.json"))
    return read(JsonConfig::read(folder / "preprocessor_config.json"), vision);
  fail(ErrorKind::kInput, folder, ": holds no preprocessor_config.json; ",
       "copy that of the model it was made from (PickScore: laion/CLIP-ViT-H-14-laion2B-s32B-b79K)");
}

ImageProcessorConfig ImageProcessorConfig::read(const JsonConfig& json, const VisionConfig& vision) {
  json.require_absent_or("resample", 3);  // PIL's number for bicubic
  json.require_absent_or("do_resize", true);
  json.require_absent_or("do_center_crop", true);
  ImageProcessorConfig p;
  p.shortest_edge = read_shortest_edge(json);
  p.crop_size = read_crop_size(json);
  if (p.crop_size != vision.image_size) {
    json.reject("crop_size", concat("is ", p.crop_size, json.has("crop_size") ? "" : " where it is left out",
                                    "; the model's image_size is ", vision.image_size));
  }
  if (p.shortest_edge < p.crop_size)
    json.reject("size", concat("is ", p.shortest_edge, ", less than crop_size ", p.crop_size));
  p.scale = json.boolean("do_rescale", true) ? 255 * json.positive("rescale_factor", 1.0 / 255) : 255;
  if (!json.boolean("do_normalize", true)) {
    p.mean = {0, 0, 0};
    p.std = {1, 1, 1};
    return p;
  }
  p.mean = channels(json, "image_mean", p.mean);
  p.std = channels(json, "image_std", p.std);
  for (const double deviation : p.std) {
    if (!(deviation > 0)) json.reject("image_std", concat("holds ", deviation, ", must be above 0"));
  }
  return p;
}

at::Tensor process_images(const at::Tensor& images_N3HW, const ImageProcessorConfig& p, Fit fit) {
  DRF_CHECK(images_N3HW.dim() == 4 && images_N3HW.size(1) == 3 && images_N3HW.numel() > 0, "images ",
            images_N3HW.sizes());
  const int64_t height = images_N3HW.size(2), width = images_N3HW.size(3);
  if (std::max(height, width) > 200 * std::min(height, width)) {
    fail(ErrorKind::kInput, "clip: frames of ", width, " x ", height,
         " pixels; sides may differ by 200 : 1 at most");
  }
  const at::Tensor wide = upcast(images_N3HW);
  const at::Tensor fitted = fit == Fit::kCrop ? crop(wide, p) : pad(wide, p);
  const auto per_channel = [&](const auto& value) {
    return at::tensor({value(0), value(1), value(2)}, at::kDouble).to(fitted.options()).view({3, 1, 1});
  };
  return at::addcmul(per_channel([&](int c) { return -p.mean[c] / p.std[c]; }), fitted,
                     per_channel([&](int c) { return p.scale / p.std[c]; }));
}

}  // namespace drf::clip
