#pragma once
// What a reward that learns while a run trains asks of it.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "drf/rewards/reward.h"
#include "drf/tensor/state.h"

namespace drf::rewards {

/// The life of one: start(), once the clips of run/learners.h were shown to learn(); then at each update its
/// reward is pulled, and learn() after the optimiser.
class Learner {
 public:
  virtual ~Learner() = default;
  /// The name of the reward whose values it learns. Where nothing is trained, that one counts in its place.
  virtual const std::string& teacher() const = 0;
  /// False until start() is done: what it says means nothing yet.
  virtual bool has_learnt() const = 0;

  /// Before the start clips of the base model come with the teacher's values, clip i as draw i: so many after
  /// one another are of one prompt.
  static constexpr int64_t kClipsAPrompt = 4;
  /// Learns from them. No-op if it has.
  virtual void start() = 0;

  /// Whether it wants to see fresh clips with the teacher's values after update `update` (from 0).
  virtual bool wants_teacher(int64_t update) const = 0;
  /// What was scored for training since the last call: in by_name, its own values of the clips that were
  /// pulled, or its teacher's of others. By its own optimiser; the only call that changes what score() says.
  virtual void learn(const std::vector<Judgement>& seen) = 0;

  /// What it says of itself, for metrics.
  virtual std::map<std::string, double> figures() const = 0;
  /// The same of clips that it and the teacher have scored and that it never learns from; empty if they tell
  /// nothing.
  virtual std::map<std::string, double> figures_of(const std::vector<Judgement>& seen) const = 0;

  /// Everything that a run goes on with to the same bits; once it has learnt. Tensors go to the file that `v`
  /// is at.
  virtual void state(StateVisitor& v) = 0;
};

}  // namespace drf::rewards
