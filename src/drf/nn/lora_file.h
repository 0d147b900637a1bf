#pragma once
// Adapters in files, in two forms.
// - diffusers (0.42, save_lora_weights / load_lora_weights): PREFIX + "." + path + ".lora_A.weight" and
//   ".lora_B.weight"; alpha in the metadata entry "lora_adapter_metadata", which is PEFT's LoraConfig as JSON
//   with the same prefix.
// - ComfyUI: "diffusion_model." + the original model's name for the layer + ".lora_down.weight",
//   ".lora_up.weight" and ".alpha" (a scalar). These names differ from model to model: see LayerNames.

#include <filesystem>
#include <functional>
#include <string>

#include "drf/nn/module.h"

namespace drf::nn {

/// How files call the layers of one model. The functions return "" for a name that has no counterpart.
struct LayerNames {
  std::function<std::string(const std::string& path)> to_comfyui;
  std::function<std::string(const std::string& name)> from_comfyui;
  std::string prefix = "transformer";  ///< of the diffusers form: the model's name in its pipeline
};

enum class LoraForm { kDiffusers, kComfyUi };

/// Writes the model's adapters atomically, in their own dtype (float32; float64 for a float64 model).
/// `names` is needed for kComfyUi. Throws Error(kResources) when the file cannot be written, Error(kInput)
/// for a layer ComfyUI has no name for.
void save_lora(Module& model, const std::filesystem::path& file, LoraForm form = LoraForm::kDiffusers,
               const LayerNames& names = {});

/// Replaces the model's adapters by those of a file: the diffusers form, with or without metadata or prefix,
/// or the ComfyUI form; either pair of suffixes is taken in both. Ranks may differ from layer to layer. Alpha
/// is the layer's ".alpha" tensor if there is one, else the metadata's, else the rank. Adapters become leaves
/// with gradient on the weight's device, at strength 1: float64 for a float64 layer, else float32. The model
/// is unchanged if anything is wrong. Returns how many layers got an adapter.
/// Throws Error(kInput) naming file and tensor: a layer the model lacks (near names), one half of a pair
/// missing, shapes that do not fit the layer or each other, tensors that are no low-rank pair (biases, DoRA,
/// full differences), no adapter at all, unreadable metadata, ComfyUI's names for a model without `names`.
int64_t load_lora(Module& model, const std::filesystem::path& file, const LayerNames& names = {});

}  // namespace drf::nn
