#include <ATen/ATen.h>

#include <cmath>
#include <cstring>

#include "drf/base/error.h"
#include "drf/media/ffmpeg.h"
#include "drf/media/ffmpeg_source.h"
#include "drf/media/orientation.h"

namespace drf::media {
namespace {

// What a whole file of this format ends with, or "". Decoders stop without a word where it is missing.
std::string end_mark(const std::string& format) {
  if (format == "gif") return ";";
  if (format == "apng" || format == "png_pipe") return "IEND\xAE\x42\x60\x82";
  return "";
}

std::optional<std::array<int32_t, 9>> matrix_in(const uint8_t* data, size_t size) {
  std::array<int32_t, 9> matrix;
  if (!data || size < sizeof(matrix)) return std::nullopt;
  std::memcpy(matrix.data(), data, sizeof(matrix));
  return matrix;
}

std::optional<std::array<int32_t, 9>> display_matrix(const AVStream& stream) {
#if LIBAVFORMAT_VERSION_INT >= AV_VERSION_INT(60, 15, 100)
  const AVPacketSideData* data = av_packet_side_data_get(
      stream.codecpar->coded_side_data, stream.codecpar->nb_coded_side_data, AV_PKT_DATA_DISPLAYMATRIX);
  return data ? matrix_in(data->data, data->size) : std::nullopt;
#else
  size_t size = 0;
  const uint8_t* data = av_stream_get_side_data(&stream, AV_PKT_DATA_DISPLAYMATRIX, &size);
  return matrix_in(data, size);
#endif
}

class VideoReader {
 public:
  VideoReader(const std::filesystem::path& path, int64_t most_frames)
      : path_(path), most_frames_(most_frames), source_(path) {
    av_log_set_level(AV_LOG_QUIET);  // errors are thrown, not printed
    input_ = source_.open();
    require_end_mark();
    probe();
    const AVCodec* codec = nullptr;
    stream_ = av_find_best_stream(input_.get(), AVMEDIA_TYPE_VIDEO, -1, -1, &codec, 0);
    if (stream_ < 0 || !codec) fail(ErrorKind::kInput, path, ": no video stream that FFmpeg can decode");
    require_size(stream().codecpar->width, stream().codecpar->height);
    codec_.reset(avcodec_alloc_context3(codec));
    DRF_CHECK(codec_);
    int status = avcodec_parameters_to_context(codec_.get(), stream().codecpar);
    codec_->err_recognition = AV_EF_CRCCHECK | AV_EF_EXPLODE;
    codec_->max_pixels = kMaxFramePixels;
    if (status >= 0) status = avcodec_open2(codec_.get(), codec, nullptr);
    if (status < 0) broken("cannot be decoded", status);
    // What an index promises at the start tells a file that was cut off later: reading then ends silently.
    promised_ = avformat_index_get_entries_count(&stream());
  }

  DecodedVideo read() {
    Packet packet(av_packet_alloc());
    int64_t packets = 0;
    while (!more_) {
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
    if (!more_) decode(nullptr);
    if (packets < promised_ && !more_) {
      fail(ErrorKind::kInput, path_, ": the file is truncated: its index names ", promised_, " frames, ",
           packets, " are there");
    }
    if (frames_ == 0) fail(ErrorKind::kInput, path_, ": the video has no frames");
    return {std::move(pictures_), frames_per_second(), more_};
  }

 private:
  AVStream& stream() const { return *input_->streams[stream_]; }

  [[noreturn]] void broken(const std::string& what, int code) const {
    fail(ErrorKind::kInput, path_, ": the file ", what, " (", reason(code), ")");
  }

  void require_end_mark() const {
    const std::string mark = end_mark(input_->iformat->name);
    if (!mark.empty() && !source_.tail().ends_with(mark))
      fail(ErrorKind::kInput, path_, ": the file is truncated: the end mark of its format is missing");
  }

  // Reads what the container says of its streams; the decoders that it tries have our limit too, since a
  // picture's header alone may ask for gigabytes.
  void probe() {
    std::vector<AVDictionary*> options(input_->nb_streams, nullptr);
    for (AVDictionary*& each : options) av_dict_set_int(&each, "max_pixels", kMaxFramePixels, 0);
    const int probed = avformat_find_stream_info(input_.get(), options.empty() ? nullptr : options.data());
    for (AVDictionary*& each : options) av_dict_free(&each);
    if (probed < 0) broken("has no readable streams", probed);
  }

  void require_size(int width, int height) const {
    if (width > kMaxSide || height > kMaxSide || int64_t{width} * height > kMaxFramePixels) {
      fail(ErrorKind::kInput, path_, ": frames are ", width, "x", height, ", wanted ", kMaxFramePixels,
           " pixels and ", kMaxSide, " a side at most; scale the video down");
    }
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

  void take(AVFrame& frame) {
    if (frames_ == most_frames_) {
      more_ = true;
      return;
    }
    require_size(frame.width, frame.height);
    const int shown_width = width_of_square_pixels(frame);
    if (frames_ == 0) {
      width_ = frame.width;
      height_ = frame.height;
      orientation_ = orientation(frame);
    }
    if (frame.width != width_ || frame.height != height_) {
      fail(ErrorKind::kInput, path_, ": frame ", frames_, " is ", frame.width, "x", frame.height,
           ", the first is ", width_, "x", height_, "; all must have one size");
    }
    if (frames_ == kMaxFrames || (frames_ + 1) * shown_width * height_ > kMaxClipPixels) {
      fail(ErrorKind::kInput, path_, ": the video is too long: more than ", frames_, " frames of ",
           shown_width, "x", height_, ", wanted ", kMaxFrames, " frames and ", kMaxClipPixels,
           " pixels in all at most; cut it or scale it down");
    }
    scaler_.reset(sws_getCachedContext(scaler_.release(), frame.width, frame.height,
                                       static_cast<AVPixelFormat>(frame.format), shown_width, frame.height,
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
    const int64_t row = int64_t{shown_width} * 3;
    at::Tensor room = at::empty({row * height_ + 64}, at::kByte);
    uint8_t* const rows[4] = {room.mutable_data_ptr<uint8_t>()};
    const int strides[4] = {static_cast<int>(row)};
    sws_scale(scaler_.get(), frame.data, frame.linesize, 0, frame.height, rows, strides);
    pictures_.push_back(
        oriented(room.narrow(0, 0, row * height_).view({height_, shown_width, 3}), orientation_));
    const int64_t time = frame.best_effort_timestamp;
    if (time != AV_NOPTS_VALUE) {
      if (frames_ == 0) first_time_ = time;
      last_time_ = time;
    }
    ++frames_;
  }

  // Pixels that are not square (anamorphic clips) are made so, as players do: the width is changed. A
  // picture's dots an inch are not about its shape.
  int width_of_square_pixels(AVFrame& frame) const {
    if (is_picture()) return frame.width;
    const AVRational ratio = av_guess_sample_aspect_ratio(input_.get(), &stream(), &frame);
    if (ratio.num <= 0 || ratio.den <= 0 || ratio.num == ratio.den) return frame.width;
    const double width = std::round(frame.width * av_q2d(ratio));
    if (av_q2d(ratio) > kMaxStretch || av_q2d(ratio) < 1 / kMaxStretch || width < 1) {
      fail(ErrorKind::kInput, path_, ": its pixels are ", ratio.num, " wide and ", ratio.den,
           " high, wanted no more than ", kMaxStretch, " : 1; the file is damaged");
    }
    require_size(static_cast<int>(std::min<double>(width, kMaxSide + 1)), frame.height);
    return static_cast<int>(width);
  }

  // The frame's own (a photograph's EXIF), else the stream's.
  Orientation orientation(const AVFrame& frame) const {
    const AVFrameSideData* own = av_frame_get_side_data(&frame, AV_FRAME_DATA_DISPLAYMATRIX);
    const auto matrix = own ? matrix_in(own->data, own->size) : display_matrix(stream());
    if (!matrix) return {};
    const auto orientation = orientation_of(*matrix);
    if (!orientation) {
      fail(ErrorKind::kInput, path_,
           ": its display matrix turns the frames by an angle that is no multiple of 90 degrees; turn the "
           "video "
           "itself, for example with ffmpeg -i IN OUT");
    }
    return *orientation;
  }

  bool is_picture() const {
    const std::string format = input_->iformat->name;
    return is_single(format) || format == "gif" || format == "apng";
  }

  // FFmpeg's demuxers of one picture: "png_pipe", but not "yuv4mpegpipe", which is a video's.
  static bool is_single(const std::string& format) { return format.ends_with("_pipe"); }

  double frames_per_second() const {
    const double unit = av_q2d(stream().time_base);
    // Pictures carry no time of their own, GIF and APNG one a frame that the container's guess may miss.
    const std::string format = input_->iformat->name;
    if (is_single(format)) return 0;
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
  int64_t most_frames_;
  FileSource source_;  // outlives input_, which reads from it
  Input input_;
  Codec codec_;
  Scaler scaler_;
  int stream_ = -1;
  int64_t promised_ = 0, frames_ = 0, first_time_ = 0, last_time_ = 0;
  int width_ = 0, height_ = 0;  // as stored
  Orientation orientation_;
  bool more_ = false;
  std::vector<at::Tensor> pictures_;
};

}  // namespace

bool have_ffmpeg() { return true; }

DecodedVideo decode_video(const std::filesystem::path& path, int64_t most_frames) {
  return VideoReader(path, most_frames).read();
}

}  // namespace drf::media
