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

double square_sum(const Branches& d) {
  double sum = 0;
  for (const at::Tensor& t : {d.conditional, d.unconditional})
    if (t.defined()) sum += t.square().sum().item<double>();
  return sum;
}

}  // namespace

double GuidedStep::dt() const {  // as euler_step has it
  return static_cast<double>(parts_.schedule.sigmas[move_.to] - parts_.schedule.sigmas[move_.from]);
}

VelocityPull GuidedStep::call(Take take, Which which) const {
  const FlowOptions& options = parts_.options;
  return {parts_.generator,
          prompts_,
          {x_, parts_.schedule.timesteps[move_.from], take, which, !options.detach_input,
           options.recompute == Recompute::kBlock}};
}

Branches GuidedStep::value(Take take, Which which) const {
  const at::NoGradGuard no_graph;
  return parts_.generator.branches(x_, parts_.schedule.timesteps[move_.from], prompts_, take, which);
}

at::Tensor GuidedStep::forward(const at::Tensor& x) {
  x_ = x.detach();
  const Take take = move_.trains ? Take::kAsTheyStand : Take::kDetached;
  at::Tensor v;
  if (parts_.options.recompute == Recompute::kNone) {
    Branches both;
    for (const Which which : parts_.generator.calls(anchored())) {
      Call& kept = kept_.emplace_back(Call{call(take, which), {}});
      const Branches& own = kept.velocity.run();
      if (own.conditional.defined()) both.conditional = own.conditional.detach();
      if (own.unconditional.defined()) both.unconditional = own.unconditional.detach();
      if (!pulls_base()) continue;
      kept.base = call(Take::kReference, which);
      kept.base->run();
    }
    if (parts_.generator.branch_count() == 2 && !both.unconditional.defined())
      both.unconditional = value(take, Which::kUnconditional).unconditional;
    v = parts_.generator.guided(both);
  } else {
    v = parts_.generator.velocity(x_, parts_.schedule.timesteps[move_.from], prompts_, take);
  }
  return diffusion::euler_step(parts_.schedule, x_, v, move_.from, move_.to);
}

at::Tensor GuidedStep::pull(const at::Tensor& d_next) {
  DRF_CHECK(x_.defined(), "pull before forward");
  const at::NoGradGuard no_graph;
  const Take take = move_.trains ? Take::kAsTheyStand : Take::kDetached;
  const Branches d_reward = parts_.generator.pull_guided(d_next * dt());
  const double weight = options_.penalty_weight / static_cast<double>(parts_.generator.branch_count());
  at::Tensor d_v_x, d_base_x;
  penalty_ = 0;
  const std::vector<Which> calls = parts_.generator.calls(anchored());
  for (size_t i = 0; i < calls.size(); ++i) {
    // The base velocity's value first, then one graph at a time: the velocity's, the base velocity's.
    Call now = kept_.empty() ? Call{call(take, calls[i]), {}} : std::move(kept_[i]);
    Branches base;
    if (anchored()) base = now.base ? now.base->velocities() : value(Take::kReference, calls[i]);
    if (kept_.empty()) now.velocity.run();
    const Branches& v = now.velocity.velocities();
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
    d_v_x = plus(d_v_x, now.velocity.pull(d_v));
    if (!pulls_base()) continue;
    if (!now.base) now.base = call(Take::kReference, calls[i]), now.base->run();
    d_base_x = plus(d_base_x, now.base->pull(d_base));
  }
  kept_.clear();
  x_ = at::Tensor();
  return plus(plus(d_base_x, d_next), d_v_x);
}

}  // namespace drf::flow
