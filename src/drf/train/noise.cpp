#include "drf/train/noise.h"

#include <ATen/ATen.h>

#include <numeric>

#include "drf/base/error.h"
#include "drf/tensor/safetensors.h"

namespace drf::train {

at::Tensor noise(const RandomKey& key, const std::vector<int64_t>& shape, at::ScalarType dtype) {
  const int64_t count = std::accumulate(shape.begin(), shape.end(), int64_t{1}, std::multiplies<>());
  std::vector<float> values = normal(key, static_cast<size_t>(count));
  return at::from_blob(values.data(), shape, at::kFloat).to(dtype, /*non_blocking=*/false, /*copy=*/true);
}

at::Tensor read_noise(const std::filesystem::path& file, const std::vector<int64_t>& shape) {
  const at::Tensor tensor = SafetensorsFile(file).get("noise");
  if (tensor.sizes() != at::IntArrayRef(shape)) {
    fail(ErrorKind::kInput, file, ": 'noise' has shape ", tensor.sizes().vec(), ", these settings need ",
         shape, " (channels, latent frames, height, width)");
  }
  if (!tensor.is_floating_point() || !tensor.isfinite().all().item<bool>()) {
    fail(ErrorKind::kInput, file, ": 'noise' must be finite floating-point numbers");
  }
  return tensor.clone();
}

}  // namespace drf::train
