// What a rollout's conditions become, once a network, and where the gradient of the text gathers.
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

Prepared::Prepared(const GuidedDenoiser& denoiser, const std::vector<Condition>& conditions,
                   const Condition& unconditional, nn::Graph graph, bool with_reference, StageClock* clock)
    : denoiser_(denoiser),
      rows_(conditions),
      clock_(clock),
      clips_(static_cast<int64_t>(conditions.size())),
      free_rows_(unconditional.tensors.empty()  ? 0
                 : denoiser.guidance_.one_batch ? clips_
                                                : 1),
      graph_(graph),
      has_reference_(with_reference),
      is_half_(computes_in_half(conditions)) {
  // One reading of all rows, so that they are padded alike: B conditional ones, then the unconditional.
  if (free_rows_ > 0) rows_.push_back(unconditional);
}

Prepared::Reading& Prepared::by(size_t component) const {
  const auto found = readings_.find(component);
  return found != readings_.end() ? found->second
                                  : readings_.emplace(component, read(component)).first->second;
}

Prepared::Reading Prepared::read(size_t component) const {
  denoiser_.bring(component);
  const auto rows_read = [this, component] {
    const nn::TrainableSet& set = denoiser_.trained_;
    const auto scope = set.with(set.standing(Take::kAsTheyStand));  // what is cast may have moved
    const Condition all = denoiser_.denoiser_.prepare(rows_, {}, component);
    if (clock_) clock_->count(all.flops, /*pulled=*/false);  // the states themselves get no gradient
    if (clock_ && set.replaces_weights()) clock_->count_weights(all.flops);
    return free_rows_ > 1 ? one_row_each(all, clips_) : all;
  };
  const auto names = std::make_shared<std::vector<std::string>>();
  Reading reading{Stage(
                      [rows_read, names](const Stage::Tensors&, nn::Graph) {
                        Stage::Tensors values;
                        names->clear();
                        const Condition condition = rows_read();
                        for (const auto& [name, tensor] : condition.tensors) {
                          names->push_back(name);
                          values.push_back(tensor);
                        }
                        return values;
                      },
                      graph_ == nn::Graph::kKept ? Recompute::kNone : Recompute::kStage, clock_),
                  {},
                  {},
                  {}};
  const Stage::Tensors values = reading.stage.forward({});
  for (size_t i = 0; i < values.size(); ++i) {
    at::Tensor leaf = values[i];
    if (graph_ == nn::Graph::kKept && leaf.defined())
      leaf.set_requires_grad(reading.stage.passes_gradient(i));
    reading.leaves.tensors.emplace_back((*names)[i], leaf);
    reading.gathered.push_back({leaf, {}});
  }
  if (!has_reference_ && !denoiser_.is_limited(component)) return reading;
  const at::NoGradGuard no_graph;
  const nn::TrainableSet& trained = denoiser_.trained_;
  const auto scope = trained.with(trained.standing(Take::kReference));
  reading.reference = rows_read();
  return reading;
}

void Prepared::pull() {
  for (auto& [component, reading] : readings_) {
    Stage::Tensors grads;
    bool any = false;
    for (LeafGradient& gathered : reading.gathered) {
      at::Tensor grad;
      if (gathered.leaf.defined()) {
        grad = is_half_ ? gathered.sum : gathered.leaf.grad();
        gathered.sum = gathered.leaf.mutable_grad() = at::Tensor();
      }
      any |= grad.defined();
      grads.push_back(std::move(grad));
    }
    if (!any) continue;
    denoiser_.bring(component);
    if (!is_half_) {
      reading.stage.pull(grads);
      continue;
    }
    SetAside trained(denoiser_.trained_);
    reading.stage.pull(grads, HalfTypes{trained.leaves()});
  }
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
