// drf inspect: what a folder or a safetensors file holds.

#include <ATen/ATen.h>

#include <iomanip>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "drf/base/error.h"
#include "drf/base/printable.h"
#include "drf/cli/command.h"
#include "drf/tensor/checkpoint.h"
#include "drf/tensor/json_config.h"

namespace drf::cli {
namespace {

namespace fs = std::filesystem;

struct InspectOptions {
  std::string path;
  bool tensors = false, json = false;
};

nlohmann::ordered_json describe(const Checkpoint& checkpoint) {
  uint64_t parameters = 0, bytes = 0;
  std::map<std::string, uint64_t> by_dtype;
  for (const auto& [name, entry] : checkpoint.entries()) {
    const uint64_t size = entry.end - entry.begin;
    bytes += size;
    parameters += entry.count();
    by_dtype[entry.dtype_name] += entry.count();
  }
  return {{"tensors", checkpoint.entries().size()},
          {"parameters", parameters},
          {"bytes", bytes},
          {"dtypes", by_dtype}};
}

// Adapter files: how many layers, which ranks.
void add_adapter_summary(const Checkpoint& checkpoint, nlohmann::ordered_json& part) {
  std::set<int64_t> ranks;
  int64_t layers = 0;
  for (const auto& [name, entry] : checkpoint.entries()) {
    const bool down =
        name.find(".lora_A.") != std::string::npos || name.find(".lora_down.") != std::string::npos;
    if (!down || entry.shape.empty()) continue;
    ++layers;
    ranks.insert(entry.shape[0]);
  }
  if (layers == 0) return;
  const auto& metadata = SafetensorsFile(checkpoint.path()).metadata();
  if (const auto own = metadata.find("drf_network"); own != metadata.end())
    part["adapter_network"] = printable(own->second);
  part["adapter_layers"] = layers;
  part["adapter_ranks"] = ranks;
}

void print_part(const std::string& name, const nlohmann::ordered_json& part) {
  std::cout << std::left << std::setw(14) << name << "  ";
  if (part.contains("class")) std::cout << part["class"].get<std::string>() << "  ";
  if (part.contains("parameters")) {
    std::cout << part["tensors"] << " tensors, " << std::fixed << std::setprecision(2)
              << part["parameters"].get<double>() / 1e6 << " M parameters, "
              << part["bytes"].get<double>() / (1 << 20) << " MiB, " << part["dtypes"].dump();
  }
  if (part.contains("adapter_layers")) {
    std::cout << ", LoRA on " << part["adapter_layers"] << " layers of rank " << part["adapter_ranks"].dump();
    if (part.contains("adapter_network")) std::cout << ", of " << part["adapter_network"].get<std::string>();
  }
  for (const char* key : {"timesteps", "shift"})
    if (part.contains(key)) std::cout << "  " << key << " " << part[key].dump();
  std::cout << "\n";
}

// One folder of a model: its config's class and its weights, where it has them.
nlohmann::ordered_json inspect_part(const fs::path& folder) {
  nlohmann::ordered_json part;
  for (const char* file : {"config.json", "scheduler_config.json", "tokenizer_config.json"}) {
    if (!fs::exists(folder / file)) continue;
    const JsonConfig config = JsonConfig::read(folder / file);
    for (const char* key : {"_class_name", "model_type", "tokenizer_class"}) {
      if (config.has(key) && !part.contains("class")) part["class"] = config.text(key);
    }
    if (file != std::string("scheduler_config.json")) continue;
    for (const char* key : {"shift", "flow_shift"})
      if (config.has(key)) part["shift"] = config.number(key);
  }
  for (const char* stem : {"diffusion_pytorch_model", "model"}) {
    if (!fs::exists(folder / (std::string(stem) + ".safetensors")) &&
        !fs::exists(folder / (std::string(stem) + ".safetensors.index.json"))) {
      continue;
    }
    part.update(describe(Checkpoint::open(folder, stem)));
  }
  return part;
}

int run(const InspectOptions& o) {
  std::map<std::string, nlohmann::ordered_json> parts;
  std::vector<std::pair<std::string, TensorEntry>> tensors;
  const fs::path path(o.path);
  if (!fs::exists(path)) fail(ErrorKind::kInput, path, ": no such file or folder");
  if (o.tensors && fs::is_directory(path))
    fail(ErrorKind::kConfig, "--tensors wants a safetensors file, got the folder ", path);
  if (!fs::is_directory(path)) {
    const Checkpoint checkpoint = Checkpoint::open_file(path);
    nlohmann::ordered_json part = describe(checkpoint);
    add_adapter_summary(checkpoint, part);
    parts[path.filename().string()] = part;
    for (const auto& [name, entry] : checkpoint.entries()) tensors.emplace_back(name, entry);
  } else if (fs::exists(path / "model_index.json")) {
    const JsonConfig index = JsonConfig::read(path / "model_index.json");
    for (const auto& [name, value] : index.json().items()) {
      if (value.is_array() && fs::is_directory(path / name)) parts[name] = inspect_part(path / name);
    }
    const fs::path scheduler = path / "scheduler" / "scheduler_config.json";
    if (index.has("boundary_ratio") && fs::exists(scheduler)) {  // of Wan 2.2's two transformers
      const int64_t top = JsonConfig::read(scheduler).integer("num_train_timesteps", 1000);
      const double boundary = index.number("boundary_ratio") * static_cast<double>(top);
      if (parts.count("transformer")) parts["transformer"]["timesteps"] = {boundary, top};
      if (parts.count("transformer_2")) parts["transformer_2"]["timesteps"] = {0, boundary};
    }
  } else {
    parts["."] = inspect_part(path);
    if (parts["."].empty())
      fail(ErrorKind::kInput, path, ": holds neither model_index.json, config.json nor safetensors weights");
  }
  for (const auto& [name, part] : parts) {
    if (o.json) {
      nlohmann::ordered_json row = {{"part", name}};
      row.update(part);
      // A file's name need not be UTF-8.
      std::cout << row.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << "\n";
    } else {
      print_part(name, part);
    }
  }
  if (!o.tensors) return 0;
  for (const auto& [name, entry] : tensors) {
    if (o.json) {
      std::cout << nlohmann::ordered_json{{"tensor", name},
                                          {"dtype", entry.dtype_name},
                                          {"shape", entry.shape}}
                       .dump()
                << "\n";
    } else {
      std::cout << printable(name) << " " << entry.dtype_name << " " << concat(entry.shape) << "\n";
    }
  }
  return 0;
}

}  // namespace

Command add_inspect(CLI::App& app) {
  auto options = std::make_shared<InspectOptions>();
  app.add_option("path", options->path, "model folder, part of one, or safetensors file")->required();
  app.add_flag("--tensors", options->tensors, "list every tensor of a file with dtype and shape");
  app.add_flag("--json", options->json, "one JSON object a part, and with --tensors one a tensor");
  return [options] { return run(*options); };
}

}  // namespace drf::cli
