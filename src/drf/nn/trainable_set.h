#pragma once
// What is trained, as slots of a model that tensors are put into for a while. A mode of the model is which
// tensors lie there: none in an adapter's is the base model, detached ones are frozen, others are averaged
// weights or one side of a finite difference. No layer has a mode, and an exception leaves nothing behind.
//
// A slot of a half model may be narrower than its leaf. What is put there is then cast, with the graph back
// to it; a cast of the leaf is kept, and made anew when one is next put after the leaf's numbers changed.
// So whatever runs a model does it within with(), and everything outside slots is the wide tensor.

#include <ATen/core/Tensor.h>

#include <string>
#include <utility>
#include <vector>

#include "drf/nn/module.h"

namespace drf::nn {

class TrainableSet {
 public:
  enum class Take {
    kAsTheyStand,  ///< what lies in the slots now
    kDetached,     ///< the same, without gradient
    kReference,    ///< the model as it was read
  };
  /// Other tensors in the slots for as long as it lives; then what stood there before.
  class Scoped {
   public:
    Scoped(Scoped&& other) noexcept
        : set_(std::exchange(other.set_, nullptr)), before_(std::move(other.before_)) {}
    Scoped& operator=(Scoped&&) = delete;
    ~Scoped();

   private:
    friend class TrainableSet;
    Scoped(const TrainableSet& set, std::vector<at::Tensor> values);
    const TrainableSet* set_;
    std::vector<at::Tensor> before_;
  };

  TrainableSet() = default;
  TrainableSet(const TrainableSet&) = delete;  // scopes and block runners refer to it
  TrainableSet& operator=(const TrainableSet&) = delete;

  /// `slot`, a member of `owner`, holds `leaf` from here on; both must live as long as this. `reference`:
  /// what the slot holds in the model as it was read, undefined for an adapter; else it says the slot's
  /// dtype. owner.is_trained() holds from now on.
  void add(Module& owner, std::string name, at::Tensor& slot, at::Tensor leaf, at::Tensor reference);

  /// Names and leaves, float32 or wider, in the order they were added.
  const std::vector<std::pair<std::string, at::Tensor>>& parameters() const { return parameters_; }
  /// Whether it stands in the place of what was read (full weights), not beside it (adapters).
  bool replaces_weights() const;
  /// One tensor a slot, as with() takes them, not yet cast; undefined where none lies there.
  std::vector<at::Tensor> standing(Take take) const;
  /// Nests: what it puts back is what stood when it began. One thread at a time.
  [[nodiscard]] Scoped with(std::vector<at::Tensor> values) const { return {*this, std::move(values)}; }

 private:
  struct Slot {
    at::Tensor* place;
    at::ScalarType dtype;
    at::Tensor reference;
    at::Tensor wide;  // what was put there, where `place` has a cast of it
    at::Tensor cast;  // of the leaf, as it was at
    int64_t version = -1;
  };
  void exchange(std::vector<at::Tensor>& values) const;  // with what was put in the slots
  void put(size_t index, const at::Tensor& value) const;
  std::vector<std::pair<std::string, at::Tensor>> parameters_;
  mutable std::vector<Slot> slots_;
};

}  // namespace drf::nn
