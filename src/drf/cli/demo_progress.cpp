#include "drf/cli/demo_progress.h"

#include <algorithm>

#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/base/json.h"
#include "drf/tensor/json_config.h"

namespace drf::cli {

DemoProgress::DemoProgress(const run::RunDirectory& directory, int64_t judge_every, int64_t updates,
                           bool resume)
    : file_(directory.file(run::kDemoFile)), judge_every_(judge_every), updates_(updates) {
  if (!resume) {
    save();  // before the run is one that can go on
    return;
  }
  if (!is_there(file_))
    fail(ErrorKind::kConfig, file_,
         " is not there: no demo began this run; go on with it by drf train --resume");
  const JsonConfig json = JsonConfig::read(file_);
  seconds_before_ = json.number("seconds");
  const auto require_same = [&](const char* key, const char* option, int64_t now) {
    const int64_t before = json.integer(key);
    if (before == now) return;
    fail(ErrorKind::kConfig, "a resumed demo goes on as it began: ", key, " is now ", now, ", but ", file_,
         " has ", before,
         before == 0 ? concat("; leave ", option, " out") : concat("; give ", option, " ", before));
  };
  require_same("judge_every", "--judge-every", judge_every);
  require_same("updates", "--updates", updates);
  std::string problem;
  curve_ = parse_ordered_json(read_file(file_), problem).value("curve", nlohmann::ordered_json());
  const auto is_point = [](const nlohmann::ordered_json& point) {
    return point.is_object() && point.contains("updates") && point["updates"].is_number_integer() &&
           point.contains("columns") && point["columns"].is_object();
  };
  if (!curve_.is_array() || !std::all_of(curve_.begin(), curve_.end(), is_point))
    json.reject("curve", "is no list of verdicts; the file was edited");
}

void DemoProgress::go_on_from(int64_t updates) {
  while (!curve_.empty() && curve_.back()["updates"].get<int64_t>() > updates)
    curve_.erase(curve_.size() - 1);
}

bool DemoProgress::is_due(int64_t updates) const {
  return judge_every_ > 0 && updates > 0 && updates < updates_ && updates % judge_every_ == 0 &&
         (curve_.empty() || curve_.back()["updates"].get<int64_t>() < updates);
}

void DemoProgress::judged(int64_t updates, const nlohmann::ordered_json& columns) {
  curve_.push_back({{"updates", updates}, {"columns", columns}});
  save();
}

void DemoProgress::save() const {
  const nlohmann::ordered_json json = {
      {"seconds", seconds()}, {"updates", updates_}, {"judge_every", judge_every_}, {"curve", curve_}};
  write_file_atomically(file_, json.dump(2) + "\n");
}

double DemoProgress::seconds() const {
  return seconds_before_ + std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
}

}  // namespace drf::cli
