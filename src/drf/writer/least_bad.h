#pragma once
// What an aspect of a prompt asks where everything was dropped: of what a check of opinion took away (the
// language model did not find it in the caption, the critic was sure of it without looking) the one that it
// held least against. What is wrong on real clips of the caption, what the critic cannot read, what is no
// question by its form or language, and what repeats another question never comes back. Of what entailment
// dropped no paraphrase does, which it did not come to judge.

#include <functional>
#include <set>
#include <vector>

#include "drf/writer/draft.h"

namespace drf::writer {

struct TakenBack {
  Draft draft;
  size_t line = 0;         ///< of the ledger
  bool twin_goes = false;  ///< it is not asked, as it was to be
  double worth = 0;
  bool judged = true;
  /// Nothing tells what nobody judged from one another.
  bool is_as_good_as(const TakenBack& other) const {
    return !judged && !other.judged && draft.origin == other.draft.origin;
  }
};

/// What may be asked of `places` (a prompt and an aspect), by place and the best first. Those that the blind
/// test dropped come first, the least certain of them; then those of entailment by p_question, where what
/// nobody judged counts as .5. A twin of p_twin up to kEntailed goes. `ask` drops of the candidates of all
/// places what must not be asked; empty = nobody is asked.
std::vector<TakenBack> least_bad(const Ledger& ledger,
                                 const std::vector<std::pair<int64_t, questions::Aspect>>& places,
                                 const std::function<void(std::vector<Draft>&, Ledger&)>& ask);

}  // namespace drf::writer
