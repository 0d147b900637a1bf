// Stands in for ffmpeg_read.cpp and ffmpeg_write.cpp in a build without FFmpeg's libraries.
#include "drf/base/error.h"
#include "drf/media/ffmpeg.h"

namespace drf::media {
namespace {

[[noreturn]] void refuse(const std::filesystem::path& path) {
  fail(
      ErrorKind::kConfig, path,
      ": this build cannot read or write video files; install libavformat-dev, libavcodec-dev, libavutil-dev "
      "and libswscale-dev and build again, or use .gif, .apng or .png for output and safetensors for input");
}

}  // namespace

bool have_ffmpeg() { return false; }
DecodedVideo decode_video(const std::filesystem::path& path, int64_t) { refuse(path); }
void encode_video(const std::filesystem::path& path, const at::Tensor&, double) { refuse(path); }

}  // namespace drf::media
