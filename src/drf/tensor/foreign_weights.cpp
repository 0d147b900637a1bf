#include "drf/tensor/foreign_weights.h"

#include <array>

#include "drf/base/error.h"

namespace drf {
namespace {

constexpr char kPlain[] =
    "; quantised weights are not supported: use the plain checkpoint of the same model (bfloat16 or float32)";
constexpr char kDiffusers[] =
    "; wanted diffusers' layout: the model's repository whose name ends in -Diffusers";
constexpr char kTextToVideo[] = "; only text-to-video models are supported: use a T2V checkpoint";

struct Sign {
  enum class Place { kStart, kInside, kEnd } place;
  const char* part;  // of a tensor's name
  const char* what;
  const char* way_out;
};
using Place = Sign::Place;

// The first that any tensor shows counts.
constexpr std::array kSigns = {
    Sign{Place::kEnd, ".qweight", "its weights are quantised (GPTQ or AWQ)", kPlain},
    Sign{Place::kEnd, ".qzeros", "its weights are quantised (GPTQ or AWQ)", kPlain},
    Sign{Place::kEnd, ".g_idx", "its weights are quantised (GPTQ)", kPlain},
    Sign{Place::kInside, ".quant_state.", "its weights are quantised (bitsandbytes, 4 bits)", kPlain},
    Sign{Place::kEnd, ".absmax", "its weights are quantised (bitsandbytes, 4 bits)", kPlain},
    Sign{Place::kEnd, ".SCB", "its weights are quantised (bitsandbytes, 8 bits)", kPlain},
    Sign{Place::kEnd, ".weight_packed", "its weights are quantised (compressed-tensors)", kPlain},
    Sign{Place::kEnd, ".weight._data", "its weights are quantised (quanto)", kPlain},
    Sign{Place::kEnd, ".comfy_quant", "its weights are quantised (ComfyUI)", kPlain},
    Sign{Place::kEnd, "scaled_fp8", "its weights are quantised (fp8 with scales)", kPlain},
    Sign{Place::kEnd, ".scale_weight", "its weights are quantised (fp8 with scales)", kPlain},
    Sign{Place::kEnd, ".weight_scale", "its weights are quantised (fp8 or int8 with scales)", kPlain},
    Sign{Place::kEnd, ".weight_scale_inv", "its weights are quantised (fp8 with scales)", kPlain},
    Sign{Place::kInside, ".base_layer.", "adapters lie in it beside the weights (PEFT, not merged)",
         "; merge them first (PEFT's merge_and_unload), or give the base model and the adapters apart"},
    Sign{Place::kInside, ".lora_", "it holds adapters (LoRA), not a model's weights",
         "; give it with --lora or lora.init_from"},
    Sign{Place::kInside, "_orig_mod.", "its names are those of a compiled module (torch.compile)",
         "; save the module's own state_dict (model._orig_mod)"},
    Sign{Place::kStart, "module.", "its names are those of a DataParallel module",
         "; save the module's own state_dict (model.module)"},
    Sign{Place::kStart, "vace_", "it is a VACE model", kTextToVideo},
    Sign{Place::kInside, ".image_embedder.", "it is an image-conditioned model", kTextToVideo},
    Sign{Place::kInside, ".add_k_proj.", "it is an image-conditioned model", kTextToVideo},
    Sign{Place::kStart, "img_emb.", "it is an image-conditioned model in Wan's original layout",
         kTextToVideo},
    Sign{Place::kStart, "model.diffusion_model.", "it is a single file as ComfyUI takes it", kDiffusers},
    Sign{Place::kInside, ".self_attn.q.weight", "its names are those of Wan's original layout", kDiffusers},
    Sign{Place::kStart, "text_embedding.", "its names are those of Wan's original layout", kDiffusers},
    Sign{Place::kStart, "decoder.middle.", "its names are those of Wan's original VAE", kDiffusers},
};

bool shows(const std::string& name, const Sign& sign) {
  switch (sign.place) {
    case Place::kStart:
      return name.starts_with(sign.part);
    case Place::kInside:
      return name.find(sign.part) != std::string::npos;
    case Place::kEnd:
      return name.ends_with(sign.part);
  }
  return false;
}

}  // namespace

std::string foreign_weights(const Checkpoint& checkpoint) {
  for (const Sign& sign : kSigns) {
    for (const auto& [name, entry] : checkpoint.entries()) {
      if (shows(name, sign)) return concat(sign.what, ": tensor '", name, "'", sign.way_out);
    }
  }
  return "";
}

}  // namespace drf
