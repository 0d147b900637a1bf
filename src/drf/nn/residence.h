#pragma once
// Where the frozen weights of one network are: on their device, or parked while other networks work there.
//
// Parked weights take no memory of the device. On CUDA they are then in the host's, to which they are copied
// once (pinned, where the host allows it); on the CPU they are dropped and read again from their files; on
// the meta device (tensor/dry_run.h) they are booked as there or gone. Parameters keep their tensors and
// storages, which lose their bytes and get the same bits again: graphs, views and tied weights that refer to
// them stay valid as long as nothing reads them meanwhile. What does read a parked weight gets a c10::Error,
// never other numbers.

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "drf/nn/load.h"

namespace drf::nn {

class Residence {
 public:
  /// `loaded` is what load_strict() gave, all on one device; the module that it filled must outlive this.
  /// `open` opens its checkpoint again. Weights are parked as they were read. What training puts in their
  /// places (trainable_set.h) stays, as do parameters that require grad: no file knows them.
  Residence(std::vector<LoadedParameter> loaded, std::function<Checkpoint()> open);
  ~Residence();
  Residence(const Residence&) = delete;
  Residence& operator=(const Residence&) = delete;

  /// Frees the weights on the device, and says whether any were there. Throws Error(kResources) if the host
  /// has no room for them.
  bool park();
  /// The way back begins: its memory is taken now, and on CUDA the copies run beside what is computed until
  /// come_back(). On the CPU this is all of it. Throws as come_back().
  void begin_return();
  /// The weights are on the device. No-op where they are. Throws Error(kInput) naming the file if one that
  /// must be read again is gone or was changed; whatever was thrown, park() and come_back() may be called
  /// again.
  void come_back();
  bool here() const { return here_; }
  /// Bytes that have come back since construction.
  int64_t returned_bytes() const { return returned_bytes_; }

 private:
  struct File;
  struct HostCopy;
  std::vector<const LoadedParameter*> away() const;
  void require_unchanged() const;
  void give(const at::Tensor& parameter, const at::Tensor& bytes);
  void copy_to_host();
  void copy_from_host();
  void read_again();

  std::vector<at::Tensor> values_;       ///< as they were read
  std::vector<LoadedParameter> loaded_;  ///< each points to its value
  std::function<Checkpoint()> open_;
  std::vector<File> files_;
  std::unique_ptr<HostCopy> host_;  ///< of a GPU's weights, once they were parked
  bool here_ = true, coming_ = false;
  int64_t returned_bytes_ = 0;
};

}  // namespace drf::nn
