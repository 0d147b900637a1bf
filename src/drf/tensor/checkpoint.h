#pragma once
// The weights of one model as the hub stores them: one safetensors file, or shards listed in
// NAME.safetensors.index.json.

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "drf/tensor/safetensors.h"

namespace drf {

class Checkpoint {
 public:
  /// Opens FOLDER/STEM.safetensors or FOLDER/STEM.safetensors.index.json with its shards. `stem` is
  /// "diffusion_pytorch_model" for diffusers parts and "model" for transformers ones.
  /// Throws Error(kInput) naming what is missing (also when only .bin weights are there), or a shard that
  /// lacks a tensor its index promises.
  static Checkpoint open(const std::filesystem::path& folder, const std::string& stem);
  /// One safetensors file.
  static Checkpoint open_file(const std::filesystem::path& file);

  /// Every tensor's entry by name, over all shards.
  const std::map<std::string, TensorEntry>& entries() const { return entries_; }
  /// See SafetensorsFile::get.
  at::Tensor get(const std::string& name) const;
  /// The file that holds tensor `name` (the folder, if none does): for messages.
  std::filesystem::path file_of(const std::string& name) const;
  /// What was opened, for messages.
  const std::filesystem::path& path() const { return path_; }

 private:
  void add(const std::filesystem::path& file);
  std::filesystem::path path_;
  std::vector<std::shared_ptr<SafetensorsFile>> files_;
  std::map<std::string, size_t> file_of_;
  std::map<std::string, TensorEntry> entries_;
};

}  // namespace drf
