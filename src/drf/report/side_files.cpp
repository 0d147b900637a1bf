#include "drf/report/side_files.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <iterator>
#include <mutex>
#include <set>

#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/base/json.h"
#include "drf/base/log.h"

namespace drf::report {
namespace {

using nlohmann::json;

constexpr uint64_t kMaxMetricsBytes = uint64_t{1} << 30, kMaxEvaluationBytes = 16 << 20;  // docs/security.md
constexpr size_t kMaxCurves = 200;
constexpr double kMostUpdates = 1e12, kHuge = 1e30;  // beyond them an axis has no ticks to draw

// By x, of equal ones the last. Resumed runs write updates again that a crash had let go.
void put_in_order(Curve& curve) {
  if (std::is_sorted(curve.x.begin(), curve.x.end(), std::less_equal<>())) return;
  std::map<double, double> ordered;
  for (size_t i = 0; i < curve.x.size(); ++i) ordered[curve.x[i]] = curve.y[i];
  curve = {};
  for (const auto& [x, y] : ordered) curve.x.push_back(x), curve.y.push_back(y);
}

// A run that is followed is read again and again; its log takes each warning once.
bool is_first(const char* warning, const std::filesystem::path& file) {
  static std::mutex mutex;
  static std::set<std::string> said;
  const std::lock_guard<std::mutex> lock(mutex);
  return said.insert(concat(warning, " ", file)).second;
}

}  // namespace

std::vector<double> Curve::finite() const {
  std::vector<double> values;
  std::copy_if(y.begin(), y.end(), std::back_inserter(values), [](double v) { return std::isfinite(v); });
  return values;
}

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
  for (auto& [key, curve] : curves_) put_in_order(curve);
  if (too_many_ && is_first("many", file))
    log_warning("report", file, ": more than ", kMaxCurves, " measures; the others are left out");
  const bool cut = unread == 1 && first_unread == last_line && !bytes.ends_with('\n');
  if (unread == 0 || cut || !is_first("unread", file)) return;
  log_warning("report", file, ": ", unread, " of ", last_line,
              " lines are no JSON objects and are left out; the first is line ", first_unread);
}

void Metrics::add(const json& row) {
  if (!row.contains("update") || !row["update"].is_number()) return;
  const double update = row["update"].get<double>();
  if (!(update >= 0 && update <= kMostUpdates)) return;
  updates_.insert(update);
  if (row.value("skipped", json()) == json(true)) skipped_.insert(update);
  for (const auto& [key, value] : row.items()) {
    if (key == "update" || (!value.is_number() && !value.is_null())) continue;
    const bool alarm = key.rfind("alarm/", 0) == 0;
    if (curves_.size() + alarms_.size() >= kMaxCurves && curves_.count(key) == 0 &&
        (!alarm || alarms_.count(key.substr(6)) == 0)) {
      too_many_ = true;
      continue;
    }
    if (alarm) {
      std::vector<double>& updates = alarms_[key.substr(6)];
      if (updates.empty() || updates.back() != update) updates.push_back(update);
      continue;
    }
    const double number = value.is_number() ? value.get<double>() : NAN;
    Curve& curve = curves_[key];
    curve.x.push_back(update);
    curve.y.push_back(std::fabs(number) < kHuge ? number : NAN);
  }
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
