// Compiled with -O3 -fopenmp-simd -fno-trapping-math -fno-math-errno (no option that changes values); on x86
// once for each generation of vector units, chosen when the program starts.
#include "drf/ops/rms_silu_kernel.h"

#include <cmath>
#include <cstring>

#include "drf/ops/vector_rows.h"

namespace drf::ops {
namespace {

/// e^x in the usual three steps: x = n ln 2 + r, a polynomial for e^r, n into the exponent's bits. Within 2
/// ulp where the result is a normal number and clamped beyond; written out because std::exp keeps a loop from
/// being vectorised.
[[gnu::always_inline]] inline float exponential(float x) {
  x = x < -87.0f ? -87.0f : x;
  x = x > 88.0f ? 88.0f : x;
  const float shift = 12582912.0f;  // 1.5 * 2^23: adding it rounds to an integer
  const float n = (x * 1.44269504f + shift) - shift;
  const float r = (x - n * 0.693359375f) + n * 2.12194440e-4f;  // ln 2 in two parts
  float p = 1.0f / 720;
  p = p * r + 1.0f / 120;
  p = p * r + 1.0f / 24;
  p = p * r + 1.0f / 6;
  p = p * r + 0.5f;
  p = p * r + 1.0f;
  p = p * r + 1.0f;
  const int32_t bits = (static_cast<int32_t>(n) + 127) << 23;
  float power;
  std::memcpy(&power, &bits, sizeof(power));  // g++ 12 does not vectorise std::bit_cast here
  return p * power;
}

inline double exponential(double x) { return std::exp(x); }

/// sqrt(C) / max(||x||, 1e-12), and whether the floor was hit.
template <typename T>
struct Scale {
  T factor;
  T inverse_square;  ///< 1 / ||x||^2; 0 at the floor, where the norm is a constant
};

template <typename T>
[[gnu::always_inline]] inline Scale<T> scale_of(const T* x, int64_t C) {
  const T sum = sum_over<T>(C, [x](int64_t c) { return x[c] * x[c]; });
  const T norm = std::sqrt(sum), floor = T(1e-12);
  const T factor = std::sqrt(T(C)) / (norm > floor ? norm : floor);
  return {factor, norm > floor ? 1 / sum : T(0)};
}

template <typename T>
[[gnu::always_inline]] inline void forward_rows(const T* x, const T* gamma, T* y, int64_t rows, int64_t C) {
  for (int64_t row = 0; row < rows; ++row, x += C, y += C) {
    const T factor = scale_of(x, C).factor;
#pragma omp simd
    for (int64_t c = 0; c < C; ++c) {
      const T u = x[c] * factor * gamma[c];
      const T s = 1 / (1 + exponential(-u));
      y[c] = u * s;
    }
  }
}

// With v = x k / n and u = gamma v:  du = g s (1 + u (1 - s)),  dx = k / n (gamma du - x (x . gamma du) /
// n^2).
template <typename T>
[[gnu::always_inline]] inline void backward_rows(const T* x, const T* gamma, const T* grad_y, T* grad_x,
                                                 int64_t rows, int64_t C) {
  for (int64_t row = 0; row < rows; ++row, x += C, grad_y += C, grad_x += C) {
    const Scale<T> scale = scale_of(x, C);
#pragma omp simd
    for (int64_t c = 0; c < C; ++c) {
      const T u = x[c] * scale.factor * gamma[c];
      const T s = 1 / (1 + exponential(-u));
      const T grad_v = grad_y[c] * s * (1 + u * (1 - s)) * gamma[c];
      grad_x[c] = grad_v;
    }
    const T along =
        scale.inverse_square * sum_over<T>(C, [x, grad_x](int64_t c) { return x[c] * grad_x[c]; });
#pragma omp simd
    for (int64_t c = 0; c < C; ++c) grad_x[c] = scale.factor * (grad_x[c] - x[c] * along);
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
