#include "drf/flow/velocity_pull.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include <utility>

#include "drf/base/error.h"

namespace drf::flow {

const Branches& VelocityPull::run() {
  const at::AutoGradMode gradient_on(true);
  x_ = call_.x_BCTHW.detach().set_requires_grad(call_.through_x);
  v_ = generator_->branches(x_, call_.timestep, *prompts_, call_.take, call_.which, call_.recompute);
  return v_;
}

at::Tensor VelocityPull::backward(const Branches& d_v, double scale) {
  if (!x_.defined()) run();  // a second time, at another scale
  std::vector<at::Tensor> roots, grads;
  for (const auto& [root, grad] :
       {std::pair{v_.conditional, d_v.conditional}, std::pair{v_.unconditional, d_v.unconditional}}) {
    if (!root.defined() || !grad.defined() || !root.requires_grad()) continue;
    roots.push_back(root);
    grads.push_back(scale == 1 ? grad : grad * scale);
  }
  v_ = {};
  if (!roots.empty()) torch::autograd::backward(roots, grads);
  return std::exchange(x_, at::Tensor()).grad();
}

at::Tensor VelocityPull::pull(const Branches& d_v) {
  DRF_CHECK(x_.defined(), "pull before run");
  at::Tensor d_x;
  if (prompts_->is_half()) {
    SetAside trained(generator_->trained());
    std::vector<LeafGradient*> into;
    for (LeafGradient& leaf : trained.leaves()) into.push_back(&leaf);
    for (LeafGradient& leaf : prompts_->gathered())
      if (leaf.leaf.defined()) into.push_back(&leaf);
    d_x = pull_scaled({d_v.conditional, d_v.unconditional}, into,
                      [&](double scale) { return backward(d_v, scale); });
  } else {
    d_x = backward(d_v, 1);
  }
  return call_.through_x && !d_x.defined() ? at::zeros_like(call_.x_BCTHW) : d_x;
}

}  // namespace drf::flow
