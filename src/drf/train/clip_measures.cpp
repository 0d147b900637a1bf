#include "drf/train/clip_measures.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "drf/base/error.h"

namespace drf::train {
namespace {

constexpr int64_t kMostSide = 64;

double average(const at::Tensor& values) { return values.mean(at::kDouble).item<double>(); }

// A frame at a time: a clip's worth of temporaries would be as much again as the decoder takes.
double motion(const at::Tensor& x) {
  double sum = 0;
  for (int64_t f = 0; f + 1 < x.size(0); ++f) sum += average((x[f + 1] - x[f]).abs());
  return sum / static_cast<double>(x.size(0) - 1);
}

double flicker(const at::Tensor& x) {
  double sum = 0;
  for (int64_t f = 0; f + 2 < x.size(0); ++f) {
    const at::Tensor there = x[f + 1] - x[f], back = x[f + 1] - x[f + 2];
    // Both of one sign: it went and came back.
    sum += average(at::minimum(there.abs(), back.abs()) * (there * back).gt(0));
  }
  return sum / static_cast<double>(x.size(0) - 2);
}

double saturated(const at::Tensor& x) {
  double sum = 0;
  for (const at::Tensor& frame : x.unbind(0))
    sum += average(frame.le(0).logical_or_(frame.ge(1)).to(at::kFloat));
  return sum / static_cast<double>(x.size(0));
}

double high_frequency(const at::Tensor& x) {
  const int64_t H = x.size(2), W = x.size(3);
  const auto inner = [&](const at::Tensor& frame, int64_t down, int64_t right) {
    return frame.narrow(1, 1 + down, H - 2).narrow(2, 1 + right, W - 2);
  };
  double sum = 0;
  for (const at::Tensor& frame : x.unbind(0)) {
    const at::Tensor around =
        inner(frame, -1, 0) + inner(frame, 1, 0) + inner(frame, 0, -1) + inner(frame, 0, 1);
    sum += average((inner(frame, 0, 0) - around / 4).square());
  }
  return std::sqrt(sum / static_cast<double>(x.size(0)));
}

}  // namespace

std::map<std::string, double> clip_measures(const at::Tensor& frames_F3HW) {
  DRF_CHECK(frames_F3HW.dim() == 4 && frames_F3HW.size(1) == 3);
  const at::NoGradGuard no_graph;
  const at::Tensor x = frames_F3HW.to(at::kFloat);
  std::map<std::string, double> measures;
  if (x.size(0) >= 2) measures["motion"] = motion(x);
  if (x.size(0) >= 3) measures["flicker"] = flicker(x);
  if (x.size(2) >= 3 && x.size(3) >= 3) measures["high_frequency"] = high_frequency(x);
  measures["saturated"] = saturated(x);
  return measures;
}

const std::vector<std::string>& clip_measure_names() {
  static const std::vector<std::string> kNames = {"motion", "flicker", "saturated", "high_frequency",
                                                  "diversity"};
  return kNames;
}

at::Tensor overview(const at::Tensor& frames_F3HW) {
  const at::NoGradGuard no_graph;
  at::Tensor small = frames_F3HW.to(at::kFloat);
  const int64_t H = std::min(small.size(2), kMostSide), W = std::min(small.size(3), kMostSide);
  if (H < small.size(2) || W < small.size(3)) small = at::adaptive_avg_pool2d(small, {H, W});
  return (small.clamp(0, 1) * 255).round().to(at::kByte).to(at::kCPU).contiguous();
}

double distance(const at::Tensor& a, const at::Tensor& b) {
  DRF_CHECK(a.sizes() == b.sizes());
  return average((a.to(at::kFloat) - b.to(at::kFloat)).abs()) / 255;
}

void ClipRecord::add(const std::vector<int64_t>& prompts, const at::Tensor& frames_BF3HW) {
  for (size_t b = 0; b < prompts.size(); ++b) {
    auto at = std::find_if(prompts_.begin(), prompts_.end(),
                           [&](const OfPrompt& known) { return known.prompt == prompts[b]; });
    if (at == prompts_.end()) at = prompts_.insert(at, {prompts[b], {}, {}});
    const at::Tensor clip = frames_BF3HW[static_cast<int64_t>(b)];
    at->measures.push_back(clip_measures(clip));
    at->overviews.push_back(overview(clip));
  }
}

ClipRecord::Values ClipRecord::values() const {
  Values values;
  for (const OfPrompt& prompt : prompts_) {
    std::map<std::string, std::vector<double>> own;
    for (const auto& measures : prompt.measures)
      for (const auto& [name, value] : measures) own[name].push_back(value);
    for (size_t i = 0; i < prompt.overviews.size(); ++i)
      for (size_t j = 0; j < i; ++j)
        own["diversity"].push_back(distance(prompt.overviews[i], prompt.overviews[j]));
    for (auto& [name, list] : own) values[name].push_back(std::move(list));
  }
  return values;
}

std::vector<std::vector<at::Tensor>> ClipRecord::overviews() const {
  std::vector<std::vector<at::Tensor>> all;
  for (const OfPrompt& prompt : prompts_) all.push_back(prompt.overviews);
  return all;
}

}  // namespace drf::train
