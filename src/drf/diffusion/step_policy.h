#pragma once
// Gradient schedules: which steps of a rollout carry gradient to the adapters. Levels are indices into
// Schedule::sigmas, 0 (noise) to N (the clip).

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace drf::diffusion {

/// One Euler step from level `from` to level `to`, with the velocity at `from`.
struct Move {
  int64_t from = 0, to = 0;
  bool trains = false;  ///< whether its velocity gives the adapters gradient
  bool operator==(const Move&) const = default;
};

/// Single steps from level `begin` to level `end`; those in `trained` (rising) train.
std::vector<Move> single_steps(int64_t begin, int64_t end, const std::vector<int64_t>& trained = {});

/// How one update goes from noise to clip.
struct Walk {
  std::vector<Move> rollout;   ///< first, without gradient; none of them trains
  std::vector<Move> gradient;  ///< then; the first one trains, and the last ends at level N
  /// >= 0: the rollout ends at a clip, which is noised to this level before `gradient`, `draws` times with
  /// independent noise; rewards and gradients are averaged.
  int64_t renoise_to = -1;
  int64_t draws = 1;
  /// `rollout` goes all the way, and `gradient` is leaps that begin and end at states of it.
  bool leap = false;
  /// >= 0: in `gradient` the velocity at this level alone passes gradient to its state.
  int64_t split = -1;
  /// The share that passes at `move`, where `share` passes in general.
  double nested(const Move& move, double share) const { return split < 0 || split == move.from ? share : 0; }
};

struct StepPolicyOptions {
  std::string policy = "last";
  int64_t K = 2;               ///< steps that train, 1 <= K <= N
  std::vector<int64_t> steps;  ///< policy "list": rising steps of 0 .. N-1
  int64_t draws = 2;           ///< policy "low_variance"
  uint64_t seed = 0;           ///< of what is drawn at each update
  int64_t K_min = 0;           ///< policy "last": K is drawn from K_min .. K; 0 = K itself
  int64_t window = 0;          ///< policy "random": stops among the last so many steps; 0 = anywhere
  double bias = 1;             ///< policy "sparse"
  bool leap = false;  ///< two steps that train become Walk::leap's: from the first to the second, to the clip
  bool one_nested = false;  ///< Walk::split is drawn from the levels after the first that trains
};

inline constexpr double kMostBias = 20;  ///< of "sparse": beyond, the draw is all but certain

class StepPolicy {
 public:
  virtual ~StepPolicy() = default;
  /// The walk of update `update` (from 0); a pure function.
  virtual Walk walk(int64_t update) const = 0;
  /// The steps that train in the walk of some update, rising.
  virtual std::vector<int64_t> may_train() const = 0;
};

/// Names of the policies:
///   last          the last K of N steps (DRaFT-K; with K = N everything); K may be drawn (AlignProp, arXiv
///                 2310.03739)
///   random        K steps that end at a random one, whose velocity projects to the clip at once: the steps
///                 after it are left out (ReFL, arXiv 2304.05977, for K = 1)
///   uniform       K steps spread evenly over N, the last one included
///   list          the steps given
///   low_variance  the last step alone, from `draws` re-noisings of the finished clip (DRaFT-LV, arXiv
///                 2309.17400)
///   sparse        K different steps, drawn one by one in proportion to (i + 1)^bias: those with the largest
///                 u_i^(1 / (i + 1)^bias), u_i uniform (Efraimidis and Spirakis, 2006)
const std::vector<std::string>& step_policies();

/// Throws Error(kConfig) for an unknown name or numbers out of range. `steps` is N.
std::unique_ptr<StepPolicy> make_step_policy(const StepPolicyOptions& options, int64_t steps);

}  // namespace drf::diffusion
