#include "drf/models/wan/lora_names.h"

#include <array>
#include <utility>

namespace drf::wan {
namespace {

using Pair = std::pair<const char*, const char*>;  // diffusers, original

// Inside a block: what follows "blocks.N.".
constexpr std::array<Pair, 10> kInBlock = {{{"attn1.to_q", "self_attn.q"},
                                            {"attn1.to_k", "self_attn.k"},
                                            {"attn1.to_v", "self_attn.v"},
                                            {"attn1.to_out.0", "self_attn.o"},
                                            {"attn2.to_q", "cross_attn.q"},
                                            {"attn2.to_k", "cross_attn.k"},
                                            {"attn2.to_v", "cross_attn.v"},
                                            {"attn2.to_out.0", "cross_attn.o"},
                                            {"ffn.net.0.proj", "ffn.0"},
                                            {"ffn.net.2", "ffn.2"}}};

constexpr std::array<Pair, 6> kOutside = {{{"condition_embedder.time_embedder.linear_1", "time_embedding.0"},
                                           {"condition_embedder.time_embedder.linear_2", "time_embedding.2"},
                                           {"condition_embedder.text_embedder.linear_1", "text_embedding.0"},
                                           {"condition_embedder.text_embedder.linear_2", "text_embedding.2"},
                                           {"condition_embedder.time_proj", "time_projection.1"},
                                           {"proj_out", "head.head"}}};

template <size_t N>
std::string look_up(const std::array<Pair, N>& table, const std::string& path) {
  for (const auto& [diffusers, original] : table) {
    if (path == diffusers) return original;
  }
  return "";
}

std::string original_name(const std::string& path) {
  if (path.rfind("blocks.", 0) != 0) return look_up(kOutside, path);
  const size_t dot = path.find('.', 7);
  if (dot == std::string::npos) return "";
  const std::string inside = look_up(kInBlock, path.substr(dot + 1));
  return inside.empty() ? "" : path.substr(0, dot + 1) + inside;
}

}  // namespace

nn::LayerNames lora_layer_names() {
  return {original_name,
          // What diffusers' converter (lora_conversion_utils.py, 0.42) takes an alpha for.
          [](const std::string& path) { return path.rfind("blocks.", 0) == 0; }};
}

}  // namespace drf::wan
