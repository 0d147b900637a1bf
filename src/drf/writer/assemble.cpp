#include "drf/writer/assemble.h"

#include <algorithm>
#include <set>

#include "drf/base/error.h"
#include "drf/base/random.h"

namespace drf::writer {
namespace {

// A number in [0, 1) that depends on the fact's words and on nothing else that is asked.
double share_of(const critic::Question& q, uint64_t seed) {
  const uint64_t hash = hash_text(concat("held out ", seed, " ", q.prompt, " ", q.text));
  const auto low = static_cast<uint32_t>(hash), high = static_cast<uint32_t>(hash >> 32);
  return philox4x32({low, high, 0, 0}, {low, high})[0] / 4294967296.0;  // the hash alone mixes its ends badly
}

// Which drafts are held out.
std::vector<bool> draw_held_out(const std::vector<Draft>& drafts, const AssembleOptions& options) {
  std::vector<bool> held_out(drafts.size(), false);
  std::map<std::pair<int64_t, critic::Aspect>, std::vector<size_t>> groups;
  for (size_t i = 0; i < drafts.size(); ++i)
    groups[{drafts[i].question.prompt, drafts[i].question.aspect}].push_back(i);
  for (const auto& [key, members] : groups) {
    bool trains = false;
    for (const size_t i : members) {
      const critic::Question& q = drafts[i].question;
      held_out[i] = q.reference.empty() && share_of(q, options.seed) < options.held_out;
      trains = trains || (!held_out[i] && q.weight > 0);
    }
    if (trains) continue;
    for (const size_t i : members) {
      if (drafts[i].question.weight <= 0) continue;
      held_out[i] = false;  // the first that counts
      break;
    }
  }
  return held_out;
}

}  // namespace

std::vector<critic::Question> assemble(const std::vector<Draft>& drafts, const AssembleOptions& options) {
  const std::vector<bool> held_out = draw_held_out(drafts, options);
  std::vector<size_t> order(drafts.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return drafts[a].question.prompt < drafts[b].question.prompt; });
  std::vector<critic::Question> questions;
  std::map<int64_t, int64_t> count;
  for (const size_t i : order) {
    const Draft& draft = drafts[i];
    critic::Question q = draft.question;
    const auto id = [&] { return concat("p", q.prompt, "-q", count[q.prompt]++); };
    q.held_out = held_out[i];
    q.id = id();
    questions.push_back(q);
    if (options.twins && !draft.twin.empty()) {
      critic::Question twin = q;
      twin.id = id();
      twin.text = draft.twin;
      twin.answer = opposite(q.answer);
      twin.weight = draft.twin_weight;
      questions.push_back(std::move(twin));
    }
    if (!draft.paraphrase.empty()) {
      critic::Question again = q;
      again.paraphrase_of = q.id;
      again.id = q.id + "-p";
      again.text = draft.paraphrase;
      questions.push_back(std::move(again));
    }
  }
  return questions;
}

}  // namespace drf::writer
