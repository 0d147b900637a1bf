#include "drf/tensor/safetensors.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/tensor/checkpoint.h"
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
      {raw(R"({"a":{"dtype":"F31","shape":[2],"data_offsets":[0,8]}})", eight), "unknown dtype"},
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

TEST(Checkpoint, AFolderWithOldWeightsSaysSo) {
  TemporaryFolder folder;
  write_text(folder / "pytorch_model.bin", "x");
  const auto message = error_of([&] { Checkpoint::open(folder.path(), "model"); }, ErrorKind::kInput);
  EXPECT_NE(message.find("safe_serialization"), std::string::npos) << message;
}

}  // namespace
}  // namespace drf
