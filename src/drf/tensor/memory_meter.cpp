#include "drf/tensor/memory_meter.h"

#include <c10/core/Allocator.h>
#include <c10/core/CachingDeviceAllocator.h>
#include <c10/util/ThreadLocalDebugInfo.h>

#include <algorithm>

namespace drf {
namespace {

struct CpuCount : c10::MemoryReportingInfoBase {
  int64_t live = 0, peak = 0;
  void reportMemoryUsage(void*, int64_t bytes, size_t, size_t, at::Device device) override {
    if (device.type() != at::kCPU) return;
    live += bytes;
    peak = std::max(peak, live);
  }
  bool memoryProfilingEnabled() const override { return true; }
};

c10::CachingDeviceAllocator::Stat cuda_bytes(at::Device device) {
  const auto index = device.has_index() ? device.index() : c10::DeviceIndex{0};
  return c10::getDeviceAllocator(device.type())->getDeviceStats(index).allocated_bytes[0];  // [0]: all pools
}

}  // namespace

struct MemoryMeter::Counter {
  std::shared_ptr<CpuCount> count = std::make_shared<CpuCount>();
  c10::DebugInfoGuard guard{c10::DebugInfoKind::PROFILER_STATE, count};
};

MemoryMeter::MemoryMeter(at::Device device) : device_(device) {
  if (device.is_cpu()) counter_ = std::make_unique<Counter>();
}
MemoryMeter::~MemoryMeter() = default;

int64_t MemoryMeter::live() const { return counter_ ? counter_->count->live : cuda_bytes(device_).current; }
int64_t MemoryMeter::peak() const { return counter_ ? counter_->count->peak : cuda_bytes(device_).peak; }

void MemoryMeter::reset_peak() {
  if (counter_) {
    counter_->count->peak = counter_->count->live;
  } else {
    c10::getDeviceAllocator(device_.type())->resetPeakStats(device_.has_index() ? device_.index() : 0);
  }
}

}  // namespace drf
