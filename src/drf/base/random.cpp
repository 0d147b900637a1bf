#include "drf/base/random.h"

#include <cmath>
#include <numeric>
#include <utility>

namespace drf {
namespace {

// log(x) for a positive normal x. x = m 2^e with m in [sqrt(1/2), sqrt(2)); log m = 2 atanh(s), s =
// (m-1)/(m+1), |s| < 0.172.
double portable_log(double x) {
  int exponent = 0;
  double m = std::frexp(x, &exponent);  // exact, m in [1/2, 1)
  if (m < 0.70710678118654752440) {
    m *= 2;
    --exponent;
  }
  const double s = (m - 1) / (m + 1), square = s * s;
  double sum = 0;
  for (int k = 23; k >= 1; k -= 2) sum = sum * square + 1.0 / k;  // s^24 / 25 < 2e-20
  return exponent * 0.69314718055994530942 + 2 * s * sum;
}

// (cos, sin) of 2 pi turn for turn in [0, 1): the nearest quarter turn is split off exactly, Taylor series do
// the rest.
std::pair<double, double> portable_cos_sin(double turn) {
  const double quarters = turn * 4;
  const double nearest = std::floor(quarters + 0.5);
  const double angle = (quarters - nearest) * 1.57079632679489661923;  // within [-pi/4, pi/4]
  const double square = angle * angle;
  double c = 1, s = 1;
  for (int k = 18; k >= 2; k -= 2) c = 1 - c * square / (k * (k - 1));
  for (int k = 19; k >= 3; k -= 2) s = 1 - s * square / (k * (k - 1));
  s *= angle;
  switch (static_cast<int>(nearest) % 4) {
    case 0:
      return {c, s};
    case 1:
      return {-s, c};
    case 2:
      return {-c, -s};
    default:
      return {s, -c};
  }
}

}  // namespace

std::array<uint32_t, 4> philox4x32(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const uint64_t left = uint64_t{0xD2511F53} * counter[0];
    const uint64_t right = uint64_t{0xCD9E8D57} * counter[2];
    counter = {static_cast<uint32_t>(right >> 32) ^ counter[1] ^ key[0], static_cast<uint32_t>(right),
               static_cast<uint32_t>(left >> 32) ^ counter[3] ^ key[1], static_cast<uint32_t>(left)};
    key[0] += 0x9E3779B9;  // golden ratio
    key[1] += 0xBB67AE85;  // sqrt(3) - 1
  }
  return counter;
}

// Counter: word 0 and the low half of word 1 count blocks, the high half of word 1 is the purpose.
RandomStream::RandomStream(const RandomKey& key)
    : counter_{0, static_cast<uint32_t>(key.purpose) << 16, key.index, key.update},
      key_{static_cast<uint32_t>(key.seed), static_cast<uint32_t>(key.seed >> 32)} {}

uint32_t RandomStream::next_word() {
  if (used_ == 4) {
    block_ = philox4x32(counter_, key_);
    if (++counter_[0] == 0) ++counter_[1];  // 2^48 blocks before the purpose would change
    used_ = 0;
  }
  return block_[used_++];
}

double RandomStream::next_uniform() {
  const uint64_t high = next_word() >> 5, low = next_word() >> 6;  // 27 + 26 bits
  return static_cast<double>((high << 26) | low) * 0x1p-53;
}

uint64_t RandomStream::next_below(uint64_t bound) {
  const uint64_t unfair = (0 - bound) % bound;  // 2^64 mod bound: so many values at the start are too many
  for (;;) {
    const uint64_t high = next_word();
    const uint64_t value = (high << 32) | next_word();
    if (value >= unfair) return value % bound;
  }
}

std::vector<float> normal(const RandomKey& key, size_t n) {
  RandomStream stream(key);
  std::vector<float> values;
  values.reserve(n + 1);
  while (values.size() < n) {
    // Box-Muller; 1 - u lies in (0, 1], where the log exists.
    const double radius = std::sqrt(-2 * portable_log(1 - stream.next_uniform()));
    const auto [c, s] = portable_cos_sin(stream.next_uniform());
    values.push_back(static_cast<float>(radius * c));
    values.push_back(static_cast<float>(radius * s));
  }
  values.resize(n);
  return values;
}

std::vector<double> uniform(const RandomKey& key, size_t n, double low, double high) {
  RandomStream stream(key);
  std::vector<double> values(n);
  for (double& value : values) value = low + (high - low) * stream.next_uniform();
  return values;
}

std::vector<int64_t> shuffle(const RandomKey& key, int64_t n) {
  RandomStream stream(key);
  std::vector<int64_t> order(static_cast<size_t>(n));
  std::iota(order.begin(), order.end(), 0);
  for (size_t i = order.size(); i > 1; --i)
    std::swap(order[i - 1], order[stream.next_below(i)]);  // Fisher-Yates
  return order;
}

uint64_t hash_text(const std::string& text) {
  uint64_t hash = 0xCBF29CE484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3;
  return hash;
}

}  // namespace drf
