#include "drf/ops/device_program.h"

#include <c10/core/impl/VirtualGuardImpl.h>
#include <dlfcn.h>

#include <filesystem>
#include <vector>

#include "drf/base/error.h"
#include "drf/base/log.h"

namespace drf::ops {
namespace {

// The few functions of NVRTC and of the driver that are needed, by the types of their documented C
// interfaces. libtorch links both into one library of its own, which knows where the wheel keeps them.
struct Interfaces {
  int (*nvrtcCreateProgram)(void**, const char*, const char*, int, const char* const*,
                            const char* const*) = nullptr;
  int (*nvrtcCompileProgram)(void*, int, const char* const*) = nullptr;
  int (*nvrtcGetProgramLogSize)(void*, size_t*) = nullptr;
  int (*nvrtcGetProgramLog)(void*, char*) = nullptr;
  int (*nvrtcGetCUBINSize)(void*, size_t*) = nullptr;
  int (*nvrtcGetCUBIN)(void*, char*) = nullptr;
  int (*nvrtcDestroyProgram)(void**) = nullptr;
  int (*cuDeviceGet)(int*, int) = nullptr;
  int (*cuDeviceGetAttribute)(int*, int, int) = nullptr;
  int (*cuDevicePrimaryCtxRetain)(void**, int) = nullptr;
  int (*cuCtxGetCurrent)(void**) = nullptr;
  int (*cuCtxSetCurrent)(void*) = nullptr;
  int (*cuModuleLoadData)(void**, const void*) = nullptr;
  int (*cuModuleGetFunction)(void**, void*, const char*) = nullptr;
  int (*cuLaunchKernel)(void*, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, void*,
                        void**, void**) = nullptr;
  std::string missing;  ///< "" = all are there
};

void* open_library(std::initializer_list<const char*> names) {
  for (const char* name : names) {
    if (void* library = ::dlopen(name, RTLD_NOW | RTLD_LOCAL)) return library;
  }
  return nullptr;
}

/// NVRTC opens its library of built-in functions by name only, where a program that is not Python has no path
/// to it: it lies beside NVRTC, and once it is open the name is found.
void open_builtins(const void* in_nvrtc) {
  Dl_info place{};
  if (!in_nvrtc || !::dladdr(in_nvrtc, &place)) return;
  std::error_code none;
  std::filesystem::directory_iterator entry(std::filesystem::path(place.dli_fname).parent_path(), none);
  for (; !none && entry != std::filesystem::directory_iterator(); entry.increment(none)) {
    if (entry->path().filename().string().rfind("libnvrtc-builtins.so", 0) == 0)
      ::dlopen(entry->path().c_str(), RTLD_NOW | RTLD_GLOBAL);
  }
}

Interfaces find_interfaces() {
  Interfaces f;
  // Without a driver the joint library does not load; NVRTC alone is enough to compile.
  void* joint = open_library({"libcaffe2_nvrtc.so"});
  void* nvrtc = joint ? joint : open_library({"libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so"});
  void* driver = joint ? joint : open_library({"libcuda.so.1"});
  const auto find = [&](void* library, auto& function, const char* name) {
    void* found = library ? ::dlsym(library, name) : nullptr;
    if (!found && f.missing.empty()) f.missing = name;
    function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(found);
  };
  find(nvrtc, f.nvrtcCreateProgram, "nvrtcCreateProgram");
  find(nvrtc, f.nvrtcCompileProgram, "nvrtcCompileProgram");
  find(nvrtc, f.nvrtcGetProgramLogSize, "nvrtcGetProgramLogSize");
  find(nvrtc, f.nvrtcGetProgramLog, "nvrtcGetProgramLog");
  find(nvrtc, f.nvrtcGetCUBINSize, "nvrtcGetCUBINSize");
  find(nvrtc, f.nvrtcGetCUBIN, "nvrtcGetCUBIN");
  find(nvrtc, f.nvrtcDestroyProgram, "nvrtcDestroyProgram");
  find(driver, f.cuDeviceGet, "cuDeviceGet");
  find(driver, f.cuDeviceGetAttribute, "cuDeviceGetAttribute");
  find(driver, f.cuDevicePrimaryCtxRetain, "cuDevicePrimaryCtxRetain");
  find(driver, f.cuCtxGetCurrent, "cuCtxGetCurrent");
  find(driver, f.cuCtxSetCurrent, "cuCtxSetCurrent");
  find(driver, f.cuModuleLoadData, "cuModuleLoadData");
  find(driver, f.cuModuleGetFunction, "cuModuleGetFunction");
  find(driver, f.cuLaunchKernel, "cuLaunchKernel");
  open_builtins(reinterpret_cast<const void*>(f.nvrtcCreateProgram));
  return f;
}

const Interfaces& interfaces() {
  static const Interfaces found = find_interfaces();
  return found;
}

/// A device's primary context, which is libtorch's too, as the current one while it lives: another device's
/// may be
/// (`--device cuda:1`), or, on a new thread, none.
class InContext {
 public:
  explicit InContext(void* context) {
    const Interfaces& f = interfaces();
    f.cuCtxGetCurrent(&before_);
    if (before_ == context) return;
    entered_ = true;
    if (f.cuCtxSetCurrent(context) != 0)
      fail(ErrorKind::kResources, "the driver does not enter the device's context");
  }
  ~InContext() {
    if (entered_ && before_) interfaces().cuCtxSetCurrent(before_);
  }
  InContext(const InContext&) = delete;
  InContext& operator=(const InContext&) = delete;

 private:
  void* before_ = nullptr;
  bool entered_ = false;
};

std::pair<int, int> capability(int device) {
  constexpr int kMajor = 75, kMinor = 76;  // CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_*
  int major = 0, minor = 0;
  interfaces().cuDeviceGetAttribute(&major, kMajor, device);
  interfaces().cuDeviceGetAttribute(&minor, kMinor, device);
  return {major, minor};
}

c10::DeviceIndex index_of(at::Device device) {
  return device.has_index() ? device.index() : c10::DeviceIndex{0};
}

}  // namespace

std::string compile_for(const std::string& name, const char* source, int major, int minor,
                        std::string& problem) {
  const Interfaces& f = interfaces();
  if (!f.nvrtcCreateProgram || !f.nvrtcGetCUBIN) {
    problem = "no NVRTC beside libtorch";
    return "";
  }
  void* program = nullptr;
  if (f.nvrtcCreateProgram(&program, source, (name + ".cu").c_str(), 0, nullptr, nullptr) != 0) {
    problem = "NVRTC takes no program";
    return "";
  }
  const std::string architecture = concat("--gpu-architecture=sm_", major, minor);
  const char* options[] = {architecture.c_str(), "--std=c++17"};
  const int status = f.nvrtcCompileProgram(program, 2, options);
  std::string code;
  size_t size = 0;
  if (status == 0 && f.nvrtcGetCUBINSize(program, &size) == 0) {
    code.resize(size);
    if (f.nvrtcGetCUBIN(program, code.data()) != 0) code.clear(), problem = "NVRTC gives no machine code";
  } else if (f.nvrtcGetProgramLogSize(program, &size) == 0 && size > 1) {
    problem.resize(size);
    f.nvrtcGetProgramLog(program, problem.data());
    problem = concat("NVRTC: ", problem.substr(0, problem.find('\n')));
  } else {
    problem = concat("NVRTC's error ", status, " for ", architecture);
  }
  f.nvrtcDestroyProgram(&program);
  return code;
}

DeviceProgram::Loaded& DeviceProgram::loaded(at::Device device) {
  const auto [place, fresh] = by_device_.try_emplace(index_of(device));
  Loaded& result = place->second;
  if (!fresh) return result;
  const std::string problem = load(place->first, result);
  if (!result.module) {
    log_warning("device", name_, ": drf's own kernels cannot be had on ", device, " (", problem,
                "); libtorch's operators take their place, slower");
  }
  return result;
}

/// Fills `result`, or says why not.
std::string DeviceProgram::load(int index, Loaded& result) const {
  constexpr int kOutOfMemory = 2;
  const Interfaces& f = interfaces();
  if (!f.missing.empty()) return concat("the driver or NVRTC lacks ", f.missing);
  int device = 0;
  if (f.cuDeviceGet(&device, index) != 0 || f.cuDevicePrimaryCtxRetain(&result.context, device) != 0)
    return "no context on the device";
  const InContext entered(result.context);
  const auto [major, minor] = capability(device);
  std::string problem;
  const std::string code = compile_for(name_, source_, major, minor, problem);
  if (code.empty()) return problem;
  const int status = f.cuModuleLoadData(&result.module, code.data());
  if (status == 0) return "";
  result.module = nullptr;
  if (status == kOutOfMemory) fail(ErrorKind::kResources, "no memory on the device for drf's own kernels");
  return concat("the driver's error ", status, " on loading it");
}

bool DeviceProgram::runs_on(at::Device device) {
  const std::lock_guard lock(mutex_);
  return loaded(device).module != nullptr;
}

void DeviceProgram::launch(at::Device device, const std::string& kernel, int64_t blocks, int threads,
                           c10::ArrayRef<const void*> args) {
  if (blocks == 0) return;
  const Interfaces& f = interfaces();
  void *function = nullptr, *context = nullptr;
  {
    const std::lock_guard lock(mutex_);
    Loaded& program = loaded(device);
    DRF_CHECK(program.module, "launch without runs_on");
    context = program.context;
    void*& found = program.functions[kernel];
    if (!found) {
      const InContext entered(context);
      DRF_CHECK(f.cuModuleGetFunction(&found, program.module, kernel.c_str()) == 0, name_, " has no ",
                kernel);
    }
    function = found;
  }
  const InContext entered(context);
  const c10::impl::VirtualGuardImpl guard(device.type());
  void* const stream = guard.getStreamNativeHandle(guard.getStream(device));
  std::vector<void*> pointers;
  for (const void* arg : args) pointers.push_back(const_cast<void*>(arg));
  const int status =
      f.cuLaunchKernel(function, static_cast<unsigned>(blocks), 1, 1, static_cast<unsigned>(threads), 1, 1, 0,
                       stream, pointers.data(), nullptr);
  if (status != 0)
    fail(ErrorKind::kResources, "kernel ", kernel, " of ", name_, ": the driver's error ", status);
}

}  // namespace drf::ops
