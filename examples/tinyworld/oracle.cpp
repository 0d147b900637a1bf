#include "examples/tinyworld/oracle.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numbers>

#include "examples/worlds/pixels.h"

namespace drf::tinyworld {
namespace {

using worlds::median;
using worlds::nearest;
using worlds::Pixels;
using worlds::Rgb;
using Mask = std::vector<char>;  // H x W

constexpr double kForeground = 0.25;   // distance from the background that makes a pixel part of the object
constexpr int64_t kObjectPixels = 20;  // fewer: the frame has no object
constexpr int64_t kObjectFrames = 5;   // fewer: the clip has no object
constexpr double kVivid = 0.6;         // share of the largest distance, for the pixels that decide the colour
constexpr double kMoved = 3;           // pixels
constexpr double kJump = 2.5;          // pixels a step may differ from the median step
constexpr double kOverlap = 0.75;
constexpr std::array<double, 3> kRadii = {0.88, 0.94, 1.0};

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
    object.color = nearest(rgb, worlds::color_values(), 0.35);
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
  const Pixels x = worlds::read_clip(clip);
  const Rgb background = worlds::border_median(x);
  const auto d = worlds::distances(x, background);
  OracleAnswer answer;
  answer.bg = nearest(background, worlds::background_values(), 0.2);
  answer.clean = worlds::corners_clean(x, d);

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
