#pragma once
// What a run folder holds beside its checkpoints, read with care: a kill, a full disk or an editor may have
// been at it.

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace drf::report {

/// A measure over updates.
struct Curve {
  std::vector<double> x;  ///< increasing
  std::vector<double> y;  ///< NaN where it was null, not finite, or 1e30 and more
  std::vector<double> finite() const;
};

/// metrics.jsonl; nothing where there is no such file. Half a line at the end, which a run that is still
/// being written or was interrupted leaves, is left out; so is what else is no JSON object, with a warning
/// that counts it, once a process and file. Of two lines of one update the later counts.
class Metrics {
 public:
  /// Throws Error(kInput) for what is no file, or too large (docs/security.md).
  explicit Metrics(const std::filesystem::path& file);
  bool empty() const { return curves_.empty(); }
  const std::map<std::string, Curve>& curves() const { return curves_; }
  /// The updates at which a guard gave the alarm, by the measure that was out of its range.
  const std::map<std::string, std::vector<double>>& alarms() const { return alarms_; }
  int64_t updates() const { return static_cast<int64_t>(updates_.size()); }  ///< that have a line
  int64_t last_update() const { return updates_.empty() ? 0 : static_cast<int64_t>(*updates_.rbegin()); }
  int64_t skipped() const { return static_cast<int64_t>(skipped_.size()); }

 private:
  void add(const nlohmann::json& row);
  std::map<std::string, Curve> curves_;
  std::map<std::string, std::vector<double>> alarms_;
  std::set<double> updates_, skipped_;
  bool too_many_ = false;
};

/// evaluation.json, whose parts may be left out. What is there and is not what it should be is an
/// Error(kInput) that names file and place.
class Evaluation {
 public:
  explicit Evaluation(const std::filesystem::path& file);
  bool has(const char* key) const { return root_.contains(key); }
  std::optional<std::string> text(const char* key) const;
  /// The text `key` of `object`, which stands at `where`.
  std::string text(const nlohmann::json& object, const char* key, const std::string& where) const;
  /// The number `key` of `object`; nothing for null, which stands for one that is not finite.
  std::optional<double> number(const nlohmann::json& object, const char* key, const std::string& where) const;
  /// Calls visit(object, where) with each object of the list `key`; nothing where it is left out.
  template <typename Visit>
  void for_each(const char* key, const Visit& visit) const {
    if (!has(key)) return;
    if (!root_[key].is_array()) reject(key, "is not a list");
    for (size_t i = 0; i < root_[key].size(); ++i) {
      const std::string where = key + ("[" + std::to_string(i) + "]");
      if (!root_[key][i].is_object()) reject(where, "is not an object");
      visit(root_[key][i], where);
    }
  }
  [[noreturn]] void reject(const std::string& where, const std::string& what) const;

 private:
  std::filesystem::path file_;
  nlohmann::json root_;
};

}  // namespace drf::report
