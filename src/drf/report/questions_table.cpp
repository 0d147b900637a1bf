#include <algorithm>

#include "drf/base/error.h"
#include "drf/report/html.h"
#include "drf/report/tables.h"

namespace drf::report {
namespace {

using nlohmann::json;

constexpr size_t kMostQuestions = 5000;

}  // namespace

void write_questions(std::ostream& out, const std::vector<RunFolder>& runs) {
  struct Asked {
    std::string head;
    std::vector<std::string> cells;
  };
  std::vector<Asked> asked;
  std::map<std::string, size_t> places;
  size_t left_out = 0;
  std::vector<bool> has(runs.size());
  for (size_t r = 0; r < runs.size(); ++r) {
    const Evaluation& evaluation = runs[r].evaluation;
    std::map<std::string, size_t> times;  // that the run asks the same
    evaluation.for_each("questions", [&](const json& row, const std::string& where) {
      std::string head;
      for (const char* key : {"prompt", "text", "aspect", "answer"})
        head += concat("<td class=\"text\" dir=\"auto\">", escape_html(evaluation.text(row, key, where)),
                       "</td>");
      const std::string cells =
          change_cells(evaluation.number(row, "base", where), evaluation.number(row, "after", where));
      has[r] = true;
      const auto [place, is_new] =
          places.try_emplace(concat(head, times[head]++), std::min(asked.size(), kMostQuestions));
      if (is_new && asked.size() < kMostQuestions)
        asked.push_back({head, std::vector<std::string>(runs.size())});
      if (place->second == kMostQuestions)
        left_out += is_new;
      else
        asked[place->second].cells[r] = cells;
    });
  }
  if (asked.empty()) return;
  out << "<section id=\"questions\"><h2>Questions</h2><p class=\"hint\">The critic's probability of the "
         "right answer, on the "
         "shown clips, before and after. Press a column's name to sort by it.</p>"
         "<p><label class=\"filter\" hidden>Show those with <input type=\"search\" placeholder=\"a "
         "word\"></label></p>"
         "<div class=\"scroll tall\" tabindex=\"0\" role=\"region\" aria-label=\"questions\"><table "
         "class=\"sortable\"><thead>";
  if (runs.size() > 1) {
    out << "<tr><td colspan=\"4\"></td>";
    for (size_t r = 0; r < runs.size(); ++r)
      if (has[r]) out << "<th scope=\"colgroup\" colspan=\"3\">" << escape_html(runs[r].name) << "</th>";
    out << "</tr>";
  }
  out << "<tr class=\"keys\"><th class=\"text\">prompt</th><th class=\"text\">question</th><th "
         "class=\"text\">aspect</th>"
         "<th class=\"text\">right</th>";
  for (size_t r = 0; r < runs.size(); ++r)
    if (has[r]) out << "<th>before</th><th>after</th><th>change</th>";
  out << "</tr></thead><tbody>";
  for (const Asked& question : asked) {
    out << "<tr>" << question.head;
    for (size_t r = 0; r < runs.size(); ++r)
      if (has[r]) out << (question.cells[r].empty() ? change_cells({}, {}) : question.cells[r]);
    out << "</tr>";
  }
  out << "</tbody></table></div>";
  if (left_out > 0) out << "<p class=\"hint\">" << left_out << " more are left out.</p>";
  out << "</section>";
}

}  // namespace drf::report
