#include "drf/train/run_directory.h"

#include <ATen/ATen.h>
#include <torch/version.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <utility>

#include "drf/base/digest.h"
#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/base/log.h"
#include "drf/nn/lora.h"
#include "drf/tensor/json_config.h"
#include "drf/tensor/safetensors.h"
#include "drf/train/run_record.h"

namespace drf::train {
namespace fs = std::filesystem;
namespace {

const char* const kConfig = "config.toml";
const char* const kLock = ".lock";
const char* const kInputs = "inputs.json";
const char* const kQuestions = "questions.jsonl";

// What a kill can leave of the files that make a run, beside their own names.
bool is_half(const std::string& name) {
  for (const char* file : {kConfig, kInputs, kQuestions, "metrics.jsonl"}) {
    const std::string half = concat(file, ".part");
    if (name.rfind(half, 0) == 0 && name.find_first_not_of("0123456789", half.size()) == std::string::npos)
      return true;
  }
  // A probe for whether the folder can be written; text states, where files must have names.
  return name.rfind(".drf-", 0) == 0 || name.rfind(".spill-", 0) == 0;
}

// What a kill before config.toml can leave.
bool is_leftover(const fs::path& entry) {
  const std::string name = entry.filename().string();
  return (name == kLock && FileLock::is_ours(entry)) || is_half(name) ||
         (name == kInputs && RunInputs::is_ours(entry));
}

// Keys that may differ between a run and its continuation.
bool may_change(const std::string& key) {
  for (const char* allowed : {"train.updates", "train.checkpoint_every", "train.checkpoint_minutes",
                              "train.eval_every", "train.max_skipped", "prompts.held_out", "output.dir",
                              "output.comfyui", "output.keep", "memory.park", "memory.text_states"}) {
    if (key == allowed) return true;
  }
  return key.rfind("eval.", 0) == 0;
}

constexpr const char* kRollout = "rollout.safetensors";
constexpr const char* kDigested[] = {"adapters.safetensors", "optimizer.safetensors", kRollout};
constexpr const char* kBest = "best";
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
  const std::set<std::string> recorded = read_run_record(file, before);
  if (before.rewards.size() != now.rewards.size()) {
    fail(ErrorKind::kConfig, "a resumed run goes on as it began: there are now ", now.rewards.size(),
         " [[rewards]], but ", file, " has ", before.rewards.size(),
         "; restore them, or start a new run with lora.init_from");
  }
  const auto old_lines = spelled(before), new_lines = spelled(now);
  for (size_t i = 0; i < new_lines.size(); ++i) {
    if (new_lines[i] == old_lines[i] || may_change(new_lines[i].first)) continue;
    if (!recorded.count(new_lines[i].first)) {
      fail(ErrorKind::kInput, file, ": does not name ", new_lines[i].first,
           ", as every run's does (unless an older drf wrote it)", kRestoreRecord);
    }
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

// The lines of a text without their ends.
std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

constexpr const char* kGoOn =
    "; a resumed run goes on with what it began with: restore the file, or give --accept-changes to go on "
    "with "
    "what is there now";

// Adapters, optimiser and state of one checkpoint, once all of it is known to fit.
CheckpointState read_checkpoint(const fs::path& folder, nn::Module& model, AdamW& optimizer,
                                const nn::LayerNames& names, const CheckState& check) {
  const JsonConfig json = JsonConfig::read(folder / "state.json");
  CheckpointState state{json.integer("update"), json.integer("skipped_in_a_row")};
  if (state.update != CheckpointFolder::update_of(folder))
    json.reject("update", "is not the checkpoint's own number; the file was edited");
  if (state.skipped_in_a_row < 0) json.reject("skipped_in_a_row", "is below 0; the file was edited");
  if (json.has("guide_norms")) state.guide_norms = json.numbers("guide_norms");
  state.rollout_of = json.text("rollout_of", "");
  state.dropped_rollouts = json.integer("dropped_rollouts", 0);
  state.unvalidated = json.text("unvalidated", "");
  if (json.has("digests")) {  // older versions wrote none
    const JsonConfig digests = json.object("digests");
    for (const char* name : kDigested) {
      if (digests.has(name) && digest_file(folder / name) != digests.text(name))
        fail(ErrorKind::kInput, folder / name, ": its bytes are not those that were saved");
    }
  }
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
  if (check) check(state, folder);
  optimizer.load(folder / "optimizer.safetensors", adapter_names(model, names));
  const at::NoGradGuard no_graph;
  for (const auto& [name, tensor] : parameters)
    tensor.copy_(file.get(name));  // in place: the optimiser holds them
  return state;
}

}  // namespace

void keep_older_meanings(RunConfig& config, const fs::path& run_config) {
  RunConfig before;
  read_run_record(run_config, before);
  const std::string& schedule = before.sampling.schedule;
  if (schedule == config.sampling.schedule || config.given_keys.count("sampling.schedule")) return;
  config.sampling.schedule = schedule;
  log_warning("resume", "sampling.schedule = \"", schedule, "\", as the run began");
}

RunDirectory::RunDirectory(const fs::path& folder, bool resume)
    : folder_(folder), resume_(resume), checkpoints_(folder / "checkpoints") {
  std::error_code ec;
  const auto lock = [&] { lock_ = std::make_unique<FileLock>(file(kLock), folder_.string()); };
  // A folder that is no run's is left as it is, also where something in it has the lock's name.
  if (!fs::exists(file(kConfig), ec) && !holds_only_leftovers()) require_as_wanted();
  if (is_there(file(kLock))) lock();  // that somebody is in it is said before anything else
  require_as_wanted();
  require_writable_folder(folder_);
  if (!lock_) {
    lock();
    require_as_wanted();  // now that nobody can change it
  }
  clear_leftovers();
  checkpoints_.repair();
}

bool RunDirectory::holds_only_leftovers() const {
  std::error_code ec;
  const auto entries = entries_of(folder_);
  return fs::is_directory(folder_, ec) && std::all_of(entries.begin(), entries.end(), is_leftover);
}

void RunDirectory::require_as_wanted() const {
  std::error_code ec;
  const bool has_run = fs::exists(file(kConfig), ec);
  if (resume_ && !has_run) {
    fail(ErrorKind::kConfig, folder_,
         ": there is no run to resume (no config.toml); start it without --resume");
  }
  if (resume_ || !fs::exists(folder_, ec)) return;
  if (!holds_only_leftovers()) {
    fail(ErrorKind::kConfig, folder_,
         has_run ? ": holds a run already; continue it with --resume, or " : ": is not empty; ",
         "choose another output.dir");
  }
}

void RunDirectory::clear_leftovers() const {
  std::error_code ec;
  for (const fs::path& entry : entries_of(folder_)) {
    const std::string name = entry.filename().string();
    if (is_half(name) || (!resume_ && name == kInputs)) fs::remove_all(entry, ec);
  }
}

void RunDirectory::remove(const fs::path& folder) {
  std::error_code ec;
  if (!fs::exists(folder, ec)) return;
  const FileLock lock(folder / kLock, folder.string());
  fs::remove_all(folder);
}

void RunDirectory::check_inputs(const RunConfig& config, bool accept_changes) {
  DRF_CHECK(resume_);
  accept_changes_ = accept_changes;
  inputs_ = RunInputs::read(config);
  recorded_ = RunInputs::load(file(kInputs));
  if (!recorded_) {
    log_warning(
        "resume", folder_, ": this run did not record what it reads (", kInputs,
        "): whether prompts, questions and models are still the same is not known; the version that began it "
        "may have computed otherwise (CHANGELOG.md)",
        config.flow.cfg_grad == "cond" ? ", as it did for flow.cfg_grad = \"cond\"" : "");
    return;
  }
  const std::vector<std::string> differences = recorded_->differences(*inputs_);
  if (!differences.empty() && !accept_changes) {
    fail(ErrorKind::kConfig, differences.front(),
         differences.size() > 1 ? concat(" (and ", differences.size() - 1, " more)") : "", kGoOn);
  }
  for (const std::string& difference : differences) log_warning("resume", "accepted: ", difference);
  for (const std::string& key : recorded_->moved(*inputs_))
    log_info("resume", key, " names another file than when the run began");
}

void RunDirectory::begin(const RunConfig& config, const std::string& questions) {
  std::error_code ec;
  const fs::path questions_file = file(kQuestions);
  bool write_questions = !questions.empty();
  if (resume_) {
    require_same_run(config, file(kConfig));
    const auto last = latest();
    const int64_t done = last ? CheckpointFolder::update_of(*last) : 0;
    if (config.train.updates < done) {
      fail(ErrorKind::kConfig, "train.updates is ", config.train.updates, ", but the run in ", folder_,
           " has done ", done, "; give at least that");
    }
    if (write_questions && fs::exists(questions_file, ec)) {
      const std::string difference =
          first_difference(lines_of(read_file(questions_file)), lines_of(questions));
      write_questions = !difference.empty();
      if (write_questions) {
        const std::string what = concat("the questions are not those of ", questions_file, ": ", difference);
        if (!accept_changes_ && recorded_) fail(ErrorKind::kConfig, what, kGoOn);
        log_warning("resume", accept_changes_ ? "accepted: " : "", what);
      }
    }
  }
  comfyui_ = config.output.comfyui;
  keep_ = config.output.keep;
  if (!inputs_) inputs_ = RunInputs::read(config);
  const std::string inputs = inputs_->to_json();
  // config.toml makes it a run: what it reads is recorded before, what was asked is written after, again if a
  // kill came between.
  if (!recorded_ || recorded_->to_json() != inputs) write_file_atomically(file(kInputs), inputs);
  RunConfig copy = config;
  write_file_atomically(file(kConfig), concat("# drf " DRF_VERSION ", libtorch ", TORCH_VERSION, "\n",
                                              config_to_toml(fields_of(copy))));
  if (write_questions) write_file_atomically(questions_file, questions);
}

void RunDirectory::write(const std::string& name, const CheckpointState& state,
                         const nlohmann::ordered_json& more, nn::Module& model, const AdamW& optimizer,
                         const nn::LayerNames& names) {
  const auto fill = [&](const fs::path& aside) {
    nn::save_lora(model, aside / "adapters.safetensors", nn::LoraForm::kDiffusers, names);
    if (comfyui_) nn::save_lora(model, aside / "adapters_comfyui.safetensors", nn::LoraForm::kComfyUi, names);
    optimizer.save(aside / "optimizer.safetensors", adapter_names(model, names));
    if (!state.finished.empty()) {
      std::vector<std::pair<std::string, at::Tensor>> clips;
      for (size_t m = 0; m < state.finished.size(); ++m)
        clips.emplace_back(finished_name(m), state.finished[m].cpu());
      write_safetensors(aside / kRollout, clips);
    }
    nlohmann::ordered_json json = {{"update", state.update},
                                   {"skipped_in_a_row", state.skipped_in_a_row},
                                   {"guide_norms", state.guide_norms}};
    if (!state.finished.empty()) json["rollout_of"] = state.rollout_of;
    if (state.dropped_rollouts > 0) json["dropped_rollouts"] = state.dropped_rollouts;
    if (!state.unvalidated.empty()) json["unvalidated"] = state.unvalidated;
    json.update(more);
    for (const char* file : kDigested) {
      if (fs::exists(aside / file)) json["digests"][file] = digest_file(aside / file);
    }
    write_file_atomically(aside / "state.json", json.dump(2) + "\n");
  };
  try {
    checkpoints_.put(name, fill);
  } catch (const Error& e) {
    if (e.kind() != ErrorKind::kResources) throw;
    const auto last = latest();
    fail(ErrorKind::kResources, e.what(), "; ",
         last ? concat("the newest whole checkpoint is ", *last) : "there is no whole checkpoint yet");
  }
}

void RunDirectory::save(const CheckpointState& state, nn::Module& model, const AdamW& optimizer,
                        const nn::LayerNames& names) {
  write(CheckpointFolder::name_of(state.update), state, nlohmann::ordered_json::object(), model, optimizer,
        names);
  checkpoints_.keep(keep_);
}

void RunDirectory::save_best(const CheckpointState& state, double held_out_reward, const std::string& setup,
                             nn::Module& model, const AdamW& optimizer, const nn::LayerNames& names) {
  write(kBest, state, {{"held_out_reward", held_out_reward}, {"held_out_setup", setup}}, model, optimizer,
        names);
}

std::optional<double> RunDirectory::best_reward(const std::string& setup) const {
  std::error_code ec;
  const fs::path state = checkpoints_.path() / kBest / "state.json";
  if (!fs::exists(state, ec)) return std::nullopt;
  try {
    const JsonConfig json = JsonConfig::read(state);
    if (json.text("held_out_setup") == setup) return json.number("held_out_reward");
  } catch (const Error& e) {
    log_warning("resume", e.what(), "; the next validation is taken as the best");
  }
  return std::nullopt;
}

CheckpointState RunDirectory::load(nn::Module& model, AdamW& optimizer, const nn::LayerNames& names,
                                   const CheckState& check) {
  std::vector<std::pair<fs::path, Error>> damaged;
  for (const fs::path& folder : checkpoints_.whole()) {
    try {
      CheckpointState state = read_checkpoint(folder, model, optimizer, names, check);
      for (const auto& [newer, error] : damaged) {
        checkpoints_.set_aside(newer);
        log_warning("resume", newer, " is damaged, and now called damaged-", newer.filename(), " (",
                    error.what(), "); going on from ", folder.filename());
      }
      checkpoints_.keep(keep_);  // what a kill right after a save left; not before one is known to be whole
      return state;
    } catch (const Error& e) {
      if (e.kind() != ErrorKind::kInput) throw;
      damaged.emplace_back(folder, e);
    }
  }
  if (!damaged.empty()) throw damaged.front().second;
  return {};
}

std::optional<fs::path> RunDirectory::latest() const {
  const auto all = checkpoints_.whole();
  if (all.empty()) return std::nullopt;
  return all.front();
}

fs::path RunDirectory::adapters() const {
  const auto last = latest();
  if (!last) fail(ErrorKind::kConfig, folder_, ": there is no complete checkpoint yet");
  return *last / "adapters.safetensors";
}

}  // namespace drf::train
