#pragma once
// The machine as measurements name it: what it is, how fast it multiplies matrices, and the memory that this
// process holds. Linux says the latter; elsewhere it is absent.

#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>

#include <cstdint>
#include <optional>
#include <string>

namespace drf {

/// The processor's or GPU's model; "cpu" or "cuda:0" where the system does not tell.
std::string device_name(at::Device device);

/// Waits until `device` has done all that was asked of it; a CPU always has.
void wait_for(at::Device device);

/// Operations a second of the fastest of some square matrix products of `dtype`, two a multiply-add. Takes
/// about a second. tf32: float32 on a card, as its convolutions take it (docs/numerics.md).
double matmul_rate(at::Device device, at::ScalarType dtype, bool tf32 = false);

/// Reads what is mapped from checkpoint files (*.safetensors) and was not touched yet, so that it counts as
/// resident. No-op where the system does not list mappings.
void read_mapped_checkpoints();
/// Bytes of this process that are in memory now.
std::optional<int64_t> resident_bytes();
/// The most since the process began or since reset_peak_resident() was true.
std::optional<int64_t> peak_resident_bytes();
/// False where the system keeps the old peak.
bool reset_peak_resident();

}  // namespace drf
