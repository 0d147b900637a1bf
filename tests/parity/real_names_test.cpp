// The parameter lists of the released Wan 2.1 models, name by name and shape by shape:
// tools/reference/names.py makes them on the meta device. (Qwen2.5-VL's: qwen_checkpoint_test.cpp.)
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <set>

#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/models/umt5/encoder.h"
#include "drf/models/wan/lora_names.h"
#include "drf/models/wan/transformer.h"
#include "drf/models/wan/vae.h"
#include "drf/nn/lora.h"
#include "tests/support/golden.h"

namespace drf {
namespace {

using testing::source_path;

std::set<std::string> reference(const std::string& name) {
  const auto lines = read_utf8_lines(source_path("tests/goldens/" + name));
  return {lines.begin(), lines.end()};
}

std::set<std::string> ours(nn::Module& module) {
  std::set<std::string> lines;
  for (const auto& p : module.named_parameters()) {
    std::string shape;
    for (int64_t extent : p.tensor->sizes()) shape += (shape.empty() ? "" : ",") + std::to_string(extent);
    EXPECT_TRUE(p.tensor->is_meta()) << "no memory before loading";
    lines.insert(p.name + " " + shape);
  }
  return lines;
}

JsonConfig config(const char* text) { return JsonConfig(nlohmann::json::parse(text), "config.json"); }

TEST(RealNames, WanTransformer1_3B) {
  wan::Transformer model(wan::TransformerConfig::read(config(
      R"({"_class_name":"WanTransformer3DModel","patch_size":[1,2,2],"num_attention_heads":12,"attention_head_dim":128,
          "in_channels":16,"out_channels":16,"text_dim":4096,"freq_dim":256,"ffn_dim":8960,"num_layers":30,
          "cross_attn_norm":true,"qk_norm":"rms_norm_across_heads","eps":1e-06,"rope_max_seq_len":1024})")));
  EXPECT_EQ(ours(model), reference("names_wan_1.3b.txt"));
}

TEST(RealNames, WanTransformer14B) {
  wan::Transformer model(wan::TransformerConfig::read(config(
      R"({"patch_size":[1,2,2],"num_attention_heads":40,"attention_head_dim":128,"in_channels":16,"out_channels":16,
          "text_dim":4096,"freq_dim":256,"ffn_dim":13824,"num_layers":40,"cross_attn_norm":true})")));
  EXPECT_EQ(ours(model), reference("names_wan_14b.txt"));
  // Every default target of the recipes is a layer of the real model, and has a ComfyUI name.
  size_t targets = 0;
  std::set<std::string> originals;
  for (const auto& layer : nn::linears_of(model)) {
    const std::string original = wan::lora_layer_names().to_comfyui(layer.path);
    if (layer.path.find("blocks.") != 0) continue;
    ++targets;
    ASSERT_FALSE(original.empty()) << layer.path;
    EXPECT_TRUE(originals.insert(original).second) << original;
  }
  EXPECT_EQ(targets, 40u * 10u);
}

TEST(RealNames, WanVae) {
  nlohmann::json json = nlohmann::json::parse(
      R"({"_class_name":"AutoencoderKLWan","base_dim":96,"z_dim":16,"dim_mult":[1,2,4,4],"num_res_blocks":2,
          "attn_scales":[],"temperal_downsample":[false,true,true],"dropout":0.0})");
  json["latents_mean"] = std::vector<double>(16, 0.0);
  json["latents_std"] = std::vector<double>(16, 1.0);
  wan::Vae model(wan::VaeConfig::read(JsonConfig(json, "config.json")), wan::Vae::Parts::kBoth);
  EXPECT_EQ(ours(model), reference("names_wan_vae.txt"));
}

TEST(RealNames, Umt5Xxl) {
  umt5::Encoder model(umt5::Config::read(config(
      R"({"model_type":"umt5","vocab_size":256384,"d_model":4096,"d_kv":64,"d_ff":10240,"num_layers":24,"num_heads":64,
          "relative_attention_num_buckets":32,"relative_attention_max_distance":128,"feed_forward_proj":"gated-gelu"})")));
  EXPECT_EQ(ours(model), reference("names_umt5_xxl.txt"));
}

}  // namespace
}  // namespace drf
