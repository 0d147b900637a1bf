#include <ATen/ATen.h>

#include <cstring>

#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/media/ffmpeg.h"
#include "drf/media/ffmpeg_handles.h"

namespace drf::media {
namespace {

constexpr int64_t kMaxPixels = int64_t{1} << 31;  // of all frames: 6 GiB as bytes, 24 GiB as floats
constexpr int kMaxSide = 16384;

// Lets a demuxer open the named file and nothing else: a playlist may name other files or addresses, and a
// live one would be read again and again.
int open_once(AVFormatContext* input, AVIOContext** io, const char* url, int flags, AVDictionary** options) {
  if (input->opaque) return AVERROR(EPERM);
  input->opaque = input;
  return avio_open2(io, url, flags, &input->interrupt_callback, options);
}

// What a whole file of this format ends with, or "". Decoders stop without a word where it is missing.
std::string end_mark(const std::string& format) {
  if (format == "gif") return ";";
  if (format == "apng" || format == "png_pipe") return "IEND\xAE\x42\x60\x82";
  return "";
}

class VideoReader {
 public:
  explicit VideoReader(const std::filesystem::path& path) : path_(path) {
    av_log_set_level(AV_LOG_QUIET);  // errors are thrown, not printed
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored)) fail(ErrorKind::kInput, path, ": no such file");
    AVFormatContext* input = avformat_alloc_context();
    DRF_CHECK(input);
    input->io_open = open_once;
    const int opened = avformat_open_input(&input, ("file:" + path.string()).c_str(), nullptr, nullptr);
    input_.reset(input);  // freed already and null where opening failed
    if (opened < 0) broken("cannot be opened as a video", opened);
    require_end_mark();
    const int probed = avformat_find_stream_info(input_.get(), nullptr);
    if (probed < 0) broken("has no readable streams", probed);
    const AVCodec* codec = nullptr;
    stream_ = av_find_best_stream(input_.get(), AVMEDIA_TYPE_VIDEO, -1, -1, &codec, 0);
    if (stream_ < 0 || !codec) fail(ErrorKind::kInput, path, ": no video stream that FFmpeg can decode");
    codec_.reset(avcodec_alloc_context3(codec));
    DRF_CHECK(codec_);
    int status = avcodec_parameters_to_context(codec_.get(), stream().codecpar);
    codec_->err_recognition = AV_EF_CRCCHECK | AV_EF_EXPLODE;
    if (status >= 0) status = avcodec_open2(codec_.get(), codec, nullptr);
    if (status < 0) broken("cannot be decoded", status);
    // What an index promises at the start tells a file that was cut off later: reading then ends silently.
    promised_ = avformat_index_get_entries_count(&stream());
  }

  DecodedVideo read() {
    Packet packet(av_packet_alloc());
    int64_t packets = 0;
    for (;;) {
      const int status = av_read_frame(input_.get(), packet.get());
      if (status == AVERROR_EOF) break;
      if (status < 0) broken(concat("breaks off after ", frames_, " frames"), status);
      const bool ours = packet->stream_index == stream_;
      if (ours && (packet->flags & AV_PKT_FLAG_CORRUPT))
        broken(concat("is truncated or broken after ", frames_, " frames"), AVERROR_INVALIDDATA);
      if (ours) {
        ++packets;
        decode(packet.get());
      }
      av_packet_unref(packet.get());
    }
    decode(nullptr);
    if (packets < promised_) {
      fail(ErrorKind::kInput, path_, ": the file is truncated: its index names ", promised_, " frames, ",
           packets, " are there");
    }
    if (frames_ == 0) fail(ErrorKind::kInput, path_, ": the video has no frames");
    at::Tensor frames = at::empty({frames_, height_, width_, 3}, at::kByte);
    std::memcpy(frames.mutable_data_ptr<uint8_t>(), bytes_.data(), bytes_.size());
    return {frames, frames_per_second()};
  }

 private:
  AVStream& stream() const { return *input_->streams[stream_]; }

  [[noreturn]] void broken(const std::string& what, int code) const {
    fail(ErrorKind::kInput, path_, ": the file ", what, " (", reason(code), ")");
  }

  void require_end_mark() const {
    const std::string mark = end_mark(input_->iformat->name);
    std::string bytes = mark.empty() ? "" : read_file(path_);
    while (!bytes.empty() && bytes.back() == '\0') bytes.pop_back();  // some writers fill up
    if (bytes.size() < mark.size() || bytes.compare(bytes.size() - mark.size(), mark.size(), mark) != 0)
      fail(ErrorKind::kInput, path_, ": the file is truncated: the end mark of its format is missing");
  }

  // Sends one packet, or the end as nullptr, and takes every frame that is ready.
  void decode(const AVPacket* packet) {
    int status = avcodec_send_packet(codec_.get(), packet);
    if (status < 0 && status != AVERROR_EOF) broken(concat("is broken after ", frames_, " frames"), status);
    Frame frame(av_frame_alloc());
    while ((status = avcodec_receive_frame(codec_.get(), frame.get())) >= 0) {
      if (frame->decode_error_flags || (frame->flags & AV_FRAME_FLAG_CORRUPT))
        broken(concat("is broken at frame ", frames_), AVERROR_INVALIDDATA);
      take(*frame);
      av_frame_unref(frame.get());
    }
    if (status != AVERROR(EAGAIN) && status != AVERROR_EOF)
      broken(concat("is broken after ", frames_, " frames"), status);
  }

  void take(const AVFrame& frame) {
    if (frames_ == 0) {
      width_ = frame.width;
      height_ = frame.height;
      if (width_ > kMaxSide || height_ > kMaxSide)
        fail(ErrorKind::kInput, path_, ": frames are ", width_, "x", height_, ", the limit is ", kMaxSide);
    }
    if (frame.width != width_ || frame.height != height_) {
      fail(ErrorKind::kInput, path_, ": frame ", frames_, " is ", frame.width, "x", frame.height,
           ", the first is ", width_, "x", height_, "; all must have one size");
    }
    if ((frames_ + 1) * width_ * height_ > kMaxPixels)
      fail(ErrorKind::kInput, path_, ": the video is too long for memory: more than ", frames_, " frames of ",
           width_, "x", height_, "; cut it");
    scaler_.reset(sws_getCachedContext(scaler_.release(), frame.width, frame.height,
                                       static_cast<AVPixelFormat>(frame.format), frame.width, frame.height,
                                       AV_PIX_FMT_RGB24, SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT,
                                       nullptr, nullptr, nullptr));
    if (!scaler_) fail(ErrorKind::kInput, path_, ": pixels in a format that cannot become RGB");
    const int matrix = frame.colorspace == AVCOL_SPC_UNSPECIFIED || frame.colorspace == AVCOL_SPC_RGB
                           ? usual_matrix(frame.height)
                           : static_cast<int>(frame.colorspace);
    sws_setColorspaceDetails(scaler_.get(), sws_getCoefficients(matrix),
                             frame.color_range == AVCOL_RANGE_JPEG, sws_getCoefficients(SWS_CS_DEFAULT), 1, 0,
                             1 << 16, 1 << 16);
    // The scaler's vector code may write a little past the end of a row; only the last row needs the room.
    const size_t row = static_cast<size_t>(width_) * 3, size = row * static_cast<size_t>(height_);
    const size_t offset = bytes_.size();
    bytes_.resize(offset + size + 64);
    uint8_t* const rows[4] = {bytes_.data() + offset};
    const int strides[4] = {static_cast<int>(row)};
    sws_scale(scaler_.get(), frame.data, frame.linesize, 0, frame.height, rows, strides);
    bytes_.resize(offset + size);
    const int64_t time = frame.best_effort_timestamp;
    if (time != AV_NOPTS_VALUE) {
      if (frames_ == 0) first_time_ = time;
      last_time_ = time;
    }
    ++frames_;
  }

  double frames_per_second() const {
    const double unit = av_q2d(stream().time_base);
    // Pictures carry no time of their own, GIF and APNG one a frame that the container's guess may miss.
    const std::string format = input_->iformat->name;
    if (format.find("pipe") != std::string::npos || format == "image2") return 0;
    const bool by_frames = format == "gif" || format == "apng";
    if (by_frames && frames_ > 1 && last_time_ > first_time_) {
      return static_cast<double>(frames_ - 1) / (static_cast<double>(last_time_ - first_time_) * unit);
    }
    for (const AVRational rate : {stream().avg_frame_rate, stream().r_frame_rate}) {
      if (rate.num > 0 && rate.den > 0) return av_q2d(rate);
    }
    return 0;
  }

  std::filesystem::path path_;
  Input input_;
  Codec codec_;
  Scaler scaler_;
  int stream_ = -1;
  int64_t promised_ = 0, frames_ = 0, first_time_ = 0, last_time_ = 0;
  int width_ = 0, height_ = 0;
  std::vector<uint8_t> bytes_;
};

}  // namespace

bool have_ffmpeg() { return true; }

DecodedVideo decode_video(const std::filesystem::path& path) { return VideoReader(path).read(); }

}  // namespace drf::media
