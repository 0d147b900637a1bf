#include "drf/flow/guided_generator.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include "drf/base/error.h"
#include "drf/nn/lora.h"

namespace drf::flow {
namespace {

// Sets how the adapters take part while it lives. May be nested.
class AdapterMode {
 public:
  AdapterMode(nn::Module& root, Adapters mode) {
    if (mode == Adapters::kTrained) return;  // how they are otherwise: a strength that the user set stays
    for (const nn::NamedLinear& layer : nn::adapters_of(root)) {
      before_.push_back({layer.linear, layer.linear->lora_strength(), layer.linear->lora_frozen()});
      if (mode == Adapters::kOff) layer.linear->set_lora_strength(0);
      if (mode == Adapters::kFrozen) layer.linear->set_lora_frozen(true);
    }
  }
  ~AdapterMode() {
    for (const Before& b : before_) {
      b.linear->set_lora_strength(b.strength);
      b.linear->set_lora_frozen(b.frozen);
    }
  }
  AdapterMode(const AdapterMode&) = delete;
  AdapterMode& operator=(const AdapterMode&) = delete;

 private:
  struct Before {
    nn::Linear* linear;
    double strength;
    bool frozen;
  };
  std::vector<Before> before_;
};

// Runs blocks by ops::recompute. A block is run again in the backward, when the caller's AdapterMode is long
// gone: each sets it for itself.
models::RunBlock recomputed(const at::Tensor& x, nn::Module& root, Adapters mode) {
  const at::Tensor anchor = at::zeros({1}, x.options()).set_requires_grad(true);
  return [anchor, &root, mode](const ops::Block& block, const std::vector<at::Tensor>& in) {
    if (mode == Adapters::kTrained) return ops::recompute(block, in, anchor);
    return ops::recompute(
        [&root, mode, block](const std::vector<at::Tensor>& inputs) {
          const AdapterMode still(root, mode);
          return block(inputs);
        },
        in, anchor);
  };
}

models::TextContext each(const models::TextContext& context,
                         const std::function<at::Tensor(const at::Tensor&)>& f) {
  models::TextContext result;
  for (const at::Tensor& t : context.tensors) result.tensors.push_back(t.defined() ? f(t) : t);
  return result;
}

models::TextContext rows(const models::TextContext& context, int64_t begin, int64_t count) {
  return each(context, [=](const at::Tensor& t) { return t.narrow(0, begin, count); });
}

}  // namespace

PromptContext::PromptContext(models::Generator& generator, const at::Tensor& text_BSE,
                             const at::Tensor& unconditional, const Guidance& guidance, bool with_base)
    : generator_(generator),
      clips_(text_BSE.size(0)),
      has_base_(with_base),
      is_half_(c10::elementSize(text_BSE.scalar_type()) == 2) {
  if (guidance.scale != 1) free_rows_ = guidance.one_batch ? clips_ : unconditional.size(0);
  // One reading of all rows, so that they are padded alike: B conditional ones, then the unconditional.
  read_ = [&generator, text_BSE, unconditional, scale = guidance.scale, clips = clips_, free = free_rows_] {
    if (scale == 1) return generator.read_text(text_BSE);
    const models::TextContext all = generator.read_text(at::cat({text_BSE, unconditional}));
    if (unconditional.size(0) == free) return all;
    return each(all, [&](const at::Tensor& t) {  // one row for each clip of the second half
      std::vector<int64_t> sizes(static_cast<size_t>(t.dim()), -1);
      sizes[0] = clips;
      return at::cat({t.narrow(0, 0, clips), t.narrow(0, clips, 1).expand(sizes)});
    });
  };
  with_graph_ = read_();
  leaves_ =
      each(with_graph_, [](const at::Tensor& t) { return t.detach().set_requires_grad(t.requires_grad()); });
  for (const at::Tensor& leaf : leaves_.tensors) gathered_.push_back({leaf, {}});
  if (!with_base) return;
  const at::NoGradGuard no_graph;
  const AdapterMode off(generator.adapter_root(), Adapters::kOff);
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
    for (const size_t i : which) roots.push_back(with_graph_.tensors[i]);
    torch::autograd::backward(roots, from);
    with_graph_.tensors.clear();  // and with them the graph: a second pull would have nothing to pull through
  };
  if (!which.empty() && is_half_) {
    SetAside adapters(generator_.adapter_root());
    std::vector<LeafGradient*> into;
    for (LeafGradient& leaf : adapters.leaves()) into.push_back(&leaf);
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

SetAside::SetAside(nn::Module& root) {
  for (const auto& [name, tensor] : nn::lora_parameters(root)) {
    leaves_.push_back({tensor, tensor.grad()});
    leaves_.back().leaf.mutable_grad() = at::Tensor();
  }
}

SetAside::~SetAside() {
  for (LeafGradient& l : leaves_) l.leaf.mutable_grad() = l.sum;
}

GuidedGenerator::GuidedGenerator(models::Generator& generator, const Guidance& guidance)
    : generator_(generator), guidance_(guidance) {
  if (!(guidance.scale >= 1)) {
    fail(ErrorKind::kConfig, "sampling.guidance is ", guidance.scale,
         ", must be at least 1 (1 turns guidance off)");
  }
}

at::Tensor GuidedGenerator::velocity(const at::Tensor& x, double timestep, const PromptContext& prompts,
                                     Adapters adapters) const {
  const at::NoGradGuard no_graph;
  if (guidance_.scale == 1) return branches(x, timestep, prompts, adapters, Which::kConditional).conditional;
  if (guidance_.one_batch) return guided(branches(x, timestep, prompts, adapters, Which::kBoth));
  const at::Tensor conditional = branches(x, timestep, prompts, adapters, Which::kConditional).conditional;
  return guided({conditional, branches(x, timestep, prompts, adapters, Which::kUnconditional).unconditional});
}

Branches GuidedGenerator::branches(const at::Tensor& x, double timestep, const PromptContext& prompts,
                                   Adapters adapters, Which which, bool recompute) const {
  nn::Module& root = generator_.adapter_root();
  const AdapterMode mode(root, adapters);
  const models::TextContext text = adapters == Adapters::kOff ? prompts.base_
                                   : adapters == Adapters::kFrozen
                                       ? each(prompts.leaves_, [](const at::Tensor& t) { return t.detach(); })
                                       : prompts.leaves_;
  DRF_CHECK(adapters != Adapters::kOff || prompts.has_base_, "the base model's reading was not asked for");
  const auto run_block =
      recompute && at::GradMode::is_enabled() ? recomputed(x, root, adapters) : models::RunBlock();
  const auto call = [&](const at::Tensor& latents, const models::TextContext& context) {
    return generator_.velocity(latents, timestep, context, run_block);
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
