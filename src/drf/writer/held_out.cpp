#include "drf/writer/held_out.h"

#include <algorithm>
#include <iomanip>
#include <map>
#include <set>
#include <sstream>
#include <unordered_map>

#include "drf/base/error.h"
#include "drf/base/random.h"
#include "drf/writer/question_words.h"

namespace drf::writer {
namespace {

// Facts that have a meaning in common, as the question of the one and the twin of the other, say; and what
// those have in common with further ones.
class Groups {
 public:
  explicit Groups(const std::vector<Draft>& drafts) {
    for (size_t i = 0; i < drafts.size(); ++i) parent_.push_back(i);
    std::unordered_map<std::string, size_t> first;
    const auto join = [&](size_t i, const std::string& text) {
      const auto [other, fresh] = first.emplace(key_of(text), i);
      if (!fresh) parent_[of(i)] = of(other->second);
    };
    for (size_t i = 0; i < drafts.size(); ++i) {
      join(i, drafts[i].question.text);
      if (drafts[i].asks_twin()) join(i, drafts[i].twin);
      if (!drafts[i].paraphrase.empty()) join(i, drafts[i].paraphrase);
    }
  }
  // The group's name: one of its facts.
  size_t of(size_t fact) {
    while (parent_[fact] != fact) fact = parent_[fact] = parent_[parent_[fact]];
    return fact;
  }

 private:
  std::vector<size_t> parent_;
};

struct Group {
  size_t facts = 0;
  std::set<std::string> questions;  // by meaning
  bool held_out = false;
};

// A number in [0, 1) that depends on what is asked and on nothing else that is.
double share_of(const questions::Question& q, uint64_t seed) {
  const uint64_t hash =
      hash_text(concat("held out ", seed, " ", questions::to_string(q.aspect), " ", key_of(q.text)));
  const auto low = static_cast<uint32_t>(hash), high = static_cast<uint32_t>(hash >> 32);
  return philox4x32({low, high, 0, 0}, {low, high})[0] / 4294967296.0;  // the hash alone mixes its ends badly
}

bool may_train(const Draft& draft) {
  return draft.question.weight > 0 || (draft.asks_twin() && draft.twin_weight > 0);
}

}  // namespace

std::vector<bool> draw_held_out(const std::vector<Draft>& drafts, double share, uint64_t seed) {
  std::vector<bool> held_out(drafts.size(), false);
  if (share <= 0) return held_out;
  Groups names(drafts);
  std::map<size_t, Group> groups;
  for (size_t i = 0; i < drafts.size(); ++i) {
    const auto [at, fresh] = groups.try_emplace(names.of(i));
    Group& group = at->second;
    if (fresh) group.held_out = share_of(drafts[i].question, seed) < share;  // by the first in the file
    ++group.facts;
    group.questions.insert(key_of(drafts[i].question.text));
  }
  for (auto& [name, group] : groups) {
    const bool large = static_cast<double>(group.facts) > share * static_cast<double>(drafts.size());
    if (large && group.questions.size() > 1) group.held_out = false;
  }
  for (size_t i = 0; i < drafts.size(); ++i)
    if (!drafts[i].question.reference.empty()) groups[names.of(i)].held_out = false;

  std::map<std::pair<int64_t, questions::Aspect>, std::vector<size_t>> of_aspect;
  for (size_t i = 0; i < drafts.size(); ++i)
    if (may_train(drafts[i])) of_aspect[{drafts[i].question.prompt, drafts[i].question.aspect}].push_back(i);
  // Who has the least choice first: what it must train on may serve the others.
  std::vector<std::vector<size_t>> choices;
  for (auto& [key, facts] : of_aspect) choices.push_back(std::move(facts));
  std::stable_sort(choices.begin(), choices.end(),
                   [](const auto& a, const auto& b) { return a.size() < b.size(); });
  for (const std::vector<size_t>& facts : choices) {
    Group* smallest = nullptr;
    bool trains = false;
    for (const size_t i : facts) {
      Group& group = groups[names.of(i)];
      trains = trains || !group.held_out;
      if (!smallest || group.facts < smallest->facts) smallest = &group;
    }
    if (!trains) smallest->held_out = false;
  }
  for (size_t i = 0; i < drafts.size(); ++i) held_out[i] = groups[names.of(i)].held_out;
  return held_out;
}

std::string held_out_shares(const std::vector<questions::Question>& questions, double share) {
  std::map<questions::Aspect, std::pair<int64_t, int64_t>> of;
  for (const questions::Question& q : questions) {
    if (!q.paraphrase_of.empty()) continue;
    of[q.aspect].first += q.held_out;
    ++of[q.aspect].second;
  }
  std::ostringstream out;
  out << "held out, where " << 100 * share << " % were asked for" << std::fixed << std::setprecision(1);
  const char* before = ": ";
  for (const auto& [aspect, counts] : of) {
    out << before << questions::to_string(aspect) << " "
        << 100 * static_cast<double>(counts.first) / static_cast<double>(counts.second) << " % of "
        << counts.second;
    before = ", ";
  }
  out << "\n";
  return out.str();
}

}  // namespace drf::writer
