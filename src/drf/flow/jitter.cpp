#include "drf/flow/jitter.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>

#include "drf/base/random.h"
#include "drf/ops/separable_resize.h"

namespace drf::flow {
namespace {

RandomKey key_of(const rewards::Sample& sample, uint64_t seed, Purpose purpose) {
  return {seed, purpose, static_cast<uint32_t>(sample.prompt), static_cast<uint32_t>(sample.view)};
}

at::Tensor moved_in_time(const at::Tensor& clip_F3HW, const RandomKey& key, int64_t most) {
  const auto drawn = static_cast<int64_t>(RandomStream(key).next_below(static_cast<uint64_t>(2 * most + 1)));
  const int64_t last = clip_F3HW.size(0) - 1;
  std::vector<int64_t> taken;
  for (int64_t f = 0; f <= last; ++f) taken.push_back(std::clamp<int64_t>(f + drawn - most, 0, last));
  return clip_F3HW.index_select(0, at::tensor(taken, at::kLong).to(clip_F3HW.device()));
}

at::Tensor coarser(const at::Tensor& clip_F3HW, const RandomKey& key, double most) {
  const double share = 1 - most * RandomStream(key).next_uniform();
  const int64_t H = clip_F3HW.size(2), W = clip_F3HW.size(3);
  const auto scaled = [&](int64_t side) {
    return std::max<int64_t>(1, std::llround(share * static_cast<double>(side)));
  };
  return ops::resize_bicubic(ops::resize_bicubic(clip_F3HW, scaled(H), scaled(W)), H, W);
}

}  // namespace

at::Tensor jittered(const at::Tensor& frames_BF3HW, const std::vector<rewards::Sample>& samples,
                    const Jitter& jitter) {
  if (jitter.frames == 0 && jitter.resolution == 0) return frames_BF3HW;
  std::vector<at::Tensor> clips = frames_BF3HW.unbind(0);
  for (size_t b = 0; b < clips.size(); ++b) {
    const rewards::Sample& sample = samples.at(b);
    if (sample.view < 0) continue;
    if (jitter.frames > 0)
      clips[b] = moved_in_time(clips[b], key_of(sample, jitter.seed, Purpose::kShownFrames), jitter.frames);
    if (jitter.resolution > 0)
      clips[b] = coarser(clips[b], key_of(sample, jitter.seed, Purpose::kShownResolution), jitter.resolution);
  }
  return at::stack(clips);
}

at::Tensor moved_down(const at::Tensor& frames_BF3HW, const at::Tensor& d_frames, const at::Tensor& weight_B,
                      const std::vector<rewards::Sample>& samples, double distance) {
  const at::NoGradGuard no_graph;
  at::Tensor moved = frames_BF3HW.clone();
  for (int64_t b = 0; b < moved.size(0); ++b) {
    const at::Tensor g = d_frames[b];
    const double norm = g.norm(2, at::kDouble).item<double>();
    if (samples.at(static_cast<size_t>(b)).view < 0 || !std::isfinite(norm) || norm == 0) continue;
    const double upward = weight_B[b].item<double>() < 0 ? -1 : 1;
    moved[b].sub_(g, upward * distance * std::sqrt(static_cast<double>(g.numel())) / norm);
  }
  return moved;
}

std::vector<rewards::Sample> without_views(std::vector<rewards::Sample> samples) {
  for (rewards::Sample& sample : samples) sample.view = -1;
  return samples;
}

}  // namespace drf::flow
