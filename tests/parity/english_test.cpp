// src/drf/english against spaCy: tests/goldens/english.jsonl (tools/reference/english.py), or the file of
// that form that DRF_ENGLISH_GOLDENS names.

#include "drf/english/parse.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/english/arc_eager.h"
#include "drf/english/hash.h"
#include "drf/english/lexeme.h"
#include "drf/english/nonprojective.h"
#include "drf/english/tok2vec.h"
#include "drf/english/tokenizer.h"
#include "tests/support/expect_error.h"
#include "tests/support/golden.h"

namespace drf::english {
namespace {

std::vector<nlohmann::json> lines_of(const std::string& file) {
  std::vector<nlohmann::json> lines;
  std::istringstream in(read_file(file));
  for (std::string line; std::getline(in, line);) lines.push_back(nlohmann::json::parse(line));
  return lines;
}

std::vector<nlohmann::json> goldens() {
  const char* const other = std::getenv("DRF_ENGLISH_GOLDENS");
  return lines_of(other != nullptr ? other : testing::source_path("tests/goldens/english.jsonl"));
}

std::vector<Features> features_of(const std::string& text) {
  std::vector<Features> found;
  for (const Token& token : tokenize(text))
    found.push_back(features(text.substr(token.at, token.length), token.norm, token.spaced));
  return found;
}

// Every head is a word, every word has a root above it, and what lies between a word and its root ends.
void expect_trees(const std::vector<Word>& words, const std::string& text) {
  std::vector<bool> good(words.size());
  for (size_t i = 0; i < words.size(); ++i) {
    std::vector<size_t> way;
    size_t at = i;
    while (!good[at] && way.size() <= words.size()) {
      way.push_back(at);
      good[at] = words[at].head == at;
      at = words[at].head;
      ASSERT_LT(at, words.size()) << text;
    }
    ASSERT_LE(way.size(), words.size()) << "a circle in " << text;
    for (const size_t passed : way) good[passed] = true;
  }
}

TEST(English, WordsTagsLabelsAndHeadsAreSpacys) {
  const auto lines = goldens();
  ASSERT_GE(lines.size(), 400U);
  size_t crossing = 0;
  for (const auto& golden : lines) {
    const auto text = golden["text"].get<std::string>();
    const auto words = parse(text);
    std::vector<std::string> got, want;
    for (const Word& word : words) {
      EXPECT_EQ(word.text, text.substr(word.at, word.text.size()));
      got.push_back(concat(word.at, " ", word.text.size(), " ", word.tag, " ", word.dep, " ", word.head));
    }
    for (const auto& word : golden["words"]) {
      want.push_back(concat(word[0].get<size_t>(), " ", word[1].get<size_t>(), " ",
                            word[2].get<std::string>(), " ", word[3].get<std::string>(), " ",
                            word[4].get<size_t>()));
    }
    EXPECT_EQ(got, want) << text;
    expect_trees(words, text);
    for (size_t i = 0; i < words.size(); ++i) {  // arcs that cross others are among them
      for (size_t j = i + 1; j < words.size(); ++j) {
        const auto [a, b] = std::minmax(i, words[i].head);
        const auto [c, d] = std::minmax(j, words[j].head);
        crossing += words.size() < 100 && ((a < c && c < b && b < d) || (c < a && a < d && d < b));
      }
    }
  }
  EXPECT_GE(crossing, 5U);
}

TEST(English, FeaturesOfWordsAreSpacys) {
  size_t compared = 0;
  for (const auto& golden : goldens()) {
    if (!golden.contains("ids")) continue;
    const auto text = golden["text"].get<std::string>();
    std::vector<std::string> got;
    for (const Features& word : features_of(text)) {
      std::ostringstream out;
      out << std::hex;
      for (size_t i = 0; i < word.size(); ++i) out << (i > 0 ? " " : "") << word[i];
      got.push_back(out.str());
    }
    EXPECT_EQ(got, golden["ids"].get<std::vector<std::string>>()) << text;
    compared += got.size();
  }
  EXPECT_GE(compared, 1000U);
}

// spaCy computes in float32; its matrix products sum in another order.
TEST(English, VectorsAndProbabilitiesAreSpacys) {
  size_t vectors = 0, probabilities = 0;
  for (const auto& golden : goldens()) {
    const auto text = golden["text"].get<std::string>();
    if (golden.contains("vectors")) {
      const auto got = word_vectors(features_of(text));
      size_t i = 0;
      for (const auto& row : golden["vectors"])
        for (const auto& value : row) EXPECT_NEAR(got.at(i++), value.get<double>(), 1e-4) << text;
      EXPECT_EQ(i, got.size());
      vectors += i;
    }
    if (golden.contains("p")) {
      const auto words = parse(text);
      ASSERT_EQ(words.size(), golden["p"].size());
      for (size_t i = 0; i < words.size(); ++i) {
        EXPECT_NEAR(words[i].tag_p, golden["p"][i][0].get<double>(), 1e-4) << text << ": " << words[i].text;
        EXPECT_NEAR(words[i].arc_p, golden["p"][i][1].get<double>(), 1e-4) << text << ": " << words[i].text;
      }
      probabilities += words.size();
    }
  }
  if (std::getenv("DRF_ENGLISH_GOLDENS") == nullptr) {
    EXPECT_GE(vectors, 500U);
  }
  EXPECT_GE(probabilities, 1000U);
}

TEST(English, WordsThatHangTooHighAreMovedAsSpacyMovesThem) {
  size_t moved = 0;
  for (const auto& golden : lines_of(testing::source_path("tests/goldens/english_trees.jsonl"))) {
    std::vector<Arc> arcs;
    const auto before = golden["heads"].get<std::vector<size_t>>();
    const auto labels = golden["labels"].get<std::vector<std::string>>();
    for (size_t i = 0; i < before.size(); ++i) arcs.push_back({before[i], labels[i], 1});
    deprojectivize(arcs, golden["blanks"].get<std::vector<bool>>());
    std::vector<size_t> heads;
    std::vector<std::string> named;
    for (const Arc& arc : arcs) {
      heads.push_back(arc.head);
      named.push_back(arc.label);
    }
    EXPECT_EQ(heads, golden["after"].get<std::vector<size_t>>()) << golden;
    EXPECT_EQ(named, golden["named"].get<std::vector<std::string>>()) << golden;
    moved += heads != before;
  }
  EXPECT_GE(moved, 50U);
}

TEST(English, AWordDoesNotDependOnTextsFarAway) {
  const auto alone = word_vectors(features_of("a dog runs across the wet sand"));
  const auto longer =
      word_vectors(features_of("a dog runs across the wet sand of a beach at dawn, far away"));
  // "a" and "dog" see four words to the right, which are the same; so are the sums, to the bit.
  for (size_t i = 0; i < 2 * kVectorWidth; ++i) ASSERT_EQ(alone[i], longer[i]) << i;
}

TEST(English, HashesAreThePublishedOnes) {
  EXPECT_EQ(string_id("coffee"), 3197928453018144401U);  // spaCy's documentation of StringStore
  EXPECT_EQ(string_id("apple"), 8566208034543834098U);
  EXPECT_EQ(string_id(""), 0U);
  EXPECT_LT(string_id("nsubj"), 1000U);  // a symbol
}

TEST(English, MovesThatAreNotAllowedAreRefused) {
  ArcEager state(2);
  EXPECT_FALSE(state.is_valid(MoveKind::kLeft));
  EXPECT_FALSE(state.is_valid(MoveKind::kRight));
  EXPECT_FALSE(state.is_valid(MoveKind::kReduce));
  EXPECT_TRUE(state.is_valid(MoveKind::kBreak));
  EXPECT_THROW(state.apply(MoveKind::kLeft), Error);
  state.apply(MoveKind::kBreak);
  EXPECT_FALSE(state.is_valid(MoveKind::kBreak)) << "the second word begins a sentence already";
  state.apply(MoveKind::kShift);
  EXPECT_FALSE(state.is_valid(MoveKind::kShift)) << "the last word is not read onto another";
  EXPECT_FALSE(state.is_valid(MoveKind::kRight)) << "no arc leads into the next sentence";
  state.apply(MoveKind::kReduce);
  state.apply(MoveKind::kShift);
  state.apply(MoveKind::kReduce);
  EXPECT_TRUE(state.is_final());
  EXPECT_EQ(state.head(0), ArcEager::kNone);
}

TEST(English, HostileTextsAreReadToTheEnd) {
  std::string controls;
  for (int i = 0; i < 2000; ++i) controls += static_cast<char>(i % 32);
  std::string addresses;
  for (int i = 0; i < 40; ++i) addresses.append("a:").append(1900, i % 2 == 0 ? ':' : '.').append("@ ");
  std::string marks = "a";
  for (int i = 0; i < 20000; ++i) marks += "\xcc\x81";
  std::string sigmas;
  for (int i = 0; i < 20000; ++i) sigmas += i % 3 == 0 ? "\xce\xa3" : "'";
  const std::vector<std::string> texts{std::string(1'000'000, 'a'),
                                       std::string(1'000'000, '.'),
                                       std::string(1'000'000, ' '),
                                       "a" + std::string(100'000, '-'),
                                       std::string(3000, '('),
                                       std::string(3000, '\''),
                                       std::string(2000, '\0'),
                                       controls,
                                       addresses,
                                       marks,
                                       sigmas};
  for (const std::string& text : texts) {
    const auto words = parse(text);
    std::string joined;
    for (const Word& word : words) {
      ASSERT_GE(word.at, joined.size());
      joined.append(word.at - joined.size(), ' ').append(word.text);
    }
    joined.resize(text.size(), ' ');
    EXPECT_TRUE(joined == text) << "some bytes belong to no word: " << text.substr(0, 20);
    expect_trees(words, text.substr(0, 20));
  }
}

TEST(English, BytesThatAreNoTextAreRefused) {
  const std::string message = testing::error_of(ErrorKind::kInput, [] { parse("a \xff dog"); });
  EXPECT_TRUE(testing::says(message, "byte 2 (0xFF) is not UTF-8"));
}

}  // namespace
}  // namespace drf::english
