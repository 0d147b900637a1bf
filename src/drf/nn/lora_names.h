#pragma once
// Which layer, and which half of its pair, a tensor of an adapter file means. Trainers agree on neither:
// prefixes, separators and suffixes differ (docs/lora.md has the table). A name is taken apart from both
// ends; what remains must be a layer of the model, under its own name or the original code's.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "drf/nn/lora_file.h"
#include "drf/tensor/safetensors.h"

namespace drf::nn {

/// The tensors that a file has for one layer.
struct LayerTensors {
  std::string A, B, alpha;  ///< tensor names, "" if absent
};

/// What the names of a file say.
struct AdapterNames {
  std::map<std::string, LayerTensors> layers;  ///< by the layer's path in the model
  bool from_peft = false;       ///< names start with "base_model.model.": alpha lies in adapter_config.json
  bool kohya_suffixes = false;  ///< lora_down and lora_up, not lora_A and lora_B
};

/// Sorts the tensors of `file` by layer. `paths` are the model's linear layers. Throws Error(kInput) naming
/// file and tensor: a layer the model lacks (near names), text encoders and image-conditioned layers by name,
/// a layer that two names stand for, several adapters in one file, what is no plain low-rank pair (LoHa,
/// LoKr, DoRA, OFT, biases, full differences) by its name, no adapter at all.
AdapterNames read_adapter_names(const SafetensorsFile& file, const std::vector<std::string>& paths,
                                const LayerNames& names);

}  // namespace drf::nn
