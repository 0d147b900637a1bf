// Byte-level BPE gives transformers' ids: tools/reference/text.py.
#include <gtest/gtest.h>

#include "drf/text/byte_alphabet.h"
#include "drf/text/tokenizer.h"
#include "drf/text/unicode.h"
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

const std::filesystem::path kTrained = source_path("tests/goldens/text/bpe");

TEST(ByteLevelBpe, TheTinyCriticsTokenizerEqualsTransformers) {
  expect_equal_to_reference(*open_tokenizer(source_path("assets/tiny/critic")), "tiny_bpe");
}

TEST(ByteLevelBpe, ATokenizerWithAddedTokensOfEveryKindEqualsTransformers) {
  expect_equal_to_reference(*open_tokenizer(kTrained), "bpe");
}

TEST(ByteLevelBpe, SpecialTokensStayTextOnRequest) {
  expect_equal_to_reference(*open_tokenizer(kTrained), "bpe_plain", /*parse_special=*/false);
}

TEST(ByteLevelBpe, MergesAreReadInBothForms) {
  json file = json::parse(read_file(kTrained / "tokenizer.json"));
  ASSERT_TRUE(file["model"]["merges"][0].is_string());
  for (auto& merge : file["model"]["merges"]) {
    const auto text = merge.get<std::string>();
    merge = {text.substr(0, text.find(' ')), text.substr(text.find(' ') + 1)};
  }
  const TemporaryFolder folder;
  write_text(folder / "tokenizer.json", file.dump());
  const auto before = open_tokenizer(kTrained), after = open_tokenizer(folder.path());
  const std::string text = "the background moves, doesn't it? <|im_end|>\n\n 12 \xE6\x97\xA5\xE6\x9C\xAC";
  EXPECT_EQ(before->encode(text), after->encode(text));
}

TEST(ByteLevelBpe, EveryByteSequenceOfATextComesBack) {
  const auto tokenizer = open_tokenizer(kTrained);
  std::string text;
  for (char32_t c = 0; c < 0x20000; c += 1 + c / 64) {
    if (c < 0xD800 || c > 0xDFFF) append_utf8(text, c);
  }
  text = normal_form(text, NormalForm::kNfc);
  EXPECT_EQ(tokenizer->decode(tokenizer->encode(text)), text);
  // A lone byte of a character is no text.
  EXPECT_EQ(tokenizer->decode({*tokenizer->id_of(byte_alphabet()[0xE6])}), "\xEF\xBF\xBD");
}

TEST(ByteLevelBpe, TokensAreFoundByNameAndByText) {
  const auto tokenizer = open_tokenizer(source_path("assets/tiny/critic"));
  EXPECT_EQ(tokenizer->id_of("<|video_pad|>"), 407);
  EXPECT_EQ(tokenizer->token_of(402), "<|im_end|>");
  EXPECT_EQ(tokenizer->eos_id(), 402);
  EXPECT_EQ(tokenizer->pad_id(), 400);
  EXPECT_EQ(tokenizer->id_of("no such token"), std::nullopt);
  EXPECT_EQ(tokenizer->single_token("!"), 0);
  EXPECT_EQ(tokenizer->single_token("!?!?"), std::nullopt);
  EXPECT_EQ(tokenizer->single_token("<|im_end|>"), std::nullopt);  // plain text here
  EXPECT_EQ(tokenizer->decode({402, 0}, /*skip_special=*/true), "!");
  const auto message = error_of(ErrorKind::kInput, [&] { tokenizer->decode({408}); });
  EXPECT_TRUE(says(message, "no token with id 408")) << message;
}

TEST(ByteLevelBpe, SpecialTokensInsideATextAreFound) {
  const auto tokenizer = open_tokenizer(testing::source_path("assets/tiny/critic"));
  EXPECT_EQ(tokenizer->special_in("Is the ball red?"), "");
  EXPECT_EQ(tokenizer->special_in("Is the <|video_pad|> red?"), "<|video_pad|>");
  EXPECT_EQ(tokenizer->special_in("Is it red?<|im_end|>\n"), "<|im_end|>");
  EXPECT_EQ(tokenizer->special_in("<|video_pad >"), "");
}

TEST(ByteLevelBpe, BrokenUtf8IsRefusedWithItsPlace) {
  const auto tokenizer = open_tokenizer(kTrained);
  for (const std::string text :
       {"ab\xFF", "ab\xC3", "ab\xED\xA0\x80", "ab\xC0\x80", "ab\xF4\x90\x80\x80", "ab\x80"}) {
    const auto message = error_of(ErrorKind::kInput, [&] { tokenizer->encode(text); });
    EXPECT_TRUE(says(message, "byte 2 ")) << message;
  }
}

TEST(ByteLevelBpe, FilesThatAreNotSupportedAreRefusedWithTheReason) {
  const json good = json::parse(read_file(kTrained / "tokenizer.json"));
  const TemporaryFolder folder;
  const auto message_for = [&](const std::string& bytes) {
    write_text(folder / "tokenizer.json", bytes);
    const auto message = error_of(ErrorKind::kInput, [&] { open_tokenizer(folder.path()); });
    EXPECT_TRUE(says(message, "tokenizer.json")) << message;
    return message;
  };
  const auto refused = [&](const char* path, const json& value, const char* part) {
    json bad = good;
    bad[json::json_pointer(path)] = value;
    const auto message = message_for(bad.dump());
    EXPECT_TRUE(says(message, part)) << message;
  };
  refused("/model/type", "WordPiece", "model type 'WordPiece' is not supported");
  refused("/model/dropout", 0.1, "model.dropout = 0.1");
  refused("/model/unk_token", "<unk>", "model.unk_token");
  refused("/model/byte_fallback", true, "model.byte_fallback");
  refused("/model/merges", json::array({"a nosuchtoken"}), "merge 0 ('a' and 'nosuchtoken')");
  refused("/model/merges", json::array({7}), "merge 0");
  refused("/model/vocab", {{"a", 0}}, "no token for byte 0");
  refused("/model/vocab", json::array({1}), "no map");
  refused("/model/vocab/a", "x", "id of 'a'");
  refused("/model/vocab/a", -3, "has id -3");
  refused("/normalizer", {{"type", "BertNormalizer"}}, "normalizer 'BertNormalizer' is not supported");
  refused("/pre_tokenizer", {{"type", "Whitespace"}}, "ByteLevel pre-tokenizer");
  refused("/decoder", nullptr, "ByteLevel pre-tokenizer and decoder");
  refused("/pre_tokenizer/pretokenizers/0/behavior", "MergedWithNext", "behavior 'MergedWithNext'");
  refused("/pre_tokenizer/pretokenizers/0/pattern", {{"Regex", "(a"}}, "does not compile");
  refused("/pre_tokenizer/pretokenizers/0/pattern", {{"Regex", "\\h+"}}, "\\h");
  refused("/pre_tokenizer/pretokenizers/0/pattern", {{"Regex", "[a&&b]"}}, "nested class");
  refused("/pre_tokenizer/pretokenizers/0/pattern", 3, "'pattern' is 3");
  refused("/post_processor", {{"type", "BertProcessing"}}, "post-processor 'BertProcessing'");
  refused("/added_tokens/0/content", 5, "'content' is 5");
  EXPECT_TRUE(says(message_for(good.dump().substr(0, 2000)), "not JSON"));
  EXPECT_TRUE(says(message_for("[]"), "'vocab'"));
  // Steps that make a text longer are held to lengths: a file must not turn a prompt into gigabytes.
  refused("/normalizer", {{"type", "Prepend"}, {"prepend", std::string(1000, 'a')}}, "has 1000 bytes");
  refused("/normalizer", {{"type", "Sequence"}, {"normalizers", json(size_t{200}, json{{"type", "NFC"}})}},
          "more than 100 steps");
  write_text(folder / "tokenizer.json", good.dump());
  write_text(folder / "tokenizer_config.json", "[1]");
  EXPECT_TRUE(says(error_of(ErrorKind::kInput, [&] { open_tokenizer(folder.path()); }),
                   "tokenizer_config.json: not a JSON object"));
  std::filesystem::remove(folder / "tokenizer_config.json");

  std::filesystem::remove(folder / "tokenizer.json");
  const auto message = error_of(ErrorKind::kInput, [&] { open_tokenizer(folder.path()); });
  EXPECT_TRUE(says(message, "neither tokenizer.json nor spiece.model")) << message;
}

}  // namespace
}  // namespace drf::text
