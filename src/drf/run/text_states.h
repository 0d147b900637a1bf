#pragma once
// Text states of a run's prompts. The text encoder is the largest model of a video pipeline (Wan 2.1: 10.6
// GiB in bfloat16) and is needed once a prompt: its states are kept, and it goes.

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "drf/models/denoiser.h"
#include "drf/run/spill_file.h"

namespace drf::run {

class TextStates {
 public:
  /// About 0.6 MiB a prompt of 80 tokens of Wan 2.1: up to `budget` bytes in the host's memory, the others in
  /// a file in `folder` that lives as long as this. `denoiser` must outlive this. `device`: where states are
  /// handed out.
  TextStates(models::Denoiser& denoiser, at::Device device, int64_t budget, std::filesystem::path folder);

  /// Encodes those of `prompts` that are not kept yet, then frees the denoiser's encoders. Throws
  /// Interrupted, and Error(kResources) if the disk is full.
  void prepare(const std::vector<std::string>& prompts);
  /// As Denoiser::encode() gives it, of any prompt: one that was not prepared is now. Throws as prepare().
  models::Condition of(const std::string& prompt);

  int64_t bytes_in_memory() const { return in_memory_; }
  int64_t bytes_in_file() const { return file_ ? file_->bytes() : 0; }

 private:
  struct Kept {
    std::string name;
    at::Tensor tensor;  // undefined in the file
    int64_t begin = 0;  // in the file
    std::vector<int64_t> sizes;
    at::ScalarType dtype;
  };
  void keep(const std::string& prompt);

  models::Denoiser& denoiser_;
  at::Device device_;
  int64_t budget_, in_memory_ = 0;
  std::filesystem::path folder_;
  std::unique_ptr<SpillFile> file_;
  std::unordered_map<std::string, std::vector<Kept>> kept_;
};

}  // namespace drf::run
