#include "drf/media/clip.h"

#include <ATen/ATen.h>

#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/base/letters.h"
#include "drf/media/ffmpeg.h"
#include "drf/media/folder.h"
#include "drf/media/gif.h"
#include "drf/media/layout.h"
#include "drf/media/png.h"
#include "drf/tensor/safetensors.h"

namespace drf::media {
namespace {

constexpr double kUsualFps = 16;  // Wan's

bool is_video(const std::string& extension) { return extension == ".mp4"; }

}  // namespace

void check_clip_path(const std::filesystem::path& path) {
  if (is_folder(path)) fail(ErrorKind::kConfig, path, ": is a folder, wanted a file to write");
  const std::string extension = lower(path.extension().string());
  if (is_video(extension)) {
    if (have_ffmpeg()) return;
    fail(ErrorKind::kConfig, path,
         ": this build writes no video files; install libavformat-dev, libavcodec-dev, libavutil-dev and "
         "libswscale-dev and build again, or write .gif, .apng or .png");
  }
  if (extension == ".gif" || extension == ".apng" || extension == ".png") return;
  fail(ErrorKind::kConfig, path, ": unknown extension '", extension,
       "', wanted .mp4, .gif, .apng or .png (frames from left to right)");
}

void save_clip(const std::filesystem::path& path, const at::Tensor& frames_F3HW, double fps) {
  check_clip_path(path);
  const std::string extension = lower(path.extension().string());
  if (extension == ".png") {
    constexpr int64_t kGap = 2;
    write_file_atomically(path, encode_png(to_bytes(film_strip(frames_F3HW, kGap))[0]));
    return;
  }
  const at::Tensor bytes = to_bytes(frames_F3HW);
  if (is_video(extension)) {
    encode_video(path, bytes, fps);
  } else {
    write_file_atomically(path, extension == ".gif" ? encode_gif(bytes, fps) : encode_apng(bytes, fps));
  }
}

Clip read_video(const std::filesystem::path& path) {
  if (is_folder(path)) return {from_pictures(decode_folder(path)), kUsualFps};
  DecodedVideo video = decode_video(path);
  return {from_pictures(std::move(video.pictures_HW3)), video.fps > 0 ? video.fps : kUsualFps};
}

at::Tensor read_frames(const std::filesystem::path& path) {
  const SafetensorsFile file(path);
  if (!file.contains("frames")) fail(ErrorKind::kInput, path, ": no tensor named 'frames'");
  at::Tensor frames = file.get("frames");
  if (frames.dim() != 4 || frames.size(1) != 3 || frames.numel() == 0 || !frames.is_floating_point()) {
    fail(ErrorKind::kInput, path, ": 'frames' is ", frames.sizes(), " ", at::toString(frames.scalar_type()),
         ", wanted [F,3,H,W] of floats in [0,1]");
  }
  if (frames.scalar_type() != at::kDouble) frames = frames.to(at::kFloat);
  if (!frames.isfinite().all().item<bool>())
    fail(ErrorKind::kInput, path, ": 'frames' has non-finite values");
  return frames;
}

void write_frames(const std::filesystem::path& path, const at::Tensor& frames_F3HW) {
  write_safetensors(path, {{"frames", frames_F3HW.detach().to(at::kCPU, at::kFloat)}});
}

}  // namespace drf::media
