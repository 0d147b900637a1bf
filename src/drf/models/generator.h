#pragma once
// What a video generator and its decoder are to the rest of the program. Another generator is another folder
// under models/ and one line in open_video_model().
//
// Shape letters: B clips, C latent channels, T H W latent frames, height, width; S text tokens, E text width;
// F frames.

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "drf/models/scheduler_config.h"
#include "drf/nn/block_runner.h"
#include "drf/nn/lora_file.h"
#include "drf/nn/module.h"

namespace drf::nn {
class Residence;
}

namespace drf::models {

/// A batch of prompts as a generator reads them: what depends on text alone and is the same at every step of
/// a rollout (Wan: each layer's cross-attention keys and values). The tensors are the generator's own; each
/// has one row a prompt, or is undefined.
struct TextContext {
  std::vector<at::Tensor> tensors;
};

class Generator {
 public:
  virtual ~Generator() = default;
  /// Text states of each prompt [B, S, E] in the model's dtype, with zeros from its length to the configured
  /// one. No graph.
  virtual at::Tensor encode_text(const std::vector<std::string>& prompts) = 0;
  /// Frees the weights that only encode_text() uses; its next call reads them from their files again.
  virtual void release_text_encoder() {}
  /// Tokens of a prompt as encode_text() reads it, before padding.
  virtual int64_t text_tokens(const std::string& prompt) const = 0;
  /// Tokens at a prompt's end that encode_text() does not read, because it has more than the configured
  /// length.
  virtual int64_t text_tokens_cut(const std::string&) const { return 0; }
  /// Text states as velocity() takes them. Differentiable in the adapters.
  virtual TextContext read_text(const at::Tensor& text_BSE) = 0;
  /// dx/dsigma at (x, timestep). x_BCTHW float32 or wider; the result too. timestep in [0, 1000]. `text` has
  /// B rows, or one that serves all clips.
  virtual at::Tensor velocity(const at::Tensor& x_BCTHW, double timestep, const TextContext& text,
                              const nn::BlockRunner& run = {}) = 0;
  /// {C, T, H, W} of a clip. Throws Error(kConfig) when frames, height or width do not fit the model.
  virtual std::vector<int64_t> latent_shape(int64_t frames, int64_t height, int64_t width) const = 0;
  /// The part that takes adapters; in files its layers are called "transformer." + path.
  virtual nn::Module& adapter_root() = 0;
  /// How ComfyUI calls those layers.
  virtual nn::LayerNames adapter_names() const = 0;
  /// Where the weights of adapter_root() are (nn/residence.h); null if they cannot be parked. read_text() and
  /// velocity() bring them back, the backward of what they gave does not.
  virtual nn::Residence* residence() { return nullptr; }
};

class Decoder {
 public:
  virtual ~Decoder() = default;
  /// latents_BCTHW, normalised, float32 or wider -> frames_BF3HW in [0, 1] but not clamped, float32 or wider.
  /// Differentiable.
  virtual at::Tensor decode(const at::Tensor& latents_BCTHW) = 0;
  /// Throws Error(kConfig) if the options leave no way to decode latents of these sizes, as decode() would.
  virtual void require_decodable(at::IntArrayRef /*sizes_BCTHW*/) const {}
};

struct ModelOptions {
  at::ScalarType dtype = at::kFloat;  ///< weights and activations of the transformer and text encoder
  at::ScalarType decoder_dtype = at::kFloat;
  at::Device device = at::kCPU;
  /// Latent frames that the decoder takes at a time, and stripes of rows; the same answer to rounding. 0 =
  /// the whole. But chunk 0 without a graph = as many frames as keep memory low, of whole rows; either 0 with
  /// a graph and recompute_decoding = what wan::lean_walk finds.
  int64_t decode_chunk = 0, decode_stripes = 0;
  /// The graph of a decode keeps next to nothing; its backward runs the parts of a clip again.
  bool recompute_decoding = false;
  /// About what such a graph may keep, where chunks and stripes are free; 0 = little.
  int64_t decode_bytes = 0;
  int64_t text_length = 512;  ///< tokens a prompt is padded to
};

/// A generator folder in diffusers' layout.
struct VideoModel {
  std::unique_ptr<Generator> generator;
  std::unique_ptr<Decoder> decoder;
  SchedulerConfig scheduler;
};

/// Opens a pipeline folder by its model_index.json. Throws Error(kInput) naming file, tensor, got, wanted and
/// the remedy.
VideoModel open_video_model(const std::filesystem::path& folder, const ModelOptions& options);

}  // namespace drf::models
