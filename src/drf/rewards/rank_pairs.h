#pragma once
// Pairs of clips of one prompt, ordered by a teacher: what a surrogate learns from and is judged by.

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "drf/base/random.h"

namespace drf::rewards {

/// A clip among others of its group: those that may be compared, of one prompt.
struct Ranked {
  int64_t group = 0;
  double teacher = 0;
};

/// Positions in a list of Ranked.
struct Pair {
  size_t winner = 0, loser = 0;
};

/// What a teacher's values differ by within a group: the root of the variance around each group's own mean,
/// over all groups of two or more. 0 where no group has two.
double spread_within(const std::vector<Ranked>& clips);

/// Pairs nearer than this share of spread_within() are in no order that means anything: neither learnt from
/// nor counted.
constexpr double kNearest = 0.1;

/// All pairs of one group that are farther apart than `gap`.
std::vector<Pair> all_pairs(const std::vector<Ranked>& clips, double gap);

/// Draws from `clips`, oldest first, a clip and then another of its group that is farther than `gap` from it.
class PairDraw {
 public:
  /// `clips` must outlive this.
  PairDraw(const std::vector<Ranked>& clips, double gap);
  /// `recent`: the first clip is of the newest quarter. None where a number of tries found none.
  std::optional<Pair> draw(RandomStream& stream, bool recent) const;

 private:
  const std::vector<Ranked>& clips_;
  double gap_;
  std::vector<std::vector<size_t>> groups_;  // members of each
  std::vector<size_t> group_of_;             // of each clip, in groups_
};

/// mean softplus(s_loser - s_winner) + 1e-3 mean s^2 over both: the logistic loss of a pair, and what holds
/// the scale. s: [pairs] each.
at::Tensor pair_loss(const at::Tensor& s_winners, const at::Tensor& s_losers);

}  // namespace drf::rewards
