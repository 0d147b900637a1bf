#include "drf/base/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace drf {
namespace {

using Words = std::array<uint32_t, 4>;

// Random123 1.14, tests/kat_vectors, lines "philox4x32 10".
TEST(Philox, EqualsThePublishedKnownAnswers) {
  EXPECT_EQ(philox4x32({0, 0, 0, 0}, {0, 0}), (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  const uint32_t ones = 0xffffffff;
  EXPECT_EQ(philox4x32({ones, ones, ones, ones}, {ones, ones}),
            (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Random, AStreamIsTheBlocksOfItsKeyInOrder) {
  RandomStream stream({.seed = 0x1122334455667788, .purpose = Purpose::kStepPolicy, .index = 9, .update = 4});
  for (uint32_t block = 0; block < 3; ++block) {
    for (const uint32_t word : philox4x32({block, 3u << 16, 9, 4}, {0x55667788, 0x11223344})) {
      EXPECT_EQ(stream.next_word(), word);
    }
  }
}

// Against the C library in double: the portable log, cos and sin are good to the last bits of a double, so
// that the float is the correctly rounded one but for ties.
TEST(Random, NormalsAreBoxMullerOfTheUniforms) {
  const RandomKey key{.seed = 7, .purpose = Purpose::kNoise, .index = 3, .update = 11};
  const size_t n = 200001;
  const auto values = normal(key, n);
  RandomStream stream(key);
  for (size_t i = 0; i < n; i += 2) {
    const double u = stream.next_uniform(), v = stream.next_uniform();
    const double radius = std::sqrt(-2 * std::log1p(-u));
    const double want[2] = {radius * std::cos(2 * M_PI * v), radius * std::sin(2 * M_PI * v)};
    for (size_t j = 0; j < 2 && i + j < n; ++j)
      ASSERT_NEAR(values[i + j], want[j], 6e-8 * std::abs(want[j]) + 1e-14) << i;
  }
}

TEST(Random, NormalsHaveTheMomentsAndTheTailsOfANormal) {
  const size_t n = 1 << 20;
  const auto values = normal({.seed = 1}, n);
  double moment[5] = {};
  size_t beyond = 0;
  for (const double x : values) {
    for (int k = 1; k <= 4; ++k) moment[k] += std::pow(x, k) / n;
    beyond += std::abs(x) > 3;
  }
  // Five standard errors: sd(x^k) / sqrt(n).
  EXPECT_NEAR(moment[1], 0, 5 * 1.0 / 1024);
  EXPECT_NEAR(moment[2], 1, 5 * std::sqrt(2.0) / 1024);
  EXPECT_NEAR(moment[3], 0, 5 * std::sqrt(15.0) / 1024);
  EXPECT_NEAR(moment[4], 3, 5 * std::sqrt(96.0) / 1024);
  EXPECT_NEAR(beyond, 0.0026998 * n, 5 * std::sqrt(0.0027 * n));
}

// The literal values pin the numbers of every run for good.
TEST(Random, TheNumbersOfAKeyNeverChange) {
  const auto values = normal({.seed = 42, .purpose = Purpose::kNoise, .index = 5, .update = 2}, 4);
  const std::vector<float> pinned = {1.1989702f, 0.460678339f, 0.254468411f, -0.0784259439f};
  EXPECT_EQ(values, pinned);
  EXPECT_EQ(shuffle({.seed = 42, .purpose = Purpose::kPromptOrder}, 8),
            (std::vector<int64_t>{7, 4, 2, 1, 5, 6, 3, 0}));
}

TEST(Random, AnyPartOfTheKeyChangesEverything) {
  const RandomKey base{.seed = 1, .purpose = Purpose::kNoise, .index = 2, .update = 3};
  const auto values = normal(base, 64);
  RandomKey seed = base, high_seed = base, purpose = base, index = base, update = base;
  seed.seed = 2;
  high_seed.seed += uint64_t{1} << 32;
  purpose.purpose = Purpose::kEvalNoise;
  index.index = 3;
  update.update = 2;
  for (const RandomKey& other : {seed, high_seed, purpose, index, update}) {
    const auto others = normal(other, 64);
    for (size_t i = 0; i < 64; ++i) EXPECT_NE(values[i], others[i]);
  }
  const auto longer = normal(base, 77);
  EXPECT_TRUE(std::equal(values.begin(), values.end(), longer.begin()));
}

TEST(Random, ShufflesArePermutationsAndEveryOneIsAsLikely) {
  std::map<std::vector<int64_t>, int> counts;
  const int draws = 24000;
  for (uint32_t i = 0; i < draws; ++i)
    ++counts[shuffle({.seed = 3, .purpose = Purpose::kPromptOrder, .index = i}, 4)];
  EXPECT_EQ(counts.size(), 24u);
  for (const auto& [order, count] : counts) EXPECT_NEAR(count, 1000, 5 * std::sqrt(1000.0));
  EXPECT_TRUE(shuffle({}, 0).empty());
  auto order = shuffle({.seed = 9}, 1000);
  std::sort(order.begin(), order.end());
  for (int64_t i = 0; i < 1000; ++i) EXPECT_EQ(order[i], i);
}

TEST(Random, UniformsStayInTheirRange) {
  const auto values = uniform({.seed = 5}, 100000, -2, 3);
  EXPECT_GE(*std::min_element(values.begin(), values.end()), -2);
  EXPECT_LT(*std::max_element(values.begin(), values.end()), 3);
  EXPECT_NEAR(std::accumulate(values.begin(), values.end(), 0.0) / 1e5, 0.5, 5 * 5 / std::sqrt(12e5));
}

TEST(Random, TextHashesAreFnv1a) {
  EXPECT_EQ(hash_text(""), 0xCBF29CE484222325u);
  EXPECT_EQ(hash_text("a"), 0xAF63DC4C8601EC8Cu);
}

}  // namespace
}  // namespace drf
