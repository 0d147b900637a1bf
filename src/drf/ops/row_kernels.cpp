// Compiled with -O3 -fopenmp-simd -fno-trapping-math -fno-math-errno (no option that changes values); on x86
// once for each generation of vector units, chosen when the program starts.
#include "drf/ops/row_kernels.h"

#include <cmath>
#include <cstring>

#include "drf/ops/vector_rows.h"

namespace drf::ops {
namespace {

template <typename T>
[[gnu::always_inline]] inline T inverse_rms(const T* x, int64_t C, T eps) {
  return 1 / std::sqrt(sum_over<T>(C, [x](int64_t c) { return x[c] * x[c]; }) / T(C) + eps);
}

template <typename T>
[[gnu::always_inline]] inline void norm(const T* x, const T* weight, T* y, int64_t rows, int64_t C, T eps) {
  for (int64_t row = 0; row < rows; ++row, x += C, y += C) {
    const T r = inverse_rms(x, C, eps);
#pragma omp simd
    for (int64_t c = 0; c < C; ++c) y[c] = x[c] * r * weight[c];
  }
}

// With y = w x r and r = (mean(x^2) + eps)^(-1/2):  dx = r (w g - x r^2 (x . w g) / C).
template <typename T>
[[gnu::always_inline]] inline void norm_backward(const T* x, const T* weight, const T* g, T* dx, int64_t rows,
                                                 int64_t C, T eps) {
  for (int64_t row = 0; row < rows; ++row, x += C, g += C, dx += C) {
    const T r = inverse_rms(x, C, eps);
    const T dot = sum_over<T>(C, [=](int64_t c) { return x[c] * (weight[c] * g[c]); });
    const T along = r * r * dot / T(C);
#pragma omp simd
    for (int64_t c = 0; c < C; ++c) dx[c] = r * (weight[c] * g[c] - x[c] * along);
  }
}

template <typename T>
[[gnu::always_inline]] inline void turn(const T* x, int64_t token_stride, int64_t head_stride, const T* cos,
                                        const T* sin, T* y, int64_t tokens, int64_t heads, int64_t turned,
                                        int64_t half, T direction) {
  for (int64_t token = 0; token < tokens; ++token, x += token_stride, cos += half, sin += half) {
    for (int64_t head = 0; head < heads; ++head, y += 2 * half) {
      const T* in = x + head * head_stride;
      if (head >= turned) {
        std::memcpy(y, in, sizeof(T) * 2 * half);
        continue;
      }
#pragma omp simd
      for (int64_t i = 0; i < half; ++i) {
        const T s = direction * sin[i];
        y[i] = in[i] * cos[i] - in[half + i] * s;
        y[half + i] = in[half + i] * cos[i] + in[i] * s;
      }
    }
  }
}

}  // namespace

template <>
DRF_EVERY_VECTOR_UNIT void rms_norm_rows(const float* x, const float* weight, float* y, int64_t rows,
                                         int64_t C, double eps) {
  norm(x, weight, y, rows, C, static_cast<float>(eps));
}
template <>
void rms_norm_rows(const double* x, const double* weight, double* y, int64_t rows, int64_t C, double eps) {
  norm(x, weight, y, rows, C, eps);
}
template <>
DRF_EVERY_VECTOR_UNIT void rms_norm_rows_backward(const float* x, const float* weight, const float* grad_y,
                                                  float* grad_x, int64_t rows, int64_t C, double eps) {
  norm_backward(x, weight, grad_y, grad_x, rows, C, static_cast<float>(eps));
}
template <>
void rms_norm_rows_backward(const double* x, const double* weight, const double* grad_y, double* grad_x,
                            int64_t rows, int64_t C, double eps) {
  norm_backward(x, weight, grad_y, grad_x, rows, C, eps);
}
template <>
DRF_EVERY_VECTOR_UNIT void rotate_tokens(const float* x, int64_t token_stride, int64_t head_stride,
                                         const float* cos, const float* sin, float* y, int64_t tokens,
                                         int64_t heads, int64_t turned, int64_t half, bool back) {
  turn(x, token_stride, head_stride, cos, sin, y, tokens, heads, turned, half, back ? -1.0f : 1.0f);
}
template <>
void rotate_tokens(const double* x, int64_t token_stride, int64_t head_stride, const double* cos,
                   const double* sin, double* y, int64_t tokens, int64_t heads, int64_t turned, int64_t half,
                   bool back) {
  turn(x, token_stride, head_stride, cos, sin, y, tokens, heads, turned, half, back ? -1.0 : 1.0);
}

}  // namespace drf::ops
