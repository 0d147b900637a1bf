#include "drf/models/wan/field_pipeline.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "drf/base/error.h"
#include "drf/models/fields/field_config.h"
#include "drf/models/wan/lora_names.h"
#include "drf/models/wan/network.h"

namespace drf::wan {
namespace {

namespace fs = std::filesystem;

class FieldDenoiser : public models::Denoiser {
 public:
  FieldDenoiser(const fs::path& folder, const models::ModelOptions& options, int64_t num_train_timesteps)
      : load_(options.load),
        num_train_timesteps_(num_train_timesteps),
        guidance_(options.guidance),
        network_(folder / "transformer", load_) {}

  models::Condition encode(const std::string& prompt) override {
    require_empty(prompt);
    const auto own = at::TensorOptions().dtype(*load_.dtype).device(load_.device);
    return {{{kText, at::zeros({1, 1, config().text_dim}, own)}}};
  }

  int64_t text_tokens(const std::string& prompt) const override {
    require_empty(prompt);
    return 1;
  }

  models::Condition prepare(const std::vector<models::Condition>& rows, const nn::BlockRunner&,
                            size_t) override {
    std::vector<at::Tensor> text;
    for (const models::Condition& row : rows) text.push_back(row.get(kText));
    return network_.prepare(text, 1);
  }

  at::Tensor velocity(const at::Tensor& x_BCTHW, double t, const models::Condition& prepared,
                      const nn::BlockRunner& run) override {
    return network_.velocity(x_BCTHW, t, prepared, run);
  }

  models::Flops velocity_flops(at::IntArrayRef x_BCTHW, double,
                               const models::Condition& prepared) const override {
    return network_.velocity_flops(x_BCTHW, prepared);
  }

  diffusion::Schedule schedule(const diffusion::ScheduleOptions& options) const override {
    return diffusion::euler_schedule(options, num_train_timesteps_);
  }

  double guidance(double) const override { return guidance_; }

  models::Size nearest(const models::Size& size) const override {
    const auto side = [&](int64_t points, int64_t patch) {
      return std::clamp(points / patch, int64_t{1}, config().rope_max_seq_len) * patch;
    };
    return {1, side(size.height, config().patch_size[1]), side(size.width, config().patch_size[2])};
  }

  std::vector<int64_t> latent_shape(const models::Size& size) const override {
    if (size.frames != 1) {
      fail(ErrorKind::kConfig, "frames is ", size.frames, ", a field is one frame: set sampling.frames to 1");
    }
    const models::Size fits = nearest(size);
    const auto require_side = [&](const char* name, int64_t points, int64_t fitting, int64_t patch) {
      if (points != fitting) {
        fail(ErrorKind::kConfig, name, " is ", points, ", must be a multiple of the patch of ", patch, ", ",
             patch * config().rope_max_seq_len, " at most: use ", fitting);
      }
    };
    require_side("height", size.height, fits.height, config().patch_size[1]);
    require_side("width", size.width, fits.width, config().patch_size[2]);
    return {config().in_channels, 1, size.height, size.width};
  }

  std::vector<models::Component> components() override {
    return {{"transformer", &network_.transformer(), lora_layer_names(), &network_.residence()}};
  }
  const TransformerConfig& config() const { return network_.config(); }

 private:
  static constexpr const char* kText = "text";

  static void require_empty(const std::string& prompt) {
    if (!prompt.empty()) {
      fail(ErrorKind::kConfig, "a generator of fields reads no text, got the prompt \"", prompt,
           "\"; leave [prompts] out");
    }
  }

  nn::LoadOptions load_;
  int64_t num_train_timesteps_;
  double guidance_;
  Network network_;
};

}  // namespace

models::Generator open_field_pipeline(const fs::path& folder, const models::ModelOptions& options) {
  const JsonConfig index = JsonConfig::read(folder / "model_index.json");
  const std::string name = index.text("_class_name");
  if (name != "WanFieldPipeline")
    index.reject("_class_name", concat("is ", name, ", wanted WanFieldPipeline"));
  const auto fields = fields::FieldConfig::read(JsonConfig::read(folder / "fields.json"));
  models::Generator model;
  model.scheduler = models::SchedulerConfig::read(folder / "scheduler" / "scheduler_config.json");
  auto denoiser = std::make_unique<FieldDenoiser>(folder, options, model.scheduler.num_train_timesteps);
  const TransformerConfig& config = denoiser->config();
  if (config.in_channels != fields.channels()) {
    fail(ErrorKind::kInput, folder, ": fields.json has ", fields.channels(), " channels, the transformer ",
         config.in_channels, "; the parts belong to different models");
  }
  if (config.patch_size[0] != 1) {
    fail(ErrorKind::kInput, folder, ": transformer/config.json: patch_size is ", config.patch_size[0],
         " frames deep, wanted 1: a field is one frame");
  }
  model.denoiser = std::move(denoiser);
  model.fields = fields;
  return model;
}

}  // namespace drf::wan
