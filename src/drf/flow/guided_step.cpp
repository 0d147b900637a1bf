#include "drf/flow/guided_step.h"

#include <ATen/ATen.h>

#include "drf/base/error.h"
#include "drf/diffusion/sampler.h"

namespace drf::flow {
namespace {

at::Tensor plus(const at::Tensor& a, const at::Tensor& b) {
  return !a.defined() ? b : !b.defined() ? a : a + b;
}
at::Tensor times(const at::Tensor& t, double factor) { return t.defined() ? t * factor : t; }

// v - v_base of the branches there are.
Branches difference(const Branches& v, const Branches& base) {
  const auto of = [](const at::Tensor& a, const at::Tensor& b) {
    return a.defined() ? a.detach() - b.detach() : a;
  };
  return {of(v.conditional, base.conditional), of(v.unconditional, base.unconditional)};
}

/// Without a graph.
Branches velocities(const Stage::Tensors& values) {
  const auto of = [](const at::Tensor& t) { return t.defined() ? t.detach() : t; };
  return {of(values[0]), of(values[1])};
}

double square_sum(const Branches& d) {
  double sum = 0;
  for (const at::Tensor& t : {d.conditional, d.unconditional})
    if (t.defined()) sum += t.square().sum().item<double>();
  return sum;
}

}  // namespace

Stage GuidedStep::stage(Take take, Which which) const {
  return parts_.denoiser.velocity_stage(x_, timestep(), prepared_, which, take, options_.recompute,
                                        options_.recompute == Recompute::kBlock);
}

Branches GuidedStep::value(Take take, Which which) const {
  return parts_.denoiser.branches(x_, timestep(), prepared_, which, {take});
}

at::Tensor GuidedStep::forward(const at::Tensor& x) {
  x_ = x.detach();
  const Stage::Tensors variables = options_.nested == 0 ? Stage::Tensors() : Stage::Tensors{x_};
  const Take take = move_.trains ? Take::kAsTheyStand : Take::kDetached;
  const bool keeps = options_.recompute == Recompute::kNone;
  Branches both;
  for (const Which which : parts_.denoiser.calls(timestep(), anchored())) {
    Call& call = calls_.emplace_back(Call{stage(take, which), {}});
    const Stage::Tensors own = call.velocity.forward(variables);
    if (own[0].defined()) both.conditional = own[0];
    if (own[1].defined()) both.unconditional = own[1];
    if (!keeps || !pulls_base()) continue;
    call.base.emplace(stage(Take::kReference, which));
    call.base->forward(variables);
  }
  if (parts_.denoiser.branch_count(timestep()) == 2 && !both.unconditional.defined())
    both.unconditional = value(take, Which::kUnconditional).unconditional;
  return diffusion::euler_step(parts_.schedule, x_, parts_.denoiser.guided(both, timestep()), move_.from,
                               move_.to);
}

at::Tensor GuidedStep::pull(const at::Tensor& d_next) {
  DRF_CHECK(x_.defined(), "pull before forward");
  const at::NoGradGuard no_graph;
  const Branches d_reward = parts_.denoiser.pull_guided(
      d_next * diffusion::step_size(parts_.schedule, move_.from, move_.to), timestep());
  const double weight =
      options_.penalty_weight / static_cast<double>(parts_.denoiser.branch_count(timestep()));
  at::Tensor d_v_x, d_base_x;
  penalty_ = 0;
  const std::vector<Which> calls = parts_.denoiser.calls(timestep(), anchored());
  for (size_t i = 0; i < calls.size(); ++i) {
    // The base velocity's value first, then one graph at a time: the velocity's, the base velocity's.
    Call now = std::move(calls_[i]);
    Branches base;
    if (now.base) {
      base = velocities(now.base->hold());
    } else if (pulls_base()) {
      now.base.emplace(stage(Take::kReference, calls[i]));
      base = velocities(now.base->forward({x_}));
    } else if (anchored()) {
      base = value(Take::kReference, calls[i]);
    }
    const Branches v = velocities(now.velocity.hold());
    Branches d_v, d_base;
    if (v.conditional.defined()) d_v.conditional = d_reward.conditional;
    if (v.unconditional.defined()) d_v.unconditional = d_reward.unconditional;
    if (anchored()) {
      const Branches off = difference(v, base);
      base = {};
      penalty_ += square_sum(off) * weight;
      d_v.conditional = plus(d_v.conditional, times(off.conditional, 2 * weight));
      d_v.unconditional = plus(d_v.unconditional, times(off.unconditional, 2 * weight));
      d_base = {times(off.conditional, -2 * weight), times(off.unconditional, -2 * weight)};
    }
    d_v_x = plus(d_v_x, parts_.denoiser.pull(now.velocity, timestep(), d_v, prepared_));
    if (now.base) d_base_x = plus(d_base_x, parts_.denoiser.pull(*now.base, timestep(), d_base, prepared_));
  }
  calls_.clear();
  x_ = at::Tensor();
  if (options_.nested == 1) return plus(plus(d_base_x, d_next), d_v_x);
  return plus(d_next, times(plus(d_base_x, d_v_x), options_.nested));
}

}  // namespace drf::flow
