#include "drf/train/moved_parameters.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <cmath>

#include "drf/train/clip_norm.h"

namespace drf::train {

MovedParameters::MovedParameters(const std::vector<at::Tensor>& parameters, double distance)
    : parameters_(parameters) {
  const at::NoGradGuard no_graph;
  const double norm = clip_grad_norm(parameters_, /*max_norm=*/0);
  // All are kept before the first is moved: where memory ends there, nothing has moved yet.
  for (const at::Tensor& p : parameters_) before_.push_back(p.detach().clone());
  try {
    for (const at::Tensor& p : parameters_) {
      if (p.grad().defined() && std::isfinite(norm) && norm > 0) p.add_(p.grad(), distance / norm);
      p.mutable_grad() = at::Tensor();
    }
  } catch (...) {
    put_back();
    throw;
  }
}

MovedParameters::~MovedParameters() { put_back(); }

void MovedParameters::put_back() {
  const at::NoGradGuard no_graph;
  for (size_t i = 0; i < before_.size(); ++i) parameters_[i].copy_(before_[i]);
}

}  // namespace drf::train
