#include "drf/run/run_directory.h"

#include <ATen/ATen.h>
#include <torch/version.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <utility>

#include "drf/base/digest.h"
#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/base/log.h"
#include "drf/base/printable.h"
#include "drf/run/run_record.h"
#include "drf/tensor/json_config.h"

namespace drf::run {
namespace fs = std::filesystem;
namespace {

const char* const kConfig = "config.toml";
const char* const kLock = ".lock";
const char* const kInputs = "inputs.json";
const char* const kQuestions = "questions.jsonl";

// What a kill can leave of the files that make a run, beside their own names.
bool is_half(const std::string& name) {
  for (const char* file : {kConfig, kInputs, kQuestions, kDroppedFile, kBaseClipsFile, "metrics.jsonl",
                           "evaluation.json", kDemoFile, "report.html"}) {
    const std::string half = concat(file, ".part");
    if (name.rfind(half, 0) == 0 && name.find_first_not_of("0123456789", half.size()) == std::string::npos)
      return true;
  }
  // A probe for whether the folder can be written; text states, where files must have names.
  return name.rfind(".drf-", 0) == 0 || name.rfind(".spill-", 0) == 0;
}

// What questions are written with before a run begins: answers that were paid for stay where they are.
bool is_of_the_writer(const fs::path& entry) {
  const std::string name = entry.filename().string();
  std::error_code ec;
  if (!fs::is_regular_file(entry, ec)) return false;
  return name == kAnswersFile || name == concat(kAnswersFile, ".lock") || name == kDroppedFile;
}

// What a kill before config.toml can leave.
bool is_leftover(const fs::path& entry) {
  const std::string name = entry.filename().string();
  return (name == kLock && FileLock::is_ours(entry)) || is_half(name) ||
         (name == kInputs && RunInputs::is_ours(entry)) || name == kDemoFile || is_of_the_writer(entry);
}

// Keys that may differ between a run and its continuation.
bool may_change(const std::string& key) {
  for (const char* allowed :
       {"train.updates", "train.checkpoint_every", "train.checkpoint_minutes", "train.eval_every",
        "train.early_stop", "train.max_skipped", "prompts.held_out", "output.dir", "output.comfyui",
        "output.keep", "memory.park", "memory.text_states"}) {
    if (key == allowed) return true;
  }
  // Who answers is asked once, when a run begins.
  return key.rfind("eval.", 0) == 0 || key.rfind("writer.", 0) == 0;
}

constexpr const char* kBest = "best";

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
         "; restore them, or start a new run that begins with what this one saved");
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
         "'; restore it, or start a new run that begins with what this one saved");
  }
}

// The lines of a text without their ends.
std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

constexpr const char* kGoOn =
    "; a resumed run goes on with what it began with: restore the file, or give drf train --accept-changes "
    "to go on "
    "with what is there now";

// The bytes of every file of numbers that a run goes on with, by its name in the checkpoint.
nlohmann::ordered_json digests_of(const fs::path& folder) {
  std::map<std::string, std::string> digests;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const bool is_copy = entry.path().stem().string().ends_with("_comfyui");  // nobody reads it here
    if (entry.path().extension() == ".safetensors" && !is_copy)
      digests[fs::relative(entry.path(), folder).generic_string()] = digest_file(entry.path());
  }
  return digests;
}

// One checkpoint, once all of it is known to fit.
void read_checkpoint(const fs::path& folder, const TrainedFiles& trained,
                     const std::function<void(StateVisitor&)>& walk) {
  StateReader state(folder);
  const JsonConfig& json = state.json();
  if (json.integer("update") != CheckpointFolder::update_of(folder))
    json.reject("update", "is not the checkpoint's own number; the file was edited");
  if (json.has("digests")) {  // older versions wrote none
    const JsonConfig digests = json.object("digests");
    for (const auto& [name, digest] : digests.json().items()) {
      const fs::path inside(name);
      if (inside.is_absolute() || std::find(inside.begin(), inside.end(), "..") != inside.end())
        json.reject("digests", "names a file outside the checkpoint; the file was edited");
      if (digest_file(folder / name) != digests.text(name))
        fail(ErrorKind::kInput, folder / name, ": its bytes are not those that were saved");
    }
  }
  trained.read(state);
  walk(state);
  state.finish();
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

void RunDirectory::begin(const RunConfig& config, const std::string& questions, const std::string& machine) {
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
  keep_ = config.output.keep;
  if (!inputs_) inputs_ = RunInputs::read(config);
  const std::string inputs = inputs_->to_json();
  // config.toml makes it a run: what it reads is recorded before, what was asked is written after, again if a
  // kill came between.
  if (!recorded_ || recorded_->to_json() != inputs) write_file_atomically(file(kInputs), inputs);
  RunConfig copy = config;
  write_file_atomically(file(kConfig), concat("# drf " DRF_VERSION ", libtorch ", TORCH_VERSION,
                                              machine.empty() ? "" : ", on " + printable(machine), "\n",
                                              config_to_toml(fields_of(copy))));
  if (write_questions) write_file_atomically(questions_file, questions);
}

void RunDirectory::write(const std::string& name, const StateImage& state, const TrainedFiles& trained,
                         const nlohmann::ordered_json& more) {
  const auto fill = [&](const fs::path& aside) {
    trained.write(aside);
    state.write_tensors(aside);
    nlohmann::ordered_json json = state.values();
    json.update(more);
    json["digests"] = digests_of(aside);
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

void RunDirectory::save(const StateImage& state, const TrainedFiles& trained) {
  write(CheckpointFolder::name_of(state.values().at("update")), state, trained,
        nlohmann::ordered_json::object());
  checkpoints_.keep(keep_);
}

void RunDirectory::save_best(const StateImage& state, const TrainedFiles& trained, const Best& best,
                             const std::string& setup) {
  write(kBest, state, trained,
        {{"held_out_reward", best.merit}, {"held_out_alarm", best.alarmed}, {"held_out_setup", setup}});
}

std::optional<RunDirectory::Best> RunDirectory::best(const std::string& setup) const {
  std::error_code ec;
  const fs::path state = checkpoints_.path() / kBest / "state.json";
  if (!fs::exists(state, ec)) return std::nullopt;
  try {
    const JsonConfig json = JsonConfig::read(state);
    if (json.text("held_out_setup") == setup)
      return Best{json.number("held_out_reward"), json.boolean("held_out_alarm", false)};
  } catch (const Error& e) {
    log_warning("resume", e.what(), "; the next validation is taken as the best");
  }
  return std::nullopt;
}

bool RunDirectory::load(const TrainedFiles& trained, const std::function<void(StateVisitor&)>& walk) {
  std::vector<std::pair<fs::path, Error>> damaged;
  for (const fs::path& folder : checkpoints_.whole()) {
    try {
      read_checkpoint(folder, trained, walk);
      for (const auto& [newer, error] : damaged) {
        checkpoints_.set_aside(newer);
        log_warning("resume", newer, " is damaged, and now called damaged-", newer.filename(), " (",
                    error.what(), "); going on from ", folder.filename());
      }
      checkpoints_.keep(keep_);  // what a kill right after a save left; not before one is known to be whole
      return true;
    } catch (const Error& e) {
      if (e.kind() != ErrorKind::kInput) throw;
      damaged.emplace_back(folder, e);
    }
  }
  if (!damaged.empty()) throw damaged.front().second;
  return false;
}

std::optional<fs::path> RunDirectory::latest() const {
  const auto all = checkpoints_.whole();
  if (all.empty()) return std::nullopt;
  return all.front();
}

std::vector<fs::path> RunDirectory::best_adapters() const {
  const fs::path best = checkpoints_.path() / kBest;
  return is_folder(best) ? TrainedFiles::main_files(best) : std::vector<fs::path>();
}

std::vector<fs::path> RunDirectory::adapters() const {
  const auto last = latest();
  if (!last) fail(ErrorKind::kConfig, folder_, ": there is no complete checkpoint yet");
  return TrainedFiles::main_files(*last);
}

}  // namespace drf::run
