#include "drf/tensor/machine.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <set>

namespace drf {
namespace {

/// What follows "KEY:" in a file of such lines; empty if there is none.
std::string value_of(const std::filesystem::path& file, const std::string& key) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (line.rfind(key, 0) != 0) continue;
    const size_t colon = line.find(':');
    const size_t begin = colon == std::string::npos ? colon : line.find_first_not_of(" \t", colon + 1);
    if (begin != std::string::npos) return line.substr(begin);
  }
  return "";
}

std::optional<int64_t> status_bytes(const std::string& key) {
  const std::string kib = value_of("/proc/self/status", key);  // "12345 kB"
  if (kib.empty()) return std::nullopt;
  return std::stoll(kib) * 1024;
}

/// The one model of all GPUs that NVIDIA's driver lists. It does not say which is which: empty if they
/// differ.
std::string gpu_model() {
  std::set<std::string> models;
  std::error_code none;
  for (const auto& gpu : std::filesystem::directory_iterator("/proc/driver/nvidia/gpus", none))
    models.insert(value_of(gpu.path() / "information", "Model"));
  return models.size() == 1 ? *models.begin() : "";
}

/// Seconds of n x n products, the fastest of some.
double product_seconds(int64_t n, const at::TensorOptions& options) {
  const at::Tensor a = at::full({n, n}, 0.5, options), b = at::full({n, n}, 0.5, options);
  at::Tensor c = at::empty({n, n}, options);
  double best = 0;
  for (int run = 0; run < 4; ++run) {  // the first warms up
    const auto begin = std::chrono::steady_clock::now();
    at::mm_out(c, a, b);
    wait_for(options.device());
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    if (run > 0) best = run == 1 ? took.count() : std::min(best, took.count());
  }
  return best;
}

}  // namespace

std::string device_name(at::Device device) {
  const std::string name = device.is_cpu() ? value_of("/proc/cpuinfo", "model name") : gpu_model();
  return name.empty() ? device.str() : name;
}

void wait_for(at::Device device) {
  if (device.is_cpu() || device.is_meta()) return;
  const c10::impl::VirtualGuardImpl guard(device.type());
  guard.synchronizeDevice(device.has_index() ? device.index() : guard.getDevice().index());
}

double matmul_rate(at::Device device, at::ScalarType dtype, bool tf32) {
  constexpr double kSeconds = 0.3;    // a size is the last when four times its time would be too long
  constexpr int64_t kLargest = 8192;  // beyond, no device gets faster
  const at::NoGradGuard no_graph;
  struct TF32 {  // for as long as this measures
    explicit TF32(bool wanted) : turned_on(wanted && !at::globalContext().allowTF32CuBLAS()) {
      if (turned_on) at::globalContext().setAllowTF32CuBLAS(true);
    }
    ~TF32() {
      if (turned_on) at::globalContext().setAllowTF32CuBLAS(false);
    }
    const bool turned_on;
  } const rounding(tf32);
  double best = 0;
  for (int64_t n = 512; n <= kLargest; n *= 2) {
    const double seconds = product_seconds(n, at::TensorOptions().device(device).dtype(dtype));
    best = std::max(best,
                    2.0 * static_cast<double>(n) * static_cast<double>(n) * static_cast<double>(n) / seconds);
    if (8 * seconds > kSeconds) break;  // the next is eight times as much
  }
  return best;
}

void read_mapped_checkpoints() {
  constexpr uintptr_t kPage = 4096;  // the smallest there is
  std::ifstream maps("/proc/self/maps");
  uintptr_t sum = 0;
  for (std::string line; std::getline(maps, line);) {  // "7f0-7f8 rw-p ... /folder/model.safetensors"
    uintptr_t begin = 0, end = 0;
    char readable = '-';
    const bool understood = std::sscanf(line.c_str(), "%lx-%lx %c", &begin, &end, &readable) == 3;
    if (!understood || readable != 'r' || !line.ends_with(".safetensors")) continue;
    for (uintptr_t at = begin; at < end; at += kPage)
      sum += *reinterpret_cast<const volatile unsigned char*>(at);
  }
  static_cast<void>(sum);
}

std::optional<int64_t> resident_bytes() { return status_bytes("VmRSS"); }
std::optional<int64_t> peak_resident_bytes() { return status_bytes("VmHWM"); }

bool reset_peak_resident() {
  std::ofstream file("/proc/self/clear_refs");
  file << "5" << std::flush;  // proc(5): the peak becomes what is resident now
  return file.good();
}

}  // namespace drf
