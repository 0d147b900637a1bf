#include "drf/media/layout.h"

#include <ATen/ATen.h>

#include "drf/base/error.h"

namespace drf::media {
namespace {

void check(const at::Tensor& frames) {
  DRF_CHECK(frames.dim() == 4 && frames.size(1) == 3 && frames.numel() > 0, "frames are ", frames.sizes());
}

// One copy: a clip is large.
at::Tensor steps_of_255(const at::Tensor& x) { return x.clamp(0, 1).mul_(255).round_(); }

at::Tensor joined(const std::vector<at::Tensor>& clips, int64_t axis, int64_t gap, double shade) {
  DRF_CHECK(!clips.empty() && gap >= 0);
  std::vector<at::Tensor> parts;
  for (const at::Tensor& clip : clips) {
    check(clip);
    if (!parts.empty() && gap > 0) {
      std::vector<int64_t> shape = clip.sizes().vec();
      shape[static_cast<size_t>(axis)] = gap;
      parts.push_back(at::full(shape, shade, clip.options()));
    }
    parts.push_back(clip);
  }
  return at::cat(parts, axis);
}

}  // namespace

at::Tensor to_bytes(const at::Tensor& frames_F3HW) {
  check(frames_F3HW);
  const at::Tensor x = frames_F3HW.detach().to(at::kCPU, at::kFloat);
  if (!x.isfinite().all().item<bool>()) fail(ErrorKind::kNumerics, "the frames have non-finite values");
  return steps_of_255(x).to(at::kByte).permute({0, 2, 3, 1}).contiguous();
}

at::Tensor from_bytes(const at::Tensor& bytes_FHW3) {
  DRF_CHECK(bytes_FHW3.dim() == 4 && bytes_FHW3.size(3) == 3 && bytes_FHW3.scalar_type() == at::kByte);
  return bytes_FHW3.permute({0, 3, 1, 2}).to(at::kFloat).contiguous().div(255);
}

at::Tensor as_shown(const at::Tensor& frames) {
  const at::Tensor x = frames.detach();
  return at::where(x.isfinite(), steps_of_255(x.to(at::kFloat)).div_(255).to(x.scalar_type()), x);
}

at::Tensor from_pictures(std::vector<at::Tensor> pictures_HW3) {
  DRF_CHECK(!pictures_HW3.empty());
  const int64_t count = static_cast<int64_t>(pictures_HW3.size());
  at::Tensor frames = at::empty({count, 3, pictures_HW3[0].size(0), pictures_HW3[0].size(1)}, at::kFloat);
  for (int64_t f = 0; f < count; ++f) {
    at::Tensor& picture = pictures_HW3[static_cast<size_t>(f)];
    frames[f].copy_(from_bytes(picture.unsqueeze(0))[0]);
    picture.reset();
  }
  return frames;
}

at::Tensor upscale(const at::Tensor& frames_F3HW, int64_t factor) {
  check(frames_F3HW);
  DRF_CHECK(factor >= 1, factor);
  return frames_F3HW.repeat_interleave(factor, 2).repeat_interleave(factor, 3);
}

at::Tensor side_by_side(const std::vector<at::Tensor>& clips_F3HW, int64_t gap, double shade) {
  return joined(clips_F3HW, 3, gap, shade);
}

at::Tensor stacked(const std::vector<at::Tensor>& clips_F3HW, int64_t gap, double shade) {
  return joined(clips_F3HW, 2, gap, shade);
}

at::Tensor film_strip(const at::Tensor& frames_F3HW, int64_t gap, int64_t max_width, double shade) {
  check(frames_F3HW);
  const int64_t count = frames_F3HW.size(0), width = frames_F3HW.size(3);
  const int64_t per_row = std::min(count, std::max<int64_t>(1, (max_width + gap) / (width + gap)));
  const at::Tensor empty = at::full_like(frames_F3HW.narrow(0, 0, 1), shade);
  std::vector<at::Tensor> rows;
  for (int64_t begin = 0; begin < count; begin += per_row) {
    std::vector<at::Tensor> row;
    for (int64_t f = begin; f < begin + per_row; ++f) {
      row.push_back(f < count ? frames_F3HW.narrow(0, f, 1) : empty);
    }
    rows.push_back(side_by_side(row, gap, shade));
  }
  return stacked(rows, gap, shade);
}

}  // namespace drf::media
