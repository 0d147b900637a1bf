#include "drf/models/wan/pipeline.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <tuple>

#include "drf/base/error.h"
#include "drf/models/umt5/encoder.h"
#include "drf/models/wan/flops.h"
#include "drf/models/wan/lora_names.h"
#include "drf/models/wan/network.h"
#include "drf/models/wan/vae.h"
#include "drf/nn/load.h"
#include "drf/nn/residence.h"
#include "drf/tensor/precision.h"
#include "drf/text/prompt_clean.h"
#include "drf/text/tokenizer.h"

namespace drf::wan {
namespace {

namespace fs = std::filesystem;

struct WanFactors {
  int64_t spatial, temporal;
};

/// Which transformer computes where.
struct Transformers {
  std::vector<std::string> names{"transformer"};  ///< in the order in which a rollout comes to them
  double boundary = 0;                            ///< from this timestep up it is the first
};

// As diffusers' WanPipeline takes model_index.json.
Transformers transformers_of(const JsonConfig& index, int64_t num_train_timesteps) {
  const auto is_there = [&](const char* name) {
    const auto entry = index.json().find(name);
    return entry != index.json().end() && entry->is_array() && !entry->empty() && !entry->back().is_null();
  };
  if (!is_there("transformer"))
    index.reject("transformer", "is null, wanted a WanTransformer3DModel: give the whole pipeline");
  if (!index.has("boundary_ratio")) {
    if (is_there("transformer_2"))
      index.reject("transformer_2", "is there, but without boundary_ratio no timestep is its own");
    return {};
  }
  const double ratio = index.number("boundary_ratio");
  if (!(ratio >= 0 && ratio <= 1))
    index.reject("boundary_ratio", concat("is ", ratio, ", wanted a share of the timesteps, from 0 to 1"));
  if (!is_there("transformer_2")) {
    index.reject("boundary_ratio", concat("is ", ratio,
                                          ", but there is no transformer_2 for the timesteps below: give the "
                                          "whole pipeline, or set it to null"));
  }
  return {{"transformer", "transformer_2"}, ratio * static_cast<double>(num_train_timesteps)};
}

TransformerConfig config_of(const fs::path& folder, const std::string& name) {
  return TransformerConfig::read(JsonConfig::read(folder / name / "config.json"));
}

class WanDenoiser : public models::Denoiser {
 public:
  WanDenoiser(const fs::path& folder, const models::ModelOptions& options, WanFactors factors,
              int64_t num_train_timesteps, const Transformers& transformers)
      : folder_(folder),
        options_(options),
        factors_(factors),
        num_train_timesteps_(num_train_timesteps),
        transformers_(transformers),
        tokenizer_(text::open_tokenizer(folder / "tokenizer")),
        text_config_(umt5::Config::read(JsonConfig::read(folder / "text_encoder" / "config.json"))),
        sizes_(config_of(folder, transformers.names.front())) {
    for (const std::string& name : transformers.names) {
      const TransformerConfig config = config_of(folder, name);
      if (config.text_dim != text_config_.d_model) {
        fail(ErrorKind::kInput, folder, ": the text encoder gives states of width ", text_config_.d_model,
             ", the ", name, " wants ", config.text_dim, "; the parts belong to different models");
      }
      if (config.in_channels != sizes_.in_channels || config.patch_size != sizes_.patch_size) {
        const auto patch = [](const TransformerConfig& c) {
          return std::vector<int64_t>(c.patch_size.begin(), c.patch_size.end());
        };
        fail(ErrorKind::kInput, folder, ": ", name, " takes ", config.in_channels, " channels in patches of ",
             patch(config), ", transformer ", sizes_.in_channels, " in ", patch(sizes_),
             "; the parts belong to different models");
      }
      sizes_.rope_max_seq_len = std::min(sizes_.rope_max_seq_len, config.rope_max_seq_len);
    }
    for (const std::string& name : transformers.names) {
      networks_.push_back(std::make_unique<Network>(folder / name, options_.load));
      if (options_.one_at_a_time) networks_.back()->residence().park();
    }
    read_text_encoder();
  }

  models::Condition encode(const std::string& prompt) override {
    const at::NoGradGuard no_graph;
    if (!text_encoder_) read_text_encoder();
    const text::PaddedIds tokens = tokens_of(prompt);
    const auto row = [&](const std::vector<int64_t>& v) {
      return at::tensor(v, at::kLong).unsqueeze(0).to(options_.load.device);
    };
    const at::Tensor states_1SE = text_encoder_->forward(row(tokens.ids), row(tokens.mask));
    return {{{kText, states_1SE.narrow(1, 0, length(tokens)).to(dtype())}}};
  }

  void release_encoders() override { text_encoder_.reset(); }

  int64_t text_tokens(const std::string& prompt) const override { return length(tokens_of(prompt)); }
  int64_t text_tokens_cut(const std::string& prompt) const override { return tokens_of(prompt).cut; }

  models::Condition prepare(const std::vector<models::Condition>& rows, const nn::BlockRunner&,
                            size_t component) override {
    std::vector<at::Tensor> text;
    for (const models::Condition& row : rows) text.push_back(row.get(kText));
    return networks_.at(component)->prepare(text, options_.text_length);
  }

  at::Tensor velocity(const at::Tensor& x_BCTHW, double t, const models::Condition& prepared,
                      const nn::BlockRunner& run) override {
    return networks_[component(t)]->velocity(x_BCTHW, t, prepared, run);
  }

  models::Flops velocity_flops(at::IntArrayRef x_BCTHW, double t,
                               const models::Condition& prepared) const override {
    return networks_[component(t)]->velocity_flops(x_BCTHW, prepared);
  }

  // In float32, as the reference compares: a level may lie on the boundary.
  size_t component(double t) const override {
    return networks_.size() == 1 || static_cast<float>(t) >= static_cast<float>(transformers_.boundary) ? 0
                                                                                                        : 1;
  }

  double guidance(double t) const override {
    return component(t) == 0 ? options_.guidance : options_.guidance_2.value_or(options_.guidance);
  }

  diffusion::Schedule schedule(const diffusion::ScheduleOptions& options) const override {
    return diffusion::euler_schedule(options, num_train_timesteps_);
  }

  models::Size nearest(const models::Size& size) const override {
    const auto& patch = sizes_.patch_size;
    // Frames are temporal * k + 1, k + 1 a multiple of the patch in time.
    const int64_t T =
        std::max<int64_t>(1, ((std::max<int64_t>(size.frames, 1) - 1) / factors_.temporal + 1) / patch[0]) *
        patch[0];
    const auto side = [&](int64_t pixels, int64_t patch_side) {
      const int64_t unit = factors_.spatial * patch_side;
      return std::max<int64_t>(1, pixels / unit) * unit;
    };
    return {(T - 1) * factors_.temporal + 1, side(size.height, patch[1]), side(size.width, patch[2])};
  }

  std::vector<int64_t> latent_shape(const models::Size& size) const override {
    const TransformerConfig& c = sizes_;
    // Far above what anyone samples: a slip of the hand is refused before memory is asked for.
    for (const auto& [name, value, most] : {std::tuple{"frames", size.frames, 100'000},
                                            {"height", size.height, 65'536},
                                            {"width", size.width, 65'536}}) {
      if (value > most) fail(ErrorKind::kConfig, name, " is ", value, ", must be at most ", most);
    }
    const models::Size fits = nearest(size);
    const auto side = [&](const char* name, int64_t pixels, int64_t fitting, int64_t patch) {
      const int64_t unit = factors_.spatial * patch;
      if (pixels != fitting) {
        fail(ErrorKind::kConfig, name, " is ", pixels, ", must be a multiple of ", unit,
             " for this model (VAE factor ", factors_.spatial, " x patch ", patch, "): use ", fitting);
      }
      return pixels / factors_.spatial;
    };
    if (size.frames < 1 || (size.frames - 1) % factors_.temporal) {
      fail(ErrorKind::kConfig, "frames is ", size.frames, ", must be ", factors_.temporal,
           " k + 1 for this model: use ", fits.frames, " or ",
           fits.frames + factors_.temporal * c.patch_size[0]);
    }
    const int64_t T = (size.frames - 1) / factors_.temporal + 1;
    if (T % c.patch_size[0]) {
      fail(ErrorKind::kConfig, "frames is ", size.frames, ": its ", T,
           " latent frames are no multiple of the patch of ", c.patch_size[0], ": use ", fits.frames);
    }
    const int64_t H = side("height", size.height, fits.height, c.patch_size[1]),
                  W = side("width", size.width, fits.width, c.patch_size[2]);
    const std::array<int64_t, 3> grid{T / c.patch_size[0], H / c.patch_size[1], W / c.patch_size[2]};
    if (*std::max_element(grid.begin(), grid.end()) > c.rope_max_seq_len) {
      fail(ErrorKind::kConfig, "frames, height and width give a grid of ", grid[0], " x ", grid[1], " x ",
           grid[2], " patches, this model takes ", c.rope_max_seq_len,
           " each way (rope_max_seq_len); make the video smaller");
    }
    return {c.in_channels, T, H, W};
  }

  std::vector<models::Component> components() override {
    std::vector<models::Component> all;
    for (size_t i = 0; i < networks_.size(); ++i) {
      all.push_back({transformers_.names[i], &networks_[i]->transformer(), lora_layer_names(),
                     &networks_[i]->residence()});
      if (networks_.size() > 1) all.back().names.network = transformers_.names[i];
    }
    return all;
  }
  int64_t latent_channels() const { return sizes_.in_channels; }

 private:
  static constexpr const char* kText = "text";

  at::ScalarType dtype() const { return *options_.load.dtype; }
  text::PaddedIds tokens_of(const std::string& prompt) const {
    return tokenizer_->encode_padded(text::prompt_clean(prompt), options_.text_length);
  }
  static int64_t length(const text::PaddedIds& tokens) {
    return std::count(tokens.mask.begin(), tokens.mask.end(), 1);
  }

  void read_text_encoder() {
    auto encoder = std::make_unique<umt5::Encoder>(text_config_);
    umt5::load(*encoder, Checkpoint::open(folder_ / "text_encoder", "model"), options_.load);
    text_encoder_ = std::move(encoder);
  }

  fs::path folder_;
  models::ModelOptions options_;
  WanFactors factors_;
  int64_t num_train_timesteps_;
  Transformers transformers_;
  std::unique_ptr<text::Tokenizer> tokenizer_;
  umt5::Config text_config_;
  std::unique_ptr<umt5::Encoder> text_encoder_;  ///< null once released
  TransformerConfig sizes_;                      ///< as far as it says which clips fit: all of the networks
  std::vector<std::unique_ptr<Network>> networks_;
};

class WanDecoder : public models::Decoder {
 public:
  WanDecoder(const VaeConfig& config, const fs::path& folder, const models::ModelOptions& options)
      : vae_(config, Vae::Parts::kDecoder),
        dtype_(options.decoder_dtype),
        walk_{options.decode_chunk, options.recompute_decoding, options.decode_stripes},
        budget_(options.decode_bytes > 0 ? options.decode_bytes : kFewBytes) {
    nn::LoadOptions load = options.load;
    load.dtype = dtype_;
    load_decoder(vae_, Checkpoint::open(folder, "diffusion_pytorch_model"), load);
  }

  at::Tensor decode(const at::Tensor& latents_BCTHW, nn::Graph graph) override {
    const at::AutoGradMode mode(graph == nn::Graph::kKept);
    const ClipWalk walk = walk_of(latents_BCTHW.sizes(), graph == nn::Graph::kKept);
    const at::Tensor frames_B3FHW = vae_.decode(latents_BCTHW.to(dtype_), walk);
    return (upcast(frames_B3FHW).transpose(1, 2) + 1).div_(2);
  }

  models::Flops flops(at::IntArrayRef latents_BCTHW) const override {
    return static_cast<double>(latents_BCTHW[0]) *
           decode_flops(vae_.config(), latents_BCTHW[2], latents_BCTHW[3], latents_BCTHW[4]);
  }

  void require_decodable(at::IntArrayRef sizes_BCTHW) const override {
    for (const bool with_graph : {false, true}) walk_of(sizes_BCTHW, with_graph);
  }

 private:
  ClipWalk walk_of(at::IntArrayRef sizes, bool with_graph) const {
    ClipWalk walk = walk_;
    if (walk.chunk_latents == 0 && !with_graph) {
      walk = walk_without_graph(vae_.config(), sizes, dtype_);
    } else if (walk.recompute && with_graph) {
      if (walk.chunk_latents == 0 || walk.stripes == 0)
        walk = lean_walk(vae_.config(), sizes, dtype_, budget_, walk.chunk_latents, walk.stripes);
    } else {
      walk = whole_walk(vae_.config(), sizes, dtype_, walk.chunk_latents, walk.stripes);
    }
    require_indexable(vae_.config(), sizes, walk);
    return walk;
  }

  Vae vae_;
  at::ScalarType dtype_;
  ClipWalk walk_;
  int64_t budget_;
};

}  // namespace

models::Generator open_pipeline(const fs::path& folder, const models::ModelOptions& options) {
  const JsonConfig index = JsonConfig::read(folder / "model_index.json");
  if (index.boolean("expand_timesteps", false)) {
    index.reject("expand_timesteps",
                 "is set: image-and-text-to-video models (Wan 2.2 TI2V) are not supported");
  }
  const VaeConfig vae = VaeConfig::read(JsonConfig::read(folder / "vae" / "config.json"));
  models::Generator model;
  model.scheduler = models::SchedulerConfig::read(folder / "scheduler" / "scheduler_config.json");
  const Transformers transformers = transformers_of(index, model.scheduler.num_train_timesteps);
  if (options.guidance_2 && transformers.names.size() == 1) {
    fail(ErrorKind::kConfig, folder, " has one transformer, but a second guidance, ", *options.guidance_2,
         ", is given; leave sampling.guidance_2 or --guidance-2 out");
  }
  // diffusers guides where the first scale says so, or not at all.
  if (options.guidance == 1 && options.guidance_2.value_or(1) != 1) {
    fail(ErrorKind::kConfig, "the second guidance is ", *options.guidance_2,
         ", but where the first is 1 (sampling.guidance, --guidance), diffusers never guides; raise the "
         "first, "
         "or leave the second out");
  }
  auto denoiser =
      std::make_unique<WanDenoiser>(folder, options, WanFactors{vae.spatial_factor(), vae.temporal_factor()},
                                    model.scheduler.num_train_timesteps, transformers);
  if (denoiser->latent_channels() != vae.z_dim) {
    fail(ErrorKind::kInput, folder, ": the VAE has ", vae.z_dim, " latent channels, the transformer ",
         denoiser->latent_channels(), "; the parts belong to different models");
  }
  model.denoiser = std::move(denoiser);
  model.decoder = std::make_unique<WanDecoder>(vae, folder / "vae", options);
  return model;
}

}  // namespace drf::wan
