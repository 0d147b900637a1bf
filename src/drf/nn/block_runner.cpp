#include "drf/nn/block_runner.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "drf/ops/recompute.h"

namespace drf::nn {
namespace {

// The first that carries gradient, or an undefined one.
at::Tensor with_gradient(const std::vector<at::Tensor>& tensors) {
  const auto found = std::find_if(tensors.begin(), tensors.end(),
                                  [](const at::Tensor& t) { return t.defined() && t.requires_grad(); });
  return found == tensors.end() ? at::Tensor() : *found;
}

}  // namespace

BlockRunner::BlockRunner(bool recompute, const TrainableSet* trained)
    : recompute_(recompute), trained_(recompute ? trained : nullptr) {
  if (trained_) standing_ = trained_->standing(TrainableSet::Take::kAsTheyStand);
}

at::Tensor BlockRunner::operator()(Module& /*block*/, const std::vector<at::Tensor>& inputs,
                                   const Call& call) const {
  if (!recompute_ || !at::GradMode::is_enabled()) return call(inputs);
  at::Tensor anchor = with_gradient(inputs);
  if (!anchor.defined() && with_gradient(standing_).defined())
    anchor = at::zeros({1}, inputs.at(0).options()).set_requires_grad(true);
  if (!anchor.defined()) return call(inputs);  // there is nothing to recompute for
  if (!trained_) return ops::recompute(call, inputs, anchor);
  return ops::recompute(
      [trained = trained_, standing = standing_, call](const std::vector<at::Tensor>& in) {
        const auto scope = trained->with(standing);
        return call(in);
      },
      inputs, anchor);
}

}  // namespace drf::nn
