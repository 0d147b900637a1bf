#pragma once
// How ComfyUI (and Wan's original code) call the transformer's linear layers.

#include "drf/nn/lora_file.h"

namespace drf::wan {

/// "blocks.0.attn1.to_q" <-> "blocks.0.self_attn.q" and so on; "" for a name without a counterpart.
/// Source: the original Wan 2.1 state dict against diffusers' (its conversion script's name table).
nn::LayerNames lora_layer_names();

}  // namespace drf::wan
