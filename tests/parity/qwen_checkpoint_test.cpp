// Configs, names and loading of real Qwen2.5-VL checkpoints: tools/reference/qwen_names.py.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <map>

#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/models/qwen2_5_vl/model.h"
#include "tests/support/expect_error.h"
#include "tests/support/golden.h"
#include "tests/support/temporary_folder.h"

namespace drf::qwen {
namespace {

using testing::error_of;
using testing::Golden;
using testing::says;
using testing::source_path;

/// The published config and the list of parameters of one size.
struct Published {
  explicit Published(const std::string& size) {
    const auto lines = read_utf8_lines(source_path("tests/goldens/qwen_names_" + size + ".txt"));
    config = nlohmann::json::parse(lines.at(0));
    for (size_t i = 1; i < lines.size(); ++i) {
      std::istringstream line(lines[i]);
      std::string name, old_name, shape;
      line >> name >> old_name >> shape;
      shapes[name] = shape;
      older[name] = old_name;
    }
  }
  nlohmann::json config;
  std::map<std::string, std::string> shapes, older;
};

class QwenPublished : public ::testing::TestWithParam<const char*> {};

TEST_P(QwenPublished, ParametersAreTheReferencesInBothGenerationsOfNames) {
  const Published published(GetParam());
  Model model(Config::read(JsonConfig(published.config, "config.json")));
  std::map<std::string, std::string> shapes;
  for (const auto& p : model.named_parameters()) {
    std::string& shape = shapes[p.name];
    for (const int64_t size : p.tensor->sizes()) shape += (shape.empty() ? "" : ",") + std::to_string(size);
  }
  EXPECT_EQ(shapes, published.shapes);
  for (const auto& [name, older] : published.older) {
    EXPECT_EQ(parameter_name(older, model.config().tie_word_embeddings), name);
    EXPECT_EQ(parameter_name(name, model.config().tie_word_embeddings), name);
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, QwenPublished, ::testing::Values("7b", "3b"));

/// The name as transformers wrote it before 4.52.
std::string older(std::string name) {
  for (const auto& [now, before] : {std::pair<std::string, std::string>{"model.visual.", "visual."},
                                    {"model.language_model.", "model."}}) {
    if (name.rfind(now, 0) == 0) return before + name.substr(now.size());
  }
  return name;
}

TEST(QwenCheckpoint, BothGenerationsOfNamesLoadAndATiedHeadMayBeRepeated) {
  const Golden golden("qwen_flat_tied.safetensors");
  Model want(Config::read(golden.config()));
  golden.load(want);
  for (const bool old_names : {false, true}) {
    const testing::TemporaryFolder folder;
    testing::write_text(folder / "config.json", golden.metadata("config"));
    std::vector<std::pair<std::string, at::Tensor>> tensors;
    for (const auto& p : want.named_parameters()) {
      tensors.emplace_back(old_names ? older(p.name) : p.name, *p.tensor);
    }
    tensors.emplace_back("lm_head.weight", at::zeros({17, 30}));
    write_safetensors(folder / "model.safetensors", tensors);
    Model got(Config::read(folder.path()));
    load(got, Checkpoint::open(folder.path(), "model"), {});
    const auto a = got.named_parameters(), b = want.named_parameters();
    ASSERT_EQ(a.size(), b.size());
    for (size_t i = 0; i < a.size(); ++i) EXPECT_TRUE(a[i].tensor->equal(*b[i].tensor)) << a[i].name;
  }
}

TEST(QwenCheckpoint, ATensorOfAnotherModelIsRefused) {
  const Golden golden("qwen_flat_tied.safetensors");
  Model model(Config::read(golden.config()));
  golden.load(model);
  const testing::TemporaryFolder folder;
  std::vector<std::pair<std::string, at::Tensor>> tensors;
  for (const auto& p : model.named_parameters()) tensors.emplace_back(p.name, *p.tensor);
  const auto load_again = [&] {
    write_safetensors(folder / "model.safetensors", tensors);
    load(model, Checkpoint::open(folder.path(), "model"), {});
  };
  tensors.emplace_back("model.visual.blocks.2.norm1.weight", at::zeros({12}));
  EXPECT_TRUE(says(error_of(ErrorKind::kInput, load_again),
                   "'model.visual.blocks.2.norm1.weight' is used by nothing"));
  tensors.pop_back();
  tensors.pop_back();
  EXPECT_TRUE(says(error_of(ErrorKind::kInput, load_again), "is missing"));
}

TEST(QwenConfig, BothSpellingsReadTheSame) {
  const nlohmann::json flat = Published("7b").config;
  nlohmann::json nested = {{"model_type", "qwen2_5_vl"}, {"vision_config", flat["vision_config"]}};
  nlohmann::json& text = nested["text_config"] = flat;
  for (const char* key : {"vision_config", "rope_scaling", "rope_theta", "model_type"}) text.erase(key);
  text["rope_parameters"] = {{"rope_type", "default"}, {"rope_theta", 1e6}, {"mrope_section", {16, 24, 24}}};
  text["layer_types"] = std::vector<std::string>(28, "full_attention");
  nested["vision_config"].erase("in_chans");
  nested["vision_config"]["in_channels"] = 3;
  const Config a = Config::read(JsonConfig(flat, "flat")), b = Config::read(JsonConfig(nested, "nested"));
  EXPECT_EQ(a.text.hidden_size, 3584);
  EXPECT_EQ(a.text.hidden_size, b.text.hidden_size);
  EXPECT_EQ(a.text.mrope_section, b.text.mrope_section);
  EXPECT_EQ(a.text.rope_theta, b.text.rope_theta);
  EXPECT_EQ(a.text.num_kv_heads, 4);
  EXPECT_EQ(a.vision.full_attention_blocks, b.vision.full_attention_blocks);
  EXPECT_EQ(a.vision.window_tokens(), 4);
  EXPECT_EQ(a.video_token_id, b.video_token_id);
}

TEST(QwenConfig, WhatIsNotSupportedIsRefusedWithItsReason) {
  const nlohmann::json good = Published("7b").config;
  const auto message = [&](const char* pointer, const nlohmann::json& value) {
    nlohmann::json changed = good;
    changed[nlohmann::json::json_pointer(pointer)] = value;
    return error_of(ErrorKind::kInput, [&] { Config::read(JsonConfig(changed, "config.json")); });
  };
  EXPECT_TRUE(says(message("/model_type", "qwen3_vl"), "only \"qwen2_5_vl\" is supported"));
  EXPECT_TRUE(says(message("/hidden_act", "gelu"), "only \"silu\" is supported"));
  EXPECT_TRUE(says(message("/vision_config/hidden_act", "gelu"), "only \"silu\" is supported"));
  EXPECT_TRUE(says(message("/vision_config/in_chans", 1), "only 3 is supported"));
  EXPECT_TRUE(says(message("/rope_scaling/type", "yarn"), "\"yarn\"; only plain rotary positions"));
  EXPECT_TRUE(
      says(message("/rope_scaling/mrope_section", {16, 24, 20}), "adds up to 60, but half a head is 64"));
  EXPECT_TRUE(says(message("/num_attention_heads", 27), "is 27"));
  EXPECT_TRUE(says(message("/num_key_value_heads", 5), "does not divide num_attention_heads 28"));
  EXPECT_TRUE(says(message("/vision_config/num_heads", 7), "num_heads"));
  EXPECT_TRUE(
      says(message("/vision_config/window_size", 27), "less than patch_size * spatial_merge_size = 28"));
  EXPECT_TRUE(says(message("/vision_config/out_hidden_size", 3000), "hidden_size is 3584"));
  EXPECT_TRUE(says(message("/vision_config/depth", 0), "must be positive"));
  EXPECT_TRUE(
      says(message("/layer_types", {"full_attention", "sliding_attention"}), "sliding-window attention"));
  nlohmann::json sliding = good;
  sliding["use_sliding_window"] = true;
  EXPECT_NO_THROW(Config::read(JsonConfig(sliding, "")));  // max_window_layers 28: no layer slides
  sliding["max_window_layers"] = 20;
  EXPECT_TRUE(
      says(error_of(ErrorKind::kInput, [&] { Config::read(JsonConfig(sliding, "")); }), "sliding-window"));
  sliding.erase("sliding_window");  // left out it is 4096, not none
  EXPECT_TRUE(
      says(error_of(ErrorKind::kInput, [&] { Config::read(JsonConfig(sliding, "")); }), "sliding-window"));
  sliding["sliding_window"] = nullptr;
  EXPECT_NO_THROW(Config::read(JsonConfig(sliding, "")));
  EXPECT_TRUE(says(message("/quantization_config", {{"quant_method", "gptq"}}), "quantised (gptq)"));
}

// Numbers that parse and make no sense would give positions, norms or sizes without one.
TEST(QwenConfig, NumbersThatMakeNoSenseAreRefused) {
  const nlohmann::json good = Published("7b").config;
  const auto message = [&](const char* pointer, const nlohmann::json& value) {
    nlohmann::json changed = good;
    changed[nlohmann::json::json_pointer(pointer)] = value;
    return error_of(ErrorKind::kInput, [&] { Config::read(JsonConfig(changed, "config.json")); });
  };
  EXPECT_TRUE(says(message("/rope_theta", 0), "rope_theta: is 0, must be above 0"));
  EXPECT_TRUE(says(message("/rope_theta", -1e6), "must be above 0"));
  EXPECT_TRUE(says(message("/rms_norm_eps", -1e-6), "must be above 0"));
  EXPECT_TRUE(says(message("/rope_scaling/mrope_section", {-16, 40, 40}), "positive numbers"));
  EXPECT_TRUE(says(message("/rope_scaling/mrope_section", {0, 32, 32}), "positive numbers"));
  EXPECT_TRUE(says(message("/rope_scaling/mrope_section", {32, 32}), "wanted three"));
  EXPECT_TRUE(says(message("/hidden_size", 1000000000000000000), "1048576 at most"));
  EXPECT_TRUE(says(message("/vocab_size", 18446744073709551615u), "wanted an integer"));
  EXPECT_TRUE(says(message("/num_hidden_layers", -1), "must be positive"));
  EXPECT_TRUE(says(message("/vision_config/tokens_per_second", 0), "must be positive"));
  EXPECT_TRUE(says(message("/vision_config/fullatt_block_indexes", {-1}), "holds -1"));
  EXPECT_TRUE(says(message("/vision_config", 3), "is 3, wanted an object"));
}

// transformers saves a config without the keys that equal its class's defaults: an empty one is the class
// itself. The numbers are those of Qwen2_5_VLTextConfig and Qwen2_5_VLVisionConfig of transformers 5.23.
TEST(QwenConfig, KeysThatAreLeftOutHaveTheReferencesDefaults) {
  nlohmann::json json = {{"vision_config", {{"out_hidden_size", 8192}}}};
  const Config c = Config::read(JsonConfig(json, "config.json"));
  EXPECT_EQ(c.text.vocab_size, 152064);
  EXPECT_EQ(c.text.hidden_size, 8192);
  EXPECT_EQ(c.text.intermediate_size, 29568);
  EXPECT_EQ(c.text.num_layers, 80);
  EXPECT_EQ(c.text.num_heads, 64);
  EXPECT_EQ(c.text.num_kv_heads, 8);
  EXPECT_EQ(c.text.rms_norm_eps, 1e-5);
  EXPECT_EQ(c.text.rope_theta, 1e6);
  EXPECT_EQ(c.text.mrope_section, (std::vector<int64_t>{16, 24, 24}));
  EXPECT_EQ(c.vision.depth, 32);
  EXPECT_EQ(c.vision.hidden_size, 3584);
  EXPECT_EQ(c.vision.intermediate_size, 3420);
  EXPECT_EQ(c.vision.num_heads, 16);
  EXPECT_EQ(c.vision.patch_size, 14);
  EXPECT_EQ(c.vision.temporal_patch_size, 2);
  EXPECT_EQ(c.vision.spatial_merge_size, 2);
  EXPECT_EQ(c.vision.window_size, 112);
  EXPECT_EQ(c.vision.tokens_per_second, 4);
  EXPECT_EQ(c.vision.full_attention_blocks, (std::vector<int64_t>{7, 15, 23, 31}));
  EXPECT_EQ(c.vision.rope_theta, 1e4);
  EXPECT_FALSE(c.tie_word_embeddings);
  EXPECT_EQ(c.video_token_id, 151656);
  json["num_key_value_heads"] = nullptr;  // null is as many as heads, which absent is not
  EXPECT_EQ(Config::read(JsonConfig(json, "config.json")).text.num_kv_heads, 64);
  json["rope_scaling"] = {{"rope_theta", 5e5}};  // both spellings: rope_scaling goes first
  json["rope_parameters"] = {{"rope_theta", 7e5}};
  EXPECT_EQ(Config::read(JsonConfig(json, "config.json")).text.rope_theta, 5e5);
}

}  // namespace
}  // namespace drf::qwen
