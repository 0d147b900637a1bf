#include "drf/train/trained_files.h"

#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/nn/lora.h"
#include "drf/tensor/safetensors.h"

namespace drf::train {
namespace fs = std::filesystem;
namespace {

const std::string kAdapters = "adapters", kWeights = "transformer", kEnding = ".safetensors",
                  kAverage = "_ema";

}  // namespace

TrainedFiles::TrainedFiles(nn::Module& network, const nn::LayerNames& names, bool comfyui)
    : parameters_(nn::lora_parameters(network, names.prefix)) {
  write_ = [&network, names, comfyui](const fs::path& folder, const std::string& suffix) {
    const std::string name = kAdapters + suffix;
    nn::save_lora(network, folder / (name + kEnding), nn::LoraForm::kDiffusers, names);
    if (comfyui)
      nn::save_lora(network, folder / (name + "_comfyui" + kEnding), nn::LoraForm::kComfyUi, names);
  };
  stem_ = [](const std::string& suffix) { return kAdapters + suffix; };
  name_in_file_ = [](const std::string& parameter) { return parameter; };
}

TrainedFiles TrainedFiles::of_weights(const nn::TrainableSet& trained, const std::string& name,
                                      const fs::path& config) {
  TrainedFiles files;
  const std::string prefix = name + ".";
  std::vector<size_t> slots;
  for (size_t i = 0; i < trained.parameters().size(); ++i) {
    if (!trained.parameters()[i].first.starts_with(prefix)) continue;
    slots.push_back(i);
    files.parameters_.push_back(trained.parameters()[i]);
  }
  files.stem_ = [name](const std::string& suffix) { return name + suffix + "/diffusion_pytorch_model"; };
  files.name_in_file_ = [prefix](const std::string& parameter) { return parameter.substr(prefix.size()); };
  files.write_ = [&trained, slots, name, json = read_file(config), stem = files.stem_,
                  in_file = files.name_in_file_](const fs::path& folder, const std::string& suffix) {
    std::error_code ec;
    fs::create_directories(folder / (name + suffix), ec);
    if (ec) fail(ErrorKind::kResources, folder / (name + suffix), ": cannot be made (", ec.message(), ")");
    const auto values = trained.standing(nn::TrainableSet::Take::kDetached);
    std::vector<std::pair<std::string, at::Tensor>> tensors;
    for (const size_t i : slots) tensors.emplace_back(in_file(trained.parameters()[i].first), values[i]);
    write_safetensors(folder / (stem(suffix) + kEnding), tensors, {{"format", "pt"}});
    write_file_atomically(folder / (name + suffix) / "config.json", json);
  };
  return files;
}

void TrainedFiles::keep(const nn::TrainableSet& trained, const Average& average) {
  trained_ = &trained;
  average_ = &average;
}

void TrainedFiles::write(const fs::path& folder) const {
  write_(folder, "");
  if (!average_) return;
  const auto scope = trained_->with(average_->values());
  write_(folder, kAverage);
}

void TrainedFiles::read(StateVisitor& v) const {
  const auto into = [&](const std::string& suffix, const auto& value_of) {
    v.file(stem_(suffix));
    for (size_t i = 0; i < parameters_.size(); ++i) {
      at::Tensor value = value_of(i);  // the same storage
      v(name_in_file_(parameters_[i].first), value);
    }
  };
  into("", [&](size_t i) { return parameters_[i].second; });
  if (average_) into(kAverage, [&](size_t i) { return average_->values().at(i); });
}

fs::path TrainedFiles::main_file(const fs::path& folder) {
  const fs::path weights = folder / kWeights;
  return is_there(weights) ? weights : folder / (kAdapters + kEnding);
}

}  // namespace drf::train
