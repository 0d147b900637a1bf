#include "drf/train/run_directory.h"

#include <ATen/ATen.h>
#include <torch/version.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <utility>

#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/nn/lora.h"
#include "drf/tensor/json_config.h"
#include "drf/tensor/safetensors.h"

namespace drf::train {
namespace fs = std::filesystem;
namespace {

const char* const kStep = "step-";
const char* const kAside = ".part-";  // never the name of a complete checkpoint

std::string step_name(int64_t update) {
  char name[32];
  std::snprintf(name, sizeof(name), "step-%06lld", static_cast<long long>(update));
  return name;
}

// The number of a complete checkpoint's folder, -1 for anything else.
int64_t step_of(const fs::path& folder) {
  const std::string name = folder.filename().string();
  if (name.rfind(kStep, 0) != 0) return -1;
  int64_t step = -1;
  const char* const end = name.data() + name.size();
  const auto parsed = std::from_chars(name.data() + std::string(kStep).size(), end, step);
  if (parsed.ec != std::errc() || parsed.ptr != end) return -1;
  std::error_code ec;
  return fs::exists(folder / "state.json", ec) ? step : -1;
}

std::vector<fs::path> entries_of(const fs::path& folder) {
  std::vector<fs::path> entries;
  std::error_code ec;
  for (fs::directory_iterator it(folder, ec), end; !ec && it != end; it.increment(ec))
    entries.push_back(it->path());
  return entries;
}

// Keys that may differ between a run and its continuation.
bool may_change(const std::string& key) {
  for (const char* allowed : {"train.updates", "train.checkpoint_every", "train.eval_every",
                              "train.max_skipped", "prompts.held_out", "output.dir", "output.comfyui"}) {
    if (key == allowed) return true;
  }
  return key.rfind("eval.", 0) == 0;
}

constexpr const char* kRollout = "rollout.safetensors";
std::string finished_name(size_t micro_batch) { return concat("finished.", micro_batch); }

// key -> its line of the resolved file, from which two configurations can be told apart.
std::vector<std::pair<std::string, std::string>> spelled(RunConfig config) {
  std::vector<std::pair<std::string, std::string>> lines;
  for (const Field& field : fields_of(config)) lines.emplace_back(field.key, config_to_toml({field}));
  return lines;
}

// "[train]\nlr = 0.1  # help\n" -> "lr = 0.1"
std::string setting(const std::string& line) {
  const size_t begin = line.front() == '[' ? line.find('\n') + 1 : 0;
  return line.substr(begin, line.rfind("  # ") - begin);
}

void require_same_run(const RunConfig& now, const fs::path& file) {
  RunConfig before;
  read_config_file(file, fields_of(before));
  const auto old_lines = spelled(before), new_lines = spelled(now);
  for (size_t i = 0; i < new_lines.size(); ++i) {
    if (new_lines[i] == old_lines[i] || may_change(new_lines[i].first)) continue;
    fail(ErrorKind::kConfig, "a resumed run goes on as it began: ", new_lines[i].first, " is now '",
         setting(new_lines[i].second), "', but ", file, " has '", setting(old_lines[i].second),
         "'; restore it, or start a new run with lora.init_from");
  }
}

std::vector<std::string> adapter_names(nn::Module& model, const nn::LayerNames& names) {
  std::vector<std::string> all;
  for (const auto& [name, tensor] : nn::lora_parameters(model, names.prefix)) all.push_back(name);
  return all;
}

}  // namespace

RunDirectory::RunDirectory(const fs::path& folder, bool resume) : folder_(folder), resume_(resume) {
  std::error_code ec;
  const bool has_run = fs::exists(folder_ / "config.toml", ec);
  if (resume_ && !has_run) {
    fail(ErrorKind::kConfig, folder_,
         ": there is no run to resume (no config.toml); start it without --resume");
  }
  if (!resume_ && fs::exists(folder_, ec) &&
      !(fs::is_directory(folder_, ec) && entries_of(folder_).empty())) {
    fail(ErrorKind::kConfig, folder_,
         has_run ? ": holds a run already; continue it with --resume, or " : ": is not empty; ",
         "choose another output.dir");
  }
  require_writable_folder(folder_);
  for (const fs::path& entry : entries_of(checkpoints())) {
    if (entry.filename().string().rfind(kAside, 0) == 0) fs::remove_all(entry, ec);
  }
}

void RunDirectory::begin(const RunConfig& config, const std::string& questions) {
  if (resume_) {
    require_same_run(config, file("config.toml"));
    const auto last = latest();
    const int64_t done = last ? step_of(*last) : 0;
    if (config.train.updates < done) {
      fail(ErrorKind::kConfig, "train.updates is ", config.train.updates, ", but the run in ", folder_,
           " has done ", done, "; give at least that");
    }
  }
  comfyui_ = config.output.comfyui;
  RunConfig copy = config;
  write_file_atomically(file("config.toml"), concat("# drf " DRF_VERSION ", libtorch ", TORCH_VERSION, "\n",
                                                    config_to_toml(fields_of(copy))));
  if (!resume_ && !questions.empty()) write_file_atomically(file("questions.jsonl"), questions);
}

void RunDirectory::save(const CheckpointState& state, nn::Module& model, const AdamW& optimizer,
                        const nn::LayerNames& names) {
  const fs::path aside = checkpoints() / concat(kAside, step_name(state.update), "-", ::getpid());
  const fs::path place = checkpoints() / step_name(state.update);
  const fs::path old = checkpoints() / concat(kAside, "old-", ::getpid());
  std::error_code ec;
  try {
    make_folder(aside);
    nn::save_lora(model, aside / "adapters.safetensors", nn::LoraForm::kDiffusers, names);
    if (comfyui_) nn::save_lora(model, aside / "adapters_comfyui.safetensors", nn::LoraForm::kComfyUi, names);
    optimizer.save(aside / "optimizer.safetensors", adapter_names(model, names));
    const nlohmann::ordered_json json = {{"update", state.update},
                                         {"skipped_in_a_row", state.skipped_in_a_row},
                                         {"guide_norms", state.guide_norms}};
    if (!state.finished.empty()) {
      std::vector<std::pair<std::string, at::Tensor>> clips;
      for (size_t m = 0; m < state.finished.size(); ++m)
        clips.emplace_back(finished_name(m), state.finished[m].cpu());
      write_safetensors(aside / kRollout, clips);
    }
    write_file_atomically(aside / "state.json", json.dump(2) + "\n");
    if (fs::exists(place, ec)) rename_into_place(place, old);  // a folder cannot be renamed over another
    rename_into_place(aside, place);
  } catch (...) {
    fs::remove_all(aside, ec);
    throw;
  }
  fs::remove_all(old, ec);
}

CheckpointState RunDirectory::load(nn::Module& model, AdamW& optimizer, const nn::LayerNames& names) const {
  const auto last = latest();
  if (!last) return {};
  const fs::path& folder = *last;
  const JsonConfig json = JsonConfig::read(folder / "state.json");
  CheckpointState state{json.integer("update"), json.integer("skipped_in_a_row"), {}, {}};
  if (state.update != step_of(folder))
    json.reject("update", "is not the checkpoint's own number; the file was edited");
  if (state.skipped_in_a_row < 0) json.reject("skipped_in_a_row", "is below 0; the file was edited");
  if (json.has("guide_norms")) state.guide_norms = json.numbers("guide_norms");
  if (fs::exists(folder / kRollout)) {
    const SafetensorsFile clips(folder / kRollout);
    for (size_t m = 0; m < clips.entries().size(); ++m)
      state.finished.push_back(clips.get(finished_name(m)).clone());
  }

  const SafetensorsFile file(folder / "adapters.safetensors");
  const auto parameters = nn::lora_parameters(model, names.prefix);
  if (parameters.size() != file.entries().size()) {
    fail(ErrorKind::kInput, file.path(), ": holds ", file.entries().size(),
         " tensors, but the configuration asks for ", parameters.size());
  }
  for (const auto& [name, tensor] : parameters) {
    const at::Tensor saved = file.get(name);
    if (saved.sizes() != tensor.sizes() || saved.scalar_type() != tensor.scalar_type()) {
      fail(ErrorKind::kInput, file.path(), ": tensor '", name, "' is ",
           safetensors_dtype_name(saved.scalar_type()), " ", saved.sizes().vec(), ", wanted ",
           safetensors_dtype_name(tensor.scalar_type()), " ", tensor.sizes().vec());
    }
  }
  optimizer.load(folder / "optimizer.safetensors", adapter_names(model, names));
  const at::NoGradGuard no_graph;
  for (const auto& [name, tensor] : parameters)
    tensor.copy_(file.get(name));  // in place: the optimiser holds them
  return state;
}

std::optional<fs::path> RunDirectory::latest() const {
  std::optional<fs::path> last;
  int64_t last_step = -1;
  for (const fs::path& entry : entries_of(checkpoints())) {
    if (const int64_t step = step_of(entry); step > last_step) {
      last = entry;
      last_step = step;
    }
  }
  return last;
}

fs::path RunDirectory::adapters() const {
  const auto last = latest();
  if (!last) fail(ErrorKind::kConfig, folder_, ": there is no complete checkpoint yet");
  return *last / "adapters.safetensors";
}

}  // namespace drf::train
