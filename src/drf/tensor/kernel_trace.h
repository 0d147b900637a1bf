#pragma once
// What runs when, kernel by kernel: libtorch's own profiler (Kineto) around a piece of work, as a file that
// chrome://tracing and ui.perfetto.dev open.

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <memory>
#include <string>

namespace torch::autograd::profiler {
struct ProfilerResult;
}

namespace drf {

/// Records from construction on. One at a time; a MemoryMeter of the CPU (memory_meter.h) counts nothing
/// meanwhile.
class KernelTrace {
 public:
  explicit KernelTrace(at::Device device);
  ~KernelTrace();
  KernelTrace(const KernelTrace&) = delete;
  KernelTrace& operator=(const KernelTrace&) = delete;
  /// Ends the recording and writes it: JSON in Chrome's trace event format. Once. Throws Error(kResources) if
  /// it cannot be written.
  void save(const std::filesystem::path& file);

 private:
  std::unique_ptr<torch::autograd::profiler::ProfilerResult> stop();
  bool recording_ = true;
};

/// A mark in the trace of this thread, if one is recorded.
void mark_in_trace(const std::string& what);

}  // namespace drf
