#include "drf/writer/draft.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace drf::writer {
namespace {

const char* name_of(Draft::Origin origin) {
  switch (origin) {
    case Draft::Origin::kWritten:
      return "written";
    case Draft::Origin::kTemplates:
      return "templates";
    case Draft::Origin::kGeneric:
      return "generic";
  }
  return "";
}

const char* name_of(Verdict::Part part) {
  switch (part) {
    case Verdict::Part::kAll:
      return "question";
    case Verdict::Part::kTwin:
      return "twin";
    case Verdict::Part::kParaphrase:
      return "paraphrase";
    case Verdict::Part::kAnswer:
      return "answer";
  }
  return "";
}

std::string to_json_line(const Ledger::Line& line) {
  const questions::Question& q = line.draft.question;
  nlohmann::ordered_json row = {{"prompt", q.prompt},
                                {"aspect", questions::to_string(q.aspect)},
                                {"kind", questions::to_string(q.kind)},
                                {"text", q.text},
                                {"answer", q.answer}};
  if (!line.draft.twin.empty()) row["twin"] = line.draft.twin;
  if (!line.draft.paraphrase.empty()) row["paraphrase"] = line.draft.paraphrase;
  row["source"] = name_of(line.draft.origin);
  row["dropped"] = line.kept ? "nothing" : name_of(line.verdict.part);
  row["check"] = line.check;
  row["reason"] = line.verdict.reason;
  if (!line.verdict.detail.empty()) row["detail"] = line.verdict.detail;
  for (const auto& [name, value] : line.verdict.numbers) row[name] = value;
  // What a model wrote may be any bytes.
  return row.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace

bool Ledger::Line::is_about_words() const {
  return check == "form" || check == "language" || (check == "leading" && verdict.reason != "special token");
}

void Ledger::take_back(const Draft& draft, Verdict::Part part) {
  // What a model wrote in the words of what templates made stays dropped.
  const auto written = [](const Draft& one) { return one.origin == Draft::Origin::kWritten; };
  const questions::Question& q = draft.question;
  for (Line& line : lines_) {
    const questions::Question& of = line.draft.question;
    if (line.verdict.part == part && written(line.draft) == written(draft) && of.prompt == q.prompt &&
        of.aspect == q.aspect && of.text == q.text && of.answer == q.answer)
      line.kept = true;
  }
}

void Ledger::take_back(size_t index, bool twin_goes, const std::string& why) {
  Line& line = lines_.at(index);
  line.kept = !twin_goes;
  if (twin_goes) line.verdict.part = Verdict::Part::kTwin;
  line.verdict.detail += (line.verdict.detail.empty() ? "" : "; ") + why;
}

std::map<std::string, int64_t> Ledger::counts() const {
  std::map<std::string, int64_t> counts;
  for (const Line& line : lines_)
    ++counts[line.check + ": " + line.verdict.reason + (line.kept ? " (kept)" : "")];
  return counts;
}

std::string Ledger::to_json_lines() const {
  std::vector<const Line*> order;
  for (const Line& line : lines_) order.push_back(&line);
  std::stable_sort(order.begin(), order.end(), [](const Line* a, const Line* b) {
    return a->draft.question.prompt < b->draft.question.prompt;
  });
  std::string text;
  for (const Line* line : order) text += to_json_line(*line) + "\n";
  return text;
}

}  // namespace drf::writer
