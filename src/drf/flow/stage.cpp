#include "drf/flow/stage.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include "drf/base/error.h"

namespace drf::flow {

at::Tensor Stage::run_with_graph() {
  const at::AutoGradMode gradient_on(true);
  input_ = input_.detach().set_requires_grad(true);
  return function_(input_);
}

at::Tensor Stage::forward(const at::Tensor& input) {
  input_ = input.detach();
  if (recompute_ == Recompute::kNone) {
    kept_ = run_with_graph();
    return kept_.detach();
  }
  const at::NoGradGuard no_graph;
  return function_(input_);
}

at::Tensor Stage::pull(const at::Tensor& grad) {
  DRF_CHECK(input_.defined(), "pull before forward");
  const at::Tensor value = recompute_ == Recompute::kNone ? std::move(kept_) : run_with_graph();
  kept_ = at::Tensor();
  if (value.requires_grad()) torch::autograd::backward({value}, {grad});
  const at::Tensor d_input = input_.grad().defined() ? input_.grad() : at::zeros_like(input_);
  input_ = at::Tensor();
  return d_input;
}

}  // namespace drf::flow
