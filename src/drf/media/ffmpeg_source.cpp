#include "drf/media/ffmpeg_source.h"

#include <unistd.h>

extern "C" {
#include <libavutil/avstring.h>
}

#include <algorithm>
#include <cerrno>
#include <vector>

#include "drf/base/error.h"

namespace drf::media {
namespace {

constexpr uint64_t kMaxVideoBytes = uint64_t{4} << 30;  // docs/security.md

// Containers of video and pictures, by FFmpeg's names (several for one demuxer are separated by commas
// there).
constexpr const char* kFormats =
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,flv,mpegts,mpeg,ogg,asf,nut,ivf,yuv4mpegpipe,h264,hevc,obu,"
    "m4v,"
    "mpegvideo,mjpeg,gif,apng,png_pipe,jpeg_pipe,webp_pipe,bmp_pipe,tiff_pipe,ppm_pipe,pgm_pipe";

int open_nothing(AVFormatContext*, AVIOContext**, const char*, int, AVDictionary**) { return AVERROR(EPERM); }

}  // namespace

FileSource::FileSource(const std::filesystem::path& path) : path_(path), file_(path, kMaxVideoBytes) {
  constexpr int kBuffer = 1 << 16;
  auto* buffer = static_cast<unsigned char*>(av_malloc(kBuffer));
  DRF_CHECK(buffer);
  io_ = avio_alloc_context(buffer, kBuffer, /*write_flag=*/0, this, read, nullptr, seek);
  DRF_CHECK(io_);
}

FileSource::~FileSource() {
  av_freep(&io_->buffer);
  avio_context_free(&io_);
}

int FileSource::read(void* self, uint8_t* to, int size) {
  auto& source = *static_cast<FileSource*>(self);
  ssize_t got = 0;
  do {
    got = ::pread(source.file_.descriptor(), to, static_cast<size_t>(size), source.at_);
  } while (got < 0 && errno == EINTR);
  if (got < 0) return AVERROR(errno);
  if (got == 0) return AVERROR_EOF;
  source.at_ += got;
  return static_cast<int>(got);
}

int64_t FileSource::seek(void* self, int64_t offset, int whence) {
  auto& source = *static_cast<FileSource*>(self);
  const auto size = static_cast<int64_t>(source.file_.size());
  if (whence & AVSEEK_SIZE) return size;
  const int64_t from = whence == SEEK_CUR ? source.at_ : whence == SEEK_END ? size : 0;
  if (offset < -from || offset > INT64_MAX - from) return AVERROR(EINVAL);
  return source.at_ = from + offset;
}

Input FileSource::open() {
  const auto broken = [&](int code) {
    fail(ErrorKind::kInput, path_, ": the file cannot be opened as a video (", reason(code), ")");
  };
  const AVInputFormat* format = nullptr;
  if (const int probed = av_probe_input_buffer2(io_, &format, "", nullptr, 0, 0); probed < 0) broken(probed);
  if (av_match_list(format->name, kFormats, ',') <= 0) {
    fail(ErrorKind::kInput, path_, ": the file is no video or picture that drf reads: FFmpeg takes it for ",
         format->long_name ? format->long_name : format->name);
  }
  AVFormatContext* input = avformat_alloc_context();
  DRF_CHECK(input);
  input->pb = io_;
  input->io_open = open_nothing;
  input->flags |= AVFMT_FLAG_CUSTOM_IO;
  const int opened = avformat_open_input(&input, "", format, nullptr);
  if (opened < 0) broken(opened);  // `input` is freed and null
  return Input(input);
}

std::string FileSource::tail() const {
  std::string bytes(std::min<uint64_t>(file_.size(), 1 << 16), '\0');
  const ssize_t got = ::pread(file_.descriptor(), bytes.data(), bytes.size(),
                              static_cast<off_t>(file_.size() - bytes.size()));
  bytes.resize(static_cast<size_t>(std::max<ssize_t>(got, 0)));
  while (!bytes.empty() && bytes.back() == '\0') bytes.pop_back();
  return bytes;
}

}  // namespace drf::media
