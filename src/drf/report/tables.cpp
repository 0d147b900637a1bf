#include "drf/report/tables.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>

#include "drf/base/error.h"
#include "drf/report/html.h"

namespace drf::report {
namespace {

using nlohmann::json;
using Number = std::optional<double>;

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

Number finite(const Metrics& metrics, const std::string& key,
              const std::function<double(const std::vector<double>&)>& sum_up) {
  const auto curve = metrics.curves().find(key);
  if (curve == metrics.curves().end()) return std::nullopt;
  const std::vector<double> values = curve->second.finite();
  return values.empty() ? Number() : sum_up(values);
}

double sum(const std::vector<double>& values) {
  double total = 0;
  for (const double value : values) total += value;
  return total;
}

double largest(const std::vector<double>& values) { return *std::max_element(values.begin(), values.end()); }

void write_names(std::ostream& out, const std::vector<RunFolder>& runs) {
  for (const RunFolder& run : runs) out << "<th scope=\"col\">" << escape_html(run.name) << "</th>";
}

// A table of one line a measure and one column a run, from what `value` says; lines without any value are
// left out.
using Rows = std::vector<std::pair<std::string, std::function<std::string(const RunFolder&)>>>;

std::string rows_of(const std::vector<RunFolder>& runs, const Rows& rows) {
  std::string lines;
  for (const auto& [label, value] : rows) {
    std::string line;
    bool any = false;
    for (const RunFolder& run : runs) {
      const std::string text = value(run);
      any |= !text.empty() && text != "-";
      line += "<td>" + (text.empty() ? "-" : escape_html(text)) + "</td>";
    }
    if (any) lines += concat("<tr><th scope=\"row\">", escape_html(label), "</th>", line, "</tr>");
  }
  return lines;
}

void write_table(std::ostream& out, const std::vector<RunFolder>& runs, const std::string& rows) {
  out << "<div class=\"scroll\"><table><thead><tr><th></th>";
  write_names(out, runs);
  out << "</tr></thead><tbody>" << rows << "</tbody></table></div>";
}

std::string setting(const RunFolder& run, const std::string& key) {
  const auto found = run.config.find(key);
  return found == run.config.end() ? "" : found->second;
}

std::string newest_checkpoints(const RunFolder& run) {
  constexpr size_t kShown = 4;
  const size_t all = run.checkpoints.size(), begin = all > kShown ? all - kShown : 0;
  std::string names;
  for (size_t i = begin; i < all; ++i) names += (i > begin ? ", " : "") + run.checkpoints[i];
  return begin > 0 ? concat(names, " (", all, " in all)") : names;
}

// What a row may have beside base and after, and the column's name.
constexpr std::pair<const char*, const char*> kOfChange[] = {{"half", "&plusmn; 95 %"},
                                                             {"made_wrong", "made wrong"}};

}  // namespace

void write_results(std::ostream& out, const std::vector<RunFolder>& runs) {
  // By name, in the order of their first appearance; the first row of each run names what stands beside.
  std::vector<std::string> names;
  std::vector<std::vector<std::string>> beside(runs.size()), of_change(runs.size());
  std::vector<std::map<std::string, std::string>> cells(runs.size());
  for (size_t r = 0; r < runs.size(); ++r) {
    const Evaluation& evaluation = runs[r].evaluation;
    evaluation.for_each("rows", [&](const json& row, const std::string& where) {
      if (row.contains("beside") && !row["beside"].is_object())
        evaluation.reject(where + ".beside", "is not an object");
      const json others = row.value("beside", json::object());
      if (where == "rows[0]")
        for (const auto& [other, value] : others.items()) beside[r].push_back(other);
      if (where == "rows[0]")
        for (const auto& [key, title] : kOfChange)
          if (row.contains(key)) of_change[r].push_back(key);
      const std::string name = evaluation.text(row, "name", where);
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
      std::string line =
          change_cells(evaluation.number(row, "base", where), evaluation.number(row, "after", where));
      for (const std::string& key : of_change[r])
        line += "<td>" +
                cell(row.contains(key) ? evaluation.number(row, key.c_str(), where) : std::nullopt, "%.3f") +
                "</td>";
      for (const std::string& other : beside[r])
        line += "<td>" + cell(evaluation.number(others, other.c_str(), where + ".beside"), "%.3f") + "</td>";
      cells[r][name] = line;
    });
  }
  if (names.empty()) return;
  out << "<section id=\"results\"><h2>Before and after</h2><div class=\"scroll\"><table "
         "class=\"sortable\"><thead>";
  if (runs.size() > 1) {
    out << "<tr><td></td>";
    for (size_t r = 0; r < runs.size(); ++r)
      if (!cells[r].empty())
        out << "<th scope=\"colgroup\" colspan=\"" << 3 + of_change[r].size() + beside[r].size() << "\">"
            << escape_html(runs[r].name) << "</th>";
    out << "</tr>";
  }
  out << "<tr class=\"keys\"><th></th>";
  for (size_t r = 0; r < runs.size(); ++r) {
    if (cells[r].empty()) continue;
    out << "<th>base</th><th>after</th><th>change</th>";
    for (const auto& [key, title] : kOfChange)
      if (std::find(of_change[r].begin(), of_change[r].end(), key) != of_change[r].end())
        out << "<th>" << title << "</th>";
    for (const std::string& other : beside[r]) out << "<th>" << escape_html(other) << "</th>";
  }
  out << "</tr></thead><tbody>";
  for (const std::string& name : names) {
    out << "<tr><td>" << escape_html(name) << "</td>";
    for (size_t r = 0; r < runs.size(); ++r) {
      if (cells[r].empty()) continue;
      const auto line = cells[r].find(name);
      if (line != cells[r].end()) out << line->second;
      for (size_t i = 0; line == cells[r].end() && i < 3 + of_change[r].size() + beside[r].size(); ++i)
        out << "<td>-</td>";
    }
    out << "</tr>";
  }
  out << "</tbody></table></div></section>";
}

void write_cost(std::ostream& out, const std::vector<RunFolder>& runs) {
  Rows rows = {{"updates done",
                [](const RunFolder& run) {
                  if (run.metrics.updates() == 0) return std::string();
                  const std::string wanted = setting(run, "train.updates");
                  return concat(run.metrics.last_update(), wanted.empty() ? "" : " of " + wanted);
                }},
               {"of them skipped (not finite)",
                [](const RunFolder& run) {
                  return run.metrics.skipped() > 0 ? concat(run.metrics.skipped()) : std::string();
                }},
               {"time in updates",
                [](const RunFolder& run) {
                  const Number seconds = finite(run.metrics, "seconds", sum);
                  if (!seconds) return std::string();
                  return *seconds < 120    ? cell(seconds, "%.1f s")
                         : *seconds < 7200 ? cell(*seconds / 60, "%.1f min")
                                           : cell(*seconds / 3600, "%.1f h");
                }},
               {"seconds an update, median",
                [](const RunFolder& run) { return cell(finite(run.metrics, "seconds", median), "%.3g"); }},
               {"share of the machine's matrix rate, median",
                [](const RunFolder& run) {
                  const Number share = finite(run.metrics, "share_of_peak", median);
                  return share ? cell(*share * 100, "%.1f %%") : std::string();
                }},
               {"most tensor memory", [](const RunFolder& run) {
                  return cell(finite(run.metrics, "peak_gib", largest), "%.3g GiB");
                }}};
  // Stages in the order they run, then what stands beside them.
  std::vector<std::string> stages = {"rollout",     "decode",      "critic",
                                     "pull_critic", "pull_decode", "pull_steps"};
  std::set<std::string> others;
  for (const RunFolder& run : runs)
    for (const auto& [key, curve] : run.metrics.curves())
      // A reward by name (reward/optical_s) and a measure on held-out prompts are no stages.
      if (key.size() > 2 && key.ends_with("_s") && key.find('/') == std::string::npos &&
          !key.starts_with("held_out_"))
        others.insert(key.substr(0, key.size() - 2));
  for (const std::string& stage : stages) others.erase(stage);
  stages.insert(stages.end(), others.begin(), others.end());
  for (const std::string& stage : stages) {
    rows.emplace_back(stage, [stage](const RunFolder& run) {
      const Number seconds = finite(run.metrics, stage + "_s", median),
                   all = finite(run.metrics, "seconds", median);
      if (!seconds) return std::string();
      return cell(seconds, "%.3g s") + (all && *all > 0 ? cell(*seconds / *all * 100, ", %.0f %%") : "");
    });
  }
  const std::string lines = rows_of(runs, rows);
  if (lines.empty()) return;
  out << "<section id=\"cost\"><h2>Cost</h2><p class=\"hint\">Of each stage its median seconds in an update, "
         "and their share of "
         "a median update. Validations and checkpoints are not in it.</p>";
  write_table(out, runs, lines);
  out << "</section>";
}

void write_alarms(std::ostream& out, const std::vector<RunFolder>& runs) {
  std::string lines;
  for (const RunFolder& run : runs) {
    for (const auto& [measure, updates] : run.metrics.alarms()) {
      const int64_t first = static_cast<int64_t>(updates.front()),
                    last = static_cast<int64_t>(updates.back());
      lines +=
          concat("<li><b>", escape_html(measure), "</b> was out of its range ", updates.size(),
                 updates.size() == 1 ? " time, " : " times, ",
                 first == last ? concat("at update ", first) : concat("from update ", first, " to ", last),
                 runs.size() > 1 ? " in " + escape_html(run.name) : "", "</li>");
    }
  }
  if (!lines.empty())
    out << "<div class=\"alarms\" role=\"note\"><b>Alarms</b><ul>" << lines << "</ul></div>";
}

void write_configuration(std::ostream& out, const std::vector<RunFolder>& runs) {
  out << "<section id=\"configuration\"><h2>Configuration</h2>";
  if (runs.size() > 1) {
    std::set<std::string> keys;
    for (const RunFolder& run : runs)
      for (const auto& [key, value] : run.config) keys.insert(key);
    Rows rows;
    for (const std::string& key : keys) {
      const bool same = std::all_of(runs.begin(), runs.end(), [&](const RunFolder& run) {
        const auto mine = run.config.find(key), first = runs.front().config.find(key);
        return mine != run.config.end() && first != runs.front().config.end() &&
               mine->second == first->second;
      });
      if (!same) rows.emplace_back(key, [key](const RunFolder& run) { return setting(run, key); });
    }
    out << "<h3>What differs</h3>";
    if (rows.empty())
      out << "<p>Nothing.</p>";
    else
      write_table(out, runs, rows_of(runs, rows));
  }
  const auto of_key = [](const char* key) {
    return [key](const RunFolder& run) { return setting(run, key); };
  };
  const std::string environment =
      rows_of(runs, {{"made by", [](const RunFolder& run) { return run.made_by; }},
                     {"generator", of_key("generator.path")},
                     {"generator's dtype", of_key("generator.dtype")},
                     {"critic", of_key("critic.path")},
                     {"critic's dtype", of_key("critic.dtype")},
                     {"checkpoints", newest_checkpoints}});
  if (!environment.empty()) {
    out << "<h3>Environment</h3>";
    write_table(out, runs, environment);
  }
  for (const RunFolder& run : runs) {
    out << "<details" << (runs.size() == 1 ? " open" : "") << "><summary>config.toml"
        << (runs.size() > 1 ? " of " + escape_html(run.name) : "")
        << (run.is_toml ? "" : " (cannot be read as TOML)") << "</summary><pre tabindex=\"0\">"
        << escape_html(run.config_text) << "</pre></details>";
  }
  out << "</section>";
}

}  // namespace drf::report
