// Compiled with -O3 -fno-trapping-math -fno-math-errno. Register blocking by hand: `P` rows times `V` vectors
// of `L` floats stay in registers over the whole sum.
#include "drf/ops/panel_product.h"

#include <cstring>

namespace drf::ops {
namespace {

template <int L>
struct Vector {
  using Type [[gnu::vector_size(L * sizeof(float)), gnu::aligned(4), gnu::may_alias]] = float;
};

template <int L, int P, int V>
[[gnu::always_inline]] inline void tile(const Term* terms, int64_t num_terms, int64_t first_row,
                                        int64_t column, int64_t C, float* y, int64_t y_stride) {
  using Vec = typename Vector<L>::Type;
  Vec sum[P][V] = {};
  for (int64_t t = 0; t < num_terms; ++t) {
    const float* a = terms[t].rows + first_row * C;
    const float* b = terms[t].packed + column * C;
    for (int64_t c = 0; c < C; ++c, ++a, b += V * L) {
      Vec w[V];
#pragma GCC unroll 4
      for (int v = 0; v < V; ++v) w[v] = *reinterpret_cast<const Vec*>(b + v * L);
#pragma GCC unroll 16
      for (int p = 0; p < P; ++p) {
        const float scalar = a[p * C];
#pragma GCC unroll 4
        for (int v = 0; v < V; ++v) sum[p][v] += scalar * w[v];
      }
    }
  }
#pragma GCC unroll 16
  for (int p = 0; p < P; ++p) {
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) *reinterpret_cast<Vec*>(y + p * y_stride + v * L) = sum[p][v];
  }
}

/// All rows of one panel.
template <int L, int P, int V>
[[gnu::always_inline]] inline void panel(const Term* terms, int64_t num_terms, int64_t column, int64_t C,
                                         int64_t M, float* y, int64_t y_stride) {
  for (int64_t m = 0; m < M; m += P) {
    tile<L, P, V>(terms, num_terms, m, column, C, y + m * y_stride + column, y_stride);
  }
}

/// P1, P2, P3: rows a block for panels of 1, 2 and 3 vectors.
template <int L, int P1, int P2, int P3>
[[gnu::always_inline]] inline void all_panels(const Term* terms, int64_t num_terms, int64_t C,
                                              const int64_t* widths, int64_t num_panels, int64_t padded,
                                              int64_t M, float* y) {
  static_assert(P1 <= 16 && P2 <= 16 && P3 <= 16, "round_up_rows");
  int64_t column = 0;
  for (int64_t i = 0; i < num_panels; column += widths[i++]) {
    if (widths[i] == 3 * L) {
      panel<L, P3, 3>(terms, num_terms, column, C, M, y, padded);
    } else if (widths[i] == 2 * L) {
      panel<L, P2, 2>(terms, num_terms, column, C, M, y, padded);
    } else {
      panel<L, P1, 1>(terms, num_terms, column, C, M, y, padded);
    }
  }
}

using AllPanels = void (*)(const Term*, int64_t, int64_t, const int64_t*, int64_t, int64_t, int64_t, float*);
struct Machine {
  int64_t lanes;
  AllPanels all_panels;
};

#define DRF_ARGUMENTS                                                                         \
  const Term *terms, int64_t num_terms, int64_t C, const int64_t *widths, int64_t num_panels, \
      int64_t padded, int64_t M, float *y

void panels_plain(DRF_ARGUMENTS) {
  all_panels<8, 6, 4, 2>(terms, num_terms, C, widths, num_panels, padded, M, y);
}

#if defined(__x86_64__) && defined(__linux__)
// 16 registers of 8 floats: 12 sums, up to 3 of weights, 1 of x.
[[gnu::target("arch=x86-64-v3")]] void panels_avx2(DRF_ARGUMENTS) {
  all_panels<8, 10, 6, 4>(terms, num_terms, C, widths, num_panels, padded, M, y);
}
// 32 registers of 16 floats.
[[gnu::target("arch=x86-64-v4,prefer-vector-width=512")]] void panels_avx512(DRF_ARGUMENTS) {
  all_panels<16, 14, 12, 8>(terms, num_terms, C, widths, num_panels, padded, M, y);
}
#endif

Machine find_machine() {
#if defined(__x86_64__) && defined(__linux__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512cd")) {
    return {16, panels_avx512};
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2")) {
    return {8, panels_avx2};
  }
#endif
  return {8, panels_plain};
}

const Machine& machine() {
  static const Machine found = find_machine();
  return found;
}

}  // namespace

Panels panels_for(int64_t N) {
  const int64_t lanes = machine().lanes;
  int64_t vectors = (N + lanes - 1) / lanes;
  Panels panels;
  panels.padded = vectors * lanes;
  while (vectors > 0) {
    const int64_t take = vectors == 4 ? 2 : vectors < 3 ? vectors : 3;
    panels.widths.push_back(take * lanes);
    vectors -= take;
  }
  return panels;
}

void pack_columns(const float* w, int64_t row_stride, int64_t column_stride, int64_t C, int64_t N,
                  const Panels& panels, float* packed) {
  int64_t column = 0;
  for (const int64_t width : panels.widths) {
    const int64_t real = N - column < width ? N - column : width;
    for (int64_t c = 0; c < C; ++c, packed += width) {
      const float* from = w + c * row_stride + column * column_stride;
      for (int64_t n = 0; n < real; ++n) packed[n] = from[n * column_stride];
      for (int64_t n = real; n < width; ++n) packed[n] = 0;
    }
    column += width;
  }
}

void sum_of_products(const Term* terms, int64_t num_terms, int64_t C, const Panels& panels, int64_t M,
                     float* y) {
  machine().all_panels(terms, num_terms, C, panels.widths.data(), static_cast<int64_t>(panels.widths.size()),
                       panels.padded, M, y);
}

}  // namespace drf::ops
