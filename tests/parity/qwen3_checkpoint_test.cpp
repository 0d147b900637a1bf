// Configs, names, sizes and loading of released Qwen3-VL checkpoints: tools/reference/qwen3_names.py.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <map>

#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/models/qwen3_vl/model.h"
#include "tests/support/expect_error.h"
#include "tests/support/golden.h"
#include "tests/support/temporary_folder.h"

namespace drf::qwen3 {
namespace {

using testing::error_of;
using testing::Golden;
using testing::says;
using testing::source_path;

Config config_of(const nlohmann::json& json) { return Config::read(JsonConfig(json, "config.json")); }

nlohmann::json counts() {
  return nlohmann::json::parse(read_file(source_path("tests/goldens/qwen3_counts.json")));
}

TEST(Qwen3Published, NumbersAndTensorsOfEverySize) {
  const std::map<std::string, std::pair<int64_t, int64_t>> known = {{"2b", {2127532032, 625}},
                                                                    {"4b", {4437815808, 713}},
                                                                    {"8b", {8767123696, 750}},
                                                                    {"32b", {33357390064, 1058}}};
  const auto golden = counts();
  for (const auto& [size, want] : known) {
    Model model(config_of(golden[size]["config"]));
    int64_t numbers = 0, tensors = 0, vision_numbers = 0, vision_tensors = 0;
    for (const auto& p : model.named_parameters()) {
      EXPECT_TRUE(p.tensor->is_meta()) << "no memory before loading";
      const bool vision = p.name.starts_with("model.visual.");
      numbers += p.tensor->numel();
      ++tensors;
      vision_numbers += vision ? p.tensor->numel() : 0;
      vision_tensors += vision;
    }
    EXPECT_EQ(numbers, want.first) << size;
    EXPECT_EQ(tensors, want.second) << size;
    EXPECT_EQ(numbers, golden[size]["numbers"]) << size;
    EXPECT_EQ(vision_numbers, golden[size]["vision_numbers"]) << size;
    EXPECT_EQ(vision_tensors, golden[size]["vision_tensors"]) << size;
  }
}

class Qwen3Names : public ::testing::TestWithParam<const char*> {};

TEST_P(Qwen3Names, NamesAndShapesAreTheReferences) {
  const auto lines = read_utf8_lines(source_path(concat("tests/goldens/qwen3_names_", GetParam(), ".txt")));
  Model model(config_of(nlohmann::json::parse(lines.at(0))));
  std::map<std::string, std::string> got, want;
  for (size_t i = 1; i < lines.size(); ++i)
    want[lines[i].substr(0, lines[i].find(' '))] = lines[i].substr(lines[i].find(' ') + 1);
  for (const auto& p : model.named_parameters()) {
    std::string& shape = got[p.name];
    for (const int64_t size : p.tensor->sizes()) shape += (shape.empty() ? "" : ",") + std::to_string(size);
  }
  EXPECT_EQ(got, want);
}

INSTANTIATE_TEST_SUITE_P(Sizes, Qwen3Names, ::testing::Values("4b", "8b"));

/// The weights of a golden as a folder; `more` are further tensors.
void write_model(const testing::TemporaryFolder& folder, const Golden& golden, bool tied,
                 const std::vector<std::pair<std::string, at::Tensor>>& more) {
  auto json = nlohmann::json::parse(golden.metadata("config"));
  json["tie_word_embeddings"] = json["text_config"]["tie_word_embeddings"] = tied;
  testing::write_text(folder / "config.json", json.dump());
  Model model(Config::read(golden.config()));
  golden.load(model);
  std::vector<std::pair<std::string, at::Tensor>> tensors;
  for (const auto& p : model.named_parameters()) tensors.emplace_back(p.name, *p.tensor);
  tensors.insert(tensors.end(), more.begin(), more.end());
  write_safetensors(folder / "model.safetensors", tensors);
}

TEST(Qwen3Checkpoint, ATiedHeadMayBeRepeatedButNotDiffer) {
  const Golden golden("qwen3_tied.safetensors");
  const at::Tensor embedding = golden["param.model.language_model.embed_tokens.weight"];
  const auto load_with = [&](bool tied, const std::vector<std::pair<std::string, at::Tensor>>& more) {
    const testing::TemporaryFolder folder;
    write_model(folder, golden, tied, more);
    Model model(Config::read(folder.path()));
    load(model, Checkpoint::open(folder.path(), "model"), {});
  };
  EXPECT_NO_THROW(load_with(true, {}));
  EXPECT_NO_THROW(load_with(true, {{"lm_head.weight", embedding.clone()}}));
  EXPECT_NO_THROW(load_with(false, {{"lm_head.weight", embedding + 1}}));
  EXPECT_TRUE(says(error_of(ErrorKind::kInput,
                            [&] {
                              load_with(true, {{"lm_head.weight", embedding + 1}});
                            }),
                   "set tie_word_embeddings to false"));
  EXPECT_TRUE(
      says(error_of(ErrorKind::kInput, [&] { load_with(false, {}); }), "set tie_word_embeddings to true"));
  EXPECT_TRUE(says(error_of(ErrorKind::kInput,
                            [&] {
                              load_with(true, {{"model.visual.x", embedding}});
                            }),
                   "'model.visual.x' is used by nothing"));
}

TEST(Qwen3Checkpoint, WithoutItsTowerTheRestIsTheSameAndWrites) {
  const Golden golden("qwen3_tied.safetensors");
  const testing::TemporaryFolder folder;
  write_model(folder, golden, true, {});
  Model whole(Config::read(folder.path())), rest(Config::read(folder.path()), /*vision=*/false);
  const auto all = load(whole, Checkpoint::open(folder.path(), "model"), {});
  const auto some = load(rest, Checkpoint::open(folder.path(), "model"), {});
  EXPECT_LT(some.size(), all.size());
  for (const auto& parameter : some)
    EXPECT_NE(parameter.source.rfind("model.visual.", 0), 0u) << parameter.source;
  for (const auto& parameter : rest.named_parameters())
    EXPECT_FALSE(parameter.tensor->is_meta()) << parameter.name;
  const std::vector<models::Prompt> prompts = {{{5, 9, 7}, 6}, {{8}, 9}};
  const auto a = whole.generate(prompts, {}), b = rest.generate(prompts, {});
  for (size_t i = 0; i < prompts.size(); ++i) {
    EXPECT_EQ(a[i].ids, b[i].ids);
    EXPECT_EQ(static_cast<int64_t>(b[i].ids.size()), prompts[i].max_tokens);
  }
}

TEST(Qwen3Config, BothSpellingsReadTheSame) {
  const nlohmann::json older = counts()["4b"]["config"];
  nlohmann::json newer = older;
  nlohmann::json& text = newer["text_config"];
  for (const char* key : {"rope_scaling", "rope_theta"}) text.erase(key);
  text["rope_parameters"] = {{"rope_type", "default"}, {"rope_theta", 5e6}, {"mrope_section", {24, 20, 20}}};
  newer["vision_config"]["model_type"] = "qwen3_vl_vision";
  newer["vision_config"]["rope_parameters"] = {{"rope_type", "axial"}, {"rope_theta", 1e4}};
  const Config a = config_of(older), b = config_of(newer);
  EXPECT_EQ(a.text.rope_theta, 5e6);
  EXPECT_EQ(b.text.rope_theta, 5e6);
  EXPECT_EQ(a.text.frequency_axes(), b.text.frequency_axes());
  EXPECT_EQ(a.text.head_dim, 128);
  EXPECT_EQ(a.text.num_heads * a.text.head_dim, 4096);  // wider than the model's 2560
  EXPECT_TRUE(a.tie_word_embeddings);
  newer["tie_word_embeddings"] = false;
  EXPECT_FALSE(config_of(newer).tie_word_embeddings);
  text["tie_word_embeddings"] = true;
  EXPECT_TRUE(config_of(newer).tie_word_embeddings);
}

// Time takes what rows and columns leave: 24, 20, 20 of 64 in turn, and the last four.
TEST(Qwen3Config, FrequenciesAreInterleaved) {
  const auto axes = config_of(counts()["8b"]["config"]).text.frequency_axes();
  ASSERT_EQ(axes.size(), 64u);
  for (size_t j = 0; j < 60; ++j) EXPECT_EQ(axes[j], static_cast<int64_t>(j % 3)) << j;
  for (size_t j = 60; j < 64; ++j) EXPECT_EQ(axes[j], 0) << j;
}

TEST(Qwen3Config, WhatIsNotSupportedIsRefusedWithItsReason) {
  const nlohmann::json good = counts()["8b"]["config"];
  const auto message = [&](const char* pointer, const nlohmann::json& value) {
    nlohmann::json changed = good;
    changed[nlohmann::json::json_pointer(pointer)] = value;
    return error_of(ErrorKind::kInput, [&] { config_of(changed); });
  };
  EXPECT_TRUE(says(message("/model_type", "qwen3_vl_moe"), "only \"qwen3_vl\" is supported"));
  EXPECT_TRUE(says(message("/text_config/model_type", "qwen3_vl_moe_text"), "only \"qwen3_vl_text\""));
  EXPECT_TRUE(says(message("/text_config/attention_bias", true), "attention_bias: is true"));
  EXPECT_TRUE(says(message("/text_config/hidden_act", "gelu"), "only \"silu\" is supported"));
  EXPECT_TRUE(says(message("/text_config/rope_scaling/rope_type", "yarn"), "only plain rotary positions"));
  EXPECT_TRUE(says(message("/text_config/rope_scaling/mrope_interleaved", false), "mrope_interleaved"));
  EXPECT_TRUE(says(message("/text_config/rope_scaling/mrope_section", {24, 20}), "wanted three"));
  EXPECT_TRUE(says(message("/text_config/rope_scaling/mrope_section", {24, -1, 20}), "positive numbers"));
  EXPECT_TRUE(says(message("/text_config/head_dim", 127), "must be even"));
  EXPECT_TRUE(says(message("/text_config/num_key_value_heads", 5), "does not divide num_attention_heads 32"));
  EXPECT_TRUE(says(message("/vision_config/hidden_act", "gelu"), "only \"gelu_pytorch_tanh\" is supported"));
  EXPECT_TRUE(says(message("/vision_config/in_channels", 1), "only 3 is supported"));
  EXPECT_TRUE(says(message("/vision_config/num_heads", 7), "num_heads"));
  EXPECT_TRUE(says(message("/vision_config/rope_parameters", {{"rope_type", "yarn"}}), "rope_type"));
  EXPECT_TRUE(says(message("/vision_config/out_hidden_size", 3000), "hidden_size is 4096"));
  EXPECT_TRUE(says(message("/vision_config/deepstack_visual_indexes", {8, 27}), "holds 27"));
  EXPECT_TRUE(says(message("/vision_config/deepstack_visual_indexes", {8, 8}), "holds 8 twice"));
  EXPECT_TRUE(says(message("/text_config/num_hidden_layers", 2), "has 3 entries"));
  EXPECT_TRUE(says(message("/quantization_config", {{"quant_method", "fp8"}}), "quantised (fp8)"));
}

// The numbers of Qwen3VLTextConfig and Qwen3VLVisionConfig of transformers 5.23.
TEST(Qwen3Config, KeysThatAreLeftOutHaveTheReferencesDefaults) {
  const Config c = config_of({{"vision_config", {{"out_hidden_size", 4096}}}});
  EXPECT_EQ(c.text.vocab_size, 151936);
  EXPECT_EQ(c.text.hidden_size, 4096);
  EXPECT_EQ(c.text.intermediate_size, 22016);
  EXPECT_EQ(c.text.num_layers, 32);
  EXPECT_EQ(c.text.num_heads, 32);
  EXPECT_EQ(c.text.num_kv_heads, 32);
  EXPECT_EQ(c.text.head_dim, 128);
  EXPECT_EQ(c.text.rms_norm_eps, 1e-6);
  EXPECT_EQ(c.text.rope_theta, 5e5);
  EXPECT_EQ(c.text.mrope_section, (std::vector<int64_t>{24, 20, 20}));
  EXPECT_EQ(c.vision.depth, 27);
  EXPECT_EQ(c.vision.hidden_size, 1152);
  EXPECT_EQ(c.vision.intermediate_size, 4304);
  EXPECT_EQ(c.vision.num_heads, 16);
  EXPECT_EQ(c.vision.patch_size, 16);
  EXPECT_EQ(c.vision.temporal_patch_size, 2);
  EXPECT_EQ(c.vision.spatial_merge_size, 2);
  EXPECT_EQ(c.vision.table_side(), 48);
  EXPECT_EQ(c.vision.deepstack_blocks, (std::vector<int64_t>{8, 16, 24}));
  EXPECT_FALSE(c.tie_word_embeddings);
  EXPECT_EQ(c.video_token_id, 151656);
}

}  // namespace
}  // namespace drf::qwen3
