#include "drf/models/umt5/encoder.h"

#include <ATen/ATen.h>

#include <cmath>
#include <limits>

#include "drf/base/error.h"
#include "drf/tensor/precision.h"

namespace drf::umt5 {
namespace {

at::Tensor activate(const at::Tensor& x, Activation activation) {
  switch (activation) {
    case Activation::kGeluTanh:
      return at::gelu(x, "tanh");
    case Activation::kGelu:
      return at::gelu(x);
    case Activation::kRelu:
      return at::relu(x);
    case Activation::kSilu:
      return at::silu(x);
  }
  DRF_CHECK(false, "activation");
}

// float16 overflows in large encoders; the reference clamps after every layer.
at::Tensor clamp_half(const at::Tensor& x) {
  if (x.scalar_type() != at::kHalf) return x;
  const double largest = std::numeric_limits<c10::Half>::max();
  const double bound = at::isinf(x).any().item<bool>() ? largest - 1000 : largest;
  return x.clamp(-bound, bound);
}

}  // namespace

Norm::Norm(int64_t dim, double eps) : eps_(eps) { register_parameter("weight", weight_, {dim}); }

at::Tensor Norm::forward(const at::Tensor& x) const {
  const at::Tensor wide = upcast(x);
  const at::Tensor inverse_rms = at::rsqrt(wide.square().mean(-1, /*keepdim=*/true) + eps_);
  return weight_ * (wide * inverse_rms).to(weight_.scalar_type());
}

at::Tensor relative_position_buckets(int64_t length, int64_t num_buckets, int64_t max_distance,
                                     at::Device device) {
  const at::Tensor position = at::arange(length, at::TensorOptions(at::kLong).device(device));
  const at::Tensor offset = position.unsqueeze(0) - position.unsqueeze(1);  // key - query
  const int64_t per_direction = num_buckets / 2, exact = per_direction / 2;
  const at::Tensor distance = offset.abs();
  // float32 in a float64 model too: at some distances the truncation depends on the last bit, and the buckets
  // are part of what the weights were trained with.
  const double range = std::log(static_cast<double>(max_distance) / static_cast<double>(exact));
  const at::Tensor ratio = at::log(distance.to(at::kFloat) / exact) / range * (per_direction - exact);
  const at::Tensor far = (ratio.to(at::kLong) + exact).clamp_max(per_direction - 1);
  return (offset > 0).to(at::kLong) * per_direction + at::where(distance < exact, distance, far);
}

Attention::Attention(const Config& config)
    : config_(config),
      q_(config.d_model, config.num_heads * config.d_kv, /*bias=*/false),
      k_(config.d_model, config.num_heads * config.d_kv, /*bias=*/false),
      v_(config.d_model, config.num_heads * config.d_kv, /*bias=*/false),
      o_(config.num_heads * config.d_kv, config.d_model, /*bias=*/false) {
  register_module("q", q_);
  register_module("k", k_);
  register_module("v", v_);
  register_module("o", o_);
  register_parameter("relative_attention_bias.weight", relative_attention_bias_,
                     {config.num_buckets, config.num_heads});
}

at::Tensor Attention::position_bias(int64_t length) const {
  const at::Tensor buckets = relative_position_buckets(length, config_.num_buckets, config_.max_distance,
                                                       relative_attention_bias_.device());
  return at::embedding(relative_attention_bias_, buckets).permute({2, 0, 1}).unsqueeze(0);
}

at::Tensor Attention::forward(const at::Tensor& x_BSD, const at::Tensor& mask_B11S) const {
  const int64_t B = x_BSD.size(0), S = x_BSD.size(1);
  const auto heads = [&](const nn::Linear& projection) {
    return projection.forward(x_BSD).view({B, S, config_.num_heads, config_.d_kv}).transpose(1, 2);  // BNSE
  };
  const at::Tensor scores = upcast(at::matmul(heads(q_), heads(k_).transpose(2, 3)));  // BNSS
  const at::Tensor weights = at::softmax(scores + position_bias(S) + mask_B11S, -1);
  const at::Tensor mixed = at::matmul(weights.to(x_BSD.scalar_type()), heads(v_));
  return o_.forward(mixed.transpose(1, 2).reshape({B, S, -1}));
}

FeedForward::FeedForward(const Config& config)
    : activation_(config.activation),
      wo_(config.d_ff, config.d_model, /*bias=*/false, nn::Precision::kFloat32) {
  const auto add = [&](const char* name, std::unique_ptr<nn::Linear>& slot) {
    slot = std::make_unique<nn::Linear>(config.d_model, config.d_ff, /*bias=*/false);
    register_module(name, *slot);
  };
  if (config.gated) {
    add("wi_0", wi_0_);
    add("wi_1", wi_1_);
  } else {
    add("wi", wi_);
  }
  register_module("wo", wo_);
}

at::Tensor FeedForward::forward(const at::Tensor& x_BSD) const {
  const at::Tensor inner = wi_ ? activate(wi_->forward(x_BSD), activation_)
                               : activate(wi_0_->forward(x_BSD), activation_) * wi_1_->forward(x_BSD);
  return wo_.forward(inner.to(wo_.weight().scalar_type()));
}

Block::Block(const Config& config)
    : attention_(config),
      attention_norm_(config.d_model, config.eps),
      feed_forward_(config),
      feed_forward_norm_(config.d_model, config.eps) {
  register_module("layer.0.SelfAttention", attention_);
  register_module("layer.0.layer_norm", attention_norm_);
  register_module("layer.1.DenseReluDense", feed_forward_);
  register_module("layer.1.layer_norm", feed_forward_norm_);
}

at::Tensor Block::forward(const at::Tensor& x_BSD, const at::Tensor& mask_B11S) const {
  const at::Tensor attended =
      clamp_half(x_BSD + attention_.forward(attention_norm_.forward(x_BSD), mask_B11S));
  return clamp_half(attended + feed_forward_.forward(feed_forward_norm_.forward(attended)));
}

Encoder::Encoder(const Config& config) : config_(config), final_layer_norm_(config.d_model, config.eps) {
  register_parameter("shared.weight", shared_, {config.vocab_size, config.d_model});
  for (int64_t i = 0; i < config.num_layers; ++i) {
    blocks_.push_back(std::make_unique<Block>(config));
    register_module(concat("encoder.block.", i), *blocks_.back());
  }
  register_module("encoder.final_layer_norm", final_layer_norm_);
}

at::Tensor Encoder::forward(const at::Tensor& ids_BS, const at::Tensor& mask_BS) const {
  DRF_CHECK(ids_BS.dim() == 2 && ids_BS.sizes() == mask_BS.sizes(), "ids ", ids_BS.sizes(), " mask ",
            mask_BS.sizes());
  if (ids_BS.numel() > 0) {
    const int64_t low = ids_BS.min().item<int64_t>(), high = ids_BS.max().item<int64_t>();
    if (low < 0 || high >= config_.vocab_size) {
      fail(ErrorKind::kInput, "token id ", low < 0 ? low : high,
           " is outside the text encoder's vocabulary of ", config_.vocab_size,
           ": the tokenizer belongs to another model");
    }
  }
  at::Tensor x_BSD = at::embedding(shared_, ids_BS);
  const auto wide = at_least_float(x_BSD.scalar_type());
  const double lowest = wide == at::kDouble ? std::numeric_limits<double>::lowest()
                                            : static_cast<double>(std::numeric_limits<float>::lowest());
  const at::Tensor mask_B11S = at::zeros(mask_BS.sizes(), x_BSD.options().dtype(wide))
                                   .masked_fill(mask_BS == 0, lowest)
                                   .unsqueeze(1)
                                   .unsqueeze(1);
  for (const auto& block : blocks_) x_BSD = block->forward(x_BSD, mask_B11S);
  return final_layer_norm_.forward(x_BSD);
}

void load(Encoder& encoder, const Checkpoint& checkpoint, const nn::LoadOptions& options) {
  const std::string shared = "shared.weight", tied = "encoder.embed_tokens.weight";
  const bool has_shared = checkpoint.entries().count(options.prefix + shared) != 0;
  nn::LoadOptions tolerant = options;
  tolerant.keep_float32 = options.dtype != at::kBFloat16;
  tolerant.rename = [&](const std::string& name) -> std::string {
    if (name == tied) return has_shared ? "" : shared;
    if (name.rfind("decoder.", 0) == 0 || name == "lm_head.weight") return "";
    return name;
  };
  nn::load_strict(encoder, checkpoint, tolerant);
  for (const auto& p : encoder.named_parameters()) {
    if (p.name != shared) continue;
    // Precision::kFloat32 widens "wo" for every half type; bfloat16 models keep it in bfloat16.
    if (p.tensor->scalar_type() != at::kBFloat16) return;
  }
  for (const auto& p : encoder.named_parameters()) {
    if (p.precision == nn::Precision::kFloat32) *p.tensor = p.tensor->to(at::kBFloat16);
  }
}

}  // namespace drf::umt5
