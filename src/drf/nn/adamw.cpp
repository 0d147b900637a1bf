#include "drf/nn/adamw.h"

#include <ATen/ATen.h>

#include "drf/base/error.h"

namespace drf::nn {

AdamW::AdamW(const std::vector<std::pair<std::string, at::Tensor>>& parameters, const AdamWOptions& options)
    : options_(options) {
  for (const auto& [name, p] : parameters) {
    names_.push_back(name);
    parameters_.push_back(p);
    DRF_CHECK(p.scalar_type() == parameters_.front().scalar_type() &&
              p.device() == parameters_.front().device());
    exp_avgs_.push_back(at::zeros_like(p, p.options().requires_grad(false)));
    exp_avg_sqs_.push_back(at::zeros_like(p, p.options().requires_grad(false)));
    steps_.push_back(at::zeros({}, p.options().dtype(at::kFloat).requires_grad(false)));
  }
}

void AdamW::step(double lr) {
  const at::NoGradGuard no_graph;
  std::vector<at::Tensor> parameters, gradients, exp_avgs, exp_avg_sqs, steps;
  for (size_t i = 0; i < parameters_.size(); ++i) {
    if (!parameters_[i].grad().defined()) continue;
    parameters.push_back(parameters_[i]);
    gradients.push_back(parameters_[i].grad());
    exp_avgs.push_back(exp_avgs_[i]);
    exp_avg_sqs.push_back(exp_avg_sqs_[i]);
    steps.push_back(steps_[i]);
  }
  if (parameters.empty()) return;
  at::_foreach_add_(steps, 1);  // the kernel wants the number of this step
  at::_fused_adamw_(parameters, gradients, exp_avgs, exp_avg_sqs, /*max_exp_avg_sqs=*/{}, steps, lr,
                    options_.beta1, options_.beta2, options_.weight_decay, options_.eps, /*amsgrad=*/false,
                    /*maximize=*/false);
  for (const at::Tensor& p : parameters) p.unsafeGetTensorImpl()->bump_version();  // the kernel does not
}

void AdamW::state(StateVisitor& v) {
  for (size_t i = 0; i < names_.size(); ++i) {
    v("exp_avg." + names_[i], exp_avgs_[i]);
    v("exp_avg_sq." + names_[i], exp_avg_sqs_[i]);
    v("step." + names_[i], steps_[i]);
  }
}

}  // namespace drf::nn
