#include "drf/train/adamw.h"

#include <ATen/ATen.h>

#include <map>
#include <utility>

#include "drf/base/error.h"
#include "drf/tensor/safetensors.h"

namespace drf::train {

AdamW::AdamW(std::vector<at::Tensor> parameters, const AdamWOptions& options)
    : parameters_(std::move(parameters)), options_(options) {
  for (const at::Tensor& p : parameters_) {
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
}

void AdamW::save(const std::filesystem::path& file, const std::vector<std::string>& names) const {
  DRF_CHECK(names.size() == parameters_.size());
  std::vector<std::pair<std::string, at::Tensor>> tensors;
  for (size_t i = 0; i < names.size(); ++i) {
    tensors.emplace_back("exp_avg." + names[i], exp_avgs_[i]);
    tensors.emplace_back("exp_avg_sq." + names[i], exp_avg_sqs_[i]);
    tensors.emplace_back("step." + names[i], steps_[i]);
  }
  write_safetensors(file, tensors);
}

void AdamW::load(const std::filesystem::path& path, const std::vector<std::string>& names) {
  DRF_CHECK(names.size() == parameters_.size());
  const SafetensorsFile file(path);
  std::vector<std::pair<at::Tensor, at::Tensor>> copies;  // to, from
  const auto add = [&](const at::Tensor& to, const std::string& name) {
    if (!file.contains(name)) {
      fail(ErrorKind::kInput, path, ": tensor '", name,
           "' is missing; the state is of a run with other adapters");
    }
    const at::Tensor from = file.get(name);
    if (from.sizes() != to.sizes() || from.scalar_type() != to.scalar_type()) {
      fail(ErrorKind::kInput, path, ": tensor '", name, "' is ", safetensors_dtype_name(from.scalar_type()),
           " ", from.sizes().vec(), ", wanted ", safetensors_dtype_name(to.scalar_type()), " ",
           to.sizes().vec(), "; the state is of a run with other adapters");
    }
    copies.emplace_back(to, from);
  };
  for (size_t i = 0; i < names.size(); ++i) {
    add(exp_avgs_[i], "exp_avg." + names[i]);
    add(exp_avg_sqs_[i], "exp_avg_sq." + names[i]);
    add(steps_[i], "step." + names[i]);
  }
  if (copies.size() != file.entries().size()) {
    fail(ErrorKind::kInput, path, ": holds ", file.entries().size(), " tensors, wanted ", copies.size(),
         "; the state is of a run with other adapters");
  }
  for (const auto& [to, from] : copies) to.copy_(from);
}

}  // namespace drf::train
