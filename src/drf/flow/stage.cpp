#include "drf/flow/stage.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include "drf/base/error.h"

namespace drf::flow {

// Fills held_; with a graph, inputs_ become its leaves.
void Stage::run(nn::Graph graph) {
  const bool with_graph = graph == nn::Graph::kKept;
  if (with_graph)
    for (at::Tensor& input : inputs_) input = input.detach().set_requires_grad(true);
  const at::AutoGradMode mode(with_graph);
  std::optional<StageClock::Run> counted;
  if (clock_) counted.emplace(*clock_, /*again=*/ran_);
  held_ = function_(inputs_, graph);
  if (counted) pull_flops_ = counted->pull_flops();
  ran_ = true;
  has_graph_ = with_graph;
}

Stage::Tensors Stage::forward(const Tensors& inputs) {
  inputs_.clear();
  for (const at::Tensor& input : inputs) inputs_.push_back(input.detach());
  const bool keeps = recompute_ == Recompute::kNone;
  run(keeps ? nn::Graph::kKept : nn::Graph::kNone);
  if (!keeps) return std::exchange(held_, {});
  Tensors values;
  for (const at::Tensor& value : held_) values.push_back(value.defined() ? value.detach() : value);
  return values;
}

const Stage::Tensors& Stage::hold() {
  DRF_CHECK(ran_, "pull before forward");
  if (!has_graph_) run(nn::Graph::kKept);
  return held_;
}

Stage::Tensors Stage::backward(const Tensors& grads, double scale) {
  hold();  // at a second scale, once more
  Tensors roots, root_grads;
  for (size_t i = 0; i < held_.size(); ++i) {
    if (!held_[i].defined() || !grads.at(i).defined() || !held_[i].requires_grad()) continue;
    roots.push_back(held_[i]);
    root_grads.push_back((scale == 1 ? grads[i] : grads[i] * scale).to(held_[i].scalar_type()));
  }
  held_.clear();
  has_graph_ = false;
  if (!roots.empty()) torch::autograd::backward(roots, root_grads);
  Tensors d_inputs;
  for (at::Tensor& input : inputs_) {
    d_inputs.push_back(input.grad().defined() ? input.grad() : at::zeros_like(input));
    input = input.detach();
  }
  return d_inputs;
}

Stage::Tensors Stage::pull(const Tensors& grads, const std::optional<HalfTypes>& half) {
  Tensors d_inputs;
  if (half) {
    Tensors sizes;  // of what reaches the half types
    for (const at::Tensor& grad : grads)
      sizes.push_back(grad.defined() && half->steepness != 1 ? grad * half->steepness : grad);
    d_inputs = pull_scaled(sizes, hold(), half->leaves, [&](double scale) { return backward(grads, scale); });
  } else {
    d_inputs = backward(grads, 1);
  }
  if (clock_) clock_->count_pull(pull_flops_);
  inputs_.clear();
  ran_ = false;
  return d_inputs;
}

}  // namespace drf::flow
