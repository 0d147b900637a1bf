#include "drf/rewards/rank_pairs.h"

#include <ATen/ATen.h>

#include <cmath>
#include <map>

namespace drf::rewards {

double spread_within(const std::vector<Ranked>& clips) {
  struct Sums {
    double count = 0, mean = 0, squares = 0;  // Welford's
  };
  std::map<int64_t, Sums> groups;
  for (const Ranked& clip : clips) {
    Sums& sums = groups[clip.group];
    const double delta = clip.teacher - sums.mean;
    sums.mean += delta / ++sums.count;
    sums.squares += delta * (clip.teacher - sums.mean);
  }
  double squares = 0, free = 0;
  for (const auto& [group, sums] : groups) {
    squares += sums.squares;
    free += sums.count - 1;
  }
  return free > 0 ? std::sqrt(squares / free) : 0;
}

namespace {
/// In the teacher's order; none if they are too near, or not finite.
std::optional<Pair> ordered(const std::vector<Ranked>& clips, size_t a, size_t b, double gap) {
  const double ahead = clips[a].teacher - clips[b].teacher;
  if (!(std::abs(ahead) > gap)) return {};
  return ahead > 0 ? Pair{a, b} : Pair{b, a};
}
}  // namespace

std::vector<Pair> all_pairs(const std::vector<Ranked>& clips, double gap) {
  std::vector<Pair> pairs;
  for (size_t a = 0; a < clips.size(); ++a) {
    for (size_t b = a + 1; b < clips.size(); ++b) {
      if (clips[a].group != clips[b].group) continue;
      if (const auto pair = ordered(clips, a, b, gap)) pairs.push_back(*pair);
    }
  }
  return pairs;
}

PairDraw::PairDraw(const std::vector<Ranked>& clips, double gap) : clips_(clips), gap_(gap) {
  std::map<int64_t, size_t> known;
  for (size_t i = 0; i < clips.size(); ++i) {
    const auto [at, is_new] = known.emplace(clips[i].group, groups_.size());
    if (is_new) groups_.emplace_back();
    groups_[at->second].push_back(i);
    group_of_.push_back(at->second);
  }
}

std::optional<Pair> PairDraw::draw(RandomStream& stream, bool recent) const {
  // Enough for groups of which most have one clip; a prompt whose clips are all alike costs no more.
  constexpr int kTries = 100;
  if (clips_.empty()) return {};
  const size_t newest = (clips_.size() + 3) / 4, begin = recent ? clips_.size() - newest : 0;
  for (int i = 0; i < kTries; ++i) {
    const size_t a = begin + static_cast<size_t>(stream.next_below(clips_.size() - begin));
    const std::vector<size_t>& members = groups_[group_of_[a]];
    const size_t b = members[static_cast<size_t>(stream.next_below(members.size()))];
    if (const auto pair = ordered(clips_, a, b, gap_)) return pair;  // a == b is too near itself
  }
  return {};
}

at::Tensor pair_loss(const at::Tensor& s_winners, const at::Tensor& s_losers) {
  constexpr double kHold = 1e-3;
  return at::softplus(s_losers - s_winners).mean() +
         kHold / 2 * (s_winners.square().mean() + s_losers.square().mean());
}

}  // namespace drf::rewards
