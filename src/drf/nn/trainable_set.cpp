#include "drf/nn/trainable_set.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "drf/base/error.h"

namespace drf::nn {

TrainableSet::Scoped::Scoped(const TrainableSet& set, std::vector<at::Tensor> values)
    : set_(&set), before_(std::move(values)) {
  set.exchange(before_);
}

TrainableSet::Scoped::~Scoped() {
  if (set_) set_->exchange(before_);
}

void TrainableSet::add(Module& owner, std::string name, at::Tensor& slot, at::Tensor leaf,
                       at::Tensor reference) {
  const at::ScalarType dtype = (reference.defined() ? reference : leaf).scalar_type();
  parameters_.emplace_back(std::move(name), leaf);
  slots_.push_back({&slot, dtype, std::move(reference), {}, {}});
  put(slots_.size() - 1, leaf);
  owner.set_trained();
}

bool TrainableSet::replaces_weights() const {
  return std::any_of(slots_.begin(), slots_.end(), [](const Slot& slot) { return slot.reference.defined(); });
}

std::vector<at::Tensor> TrainableSet::standing(Take take) const {
  std::vector<at::Tensor> values;
  for (const Slot& slot : slots_) {
    const at::Tensor& now = slot.wide.defined() ? slot.wide : *slot.place;
    values.push_back(take == Take::kReference                   ? slot.reference
                     : take == Take::kDetached && now.defined() ? now.detach()
                                                                : now);
  }
  return values;
}

void TrainableSet::put(size_t index, const at::Tensor& value) const {
  Slot& slot = slots_[index];
  slot.wide = at::Tensor();
  if (!value.defined() || c10::elementSize(value.scalar_type()) <= c10::elementSize(slot.dtype)) {
    *slot.place = value;
    return;
  }
  slot.wide = value;
  const at::AutoGradMode with_graph(true);  // who reads it without a graph has none anyway
  const at::Tensor& leaf = parameters_[index].second;
  // A detached leaf shares the numbers and the count of their changes.
  if (!value.is_same(leaf) && !(value.is_alias_of(leaf) && value.sizes() == leaf.sizes())) {
    *slot.place = value.to(slot.dtype);
    return;
  }
  if (slot.version != leaf._version()) slot.cast = leaf.to(slot.dtype);
  slot.version = leaf._version();
  *slot.place = value.requires_grad() ? slot.cast : slot.cast.detach();
}

void TrainableSet::exchange(std::vector<at::Tensor>& values) const {
  DRF_CHECK(values.size() == slots_.size(), values.size(), " tensors for ", slots_.size(), " slots");
  for (size_t i = 0; i < slots_.size(); ++i) {
    at::Tensor before = slots_[i].wide.defined() ? slots_[i].wide : *slots_[i].place;
    put(i, values[i]);
    values[i] = std::move(before);
  }
}

}  // namespace drf::nn
