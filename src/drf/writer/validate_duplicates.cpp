#include "drf/writer/validate_duplicates.h"

#include <map>
#include <set>
#include <utility>

#include "drf/writer/question_words.h"

namespace drf::writer {
namespace {

// What is asked of a prompt, by what it is about.
using Subject = std::pair<int64_t, std::string>;
struct Claim {
  bool holds = false;
  std::string text;
  size_t fact = 0;  // whose it is: counted in the order of the drafts
};
using Claims = std::map<Subject, Claim>;

// Questions with a second clip are about the difference of the two and a matter of their own, open ones too.
Subject subject_of(const questions::Question& q, const std::string& text) {
  return {q.prompt, (q.kind == questions::Kind::kDense ? "open " : "") +
                        (q.reference.empty() ? "" : q.reference + " ") + key_of(text)};
}

bool holds(const questions::Question& q, const std::string& text, const std::string& answer) {
  return q.kind == questions::Kind::kDense || (answer == "Yes") != meaning_of(text).negated;
}

}  // namespace

void check_duplicates(std::vector<Draft>& drafts, Ledger& ledger) {
  Claims claims;
  std::set<std::pair<int64_t, std::string>> texts;  // whatever kind of question they are
  size_t fact = 0;
  drop_where(drafts, ledger, "duplicates", [&](const Draft& draft) -> std::optional<Verdict> {
    const questions::Question& q = draft.question;
    const bool own = holds(q, q.text, q.answer);
    const auto [earlier, fresh] = claims.emplace(subject_of(q, q.text), Claim{own, q.text, fact});
    if (!fresh)
      return Verdict{earlier->second.holds == own ? "asked already" : "contradicts another",
                     earlier->second.text};
    if (!texts.insert({q.prompt, q.text}).second) {
      claims.erase(earlier);
      return Verdict{"the same words", q.text};
    }
    ++fact;
    if (!draft.asks_twin()) return std::nullopt;
    const bool other = holds(q, draft.twin, opposite(q.answer));
    const auto [before, new_twin] =
        claims.emplace(subject_of(q, draft.twin), Claim{other, draft.twin, fact - 1});
    if (new_twin && texts.insert({q.prompt, draft.twin}).second) return std::nullopt;
    return Verdict{
        before->second.holds == other ? "the twin is asked already" : "the twin contradicts another",
        before->second.text,
        {},
        Verdict::Part::kTwin};
  });
  // After all of those, for a paraphrase matters less than any question: it may mean what its own means.
  fact = 0;
  drop_where(drafts, ledger, "duplicates", [&](const Draft& draft) -> std::optional<Verdict> {
    const questions::Question& q = draft.question;
    const size_t own = fact++;
    if (draft.paraphrase.empty()) return std::nullopt;
    const auto gone = [](const std::string& reason, const std::string& detail) {
      return Verdict{reason, detail, {}, Verdict::Part::kParaphrase};
    };
    const bool again = holds(q, draft.paraphrase, q.answer);
    const auto [earlier, fresh] =
        claims.emplace(subject_of(q, draft.paraphrase), Claim{again, draft.paraphrase, own});
    const Claim& claim = earlier->second;
    if (!fresh && claim.holds != again) return gone("the paraphrase contradicts another", claim.text);
    if (!fresh && claim.fact != own) return gone("the paraphrase is asked already", claim.text);
    if (!texts.insert({q.prompt, draft.paraphrase}).second) return gone("the same words", draft.paraphrase);
    return std::nullopt;
  });
}

void ask_lost_twins(std::vector<Draft>& drafts, Ledger& ledger) {
  std::set<Subject> asked;
  std::set<std::pair<int64_t, std::string>> texts;  // whatever kind of question they are
  for (const Draft& draft : drafts) {
    const questions::Question& q = draft.question;
    asked.insert(subject_of(q, q.text));
    if (draft.asks_twin()) asked.insert(subject_of(q, draft.twin));
    for (const std::string& text : {q.text, draft.paraphrase, draft.asks_twin() ? draft.twin : ""})
      texts.insert({q.prompt, text});
  }
  for (Draft& draft : drafts) {
    if (draft.twin.empty() || draft.twin_asked) continue;
    const questions::Question& q = draft.question;
    if (texts.count({q.prompt, draft.twin}) > 0 || !asked.insert(subject_of(q, draft.twin)).second) continue;
    texts.insert({q.prompt, draft.twin});
    draft.twin_asked = true;
    ledger.take_back(draft, Verdict::Part::kTwin);
  }
}

}  // namespace drf::writer
