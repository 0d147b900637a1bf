// CLIP's tokenizer gives transformers' ids: tools/reference/clip.py.
#include <gtest/gtest.h>

#include "drf/text/clip_tokenizer.h"
#include "drf/text/unicode.h"
#include "tests/support/expect_error.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/text_cases.h"

namespace drf::text {
namespace {

using nlohmann::json;
using testing::error_of;
using testing::hash_ids;
using testing::read_text_golden;
using testing::says;
using testing::source_path;
using testing::TemporaryFolder;
using testing::write_text;

const std::filesystem::path kTrained = source_path("tests/goldens/text/clip");

void copy_files(const TemporaryFolder& folder, const std::vector<std::string>& names) {
  for (const auto& name : names) std::filesystem::copy(kTrained / name, folder.path() / name);
}

void expect_equal_to_reference(const Tokenizer& tokenizer, const std::string& name) {
  const json golden = read_text_golden("clip_cases.json"), want = golden["tokenizers"][name];
  EXPECT_EQ(tokenizer.size(), want["size"].get<int64_t>());
  EXPECT_EQ(tokenizer.eos_id(), want["eos"].get<int64_t>());
  EXPECT_EQ(tokenizer.pad_id(), want["pad"].get<int64_t>());
  auto strings = golden["strings"].get<std::vector<std::string>>();
  ASSERT_GT(strings.size(), 30u);
  for (size_t i = 0; i < strings.size(); ++i) {
    EXPECT_EQ(json(tokenizer.encode(strings[i])), want["nasty"][i]) << json(strings[i]);
    EXPECT_EQ(json(tokenizer.encode_padded(strings[i], 77).ids), want["padded"][i]) << json(strings[i]);
  }
  const json all = read_text_golden("cases.json");
  for (const auto& more : all["strings"]) strings.push_back(more);
  const auto hashes = want["hashes"].get<std::string>();
  ASSERT_EQ(hashes.size(), 8 * strings.size());
  int64_t unlike = 0;
  for (size_t i = 0; i < strings.size() && unlike < 5; ++i) {
    const auto ids = tokenizer.encode(strings[i]);
    if (hash_ids(ids, tokenizer.decode(ids)) == hashes.substr(8 * i, 8)) continue;
    ++unlike;
    ADD_FAILURE() << "string " << i << " " << json(strings[i]) << " gave " << json(ids) << " = "
                  << json(tokenizer.decode(ids));
  }
}

// tokenizer.json says other rules than the class, which count for nothing.
TEST(ClipTokenizer, AReleasedFoldersIdsEqualTransformers) {
  expect_equal_to_reference(*open_clip_tokenizer(kTrained), "all");
  expect_equal_to_reference(*open_tokenizer(kTrained), "all");  // by the class that it names
}

TEST(ClipTokenizer, VocabularyAndMergesAloneAreEnough) {
  const TemporaryFolder folder;
  copy_files(folder, {"vocab.json", "merges.txt"});
  expect_equal_to_reference(*open_clip_tokenizer(folder.path()), "plain");
}

TEST(ClipTokenizer, TokenizerJsonAloneIsEnough) {
  const TemporaryFolder folder;
  copy_files(folder, {"tokenizer.json"});
  expect_equal_to_reference(*open_clip_tokenizer(folder.path()), "json");
}

TEST(ClipTokenizer, APaddingTokenIsFoundInTexts) {
  const TemporaryFolder folder;
  copy_files(folder, {"vocab.json", "merges.txt"});
  write_text(folder / "tokenizer_config.json",
             R"({"bos_token":"<|startoftext|>","eos_token":"<|endoftext|>","pad_token":"!",)"
             R"("tokenizer_class":"CLIPTokenizer"})");
  expect_equal_to_reference(*open_clip_tokenizer(folder.path()), "bang");
}

TEST(ClipTokenizer, TheFolderBelowIsFound) {
  const TemporaryFolder folder;
  std::filesystem::copy(kTrained, folder / "tokenizer", std::filesystem::copy_options::recursive);
  EXPECT_EQ(open_clip_tokenizer(folder.path())->encode("A cat"),
            open_clip_tokenizer(kTrained)->encode("a  CAT"));
}

TEST(ClipTokenizer, LongTextsKeepTheirEnd) {
  const auto tokenizer = open_clip_tokenizer(kTrained);
  const PaddedIds padded = tokenizer->encode_padded(std::string(400, '7'), 77);
  EXPECT_EQ(padded.ids.size(), 77u);
  EXPECT_EQ(padded.cut, 400 + 2 - 77);
  EXPECT_EQ(padded.ids.front(), tokenizer->id_of("<|startoftext|>"));
  EXPECT_EQ(padded.ids.back(), tokenizer->id_of("<|endoftext|>"));
  EXPECT_EQ(padded.mask.back(), 1);
}

TEST(LowerCase, IsRustsForEveryCharacter) {
  const json want = read_text_golden("clip_cases.json")["lower"];
  std::vector<char32_t> every;
  for (char32_t c = 1; c < 0x110000; ++c) {
    if (c < 0xD800 || c > 0xDFFF) every.push_back(c);
  }
  ASSERT_EQ(want.size(), (every.size() + 4095) / 4096);
  for (size_t block = 0; block < want.size(); ++block) {
    std::string text;
    for (size_t i = 4096 * block; i < std::min(every.size(), 4096 * (block + 1)); ++i)
      append_utf8(text, every[i]);
    EXPECT_EQ(testing::hash_bytes(lower_case(text)), want[block].get<std::string>())
        << "from " << static_cast<unsigned>(every[4096 * block]);
  }
  EXPECT_EQ(lower_case("\xCE\xA3"), "\xCF\x83");  // a final sigma too
  EXPECT_EQ(lower_case("A\xC4\xB0"
                       "B"),
            "ai\xCC\x87"
            "b");
}

TEST(ClipTokenizer, FilesThatAreNotSupportedAreRefusedWithTheReason) {
  const auto message = [](const TemporaryFolder& folder) {
    return error_of(ErrorKind::kInput, [&] { open_clip_tokenizer(folder.path()); });
  };
  const TemporaryFolder folder;
  EXPECT_TRUE(says(message(folder), "holds neither tokenizer.json nor vocab.json and merges.txt"));
  copy_files(folder, {"vocab.json"});
  EXPECT_TRUE(says(message(folder), "neither tokenizer.json nor vocab.json and merges.txt"));
  const std::string merges = read_file(kTrained / "merges.txt");
  write_text(folder / "merges.txt", merges + "lonely\n");
  EXPECT_TRUE(says(message(folder), "'lonely', wanted two tokens and a space"));
  write_text(folder / "merges.txt", merges + "x nosuchtoken\n");
  EXPECT_TRUE(says(message(folder), "('x' and 'nosuchtoken') names tokens that are not in the vocabulary"));
  write_text(folder / "merges.txt", merges);

  const auto changed = [&](const std::function<void(json&)>& change) {
    json vocabulary = json::parse(read_file(kTrained / "vocab.json"));
    change(vocabulary);
    write_text(folder / "vocab.json", vocabulary.dump());
    return message(folder);
  };
  EXPECT_TRUE(says(changed([](json& v) { v.erase("!</w>"); }), "no token for byte 33 ('!</w>')"));
  EXPECT_TRUE(says(changed([](json& v) { v.erase("!"); }), "no token for byte 33 ('!')"));
  EXPECT_TRUE(says(changed([](json& v) { v.erase("<|endoftext|>"); }), "no end token ('<|endoftext|>')"));
  EXPECT_TRUE(says(changed([](json& v) { v.erase("<|startoftext|>"); }), "no start token"));
  EXPECT_TRUE(says(changed([](json& v) { v["!"] = "x"; }), "id of '!'"));
  EXPECT_TRUE(says(changed([](json& v) { v = json::array({1}); }), "no map"));
  write_text(folder / "vocab.json", read_file(kTrained / "vocab.json"));
  write_text(folder / "tokenizer_config.json", R"({"tokenizer_class": "GPT2Tokenizer"})");
  EXPECT_TRUE(says(message(folder), "tokenizer_class is 'GPT2Tokenizer'; only CLIPTokenizer is supported"));
}

}  // namespace
}  // namespace drf::text
