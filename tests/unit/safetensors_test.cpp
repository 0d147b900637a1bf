#include "drf/tensor/safetensors.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/tensor/checkpoint.h"
#include "drf/tensor/foreign_weights.h"
#include "drf/tensor/model_folder.h"
#include "tests/support/temporary_folder.h"

namespace drf {
namespace {

using testing::TemporaryFolder;
using testing::write_text;

// A file with the given header text and data bytes.
std::string raw(const std::string& header, const std::string& data) {
  std::string bytes(8, '\0');
  for (size_t i = 0, n = header.size(); i < 8; ++i, n >>= 8) bytes[i] = static_cast<char>(n & 0xFF);
  return bytes + header + data;
}

std::string error_of(const std::function<void()>& run, ErrorKind kind) {
  try {
    run();
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), kind) << e.what();
    return e.what();
  }
  return "nothing was thrown";
}

TEST(Safetensors, EveryDtypeAndEmptyTensorsComeBackAsWritten) {
  TemporaryFolder folder;
  std::vector<std::pair<std::string, at::Tensor>> tensors;
  for (auto dtype : {at::kDouble, at::kFloat, at::kHalf, at::kBFloat16, at::kLong, at::kInt, at::kShort,
                     at::kChar, at::kByte, at::kBool, at::kFloat8_e4m3fn}) {
    tensors.emplace_back(at::toString(dtype), at::arange(6).reshape({2, 3}).to(dtype));
  }
  tensors.emplace_back("empty", at::zeros({0, 4}));
  tensors.emplace_back("strided", at::arange(6.0).reshape({2, 3}).t());
  write_safetensors(folder / "a.safetensors", tensors, {{"format", "pt"}});
  const SafetensorsFile file(folder / "a.safetensors");
  EXPECT_EQ(file.metadata().at("format"), "pt");
  for (const auto& [name, want] : tensors) {
    const at::Tensor got = file.get(name);
    EXPECT_EQ(got.scalar_type(), want.scalar_type());
    EXPECT_EQ(got.sizes(), want.sizes());
    EXPECT_TRUE(got.to(at::kDouble).equal(want.to(at::kDouble))) << name;
  }
}

TEST(Safetensors, UnalignedTensorsAreCopied) {
  TemporaryFolder folder;
  const float values[2] = {1.5f, -2.0f};
  std::string data = "\x07" + std::string(reinterpret_cast<const char*>(values), 8);
  write_text(
      folder / "u.safetensors",
      raw(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"F32","shape":[2],"data_offsets":[1,9]}})",
          data));
  EXPECT_TRUE(SafetensorsFile(folder / "u.safetensors").get("b").equal(at::tensor({1.5f, -2.0f})));
}

TEST(Safetensors, BrokenFilesAreRefusedWithTheirName) {
  TemporaryFolder folder;
  const std::string good_entry = R"("a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]})";
  const std::string eight(8, 'x');
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "needs 8"},
      {"1234567", "needs 8"},
      {std::string(8, '\xFF'), "header claims"},
      {raw("{", ""), "not a JSON object"},
      {raw("[]", ""), "not a JSON object"},
      {raw("{" + good_entry + "}", "short"), "truncated"},
      {raw("{" + good_entry + "}", eight + "more"), "belong to no tensor"},
      {raw(R"({"a":{"dtype":"F31","shape":[2],"data_offsets":[0,8]}})", eight), "does not know; convert it"},
      {raw(R"({"a":{"dtype":"F32","shape":[0,9223372036854775808],"data_offsets":[0,0]}})", ""),
       "more elements"},
      {raw(R"({"a":{"dtype":"F4","shape":[17],"data_offsets":[0,8]}})", eight), "need 9"},
      {raw(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})",
           eight),
       "stands twice"},
      {raw(std::string(200000, '['), ""), "nested deeper than"},
      {raw(R"({"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}})", eight), "need 12"},
      {raw(R"({"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}})", eight), "malformed"},
      {raw(R"({"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]}})", eight),
       "more elements"},
      {raw(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}})", eight), "truncated"},
      {raw(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})",
           eight),
       "overlap"},
      {raw(R"({"a":7})", eight), "malformed"},
  };
  for (const auto& [bytes, part] : cases) {
    write_text(folder / "bad.safetensors", bytes);
    const std::string message =
        error_of([&] { SafetensorsFile file(folder / "bad.safetensors"); }, ErrorKind::kInput);
    EXPECT_NE(message.find(part), std::string::npos) << message << " | wanted: " << part;
    EXPECT_NE(message.find("bad.safetensors"), std::string::npos) << message;
  }
  error_of([&] { SafetensorsFile file(folder / "absent.safetensors"); }, ErrorKind::kInput);
}

// Valid files of newer tools: what libtorch has a type for comes back, the rest is listed and named.
TEST(Safetensors, DtypesThatFewReadAreListed) {
  TemporaryFolder folder;
  for (const auto& [dtype, bytes] : {std::pair{"U16", 4},
                                     {"U32", 8},
                                     {"U64", 16},
                                     {"C64", 16},
                                     {"F8_E8M0", 2},
                                     {"F8_E4M3FNUZ", 2},
                                     {"F4", 1},
                                     {"F6_E2M3", 2},
                                     {"F6_E3M2", 2}}) {
    write_text(folder / "x.safetensors",
               raw(concat(R"({"w":{"dtype":")", dtype, R"(","shape":[2],"data_offsets":[0,)", bytes, "]}}"),
                   std::string(bytes, '\0')));
    const SafetensorsFile file(folder / "x.safetensors");
    EXPECT_EQ(file.entries().at("w").dtype_name, dtype);
    EXPECT_EQ(file.entries().at("w").count(), 2u);
    if (file.entries().at("w").dtype != at::ScalarType::Undefined) {
      EXPECT_EQ(file.get("w").sizes(), (std::vector<int64_t>{2})) << dtype;
      continue;
    }
    const auto message = error_of([&] { file.get("w"); }, ErrorKind::kInput);
    EXPECT_NE(message.find(concat("is ", dtype, ", a dtype that is not supported")), std::string::npos)
        << message;
  }
}

// What people put in the place of a safetensors file: it is named, and the way out is not to download it
// again.
TEST(Safetensors, OtherFilesAreNamedAsWhatTheyAre) {
  TemporaryFolder folder;
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"GGUF\x03" + std::string(60, 'x'), "a GGUF file"},
      {"PK\x03\x04" + std::string(60, 'x'), "a PyTorch file (pickle)"},
      {"version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 5\n", "git lfs pull"},
      {"<!DOCTYPE html><html><body>Access denied</body></html>", "a web page"},
  };
  for (const auto& [bytes, part] : cases) {
    write_text(folder / "model.safetensors", bytes);
    const auto message =
        error_of([&] { SafetensorsFile file(folder / "model.safetensors"); }, ErrorKind::kInput);
    EXPECT_NE(message.find(part), std::string::npos) << message;
  }
}

// Neither a pipe without a writer nor a device without an end is waited for.
TEST(Safetensors, PipesDevicesAndLinksToThemselvesAreRefusedAtOnce) {
  TemporaryFolder folder;
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  std::filesystem::create_symlink(folder / "loop", folder / "loop");
  for (const auto& path : {folder / "pipe", std::filesystem::path("/dev/zero"), folder / "loop",
                           folder / std::string(5000, 'a')}) {
    error_of([&] { SafetensorsFile file(path); }, ErrorKind::kInput);
  }
}

TEST(Safetensors, AFailedWriteLeavesTheOldFile) {
  TemporaryFolder folder;
  write_safetensors(folder / "a.safetensors", {{"x", at::ones({2})}});
  error_of(
      [&] {
        write_file_atomically(folder / "a.safetensors", [](std::ostream& out) {
          out << "half";
          out.setstate(std::ios::badbit);  // what a full disk does
        });
      },
      ErrorKind::kResources);
  EXPECT_TRUE(SafetensorsFile(folder / "a.safetensors").get("x").equal(at::ones({2})));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

TEST(Checkpoint, ShardsAreReadThroughTheIndex) {
  TemporaryFolder folder;
  write_safetensors(folder / "model-00001-of-00002.safetensors", {{"a", at::ones({2})}});
  write_safetensors(folder / "model-00002-of-00002.safetensors", {{"b", at::zeros({3})}});
  const std::string index =
      R"({"weight_map":{"a":"model-00001-of-00002.safetensors","b":"model-00002-of-00002.safetensors"}})";
  write_text(folder / "model.safetensors.index.json", index);
  const Checkpoint checkpoint = Checkpoint::open(folder.path(), "model");
  EXPECT_EQ(checkpoint.entries().size(), 2u);
  EXPECT_TRUE(checkpoint.get("b").equal(at::zeros({3})));

  std::filesystem::remove(folder / "model-00002-of-00002.safetensors");
  const auto message = error_of([&] { Checkpoint::open(folder.path(), "model"); }, ErrorKind::kInput);
  EXPECT_NE(message.find("model-00002-of-00002.safetensors is missing"), std::string::npos) << message;
}

TEST(Checkpoint, WhatLiesThereInsteadOfTheWeightsIsNamed) {
  for (const auto& [file, part] :
       {std::pair{"model-Q4_K_M.gguf", "quantised (GGUF)"},
        {"model.fp16.safetensors", "a variant"},
        {"model-00001-of-00002.safetensors", "without model.safetensors.index.json"}}) {
    TemporaryFolder folder;
    write_text(folder / file, "x");
    const auto message = error_of([&] { Checkpoint::open(folder.path(), "model"); }, ErrorKind::kInput);
    EXPECT_NE(message.find(part), std::string::npos) << message;
    EXPECT_NE(message.find(file), std::string::npos) << message;
  }
}

TEST(Checkpoint, WeightsOfOtherFormsAreToldByTheirNames) {
  for (const auto& [name, part] :
       {std::pair{"layers.0.qweight", "quantised (GPTQ or AWQ)"},
        {"layers.0.weight.absmax", "quantised (bitsandbytes, 4 bits)"},
        {"layers.0.weight.quant_state.bitsandbytes__nf4", "quantised (bitsandbytes, 4 bits)"},
        {"layers.0.SCB", "quantised (bitsandbytes, 8 bits)"},
        {"layers.0.scale_weight", "quantised (fp8"},
        {"layers.0.weight_scale", "quantised (fp8"},
        {"scaled_fp8", "quantised (fp8"},
        {"model.diffusion_model.blocks.0.x", "a single file as ComfyUI takes it"},
        {"blocks.0.self_attn.q.weight", "Wan's original layout"},
        {"vace_blocks.0.x", "a VACE model"},
        {"blocks.0.attn2.add_k_proj.weight", "image-conditioned"},
        {"blocks.0.attn1.to_q.base_layer.weight", "not merged"},
        {"blocks.0.attn1.to_q.lora_A.weight", "it holds adapters"},
        {"_orig_mod.blocks.0.x", "torch.compile"},
        {"module.blocks.0.x", "DataParallel"}}) {
    TemporaryFolder folder;
    write_safetensors(folder / "a.safetensors",
                      {{"blocks.0.attn1.to_q.weight", at::ones({1})}, {name, at::ones({1})}});
    const std::string what = foreign_weights(Checkpoint::open_file(folder / "a.safetensors"));
    EXPECT_NE(what.find(part), std::string::npos) << what;
    EXPECT_NE(what.find(name), std::string::npos) << what;
  }
  TemporaryFolder folder;
  write_safetensors(folder / "a.safetensors", {{"blocks.0.attn1.to_q.weight", at::ones({1})}});
  EXPECT_EQ(foreign_weights(Checkpoint::open_file(folder / "a.safetensors")), "");
}

// Which folders people give: each message names the one that is wanted.
TEST(ModelFolder, WhatIsGivenInsteadIsNamed) {
  TemporaryFolder folder;
  const auto message = [&](const std::string& path, const std::string& role, const std::string& file) {
    return error_of([&] { require_model_folder(folder / path, role, file); }, ErrorKind::kInput);
  };
  const auto has = [](const std::string& text, const std::string& part) {
    EXPECT_NE(text.find(part), std::string::npos) << text << " | wanted: " << part;
  };
  const auto generator = [&](const std::string& path) {
    return message(path, "generator", "model_index.json");
  };
  has(generator("nowhere"), "no such generator folder");
  write_text(folder / "a.gguf", "GGUF   ");
  has(generator("a.gguf"), "is a file, wanted a generator folder in diffusers' layout; this is a GGUF file");
  write_text(folder / "models--A--B/refs/main", "second\n");
  write_text(folder / "models--A--B/snapshots/first/model_index.json", "{}");
  write_text(folder / "models--A--B/snapshots/second/model_index.json", "{}");
  has(generator("models--A--B"), "models--A--B/snapshots/second: give that");
  has(generator("."), "the hub's cache; give one model's folder:");
  write_text(folder / "Wan2.1-T2V-14B/config.json", R"({"_class_name":"WanModel","model_type":"t2v"})");
  has(generator("Wan2.1-T2V-14B"), "original layout of Wan; wanted diffusers' layout");
  has(generator("Wan2.1-T2V-14B"), "Wan-AI/Wan2.1-T2V-14B-Diffusers");
  write_text(folder / "i2v/config.json", R"({"_class_name":"WanModel","model_type":"i2v"})");
  has(generator("i2v"), "of type i2v; wanted a text-to-video model");
  write_text(folder / "Wan2.2-T2V-A14B/high_noise_model/config.json", "{}");
  has(generator("Wan2.2-T2V-A14B"), "original layout of Wan 2.2");
  write_text(folder / "pipe/model_index.json", "{}");
  write_text(folder / "pipe/transformer/config.json", "{}");
  has(generator("pipe/transformer"), "one part of a pipeline; give the folder above");
  write_text(folder / "over/inner/model_index.json", "{}");
  has(generator("over"), "over/inner?");
  write_text(folder / "peft/adapter_config.json", "{}");
  has(generator("peft"), "an adapter that PEFT saved");
  has(message("pipe", "critic", "config.json"), "a pipeline of diffusers, a generator");
  require_model_folder(folder / "pipe", "generator", "model_index.json");
}

TEST(Checkpoint, AFolderWithOldWeightsSaysSo) {
  TemporaryFolder folder;
  write_text(folder / "pytorch_model.bin", "x");
  const auto message = error_of([&] { Checkpoint::open(folder.path(), "model"); }, ErrorKind::kInput);
  EXPECT_NE(message.find("safe_serialization"), std::string::npos) << message;
}

}  // namespace
}  // namespace drf
