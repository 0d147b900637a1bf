#pragma once
// Running the program on tensors that have sizes but no numbers, to learn how much memory it would take: the
// planner opens the models on the meta device and walks the real flow there. Allocations on that device are
// booked as if they were made, the few operators that libtorch leaves without a meta form get one, and our
// own kernels ask stands_for_cpu() which way to go.

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

namespace drf {

/// Makes this thread's meta tensors stand for those of another device while it lives. One a thread at a time.
/// What it registers with libtorch at its first construction stays, and changes meta tensors only.
class DryRun {
 public:
  explicit DryRun(at::DeviceType stands_for);
  ~DryRun();
  DryRun(const DryRun&) = delete;
  DryRun& operator=(const DryRun&) = delete;
  /// The one of this thread, or null.
  static DryRun* current();

  at::DeviceType stands_for() const { return stands_for_; }

  /// Weights of one checkpoint: those that take memory of their own, and those that are a mapped file's.
  struct Weights {
    std::string checkpoint;
    int64_t allocated = 0, mapped = 0;
  };
  const std::vector<Weights>& weights() const { return weights_; }
  /// Of all checkpoints, those that are still held and not parked.
  Weights weights_alive() const;

  /// A meta tensor for one of a checkpoint's that is loaded as `dtype`, booked under `checkpoint`. One that a
  /// CPU would share with the mapped file takes no memory: `aligned` there and of that dtype already.
  at::Tensor load(const std::string& checkpoint, const std::vector<int64_t>& shape, at::ScalarType stored,
                  at::ScalarType dtype, bool aligned);
  /// For a tensor of load() whose storage gave up its bytes (nn/residence.h): such bytes again, booked as
  /// before.
  at::Tensor again(const at::Tensor& loaded) const;

 private:
  struct Loaded {
    c10::weak_intrusive_ptr<c10::StorageImpl> storage;
    int64_t allocated = 0, mapped = 0;
  };
  at::DeviceType stands_for_;
  std::vector<Weights> weights_;
  std::vector<Loaded> loaded_;
};

/// Whether `t` lies on the CPU, or is a meta tensor that stands for such a one: then the CPU's path is to be
/// taken, with all its allocations, but not the loops over numbers.
bool stands_for_cpu(const at::Tensor& t);

}  // namespace drf
