#pragma once
// CPU loops behind ops/rms_norm.h and ops/rotary.h, on plain memory. Rows lie one after the other unless a
// stride is given; strides count numbers, not bytes.

#include <cstdint>

namespace drf::ops {

/// y = x / sqrt(mean(x^2) + eps) * weight for `rows` rows of C.
template <typename T>
void rms_norm_rows(const T* x, const T* weight, T* y, int64_t rows, int64_t C, double eps);

/// grad_x from grad_y of the same; x is the forward's input.
template <typename T>
void rms_norm_rows_backward(const T* x, const T* weight, const T* grad_y, T* grad_x, int64_t rows, int64_t C,
                            double eps);

/// `tokens` tokens of `heads` heads of 2 * half: head h < turned becomes (first cos - second sin, second cos
/// + first sin), the others are copied. cos and sin hold one row of `half` a token. Written densely.
template <typename T>
void rotate_tokens(const T* x, int64_t token_stride, int64_t head_stride, const T* cos, const T* sin, T* y,
                   int64_t tokens, int64_t heads, int64_t turned, int64_t half, bool back);

}  // namespace drf::ops
