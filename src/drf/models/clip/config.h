#pragma once
// config.json of a CLIP checkpoint (transformers' CLIPModel): two towers that meet in one space.

#include <cstdint>
#include <filesystem>

#include "drf/tensor/json_config.h"

namespace drf::clip {

/// kQuickGelu: x sigmoid(1.702 x), OpenAI's; kGelu: the exact one (erf), laion's.
enum class Activation { kQuickGelu, kGelu };

/// What both towers are made of: pre-norm transformer blocks.
struct TowerConfig {
  int64_t hidden_size = 512;
  int64_t intermediate_size = 2048;
  int64_t num_layers = 12;
  int64_t num_heads = 8;
  double eps = 1e-5;
  Activation activation = Activation::kQuickGelu;

  int64_t head_dim() const { return hidden_size / num_heads; }
};

struct TextConfig {
  TowerConfig tower;
  int64_t vocab_size = 49408;
  int64_t max_positions = 77;    ///< longest text, start and end included
  int64_t eos_token_id = 49407;  ///< 2 is no token but the older rule of pooling (text.h)
};

struct VisionConfig {
  TowerConfig tower;
  int64_t image_size = 224;  ///< pixels a side
  int64_t patch_size = 32;   ///< at most image_size; what is left at the right and lower edge is not seen

  int64_t grid() const { return image_size / patch_size; }  ///< patches a side
};

struct Config {
  TextConfig text;
  VisionConfig vision;
  int64_t projection_dim = 512;  ///< of the space in which the towers meet

  /// FOLDER/config.json in both forms. Keys that are left out have the defaults of transformers' classes; a
  /// `text_config_dict` or `vision_config_dict` beside the plain section takes its place whole, so that a key
  /// which it lacks has the class's default even where the plain section gives another value.
  /// Throws Error(kInput) naming file, key, got and wanted for numbers that make no sense, sizes that do not
  /// fit each other, and what is not supported: other model types, quantised checkpoints, activations than
  /// quick_gelu and gelu, several end tokens, pictures of other than 3 channels or that are not square.
  static Config read(const std::filesystem::path& folder);
  static Config read(const JsonConfig& json);
};

}  // namespace drf::clip
