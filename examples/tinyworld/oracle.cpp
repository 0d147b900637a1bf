// All arithmetic in float64 on plain arrays: clips are small, and thresholds must fall as numpy's do.
#include "examples/tinyworld/oracle.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numbers>

#include "drf/base/error.h"

namespace drf::tinyworld {
namespace {

using Rgb = std::array<double, 3>;
using Mask = std::vector<char>;  // H x W
struct Named {
  std::string name;
  Rgb value;
};

const std::vector<Named> kColorValues = {{"red", {0.9, 0.15, 0.15}},
                                         {"green", {0.15, 0.75, 0.2}},
                                         {"blue", {0.2, 0.3, 0.95}},
                                         {"yellow", {0.95, 0.85, 0.15}}};
const std::vector<Named> kBackgroundValues = {
    {"black", {0.06, 0.06, 0.06}}, {"gray", {0.5, 0.5, 0.5}}, {"white", {0.95, 0.95, 0.95}}};

constexpr double kForeground = 0.25;   // distance from the background that makes a pixel part of the object
constexpr int64_t kObjectPixels = 20;  // fewer: the frame has no object
constexpr int64_t kObjectFrames = 5;   // fewer: the clip has no object
constexpr double kVivid = 0.6;         // share of the largest distance, for the pixels that decide the colour
constexpr double kMoved = 3;           // pixels
constexpr double kJump = 2.5;          // pixels a step may differ from the median step
constexpr double kSpot = 0.2;
constexpr double kOverlap = 0.75;
constexpr std::array<double, 3> kRadii = {0.88, 0.94, 1.0};

// The mean of the two middle values where the count is even.
double median(std::vector<double> values) {
  const size_t n = values.size(), half = n / 2;
  std::nth_element(values.begin(), values.begin() + half, values.end());
  const double upper = values[half];
  if (n % 2) return upper;
  return (*std::max_element(values.begin(), values.begin() + half) + upper) / 2;
}

// The nearest by L1 (the first of equals), "none" if any channel is off by `limit` or more.
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

struct Pixels {
  int64_t frames, height, width;
  std::vector<double> values;  // F x H x W x 3
  double at(int64_t f, int64_t y, int64_t x, size_t c) const {
    return values[static_cast<size_t>(((f * height + y) * width + x) * 3) + c];
  }
  size_t index(int64_t y, int64_t x) const { return static_cast<size_t>(y * width + x); }
  // Whether (y, x) lies in one of the four squares of `size` pixels in the corners.
  bool in_corner(int64_t y, int64_t x, int64_t size) const {
    return (y < size || y >= height - size) && (x < size || x >= width - size);
  }
};

Pixels read(const at::Tensor& clip) {
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

// Two rows above and below and two columns left and right; the corners count twice, as rows and as columns.
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

// Largest channel distance from the background, F images of H x W.
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

// The object in one frame.
struct Object {
  Mask mask;
  double area = 0, cx = 0, cy = 0;  // centroid in pixel indices
  std::string color;
};

Object find_object(const Pixels& x, int64_t f, const std::vector<double>& d) {
  constexpr int64_t kSize = 6;
  Object object;
  object.mask.assign(d.size(), 0);
  const double largest = *std::max_element(d.begin(), d.end());
  std::array<std::vector<double>, 3> vivid;
  for (int64_t y = 0; y < x.height; ++y) {
    for (int64_t i = 0; i < x.width; ++i) {
      const double distance = d[x.index(y, i)];
      if (!(distance > kForeground) || x.in_corner(y, i, kSize)) continue;
      object.mask[x.index(y, i)] = 1;
      object.area += 1;
      object.cx += static_cast<double>(i);
      object.cy += static_cast<double>(y);
      if (distance > kVivid * largest) {
        for (size_t c = 0; c < 3; ++c) vivid[c].push_back(x.at(f, y, i, c));
      }
    }
  }
  if (object.area > 0) {
    object.cx /= object.area;
    object.cy /= object.area;
  }
  object.color = "none";
  if (!vivid[0].empty()) {
    const Rgb rgb = {median(vivid[0]), median(vivid[1]), median(vivid[2])};
    object.color = nearest(rgb, kColorValues, 0.35);
  }
  return object;
}

bool inside(const std::string& shape, double dx, double dy, double r) {
  if (shape == "ball") return dx * dx + dy * dy < r * r;
  if (shape == "square") return std::abs(dx) < 0.88 * r && std::abs(dy) < 0.88 * r;
  return dy > -1.1 * r && dy < 0.8 * r && std::abs(dx) < 0.58 * (dy + 1.1 * r);
}

// The radius at which the shape covers `area` pixels.
double matched_radius(const std::string& shape, double area) {
  if (shape == "ball") return std::sqrt(area / std::numbers::pi);
  if (shape == "square") return std::sqrt(area) / 1.76;
  return std::sqrt(area / (0.58 * 1.9 * 1.9));
}

// The best intersection over union of the mask with the shape's template over the radii.
double overlap(const std::string& shape, const Object& object, const Pixels& x) {
  double best = 0;
  for (const double scale : kRadii) {
    const double r = scale * matched_radius(shape, object.area);
    const double cx = object.cx + 0.5;
    // A triangle's centroid lies below its template's centre.
    const double cy = object.cy + 0.5 - (shape == "triangle" ? r * (0.8 - 1.9 / 3) : 0);
    int64_t both = 0, either = 0;
    for (int64_t y = 0; y < x.height; ++y) {
      for (int64_t i = 0; i < x.width; ++i) {
        int hits = 0;
        for (const double oy : {0.25, 0.75}) {
          for (const double ox : {0.25, 0.75}) {
            hits += inside(shape, static_cast<double>(i) + ox - cx, static_cast<double>(y) + oy - cy, r);
          }
        }
        const bool in_template = hits >= 2;  // coverage above 0.3
        const bool in_mask = object.mask[x.index(y, i)];
        both += in_template && in_mask;
        either += in_template || in_mask;
      }
    }
    if (either > 0) best = std::max(best, static_cast<double>(both) / static_cast<double>(either));
  }
  return best;
}

std::string clip_shape(const std::vector<Object>& objects, const Pixels& x) {
  std::string best;
  double best_score = -1;
  for (const std::string& shape : kShapes) {
    double sum = 0;
    for (const Object& object : objects) sum += overlap(shape, object, x);
    const double mean = sum / static_cast<double>(objects.size());
    if (mean > best_score) {
      best = shape;
      best_score = mean;
    }
  }
  return best_score >= kOverlap ? best : "none";
}

std::string clip_color(const std::vector<Object>& objects, bool& constant) {
  std::map<std::string, int64_t> counts;  // in alphabetical order, which breaks ties
  for (const Object& object : objects) ++counts[object.color];
  constant = counts.size() == 1;
  return std::max_element(counts.begin(), counts.end(),
                          [](const auto& a, const auto& b) { return a.second < b.second; })
      ->first;
}

std::string clip_motion(const std::vector<Object>& objects) {
  const double dx = objects.back().cx - objects.front().cx, dy = objects.back().cy - objects.front().cy;
  if (std::max(std::abs(dx), std::abs(dy)) <= kMoved) return "none";
  if (std::abs(dx) > std::abs(dy)) return dx > 0 ? "right" : "left";
  return dy > 0 ? "down" : "up";
}

bool steps_even(const std::vector<Object>& objects) {
  std::vector<double> dx, dy;
  for (size_t i = 1; i < objects.size(); ++i) {
    dx.push_back(objects[i].cx - objects[i - 1].cx);
    dy.push_back(objects[i].cy - objects[i - 1].cy);
  }
  const double mx = median(dx), my = median(dy);
  for (size_t i = 0; i < dx.size(); ++i) {
    if (std::abs(dx[i] - mx) >= kJump || std::abs(dy[i] - my) >= kJump) return false;
  }
  return true;
}

}  // namespace

OracleAnswer judge(const at::Tensor& clip) {
  const Pixels x = read(clip);
  const Rgb background = border_median(x);
  const auto d = distances(x, background);
  OracleAnswer answer;
  answer.bg = nearest(background, kBackgroundValues, 0.2);
  answer.clean = corners_clean(x, d);

  std::vector<Object> objects;
  for (int64_t f = 0; f < x.frames; ++f) {
    Object object = find_object(x, f, d[static_cast<size_t>(f)]);
    if (object.area >= kObjectPixels) objects.push_back(std::move(object));
  }
  if (static_cast<int64_t>(objects.size()) < kObjectFrames) return answer;

  const bool in_every_frame = static_cast<int64_t>(objects.size()) == x.frames;
  bool one_color = false;
  answer.color = clip_color(objects, one_color);
  answer.color_const = in_every_frame && one_color;
  answer.motion = clip_motion(objects);
  answer.smooth = in_every_frame && steps_even(objects);
  answer.phys = *answer.color_const && *answer.smooth;
  answer.shape = clip_shape(objects, x);
  return answer;
}

}  // namespace drf::tinyworld
