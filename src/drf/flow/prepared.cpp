// What a rollout's conditions become, once, and where the gradient of the text gathers.
#include <ATen/ATen.h>

#include <memory>

#include "drf/flow/guided_denoiser.h"

namespace drf::flow {
namespace {

using models::Condition;

bool computes_in_half(const std::vector<Condition>& conditions) {
  for (const auto& [name, tensor] : conditions.at(0).tensors)
    if (tensor.defined()) return c10::elementSize(tensor.scalar_type()) == 2;
  return false;
}

/// The unconditional row once for each of `clips`.
Condition one_row_each(const Condition& all, int64_t clips) {
  Condition result{{}, all.flops};
  for (const auto& [name, tensor] : all.tensors) {
    if (!tensor.defined()) {
      result.tensors.emplace_back(name, tensor);
      continue;
    }
    std::vector<int64_t> sizes(static_cast<size_t>(tensor.dim()), -1);
    sizes[0] = clips;
    result.tensors.emplace_back(
        name, at::cat({tensor.narrow(0, 0, clips), tensor.narrow(0, clips, 1).expand(sizes)}));
  }
  return result;
}

}  // namespace

Prepared::Prepared(models::Denoiser& denoiser, const nn::TrainableSet& trained,
                   const std::vector<Condition>& conditions, const Condition& unconditional,
                   const Guidance& guidance, nn::Graph graph, bool with_reference, StageClock* clock)
    : trained_(trained),
      clock_(clock),
      reading_({}, Recompute::kNone, nullptr),
      clips_(static_cast<int64_t>(conditions.size())),
      free_rows_(guidance.scale == 1  ? 0
                 : guidance.one_batch ? clips_
                                      : 1),
      has_reference_(with_reference),
      is_half_(computes_in_half(conditions)) {
  // One reading of all rows, so that they are padded alike: B conditional ones, then the unconditional.
  std::vector<Condition> rows = conditions;
  if (guidance.scale != 1) rows.push_back(unconditional);
  const auto read = [&denoiser, &trained, rows, clips = clips_, free = free_rows_, clock] {
    const auto scope = trained.with(trained.standing(Take::kAsTheyStand));  // what is cast may have moved
    const Condition all = denoiser.prepare(rows, {});
    if (clock) clock->count(all.flops, /*pulled=*/false);  // the states themselves get no gradient
    if (clock && trained.replaces_weights()) clock->count_weights(all.flops);
    return free > 1 ? one_row_each(all, clips) : all;
  };
  const auto names = std::make_shared<std::vector<std::string>>();
  reading_ = Stage(
      [read, names](const Stage::Tensors&, nn::Graph) {
        Stage::Tensors values;
        names->clear();
        const Condition condition = read();
        for (const auto& [name, tensor] : condition.tensors) {
          names->push_back(name);
          values.push_back(tensor);
        }
        return values;
      },
      graph == nn::Graph::kKept ? Recompute::kNone : Recompute::kStage, clock);
  const Stage::Tensors values = reading_.forward({});
  for (size_t i = 0; i < values.size(); ++i) {
    at::Tensor leaf = values[i];
    if (graph == nn::Graph::kKept && leaf.defined()) leaf.set_requires_grad(reading_.passes_gradient(i));
    leaves_.tensors.emplace_back((*names)[i], leaf);
    gathered_.push_back({leaf, {}});
  }
  if (!with_reference) return;
  const at::NoGradGuard no_graph;
  const auto scope = trained.with(trained.standing(Take::kReference));
  reference_ = read();
}

void Prepared::pull() {
  Stage::Tensors grads;
  bool any = false;
  for (LeafGradient& gathered : gathered_) {
    at::Tensor grad;
    if (gathered.leaf.defined()) {
      grad = is_half_ ? gathered.sum : gathered.leaf.grad();
      gathered.sum = gathered.leaf.mutable_grad() = at::Tensor();
    }
    any |= grad.defined();
    grads.push_back(std::move(grad));
  }
  if (!any) return;
  if (!is_half_) {
    reading_.pull(grads);
    return;
  }
  SetAside trained(trained_);
  reading_.pull(grads, HalfTypes{trained.leaves()});
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

std::vector<LeafGradient*> SetAside::leaves() {
  std::vector<LeafGradient*> all;
  for (LeafGradient& leaf : leaves_) all.push_back(&leaf);
  return all;
}

}  // namespace drf::flow
