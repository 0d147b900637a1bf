#include "drf/flow/stage.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include "drf/base/error.h"

namespace drf::flow {

StageOutput Stage::run_with_graph() {
  const at::AutoGradMode gradient_on(true);
  input_ = input_.detach().set_requires_grad(true);
  return function_(input_);
}

at::Tensor Stage::forward(const at::Tensor& input) {
  input_ = input.detach();
  if (recompute_ == Recompute::kNone) {
    kept_ = run_with_graph();
    return kept_.value.detach();
  }
  const at::NoGradGuard no_graph;
  return function_(input_).value;
}

at::Tensor Stage::pull(const at::Tensor& grad) {
  DRF_CHECK(input_.defined(), "pull before forward");
  StageOutput out = recompute_ == Recompute::kNone ? std::move(kept_) : run_with_graph();
  kept_ = {};
  std::vector<at::Tensor> roots, grads;
  if (out.value.requires_grad()) {
    roots.push_back(out.value);
    grads.push_back(grad);
  }
  if (out.penalty.defined()) {
    penalty_ = out.penalty.item<double>();
    if (out.penalty.requires_grad()) {
      roots.push_back(out.penalty);
      grads.push_back(at::ones_like(out.penalty));
    }
  }
  if (!roots.empty()) torch::autograd::backward(roots, grads);
  const at::Tensor d_input = input_.grad().defined() ? input_.grad() : at::zeros_like(input_);
  input_ = at::Tensor();
  return d_input;
}

}  // namespace drf::flow
