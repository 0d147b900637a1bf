#pragma once
// Video files through FFmpeg's libraries (libavformat, libavcodec, libswscale, 5.1 or newer). A build without
// them has these functions too; they throw Error(kConfig) with the packages' names.

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <vector>

namespace drf::media {

/// What a clip may be at most (docs/security.md): 2^28 pixels are 129 frames of 1920 x 1080, 3.2 GB as
/// floats.
constexpr int64_t kMaxClipPixels = int64_t{1} << 28;
constexpr int64_t kMaxFramePixels = int64_t{1} << 26;
constexpr int64_t kMaxFrames = 100'000;
constexpr int kMaxSide = 16'384;
constexpr double kMaxStretch = 8;  ///< of a pixel that is not square

/// Frames as they are shown: turned as the file says, pixels square; before they become float.
struct DecodedVideo {
  std::vector<at::Tensor> pictures_HW3;  ///< uint8 on the CPU, contiguous, all of one size, not empty
  double fps = 0;                        ///< 0 where the file does not say
  bool more = false;                     ///< whether frames beyond `most_frames` are left out
};

/// Whether this build can read and write video files.
bool have_ffmpeg();

/// The frames of the best video stream, the first `most_frames` of them. The file's content decides what it
/// is, never its name, and no other file is opened, whatever a playlist names.
/// Throws Error(kInput): absent, no regular file, not a video, truncated, broken, frames that change their
/// size, turned by other than quarters, or beyond the limits above.
DecodedVideo decode_video(const std::filesystem::path& path, int64_t most_frames = INT64_MAX);

/// frames_FHW3: uint8, contiguous, on the CPU. The container follows from `path`'s extension. Atomic.
/// Throws Error(kResources) if writing fails.
void encode_video(const std::filesystem::path& path, const at::Tensor& frames_FHW3, double fps);

}  // namespace drf::media
