#include "drf/writer/assemble.h"

#include <algorithm>

#include "drf/base/error.h"
#include "drf/writer/held_out.h"

namespace drf::writer {
std::vector<questions::Question> assemble(const std::vector<Draft>& drafts, const AssembleOptions& options) {
  const std::vector<bool> held_out = draw_held_out(drafts, options.held_out, options.seed);
  std::vector<size_t> order(drafts.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return drafts[a].question.prompt < drafts[b].question.prompt; });
  std::vector<questions::Question> questions;
  std::map<int64_t, int64_t> count;
  for (const size_t i : order) {
    const Draft& draft = drafts[i];
    questions::Question q = draft.question;
    const auto id = [&] { return concat("p", q.prompt, "-q", count[q.prompt]++); };
    q.held_out = held_out[i];
    q.id = id();
    questions.push_back(q);
    if (draft.asks_twin()) {
      questions::Question twin = q;
      twin.id = id();
      twin.text = draft.twin;
      twin.answer = opposite(q.answer);
      twin.weight = draft.twin_weight;
      questions.push_back(std::move(twin));
    }
    if (!draft.paraphrase.empty()) {
      questions::Question again = q;
      again.paraphrase_of = q.id;
      again.id = q.id + "-p";
      again.text = draft.paraphrase;
      questions.push_back(std::move(again));
    }
  }
  return questions;
}

}  // namespace drf::writer
