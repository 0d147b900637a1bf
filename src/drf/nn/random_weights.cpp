#include "drf/nn/random_weights.h"

#include <ATen/ATen.h>
#include <ATen/Context.h>

#include <cmath>

#include "drf/base/error.h"

namespace drf::nn {
namespace {

thread_local const RandomWeights* current_weights = nullptr;

/// FNV-1a: what std::hash gives is its library's affair.
uint64_t hash_of(const std::string& text) {
  uint64_t value = 0xCBF29CE484222325u;
  for (const char c : text) value = (value ^ static_cast<unsigned char>(c)) * 0x100000001B3u;
  return value;
}

}  // namespace

RandomWeights::RandomWeights(uint64_t seed) : seed_(seed) {
  DRF_CHECK(current_weights == nullptr, "random weights inside others");
  current_weights = this;
}
RandomWeights::~RandomWeights() { current_weights = nullptr; }
const RandomWeights* RandomWeights::current() { return current_weights; }

at::Tensor RandomWeights::draw(const std::string& name, at::IntArrayRef shape, at::ScalarType dtype,
                               at::Device device) const {
  at::Generator generator = at::globalContext().defaultGenerator(device).clone();
  generator.set_current_seed(seed_ ^ hash_of(name));
  at::Tensor numbers = at::randn(shape, generator, at::TensorOptions().dtype(dtype).device(device));
  const int64_t inputs = numbers.dim() == 0 || shape[0] == 0 ? 1 : numbers.numel() / shape[0];
  if (inputs > 1) return numbers.mul_(1 / std::sqrt(static_cast<double>(inputs)));
  return name.ends_with("bias") ? numbers.mul_(0.02) : numbers.mul_(0.1).add_(1);
}

}  // namespace drf::nn
