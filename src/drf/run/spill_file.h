#pragma once
// A file for what does not fit in memory, for as long as a process lives.

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <string>

namespace drf::run {

class SpillFile {
 public:
  /// Makes a file in `folder` that has no name there: nothing is left behind, however the process ends.
  /// `what` and `key` are for messages: what lies in it, and the setting that would need less of it. Throws
  /// Error(kResources).
  SpillFile(const std::filesystem::path& folder, std::string what, std::string key);
  ~SpillFile();
  SpillFile(const SpillFile&) = delete;
  SpillFile& operator=(const SpillFile&) = delete;

  /// Writes a contiguous CPU tensor behind the others -> where it begins. Throws Error(kResources), on a full
  /// disk above all.
  int64_t append(const at::Tensor& tensor);
  /// The tensor that append() put at `begin`, on the CPU. Throws Error(kResources) if it cannot be read.
  at::Tensor read(int64_t begin, at::IntArrayRef sizes, at::ScalarType dtype) const;
  int64_t bytes() const { return end_; }

 private:
  std::filesystem::path folder_;
  std::string what_, key_;
  int file_ = -1;
  int64_t end_ = 0;
};

}  // namespace drf::run
