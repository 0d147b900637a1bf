#include "drf/tensor/memory_meter.h"

#include <c10/core/Allocator.h>
#include <c10/core/CachingDeviceAllocator.h>
#include <c10/util/ThreadLocalDebugInfo.h>

#include <algorithm>

#include "drf/tensor/dry_run.h"

namespace drf {
namespace {

struct CpuCount : c10::MemoryReportingInfoBase {
  CpuCount(bool counts_cpu, bool counts_meta) : counts_cpu(counts_cpu), counts_meta(counts_meta) {}
  const bool counts_cpu, counts_meta;
  int64_t live = 0, peak = 0;
  void reportMemoryUsage(void*, int64_t bytes, size_t, size_t, at::Device device) override {
    if (!(counts_cpu && device.is_cpu()) && !(counts_meta && device.is_meta())) return;
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
  Counter(bool counts_cpu, bool counts_meta) : count(std::make_shared<CpuCount>(counts_cpu, counts_meta)) {}
  std::shared_ptr<CpuCount> count;
  c10::DebugInfoGuard guard{c10::DebugInfoKind::PROFILER_STATE, count};
};

MemoryMeter::MemoryMeter(at::Device device) : device_(device) {
  const DryRun* dry = DryRun::current();
  // A dry run for the CPU also makes real tensors there: positions, windows, noise.
  const bool counts_cpu = device.is_cpu() || (dry && dry->stands_for() == at::kCPU);
  if (device.is_cpu() || device.is_meta()) counter_ = std::make_unique<Counter>(counts_cpu, device.is_meta());
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
