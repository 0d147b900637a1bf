#pragma once
// CUDA source of our own, compiled for the card that asks for it, by the NVRTC that a CUDA wheel of PyTorch
// brings with it: no nvcc, no CUDA headers, and the same binary where there is no card.

#include <ATen/core/Tensor.h>
#include <c10/util/ArrayRef.h>

#include <map>
#include <mutex>
#include <string>

namespace drf::ops {

class DeviceProgram {
 public:
  /// `source` must outlive it. Nothing is compiled yet.
  DeviceProgram(const char* name, const char* source) : name_(name), source_(source) {}
  /// Whether it runs on `device`: compiled at the first question, which takes about a second. Where it cannot
  /// be (no NVRTC, a card older than the source), a warning says why, once, and the caller goes another way.
  bool runs_on(at::Device device);
  /// Asks for `blocks` x `threads` of the kernel on the device's current stream. args: pointers to the
  /// arguments, in the kernel's order and types. runs_on(device) must have said yes. Throws Error(kResources)
  /// if the card refuses.
  void launch(at::Device device, const std::string& kernel, int64_t blocks, int threads,
              c10::ArrayRef<const void*> args);

 private:
  struct Loaded {
    void* context = nullptr;  ///< the device's primary one
    void* module = nullptr;   ///< null: cannot be
    std::map<std::string, void*> functions;
  };
  Loaded& loaded(at::Device device);
  std::string load(int index, Loaded& result) const;
  const char* name_;
  const char* source_;
  std::mutex mutex_;  ///< backward runs on threads of its own
  std::map<at::DeviceIndex, Loaded> by_device_;
};

/// The machine code of `source` for compute capability major.minor ("" and, in `problem`, why not). Needs
/// NVRTC but no card.
std::string compile_for(const std::string& name, const char* source, int major, int minor,
                        std::string& problem);

}  // namespace drf::ops
