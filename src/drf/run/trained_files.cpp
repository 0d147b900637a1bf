#include "drf/run/trained_files.h"

#include <algorithm>
#include <iterator>

#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/nn/lora.h"
#include "drf/tensor/safetensors.h"

namespace drf::run {
namespace fs = std::filesystem;
namespace {

const std::string kWeights = "transformer", kEnding = ".safetensors", kAverage = "_ema";
constexpr size_t kMostNetworks = 2;

std::string adapters_of(size_t place) { return place == 0 ? "adapters" : concat("adapters_", place + 1); }

}  // namespace

TrainedFiles::TrainedFiles(nn::Module& network, const nn::LayerNames& names, bool comfyui, size_t place,
                           const nn::SigmaMax& sigma_max) {
  const std::string own = names.network.empty() ? names.prefix : names.network;
  parameters_ = nn::lora_parameters(network, own);
  Part part;
  part.parameters = parameters_.size();
  part.stem = [stem = adapters_of(place)](const std::string& suffix) { return stem + suffix; };
  part.write = [&network, names, comfyui, sigma_max, stem = part.stem](const fs::path& folder,
                                                                       const std::string& suffix) {
    const auto save = [&](const std::string& form, nn::LoraForm as) {
      nn::save_lora(network, folder / (stem(suffix) + form + kEnding), as, names, sigma_max);
    };
    save("", nn::LoraForm::kDiffusers);
    if (comfyui) save("_comfyui", nn::LoraForm::kComfyUi);
  };
  part.name_in_file = [own, prefix = names.prefix](const std::string& parameter) {
    return prefix + parameter.substr(own.size());
  };
  parts_.push_back(std::move(part));
}

TrainedFiles TrainedFiles::of_adapters(const std::vector<models::Component>& networks, bool comfyui,
                                       const std::vector<nn::SigmaMax>& sigma_max) {
  TrainedFiles all;
  for (size_t i = 0; i < networks.size(); ++i) {
    if (nn::adapters_of(*networks[i].root).empty()) continue;
    TrainedFiles one(*networks[i].root, networks[i].names, comfyui, i,
                     sigma_max.empty() ? nn::SigmaMax() : sigma_max.at(i));
    std::move(one.parts_.begin(), one.parts_.end(), std::back_inserter(all.parts_));
    std::move(one.parameters_.begin(), one.parameters_.end(), std::back_inserter(all.parameters_));
  }
  return all;
}

TrainedFiles TrainedFiles::of_weights(const nn::TrainableSet& trained, const std::string& name,
                                      const fs::path& config) {
  TrainedFiles files;
  Part part;
  const std::string prefix = name + ".";
  std::vector<size_t> slots;
  for (size_t i = 0; i < trained.parameters().size(); ++i) {
    if (!trained.parameters()[i].first.starts_with(prefix)) continue;
    slots.push_back(i);
    files.parameters_.push_back(trained.parameters()[i]);
  }
  part.parameters = files.parameters_.size();
  part.stem = [name](const std::string& suffix) { return name + suffix + "/diffusion_pytorch_model"; };
  part.name_in_file = [prefix](const std::string& parameter) { return parameter.substr(prefix.size()); };
  part.write = [&trained, slots, name, json = read_file(config), stem = part.stem,
                in_file = part.name_in_file](const fs::path& folder, const std::string& suffix) {
    std::error_code ec;
    fs::create_directories(folder / (name + suffix), ec);
    if (ec) fail(ErrorKind::kResources, folder / (name + suffix), ": cannot be made (", ec.message(), ")");
    const auto values = trained.standing(nn::TrainableSet::Take::kDetached);
    std::vector<std::pair<std::string, at::Tensor>> tensors;
    for (const size_t i : slots) tensors.emplace_back(in_file(trained.parameters()[i].first), values[i]);
    write_safetensors(folder / (stem(suffix) + kEnding), tensors, {{"format", "pt"}});
    write_file_atomically(folder / (name + suffix) / "config.json", json);
  };
  files.parts_.push_back(std::move(part));
  return files;
}

void TrainedFiles::keep(const nn::TrainableSet& trained, const Average& average) {
  trained_ = &trained;
  average_ = &average;
}

void TrainedFiles::write(const fs::path& folder) const {
  for (const Part& part : parts_) part.write(folder, "");
  if (!average_) return;
  const auto scope = trained_->with(average_->values());
  for (const Part& part : parts_) part.write(folder, kAverage);
}

void TrainedFiles::read(StateVisitor& v) const {
  const auto into = [&](const std::string& suffix, const auto& value_of) {
    size_t i = 0;
    for (const Part& part : parts_) {
      v.file(part.stem(suffix));
      for (const size_t end = i + part.parameters; i < end; ++i) {
        at::Tensor value = value_of(i);  // the same storage
        v(part.name_in_file(parameters_[i].first), value);
      }
    }
  };
  into("", [&](size_t i) { return parameters_[i].second; });
  if (average_) into(kAverage, [&](size_t i) { return average_->values().at(i); });
}

std::vector<fs::path> TrainedFiles::main_files(const fs::path& folder) {
  std::vector<fs::path> files;
  for (size_t place = 0; place < kMostNetworks; ++place) {
    fs::path file = folder / (adapters_of(place) + kEnding);
    if (is_there(file)) files.push_back(std::move(file));
  }
  if (is_there(folder / kWeights)) files = {folder / kWeights};
  return files;
}

}  // namespace drf::run
