#include "drf/nn/linear.h"

#include <ATen/ATen.h>

#include "drf/base/error.h"
#include "drf/ops/low_rank_linear.h"

namespace drf::nn {

Linear::Linear(int64_t in_features, int64_t out_features, bool bias, Precision precision) {
  register_parameter("weight", weight_, {out_features, in_features}, precision);
  if (bias) register_parameter("bias", bias_, {out_features}, precision);
}

at::Tensor Linear::forward(const at::Tensor& x) const {
  if (!has_lora()) return at::linear(x, weight_, bias_);
  DRF_CHECK(!weight_.requires_grad(), "an adapter on a layer whose weight is trained");
  return ops::low_rank_linear(x, weight_, bias_, lora_A_, lora_B_, lora_scale_);
}

void Linear::set_lora(at::Tensor lora_A, at::Tensor lora_B, double scale) {
  DRF_CHECK(lora_A.dim() == 2 && lora_B.dim() == 2 && lora_A.size(1) == weight_.size(1) &&
                lora_B.size(0) == weight_.size(0) && lora_A.size(0) == lora_B.size(1),
            "adapter shapes ", lora_A.sizes(), " ", lora_B.sizes(), " for weight ", weight_.sizes());
  lora_A_ = std::move(lora_A);
  lora_B_ = std::move(lora_B);
  lora_scale_ = scale;
}

void Linear::remove_lora() {
  lora_A_ = lora_B_ = at::Tensor();
  lora_scale_ = 0;
}

}  // namespace drf::nn
