#include "drf/models/clip/model.h"

#include <ATen/ATen.h>

#include "drf/tensor/precision.h"

namespace drf::clip {
namespace {

at::Tensor unit(const at::Tensor& x) {
  const at::Tensor wide = upcast(x);
  return wide / wide.norm(2, -1, /*keepdim=*/true);
}

}  // namespace

Model::Model(const Config& c)
    : config_(c),
      text_model_(c.text),
      vision_model_(c.vision),
      visual_projection_(c.vision.tower.hidden_size, c.projection_dim, /*bias=*/false),
      text_projection_(c.text.tower.hidden_size, c.projection_dim, /*bias=*/false) {
  register_parameter("logit_scale", logit_scale_, {}, nn::Precision::kFloat32);
  register_module("text_model", text_model_);
  register_module("vision_model", vision_model_);
  register_module("visual_projection", visual_projection_);
  register_module("text_projection", text_projection_);
}

at::Tensor Model::text_embeddings(const std::vector<std::vector<int64_t>>& texts) const {
  return unit(text_projection_.forward(text_model_.forward(texts, run_)));
}

at::Tensor Model::image_embeddings(const at::Tensor& pixels_N3HW) const {
  return unit(visual_projection_.forward(vision_model_.forward(pixels_N3HW, run_)));
}

at::Tensor Model::scale() const { return upcast(logit_scale_).exp(); }

std::vector<nn::LoadedParameter> load(Model& model, const Checkpoint& checkpoint, nn::LoadOptions options) {
  options.rename = [](const std::string& name) {
    return name.ends_with(".embeddings.position_ids") ? std::string() : name;
  };
  return nn::load_strict(model, checkpoint, options);
}

}  // namespace drf::clip
