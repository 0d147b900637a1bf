#include "drf/report/side_files.h"

#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/base/json.h"
#include "drf/base/log.h"

namespace drf::report {
namespace {

using nlohmann::json;

constexpr uint64_t kMaxMetricsBytes = uint64_t{1} << 30, kMaxEvaluationBytes = 16 << 20;  // docs/security.md
constexpr size_t kMaxCurves = 200;

}  // namespace

Metrics::Metrics(const std::filesystem::path& file) {
  if (!is_there(file)) return;
  const std::string bytes = read_text_file(file, kMaxMetricsBytes);
  size_t unread = 0, first_unread = 0, last_line = 0;
  for_each_line(bytes, [&](size_t number, const std::string& line) {
    last_line = number;
    std::string problem;
    const json row = parse_json(line, problem);
    if (row.is_object()) return add(row);
    if (unread++ == 0) first_unread = number;
  });
  const bool cut = unread == 1 && first_unread == last_line && !bytes.ends_with('\n');
  if (unread == 0 || cut) return;
  log_warning("report", file, ": ", unread, " of ", last_line,
              " lines are no JSON objects and are left out; the first is line ", first_unread);
}

void Metrics::add(const json& row) {
  if (!row.contains("update") || !row["update"].is_number()) return;
  for (const auto& [key, value] : row.items()) {
    if (value.is_number() && (curves_.size() < kMaxCurves || curves_.count(key) > 0))
      curves_[key].emplace_back(row["update"].get<double>(), value.get<double>());
  }
}

std::vector<Series> Metrics::all(const std::string& prefix) const {
  std::vector<Series> found;
  for (const auto& [key, points] : curves_)
    if (key.rfind(prefix, 0) == 0)
      found.push_back(series(key, key == prefix ? key : key.substr(prefix.size())));
  return found;
}

Series Metrics::series(const std::string& key, const std::string& name) const {
  const auto found = curves_.find(key);
  return {name, found == curves_.end() ? decltype(Series::points)() : found->second};
}

Evaluation::Evaluation(const std::filesystem::path& file) : file_(file), root_(json::object()) {
  if (!is_there(file)) return;
  std::string problem;
  root_ = parse_json(read_text_file(file, kMaxEvaluationBytes), problem);
  if (!root_.is_object()) reject("", concat("is not a JSON object", problem.empty() ? "" : ": ", problem));
}

std::optional<std::string> Evaluation::text(const char* key) const {
  return has(key) ? std::optional(text(root_, key, "")) : std::nullopt;
}

std::string Evaluation::text(const json& object, const char* key, const std::string& where) const {
  const std::string place = where.empty() ? key : where + "." + key;
  if (!object.contains(key)) reject(place, "is missing");
  if (!object[key].is_string()) reject(place, "is not a text");
  return object[key].get<std::string>();
}

std::optional<double> Evaluation::number(const json& object, const char* key,
                                         const std::string& where) const {
  if (!object.contains(key)) reject(where + "." + key, "is missing");
  if (object[key].is_null()) return std::nullopt;
  if (!object[key].is_number()) reject(where + "." + key, "is not a number");
  return object[key].get<double>();
}

void Evaluation::reject(const std::string& where, const std::string& what) const {
  fail(ErrorKind::kInput, file_, ": ", where, where.empty() ? "" : " ", what,
       "; make the evaluation again, or take the file away for a page without it");
}

}  // namespace drf::report
