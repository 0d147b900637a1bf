#include "drf/train/velocity_change.h"

#include <ATen/ATen.h>

#include <cmath>

#include "drf/run/engine.h"

namespace drf::train {

VelocityChange::VelocityChange(run::Run& run) : run_(run) {
  const auto steps = run.parts().schedule.steps();
  const bool all = run.config().flow.rule == "matching";
  trains_.assign(static_cast<size_t>(steps), all);
  if (all) return;
  for (const int64_t step : diffusion::make_step_policy(run::step_policy(run.config()), steps)->may_train())
    trains_.at(static_cast<size_t>(step)) = true;
}

void VelocityChange::begin(const flow::Batch& batch) {
  batch_ = &batch;
  prepared_.reset();
  base_ = at::Tensor();
}

void VelocityChange::visit(const at::Tensor& x, const diffusion::Move& move) {
  close(x);
  const flow::Parts& parts = run_.parts();
  const double t = parts.schedule.timesteps.at(static_cast<size_t>(move.from));
  if (!trains_.at(static_cast<size_t>(move.from)) || !parts.denoiser.is_trained(t)) return;
  if (!prepared_) {
    prepared_ = std::make_unique<flow::Prepared>(parts.denoiser, batch_->conditions, batch_->unconditional,
                                                 nn::Graph::kNone, /*with_reference=*/true, nullptr);
  }
  from_ = x;
  base_ = parts.denoiser.velocity(x, t, *prepared_, flow::Take::kReference).to(at::kDouble);
  const auto& sigmas = parts.schedule.sigmas;
  sigmas_ = sigmas.at(static_cast<size_t>(move.to)) - sigmas.at(static_cast<size_t>(move.from));
}

void VelocityChange::close(const at::Tensor& x) {
  if (!base_.defined()) return;
  const at::Tensor taken = (x.to(at::kDouble) - from_.to(at::kDouble)) / sigmas_;
  change_ += (taken - base_).square().sum().item<double>();
  whole_ += base_.square().sum().item<double>();
  base_ = at::Tensor();
}

void VelocityChange::end(const at::Tensor& x) {
  close(x);
  prepared_.reset();
}

double VelocityChange::relative() const { return whole_ > 0 ? std::sqrt(change_ / whole_) : 0; }

}  // namespace drf::train
