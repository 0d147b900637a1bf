#pragma once
// FFmpeg's objects, each freed by its own function. For ffmpeg_*.cpp only.

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>
}

#include <memory>
#include <string>

namespace drf::media {

template <typename T, void (*free_it)(T**)>
struct FreeByAddress {
  void operator()(T* object) const { free_it(&object); }
};
struct FreeScaler {
  void operator()(SwsContext* scaler) const { sws_freeContext(scaler); }
};

using Input = std::unique_ptr<AVFormatContext, FreeByAddress<AVFormatContext, avformat_close_input>>;
using Codec = std::unique_ptr<AVCodecContext, FreeByAddress<AVCodecContext, avcodec_free_context>>;
using Frame = std::unique_ptr<AVFrame, FreeByAddress<AVFrame, av_frame_free>>;
using Packet = std::unique_ptr<AVPacket, FreeByAddress<AVPacket, av_packet_free>>;
using Scaler = std::unique_ptr<SwsContext, FreeScaler>;

inline std::string reason(int code) {
  char text[AV_ERROR_MAX_STRING_SIZE] = {};
  av_strerror(code, text, sizeof(text));
  return text;
}

/// YUV from 720 lines on is BT.709 where a file does not say, BT.601 below: what players assume.
inline int usual_matrix(int height) { return height >= 720 ? SWS_CS_ITU709 : SWS_CS_ITU601; }

}  // namespace drf::media
