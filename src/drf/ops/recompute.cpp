#include "drf/ops/recompute.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/custom_class.h>

#include "drf/base/error.h"

namespace drf::ops {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct BlockHolder : torch::CustomClassHolder {
  explicit BlockHolder(BlockOfMany b) : block(std::move(b)) {}
  BlockOfMany block;
};

struct Recompute : torch::autograd::Function<Recompute> {
  static variable_list forward(AutogradContext* ctx, const BlockOfMany& block, const at::Tensor& anchor,
                               at::TensorList inputs) {
    ctx->save_for_backward(inputs.vec());
    ctx->set_materialize_grads(false);
    ctx->saved_data["block"] = c10::IValue::make_capsule(c10::make_intrusive<BlockHolder>(block));
    return block(inputs.vec());  // gradient mode is off inside a Function
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const auto holder = c10::static_intrusive_pointer_cast<BlockHolder>(ctx->saved_data["block"].toCapsule());
    std::vector<at::Tensor> inputs;
    for (const auto& saved : ctx->get_saved_variables()) {
      inputs.push_back(saved.defined() ? saved.detach().set_requires_grad(saved.requires_grad()) : saved);
    }
    {
      const at::AutoGradMode gradient_on(true);
      const std::vector<at::Tensor> outs = holder->block(inputs);
      std::vector<at::Tensor> roots, root_grads;
      for (size_t i = 0; i < outs.size(); ++i) {
        if (!outs[i].requires_grad() || !grads[i].defined()) continue;
        roots.push_back(outs[i]);
        root_grads.push_back(std::move(grads[i]));
      }
      if (!roots.empty()) torch::autograd::backward(roots, root_grads);
    }
    variable_list result{at::Tensor(), at::Tensor()};  // the block and the anchor have none
    for (const auto& input : inputs) {
      result.push_back(input.defined() && input.requires_grad() ? input.grad() : at::Tensor());
    }
    return result;
  }
};

}  // namespace

std::vector<at::Tensor> recompute(const BlockOfMany& block, const std::vector<at::Tensor>& inputs,
                                  const at::Tensor& anchor) {
  if (!at::GradMode::is_enabled()) return block(inputs);
  DRF_CHECK(anchor.defined() && anchor.requires_grad(), "recompute needs an anchor that requires grad");
  return Recompute::apply(block, anchor, at::TensorList(inputs));
}

at::Tensor recompute(const Block& block, const std::vector<at::Tensor>& inputs, const at::Tensor& anchor) {
  const BlockOfMany alone = [block](const std::vector<at::Tensor>& in) { return std::vector{block(in)}; };
  return recompute(alone, inputs, anchor)[0];
}

}  // namespace drf::ops
