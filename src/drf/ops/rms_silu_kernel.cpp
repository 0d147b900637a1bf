// Compiled with -O3 -fopenmp-simd -fno-trapping-math -fno-math-errno (no option that changes values); on x86
// once for each generation of vector units, chosen when the program starts.
#include "drf/ops/rms_silu_kernel.h"

#include <cmath>
#include <cstring>

#include "drf/ops/vector_rows.h"

namespace drf::ops {
namespace {

typedef int32_t EightInts __attribute__((vector_size(32)));

/// value <- e^value in the usual three steps: x = n ln 2 + r, a polynomial for e^r, n into the exponent's
/// bits. Within 2 ulp where the result is a normal number and clamped beyond; NaN stays NaN.
[[gnu::always_inline]] inline void exponentiate(Eight& value) {
  const Eight least = Eight{} - 87.0f, most = Eight{} + 88.0f;
  const Eight above = value < least ? least : value;
  const Eight x = above > most ? most : above;
  const float shift = 12582912.0f;  // 1.5 * 2^23: adding it rounds to an integer
  const Eight n = (x * 1.44269504f + shift) - shift;
  const Eight r = (x - n * 0.693359375f) + n * 2.12194440e-4f;  // ln 2 in two parts
  Eight p = Eight{} + 1.0f / 720;
  p = p * r + 1.0f / 120;
  p = p * r + 1.0f / 24;
  p = p * r + 1.0f / 6;
  p = p * r + 0.5f;
  p = p * r + 1.0f;
  p = p * r + 1.0f;
  const EightInts bits = (__builtin_convertvector(n, EightInts) + 127) << 23;
  Eight power;
  std::memcpy(&power, &bits, sizeof(power));
  value = p * power;
}

/// The last C % 8 numbers of a row, zeros behind.
[[gnu::always_inline]] inline void load_some(const float* p, int64_t count, Eight& value) {
  value = Eight{};
  std::memcpy(&value, p, sizeof(float) * static_cast<size_t>(count));
}

/// step(c, count, read, write) for the vectors of a row; the last may hold fewer than 8 numbers.
template <typename Step>
[[gnu::always_inline]] inline void over_row(int64_t C, const Step& step) {
  int64_t c = 0;
  for (; c + kEight <= C; c += kEight) {
    step(
        c, [](const float* p, Eight& value) __attribute__((always_inline)) { load(p, value); },
        [](float* p, const Eight& value) __attribute__((always_inline)) { store(p, value); });
  }
  if (c == C) return;
  const int64_t left = C - c;
  step(
      c, [left](const float* p, Eight& value) __attribute__((always_inline)) { load_some(p, left, value); },
      [left](float* p, const Eight& value) __attribute__((always_inline)) {
        std::memcpy(p, &value, sizeof(float) * static_cast<size_t>(left));
      });
}

[[gnu::always_inline]] inline float sum_of(const Eight& v) {
  return ((v[0] + v[4]) + (v[1] + v[5])) + ((v[2] + v[6]) + (v[3] + v[7]));
}

constexpr int64_t kRows = 32;  // whose square roots and quotients are taken together

/// sqrt(C) / max(||x||, 1e-12) of some rows, and 1 / ||x||^2; the latter 0 at the floor, where the norm is a
/// constant.
struct Scales {
  float factor[kRows], inverse_square[kRows];
};

[[gnu::always_inline]] inline void scales_of(const float* x, int64_t rows, int64_t C, Scales& scales) {
  float sums[kRows] = {};
  for (int64_t row = 0; row < rows; ++row, x += C) {
    Eight sum = {};
    over_row(
        C, [&](int64_t c, const auto& read, const auto&) __attribute__((always_inline)) {
          Eight v;
          read(x + c, v);
          sum += v * v;
        });
    sums[row] = sum_of(sum);
  }
  const float root = std::sqrt(static_cast<float>(C));
#pragma omp simd
  for (int64_t row = 0; row < kRows; ++row) {
    const float norm = std::sqrt(sums[row]);
    scales.factor[row] = root / (norm > 1e-12f ? norm : 1e-12f);
    scales.inverse_square[row] = norm > 1e-12f ? 1 / sums[row] : 0.0f;
  }
}

[[gnu::always_inline]] inline void forward_rows(const float* x, const float* gamma, float* y, int64_t rows,
                                                int64_t C) {
  for (; rows > 0; rows -= kRows) {
    Scales scales;
    const int64_t here = rows < kRows ? rows : kRows;
    scales_of(x, here, C, scales);
    for (int64_t row = 0; row < here; ++row, x += C, y += C) {
      over_row(
          C, [&](int64_t c, const auto& read, const auto& write) __attribute__((always_inline)) {
            Eight v, g;
            read(x + c, v);
            read(gamma + c, g);
            const Eight u = v * scales.factor[row] * g;
            Eight e = -u;
            exponentiate(e);
            write(y + c, u / (1 + e));
          });
    }
  }
}

// With v = x k / n and u = gamma v:  du = g s (1 + u (1 - s)),  dx = k / n (gamma du - x (x . gamma du) /
// n^2).
[[gnu::always_inline]] inline void backward_rows(const float* x, const float* gamma, const float* grad_y,
                                                 float* grad_x, int64_t rows, int64_t C) {
  for (; rows > 0; rows -= kRows) {
    Scales scales;
    const int64_t here = rows < kRows ? rows : kRows;
    scales_of(x, here, C, scales);
    for (int64_t row = 0; row < here; ++row, x += C, grad_y += C, grad_x += C) {
      const float factor = scales.factor[row];
      Eight dot = {};
      over_row(
          C, [&](int64_t c, const auto& read, const auto& write) __attribute__((always_inline)) {
            Eight v, g, dy;
            read(x + c, v);
            read(gamma + c, g);
            read(grad_y + c, dy);
            const Eight u = v * factor * g;
            Eight e = -u;
            exponentiate(e);
            const Eight s = 1 / (1 + e);
            const Eight dv = dy * s * (1 + u * (1 - s)) * g;
            dot += v * dv;
            write(grad_x + c, dv);
          });
      const float along = scales.inverse_square[row] * sum_of(dot);
      over_row(
          C, [&](int64_t c, const auto& read, const auto& write) __attribute__((always_inline)) {
            Eight v, dv;
            read(x + c, v);
            read(grad_x + c, dv);
            write(grad_x + c, factor * (dv - v * along));
          });
    }
  }
}

// float64, for tests: the same plainly.
void forward_rows(const double* x, const double* gamma, double* y, int64_t rows, int64_t C) {
  for (int64_t row = 0; row < rows; ++row, x += C, y += C) {
    const double norm = std::sqrt(sum_over<double>(C, [x](int64_t c) { return x[c] * x[c]; }));
    const double factor = std::sqrt(static_cast<double>(C)) / (norm > 1e-12 ? norm : 1e-12);
    for (int64_t c = 0; c < C; ++c) {
      const double u = x[c] * factor * gamma[c];
      y[c] = u / (1 + std::exp(-u));
    }
  }
}

void backward_rows(const double* x, const double* gamma, const double* grad_y, double* grad_x, int64_t rows,
                   int64_t C) {
  for (int64_t row = 0; row < rows; ++row, x += C, grad_y += C, grad_x += C) {
    const double square = sum_over<double>(C, [x](int64_t c) { return x[c] * x[c]; }),
                 norm = std::sqrt(square);
    const double factor = std::sqrt(static_cast<double>(C)) / (norm > 1e-12 ? norm : 1e-12);
    for (int64_t c = 0; c < C; ++c) {
      const double u = x[c] * factor * gamma[c], s = 1 / (1 + std::exp(-u));
      grad_x[c] = grad_y[c] * s * (1 + u * (1 - s)) * gamma[c];
    }
    const double dot = sum_over<double>(C, [x, grad_x](int64_t c) { return x[c] * grad_x[c]; });
    const double along = norm > 1e-12 ? dot / square : 0;  // at the floor the norm is a constant
    for (int64_t c = 0; c < C; ++c) grad_x[c] = factor * (grad_x[c] - x[c] * along);
  }
}

}  // namespace

template <>
DRF_EVERY_VECTOR_UNIT void rms_silu_rows(const float* x, const float* gamma, float* y, int64_t rows,
                                         int64_t C) {
  forward_rows(x, gamma, y, rows, C);
}
template <>
DRF_EVERY_VECTOR_UNIT void rms_silu_rows_backward(const float* x, const float* gamma, const float* grad_y,
                                                  float* grad_x, int64_t rows, int64_t C) {
  backward_rows(x, gamma, grad_y, grad_x, rows, C);
}
template <>
void rms_silu_rows(const double* x, const double* gamma, double* y, int64_t rows, int64_t C) {
  forward_rows(x, gamma, y, rows, C);
}
template <>
void rms_silu_rows_backward(const double* x, const double* gamma, const double* grad_y, double* grad_x,
                            int64_t rows, int64_t C) {
  backward_rows(x, gamma, grad_y, grad_x, rows, C);
}

}  // namespace drf::ops
