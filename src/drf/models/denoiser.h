#pragma once
// What a generator is to the rest of the program: a denoiser that walks from noise to latents, and a decoder.
// Another generator is another folder under models/ and one line in open_generator().
//
// Shape letters: B samples, C latent channels, T H W latent frames, height, width; S text tokens, E text
// width; F frames.

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "drf/diffusion/schedule.h"
#include "drf/models/condition.h"
#include "drf/models/fields/field_config.h"
#include "drf/models/scheduler_config.h"
#include "drf/nn/block_runner.h"
#include "drf/nn/load.h"
#include "drf/nn/lora_file.h"

namespace drf::nn {
class Residence;
}

namespace drf::models {

/// Of what is generated, in frames and pixels. An image is a clip of one frame.
struct Size {
  int64_t frames = 1, height = 0, width = 0;
};

/// A network that takes adapters and has an adapter file of its own. In files its layers are called "NAME."
/// + path, NAME being `names.prefix`.
struct Component {
  std::string name;      ///< in the pipeline: "transformer"
  nn::Module* root;      ///< the denoiser's
  nn::LayerNames names;  ///< how files call its layers
  /// Where its weights are (nn/residence.h); null if they cannot be parked. prepare() and velocity() bring
  /// them back, the backward of what they gave does not.
  nn::Residence* residence = nullptr;
};

/// On the straight path x = (1 - sigma) x_0 + sigma noise. A network of another Gaussian path rescales
/// inside.
class Denoiser {
 public:
  virtual ~Denoiser() = default;
  /// What the prompt says: one row, not padded, in the model's dtype. No graph.
  virtual Condition encode(const std::string& prompt) = 0;
  /// Frees what only encode() uses; its next call reads that from its files again.
  virtual void release_encoders() {}
  /// Tokens of that row.
  virtual int64_t text_tokens(const std::string& prompt) const = 0;
  /// Tokens at a prompt's end that encode() does not read, because it has more than the configured length.
  virtual int64_t text_tokens_cut(const std::string&) const { return 0; }
  /// Once a rollout: all rows, one a sample, padded alike, as velocity() takes them wherever `component` is
  /// the network: each reads for itself. With the graph to what is trained.
  virtual Condition prepare(const std::vector<Condition>& rows, const nn::BlockRunner& run,
                            size_t component = 0) = 0;
  /// dx/dsigma at (x, t), t in [0, num_train_timesteps]. x_BCTHW float32 or wider; the result too, with the
  /// graph to x and to what is trained. `prepared`: by component(t); it has B rows, or one that serves all.
  virtual at::Tensor velocity(const at::Tensor& x_BCTHW, double t, const Condition& prepared,
                              const nn::BlockRunner& run) = 0;
  /// Of one velocity() of x_BCTHW at t: all its clips, on paper.
  virtual Flops velocity_flops(at::IntArrayRef x_BCTHW, double t, const Condition& prepared) const = 0;
  /// The levels that Euler steps go through, and what velocity() is told there. Throws Error(kConfig) as
  /// diffusion::euler_schedule.
  virtual diffusion::Schedule schedule(const diffusion::ScheduleOptions& options) const = 0;
  /// Scale of classifier-free guidance at t, at least 1, as ModelOptions gave it. 1: there is no second
  /// branch.
  virtual double guidance(double /*t*/) const { return 1; }
  /// {C, T, H, W}. Throws Error(kConfig) when the size does not fit the model, offering nearest().
  virtual std::vector<int64_t> latent_shape(const Size& size) const = 0;
  /// One that fits, no larger where there is one.
  virtual Size nearest(const Size& size) const = 0;
  /// The networks that take adapters, in the order in which a rollout comes to them; never empty.
  virtual std::vector<Component> components() = 0;
  /// Which of them velocity() is at t.
  virtual size_t component(double /*t*/) const { return 0; }
};

class Decoder {
 public:
  virtual ~Decoder() = default;
  /// latents_BCTHW, normalised, float32 or wider -> frames_BF3HW in [0, 1] but not clamped, float32 or wider,
  /// with the graph to the latents where one is asked for.
  virtual at::Tensor decode(const at::Tensor& latents_BCTHW, nn::Graph graph) = 0;
  /// Of one decode(), on paper.
  virtual Flops flops(at::IntArrayRef latents_BCTHW) const = 0;
  /// Throws Error(kConfig) if the options leave no way to decode latents of these sizes, as decode() would.
  virtual void require_decodable(at::IntArrayRef /*sizes_BCTHW*/) const {}
};

struct ModelOptions {
  /// Device, and dtype of the weights and activations of denoiser and text encoder: float32 unless given.
  nn::LoadOptions load = in_float32();
  static nn::LoadOptions in_float32() {
    nn::LoadOptions load;
    load.dtype = at::kFloat;
    return load;
  }
  at::ScalarType decoder_dtype = at::kFloat;
  /// Latent frames that the decoder takes at a time, and stripes of rows; the same answer to rounding. 0 =
  /// the whole. But chunk 0 without a graph = as many frames as keep memory low, of whole rows; either 0 with
  /// a graph and recompute_decoding = what wan::lean_walk finds.
  int64_t decode_chunk = 0, decode_stripes = 0;
  /// The graph of a decode keeps next to nothing; its backward runs the parts of a clip again.
  bool recompute_decoding = false;
  /// About what such a graph may keep, where chunks and stripes are free; 0 = little.
  int64_t decode_bytes = 0;
  int64_t text_length = 512;  ///< tokens a prompt is padded to
  /// What Denoiser::guidance() gives, at least 1, and what where the second of two networks computes; absent:
  /// the same.
  double guidance = 1;
  std::optional<double> guidance_2;
  /// Networks that denoise and text encoders are never on the device together: each of the former is parked
  /// once it is read.
  bool one_at_a_time = false;
};

/// A generator folder in diffusers' layout.
struct Generator {
  std::unique_ptr<Denoiser> denoiser;
  std::unique_ptr<Decoder> decoder;  ///< null where latents are what is wanted
  SchedulerConfig scheduler;
  std::optional<drf::fields::FieldConfig> fields{};  ///< of a generator of fields, which has no decoder
};

/// Opens a pipeline folder by its model_index.json. Throws Error(kInput) naming file, tensor, got, wanted and
/// the remedy.
Generator open_generator(const std::filesystem::path& folder, const ModelOptions& options);

}  // namespace drf::models
