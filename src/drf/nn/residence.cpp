#include "drf/nn/residence.h"

#include <ATen/ATen.h>
#include <c10/core/Event.h>
#include <c10/core/StreamGuard.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <map>
#include <optional>
#include <set>

#include "drf/base/error.h"
#include "drf/base/log.h"
#include "drf/nn/random_weights.h"
#include "drf/tensor/dry_run.h"

namespace drf::nn {
namespace {

/// Without numbers: the bytes are elsewhere.
bool is_away(const at::Tensor& t) { return t.numel() > 0 && t.storage().nbytes() == 0; }

/// Kernels that ask for an untyped pointer of a dropped weight would get null and read there: libtorch is
/// told to throw instead, if it can be told to stop (2.11 cannot: there such a read stays unguarded).
template <class Storage>
void guard(Storage& storage, bool away) {
  if constexpr (requires { storage.clear_data_ptr_access_error_msg_(); }) {
    if (away) {
      storage.release_data_and_set_meta_custom_data_ptr_error_msg_(
          "a weight was read while its network is parked");
    } else {
      storage.clear_data_ptr_access_error_msg_();
    }
  }
}

void drop(const at::Tensor& t) {
  t.storage().set_data_ptr(at::DataPtr(nullptr, t.device()));  // what it gives back is freed here
  t.storage().set_nbytes(0);
  guard(*t.storage().unsafeGetStorageImpl(), true);
}

/// The bytes of a contiguous tensor, in one row.
at::Tensor bytes_of(const at::Tensor& t) { return t.detach().reshape({-1}).view(at::kByte); }

}  // namespace

/// What a file was when it was read.
struct Residence::File {
  std::filesystem::path path;
  struct stat was;
  static bool same(const struct stat& a, const struct stat& b) {
    return a.st_dev == b.st_dev && a.st_ino == b.st_ino && a.st_size == b.st_size &&
           a.st_mtim.tv_sec == b.st_mtim.tv_sec && a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
  }
};

/// One piece of host memory: the pinned allocator rounds each of its own up to a power of two.
struct Residence::HostCopy {
  at::Tensor bytes;
  std::map<const at::Tensor*, int64_t> offsets;  // by parameter
  std::optional<c10::Stream> side;               // that the way back takes
  std::optional<c10::Event> arrived;
  at::Tensor of(const at::Tensor& t) const {
    return bytes.narrow(0, offsets.at(&t), static_cast<int64_t>(t.nbytes()));
  }
};

Residence::Residence(std::vector<LoadedParameter> loaded, std::function<Checkpoint()> open)
    : loaded_(std::move(loaded)), open_(std::move(open)) {
  for (const LoadedParameter& p : loaded_) values_.push_back(*p.tensor);
  for (size_t i = 0; i < loaded_.size(); ++i) loaded_[i].tensor = &values_[i];
  std::set<std::filesystem::path> seen;
  for (const LoadedParameter& p : loaded_) {
    struct stat now {};
    if (seen.insert(p.file).second && ::stat(p.file.c_str(), &now) == 0) files_.push_back({p.file, now});
  }
}
Residence::~Residence() = default;

std::vector<const LoadedParameter*> Residence::away() const {
  std::vector<const LoadedParameter*> all;
  for (const LoadedParameter& p : loaded_) {
    if (is_away(*p.tensor)) all.push_back(&p);
  }
  return all;
}

bool Residence::park() {
  if (coming_) come_back();  // nothing is dropped that is still being written
  const at::NoGradGuard no_graph;
  if (!host_ && !loaded_.empty() && loaded_.front().tensor->is_cuda()) copy_to_host();
  here_ = false;
  bool any = false;
  for (const LoadedParameter& p : loaded_) {
    if (p.tensor->requires_grad() || p.tensor->numel() == 0 || is_away(*p.tensor)) continue;
    drop(*p.tensor);
    any = true;
  }
  return any;
}

void Residence::begin_return() {
  if (here_ || coming_) return;
  const at::NoGradGuard no_graph;
  if (host_) {
    copy_from_host();
  } else {
    read_again();
  }
  coming_ = true;
}

void Residence::come_back() {
  begin_return();
  if (host_ && host_->arrived) {
    const at::Device device = loaded_.front().tensor->device();
    host_->arrived->block(c10::impl::VirtualGuardImpl(device.type()).getStream(device));
    host_->arrived.reset();
  }
  coming_ = false;
  here_ = true;
}

void Residence::give(const at::Tensor& parameter, const at::Tensor& bytes) {
  const size_t count = bytes.storage().nbytes();
  guard(*parameter.storage().unsafeGetStorageImpl(), false);
  parameter.storage().set_data_ptr(bytes.storage().set_data_ptr(at::DataPtr(nullptr, bytes.device())));
  parameter.storage().set_nbytes(count);
  bytes.storage().set_nbytes(0);
  returned_bytes_ += static_cast<int64_t>(parameter.nbytes());
}

void Residence::copy_to_host() {
  auto host = std::make_unique<HostCopy>();
  int64_t total = 0;
  for (const LoadedParameter& p : loaded_) {
    if (p.tensor->requires_grad()) continue;
    host->offsets[p.tensor] = total;
    constexpr int64_t kUnit = 512;  // whole lines for the copy engines
    total += (static_cast<int64_t>(p.tensor->nbytes()) + kUnit - 1) / kUnit * kUnit;
  }
  const auto bytes = at::TensorOptions().dtype(at::kByte);
  try {
    host->bytes = at::empty({total}, bytes.pinned_memory(true));
  } catch (const c10::Error&) {
    log_warning("memory", "the host cannot pin ", total >> 20,
                " MiB for parked weights; their way back will be slower");
    try {
      host->bytes = at::empty({total}, bytes);
    } catch (const c10::Error&) {
      fail(ErrorKind::kResources, "the host has no ", total >> 20,
           " MiB for the weights that memory.park moves there; free some, or set memory.park = \"off\"");
    }
  }
  for (const LoadedParameter& p : loaded_) {
    if (host->offsets.count(p.tensor)) host->of(*p.tensor).copy_(bytes_of(*p.tensor), /*non_blocking=*/true);
  }
  const at::Device device = loaded_.front().tensor->device();
  c10::impl::VirtualGuardImpl(device.type()).getStream(device).synchronize();
  host_ = std::move(host);
}

void Residence::copy_from_host() {
  const std::vector<const LoadedParameter*> wanted = away();
  if (wanted.empty()) return;
  const at::Device device = wanted.front()->tensor->device();
  const c10::impl::VirtualGuardImpl guard(device.type());
  const c10::Stream current = guard.getStream(device);
  if (!host_->side) host_->side = guard.getStreamFromGlobalPool(device);
  // The memory is the current stream's: it may have been another tensor's until what is asked of that stream
  // by now is done, which the copies wait for.
  std::vector<at::Tensor> fresh;
  for (const LoadedParameter* p : wanted)
    fresh.push_back(at::empty({static_cast<int64_t>(p->tensor->nbytes())},
                              p->tensor->options().dtype(at::kByte).requires_grad(false)));
  c10::Event ready(device.type());
  ready.record(current);
  ready.block(*host_->side);
  {
    const c10::StreamGuard on_side(*host_->side);
    for (size_t i = 0; i < wanted.size(); ++i)
      fresh[i].copy_(host_->of(*wanted[i]->tensor), /*non_blocking=*/true);
  }
  c10::Event arrived(device.type());
  arrived.record(*host_->side);
  host_->arrived = std::move(arrived);
  for (size_t i = 0; i < wanted.size(); ++i) give(*wanted[i]->tensor, fresh[i]);
}

void Residence::read_again() {
  const std::vector<const LoadedParameter*> wanted = away();
  if (wanted.empty()) return;
  if (wanted.front()->tensor->is_meta()) {
    for (const LoadedParameter* p : wanted) {
      const DryRun* dry = DryRun::current();
      DRF_CHECK(dry != nullptr, "weights without numbers come back in a dry run only");
      give(*p->tensor, dry->again(*p->tensor));
    }
    return;
  }
  require_unchanged();
  const Checkpoint checkpoint = open_();
  const RandomWeights* random = RandomWeights::current();
  for (const LoadedParameter* p : wanted) {
    const at::ScalarType dtype = p->tensor->scalar_type();
    give(*p->tensor, random ? random->draw(p->source, p->tensor->sizes(), dtype, at::kCPU)
                            : checkpoint.get(p->source).to(dtype).contiguous());
  }
}

void Residence::require_unchanged() const {
  for (const File& file : files_) {
    struct stat now {};
    if (::stat(file.path.c_str(), &now) != 0) {
      fail(ErrorKind::kInput, file.path, ": cannot be read again (", std::strerror(errno),
           "), but its weights are parked; keep a run's models where they are, or set memory.park = \"off\"");
    }
    if (!File::same(now, file.was)) {
      fail(ErrorKind::kInput, file.path,
           ": was changed while its weights were parked; keep a run's models as they are, or set memory.park "
           "= "
           "\"off\"");
    }
  }
}

}  // namespace drf::nn
