// Unigram tokenizers give the ids that diffusers' Wan pipeline gets from the same folder:
// tools/reference/text.py.
#include <gtest/gtest.h>

#include "drf/text/precompiled_charsmap.h"
#include "drf/text/tokenizer.h"
#include "tests/support/expect_error.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/text_cases.h"

namespace drf::text {
namespace {

using nlohmann::json;
using testing::error_of;
using testing::expect_equal_to_reference;
using testing::says;
using testing::source_path;
using testing::TemporaryFolder;
using testing::write_text;

const std::filesystem::path kTiny = source_path("assets/tiny/generator/tokenizer");
const std::filesystem::path kTrained = source_path("tests/goldens/text/unigram");

// A folder with only some of another's files.
void copy(const std::filesystem::path& from, const TemporaryFolder& to,
          const std::vector<std::string>& files) {
  for (const auto& file : files) write_text(to / file, read_file(from / file));
}

TEST(Unigram, TheTinyGeneratorsTokenizerEqualsTransformers) {
  expect_equal_to_reference(*open_tokenizer(source_path("assets/tiny/generator")), "tiny_unigram");
}

TEST(Unigram, SpieceModelAloneGivesWhatTransformersReadsFromIt) {
  const TemporaryFolder folder;
  copy(kTiny, folder, {"spiece.model"});
  expect_equal_to_reference(*open_tokenizer(folder.path()), "tiny_spiece");
}

TEST(Unigram, TheLayoutOfUmt5XxlEqualsTransformers) {
  expect_equal_to_reference(*open_tokenizer(kTrained), "unigram");
}

TEST(Unigram, TokenizerJsonAloneGetsTheDefaultsOfT5) {
  const TemporaryFolder folder;
  copy(kTrained, folder, {"tokenizer.json"});
  expect_equal_to_reference(*open_tokenizer(folder.path()), "unigram_json");
}

TEST(Unigram, SpieceModelWithItsConfigEqualsTransformers) {
  const TemporaryFolder folder;
  copy(kTrained, folder, {"spiece.model", "tokenizer_config.json"});
  expect_equal_to_reference(*open_tokenizer(folder.path()), "unigram_spiece");
}

TEST(Unigram, AnotherTokenizerClassFollowsTheFileItself) {
  const TemporaryFolder folder;
  copy(kTrained, folder, {"tokenizer.json"});
  write_text(
      folder / "tokenizer_config.json",
      R"({"tokenizer_class":"PreTrainedTokenizerFast","eos_token":"</s>","pad_token":"<pad>","unk_token":"<unk>"})");
  expect_equal_to_reference(*open_tokenizer(folder.path()), "unigram_file");
}

TEST(Unigram, TruncationKeepsTheEndTokenLast) {
  const auto tokenizer = open_tokenizer(kTiny);
  const std::string prompt = "a red ball moves left on a black background";
  const auto whole = tokenizer->encode(prompt);
  ASSERT_GT(whole.size(), 8u);
  EXPECT_EQ(whole.back(), *tokenizer->eos_id());
  for (size_t length = 1; length <= whole.size() + 2; ++length) {
    const PaddedIds cut = tokenizer->encode_padded(prompt, static_cast<int64_t>(length));
    ASSERT_EQ(cut.ids.size(), length);
    ASSERT_EQ(cut.mask.size(), length);
    const size_t own = std::min(length, whole.size());
    EXPECT_EQ(cut.ids[own - 1], *tokenizer->eos_id());
    for (size_t i = 0; i + 1 < own; ++i) EXPECT_EQ(cut.ids[i], whole[i]);
    for (size_t i = own; i < length; ++i) EXPECT_EQ(cut.ids[i], *tokenizer->pad_id());
    for (size_t i = 0; i < length; ++i) EXPECT_EQ(cut.mask[i], i < own ? 1 : 0);
  }
  const auto message = error_of(ErrorKind::kConfig, [&] { tokenizer->encode_padded(prompt, 0); });
  EXPECT_TRUE(says(message, "text length 0 is too short")) << message;
}

TEST(Unigram, FilesThatAreNotSupportedAreRefusedWithTheReason) {
  const json good = json::parse(read_file(kTrained / "tokenizer.json"));
  const TemporaryFolder folder;
  write_text(folder / "tokenizer_config.json", R"({"tokenizer_class":"PreTrainedTokenizerFast"})");
  const auto refused = [&](const char* path, const json& value, const char* part) {
    json bad = good;
    bad[json::json_pointer(path)] = value;
    write_text(folder / "tokenizer.json", bad.dump());
    const auto message = error_of(ErrorKind::kInput, [&] { open_tokenizer(folder.path()); });
    EXPECT_TRUE(says(message, part)) << message;
    EXPECT_TRUE(says(message, "tokenizer.json")) << message;
  };
  refused("/model/vocab/3", json::array({"a"}), "model.vocab[3] is not [piece, score]");
  refused("/model/vocab", json::array(), "the vocabulary is empty");
  refused("/model/unk_id", 9999, "unk_id is 9999");
  refused("/pre_tokenizer/prepend_scheme", "first", "prepend_scheme 'first'");
  refused("/decoder", {{"type", "WordPiece"}}, "Metaspace decoder");
  refused("/normalizer/normalizers/0/precompiled_charsmap", "!!", "not base64");
  refused("/normalizer/normalizers/0/precompiled_charsmap", "AAAAAAAA", "the file is damaged");
  refused("/normalizer/normalizers/2/type", "StripAccents", "normalizer 'StripAccents'");

  json without_unknown = good;
  without_unknown["model"]["unk_id"] = nullptr;
  without_unknown["model"]["byte_fallback"] = false;
  write_text(folder / "tokenizer.json", without_unknown.dump());
  const auto tokenizer = open_tokenizer(folder.path());
  const auto message = error_of(ErrorKind::kInput, [&] { tokenizer->encode("\xF0\x9F\xA6\x86"); });
  EXPECT_TRUE(says(message, "unk_id is not set")) << message;

  json without_end = good;
  without_end["model"]["vocab"][1][0] = "<end>";
  without_end["added_tokens"] = json::array();
  std::filesystem::remove(folder / "tokenizer_config.json");
  write_text(folder / "tokenizer.json", without_end.dump());
  const auto no_end = error_of(ErrorKind::kInput, [&] { open_tokenizer(folder.path()); });
  EXPECT_TRUE(says(no_end, "no eos_token '</s>'")) << no_end;
}

TEST(Unigram, ADamagedSpieceModelIsRefusedByName) {
  const TemporaryFolder folder;
  write_text(folder / "spiece.model", "not a model");
  const auto message = error_of(ErrorKind::kInput, [&] { open_tokenizer(folder.path()); });
  EXPECT_TRUE(says(message, "spiece.model")) << message;
  write_text(folder / "spiece.model", read_file(kTiny / "spiece.model").substr(0, 5000));
  EXPECT_TRUE(says(error_of(ErrorKind::kInput, [&] { open_tokenizer(folder.path()); }), "spiece.model"));
}

TEST(Charsmap, DamagedTriesNeverReadBeyondTheirEnd) {
  const std::string where = "f";
  for (uint32_t seed = 1; seed < 200; ++seed) {
    std::string blob = {16, 0, 0, 0};
    uint32_t state = seed * 2654435761u;
    for (int i = 0; i < 24; ++i)
      blob.push_back(static_cast<char>((state = state * 1664525u + 1013904223u) >> 24));
    const PrecompiledCharsmap map(blob, where);
    for (char c = 1; c < 127; ++c) map.apply(std::string(3, c));
  }
}

}  // namespace
}  // namespace drf::text
