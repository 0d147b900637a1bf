#pragma once
// Adapters in files, in two forms.
// - diffusers (0.42, save_lora_weights / load_lora_weights): PREFIX + "." + path + ".lora_A.weight" and
//   ".lora_B.weight"; alpha in the metadata entry "lora_adapter_metadata", which is PEFT's LoraConfig as JSON
//   with the same prefix.
// - ComfyUI: "diffusion_model." + the original model's name for the layer + ".lora_down.weight",
//   ".lora_up.weight" and ".alpha" (a scalar). These names differ from model to model: see LayerNames.

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "drf/nn/module.h"

namespace drf::nn {

/// How files call the layers of one model.
struct LayerNames {
  /// "" for a layer that ComfyUI has no name for.
  std::function<std::string(const std::string& path)> to_comfyui;
  /// Whether readers of ComfyUI's form look for a layer's ".alpha". Where they do not (diffusers' converter
  /// of Wan leaves it over outside the blocks, and raises), alpha is multiplied into the weights.
  std::function<bool(const std::string& path)> alpha_in_comfyui;
  std::string prefix = "transformer";  ///< of the diffusers form: the model's name in its pipeline
  /// Which of a generator's networks it is, for the metadata: files of two networks name the same layers.
  /// Empty where there is one.
  std::string network{};
};

enum class LoraForm { kDiffusers, kComfyUi };

/// The levels of noise at which adapters compute: where sigma is below this; absent: at all of them. Other
/// programs do not know it (docs/lora.md says what to do there); drf keeps it in the file's metadata.
using SigmaMax = std::optional<double>;

/// Writes the model's adapters atomically, in their own dtype (float32; float64 for a float64 model).
/// `names` is needed for kComfyUi. Throws Error(kResources) when the file cannot be written, Error(kInput)
/// for a layer ComfyUI has no name for.
void save_lora(Module& model, const std::filesystem::path& file, LoraForm form = LoraForm::kDiffusers,
               const LayerNames& names = {}, const SigmaMax& sigma_max = {});

/// Throws Error(kConfig) naming the layer if the model's adapters cannot be saved as kComfyUi such that both
/// ComfyUI and diffusers read them: called before a run, not after its first hour.
void check_comfyui(Module& model, const LayerNames& names);

/// The file that is meant: `given`, or the one in a folder that PEFT, diffusers or drf saved adapters in.
/// Throws Error(kInput) for a folder with none or several.
std::filesystem::path adapter_file(const std::filesystem::path& given);

struct LoadedLora {
  int64_t layers = 0;  ///< how many got an adapter
  SigmaMax sigma_max;
};

/// Replaces the model's adapters by those of a file, whatever tool named them (lora_names.h, docs/lora.md),
/// or of a folder that PEFT, diffusers or drf saved them in. Ranks may differ from layer to layer. Alpha is
/// what the file states (lora_alpha.h); in a file that states none it is `silent_alpha`, else the rank, with
/// a warning; for a layer that a file is silent about which states others', the rank. Adapters become leaves
/// with gradient on the weight's device, at strength 1: float64 for a float64 layer, else float32. The model
/// is unchanged if anything is wrong. Throws Error(kInput) naming file and tensor: adapters of another of the
/// generator's networks, what read_adapter_names and AlphaRule refuse, one half of a pair missing, shapes
/// that do not fit the layer or each other, values that are not finite, a sigma_max that is none.
LoadedLora load_lora(Module& model, const std::filesystem::path& file, const LayerNames& names = {},
                     const std::optional<double>& silent_alpha = {});

}  // namespace drf::nn
