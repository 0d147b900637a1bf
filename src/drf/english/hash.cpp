#include "drf/english/hash.h"

#include <bit>
#include <cstring>

namespace drf::english {

uint64_t string_hash(std::string_view bytes) {
  constexpr uint64_t kSeed = 1, kMix = 0xc6a4a7935bd1e995ULL;
  constexpr int kShift = 47;
  uint64_t hash = kSeed ^ (bytes.size() * kMix);
  size_t at = 0;
  for (; at + 8 <= bytes.size(); at += 8) {
    uint64_t block = 0;
    std::memcpy(&block, bytes.data() + at, 8);
    block *= kMix;
    block ^= block >> kShift;
    block *= kMix;
    hash ^= block;
    hash *= kMix;
  }
  if (at < bytes.size()) {
    uint64_t rest = 0;
    std::memcpy(&rest, bytes.data() + at, bytes.size() - at);
    hash ^= rest;
    hash *= kMix;
  }
  hash ^= hash >> kShift;
  hash *= kMix;
  hash ^= hash >> kShift;
  return hash;
}

std::array<uint32_t, 4> table_keys(uint64_t id, uint32_t seed) {
  constexpr uint64_t kLength = 8;
  const auto finish = [](uint64_t h) {
    h ^= h >> 33;
    h *= 0xff51afd7ed558ccdULL;
    h ^= h >> 33;
    h *= 0xc4ceb9fe1a85ec53ULL;
    return h ^ (h >> 33);
  };
  uint64_t first = std::rotl(id * 0x87c37b91114253d5ULL, 31) * 0x4cf5ad432745937fULL;
  first ^= seed ^ kLength;
  uint64_t second = seed ^ kLength;
  first += second;
  second += first;
  first = finish(first);
  second = finish(second);
  first += second;
  second += first;
  return {static_cast<uint32_t>(first), static_cast<uint32_t>(first >> 32), static_cast<uint32_t>(second),
          static_cast<uint32_t>(second >> 32)};
}

}  // namespace drf::english
