#include "drf/tensor/kernel_trace.h"

#include <ATen/record_function.h>
#include <c10/util/ThreadLocalDebugInfo.h>
#include <torch/csrc/autograd/profiler_kineto.h>

#include "drf/base/error.h"
#include "drf/base/files.h"

namespace drf {

namespace profiler = torch::autograd::profiler;
using torch::profiler::impl::ActivityType;

// The profiler takes the place in which a MemoryMeter of the CPU counts: an empty one is laid over it
// meanwhile.
const auto kPlace = c10::DebugInfoKind::PROFILER_STATE;

KernelTrace::KernelTrace(at::Device device) {
  c10::ThreadLocalDebugInfo::_push(kPlace, nullptr);
  const profiler::ProfilerConfig config(profiler::ProfilerState::KINETO);
  std::set<ActivityType> activities{ActivityType::CPU};
  if (device.is_cuda()) activities.insert(ActivityType::CUDA);
  try {
    profiler::prepareProfiler(config, activities);
    profiler::enableProfiler(config, activities, {at::RecordScope::FUNCTION, at::RecordScope::USER_SCOPE});
  } catch (...) {
    c10::ThreadLocalDebugInfo::_pop(kPlace);
    throw;
  }
}

std::unique_ptr<profiler::ProfilerResult> KernelTrace::stop() {
  recording_ = false;
  auto result = profiler::disableProfiler();
  c10::ThreadLocalDebugInfo::_pop(kPlace);
  return result;
}

KernelTrace::~KernelTrace() {
  if (recording_) stop();
}

void KernelTrace::save(const std::filesystem::path& file) {
  DRF_CHECK(recording_);
  const auto result = stop();
  require_writable_folder(std::filesystem::absolute(file).parent_path());
  std::error_code none;
  std::filesystem::remove(file, none);  // the profiler does not say whether it could write
  result->save(file.string());
  if (!std::filesystem::exists(file))
    fail(ErrorKind::kResources, file, ": libtorch's profiler could not write its trace there");
}

void mark_in_trace(const std::string& what) {
  at::RecordFunction mark(at::RecordScope::USER_SCOPE);
  if (mark.isActive()) mark.before(what);
}

}  // namespace drf
