#pragma once
// What is trained, in the files that others read: a network's adapters as diffusers' LoRA, on request beside
// it as ComfyUI's (nn/lora_file.h), a second network's as adapters_2; or all its weights as the folder that
// diffusers' save_pretrained makes of a transformer. A running average (average.h) lies beside either, under
// the same names with _ema.

#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "drf/models/denoiser.h"
#include "drf/nn/lora_file.h"
#include "drf/nn/trainable_set.h"
#include "drf/run/average.h"
#include "drf/tensor/state.h"

namespace drf::run {

class TrainedFiles {
 public:
  /// adapters.safetensors, or of the second network (`place` 1) adapters_2.safetensors: `network` has its
  /// adapters and must outlive this.
  TrainedFiles(nn::Module& network, const nn::LayerNames& names, bool comfyui, size_t place = 0,
               const nn::SigmaMax& sigma_max = {});
  /// Those of all `networks`, a denoiser's, that have adapters. `sigma_max`: where each network's compute, as
  /// the files say; empty: at every level.
  static TrainedFiles of_adapters(const std::vector<models::Component>& networks, bool comfyui,
                                  const std::vector<nn::SigmaMax>& sigma_max = {});
  /// NAME/config.json, the bytes of `config`, and NAME/diffusion_pytorch_model.safetensors, float32 or wider:
  /// the parameters of `trained` called NAME + "." + path. `trained` must outlive this. Throws Error(kInput)
  /// if `config` cannot be read.
  static TrainedFiles of_weights(const nn::TrainableSet& trained, const std::string& name,
                                 const std::filesystem::path& config);
  /// write() and read() then take `average`, of the same parameters, along; both must outlive this.
  void keep(const nn::TrainableSet& trained, const Average& average);

  /// Names and leaves, as an optimiser takes them and calls them in its file.
  const std::vector<std::pair<std::string, at::Tensor>>& parameters() const { return parameters_; }
  /// Into a folder that is there. Not while others stand in the slots (nn::TrainableSet::with). Throws
  /// Error(kResources).
  void write(const std::filesystem::path& folder) const;
  /// What write() wrote goes back into the leaves, to the same bits. `v` reads.
  void read(StateVisitor& v) const;
  /// What a user takes away of a checkpoint: the files of adapters, or the folder of weights.
  static std::vector<std::filesystem::path> main_files(const std::filesystem::path& folder);

 private:
  TrainedFiles() = default;

  /// One network's.
  struct Part {
    size_t parameters = 0;  ///< how many of parameters_, after those of the parts before
    /// What stands in the slots, under names that end in `suffix`.
    std::function<void(const std::filesystem::path& folder, const std::string& suffix)> write;
    /// The file that this makes, without its ending, and a parameter's name in it.
    std::function<std::string(const std::string& suffix)> stem;
    std::function<std::string(const std::string& parameter)> name_in_file;
  };
  std::vector<Part> parts_;
  std::vector<std::pair<std::string, at::Tensor>> parameters_;
  const nn::TrainableSet* trained_ = nullptr;  ///< with average_
  const Average* average_ = nullptr;
};

}  // namespace drf::run
