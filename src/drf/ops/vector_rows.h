#pragma once
// What the row kernels share. Only for sources compiled with the flags of ops/CMakeLists.txt (-O3
// -fopenmp-simd ...).

#include <cstdint>
#include <cstring>

// On x86 a function is compiled once for each generation of vector units, chosen when the program starts.
#if defined(__x86_64__) && defined(__linux__)
#define DRF_EVERY_VECTOR_UNIT __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define DRF_EVERY_VECTOR_UNIT
#endif

namespace drf::ops {

inline constexpr int64_t kLanes = 16;

/// Eight numbers as one, for loops that the vectoriser does not take: one register from AVX2 on, two before.
typedef float Eight __attribute__((vector_size(32)));
inline constexpr int64_t kEight = 8;

template <typename T>
[[gnu::always_inline]] inline void load(const float* p, T& value) {
  std::memcpy(&value, p, sizeof(T));
}
template <typename T>
[[gnu::always_inline]] inline void store(float* p, const T& value) {
  std::memcpy(p, &value, sizeof(T));
}

/// Sum of term(c) for c < C in kLanes running sums.
template <typename T, typename Term>
[[gnu::always_inline]] inline T sum_over(int64_t C, const Term& term) {
  T lanes[kLanes] = {};
  int64_t c = 0;
  for (; c + kLanes <= C; c += kLanes) {
#pragma omp simd
    for (int64_t i = 0; i < kLanes; ++i) lanes[i] += term(c + i);
  }
  for (int64_t i = 0; c + i < C; ++i) lanes[i] += term(c + i);
  for (int64_t half = kLanes / 2; half > 0; half /= 2) {
#pragma omp simd
    for (int64_t i = 0; i < half; ++i) lanes[i] += lanes[i + half];
  }
  return lanes[0];
}

}  // namespace drf::ops
