#include "drf/train/trained_files.h"

#include "drf/nn/lora.h"

namespace drf::train {
namespace fs = std::filesystem;
namespace {

const std::string kAdapters = "adapters";

}  // namespace

TrainedFiles::TrainedFiles(nn::Module& network, const nn::LayerNames& names, bool comfyui)
    : network_(&network),
      names_(names),
      comfyui_(comfyui),
      parameters_(nn::lora_parameters(network, names.prefix)) {}

void TrainedFiles::write(const fs::path& folder) const {
  nn::save_lora(*network_, main_file(folder), nn::LoraForm::kDiffusers, names_);
  if (comfyui_) {
    nn::save_lora(*network_, folder / (kAdapters + "_comfyui.safetensors"), nn::LoraForm::kComfyUi, names_);
  }
}

void TrainedFiles::read(StateVisitor& v) const {
  v.file(kAdapters);
  for (const auto& [name, leaf] : parameters_) {
    at::Tensor saved = leaf;  // the same storage
    v(name, saved);
  }
}

fs::path TrainedFiles::main_file(const fs::path& folder) { return folder / (kAdapters + ".safetensors"); }

}  // namespace drf::train
