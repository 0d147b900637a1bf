#include "examples/scenes/oracle.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <map>
#include <numbers>

#include "examples/worlds/pixels.h"

namespace drf::scenes {
namespace {

using worlds::median;
using worlds::Pixels;
using worlds::Rgb;
using Mask = std::vector<char>;  // H x W

constexpr int64_t kMargin = 6;  // corners that are never part of an object
constexpr int64_t kCore = 40;   // a frame's contrast is that of its 40th strongest pixel: noise has fewer
constexpr double kFaint = 0.25;
constexpr int64_t kLeastArea = 50, kLeastFrames = 5;
constexpr int64_t kGround = 2;  // rows between an object and the frame's end that still count as the ground
constexpr double kMoved = 5, kFell = 6, kBack = 4;  // pixels
constexpr double kJump = 3.5, kFastest = 15;
constexpr double kOverlap = 0.75;
constexpr std::array<double, 4> kRadii = {0.9, 0.95, 1.0, 1.05};

// The shapes of radius 1, in the order of kShapes: area, and how far the centroid lies below the centre.
constexpr std::array<double, 3> kAreas = {std::numbers::pi, 1.76 * 1.76, 0.6 * 2.2 * 2.2};
constexpr std::array<double, 3> kCentres = {0, 0, 0.9 - 2.2 / 3};

bool inside(size_t shape, double dx, double dy, double r) {
  if (shape == 0) return dx * dx + dy * dy < r * r;
  if (shape == 1) return std::abs(dx) < 0.88 * r && std::abs(dy) < 0.88 * r;
  return dy < 0.9 * r && std::abs(dx) < 0.6 * (dy + 1.3 * r);
}

// One object in one frame.
struct Part {
  Mask mask;
  int64_t area = 0, low = 0;  // low: its last row
  double cx = 0, cy = 0;      // centroid in pixel indices
  std::string color;
  std::array<double, 3> overlaps{};
};
using Track = std::vector<Part>;  // one object over frames

// The best intersection over union with the shape's template at the part's centroid.
double overlap(size_t shape, const Part& part, const Pixels& x) {
  double best = 0;
  for (const double scale : kRadii) {
    const double r = scale * std::sqrt(static_cast<double>(part.area) / kAreas[shape]);
    const double cx = part.cx + 0.5, cy = part.cy + 0.5 - kCentres[shape] * r;
    int64_t both = 0, either = 0;
    for (int64_t y = 0; y < x.height; ++y) {
      for (int64_t i = 0; i < x.width; ++i) {
        const bool in_template =
            inside(shape, static_cast<double>(i) + 0.5 - cx, static_cast<double>(y) + 0.5 - cy, r);
        const bool in_part = part.mask[x.index(y, i)];
        both += in_template && in_part;
        either += in_template || in_part;
      }
    }
    best = std::max(best, static_cast<double>(both) / static_cast<double>(std::max<int64_t>(either, 1)));
  }
  return best;
}

// Median over the pixels whose four neighbors belong to the part too; over all of it where there are none.
std::string color_of(const Part& part, const Pixels& x, int64_t f) {
  const auto in = [&](int64_t y, int64_t i) {
    return y >= 0 && i >= 0 && y < x.height && i < x.width && part.mask[x.index(y, i)];
  };
  std::array<std::vector<double>, 3> all, inner;
  for (int64_t y = 0; y < x.height; ++y) {
    for (int64_t i = 0; i < x.width; ++i) {
      if (!in(y, i)) continue;
      const bool deep = in(y - 1, i) && in(y + 1, i) && in(y, i - 1) && in(y, i + 1);
      for (size_t c = 0; c < 3; ++c) {
        all[c].push_back(x.at(f, y, i, c));
        if (deep) inner[c].push_back(x.at(f, y, i, c));
      }
    }
  }
  const auto& kept = inner[0].empty() ? all : inner;
  return worlds::nearest({median(kept[0]), median(kept[1]), median(kept[2])}, worlds::color_values(), 0.35);
}

// The 4-connected part of `left` around (y, x), which is taken out of it.
Part take_part(Mask& left, const Pixels& x, int64_t y, int64_t i) {
  Part part;
  part.mask.assign(left.size(), 0);
  std::vector<std::pair<int64_t, int64_t>> stack = {{y, i}};
  left[x.index(y, i)] = 0;
  while (!stack.empty()) {
    const auto [cy, cx] = stack.back();
    stack.pop_back();
    part.mask[x.index(cy, cx)] = 1;
    part.area += 1;
    part.cx += static_cast<double>(cx);
    part.cy += static_cast<double>(cy);
    part.low = std::max(part.low, cy);
    for (const auto& [ny, nx] : {std::pair{cy - 1, cx}, {cy + 1, cx}, {cy, cx - 1}, {cy, cx + 1}}) {
      if (ny < 0 || nx < 0 || ny >= x.height || nx >= x.width || !left[x.index(ny, nx)]) continue;
      left[x.index(ny, nx)] = 0;
      stack.emplace_back(ny, nx);
    }
  }
  part.cx /= static_cast<double>(part.area);
  part.cy /= static_cast<double>(part.area);
  return part;
}

// The objects of a frame, the largest first, equals in the order of their first pixels.
std::vector<Part> find_objects(const Pixels& x, int64_t f, const std::vector<double>& distance) {
  std::vector<double> d = distance;
  for (int64_t y = 0; y < x.height; ++y) {
    for (int64_t i = 0; i < x.width; ++i) {
      if (x.in_corner(y, i, kMargin)) d[x.index(y, i)] = 0;
    }
  }
  std::vector<double> strongest = d;
  std::nth_element(strongest.begin(), strongest.begin() + (kCore - 1), strongest.end(), std::greater<>());
  const double contrast = strongest[kCore - 1];
  std::vector<Part> parts;
  if (contrast < kFaint) return parts;
  Mask left(d.size());
  std::transform(d.begin(), d.end(), left.begin(), [&](double v) { return v > contrast / 2; });
  for (int64_t y = 0; y < x.height; ++y) {
    for (int64_t i = 0; i < x.width; ++i) {
      if (!left[x.index(y, i)]) continue;
      Part part = take_part(left, x, y, i);
      if (part.area >= kLeastArea) parts.push_back(std::move(part));
    }
  }
  std::stable_sort(parts.begin(), parts.end(), [](const Part& a, const Part& b) { return a.area > b.area; });
  for (Part& part : parts) {
    part.color = color_of(part, x, f);
    for (size_t s = 0; s < kShapes.size(); ++s) part.overlaps[s] = overlap(s, part, x);
  }
  return parts;
}

// The key that occurs most often, the first of equals.
template <typename Key>
Key most_frequent(const std::map<Key, int64_t>& counts) {
  return std::max_element(counts.begin(), counts.end(),
                          [](const auto& a, const auto& b) { return a.second < b.second; })
      ->first;
}

double apart(const Part& a, const Part& b) {
  return (a.cx - b.cx) * (a.cx - b.cx) + (a.cy - b.cy) * (a.cy - b.cy);
}

SeenObject describe(const Track& track, bool whole) {
  std::map<std::string, int64_t> colors;
  for (const Part& part : track) ++colors[part.color];
  SeenObject object;
  object.color = most_frequent(colors);
  object.kept = whole && colors.size() == 1;
  double best = -1;
  for (size_t s = 0; s < kShapes.size(); ++s) {
    double sum = 0;
    for (const Part& part : track) sum += part.overlaps[s];
    const double mean = sum / static_cast<double>(track.size());
    if (mean > best) {
      best = mean;
      object.shape = kShapes[s];
    }
  }
  if (best < kOverlap) object.shape = "none";
  return object;
}

std::string motion_of(const Track& track) {
  double lowest = track.front().cy;
  for (const Part& part : track) lowest = std::max(lowest, part.cy);
  const double dx = track.back().cx - track.front().cx, drop = lowest - track.front().cy,
               rise = track.front().cy - track.back().cy;
  if (std::abs(dx) >= kMoved && std::abs(dx) > std::max(drop, rise)) return dx > 0 ? "right" : "left";
  if (drop >= kFell && drop > rise) return lowest - track.back().cy >= kBack ? "bouncing" : "landing";
  return rise >= kMoved ? "up" : "still";
}

std::string relation_of(const Track& a, const Track& b) {
  const auto mean = [](const Track& track, double Part::*of) {
    double sum = 0;
    for (const Part& part : track) sum += part.*of;
    return sum / static_cast<double>(track.size());
  };
  const double dx = mean(a, &Part::cx) - mean(b, &Part::cx), dy = mean(a, &Part::cy) - mean(b, &Part::cy);
  if (std::abs(dx) > std::abs(dy)) return dx < 0 ? "left of" : "right of";
  return dy < 0 ? "above" : "below";
}

// No step far from the median step; a fall's speed changes, so that there only its greatest step down is
// bounded.
bool even(const Track& track, bool falls) {
  std::vector<double> dx, dy;
  for (size_t i = 1; i < track.size(); ++i) {
    dx.push_back(track[i].cx - track[i - 1].cx);
    dy.push_back(track[i].cy - track[i - 1].cy);
  }
  const double mx = median(dx), my = median(dy);
  for (size_t i = 0; i < dx.size(); ++i) {
    if (std::abs(dx[i] - mx) >= kJump) return false;
    if (falls ? std::abs(dy[i]) >= kFastest : std::abs(dy[i] - my) >= kJump) return false;
  }
  return true;
}

}  // namespace

OracleAnswer judge(const at::Tensor& clip) {
  const Pixels x = worlds::read_clip(clip);
  const Rgb background = worlds::border_median(x);
  const auto d = worlds::distances(x, background);
  OracleAnswer answer;
  answer.bg = worlds::nearest(background, worlds::background_values(), 0.2);
  answer.clean = worlds::corners_clean(x, d);

  std::vector<std::vector<Part>> frames;
  std::map<int64_t, int64_t> counts;
  for (int64_t f = 0; f < x.frames; ++f) {
    frames.push_back(find_objects(x, f, d[static_cast<size_t>(f)]));
    ++counts[static_cast<int64_t>(frames.back().size())];
  }
  const int64_t count = most_frequent(counts);
  const size_t kept = static_cast<size_t>(std::min<int64_t>(count, 2));
  std::vector<Track> tracks(kept);
  for (const auto& parts : frames) {
    if (kept == 0 || parts.size() < kept) continue;
    size_t first = 0;
    // Two objects in the order of the frame before.
    if (kept == 2 && !tracks[0].empty()) {
      const Part &a = tracks[0].back(), &b = tracks[1].back();
      first = apart(a, parts[1]) + apart(b, parts[0]) < apart(a, parts[0]) + apart(b, parts[1]);
    }
    for (size_t i = 0; i < kept; ++i) tracks[i].push_back(parts[i == 0 ? first : 1 - first]);
  }
  if (kept == 0 || static_cast<int64_t>(tracks[0].size()) < kLeastFrames) return answer;

  const bool whole = counts.size() == 1;
  for (const Track& track : tracks) answer.objects.push_back(describe(track, whole));
  answer.count = count;
  if (count == 1) answer.motion = motion_of(tracks[0]);
  if (count == 2) answer.relation = relation_of(tracks[0], tracks[1]);
  const bool falls = answer.motion == "landing" || answer.motion == "bouncing";
  answer.smooth =
      whole && std::all_of(tracks.begin(), tracks.end(), [&](const Track& t) { return even(t, falls); });
  if (falls) {
    answer.grounded = std::any_of(tracks[0].begin(), tracks[0].end(),
                                  [&](const Part& part) { return part.low >= x.height - 1 - kGround; });
  }
  answer.phys =
      answer.smooth && answer.grounded.value_or(true) &&
      std::all_of(answer.objects.begin(), answer.objects.end(), [](const auto& o) { return o.kept; });
  return answer;
}

}  // namespace drf::scenes
