#include "drf/cli/demo_progress.h"

#include <algorithm>

#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/base/json.h"
#include "drf/tensor/json_config.h"

namespace drf::cli {

DemoProgress::DemoProgress(const run::RunDirectory& directory, int64_t judge_every, bool resume)
    : file_(directory.file("demo.json")), judge_every_(judge_every) {
  if (!resume) return;
  const JsonConfig json = JsonConfig::read(file_);
  seconds_before_ = json.number("seconds");
  const int64_t before = json.integer("judge_every");
  if (before != judge_every) {
    fail(ErrorKind::kConfig, "a resumed demo goes on as it began: --judge-every is now ", judge_every,
         ", but ", file_, " has ", before, " (0: it was not given)");
  }
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

bool DemoProgress::is_due(int64_t updates, int64_t of) const {
  return judge_every_ > 0 && updates > 0 && updates < of && updates % judge_every_ == 0 &&
         (curve_.empty() || curve_.back()["updates"].get<int64_t>() < updates);
}

void DemoProgress::judged(int64_t updates, const nlohmann::ordered_json& columns) {
  curve_.push_back({{"updates", updates}, {"columns", columns}});
  save();
}

void DemoProgress::save() const {
  const nlohmann::ordered_json json = {
      {"seconds", seconds()}, {"judge_every", judge_every_}, {"curve", curve_}};
  write_file_atomically(file_, json.dump(2) + "\n");
}

double DemoProgress::seconds() const {
  return seconds_before_ + std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
}

}  // namespace drf::cli
