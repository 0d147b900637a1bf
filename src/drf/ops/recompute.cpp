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
  explicit BlockHolder(Block b) : block(std::move(b)) {}
  Block block;
};

struct Recompute : torch::autograd::Function<Recompute> {
  static at::Tensor forward(AutogradContext* ctx, const Block& block, const at::Tensor& anchor,
                            at::TensorList inputs) {
    ctx->save_for_backward(inputs.vec());
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
      const at::Tensor out = holder->block(inputs);
      if (out.requires_grad()) torch::autograd::backward({out}, {grads[0]});
    }
    variable_list result{at::Tensor(), at::Tensor()};  // the block and the anchor have none
    for (const auto& input : inputs) {
      result.push_back(input.defined() && input.requires_grad() ? input.grad() : at::Tensor());
    }
    return result;
  }
};

}  // namespace

at::Tensor recompute(const Block& block, const std::vector<at::Tensor>& inputs, const at::Tensor& anchor) {
  if (!at::GradMode::is_enabled()) return block(inputs);
  DRF_CHECK(anchor.defined() && anchor.requires_grad(), "recompute needs an anchor that requires grad");
  return Recompute::apply(block, anchor, at::TensorList(inputs));
}

}  // namespace drf::ops
