#pragma once
// The CPU loops behind ops/rms_silu.h, on plain memory: rows of C numbers, one after the other.

#include <cstdint>

namespace drf::ops {

/// y = silu(x / max(||x||, 1e-12) * sqrt(C) * gamma) for `rows` rows.
template <typename T>
void rms_silu_rows(const T* x, const T* gamma, T* y, int64_t rows, int64_t C);

/// grad_x from grad_y of the same; x is the forward's input.
template <typename T>
void rms_silu_rows_backward(const T* x, const T* gamma, const T* grad_y, T* grad_x, int64_t rows, int64_t C);

}  // namespace drf::ops
