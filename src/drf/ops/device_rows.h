#pragma once
// What is done to the rows of a tensor on a card in one kernel each: norms, gated sums, rotations. libtorch's
// operators take three to nine passes over memory for them, most of them for numbers that are wider than what
// comes in and goes out.
//
// Each function is one way an operation of ops/ can go: it says whether it can (the other way is the
// caller's), and gives what the composition of libtorch's operators gives but for the order of sums.

#include <ATen/core/Tensor.h>

namespace drf::ops {

/// The tensors lie on a card (or stand for such ones, in a dry run), contiguous, in float32, bfloat16 or
/// float16, in rows of whole packets of 16 bytes, and the kernels can be had there.
bool has_device_rows(const at::Tensor& x);
/// An incoming gradient as the kernels read it: contiguous, from an address of whole packets.
at::Tensor for_device_rows(const at::Tensor& grad);
/// Also: `weights` [..., C] float32, or of x's type where `same_type`, contiguous, beside x.
bool fits_rows(const at::Tensor& weights, const at::Tensor& x, bool same_type);

/// (x - mean) / sqrt(variance + eps) * gamma + beta over the last dimension C, rounded once to x's type.
/// gamma, beta: float32, G x C numbers, one row for each G-th part of x's rows, in order.
at::Tensor device_layer_norm(const at::Tensor& x, const at::Tensor& gamma, const at::Tensor& beta,
                             double eps);
at::Tensor device_layer_norm_backward(const at::Tensor& x, const at::Tensor& gamma, const at::Tensor& grad,
                                      double eps);

/// As rms_norm.h's; weight [C] of x's type.
at::Tensor device_rms_norm(const at::Tensor& x, const at::Tensor& weight, double eps);
at::Tensor device_rms_norm_backward(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& grad,
                                    double eps);

/// As rms_silu.h's; gamma [C] float32.
at::Tensor device_rms_silu(const at::Tensor& x, const at::Tensor& gamma, double floor);
at::Tensor device_rms_silu_backward(const at::Tensor& x, const at::Tensor& gamma, const at::Tensor& grad,
                                    double floor);

/// x + a gate, rounded once; without x (undefined) a gate alone. gate: float32, G x C numbers as gamma's.
at::Tensor device_gated(const at::Tensor& x, const at::Tensor& a, const at::Tensor& gate);

/// x_BLNE turned by table (L, E/2) complex64; back: the other way.
at::Tensor device_rotate_pairs(const at::Tensor& x_BLNE, const at::Tensor& table, bool back);

extern const char* const kDeviceRowsSource;

}  // namespace drf::ops
