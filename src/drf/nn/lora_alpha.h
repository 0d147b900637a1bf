#pragma once
// How strong an adapter is: its output is scaled by alpha / rank, and files keep alpha in many places. Read
// here: the
// ".alpha" tensor of a layer; PEFT's LoraConfig, as JSON in the file's metadata or as adapter_config.json
// beside it. Places that contradict each other, and places that speak of alpha but are not read, are refused:
// alpha is never guessed in silence.

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "drf/base/pattern.h"
#include "drf/nn/lora_names.h"
#include "drf/tensor/safetensors.h"

namespace drf::nn {

/// The entry of a file's metadata that holds PEFT's LoraConfig, as diffusers writes it.
inline constexpr const char* kLoraMetadataKey = "lora_adapter_metadata";

class AlphaRule {
 public:
  /// Reads what the file and, for one that PEFT saved (adapter_model.safetensors or names that start with
  /// base_model.model.), adapter_config.json say. `prefix` is the model's own ("transformer.").
  /// Throws Error(kInput) for metadata that is no JSON, that describes another network, or that asks for what
  /// is not plain LoRA (DoRA, other methods, biases, weights that the initialisation has changed); for PEFT's
  /// names without PEFT's config; for other metadata that names an alpha.
  AlphaRule(const SafetensorsFile& file, const AdapterNames& names, const std::string& prefix);

  /// True if a config or any layer's tensor states alpha: nothing is left to a convention.
  bool states_alpha() const { return states_alpha_; }

  /// Alpha of a layer, times what rank-stabilised scaling adds, so that scale = result / rank; nullopt if
  /// nothing is said. Throws Error(kInput) naming the places if they differ, if the config gives another
  /// rank, or for a number that is not finite and above 0.
  std::optional<double> alpha(const std::string& layer, const LayerTensors& tensors, int64_t rank) const;

 private:
  /// One of alpha_pattern or rank_pattern.
  struct Entry {
    Pattern pattern;
    double value;
  };
  void take_config(const nlohmann::ordered_json& config, const std::string& where);
  void read_metadata(const std::string& prefix);
  void refuse_other_places(const AdapterNames& names) const;
  std::optional<double> from_config(const std::string& layer, int64_t rank) const;
  double from_tensor(const std::string& tensor) const;
  /// The value of the first pattern that matches, as PEFT looks it up.
  std::optional<double> from_patterns(const std::vector<Entry>& patterns, const std::string& layer) const;
  std::vector<Entry> read_patterns(const char* key) const;
  bool has(const char* key) const { return config_.contains(key) && !config_[key].is_null(); }
  double to_number(const nlohmann::ordered_json& value, const char* key) const;
  double checked(double alpha, const std::string& where) const;

  const SafetensorsFile& file_;
  nlohmann::ordered_json config_;  ///< PEFT's LoraConfig; null if there is none
  std::string config_where_;
  std::vector<Entry> alpha_patterns_, rank_patterns_;  ///< in the file's order: the first that matches counts
  bool states_alpha_ = false;
  mutable double spent_ = 0;  ///< clock ticks in patterns
};

}  // namespace drf::nn
