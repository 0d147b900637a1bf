#include "drf/nn/trainable_set.h"

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
  slot = leaf;
  slots_.push_back(&slot);
  references_.push_back(std::move(reference));
  parameters_.emplace_back(std::move(name), std::move(leaf));
  owner.set_trained();
}

std::vector<at::Tensor> TrainableSet::standing(Take take) const {
  if (take == Take::kReference) return references_;
  std::vector<at::Tensor> values;
  for (const at::Tensor* slot : slots_)
    values.push_back(take == Take::kDetached && slot->defined() ? slot->detach() : *slot);
  return values;
}

void TrainableSet::exchange(std::vector<at::Tensor>& values) const {
  DRF_CHECK(values.size() == slots_.size(), values.size(), " tensors for ", slots_.size(), " slots");
  for (size_t i = 0; i < slots_.size(); ++i) std::swap(*slots_[i], values[i]);
}

}  // namespace drf::nn
