#include "drf/flow/noise.h"

#include <ATen/ATen.h>

#include <numeric>

#include "drf/base/error.h"
#include "drf/tensor/safetensors.h"

namespace drf::flow {

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

at::Tensor Noise::draw(const RandomKey& key) const {
  const int64_t count = std::accumulate(shape_.begin(), shape_.end(), int64_t{1}, std::multiplies<>());
  std::vector<float> values = normal(key, static_cast<size_t>(count));
  const at::TensorOptions on_host = options_.device(at::kCPU);
  return at::from_blob(values.data(), shape_, at::kFloat)
      .to(on_host, /*non_blocking=*/false, /*copy=*/true)
      .to(options_.device());
}

at::Tensor Noise::start(const std::vector<rewards::Sample>& samples, Purpose purpose) const {
  std::vector<at::Tensor> clips;
  for (const rewards::Sample& clip : samples) {
    const RandomKey key{seed_, purpose, static_cast<uint32_t>(clip.prompt), static_cast<uint32_t>(clip.draw)};
    clips.push_back(given_.defined() ? given_.to(options_) : draw(key));
  }
  return at::stack(clips);
}

at::Tensor Noise::again(const std::vector<rewards::Sample>& samples, int64_t number) const {
  std::vector<at::Tensor> clips;
  for (const rewards::Sample& clip : samples) {
    // A prompt may stand in a batch twice, with two draws: they are told apart in the seed.
    const uint64_t seed = seed_ ^ (static_cast<uint64_t>(clip.draw) << 44);
    clips.push_back(
        draw({seed, Purpose::kRenoise, static_cast<uint32_t>(clip.prompt), static_cast<uint32_t>(number)}));
  }
  return at::stack(clips);
}

at::Tensor Noise::step(const std::vector<rewards::Sample>& samples, int64_t number) const {
  std::vector<at::Tensor> clips;
  for (const rewards::Sample& clip : samples) {
    const uint64_t seed = seed_ ^ (static_cast<uint64_t>(number) << 44);
    clips.push_back(draw(
        {seed, Purpose::kStepNoise, static_cast<uint32_t>(clip.prompt), static_cast<uint32_t>(clip.draw)}));
  }
  return at::stack(clips);
}

}  // namespace drf::flow
