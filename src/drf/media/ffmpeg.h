#pragma once
// Video files through FFmpeg's libraries (libavformat, libavcodec, libswscale, 5.1 or newer). A build without
// them has these functions too; they throw Error(kConfig) with the packages' names.

#include <ATen/core/Tensor.h>

#include <filesystem>

namespace drf::media {

/// Frames as the file holds them, before they become float.
struct DecodedVideo {
  at::Tensor frames_FHW3;  ///< uint8 on the CPU
  double fps = 0;          ///< 0 where the file does not say
};

/// Whether this build can read and write video files.
bool have_ffmpeg();

/// Every frame of the first video stream. Only local files are opened, whatever a playlist names.
/// Throws Error(kInput): absent, not a video, truncated, broken, or frames that change their size.
DecodedVideo decode_video(const std::filesystem::path& path);

/// frames_FHW3: uint8, contiguous, on the CPU. The container follows from `path`'s extension. Atomic.
/// Throws Error(kResources) if writing fails.
void encode_video(const std::filesystem::path& path, const at::Tensor& frames_FHW3, double fps);

}  // namespace drf::media
