#include "drf/nn/lora_file.h"

#include <ATen/ATen.h>

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <regex>
#include <set>
#include <utility>
#include <vector>

#include "drf/base/error.h"
#include "drf/base/nearest.h"
#include "drf/nn/lora.h"
#include "drf/tensor/precision.h"
#include "drf/tensor/safetensors.h"

namespace drf::nn {
namespace {

using nlohmann::json;

const std::string kComfyPrefix = "diffusion_model.";
const std::string kMetadataKey = "lora_adapter_metadata";

bool starts_with(const std::string& text, const std::string& start) { return text.rfind(start, 0) == 0; }

// "a.b.lora_A.weight" -> "a.b" for suffix ".lora_A.weight".
std::optional<std::string> without_suffix(const std::string& text, const std::string& suffix) {
  if (text.size() <= suffix.size() || text.compare(text.size() - suffix.size(), suffix.size(), suffix) != 0)
    return {};
  return text.substr(0, text.size() - suffix.size());
}

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

// What the metadata says about alpha, by PEFT's rules.
class AlphaRule {
 public:
  AlphaRule(const SafetensorsFile& file, const std::string& prefix) : where_(file.path().string()) {
    const auto entry = file.metadata().find(kMetadataKey);
    if (entry == file.metadata().end()) return;
    const json all = json::parse(entry->second, nullptr, /*allow_exceptions=*/false);
    if (!all.is_object())
      fail(ErrorKind::kInput, where_, ": metadata '", kMetadataKey, "' is not a JSON object");
    for (const auto& [key, value] : all.items()) {
      if (starts_with(key, prefix)) config_[key.substr(prefix.size())] = value;
    }
    for (const char* unsupported : {"use_dora", "lora_bias", "use_qalora", "fan_in_fan_out"}) {
      if (config_.value(unsupported, json(false)) == json(true)) {
        fail(ErrorKind::kInput, where_, ": the adapters use ", unsupported,
             ", which is not supported; wanted plain LoRA");
      }
    }
  }

  // Alpha times what "rank-stabilised" scaling would add, so that scale = result / rank.
  double alpha(const std::string& path, int64_t rank) const {
    double alpha =
        has("lora_alpha") ? to_number(config_["lora_alpha"], "lora_alpha") : static_cast<double>(rank);
    if (has("alpha_pattern") && config_["alpha_pattern"].is_object()) {
      for (const auto& [pattern, value] : config_["alpha_pattern"].items()) {
        if (!matches(pattern, path)) continue;
        alpha = to_number(value, "alpha_pattern");
        break;
      }
    }
    const bool stabilised = config_.value("use_rslora", json(false)) == json(true);
    return stabilised ? alpha * std::sqrt(static_cast<double>(rank)) : alpha;
  }

 private:
  bool has(const char* key) const { return config_.contains(key) && !config_[key].is_null(); }

  double to_number(const json& value, const char* key) const {
    if (!value.is_number())
      fail(ErrorKind::kInput, where_, ": metadata: ", key, " is ", value.dump(), ", wanted a number");
    return value.get<double>();
  }

  bool matches(const std::string& pattern, const std::string& path) const {
    try {
      return std::regex_match(path, std::regex("(.*\\.)?(" + pattern + ")"));
    } catch (const std::regex_error&) {
      fail(ErrorKind::kInput, where_, ": metadata: alpha_pattern holds '", pattern,
           "', which is no regular expression");
    }
  }

  std::string where_;
  json config_ = json::object();
};

// The tensors of one layer as the file has them.
struct Halves {
  std::string A, B, alpha;  // tensor names, "" if absent
};

// layer name in the file (prefix cut) -> its tensors
std::map<std::string, Halves> collect(const SafetensorsFile& file, const std::string& prefix) {
  std::map<std::string, Halves> layers;
  for (const auto& [name, entry] : file.entries()) {
    if (!starts_with(name, prefix)) {
      fail(ErrorKind::kInput, file.path(), ": tensor '", name, "' is not under '", prefix,
           "' like the others; adapters of text encoders are not supported");
    }
    const std::string cut = name.substr(prefix.size());
    auto set = [&](const char* suffix, std::string Halves::*half) {
      const auto layer = without_suffix(cut, suffix);
      if (layer) layers[*layer].*half = name;
      return layer.has_value();
    };
    if (set(".lora_A.weight", &Halves::A) || set(".lora_down.weight", &Halves::A) ||
        set(".lora_B.weight", &Halves::B) || set(".lora_up.weight", &Halves::B) ||
        set(".alpha", &Halves::alpha)) {
      continue;
    }
    fail(ErrorKind::kInput, file.path(), ": tensor '", name,
         "' is no part of a low-rank pair (wanted names that end in .lora_A.weight, .lora_B.weight, "
         ".lora_down.weight, "
         ".lora_up.weight or .alpha)");
  }
  if (layers.empty()) fail(ErrorKind::kInput, file.path(), ": holds no adapters");
  return layers;
}

struct LoadedAdapter {
  Linear* linear;
  at::Tensor A, B;
  double scale;
};

LoadedAdapter read_layer(const SafetensorsFile& file, const Halves& halves, const NamedLinear& layer,
                         const AlphaRule& rule) {
  if (halves.A.empty() || halves.B.empty()) {
    const std::string& present = !halves.A.empty() ? halves.A : !halves.B.empty() ? halves.B : halves.alpha;
    fail(ErrorKind::kInput, file.path(), ": tensor '", present,
         "' has no partner; wanted both halves of the pair");
  }
  const at::Tensor& weight = layer.linear->weight();
  const auto& A_shape = file.entries().at(halves.A).shape;
  const auto& B_shape = file.entries().at(halves.B).shape;
  if (A_shape.size() != 2 || A_shape[0] < 1 || A_shape[1] != weight.size(1)) {
    fail(ErrorKind::kInput, file.path(), ": tensor '", halves.A, "' has shape ", A_shape, ", wanted [rank, ",
         weight.size(1), "] for layer ", layer.path, "; are the adapters of another size of model?");
  }
  const int64_t rank = A_shape[0];
  if (B_shape != std::vector<int64_t>{weight.size(0), rank}) {
    fail(ErrorKind::kInput, file.path(), ": tensor '", halves.B, "' has shape ", B_shape, ", wanted [",
         weight.size(0), ", ", rank, "] for layer ", layer.path);
  }
  for (const std::string& name : {halves.A, halves.B}) {
    if (!at::isFloatingType(file.entries().at(name).dtype)) {
      fail(ErrorKind::kInput, file.path(), ": tensor '", name, "' is ",
           safetensors_dtype_name(file.entries().at(name).dtype), ", wanted floating point");
    }
  }
  double alpha = 0;
  if (halves.alpha.empty()) {
    alpha = rule.alpha(layer.path, rank);
  } else {
    const at::Tensor value = file.get(halves.alpha);
    if (value.numel() != 1)
      fail(ErrorKind::kInput, file.path(), ": tensor '", halves.alpha, "' is no single number");
    alpha = value.to(at::kDouble).item<double>();
  }
  const auto options = weight.options().dtype(at_least_float(weight.scalar_type())).requires_grad(false);
  const auto leaf = [&](const std::string& name) {
    return file.get(name).to(options, /*non_blocking=*/false, /*copy=*/true).set_requires_grad(true);
  };
  return {layer.linear, leaf(halves.A), leaf(halves.B), alpha / static_cast<double>(rank)};
}

}  // namespace

void save_lora(Module& model, const std::filesystem::path& file, LoraForm form, const LayerNames& names) {
  const auto adapters = adapters_of(model);
  DRF_CHECK(!adapters.empty(), "the model has no adapters to save");
  std::vector<std::pair<std::string, at::Tensor>> tensors;
  std::map<std::string, std::string> metadata = {{"format", "pt"}};
  if (form == LoraForm::kDiffusers) {
    tensors = lora_parameters(model, names.prefix);
    for (auto& [name, tensor] : tensors) tensor = tensor.detach();
    metadata[kMetadataKey] = diffusers_metadata(adapters, names.prefix);
  } else {
    DRF_CHECK(names.to_comfyui, "ComfyUI's names are needed");
    // No lora_adapter_metadata here: diffusers would apply its alpha on top of the tensors'.
    for (const NamedLinear& layer : adapters) {
      const std::string name = names.to_comfyui(layer.path);
      if (name.empty()) fail(ErrorKind::kInput, file, ": ComfyUI has no name for layer ", layer.path);
      tensors.emplace_back(kComfyPrefix + name + ".lora_down.weight", layer.linear->lora_A().detach());
      tensors.emplace_back(kComfyPrefix + name + ".lora_up.weight", layer.linear->lora_B().detach());
      tensors.emplace_back(kComfyPrefix + name + ".alpha", at::scalar_tensor(alpha_of(layer), at::kFloat));
    }
  }
  write_safetensors(file, tensors, metadata);
}

int64_t load_lora(Module& model, const std::filesystem::path& path, const LayerNames& names) {
  const SafetensorsFile file(path);
  const std::string own = names.prefix + ".";
  std::string prefix;
  for (const auto& [name, entry] : file.entries()) {
    if (starts_with(name, kComfyPrefix)) prefix = kComfyPrefix;
    if (prefix.empty() && starts_with(name, own)) prefix = own;
  }
  const bool is_comfy = prefix == kComfyPrefix;
  if (is_comfy && !names.from_comfyui) {
    fail(ErrorKind::kInput, path, ": the adapters have ComfyUI's names, which are not known for this model");
  }
  const AlphaRule rule(file, is_comfy ? own : prefix);

  std::map<std::string, NamedLinear> layers;
  std::vector<std::string> known;
  for (const NamedLinear& layer : linears_of(model)) {
    layers.emplace(layer.path, layer);
    known.push_back(layer.path);
  }
  std::vector<LoadedAdapter> loaded;
  std::set<std::string> seen;
  for (const auto& [name, halves] : collect(file, prefix)) {
    const std::string layer = is_comfy ? names.from_comfyui(name) : name;
    const auto found = layers.find(layer);
    if (found == layers.end()) {
      const auto close = nearest(layer.empty() ? name : layer, known, 2);
      fail(ErrorKind::kInput, path, ": there is no linear layer '", name, "' in this model",
           close.empty() ? "" : concat("; near names are ", close), "; are the adapters of another model?");
    }
    if (!seen.insert(layer).second) fail(ErrorKind::kInput, path, ": layer '", layer, "' has two adapters");
    loaded.push_back(read_layer(file, halves, found->second, rule));
  }
  detach_lora(model);
  for (LoadedAdapter& adapter : loaded) {
    adapter.linear->set_lora(adapter.A, adapter.B, adapter.scale);
    adapter.linear->set_lora_strength(1);
  }
  return static_cast<int64_t>(loaded.size());
}

}  // namespace drf::nn
