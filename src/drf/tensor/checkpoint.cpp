#include "drf/tensor/checkpoint.h"

#include <ATen/ATen.h>

#include <nlohmann/json.hpp>
#include <set>

#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/base/json.h"
#include "drf/tensor/model_folder.h"

namespace drf {
namespace fs = std::filesystem;

void Checkpoint::add(const fs::path& file) {
  files_.push_back(std::make_shared<SafetensorsFile>(file));
  for (const auto& [name, entry] : files_.back()->entries()) {
    if (!entries_.emplace(name, entry).second) {
      fail(ErrorKind::kInput, file, ": tensor '", name, "' also stands in ", file_of(name),
           "; remove the shard that does not belong to this checkpoint");
    }
    file_of_[name] = files_.size() - 1;
  }
}

Checkpoint Checkpoint::open_file(const fs::path& file) {
  Checkpoint checkpoint;
  checkpoint.path_ = file;
  checkpoint.add(file);
  return checkpoint;
}

Checkpoint Checkpoint::open(const fs::path& folder, const std::string& stem) {
  if (!fs::is_directory(folder)) fail(ErrorKind::kInput, folder, ": no such model folder");
  const fs::path single = folder / (stem + ".safetensors");
  const fs::path index = folder / (stem + ".safetensors.index.json");
  if (is_there(single)) return open_file(single);
  if (!is_there(index)) {
    const std::string other = other_weights(folder, stem);
    if (!other.empty()) fail(ErrorKind::kInput, folder, ": ", other);
    fail(ErrorKind::kInput, folder, ": neither ", single.filename(), " nor ", index.filename(), " is there");
  }

  const nlohmann::json json = read_json(index);
  if (!json.is_object() || !json.contains("weight_map") || !json["weight_map"].is_object()) {
    fail(ErrorKind::kInput, index, ": not a checkpoint index: no \"weight_map\"");
  }
  Checkpoint checkpoint;
  checkpoint.path_ = folder;
  std::set<std::string> shards;
  for (const auto& [name, shard] : json["weight_map"].items()) {
    if (!shard.is_string() || fs::path(shard.get<std::string>()).has_parent_path()) {
      fail(ErrorKind::kInput, index, ": tensor '", name, "' names the shard ", shard.dump(),
           ", wanted a file name");
    }
    shards.insert(shard.get<std::string>());
  }
  for (const std::string& shard : shards) {
    if (!is_there(folder / shard)) {
      fail(ErrorKind::kInput, index, ": the shard ", shard,
           " is missing; download the rest of the checkpoint");
    }
    checkpoint.add(folder / shard);
  }
  for (const auto& [name, shard] : json["weight_map"].items()) {
    if (checkpoint.file_of(name).filename() != shard.get<std::string>()) {
      fail(ErrorKind::kInput, index, ": tensor '", name, "' is not in ", shard.get<std::string>(),
           " as the index says");
    }
  }
  return checkpoint;
}

at::Tensor Checkpoint::get(const std::string& name) const {
  const auto found = file_of_.find(name);
  if (found == file_of_.end()) fail(ErrorKind::kInput, path_, ": no tensor '", name, "'");
  return files_[found->second]->get(name);
}

fs::path Checkpoint::file_of(const std::string& name) const {
  const auto found = file_of_.find(name);
  return found == file_of_.end() ? path_ : files_[found->second]->path();
}

}  // namespace drf
