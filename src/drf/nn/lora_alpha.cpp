#include "drf/nn/lora_alpha.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <set>
#include <vector>

#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/base/json.h"
#include "drf/base/letters.h"
#include "drf/base/log.h"
#include "drf/base/pattern.h"

namespace drf::nn {
namespace {

using nlohmann::ordered_json;
namespace fs = std::filesystem;

constexpr size_t kMostPatterns = 10'000;  // more than any model has layers
constexpr double kMostSeconds = 5;  // of this process's time for all patterns; plain names take a millisecond
constexpr double kPeftDefault = 8;  // of lora_alpha and of r in PEFT's LoraConfig

// Keys of a LoraConfig that ask for something else than two matrices a layer, when they are set.
constexpr const char* kUnsupported[] = {
    "use_dora",          "lora_bias",  "use_qalora",   "fan_in_fan_out",          "layer_replication",
    "target_parameters", "use_bdlora", "arrow_config", "alora_invocation_tokens", "trainable_token_indices"};
// Keys by which a LoraConfig in metadata is known, whatever stands before them.
constexpr const char* kConfigKeys[] = {"lora_alpha",     "r",          "alpha_pattern",    "rank_pattern",
                                       "use_dora",       "use_rslora", "lora_bias",        "peft_type",
                                       "target_modules", "bias",       "init_lora_weights"};
// What tools put before a transformer's keys; anything else is another network's.
const std::set<std::string> kTransformers = {
    "", "transformer.", "diffusion_model.", "base_model.model.", "model.", "unet.", "dit."};

bool is_set(const ordered_json& value) {
  return !(value.is_null() || value == false || (value.is_array() && value.empty()) ||
           (value.is_object() && value.empty()));
}

}  // namespace

AlphaRule::AlphaRule(const SafetensorsFile& file, const AdapterNames& names, const std::string& prefix)
    : file_(file) {
  read_metadata(prefix);
  const fs::path beside = file.path().parent_path() / "adapter_config.json";
  const bool peft_file = file.path().filename().string().starts_with("adapter_model");
  if (config_.is_null() && (names.from_peft || peft_file)) {
    std::error_code ec;
    if (fs::exists(beside, ec)) {
      std::string problem;
      const ordered_json config = parse_ordered_json(read_file(beside), problem);
      if (!config.is_object())
        fail(ErrorKind::kInput, beside, ": not a JSON object", problem.empty() ? "" : ": ", problem);
      take_config(config, beside.string());
    } else if (names.from_peft) {
      fail(ErrorKind::kInput, file.path(),
           ": its names are PEFT's, which keeps alpha in adapter_config.json; ",
           "that file is not beside it: put it there, or give PEFT's folder");
    }
  }
  states_alpha_ =
      !config_.is_null() || std::any_of(names.layers.begin(), names.layers.end(),
                                        [](const auto& layer) { return !layer.second.alpha.empty(); });
  if (!states_alpha_) refuse_other_places(names);
}

void AlphaRule::read_metadata(const std::string& own) {
  const auto entry = file_.metadata().find(kLoraMetadataKey);
  if (entry == file_.metadata().end()) return;
  const std::string where = concat(file_.path(), ": metadata '", kLoraMetadataKey, "'");
  std::string problem;
  const ordered_json all = parse_ordered_json(entry->second, problem);
  if (!all.is_object())
    fail(ErrorKind::kInput, where, " is not a JSON object", problem.empty() ? "" : ": ", problem);
  std::set<std::string> prefixes;
  for (const auto& [key, value] : all.items()) {
    for (const char* known : kConfigKeys) {
      if (key == known) prefixes.insert("");
      if (key.ends_with(concat(".", known)))
        prefixes.insert(key.substr(0, key.size() - std::string(known).size()));
    }
  }
  std::vector<std::string> fitting;
  for (const std::string& prefix : prefixes) {
    if (prefix == own || kTransformers.contains(prefix)) fitting.push_back(prefix);
  }
  if (prefixes.contains(own)) fitting = {own};
  if (prefixes.empty()) return;
  if (fitting.size() != 1) {
    fail(ErrorKind::kInput, where, " describes ", fitting.empty() ? "another network" : "several networks",
         " ('", fitting.empty() ? *prefixes.begin() : fitting.front(), "'), wanted keys that begin with '",
         own, "'");
  }
  ordered_json config = ordered_json::object();
  for (const auto& [key, value] : all.items()) {
    if (key.starts_with(fitting.front())) config[key.substr(fitting.front().size())] = value;
  }
  take_config(config, where);
}

void AlphaRule::take_config(const ordered_json& config, const std::string& where) {
  config_ = config;
  config_where_ = where;
  for (const char* key : kUnsupported) {
    if (has(key) && is_set(config_[key])) {
      fail(ErrorKind::kInput, where, ": the adapters use ", key,
           ", which is not supported; wanted plain LoRA");
    }
  }
  const auto text = [&](const char* key, const char* fallback) {
    return has(key) && config_[key].is_string() ? config_[key].get<std::string>() : std::string(fallback);
  };
  if (const std::string type = text("peft_type", "LORA"); type != "LORA")
    fail(ErrorKind::kInput, where, ": the adapters are ", type,
         ", which is not supported; wanted plain LoRA");
  if (const std::string bias = text("bias", "none"); bias != "none")
    fail(ErrorKind::kInput, where, ": bias is \"", bias, "\", which is not supported; wanted \"none\"");
  // These change the base model's weights before training, so that the adapters fit no other base.
  const std::string start = text("init_lora_weights", "");
  for (const char* changed : {"pissa", "olora", "corda", "loftq", "lora_ga"}) {
    if (start.starts_with(changed)) {
      fail(ErrorKind::kInput, where, ": init_lora_weights is \"", start,
           "\", which changes the base model's ",
           "weights; save the adapters with PEFT's path_initial_model_for_weight_conversion first");
    }
  }
  alpha_patterns_ = read_patterns("alpha_pattern");
  rank_patterns_ = read_patterns("rank_pattern");
}

double AlphaRule::to_number(const ordered_json& value, const char* key) const {
  if (!value.is_number())
    fail(ErrorKind::kInput, config_where_, ": ", key, " is ", value.dump(), ", wanted a number");
  return value.get<double>();
}

std::vector<AlphaRule::Entry> AlphaRule::read_patterns(const char* key) const {
  std::vector<Entry> patterns;
  if (!has(key)) return patterns;
  if (!config_[key].is_object())
    fail(ErrorKind::kInput, config_where_, ": ", key, " is ", config_[key].dump(), ", wanted an object");
  if (config_[key].size() > kMostPatterns)
    fail(ErrorKind::kInput, config_where_, ": ", key, " has ", config_[key].size(),
         " entries, wanted at most ", kMostPatterns);
  for (const auto& [expression, value] : config_[key].items()) {
    patterns.push_back(
        {Pattern("(?:.*\\.)?(?:" + expression + ")", concat(config_where_, ": ", key), expression),
         to_number(value, key)});
  }
  return patterns;
}

std::optional<double> AlphaRule::from_patterns(const std::vector<Entry>& patterns,
                                               const std::string& layer) const {
  std::optional<double> value;
  const std::clock_t start = std::clock();
  for (const Entry& entry : patterns) {
    if (entry.pattern.matches_whole(layer)) {
      value = entry.value;
      break;
    }
    if (spent_ + (std::clock() - start) > kMostSeconds * CLOCKS_PER_SEC)
      fail(ErrorKind::kInput, config_where_, ": its patterns take too long; wanted the layers' plain names");
  }
  spent_ += static_cast<double>(std::clock() - start);
  return value;
}

double AlphaRule::checked(double alpha, const std::string& where) const {
  if (!std::isfinite(alpha) || alpha <= 0)
    fail(ErrorKind::kInput, where, " is ", alpha, ", wanted a finite number above 0");
  return alpha;
}

std::optional<double> AlphaRule::from_config(const std::string& layer, int64_t rank) const {
  if (config_.is_null()) return {};
  if (has("r")) {
    const double stated = from_patterns(rank_patterns_, layer).value_or(to_number(config_["r"], "r"));
    if (stated != static_cast<double>(rank)) {
      fail(ErrorKind::kInput, config_where_, ": gives layer '", layer, "' rank ", stated,
           ", but its tensors have ", rank, "; does it belong to another file?");
    }
  }
  const double general = has("lora_alpha") ? to_number(config_["lora_alpha"], "lora_alpha") : kPeftDefault;
  const double alpha = checked(from_patterns(alpha_patterns_, layer).value_or(general),
                               concat(config_where_, ": alpha of '", layer, "'"));
  const bool stabilised = has("use_rslora") && config_["use_rslora"] == true;
  return stabilised ? alpha * std::sqrt(static_cast<double>(rank)) : alpha;
}

double AlphaRule::from_tensor(const std::string& tensor) const {
  const at::Tensor value = file_.get(tensor);
  if (value.numel() != 1 || value.is_complex())
    fail(ErrorKind::kInput, file_.path(), ": tensor '", tensor, "' is no single number");
  return checked(value.reshape({}).to(at::kDouble).item<double>(),
                 concat(file_.path(), ": tensor '", tensor, "'"));
}

std::optional<double> AlphaRule::alpha(const std::string& layer, const LayerTensors& tensors,
                                       int64_t rank) const {
  const std::optional<double> stated = from_config(layer, rank);
  if (tensors.alpha.empty()) return stated;
  const double own = from_tensor(tensors.alpha);
  // A half-precision tensor rounds by 1/256 at most.
  if (stated && std::abs(own - *stated) > 4e-3 * std::abs(*stated)) {
    fail(ErrorKind::kInput, file_.path(), ": layer '", layer, "' has two alphas, ", own, " in tensor '",
         tensors.alpha, "' and ", *stated, " by ", config_where_, "; remove the wrong one");
  }
  return own;
}

void AlphaRule::refuse_other_places(const AdapterNames& names) const {
  for (const auto& [key, value] : file_.metadata()) {
    if (key == kLoraMetadataKey) continue;
    // An alpha that equals every layer's rank is what is taken anyway.
    char* end = nullptr;
    const double number = std::strtod(value.c_str(), &end);
    const bool is_rank = !value.empty() && *end == '\0' &&
                         std::all_of(names.layers.begin(), names.layers.end(), [&](const auto& layer) {
                           const auto found = file_.entries().find(layer.second.A);
                           return found != file_.entries().end() && !found->second.shape.empty() &&
                                  static_cast<double>(found->second.shape[0]) == number;
                         });
    const bool says =
        lower(key).find("alpha") != std::string::npos || value.find("lora_alpha") != std::string::npos;
    if (is_rank || !says || value == "None") continue;
    // Tools that turn kohya's names into lora_A and lora_B (musubi-tuner's convert_lora) multiply alpha into
    // the weights and keep the metadata of before.
    if (key == "ss_network_alpha" && !names.kohya_suffixes) {
      log_warning("lora", file_.path(), ": metadata says ss_network_alpha ", value,
                  ", which is not applied: converters to lora_A and lora_B multiply alpha into the weights");
      continue;
    }
    fail(ErrorKind::kInput, file_.path(), ": metadata '", key, "' speaks of alpha (", value.substr(0, 40),
         "), but there is no .alpha tensor and no ", kLoraMetadataKey,
         "; whether it is in the weights cannot be seen: add the .alpha tensors, or remove that entry if it "
         "is");
  }
}

}  // namespace drf::nn
