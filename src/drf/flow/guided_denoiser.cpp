#include "drf/flow/guided_denoiser.h"

#include <ATen/ATen.h>

#include "drf/base/error.h"

namespace drf::flow {

void GuidedDenoiser::bring(size_t component) const {
  // Of one network the borders of the flow's stages say all.
  if (parking_ && components_.size() > 1) parking_->begin(components_.at(component).residence);
}

Branches GuidedDenoiser::all_branches(const at::Tensor& x, double timestep, const Prepared& prepared,
                                      Take take) const {
  const at::NoGradGuard no_graph;
  const Pass pass{take};
  if (branch_count(timestep) == 1 || guidance_.one_batch)
    return branches(x, timestep, prepared, Which::kBoth, pass);
  const at::Tensor conditional = branches(x, timestep, prepared, Which::kConditional, pass).conditional;
  return {conditional, branches(x, timestep, prepared, Which::kUnconditional, pass).unconditional};
}

Branches GuidedDenoiser::branches(const at::Tensor& x, double timestep, const Prepared& prepared, Which which,
                                  const Pass& pass) const {
  DRF_CHECK(pass.take != Take::kReference || prepared.has_reference_,
            "the base model's reading was not asked for");
  const size_t component = denoiser_.component(timestep);
  const Prepared::Reading& reading = prepared.by(component);
  bring(component);
  const at::AutoGradMode mode(pass.graph == nn::Graph::kKept);
  const Take take = is_trained(timestep) ? pass.take : Take::kReference;
  const auto scope = trained_.with(trained_.standing(take));
  const models::Condition& text = take == Take::kReference ? reading.reference : reading.leaves;
  const bool detached = take == Take::kDetached;
  const nn::BlockRunner run(pass.recompute && pass.graph == nn::Graph::kKept, &trained_);
  const auto call = [&](const at::Tensor& latents, int64_t first_row, int64_t rows) {
    models::Condition part;
    for (const auto& [name, tensor] : text.tensors) {
      const at::Tensor own =
          !tensor.defined() || prepared.free_rows_ == 0 ? tensor : tensor.narrow(0, first_row, rows);
      part.tensors.emplace_back(name, detached && own.defined() ? own.detach() : own);
    }
    const at::Tensor v = denoiser_.velocity(latents, timestep, part, run);
    if (prepared.clock()) {
      const models::Flops flops = denoiser_.velocity_flops(latents.sizes(), timestep, part);
      prepared.clock()->count(flops, v.requires_grad());
      prepared.clock()->count_generator(latents.size(0));
      if (pass.graph == nn::Graph::kKept && take == Take::kAsTheyStand && trained_.replaces_weights())
        prepared.clock()->count_weights(flops);
    }
    return v;
  };

  const int64_t B = prepared.clips_, free = prepared.free_rows_;
  if (which == Which::kConditional || branch_count(timestep) == 1) return {call(x, 0, B), {}};
  if (which == Which::kUnconditional) return {{}, call(x, B, free)};
  DRF_CHECK(free == B, "both branches in one call want a row of text for each clip");
  const at::Tensor both = call(at::cat({x, x}), 0, 2 * B);
  return {both.narrow(0, 0, B), both.narrow(0, B, B)};
}

Stage GuidedDenoiser::velocity_stage(const at::Tensor& x, double timestep, const Prepared& prepared,
                                     Which which, Take take, Recompute recompute, bool in_blocks) const {
  prepared.by(denoiser_.component(timestep));  // a stage of its own, not of this one
  return {[this, x, timestep, &prepared, which, take, in_blocks](const Stage::Tensors& inputs,
                                                                 nn::Graph graph) -> Stage::Tensors {
            const Branches v =
                branches(inputs.empty() ? x : inputs[0], timestep, prepared, which, {take, graph, in_blocks});
            return {v.conditional, v.unconditional};
          },
          recompute, prepared.clock()};
}

at::Tensor GuidedDenoiser::pull(Stage& stage, double timestep, const Branches& d_v,
                                Prepared& prepared) const {
  const size_t component = denoiser_.component(timestep);
  bring(component);
  const Stage::Tensors grads{d_v.conditional, d_v.unconditional};
  Stage::Tensors d_x;
  if (prepared.is_half()) {
    SetAside trained(trained_);
    std::vector<LeafGradient*> into = trained.leaves();
    for (LeafGradient& leaf : prepared.by(component).gathered)
      if (leaf.leaf.defined()) into.push_back(&leaf);
    d_x = stage.pull(grads, HalfTypes{into});
  } else {
    d_x = stage.pull(grads);
  }
  return d_x.empty() ? at::Tensor() : d_x[0];
}

at::Tensor GuidedDenoiser::guided(const Branches& v, double timestep) const {
  if (branch_count(timestep) == 1) return v.conditional;
  return diffusion::guided(v.conditional, v.unconditional, denoiser_.guidance(timestep));
}

Branches GuidedDenoiser::pull_guided(const at::Tensor& d_v, double timestep) const {
  if (branch_count(timestep) == 1 || guidance_.gradient == diffusion::GuidanceGradient::kConditional)
    return {d_v, {}};
  const at::Tensor conditional = denoiser_.guidance(timestep) * d_v;
  return {conditional, d_v - conditional};
}

std::vector<Which> GuidedDenoiser::calls(double timestep, bool each) const {
  const bool both = each || guidance_.gradient == diffusion::GuidanceGradient::kBoth;
  if (branch_count(timestep) == 1 || !both) return {Which::kConditional};
  if (guidance_.one_batch) return {Which::kBoth};
  return {Which::kConditional, Which::kUnconditional};
}

}  // namespace drf::flow
