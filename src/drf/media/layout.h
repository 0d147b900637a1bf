#pragma once
// Arranging frames for the eye. Shape letters: F frames, H W pixels.

#include <ATen/core/Tensor.h>

#include <vector>

namespace drf::media {

/// [F,H,W,3] uint8 on the CPU, contiguous: clamped to [0,1] and rounded to 255 steps, halves to even. Throws
/// Error(kNumerics) for non-finite values.
at::Tensor to_bytes(const at::Tensor& frames_F3HW);

/// The reverse: [F,3,H,W] float32, k/255.
at::Tensor from_bytes(const at::Tensor& bytes_FHW3);

/// What a viewer of a lossless file sees, and from_bytes(to_bytes()) reads back: clamped and rounded to k/255
/// in float32, which the result is widened from. Any shape, dtype and device; no gradient. What is not finite
/// stays as it is.
at::Tensor as_shown(const at::Tensor& frames);

/// Pictures [H,W,3] of one size as a clip [F,3,H,W] float32, k/255. Each is freed once it is taken over: a
/// long clip is never in memory twice.
at::Tensor from_pictures(std::vector<at::Tensor> pictures_HW3);

/// Every pixel becomes a square of `factor` x `factor` (>= 1).
at::Tensor upscale(const at::Tensor& frames_F3HW, int64_t factor);

/// Clips from left to right with `gap` columns of `shade` between them. All have the same number of frames
/// and the same height.
at::Tensor side_by_side(const std::vector<at::Tensor>& clips_F3HW, int64_t gap, double shade = 1.0);

/// Clips from top to bottom; all have the same number of frames and the same width.
at::Tensor stacked(const std::vector<at::Tensor>& clips_F3HW, int64_t gap, double shade = 1.0);

/// The frames of one clip as one picture [1,3,H',W'], from left to right with `gap` columns between them. A
/// new row begins before a row would be wider than `max_width` pixels; the last one is filled up with
/// `shade`.
at::Tensor film_strip(const at::Tensor& frames_F3HW, int64_t gap, int64_t max_width = 16384,
                      double shade = 1.0);

}  // namespace drf::media
