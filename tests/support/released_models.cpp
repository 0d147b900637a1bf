#include "tests/support/released_models.h"

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <vector>

#include "drf/base/files.h"
#include "tests/support/golden.h"
#include "tests/support/temporary_folder.h"

namespace drf::testing {
namespace {

namespace fs = std::filesystem;

/// A safetensors file of the tensors that `lines` ("NAME ... 3,4") list, all of one type.
void write_holes(const fs::path& file, const std::vector<std::string>& lines, const char* dtype,
                 int64_t size) {
  nlohmann::ordered_json header;
  int64_t end = 0;
  for (const std::string& line : lines) {
    const std::string name = line.substr(0, line.find(' ')), shape = line.substr(line.rfind(' ') + 1);
    std::vector<int64_t> sizes;
    int64_t numbers = 1;
    std::istringstream in(shape);
    for (std::string extent; std::getline(in, extent, ',');) {
      sizes.push_back(std::stoll(extent));
      numbers *= sizes.back();
    }
    header[name] = {{"dtype", dtype}, {"shape", sizes}, {"data_offsets", {end, end + numbers * size}}};
    end += numbers * size;
  }
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');
  fs::create_directories(file.parent_path());
  {
    std::ofstream out(file, std::ios::binary);
    uint64_t count = text.size();
    for (int i = 0; i < 8; ++i, count >>= 8) out.put(static_cast<char>(count & 0xFF));
    out << text;
  }
  fs::resize_file(file, 8 + text.size() + static_cast<uint64_t>(end));
}

std::vector<std::string> listed(const std::string& golden) {
  return read_utf8_lines(source_path("tests/goldens/" + golden));
}

void write_json(const fs::path& file, const nlohmann::json& json) {
  fs::create_directories(file.parent_path());
  write_text(file, json.dump());
}

void write_generator(const fs::path& folder, const std::string& size) {
  const fs::path tiny = source_path("assets/tiny/generator");
  fs::create_directories(folder);
  for (const char* part : {"scheduler", "tokenizer"})
    fs::copy(tiny / part, folder / part, fs::copy_options::recursive);
  const bool pair = size == "a14b", large = pair || size == "14b";
  auto index = nlohmann::json::parse(read_file(tiny / "model_index.json"));
  if (pair) {
    index["transformer_2"] = index["transformer"];
    index["boundary_ratio"] = 0.875;
  }
  write_json(folder / "model_index.json", index);
  for (const char* name : {"transformer", "transformer_2"}) {
    if (name == std::string("transformer_2") && !pair) continue;
    write_json(folder / name / "config.json", {{"_class_name", "WanTransformer3DModel"},
                                               {"patch_size", {1, 2, 2}},
                                               {"num_attention_heads", large ? 40 : 12},
                                               {"attention_head_dim", 128},
                                               {"in_channels", 16},
                                               {"out_channels", 16},
                                               {"text_dim", 4096},
                                               {"freq_dim", 256},
                                               {"ffn_dim", large ? 13824 : 8960},
                                               {"num_layers", large ? 40 : 30},
                                               {"cross_attn_norm", true},
                                               {"qk_norm", "rms_norm_across_heads"},
                                               {"eps", 1e-6},
                                               {"rope_max_seq_len", 1024}});
    write_holes(folder / name / "diffusion_pytorch_model.safetensors",
                listed(large ? "names_wan_14b.txt" : "names_wan_1.3b.txt"), "F32", 4);
  }
  write_json(folder / "vae/config.json", {{"_class_name", "AutoencoderKLWan"},
                                          {"base_dim", 96},
                                          {"z_dim", 16},
                                          {"dim_mult", {1, 2, 4, 4}},
                                          {"num_res_blocks", 2},
                                          {"attn_scales", nlohmann::json::array()},
                                          {"temperal_downsample", {false, true, true}},
                                          {"dropout", 0.0},
                                          {"latents_mean", std::vector<double>(16, 0.0)},
                                          {"latents_std", std::vector<double>(16, 1.0)}});
  write_holes(folder / "vae/diffusion_pytorch_model.safetensors", listed("names_wan_vae.txt"), "F32", 4);
  write_json(folder / "text_encoder/config.json", {{"model_type", "umt5"},
                                                   {"vocab_size", 256384},
                                                   {"d_model", 4096},
                                                   {"d_kv", 64},
                                                   {"d_ff", 10240},
                                                   {"num_layers", 24},
                                                   {"num_heads", 64},
                                                   {"relative_attention_num_buckets", 32},
                                                   {"relative_attention_max_distance", 128},
                                                   {"feed_forward_proj", "gated-gelu"}});
  write_holes(folder / "text_encoder/model.safetensors", listed("names_umt5_xxl.txt"), "BF16", 2);
}

void write_critic(const fs::path& folder) {
  const fs::path tiny = source_path("assets/tiny/critic");
  fs::create_directories(folder);
  for (const char* name : {"tokenizer.json", "tokenizer_config.json"})
    fs::copy_file(tiny / name, folder / name);
  std::vector<std::string> lines = listed("qwen_names_7b.txt");
  nlohmann::json config = nlohmann::json::parse(lines.front());
  const auto ids = nlohmann::json::parse(read_file(tiny / "config.json"));
  for (const auto& [key, value] : ids.items()) {  // the tokenizer's own
    if (key.ends_with("_token_id")) config[key] = value;
  }
  write_json(folder / "config.json", config);
  lines.erase(lines.begin());
  write_holes(folder / "model.safetensors", lines, "BF16", 2);
  auto processor = nlohmann::json::parse(read_file(tiny / "video_preprocessor_config.json"));
  processor["patch_size"] = 14;
  processor["size"] = {{"shortest_edge", 128 * 28 * 28}, {"longest_edge", 768 * 28 * 28}};
  write_json(folder / "video_preprocessor_config.json", processor);
}

}  // namespace

void write_released(const fs::path& folder, const std::string& size) {
  write_generator(folder / "generator", size);
  write_critic(folder / "critic");
}

}  // namespace drf::testing
