#include "drf/writer/validate_duplicates.h"

#include <set>
#include <tuple>

#include "drf/writer/question_words.h"

namespace drf::writer {
namespace {

// What a prompt's questions have asked so far.
struct Asked {
  std::map<std::tuple<int64_t, std::string>, std::pair<bool, std::string>>
      claims;  // by words: claim, question
  std::set<std::pair<int64_t, std::string>> texts;
};

}  // namespace

void check_duplicates(std::vector<Draft>& drafts, Ledger& ledger) {
  Asked asked;
  // Questions with a second clip are about the difference of the two and a matter of their own.
  const auto key_of = [](const critic::Question& q, const std::string& text) {
    const Meaning meaning = meaning_of(text);
    return (q.kind == critic::Kind::kDense ? "open " : "") + (q.reference.empty() ? "" : q.reference + " ") +
           (meaning.key.empty() ? text : meaning.key);
  };
  // A paraphrase means what its question means: its words alone must be its own.
  const auto paraphrase_verdict = [&](const Draft& draft) -> std::optional<Verdict> {
    if (draft.paraphrase.empty() || asked.texts.insert({draft.question.prompt, draft.paraphrase}).second)
      return std::nullopt;
    return Verdict{"the same words", draft.paraphrase, {}, Verdict::Part::kParaphrase};
  };
  drop_where(drafts, ledger, "duplicates", [&](const Draft& draft) -> std::optional<Verdict> {
    const critic::Question& q = draft.question;
    const bool open = q.kind == critic::Kind::kDense;
    const auto claim_of = [&](const std::string& text, const std::string& answer) {
      return open || (answer == "Yes") != meaning_of(text).negated;
    };
    const auto own = std::make_tuple(q.prompt, key_of(q, q.text));
    const bool claim = claim_of(q.text, q.answer);
    const auto earlier = asked.claims.find(own);
    if (earlier != asked.claims.end()) {
      return Verdict{earlier->second.first == claim ? "asked already" : "contradicts another",
                     earlier->second.second};
    }
    if (!asked.texts.insert({q.prompt, q.text}).second) return Verdict{"the same words", q.text};
    asked.claims[own] = {claim, q.text};
    const std::optional<Verdict> again = paraphrase_verdict(draft);
    if (draft.twin.empty()) return again;
    const auto other = std::make_tuple(q.prompt, key_of(q, draft.twin));
    const auto twin_before = asked.claims.find(other);
    if (twin_before != asked.claims.end() || asked.texts.count({q.prompt, draft.twin})) {
      return Verdict{"the twin is asked already",
                     twin_before != asked.claims.end() ? twin_before->second.second : draft.twin,
                     {},
                     Verdict::Part::kTwin};
    }
    asked.texts.insert({q.prompt, draft.twin});
    asked.claims[other] = {claim_of(draft.twin, opposite(q.answer)), draft.twin};
    return again;
  });
}

}  // namespace drf::writer
