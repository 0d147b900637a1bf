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
  for (const auto& entry :
       std::filesystem::directory_iterator(std::filesystem::path(place.dli_fname).parent_path(), none)) {
    if (entry.path().filename().string().rfind("libnvrtc-builtins.so", 0) == 0)
      ::dlopen(entry.path().c_str(), RTLD_NOW | RTLD_GLOBAL);
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
#define FIND_NVRTC(name) find(nvrtc, f.name, #name)
  FIND_NVRTC(nvrtcCreateProgram), FIND_NVRTC(nvrtcCompileProgram), FIND_NVRTC(nvrtcGetProgramLogSize);
  FIND_NVRTC(nvrtcGetProgramLog), FIND_NVRTC(nvrtcGetCUBINSize), FIND_NVRTC(nvrtcGetCUBIN),
      FIND_NVRTC(nvrtcDestroyProgram);
#undef FIND_NVRTC
#define FIND_DRIVER(name) find(driver, f.name, #name)
  FIND_DRIVER(cuDeviceGet), FIND_DRIVER(cuDeviceGetAttribute), FIND_DRIVER(cuDevicePrimaryCtxRetain),
      FIND_DRIVER(cuCtxGetCurrent);
  FIND_DRIVER(cuCtxSetCurrent), FIND_DRIVER(cuModuleLoadData), FIND_DRIVER(cuModuleGetFunction),
      FIND_DRIVER(cuLaunchKernel);
#undef FIND_DRIVER
  open_builtins(reinterpret_cast<const void*>(f.nvrtcCreateProgram));
  return f;
}

const Interfaces& interfaces() {
  static const Interfaces found = find_interfaces();
  return found;
}

/// libtorch makes the device's primary context current on the threads it works on; a new thread may come here
/// before it.
bool enter_context(int device) {
  const Interfaces& f = interfaces();
  void* context = nullptr;
  if (f.cuCtxGetCurrent(&context) == 0 && context) return true;
  return f.cuDevicePrimaryCtxRetain(&context, device) == 0 && f.cuCtxSetCurrent(context) == 0;
}

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
    f.nvrtcGetCUBIN(program, code.data());
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
  const Interfaces& f = interfaces();
  std::string problem = f.missing.empty() ? "" : concat("the driver or NVRTC lacks ", f.missing);
  if (problem.empty()) {
    if (enter_context(place->first)) {
      const auto [major, minor] = capability(place->first);
      const std::string code = compile_for(name_, source_, major, minor, problem);
      if (!code.empty()) {
        if (const int status = f.cuModuleLoadData(&result.module, code.data()); status != 0) {
          result.module = nullptr;
          problem = concat("the driver's error ", status, " on loading it");
        }
      }
    } else {
      problem = "no context on the device";
    }
  }
  if (!result.module)
    log_warning("device", name_, ": drf's own kernels cannot be had on ", device, " (", problem,
                "); libtorch's operators take their place, slower");
  return result;
}

bool DeviceProgram::runs_on(at::Device device) {
  const std::lock_guard lock(mutex_);
  return loaded(device).module != nullptr;
}

void DeviceProgram::launch(at::Device device, const std::string& kernel, int64_t blocks, int threads,
                           std::initializer_list<const void*> args) {
  if (blocks == 0) return;
  const Interfaces& f = interfaces();
  void* function = nullptr;
  {
    const std::lock_guard lock(mutex_);
    Loaded& program = loaded(device);
    DRF_CHECK(program.module, "launch without runs_on");
    void*& found = program.functions[kernel];
    if (!found)
      DRF_CHECK(f.cuModuleGetFunction(&found, program.module, kernel.c_str()) == 0, name_, " has no ",
                kernel);
    function = found;
  }
  enter_context(index_of(device));
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
