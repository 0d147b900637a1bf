#pragma once
// tests/goldens/text/cases.json (tools/reference/text.py): thousands of strings, and what transformers makes
// of them.

#include <gtest/gtest.h>

#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "drf/base/files.h"
#include "drf/text/tokenizer.h"
#include "tests/support/golden.h"

namespace drf::testing {

inline nlohmann::json read_text_golden(const std::string& name) {
  return nlohmann::json::parse(read_file(source_path("tests/goldens/text/" + name)));
}

/// The low half of FNV-1a, as eight hexadecimal digits.
inline std::string hash_bytes(const std::string& bytes) {
  uint64_t value = 0xCBF29CE484222325u;
  for (const char c : bytes) value = (value ^ static_cast<unsigned char>(c)) * 0x100000001B3u;
  char text[9];
  std::snprintf(text, sizeof(text), "%08x", static_cast<unsigned>(value & 0xFFFFFFFFu));
  return text;
}

inline std::string hash_ids(const std::vector<int64_t>& ids, const std::string& text = "") {
  std::string bytes;
  for (const int64_t id : ids) {
    for (int shift = 0; shift < 32; shift += 8) bytes.push_back(static_cast<char>(id >> shift & 0xFF));
  }
  return hash_bytes(bytes + text);
}

/// Every string of the golden gives the ids that transformers gives, and those decode to the same text.
inline void expect_equal_to_reference(const text::Tokenizer& tokenizer, const std::string& name,
                                      bool parse_special = true) {
  const auto golden = read_text_golden("cases.json");
  const auto& want = golden["tokenizers"][name];
  EXPECT_EQ(tokenizer.size(), want["size"].get<int64_t>());
  const auto expect_id = [](std::optional<int64_t> got, const nlohmann::json& id) {
    EXPECT_EQ(got ? nlohmann::json(*got) : nlohmann::json(), id);
  };
  expect_id(tokenizer.eos_id(), want["eos"]);
  expect_id(tokenizer.pad_id(), want["pad"]);

  const text::EncodeOptions options{.add_special_tokens = true, .parse_special = parse_special};
  const auto strings = golden["strings"].get<std::vector<std::string>>();
  const auto hashes = want["hashes"].get<std::string>();
  ASSERT_GE(strings.size(), 2000u);
  ASSERT_EQ(hashes.size(), 8 * strings.size());
  ASSERT_EQ(want["first"].size(), 40u);
  ASSERT_EQ(want["padded"].size(), 40u);
  ASSERT_EQ(golden["long"].size(), 8u);
  for (size_t i = 0; i < want["first"].size(); ++i) {
    EXPECT_EQ(nlohmann::json(tokenizer.encode(strings[i], options)), want["first"][i])
        << nlohmann::json(strings[i]);
  }
  int64_t unlike = 0;
  for (size_t i = 0; i < strings.size() && unlike < 5; ++i) {
    const auto ids = tokenizer.encode(strings[i], options);
    const std::string hash = hash_ids(ids, tokenizer.decode(ids));
    if (hash == hashes.substr(8 * i, 8)) continue;
    ++unlike;
    ADD_FAILURE() << "string " << i << " " << nlohmann::json(strings[i]) << " gave " << nlohmann::json(ids);
  }
  for (size_t i = 0; i < golden["long"].size(); ++i) {
    const auto unit = golden["long"][i][0].get<std::string>();
    std::string text;
    for (int64_t n = golden["long"][i][1].get<int64_t>(); n > 0; --n) text += unit;
    EXPECT_EQ(hash_ids(tokenizer.encode(text, options)), want["long"][i].get<std::string>())
        << nlohmann::json(unit);
  }
  for (size_t i = 0; parse_special && i < want["padded"].size(); ++i) {
    const text::PaddedIds padded = tokenizer.encode_padded(strings[i], 9);
    EXPECT_EQ(nlohmann::json(padded.ids), want["padded"][i]) << nlohmann::json(strings[i]);
    const int64_t own = static_cast<int64_t>(std::min<size_t>(tokenizer.encode(strings[i]).size(), 9));
    for (int64_t k = 0; k < 9; ++k) EXPECT_EQ(padded.mask[static_cast<size_t>(k)], k < own ? 1 : 0);
  }
}

}  // namespace drf::testing
