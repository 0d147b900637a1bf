#pragma once
// What is trained, in the files that others read: a network's adapters as diffusers' LoRA, on request beside
// it as ComfyUI's (nn/lora_file.h).

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "drf/nn/lora_file.h"
#include "drf/tensor/state.h"

namespace drf::train {

class TrainedFiles {
 public:
  /// `network` has its adapters and must outlive this.
  TrainedFiles(nn::Module& network, const nn::LayerNames& names, bool comfyui);

  /// Names and leaves, as an optimiser takes them and calls them in its file.
  const std::vector<std::pair<std::string, at::Tensor>>& parameters() const { return parameters_; }
  /// Into a folder that is there. Throws Error(kResources).
  void write(const std::filesystem::path& folder) const;
  /// What write() wrote goes back into the leaves, to the same bits. `v` reads.
  void read(StateVisitor& v) const;
  /// The file that a user takes away.
  static std::filesystem::path main_file(const std::filesystem::path& folder);

 private:
  nn::Module* network_;
  nn::LayerNames names_;
  bool comfyui_;
  std::vector<std::pair<std::string, at::Tensor>> parameters_;
};

}  // namespace drf::train
