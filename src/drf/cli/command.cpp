#include "drf/cli/command.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <cstdlib>
#include <thread>

#include "drf/base/error.h"
#include "drf/tensor/machine.h"

namespace drf::cli {

void add_common_options(CLI::App& app, CommonOptions& options) {
  app.add_option("--threads", options.threads, "CPU threads (default: OMP_NUM_THREADS, else all cores)")
      ->check(CLI::Range(0, 4096));
  app.add_option("--device", options.device, "cpu, cuda or cuda:INDEX")->capture_default_str();
  app.add_option("--dtype", options.dtype, "float32, bfloat16, float16 or float64, for all models");
}

CLI::Validator number_from(double least, double most) {
  const auto complaint = [least, most](std::string& text) -> std::string {
    double value = 0;
    if (CLI::detail::lexical_cast(text, value) && value >= least && value <= most) return "";
    return concat("is ", text, ", wanted a number from ", least, " to ", most);
  };
  return CLI::Validator(complaint, concat("NUMBER in [", least, " - ", most, "]"));
}

at::Device parse_device(const std::string& name) {
  try {
    const at::Device device(name);
    if (device.is_cpu() || device.is_cuda()) return device;
  } catch (const c10::Error&) {
  }
  fail(ErrorKind::kConfig, "--device is '", name, "', wanted cpu, cuda or cuda:INDEX");
}

at::Device apply(const CommonOptions& options) {
  if (options.threads > 0) {
    at::set_num_threads(options.threads);
  } else if (std::getenv("OMP_NUM_THREADS") == nullptr) {  // where it is set, libtorch has taken it
    at::set_num_threads(std::max(1, static_cast<int>(std::thread::hardware_concurrency())));
  }
  const at::Device device = parse_device(options.device);
  if (device.type() == at::kCUDA && !at::globalContext().hasCUDA()) {
    fail(ErrorKind::kResources, "--device ", options.device,
         ": no CUDA device: this build's libtorch has no CUDA, or the driver sees no GPU; use --device cpu");
  }
  return device;
}

std::string machine_in_words(at::Device device) {
  return device.is_cpu() ? concat(device_name(device), ", threads: ", at::get_num_threads())
                         : device_name(device);
}

at::ScalarType parse_dtype(const std::string& name) {
  if (name == "float32") return at::kFloat;
  if (name == "bfloat16") return at::kBFloat16;
  if (name == "float16") return at::kHalf;
  if (name == "float64") return at::kDouble;
  fail(ErrorKind::kConfig, "dtype is '", name, "', wanted float32, bfloat16, float16 or float64");
}

void parse_size(const std::string& text, int64_t& width, int64_t& height) {
  char extra = 0;
  long long w = 0, h = 0;
  if (std::sscanf(text.c_str(), "%lldx%lld%c", &w, &h, &extra) != 2 || w <= 0 || h <= 0) {
    fail(ErrorKind::kConfig, "--size is '", text, "', wanted WIDTHxHEIGHT such as 832x480");
  }
  width = w;
  height = h;
}

}  // namespace drf::cli
