#pragma once
// How much tensor memory is in use and was at most: what the planner predicts and the bench reports. On the
// CPU every allocation of this thread is counted exactly; on CUDA the caching allocator's own figures are
// read (bytes in tensors, not the reserved pool); on the meta device, what a DryRun books.

#include <c10/core/Device.h>

#include <cstdint>
#include <memory>

namespace drf {

class MemoryMeter {
 public:
  /// Counts from here on; tensors that are there already count on CUDA only. One meter a thread and device at
  /// a time; it must end on the thread it began on.
  explicit MemoryMeter(at::Device device);
  ~MemoryMeter();
  MemoryMeter(const MemoryMeter&) = delete;
  MemoryMeter& operator=(const MemoryMeter&) = delete;

  int64_t live() const;  ///< bytes now
  int64_t peak() const;  ///< most bytes since the beginning or the last reset_peak()
  void reset_peak();

 private:
  struct Counter;
  at::Device device_;
  std::unique_ptr<Counter> counter_;
};

}  // namespace drf
