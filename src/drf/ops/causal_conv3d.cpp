#include "drf/ops/causal_conv3d.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/custom_class.h>

#include <algorithm>
#include <mutex>
#include <optional>

#include "drf/ops/frozen_conv3d.h"
#include "drf/ops/plane_conv.h"
#include "drf/tensor/dry_run.h"

namespace drf::ops {

struct PackedWeight::Forms {
  explicit Forms(const at::Tensor& w) : weight(w), version(version_of(w)) {}
  bool are_of(const at::Tensor& w) const {
    return w.is_alias_of(weight) && w.storage_offset() == weight.storage_offset() && version_of(w) == version;
  }
  static uint32_t version_of(const at::Tensor& w) { return w.is_inference() ? 0 : w._version(); }
  const at::Tensor weight;  ///< held, so that no other weight can come to lie at its address
  const uint32_t version;

  /// Made when first asked for.
  const PackedConv& forward(PlaneForm form) {
    return once(forward_, [&] { return pack_conv(form, weight); });
  }
  const PackedConv& backward(PlaneForm form) {
    return once(backward_, [&] {
      return form == PlaneForm::kTiles ? pack_conv_adjoint(weight)
                                       : pack_conv(PlaneForm::kDoubledAdjoint, weight);
    });
  }

 private:
  template <typename Make>
  const PackedConv& once(std::optional<PackedConv>& slot, const Make& make) {
    const std::lock_guard lock(mutex_);
    if (!slot) slot = make();
    return *slot;
  }
  std::mutex mutex_;
  std::optional<PackedConv> forward_, backward_;
};

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;
using Forms = PackedWeight::Forms;
using MaybeTensor = std::optional<at::Tensor>;  // a Function takes no undefined tensors

MaybeTensor if_defined(const at::Tensor& x) { return x.defined() ? MaybeTensor(x) : std::nullopt; }

/// What an autograd node keeps of a weight.
struct FormsHolder : torch::CustomClassHolder {
  explicit FormsHolder(std::shared_ptr<Forms> f) : forms(std::move(f)) {}
  std::shared_ptr<Forms> forms;
};

void keep(AutogradContext* ctx, const std::shared_ptr<Forms>& forms) {
  ctx->saved_data["forms"] = c10::IValue::make_capsule(c10::make_intrusive<FormsHolder>(forms));
}
Forms& kept(AutogradContext* ctx) {
  return *c10::static_intrusive_pointer_cast<FormsHolder>(ctx->saved_data["forms"].toCapsule())->forms;
}

/// Null in a dry run, where run_conv reads nothing.
const float* numbers_in(const at::Tensor& x) { return x.is_meta() ? nullptr : x.const_data_ptr<float>(); }
/// Frame t of clip b of a contiguous [B, T, H, W, C].
const float* frame_in(const at::Tensor& x, int64_t b, int64_t t) {
  return x.is_meta() ? nullptr : x.const_data_ptr<float>() + b * x.stride(0) + t * x.stride(1);
}
float* frame_out(const at::Tensor& x, int64_t b, int64_t t) {
  return x.is_meta() ? nullptr : x.mutable_data_ptr<float>() + b * x.stride(0) + t * x.stride(1);
}

at::Tensor empty_frames(const at::Tensor& like, int64_t T, int64_t H, int64_t W, int64_t C) {
  return at::empty({like.size(0), T, H, W, C}, like.options());
}

/// Frames count from the first of the past; result t is the sum over tap k of frame t + k.
struct CausalConv : torch::autograd::Function<CausalConv> {
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& x_any, const MaybeTensor& past_any,
                            const MaybeTensor& add_any, const at::Tensor& bias,
                            const std::shared_ptr<Forms>& forms) {
    const bool has_past = past_any.has_value(), has_add = add_any.has_value();
    const at::Tensor x = x_any.contiguous(), past = has_past ? past_any->contiguous() : at::Tensor(),
                     add = has_add ? add_any->contiguous() : at::Tensor();
    const PackedConv& conv = forms->forward(PlaneForm::kTiles);
    const int64_t T = x.size(1), earlier = conv.taps - 1, offset = has_past ? 0 : earlier;
    const at::Tensor y = empty_frames(x, T, x.size(2), x.size(3), conv.out);
    std::vector<ClipSums> clips(x.size(0));
    for (int64_t b = 0; b < x.size(0); ++b) {
      for (int64_t t = offset; t < earlier; ++t) clips[b].sources.push_back(frame_in(past, b, t));
      for (int64_t t = 0; t < T; ++t) {
        clips[b].sources.push_back(frame_in(x, b, t));
        FrameSum sum{frame_out(y, b, t), has_add ? frame_in(add, b, t) : nullptr, {}};
        for (int64_t k = std::max<int64_t>(0, offset - t); k < conv.taps; ++k)
          sum.terms.push_back({t + k - offset, k});
        clips[b].sums.push_back(std::move(sum));
      }
    }
    run_conv(conv, clips, x.size(2), x.size(3), numbers_in(bias));
    keep(ctx, forms);
    ctx->saved_data["has_past"] = has_past;
    ctx->saved_data["has_add"] = has_add;
    return y;
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const at::Tensor grad = grads[0].contiguous();
    variable_list result(5);
    // Inputs are numbered without those that are absent.
    const bool has_past = ctx->saved_data["has_past"].toBool(), has_add = ctx->saved_data["has_add"].toBool();
    const bool for_x = ctx->needs_input_grad(0), for_past = has_past && ctx->needs_input_grad(1);
    if (has_add && ctx->needs_input_grad(has_past ? 2 : 1)) result[2] = grads[0];
    if (!for_x && !for_past) return result;
    const PackedConv& conv = kept(ctx).backward(PlaneForm::kTiles);
    const int64_t T = grad.size(1), H = grad.size(2), W = grad.size(3), earlier = conv.taps - 1;
    if (for_x) result[0] = empty_frames(grad, T, H, W, conv.out);
    if (for_past) result[1] = empty_frames(grad, earlier, H, W, conv.out);
    std::vector<ClipSums> clips(grad.size(0));
    for (int64_t b = 0; b < grad.size(0); ++b) {
      for (int64_t t = 0; t < T; ++t) clips[b].sources.push_back(frame_in(grad, b, t));
      for (int64_t t = for_past ? 0 : earlier; t < (for_x ? earlier + T : earlier); ++t) {
        FrameSum sum{
            t < earlier ? frame_out(result[1], b, t) : frame_out(result[0], b, t - earlier), nullptr, {}};
        for (int64_t k = std::min(t, conv.taps - 1); k >= std::max<int64_t>(0, t - T + 1); --k) {
          sum.terms.push_back({t - k, k});
        }
        clips[b].sums.push_back(std::move(sum));
      }
    }
    run_conv(conv, clips, H, W, /*bias=*/nullptr);
    return result;
  }
};

/// Each frame for itself.
std::vector<ClipSums> frame_by_frame(const at::Tensor& x, const at::Tensor& y) {
  std::vector<ClipSums> frames;
  for (int64_t b = 0; b < x.size(0); ++b) {
    for (int64_t t = 0; t < x.size(1); ++t) {
      frames.push_back({{frame_in(x, b, t)}, {{frame_out(y, b, t), nullptr, {{0, 0}}}}});
    }
  }
  return frames;
}

struct DoubledConv : torch::autograd::Function<DoubledConv> {
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& x_any, const at::Tensor& bias,
                            const std::shared_ptr<Forms>& forms) {
    const at::Tensor x = x_any.contiguous();
    const PackedConv& conv = forms->forward(PlaneForm::kDoubled);
    const at::Tensor y = empty_frames(x, x.size(1), 2 * x.size(2), 2 * x.size(3), conv.out);
    run_conv(conv, frame_by_frame(x, y), x.size(2), x.size(3), numbers_in(bias));
    keep(ctx, forms);
    return y;
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const at::Tensor grad = grads[0].contiguous();
    const PackedConv& conv = kept(ctx).backward(PlaneForm::kDoubled);
    const at::Tensor grad_x = empty_frames(grad, grad.size(1), grad.size(2) / 2, grad.size(3) / 2, conv.out);
    run_conv(conv, frame_by_frame(grad, grad_x), grad.size(2), grad.size(3), /*bias=*/nullptr);
    return {grad_x, at::Tensor(), at::Tensor()};
  }
};

bool has_kernel(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
  const auto is_ready = [](const at::Tensor& t) {
    return stands_for_cpu(t) && t.scalar_type() == at::kFloat && !t.requires_grad() && t.is_contiguous();
  };
  return stands_for_cpu(x) && x.scalar_type() == at::kFloat && is_ready(weight) && is_ready(bias) &&
         weight.size(-1) == 3 && weight.size(-2) == 3;
}

}  // namespace

PackedWeight::PackedWeight() = default;
PackedWeight::~PackedWeight() = default;

std::shared_ptr<Forms> PackedWeight::forms_of(const at::Tensor& weight) const {
  if (!forms_ || !forms_->are_of(weight)) forms_ = std::make_shared<Forms>(weight);
  return forms_;
}

at::Tensor causal_conv3d(const at::Tensor& x, const at::Tensor& past, const at::Tensor& weight,
                         const at::Tensor& bias, const PackedWeight& packed, const at::Tensor& add) {
  if (has_kernel(x, weight, bias)) {
    return CausalConv::apply(x, if_defined(past), if_defined(add), bias, packed.forms_of(weight));
  }
  const int64_t earlier = weight.size(2) - 1;
  at::Tensor all = x;
  if (earlier > 0) {
    const at::Tensor zeros = at::zeros({x.size(0), earlier, x.size(2), x.size(3), x.size(4)}, x.options());
    all = at::cat({past.defined() ? past : zeros, x}, 1);
  }
  const at::Tensor y =
      conv3d_channels_last(all, weight, bias, {1, 1, 1}, {0, weight.size(3) / 2, weight.size(4) / 2});
  return add.defined() ? y + add : y;
}

at::Tensor doubled_conv2d(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                          const PackedWeight& packed) {
  if (has_kernel(x, weight, bias)) {
    return DoubledConv::apply(x, bias, packed.forms_of(weight.unsqueeze(2)));
  }
  // Channels stay last, there and back; libtorch's upsampling would put them first, and every layer after it
  // would turn them again.
  const int64_t B = x.size(0), T = x.size(1), H = x.size(2), W = x.size(3), C = x.size(4);
  const at::Tensor twice =
      x.view({B, T, H, 1, W, 1, C}).expand({B, T, H, 2, W, 2, C}).reshape({B, T, 2 * H, 2 * W, C});
  return conv3d_channels_last(twice, weight.unsqueeze(2), bias, {1, 1, 1}, {0, 1, 1});
}

}  // namespace drf::ops
