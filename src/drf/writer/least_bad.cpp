#include "drf/writer/least_bad.h"

#include <algorithm>
#include <optional>
#include <string>

#include "drf/writer/validate_entailment.h"

namespace drf::writer {
namespace {

using Place = std::pair<int64_t, questions::Aspect>;

Place place_of(const Draft& draft) { return {draft.question.prompt, draft.question.aspect}; }

double number_of(const Ledger::Line& line, const char* name, double otherwise) {
  const auto at = line.verdict.numbers.find(name);
  return at == line.verdict.numbers.end() ? otherwise : at->second;
}

bool was_judged(const Ledger::Line& line) {
  return line.check != "entailment" || line.verdict.numbers.count("p_question") > 0;
}

// The larger the better; nothing of what never comes back.
std::optional<double> worth(const Ledger::Line& line) {
  if (line.kept || line.verdict.part != Verdict::Part::kAll) return std::nullopt;
  // True, but said without looking: at worst it teaches nothing.
  if (line.check == "blind") return 2 - number_of(line, "p_blind", 1);
  if (line.check == "entailment") return number_of(line, "p_question", 0.5);
  return std::nullopt;
}

}  // namespace

std::vector<TakenBack> least_bad(const Ledger& ledger, const std::vector<Place>& places,
                                 const std::function<void(std::vector<Draft>&, Ledger&)>& ask) {
  const std::set<Place> empty(places.begin(), places.end());
  std::set<std::pair<int64_t, std::string>> never;  // by a prompt's words, whichever line says so
  for (const Ledger::Line& line : ledger.lines()) {
    if (line.kept || line.verdict.part != Verdict::Part::kAll) continue;
    if (worth(line) || line.check == "duplicates" || line.is_about_words()) continue;
    for (const std::string& text : {line.draft.question.text, line.draft.twin})
      never.insert({line.draft.question.prompt, text});
  }
  std::vector<Draft> candidates;
  for (size_t i = 0; i < ledger.lines().size(); ++i) {
    const Ledger::Line& line = ledger.lines()[i];
    const Place place = place_of(line.draft);
    if (!empty.count(place) || !worth(line) || never.count({place.first, line.draft.question.text})) continue;
    candidates.push_back(line.draft);
    Draft& draft = candidates.back();
    if (number_of(line, "p_twin", 1) <= kEntailed || never.count({place.first, draft.twin}))
      draft.twin.clear();
    if (line.check == "entailment") draft.paraphrase.clear();  // nobody judged it
    draft.question.id = std::to_string(i);                     // its line, until it is chosen
  }
  Ledger unlisted;  // they are listed as dropped already
  if (ask && !candidates.empty()) ask(candidates, unlisted);
  std::vector<TakenBack> taken;
  for (Draft& draft : candidates) {
    const size_t i = std::stoul(draft.question.id);
    const Ledger::Line& line = ledger.lines()[i];
    draft.question.id.clear();
    const bool twin_goes = line.draft.asks_twin() && !draft.asks_twin();
    taken.push_back({std::move(draft), i, twin_goes, *worth(line), was_judged(line)});
  }
  std::stable_sort(taken.begin(), taken.end(), [](const TakenBack& a, const TakenBack& b) {
    return std::pair(place_of(a.draft), -a.worth) < std::pair(place_of(b.draft), -b.worth);
  });
  return taken;
}

}  // namespace drf::writer
