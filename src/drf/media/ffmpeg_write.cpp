#include <unistd.h>

#include <ATen/ATen.h>

#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/media/ffmpeg.h"
#include "drf/media/ffmpeg_handles.h"

namespace drf::media {
namespace {

struct FreeOutput {
  void operator()(AVFormatContext* output) const {
    if (output->pb) avio_closep(&output->pb);
    avformat_free_context(output);
  }
};
using Output = std::unique_ptr<AVFormatContext, FreeOutput>;

class VideoWriter {
 public:
  VideoWriter(const std::filesystem::path& final_path, const std::filesystem::path& path, int width,
              int height, double fps)
      : path_(final_path), height_(height) {
    av_log_set_level(AV_LOG_QUIET);  // errors are thrown, not printed
    AVFormatContext* output = nullptr;
    const AVOutputFormat* format = av_guess_format(nullptr, final_path.c_str(), nullptr);
    if (!format) refuse("no container for this extension", AVERROR_MUXER_NOT_FOUND);
    // Without the protocol a name with a colon would choose one ("concat:a.mp4"), and FFmpeg opens the file
    // again by this name to move its index to the front.
    const std::string url = "file:" + path.string();
    require(avformat_alloc_output_context2(&output, format, nullptr, url.c_str()), "cannot be set up");
    output_.reset(output);
    const AVCodec* codec = avcodec_find_encoder_by_name("libx264");
    const bool x264 = codec != nullptr;
    if (!codec) codec = avcodec_find_encoder(AV_CODEC_ID_MPEG4);
    if (!codec) refuse("FFmpeg has neither libx264 nor its own mpeg4 encoder", AVERROR_ENCODER_NOT_FOUND);
    codec_.reset(avcodec_alloc_context3(codec));
    DRF_CHECK(codec_);
    codec_->width = width;
    codec_->height = height;
    codec_->pix_fmt = AV_PIX_FMT_YUV420P;
    codec_->framerate = av_d2q(fps, 65535);  // MPEG-4 knows 16 bits
    codec_->time_base = av_inv_q(codec_->framerate);
    codec_->color_range = AVCOL_RANGE_MPEG;
    codec_->colorspace = height >= 720 ? AVCOL_SPC_BT709 : AVCOL_SPC_SMPTE170M;
    codec_->color_primaries = height >= 720 ? AVCOL_PRI_BT709 : AVCOL_PRI_SMPTE170M;
    codec_->color_trc = height >= 720 ? AVCOL_TRC_BT709 : AVCOL_TRC_SMPTE170M;
    codec_->sample_aspect_ratio = {1, 1};
    AVDictionary* options = nullptr;
    if (x264) {
      av_dict_set(&options, "crf", "16", 0);  // visually lossless
    } else {
      codec_->flags |= AV_CODEC_FLAG_QSCALE;
      codec_->global_quality = 2 * FF_QP2LAMBDA;
    }
    if (output_->oformat->flags & AVFMT_GLOBALHEADER) codec_->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    const int opened = avcodec_open2(codec_.get(), codec, &options);
    av_dict_free(&options);
    require(opened, "cannot be encoded");
    stream_ = avformat_new_stream(output_.get(), nullptr);
    DRF_CHECK(stream_);
    stream_->time_base = codec_->time_base;
    stream_->avg_frame_rate = codec_->framerate;
    require(avcodec_parameters_from_context(stream_->codecpar, codec_.get()), "cannot be set up");
    require(avio_open(&output_->pb, url.c_str(), AVIO_FLAG_WRITE), "cannot be opened");
    AVDictionary* container = nullptr;
    av_dict_set(&container, "movflags", "+faststart", 0);  // other containers leave it unused
    const int begun = avformat_write_header(output_.get(), &container);
    av_dict_free(&container);
    require(begun, "cannot be written");
    scaler_.reset(sws_getContext(width, height, AV_PIX_FMT_RGB24, width, height, AV_PIX_FMT_YUV420P,
                                 SWS_BICUBIC | SWS_ACCURATE_RND, nullptr, nullptr, nullptr));
    DRF_CHECK(scaler_);
    const int* matrix = sws_getCoefficients(usual_matrix(height));
    sws_setColorspaceDetails(scaler_.get(), matrix, 1, matrix, 0, 0, 1 << 16, 1 << 16);
    frame_.reset(av_frame_alloc());
    frame_->format = codec_->pix_fmt;
    frame_->width = width;
    frame_->height = height;
    frame_->color_range = codec_->color_range;
    frame_->colorspace = codec_->colorspace;
    require(av_frame_get_buffer(frame_.get(), 0), "needs more memory");
  }

  void add(const at::Tensor& picture_HW3) {
    require(av_frame_make_writable(frame_.get()), "needs more memory");
    const uint8_t* const rows[4] = {picture_HW3.const_data_ptr<uint8_t>()};
    const int strides[4] = {static_cast<int>(picture_HW3.size(1)) * 3};
    sws_scale(scaler_.get(), rows, strides, 0, height_, frame_->data, frame_->linesize);
    frame_->pts = count_++;
    encode(frame_.get());
  }

  void finish() {
    encode(nullptr);
    require(av_write_trailer(output_.get()), "cannot be finished");
    avio_flush(output_->pb);
    require(output_->pb->error, "cannot be written");
    require(avio_closep(&output_->pb), "cannot be closed");
  }

 private:
  [[noreturn]] void refuse(const std::string& what, int code) const {
    fail(ErrorKind::kResources, path_, ": the video ", what, " (", reason(code), ")");
  }
  void require(int status, const char* what) const {
    if (status < 0) refuse(what, status);
  }

  // Sends one frame, or the end as nullptr, and writes every packet that is ready.
  void encode(const AVFrame* frame) {
    require(avcodec_send_frame(codec_.get(), frame), "cannot be encoded");
    Packet packet(av_packet_alloc());
    int status = 0;
    while ((status = avcodec_receive_packet(codec_.get(), packet.get())) >= 0) {
      packet->duration = 1;
      av_packet_rescale_ts(packet.get(), codec_->time_base, stream_->time_base);
      packet->stream_index = stream_->index;
      require(av_interleaved_write_frame(output_.get(), packet.get()), "cannot be written");
    }
    if (status != AVERROR(EAGAIN) && status != AVERROR_EOF) require(status, "cannot be encoded");
  }

  std::filesystem::path path_;
  int height_;
  Output output_;
  Codec codec_;
  Scaler scaler_;
  Frame frame_;
  AVStream* stream_ = nullptr;
  int64_t count_ = 0;
};

// 4:2:0 chroma needs even sides: the last row or column is repeated.
at::Tensor with_even_sides(at::Tensor frames) {
  for (const int64_t axis : {1, 2}) {
    const int64_t size = frames.size(axis);
    if (size % 2) frames = at::cat({frames, frames.narrow(axis, size - 1, 1)}, axis);
  }
  return frames.contiguous();
}

}  // namespace

void encode_video(const std::filesystem::path& given, const at::Tensor& frames_FHW3, double fps) {
  DRF_CHECK(frames_FHW3.dim() == 4 && frames_FHW3.size(3) == 3 && frames_FHW3.scalar_type() == at::kByte,
            frames_FHW3.sizes());
  DRF_CHECK(fps > 0, fps);
  const at::Tensor frames = with_even_sides(frames_FHW3);
  make_folder(given.parent_path());
  std::error_code ec;
  const bool taken = std::filesystem::exists(given, ec);
  if (taken && !std::filesystem::is_regular_file(given, ec))  // FFmpeg goes back in a file to finish it
    fail(ErrorKind::kConfig, given, ": is no regular file; a video is written to one");
  // What a link stands for is replaced, not the link.
  const std::filesystem::path path = taken ? std::filesystem::canonical(given) : given;
  std::filesystem::path part = path;
  part += concat(".part", ::getpid());
  try {
    VideoWriter writer(given, part, static_cast<int>(frames.size(2)), static_cast<int>(frames.size(1)), fps);
    for (int64_t f = 0; f < frames.size(0); ++f) writer.add(frames[f]);
    writer.finish();
  } catch (...) {
    std::error_code ignored;
    std::filesystem::remove(part, ignored);
    throw;
  }
  rename_into_place(part, path);
}

}  // namespace drf::media
