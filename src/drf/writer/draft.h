#pragma once
// A question on its way into a question file: with its counterpart, and with what becomes of it.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "drf/questions/questions.h"

namespace drf::writer {

/// One fact that is asked about, by a question and by its twin.
struct Draft {
  enum class Origin { kWritten, kTemplates, kGeneric };
  questions::Question question;  ///< its id is given at the end (assemble.h)
  /// A near question whose answer is the opposite one, "" = none; of yes/no questions only. It is the control
  /// of the question in every test, and is asked as well unless `twin_asked` says no.
  std::string twin;
  double twin_weight = 1;
  bool twin_asked = true;  ///< false: the file does not have the twin, or has it elsewhere
  std::string paraphrase;  ///< the question in other words, "" = none
  std::string fact;        ///< what the question asks, as a statement; "" where nobody said
  Origin origin = Origin::kWritten;
  bool asks_twin() const { return twin_asked && !twin.empty(); }
};

inline std::string opposite(const std::string& answer) { return answer == "Yes" ? "No" : "Yes"; }

/// Why a draft, or a part of it, goes.
struct Verdict {
  enum class Part { kAll, kTwin, kParaphrase, kAnswer };  ///< kAnswer: what should have held questions
  std::string reason;                       ///< few words, the same for the same reason: they are counted
  std::string detail;                       ///< what it was about, "" = nothing to add
  std::map<std::string, double> numbers{};  ///< what was measured, by name
  Part part = Part::kAll;
};

/// What was dropped or weighed down, and why: lines of dropped.jsonl and the counts of --stats.
class Ledger {
 public:
  struct Line {
    Draft draft;
    std::string check;  ///< "form", "language", ...
    Verdict verdict;
    bool kept = false;  ///< with less weight, or asked all the same
    /// Dropped for how something of it was put, which says nothing of what it asks.
    bool is_about_words() const;
  };
  void add(Draft draft, std::string check, Verdict verdict, bool kept = false) {
    lines_.push_back({std::move(draft), std::move(check), std::move(verdict), kept});
  }
  /// `part` of `draft` is asked after all: drops of it become nothing.
  void take_back(const Draft& draft, Verdict::Part part);
  /// The question of line `index` is asked all the same, without its twin if `twin_goes`; `why` is added to
  /// the line.
  void take_back(size_t index, bool twin_goes, const std::string& why);
  /// In the order in which they came.
  const std::vector<Line>& lines() const { return lines_; }
  /// "form: more than one fact" -> how many; what was kept all the same as "blind: ... (kept)".
  std::map<std::string, int64_t> counts() const;
  /// JSON lines by prompt, each with the question, the reason and the numbers behind it (docs/questions.md).
  std::string to_json_lines() const;

 private:
  std::vector<Line> lines_;
};

/// Asks `check` about each draft in turn: a verdict takes it, or the part that the verdict names, away.
template <typename Check>
void drop_where(std::vector<Draft>& drafts, Ledger& ledger, const std::string& name, const Check& check) {
  std::vector<Draft> kept;
  for (Draft& draft : drafts) {
    const std::optional<Verdict> verdict = check(draft);
    if (verdict) ledger.add(draft, name, *verdict);
    if (verdict && verdict->part == Verdict::Part::kAll) continue;
    if (verdict && verdict->part == Verdict::Part::kTwin) draft.twin_asked = false;
    if (verdict && verdict->part == Verdict::Part::kParaphrase) draft.paraphrase.clear();
    kept.push_back(std::move(draft));
  }
  drafts = std::move(kept);
}

}  // namespace drf::writer
