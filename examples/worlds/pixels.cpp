#include "examples/worlds/pixels.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "drf/base/error.h"

namespace drf::worlds {

const std::vector<Named>& color_values() {
  static const std::vector<Named> values = {{"red", {0.9, 0.15, 0.15}},
                                            {"green", {0.15, 0.75, 0.2}},
                                            {"blue", {0.2, 0.3, 0.95}},
                                            {"yellow", {0.95, 0.85, 0.15}}};
  return values;
}

const std::vector<Named>& background_values() {
  static const std::vector<Named> values = {
      {"black", {0.06, 0.06, 0.06}}, {"gray", {0.5, 0.5, 0.5}}, {"white", {0.95, 0.95, 0.95}}};
  return values;
}

double median(std::vector<double> values) {
  const size_t n = values.size(), half = n / 2;
  std::nth_element(values.begin(), values.begin() + half, values.end());
  const double upper = values[half];
  if (n % 2) return upper;
  return (*std::max_element(values.begin(), values.begin() + half) + upper) / 2;
}

std::string nearest(const Rgb& rgb, const std::vector<Named>& names, double limit) {
  const Named* best = nullptr;
  double best_sum = 0, best_worst = 0;
  for (const Named& candidate : names) {
    double sum = 0, worst = 0;
    for (size_t c = 0; c < 3; ++c) {
      const double off = std::abs(rgb[c] - candidate.value[c]);
      sum += off;
      worst = std::max(worst, off);
    }
    if (!best || sum < best_sum) {
      best = &candidate;
      best_sum = sum;
      best_worst = worst;
    }
  }
  return best_worst >= limit ? "none" : best->name;
}

Pixels read_clip(const at::Tensor& clip) {
  const bool planes = clip.dim() == 4 && clip.size(1) == 3;
  if (clip.dim() != 4 || !(planes || clip.size(3) == 3) || clip.size(0) < 1) {
    fail(ErrorKind::kInput, "oracle: the clip's shape is ", clip.sizes(), ", wanted [F,3,H,W] or [F,H,W,3]");
  }
  at::Tensor x = (planes ? clip.permute({0, 2, 3, 1}) : clip).detach().to(at::kCPU, at::kDouble);
  if (x.size(1) < 12 || x.size(2) < 12) {
    fail(ErrorKind::kInput, "oracle: frames are ", x.size(2), "x", x.size(1), ", wanted 12x12 or more");
  }
  if (!x.isfinite().all().item<bool>()) fail(ErrorKind::kInput, "oracle: the clip has non-finite values");
  x = x.clamp(0, 1).contiguous();
  const double* data = x.const_data_ptr<double>();
  return {x.size(0), x.size(1), x.size(2), std::vector<double>(data, data + x.numel())};
}

Rgb border_median(const Pixels& x) {
  Rgb result;
  for (size_t c = 0; c < 3; ++c) {
    std::vector<double> values;
    for (int64_t f = 0; f < x.frames; ++f) {
      for (int64_t edge : {int64_t{0}, int64_t{1}}) {
        for (int64_t i = 0; i < x.width; ++i) {
          values.push_back(x.at(f, edge, i, c));
          values.push_back(x.at(f, x.height - 1 - edge, i, c));
        }
        for (int64_t i = 0; i < x.height; ++i) {
          values.push_back(x.at(f, i, edge, c));
          values.push_back(x.at(f, i, x.width - 1 - edge, c));
        }
      }
    }
    result[c] = median(std::move(values));
  }
  return result;
}

std::vector<std::vector<double>> distances(const Pixels& x, const Rgb& background) {
  std::vector<std::vector<double>> d(static_cast<size_t>(x.frames));
  for (int64_t f = 0; f < x.frames; ++f) {
    for (int64_t y = 0; y < x.height; ++y) {
      for (int64_t i = 0; i < x.width; ++i) {
        double worst = 0;
        for (size_t c = 0; c < 3; ++c) worst = std::max(worst, std::abs(x.at(f, y, i, c) - background[c]));
        d[static_cast<size_t>(f)].push_back(worst);
      }
    }
  }
  return d;
}

bool corners_clean(const Pixels& x, const std::vector<std::vector<double>>& d) {
  constexpr int64_t kSize = 5;
  constexpr double kSpot = 0.2;
  for (int64_t y0 : {int64_t{0}, x.height - kSize}) {
    for (int64_t x0 : {int64_t{0}, x.width - kSize}) {
      std::vector<double> means;
      for (const auto& frame : d) {
        double sum = 0;
        for (int64_t y = y0; y < y0 + kSize; ++y) {
          for (int64_t i = x0; i < x0 + kSize; ++i) sum += frame[x.index(y, i)];
        }
        means.push_back(sum / (kSize * kSize));
      }
      if (median(std::move(means)) >= kSpot) return false;
    }
  }
  return true;
}

}  // namespace drf::worlds
