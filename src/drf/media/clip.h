#pragma once
// Clips on disk: what a user names on the command line. The pictures' and video files' own formats lie in
// png.h, gif.h and ffmpeg.h.
//
// Shape letters: F frames, H W pixels. Frames are float, [0,1]; they are clamped and rounded to 8 bits here
// and nowhere else.

#include <ATen/core/Tensor.h>

#include <filesystem>

namespace drf::media {

struct Clip {
  at::Tensor frames;  ///< [F,3,H,W] float32 on the CPU, k/255
  double fps = 16;    ///< frames a second; 16 where the file does not say
};

/// Throws Error(kConfig) unless save_clip can write to a path with this extension in this build: the known
/// extensions are listed, for video files a build without FFmpeg names the packages that are missing, and a
/// folder is no file.
/// Called before long work.
void check_clip_path(const std::filesystem::path& path);

/// Writes by extension: .mp4 (H.264 where FFmpeg has libx264, else MPEG-4; odd sizes are padded by
/// one row or column of the edge's pixels), .gif (exact up to 256 colors, else 256 a frame), .apng (lossless,
/// plays in browsers), .png (the frames from left to right; one frame gives a plain picture). Atomic.
/// frames_F3HW: any floating dtype and device. fps > 0; a GIF's times are rounded to 1/100 s.
/// Throws Error(kConfig) as check_clip_path, Error(kNumerics) for non-finite frames, Error(kResources) if
/// writing fails.
void save_clip(const std::filesystem::path& path, const at::Tensor& frames_F3HW, double fps);

/// Reads a video, GIF, APNG or picture (by FFmpeg; the file's content decides, never its name) or a folder of
/// pictures in the natural order of their names (folder.h), as a player shows them: turned by the display
/// matrix or EXIF, pixels square. Throws Error(kInput) for a file that is absent, truncated, broken or
/// without a video stream, or beyond the limits of ffmpeg.h; Error(kConfig) in a build without FFmpeg.
Clip read_video(const std::filesystem::path& path);

/// The tensor "frames" [F,3,H,W] of a safetensors file: float32 or float64 as stored, half precisions widened
/// to float32; not clamped. Throws Error(kInput) when it is absent, has another shape or non-finite values.
at::Tensor read_frames(const std::filesystem::path& path);

/// Writes "frames" as float32, not clamped. Atomic.
void write_frames(const std::filesystem::path& path, const at::Tensor& frames_F3HW);

}  // namespace drf::media
