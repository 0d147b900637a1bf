#include "drf/flow/guided_generator.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include "drf/base/error.h"

namespace drf::flow {
namespace {

models::Condition each(const models::Condition& condition,
                       const std::function<at::Tensor(const at::Tensor&)>& f) {
  models::Condition result;
  for (const auto& [name, tensor] : condition.tensors)
    result.tensors.emplace_back(name, tensor.defined() ? f(tensor) : tensor);
  return result;
}

models::Condition rows(const models::Condition& condition, int64_t begin, int64_t count) {
  return each(condition, [=](const at::Tensor& t) { return t.narrow(0, begin, count); });
}

bool computes_in_half(const std::vector<models::Condition>& conditions) {
  for (const auto& [name, tensor] : conditions.at(0).tensors)
    if (tensor.defined()) return c10::elementSize(tensor.scalar_type()) == 2;
  return false;
}

}  // namespace

PromptContext::PromptContext(models::Denoiser& denoiser, const nn::TrainableSet& trained,
                             const std::vector<models::Condition>& conditions,
                             const models::Condition& unconditional, const Guidance& guidance, bool with_base)
    : trained_(trained),
      clips_(static_cast<int64_t>(conditions.size())),
      has_base_(with_base),
      is_half_(computes_in_half(conditions)) {
  if (guidance.scale != 1) free_rows_ = guidance.one_batch ? clips_ : 1;
  // One reading of all rows, so that they are padded alike: B conditional ones, then the unconditional.
  std::vector<models::Condition> all_rows = conditions;
  if (guidance.scale != 1) all_rows.push_back(unconditional);
  read_ = [&denoiser, all_rows, clips = clips_, free = free_rows_] {
    const models::Condition all = denoiser.prepare(all_rows, {});
    if (free <= 1) return all;
    return each(all, [&](const at::Tensor& t) {  // one row for each clip of the second half
      std::vector<int64_t> sizes(static_cast<size_t>(t.dim()), -1);
      sizes[0] = clips;
      return at::cat({t.narrow(0, 0, clips), t.narrow(0, clips, 1).expand(sizes)});
    });
  };
  with_graph_ = read_();
  leaves_ =
      each(with_graph_, [](const at::Tensor& t) { return t.detach().set_requires_grad(t.requires_grad()); });
  for (const auto& [name, leaf] : leaves_.tensors) gathered_.push_back({leaf, {}});
  if (!with_base) return;
  const at::NoGradGuard no_graph;
  const auto scope = trained.with(trained.standing(Take::kReference));
  base_ = read_();
}

void PromptContext::pull() {
  std::vector<size_t> which;
  std::vector<at::Tensor> grads;
  for (size_t i = 0; i < gathered_.size(); ++i) {
    const at::Tensor& leaf = gathered_[i].leaf;
    if (!leaf.defined()) continue;
    at::Tensor grad = is_half_ ? gathered_[i].sum : leaf.grad();
    gathered_[i].sum = leaf.mutable_grad() = at::Tensor();
    if (!grad.defined()) continue;
    which.push_back(i);
    grads.push_back(std::move(grad));
  }
  const auto backward = [&](const std::vector<at::Tensor>& from) {
    if (with_graph_.tensors.empty()) {
      const at::AutoGradMode gradient_on(true);
      with_graph_ = read_();
    }
    std::vector<at::Tensor> roots;
    for (const size_t i : which) roots.push_back(with_graph_.tensors[i].second);
    torch::autograd::backward(roots, from);
    with_graph_.tensors.clear();  // and with them the graph: a second pull would have nothing to pull through
  };
  if (!which.empty() && is_half_) {
    SetAside trained(trained_);
    std::vector<LeafGradient*> into;
    for (LeafGradient& leaf : trained.leaves()) into.push_back(&leaf);
    pull_scaled(grads, into, [&](double scale) {
      std::vector<at::Tensor> scaled;
      for (size_t i = 0; i < grads.size(); ++i)
        scaled.push_back((grads[i] * scale).to(gathered_[which[i]].leaf.scalar_type()));
      backward(scaled);
      return at::Tensor();
    });
  } else if (!which.empty()) {
    backward(grads);
  }
  with_graph_.tensors.clear();
}

SetAside::SetAside(const nn::TrainableSet& trained) {
  for (const at::Tensor& tensor : trained.standing(Take::kAsTheyStand)) {
    if (!tensor.defined()) continue;
    leaves_.push_back({tensor, tensor.grad()});
    leaves_.back().leaf.mutable_grad() = at::Tensor();
  }
}

SetAside::~SetAside() {
  for (LeafGradient& l : leaves_) l.leaf.mutable_grad() = l.sum;
}

GuidedGenerator::GuidedGenerator(models::Denoiser& denoiser, const nn::TrainableSet& trained,
                                 const Guidance& guidance)
    : denoiser_(denoiser), trained_(trained), guidance_(guidance) {
  if (!(guidance.scale >= 1)) {
    fail(ErrorKind::kConfig, "sampling.guidance is ", guidance.scale,
         ", must be at least 1 (1 turns guidance off)");
  }
}

at::Tensor GuidedGenerator::velocity(const at::Tensor& x, double timestep, const PromptContext& prompts,
                                     Take take) const {
  const at::NoGradGuard no_graph;
  if (guidance_.scale == 1) return branches(x, timestep, prompts, take, Which::kConditional).conditional;
  if (guidance_.one_batch) return guided(branches(x, timestep, prompts, take, Which::kBoth));
  const at::Tensor conditional = branches(x, timestep, prompts, take, Which::kConditional).conditional;
  return guided({conditional, branches(x, timestep, prompts, take, Which::kUnconditional).unconditional});
}

Branches GuidedGenerator::branches(const at::Tensor& x, double timestep, const PromptContext& prompts,
                                   Take take, Which which, bool recompute) const {
  DRF_CHECK(take != Take::kReference || prompts.has_base_, "the base model's reading was not asked for");
  const auto scope = trained_.with(trained_.standing(take));
  const models::Condition text = take == Take::kReference ? prompts.base_
                                 : take == Take::kDetached
                                     ? each(prompts.leaves_, [](const at::Tensor& t) { return t.detach(); })
                                     : prompts.leaves_;
  const nn::BlockRunner run(recompute && at::GradMode::is_enabled(), &trained_);
  const auto call = [&](const at::Tensor& latents, const models::Condition& context) {
    return denoiser_.velocity(latents, timestep, context, run);
  };

  const int64_t B = prompts.clips_;
  if (guidance_.scale == 1) return {call(x, text), {}};
  if (which == Which::kConditional) return {call(x, rows(text, 0, B)), {}};
  if (which == Which::kUnconditional) return {{}, call(x, rows(text, B, prompts.free_rows_))};
  DRF_CHECK(prompts.free_rows_ == B, "both branches in one call want a row of text for each clip");
  const at::Tensor both = call(at::cat({x, x}), text);
  return {both.narrow(0, 0, B), both.narrow(0, B, B)};
}

at::Tensor GuidedGenerator::guided(const Branches& v) const {
  if (guidance_.scale == 1) return v.conditional;
  return diffusion::guided(v.conditional, v.unconditional, guidance_.scale);
}

Branches GuidedGenerator::pull_guided(const at::Tensor& d_v) const {
  if (guidance_.scale == 1 || guidance_.gradient == diffusion::GuidanceGradient::kConditional)
    return {d_v, {}};
  const at::Tensor conditional = guidance_.scale * d_v;
  return {conditional, d_v - conditional};
}

std::vector<Which> GuidedGenerator::calls(bool each) const {
  const bool both = each || guidance_.gradient == diffusion::GuidanceGradient::kBoth;
  if (guidance_.scale == 1 || !both) return {Which::kConditional};
  if (guidance_.one_batch) return {Which::kBoth};
  return {Which::kConditional, Which::kUnconditional};
}

}  // namespace drf::flow
