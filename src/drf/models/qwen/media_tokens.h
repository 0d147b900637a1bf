#pragma once
// The tokens by which a prompt names pictures and videos.

#include <cstdint>

#include "drf/tensor/json_config.h"

namespace drf::qwen {

struct MediaTokens {
  int64_t image_token_id = 151655;
  int64_t video_token_id = 151656;
  int64_t vision_start_token_id = 151652;
  int64_t vision_end_token_id = 151653;
};

/// The top of config.json into `tokens`, whose values those keep that are left out.
inline void read_media_tokens(const JsonConfig& json, MediaTokens& tokens) {
  tokens.image_token_id = json.integer("image_token_id", tokens.image_token_id);
  tokens.video_token_id = json.integer("video_token_id", tokens.video_token_id);
  tokens.vision_start_token_id = json.integer("vision_start_token_id", tokens.vision_start_token_id);
  tokens.vision_end_token_id = json.integer("vision_end_token_id", tokens.vision_end_token_id);
}

}  // namespace drf::qwen
