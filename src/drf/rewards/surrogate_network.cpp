#include "drf/rewards/surrogate_network.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "drf/base/error.h"
#include "drf/base/random.h"

namespace drf::rewards {
namespace {
constexpr int64_t kNarrow = 32, kWide = 64, kPooled = 4, kHidden = 64;
/// Fresh weights have deviation this / sqrt(inputs). What is random in the first layers stays in the gradient
/// long after the order is learnt: with .4 a linear teacher's direction is found to a mean cosine of .92,
/// with 1 .84, with sqrt 2 .7 (150 steps; a case as in tests/gradient/surrogate_test.cpp).
constexpr double kFresh = 0.4;

/// [kPooled, size]: means over the cells of adaptive average pooling. As a product it has a deterministic
/// gradient on every device and a form on the meta device.
at::Tensor pooling(int64_t size, const at::TensorOptions& options) {
  std::vector<double> weights(static_cast<size_t>(kPooled * size));
  for (int64_t i = 0; i < kPooled; ++i) {
    const int64_t begin = i * size / kPooled, end = ((i + 1) * size + kPooled - 1) / kPooled;
    for (int64_t k = begin; k < end; ++k)
      weights[static_cast<size_t>(i * size + k)] = 1.0 / static_cast<double>(end - begin);
  }
  return at::tensor(weights).view({kPooled, size}).to(options);
}
}  // namespace

SurrogateNetwork::SurrogateNetwork(const SurrogateShape& shape, uint64_t seed,
                                   const at::TensorOptions& options)
    : shape_(shape), seed_(seed), options_(options.requires_grad(false)) {
  in_weight_ = weight("in.weight", {kNarrow, shape.channels, 3, 3, 3});
  in_bias_ = bias("in.bias", kNarrow);
  down_weight_ = weight("down.weight", {kWide, kNarrow, 3, 3, 3});
  down_bias_ = bias("down.bias", kWide);
  block_weight_ = weight("block.weight", {kWide, kWide, 3, 3, 3});
  block_bias_ = bias("block.bias", kWide);
  hidden_weight_ = weight("hidden.weight", {kHidden, kWide * shape.frames * kPooled * kPooled});
  hidden_bias_ = bias("hidden.bias", kHidden);
  text_weight_ = weight("text.weight", {kHidden, shape.text});
  gate_weight_ = weight("gate.weight", {kHidden, shape.text});
  out_weight_ = weight("out.weight", {1, kHidden});
  out_bias_ = bias("out.bias", 1);
}

at::Tensor SurrogateNetwork::weight(const std::string& name, at::IntArrayRef sizes) {
  at::Tensor values = at::empty(sizes, options_);
  if (!values.is_meta()) {
    const RandomKey key{seed_, Purpose::kSurrogateWeights, static_cast<uint32_t>(parameters_.size()), 0};
    const std::vector<float> numbers = normal(key, static_cast<size_t>(values.numel()));
    const double inputs = static_cast<double>(values.numel()) / static_cast<double>(sizes[0]);
    values.copy_(at::tensor(numbers).view(sizes)).mul_(kFresh / std::sqrt(std::max(inputs, 1.0)));
  }
  parameters_.emplace_back(name, values);
  return values;
}

at::Tensor SurrogateNetwork::bias(const std::string& name, int64_t size) {
  parameters_.emplace_back(name, at::zeros({size}, options_));
  return parameters_.back().second;
}

at::Tensor SurrogateNetwork::score(const at::Tensor& latents_BCTHW, const at::Tensor& text_BE) const {
  DRF_CHECK(latents_BCTHW.dim() == 5 && latents_BCTHW.size(1) == shape_.channels &&
                latents_BCTHW.size(2) == shape_.frames,
            "latents ", latents_BCTHW.sizes(), " for a surrogate of ", shape_.channels, " channels and ",
            shape_.frames, " frames");
  const at::Tensor z = latents_BCTHW.to(in_weight_.scalar_type());
  at::Tensor x = at::silu(at::conv3d(z, in_weight_, in_bias_, /*stride=*/1, /*padding=*/1));
  x = at::silu(at::conv3d(x, down_weight_, down_bias_, /*stride=*/{1, 2, 2}, /*padding=*/1));
  x = x + at::silu(at::conv3d(x, block_weight_, block_bias_, /*stride=*/1, /*padding=*/1));
  const at::Tensor rows = pooling(x.size(3), x.options()), columns = pooling(x.size(4), x.options());
  x = at::matmul(rows, at::matmul(x, columns.t())).flatten(1);
  // What counts of a clip is what its prompt asks for: a product, or the text would only shift what is seen.
  // Encoders' states are of any size, so each prompt's mean is brought to size 1.
  const at::Tensor states = text_BE.to(in_weight_.scalar_type()),
                   text = states / (states.square().mean(1, /*keepdim=*/true) + 1e-6).sqrt();
  x = at::linear(x, hidden_weight_, hidden_bias_) * (1 + at::linear(text, gate_weight_)) +
      at::linear(text, text_weight_);
  return at::linear(at::silu(x), out_weight_, out_bias_).squeeze(1);
}

models::Flops SurrogateNetwork::flops(at::IntArrayRef latents_BCTHW) const {
  const auto count = [](int64_t a, int64_t b, int64_t c) {
    return static_cast<double>(a) * static_cast<double>(b) * static_cast<double>(c);
  };
  const int64_t B = latents_BCTHW[0], T = latents_BCTHW[2], H = latents_BCTHW[3], W = latents_BCTHW[4];
  const int64_t places = B * T * H * W, fewer = B * T * ((H + 1) / 2) * ((W + 1) / 2);
  const double convolutions = count(places, 27 * shape_.channels, kNarrow) +
                              count(fewer, 27 * kNarrow, kWide) + count(fewer, 27 * kWide, kWide);
  const double head = count(B, hidden_weight_.size(1) + 2 * shape_.text + 1, kHidden);
  return models::products(convolutions + head);
}

}  // namespace drf::rewards
