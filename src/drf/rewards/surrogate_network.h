#pragma once
// The network of a learned reward (LaSRO: a surrogate on latents, so that neither decoder nor critic lies in
// the gradient). Small on purpose: it is run and pulled at every update, and learns from a few thousand
// clips.
//
// Shape letters: B clips, C T H W latent channels, frames, height, width, E text width.

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "drf/models/flops.h"

namespace drf::rewards {

struct SurrogateShape {
  int64_t channels = 0, frames = 0;  ///< C, T of a clip's latents; H and W are free
  int64_t text = 0;                  ///< E
};

class SurrogateNetwork {
 public:
  /// Fresh weights of `options`' dtype (float32 or wider) and device, from `seed` alone. On the meta device
  /// they have no numbers.
  SurrogateNetwork(const SurrogateShape& shape, uint64_t seed, const at::TensorOptions& options);

  /// latents_BCTHW of any float type and text_BE, the mean of each prompt's text states -> s_B in the
  /// weights' type, with the graph to latents and weights. Larger is better; the scale means nothing by
  /// itself. Rows are independent.
  at::Tensor score(const at::Tensor& latents_BCTHW, const at::Tensor& text_BE) const;

  /// Of one score(), on paper.
  models::Flops flops(at::IntArrayRef latents_BCTHW) const;

  /// The leaves, in a fixed order; they want no gradient unless the caller says so.
  const std::vector<std::pair<std::string, at::Tensor>>& parameters() const { return parameters_; }
  const SurrogateShape& shape() const { return shape_; }

 private:
  at::Tensor weight(const std::string& name, at::IntArrayRef sizes);
  at::Tensor bias(const std::string& name, int64_t size);

  SurrogateShape shape_;
  uint64_t seed_;
  at::TensorOptions options_;
  std::vector<std::pair<std::string, at::Tensor>> parameters_;
  at::Tensor in_weight_, in_bias_;      // C -> 32
  at::Tensor down_weight_, down_bias_;  // 32 -> 64, half as high and wide
  at::Tensor block_weight_, block_bias_;
  at::Tensor hidden_weight_, hidden_bias_, text_weight_, gate_weight_;
  at::Tensor out_weight_, out_bias_;
};

}  // namespace drf::rewards
