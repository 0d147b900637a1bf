#include "drf/models/wan/transformer.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "drf/base/error.h"
#include "drf/ops/modulation.h"
#include "drf/ops/rotary.h"
#include "drf/tensor/precision.h"

namespace drf::wan {
at::Tensor rotary_table(const TransformerConfig& config, at::IntArrayRef grid_thw, at::ScalarType dtype,
                        at::Device device) {
  const int64_t band = 2 * (config.head_dim / 6);  // height and width; time takes the rest
  const std::array<int64_t, 3> dims{config.head_dim - 2 * band, band, band};
  const auto wide = at::TensorOptions().dtype(at::kDouble);
  std::vector<at::Tensor> bands;
  for (int axis = 0; axis < 3; ++axis) {
    const at::Tensor frequency =
        at::pow(10000.0, -at::arange(0, dims[axis], 2, wide) / static_cast<double>(dims[axis]));
    std::vector<int64_t> shape{1, 1, 1, frequency.size(0)};
    shape[axis] = grid_thw[axis];
    const at::Tensor angles = at::outer(at::arange(grid_thw[axis], wide), frequency);
    bands.push_back(angles.view(shape).expand({grid_thw[0], grid_thw[1], grid_thw[2], frequency.size(0)}));
  }
  const at::Tensor angles = at::cat(bands, -1).flatten(0, 2).unsqueeze(1);
  const at::Tensor real = angles.cos().to(at_least_float(dtype)),
                   imaginary = angles.sin().to(at_least_float(dtype));
  return at::complex(real, imaginary).to(device);
}

Attention::Attention(const TransformerConfig& c)
    : num_heads_(c.num_heads),
      to_q_(c.width(), c.width()),
      to_k_(c.width(), c.width()),
      to_v_(c.width(), c.width()),
      to_out_(c.width(), c.width()),
      norm_q_(c.width(), c.eps),
      norm_k_(c.width(), c.eps) {
  register_module("to_q", to_q_);
  register_module("to_k", to_k_);
  register_module("to_v", to_v_);
  register_module("to_out.0", to_out_);
  register_module("norm_q", norm_q_);
  register_module("norm_k", norm_k_);
}

at::Tensor Attention::queries(const at::Tensor& x_BLD) const {
  return split_heads(norm_q_.forward(to_q_.forward(x_BLD)));
}

KeysValues Attention::keys_values(const at::Tensor& source_BSD) const {
  return {split_heads(norm_k_.forward(to_k_.forward(source_BSD))), split_heads(to_v_.forward(source_BSD))};
}

at::Tensor Attention::attend(const at::Tensor& q_BLNE, const KeysValues& kv, const at::Tensor& bias) const {
  const auto heads_first = [&](const at::Tensor& x) {
    return x.expand({q_BLNE.size(0), -1, -1, -1}).transpose(1, 2);
  };
  const at::Tensor o_BNLE =
      at::scaled_dot_product_attention(q_BLNE.transpose(1, 2), heads_first(kv.keys), heads_first(kv.values),
                                       bias.defined() ? std::optional<at::Tensor>(bias) : std::nullopt);
  return to_out_.forward(o_BNLE.transpose(1, 2).flatten(2));
}

at::Tensor Attention::forward(const at::Tensor& x_BLD, const at::Tensor& rotary) const {
  const KeysValues kv = keys_values(x_BLD);
  return attend(ops::rotate_pairs(queries(x_BLD), rotary), {ops::rotate_pairs(kv.keys, rotary), kv.values},
                {});
}

at::Tensor Attention::forward(const at::Tensor& x_BLD, const KeysValues& kv, const at::Tensor& bias) const {
  return attend(queries(x_BLD), kv, bias);
}

FeedForward::FeedForward(int64_t dim, int64_t inner_dim) : in_(dim, inner_dim), out_(inner_dim, dim) {
  register_module("net.0.proj", in_);
  register_module("net.2", out_);
}

at::Tensor FeedForward::forward(const at::Tensor& x) const {
  return out_.forward(at::gelu(in_.forward(x), "tanh"));
}

// One block, as in the Wan report:
//   x += gate * SelfAttention(modulate(norm1(x)), rotary)
//   x +=        CrossAttention(norm2(x), text)
//   x += gate * FeedForward(modulate(norm3(x)))
// norm1 and norm3 have no weights. Modulation and the gated sums are float32 or wider, as in the reference.
TransformerBlock::TransformerBlock(const TransformerConfig& c)
    : eps_(c.eps), attn1_(c), attn2_(c), ffn_(c.width(), c.ffn_dim) {
  register_module("attn1", attn1_);
  register_module("attn2", attn2_);
  if (c.cross_attn_norm) {
    norm2_ = std::make_unique<nn::LayerNorm>(c.width(), c.eps, nn::Precision::kFloat32);
    register_module("norm2", *norm2_);
  }
  register_module("ffn", ffn_);
  register_parameter("scale_shift_table", scale_shift_table_, {1, 6, c.width()}, nn::Precision::kFloat32);
}

at::Tensor TransformerBlock::forward(const at::Tensor& x_BLD, const KeysValues& text,
                                     const at::Tensor& text_bias, const at::Tensor& time_B6D,
                                     const at::Tensor& rotary) const {
  const auto m = (scale_shift_table_ + upcast(time_B6D)).chunk(6, 1);  // six of (B, 1, D)
  const auto &shift_attn = m[0], &scale_attn = m[1], &gate_attn = m[2];
  const auto &shift_ffn = m[3], &scale_ffn = m[4], &gate_ffn = m[5];

  const at::Tensor attended =
      attn1_.forward(ops::modulated_norm(x_BLD, shift_attn, scale_attn, eps_), rotary);
  at::Tensor x = ops::gated_sum(x_BLD, attended, gate_attn);
  x = x + attn2_.forward(norm2_ ? norm2_->forward(x) : x, text, text_bias);
  const at::Tensor fed = ffn_.forward(ops::modulated_norm(x, shift_ffn, scale_ffn, eps_));
  return ops::gated_sum(x, fed, gate_ffn);
}

TwoLayerEmbedder::TwoLayerEmbedder(int64_t in_dim, int64_t out_dim, Activation activation,
                                   nn::Precision precision)
    : activation_(activation),
      linear_1_(in_dim, out_dim, true, precision),
      linear_2_(out_dim, out_dim, true, precision) {
  register_module("linear_1", linear_1_);
  register_module("linear_2", linear_2_);
}

at::Tensor TwoLayerEmbedder::forward(const at::Tensor& x) const {
  const at::Tensor hidden = linear_1_.forward(x);
  return linear_2_.forward(activation_ == Activation::kSilu ? at::silu(hidden) : at::gelu(hidden, "tanh"));
}

namespace {
bool trains(const nn::Linear& linear) {
  return linear.is_trained() || linear.weight().requires_grad() || linear.bias().requires_grad();
}
}  // namespace

bool TwoLayerEmbedder::trains() const { return wan::trains(linear_1_) || wan::trains(linear_2_); }

ConditionEmbedder::ConditionEmbedder(const TransformerConfig& c)
    : freq_dim_(c.freq_dim),
      width_(c.width()),
      time_embedder_(c.freq_dim, c.width(), TwoLayerEmbedder::Activation::kSilu, nn::Precision::kFloat32),
      text_embedder_(c.text_dim, c.width(), TwoLayerEmbedder::Activation::kGeluTanh, nn::Precision::kModel),
      time_proj_(c.width(), 6 * c.width()) {
  register_module("time_embedder", time_embedder_);
  register_module("text_embedder", text_embedder_);
  register_module("time_proj", time_proj_);
}

bool ConditionEmbedder::time_is_trained() const { return time_embedder_.trains() || trains(time_proj_); }

TimeReading ConditionEmbedder::embed_time(const at::Tensor& timestep_B, at::ScalarType dtype) const {
  // Sinusoids in float32 (float64 for a float64 model): cosines first, then sines.
  const auto wide = timestep_B.options().dtype(at_least_float(dtype));
  const int64_t half = freq_dim_ / 2;
  const at::Tensor frequency =
      at::exp(at::arange(half, wide) * (-std::log(10000.0) / static_cast<double>(half)));
  const at::Tensor angles = timestep_B.to(wide.dtype()).unsqueeze(1) * frequency;
  const at::Tensor embedding_BD = time_embedder_.forward(at::cat({angles.cos(), angles.sin()}, 1)).to(dtype);
  return {embedding_BD, time_proj_.forward(at::silu(embedding_BD)).unflatten(1, {6, width_})};
}

namespace {
// Names the patch projection as the checkpoint does. The convolution's kernel equals its stride, so it is a
// matrix product over patches.
class PatchEmbedding : public nn::Module {
 public:
  PatchEmbedding(at::Tensor& weight, at::Tensor& bias, const TransformerConfig& c) {
    register_parameter("weight", weight,
                       {c.width(), c.in_channels, c.patch_size[0], c.patch_size[1], c.patch_size[2]});
    register_parameter("bias", bias, {c.width()});
  }
};
}  // namespace

Transformer::Transformer(const TransformerConfig& c)
    : config_(c),
      patch_embedding_(std::make_unique<PatchEmbedding>(patch_weight_, patch_bias_, c)),
      condition_embedder_(c),
      proj_out_(c.width(), c.out_channels * c.patch_volume(), /*bias=*/true, nn::Precision::kFloat32) {
  register_module("patch_embedding", *patch_embedding_);
  register_module("condition_embedder", condition_embedder_);
  for (int64_t i = 0; i < c.num_layers; ++i) {
    blocks_.push_back(std::make_unique<TransformerBlock>(c));
    register_module(concat("blocks.", i), *blocks_.back());
  }
  register_module("proj_out", proj_out_);
  register_parameter("scale_shift_table", scale_shift_table_, {1, 2, c.width()}, nn::Precision::kFloat32);
}

namespace {

/// (B, kept): of clip b, kept - length_b rows stand for its S - length_b rows of padding, evenly.
at::Tensor padding_bias(const at::Tensor& length_B, int64_t kept, int64_t S) {
  const at::Tensor stands_for = (S - length_B).to(at::kDouble) / (kept - length_B).to(at::kDouble);
  const at::Tensor is_padding = at::arange(kept, length_B.options()) >= length_B.unsqueeze(1);
  return at::where(is_padding, stands_for.log().unsqueeze(1), 0.0);
}

/// The same for types in which log(500) is off by a hundredth: of a clip's padding rows the first stands for
/// nearly all, by a logarithm that has few digits, the second for what is left, and others for themselves.
at::Tensor rounded_padding_bias(const at::Tensor& length_B, int64_t kept, int64_t S) {
  constexpr double kStep = 1.0 / 16;  // exact in bfloat16 up to 16
  const at::Tensor others_B = (kept - length_B - 2).to(at::kDouble);
  const at::Tensor count_B = (S - length_B).to(at::kDouble) - others_B;
  const at::Tensor first_B = (count_B.log() / kStep).floor() * kStep;
  const at::Tensor second_B = (count_B - first_B.exp()).log();
  const at::Tensor row = at::arange(kept, length_B.options()) - length_B.unsqueeze(1);
  const at::Tensor rest = at::where(row.eq(1), second_B.unsqueeze(1), 0.0);
  return at::where(row.eq(0), first_B.unsqueeze(1), rest);
}

}  // namespace

TextReading Transformer::read_text(const at::Tensor& text_BNE, const std::vector<int64_t>& lengths,
                                   int64_t padded_to) const {
  const int64_t B = text_BNE.size(0), N = text_BNE.size(1);
  // One row at least stands for the padding after the longest.
  const bool is_half = c10::elementSize(text_BNE.scalar_type()) == 2;
  const int64_t kept = std::min(padded_to, N + (is_half ? 2 : 1));
  TextReading reading;
  if (kept < padded_to) {
    const at::Tensor length_B = at::tensor(lengths, at::kLong).to(text_BNE.device());
    const at::Tensor bias_BS =
        is_half ? rounded_padding_bias(length_B, kept, padded_to) : padding_bias(length_B, kept, padded_to);
    reading.bias = bias_BS.to(text_BNE.scalar_type()).view({B, 1, 1, kept});
  }
  const at::Tensor text_BSD =
      condition_embedder_.embed_text(at::constant_pad_nd(text_BNE, {0, 0, 0, kept - N}));
  for (const auto& block : blocks_) reading.blocks.push_back(block->read_text(text_BSD));
  return reading;
}

const at::Tensor& Transformer::rotary(at::IntArrayRef grid_thw, at::ScalarType dtype,
                                      at::Device device) const {
  std::vector<int64_t> key = grid_thw.vec();
  key.push_back(static_cast<int64_t>(dtype));
  at::Tensor& table = rotary_tables_[key];
  if (!table.defined()) table = rotary_table(config_, grid_thw, dtype, device);
  return table;
}

at::Tensor Transformer::forward(const at::Tensor& x_BCTHW, const TimeReading& time, const TextReading& text,
                                const nn::BlockRunner& run) const {
  const auto& [pt, ph, pw] = config_.patch_size;
  const int64_t B = x_BCTHW.size(0), C = x_BCTHW.size(1);
  const int64_t T = x_BCTHW.size(2), H = x_BCTHW.size(3), W = x_BCTHW.size(4);
  if (T % pt || H % ph || W % pw) {
    fail(ErrorKind::kConfig, "latents of ", T, " x ", H, " x ", W,
         " (frames, height, width) are no multiple of the patch ", pt, " x ", ph, " x ", pw,
         "; change frames, height or width");
  }
  const std::vector<int64_t> grid{T / pt, H / ph, W / pw};
  if (*std::max_element(grid.begin(), grid.end()) > config_.rope_max_seq_len) {
    fail(ErrorKind::kConfig, "a grid of ", grid,
         " patches exceeds rope_max_seq_len = ", config_.rope_max_seq_len,
         " of the transformer's config.json; make the video smaller");
  }
  const auto dtype = x_BCTHW.scalar_type();
  const at::Tensor turn = rotary(grid, dtype, x_BCTHW.device());

  const at::Tensor patches_BLK = x_BCTHW.view({B, C, grid[0], pt, grid[1], ph, grid[2], pw})
                                     .permute({0, 2, 4, 6, 1, 3, 5, 7})
                                     .reshape({B, grid[0] * grid[1] * grid[2], C * config_.patch_volume()});
  at::Tensor x_BLD = at::linear(patches_BLK, patch_weight_.flatten(1), patch_bias_);

  for (size_t i = 0; i < text.blocks.size(); ++i) {
    TransformerBlock& block = *blocks_[i];
    x_BLD = run(block, {x_BLD, text.blocks[i].keys, text.blocks[i].values, time.modulation_B6D},
                [&block, turn, bias = text.bias](const std::vector<at::Tensor>& in) {
                  return block.forward(in[0], {in[1], in[2]}, bias, in[3], turn);
                });
  }

  // The head is float32 in half models, and so is what guidance makes of it: a factor of 5 would multiply the
  // rounding of two velocities that are nearly the same.
  const auto m = (scale_shift_table_ + upcast(time.embedding_BD).unsqueeze(1)).chunk(2, 1);
  const at::Tensor out_BLK = proj_out_.forward(ops::modulated_norm(upcast(x_BLD), m[0], m[1], config_.eps));
  return out_BLK.view({B, grid[0], grid[1], grid[2], pt, ph, pw, config_.out_channels})
      .permute({0, 7, 1, 4, 2, 5, 3, 6})
      .reshape({B, config_.out_channels, T, H, W});
}

}  // namespace drf::wan
