#include "drf/nn/lora_file.h"

#include <ATen/ATen.h>

#include <charconv>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "drf/base/error.h"
#include "drf/base/log.h"
#include "drf/base/printable.h"
#include "drf/nn/lora.h"
#include "drf/nn/lora_alpha.h"
#include "drf/nn/lora_names.h"
#include "drf/tensor/precision.h"
#include "drf/tensor/safetensors.h"

namespace drf::nn {
namespace {

using nlohmann::json;

// Of the metadata: LayerNames::network.
const std::string kNetworkKey = "drf_network";
// SigmaMax, a decimal number.
const std::string kSigmaMaxKey = "drf_sigma_max";
const std::string kComfyPrefix = "diffusion_model.";

double alpha_of(const NamedLinear& layer) {
  return layer.linear->lora_scale() * static_cast<double>(layer.linear->lora_A().size(0));
}

// A whole number is written without a fraction, as PEFT's integers are.
json number(double value) {
  return value == std::floor(value) && std::abs(value) < 1e15 ? json(static_cast<int64_t>(value))
                                                              : json(value);
}

// The most frequent value, the smaller one of two equally frequent.
template <typename T>
T most_common(const std::vector<T>& values) {
  std::map<T, int64_t> counts;
  for (const T& value : values) ++counts[value];
  return std::max_element(counts.begin(), counts.end(),
                          [](const auto& a, const auto& b) { return a.second < b.second; })
      ->first;
}

// PEFT's LoraConfig.to_dict() as far as it says something; absent keys mean the default in every version of
// PEFT. Every layer is named in full, so that the targets match nothing else.
std::string diffusers_metadata(const std::vector<NamedLinear>& adapters, const std::string& prefix) {
  std::vector<int64_t> ranks;
  std::vector<double> alphas;
  for (const NamedLinear& layer : adapters) {
    ranks.push_back(layer.linear->lora_A().size(0));
    alphas.push_back(alpha_of(layer));
  }
  const int64_t rank = most_common(ranks);
  const double alpha = most_common(alphas);
  json paths = json::array(), rank_pattern = json::object(), alpha_pattern = json::object();
  for (size_t i = 0; i < adapters.size(); ++i) {
    paths.push_back(adapters[i].path);
    // "^": the whole path, not an end that another layer may share.
    if (ranks[i] != rank) rank_pattern["^" + adapters[i].path] = ranks[i];
    if (alphas[i] != alpha) alpha_pattern["^" + adapters[i].path] = number(alphas[i]);
  }
  const json config = {{"r", rank},
                       {"lora_alpha", number(alpha)},
                       {"rank_pattern", rank_pattern},
                       {"alpha_pattern", alpha_pattern},
                       {"target_modules", paths},
                       {"lora_dropout", 0.0},
                       {"bias", "none"},
                       {"fan_in_fan_out", false},
                       {"init_lora_weights", true},
                       {"use_dora", false},
                       {"use_rslora", false},
                       {"peft_type", "LORA"}};
  json prefixed = json::object();
  for (const auto& [key, value] : config.items()) prefixed[prefix + "." + key] = value;
  return prefixed.dump(2);
}

struct LoadedAdapter {
  Linear* linear;
  at::Tensor A, B;
  double scale;
};

LoadedAdapter read_layer(const SafetensorsFile& file, const LayerTensors& tensors, const NamedLinear& layer,
                         const AlphaRule& rule, const std::optional<double>& silent_alpha) {
  if (tensors.A.empty() || tensors.B.empty()) {
    const std::string& present = !tensors.A.empty()   ? tensors.A
                                 : !tensors.B.empty() ? tensors.B
                                                      : tensors.alpha;
    fail(ErrorKind::kInput, file.path(), ": tensor '", present,
         "' has no partner; wanted both halves of the pair");
  }
  const at::Tensor& weight = layer.linear->weight();
  const auto& A_shape = file.entries().at(tensors.A).shape;
  const auto& B_shape = file.entries().at(tensors.B).shape;
  if (A_shape.size() != 2 || A_shape[0] < 1 || A_shape[1] != weight.size(1)) {
    fail(ErrorKind::kInput, file.path(), ": tensor '", tensors.A, "' has shape ", A_shape, ", wanted [rank, ",
         weight.size(1), "] for layer ", layer.path, "; are the adapters of another size of model?");
  }
  const int64_t rank = A_shape[0];
  if (B_shape != std::vector<int64_t>{weight.size(0), rank}) {
    fail(ErrorKind::kInput, file.path(), ": tensor '", tensors.B, "' has shape ", B_shape, ", wanted [",
         weight.size(0), ", ", rank, "] for layer ", layer.path);
  }
  const auto options = weight.options().dtype(at_least_float(weight.scalar_type())).requires_grad(false);
  const auto leaf = [&](const std::string& name) {
    const TensorEntry& entry = file.entries().at(name);
    if (!at::isFloatingType(entry.dtype) || c10::elementSize(entry.dtype) < 2) {
      fail(ErrorKind::kInput, file.path(), ": tensor '", name, "' is ", entry.dtype_name,
           ", wanted floating point of 16 bits or more");
    }
    at::Tensor values = file.get(name).to(options, /*non_blocking=*/false, /*copy=*/true);
    if (!values.is_meta() && !values.isfinite().all().item<bool>())
      fail(ErrorKind::kInput, file.path(), ": tensor '", name, "' holds values that are not finite");
    return values.set_requires_grad(true);
  };
  // A layer about which nothing is said has the rank, as diffusers takes it; the caller's alpha is for a file
  // that says nothing at all: where others have theirs, this one's is in its weights.
  const double unsaid =
      rule.states_alpha() ? static_cast<double>(rank) : silent_alpha.value_or(static_cast<double>(rank));
  const double alpha = rule.alpha(layer.path, tensors, rank).value_or(unsaid);
  return {layer.linear, leaf(tensors.A), leaf(tensors.B), alpha / static_cast<double>(rank)};
}

SigmaMax sigma_max_of(const SafetensorsFile& file) {
  const auto found = file.metadata().find(kSigmaMaxKey);
  if (found == file.metadata().end()) return {};
  const std::string& text = found->second;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !(value > 0 && value <= 1)) {
    fail(ErrorKind::kInput, file.path(), ": metadata ", kSigmaMaxKey, " is '", printable(text),
         "', wanted a number above 0 and at most 1");
  }
  return value;
}

std::vector<std::string> paths_of(const std::vector<NamedLinear>& layers) {
  std::vector<std::string> paths;
  for (const NamedLinear& layer : layers) paths.push_back(layer.path);
  return paths;
}

}  // namespace

void save_lora(Module& model, const std::filesystem::path& file, LoraForm form, const LayerNames& names,
               const SigmaMax& sigma_max) {
  const auto adapters = adapters_of(model);
  DRF_CHECK(!adapters.empty(), "the model has no adapters to save");
  std::vector<std::pair<std::string, at::Tensor>> tensors;
  std::map<std::string, std::string> metadata = {{"format", "pt"}};
  if (!names.network.empty()) metadata[kNetworkKey] = names.network;
  if (sigma_max) metadata[kSigmaMaxKey] = number(*sigma_max).dump();
  if (form == LoraForm::kDiffusers) {
    tensors = lora_parameters(model, names.prefix);
    for (auto& [name, tensor] : tensors) tensor = tensor.detach();
    metadata[kLoraMetadataKey] = diffusers_metadata(adapters, names.prefix);
  } else {
    DRF_CHECK(names.to_comfyui && names.alpha_in_comfyui, "ComfyUI's names are needed");
    // No lora_adapter_metadata here: diffusers would apply its alpha on top of the tensors'.
    for (const NamedLinear& layer : adapters) {
      const std::string name = names.to_comfyui(layer.path);
      if (name.empty()) fail(ErrorKind::kInput, file, ": ComfyUI has no name for layer ", layer.path);
      tensors.emplace_back(kComfyPrefix + name + ".lora_down.weight", layer.linear->lora_A().detach());
      // Where readers look for no alpha it is multiplied into the weights, which all of them take as the
      // same.
      const bool own_alpha = names.alpha_in_comfyui(layer.path);
      const at::Tensor up = layer.linear->lora_B().detach();
      tensors.emplace_back(kComfyPrefix + name + ".lora_up.weight",
                           own_alpha ? up : up * layer.linear->lora_scale());
      if (own_alpha)
        tensors.emplace_back(kComfyPrefix + name + ".alpha", at::scalar_tensor(alpha_of(layer), at::kFloat));
    }
  }
  write_safetensors(file, tensors, metadata);
}

std::filesystem::path adapter_file(const std::filesystem::path& given) {
  namespace fs = std::filesystem;
  if (!fs::is_directory(given)) return given;
  std::vector<fs::path> found;
  for (const char* name :
       {"adapter_model.safetensors", "pytorch_lora_weights.safetensors", "adapters.safetensors"}) {
    if (fs::exists(given / name)) found.push_back(given / name);
  }
  if (found.size() == 1) return found.front();
  if (found.size() > 1)
    fail(ErrorKind::kInput, given, ": holds ", found[0].filename(), " and ", found[1].filename(),
         "; give one of the files");
  if (fs::exists(given / "adapter_model.bin")) {
    fail(ErrorKind::kInput, given / "adapter_model.bin",
         ": is a PyTorch file (pickle); save the adapter with PEFT's "
         "save_pretrained(safe_serialization=True)");
  }
  fail(ErrorKind::kInput, given,
       ": is a folder without adapters (adapter_model.safetensors, pytorch_lora_weights.safetensors or ",
       "adapters.safetensors)");
}

void check_comfyui(Module& model, const LayerNames& names) {
  DRF_CHECK(names.to_comfyui && names.alpha_in_comfyui, "ComfyUI's names are needed");
  bool any_inside = false;
  for (const NamedLinear& layer : adapters_of(model)) {
    if (names.to_comfyui(layer.path).empty()) {
      fail(ErrorKind::kConfig, "output.comfyui: ComfyUI has no name for layer ", layer.path,
           "; take it out of lora.targets, or leave output.comfyui out");
    }
    any_inside = any_inside || names.alpha_in_comfyui(layer.path);
  }
  if (!any_inside) {
    fail(ErrorKind::kConfig,
         "output.comfyui: no layer of lora.targets lies in a block, and diffusers cannot read ",
         "such a file in ComfyUI's form; add a target (\"to_q\"), or leave output.comfyui out");
  }
}

LoadedLora load_lora(Module& model, const std::filesystem::path& path, const LayerNames& names,
                     const std::optional<double>& silent_alpha) {
  const SafetensorsFile file(adapter_file(path));
  const auto network = file.metadata().find(kNetworkKey);
  if (!names.network.empty() && network != file.metadata().end() && network->second != names.network) {
    fail(ErrorKind::kInput, file.path(), ": holds the adapters of ", printable(network->second), ", wanted ",
         names.network, "'s: give it in the other's place (--lora and --lora-2, lora.init_from and ",
         "lora.init_from_2)");
  }
  const SigmaMax sigma_max = sigma_max_of(file);
  const std::vector<NamedLinear> linears = linears_of(model);
  const AdapterNames found = read_adapter_names(file, paths_of(linears), names);
  const AlphaRule rule(file, found, names.prefix + ".");
  std::vector<LoadedAdapter> loaded;
  for (const NamedLinear& layer : linears) {
    const auto tensors = found.layers.find(layer.path);
    if (tensors != found.layers.end())
      loaded.push_back(read_layer(file, tensors->second, layer, rule, silent_alpha));
  }
  detach_lora(model);
  for (LoadedAdapter& adapter : loaded) {
    adapter.linear->set_lora(adapter.A, adapter.B, adapter.scale);
  }
  if (!rule.states_alpha() && !silent_alpha) {
    log_warning("lora", file.path(),
                ": says nothing about alpha; alpha = rank is taken (scale 1), as diffusers does");
  }
  return {static_cast<int64_t>(loaded.size()), sigma_max};
}

}  // namespace drf::nn
