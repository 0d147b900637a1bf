#pragma once
// A reward that is learnt (LaSRO): a small network on latents that ranks clips of one prompt as another
// reward, its teacher, does. Training climbs the network; the teacher is only asked for numbers, now and
// then, and need not be differentiable.
//
// Before the first update the network learns from clips of the base model, and a share of them that it does
// not learn from says whether it ranks as its teacher. While training, every so many updates the teacher
// scores fresh clips: how the network ranked them before it saw their scores is what the run shows.
//
// Differs from LaSRO: the reward is normalised by a running mean and deviation and bounded, and the
// regulariser is train.anchor.

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "drf/models/condition.h"
#include "drf/nn/adamw.h"
#include "drf/rewards/learner.h"
#include "drf/rewards/replay.h"
#include "drf/rewards/reward.h"
#include "drf/rewards/surrogate_network.h"

namespace drf::rewards {

struct SurrogateOptions {
  std::string name, teacher;  ///< as Judgement::by_name calls them
  int64_t start_clips = 800;  ///< of the base model, before the first update
  int64_t start_steps = 2000;
  double start_accuracy = 0.7;               ///< of held-out pairs; below it the run does not start
  int64_t learn_every = 4, learn_steps = 4;  ///< updates between lessons, and steps of one
  int64_t buffer = 2048;                     ///< clips
  uint64_t seed = 0;
  std::vector<int64_t> latents_CTHW;
  at::TensorOptions tensors;  ///< float32 or wider, and the device
  /// The mean of a prompt's text states: [E], the same E for all; E may be 0.
  std::function<at::Tensor(const std::string& text)> text_of;
};

/// The mean over tokens of all that an encoder says of a prompt, one after another, in float32: [E].
at::Tensor mean_states(const models::Condition& condition);

class SurrogateReward : public Reward, public Learner {
 public:
  explicit SurrogateReward(SurrogateOptions options);

  bool sees_frames() const override { return false; }
  /// total_B = clip((s - m) / d, -3, 3), m and d running mean and deviation of s over the training clips,
  /// constants to the gradient. tensors: "s", one a sample.
  Score score(const at::Tensor& latents_BCTHW, const std::vector<Sample>& samples) override;
  Learner* learner() override { return this; }

  const std::string& teacher() const override { return options_.teacher; }
  bool has_learnt() const override { return started_ != 0; }
  /// One group of clips in five is not learnt from. Throws Error(kNumerics) if those are not ranked as
  /// options.start_accuracy wants; Interrupted.
  void start() override;
  bool wants_teacher(int64_t update) const override { return (update + 1) % options_.learn_every == 0; }
  void learn(const std::vector<Judgement>& seen) override;
  /// "rank_accuracy": share of the last pairs of clips, not learnt from by then, that were ranked as the
  /// teacher does, once there are enough; "pair_loss" of the last step.
  std::map<std::string, double> figures() const override;
  std::map<std::string, double> figures_of(const std::vector<Judgement>& seen) const override;
  /// Everything that a run goes on with to the same bits; after start() alone.
  void state(StateVisitor& v) override;

 private:
  at::Tensor texts_of(const std::vector<Sample>& samples);
  double gap() const { return kNearest * spread_within(replay_.ranked()); }
  /// Of all clips of `replay`, without a graph, in float64 on the CPU.
  std::vector<double> scores_of(const Replay& replay);
  /// How pairs of clips that were not learnt from were ranked, to recent_. Returns {right, pairs}.
  std::pair<int64_t, int64_t> examine(const std::vector<Ranked>& clips, const std::vector<double>& s);
  void step(bool half_recent);
  at::Tensor loss_of(const Replay::Batch& winners, const Replay::Batch& losers);
  void walk();  // a step in a dry run (dry_run.h)

  const SurrogateNetwork& network(int64_t text_width);
  at::Tensor score_of(const at::Tensor& latents_BCTHW, const at::Tensor& text_BE);

  SurrogateOptions options_;
  std::unique_ptr<SurrogateNetwork> network_;  // made at its first use, when the width of texts is known
  std::unique_ptr<nn::AdamW> optimizer_;
  Replay replay_, held_out_;  // held_out_: before the start
  at::Tensor walked_replay_;
  std::unordered_map<std::string, at::Tensor> texts_;
  int64_t started_ = 0, steps_ = 0;  // started_: 0 or 1
  int64_t clips_seen_ = 0;           // before the start
  double mean_ = 0, variance_ = 1, pair_loss_ = 0;
  std::vector<double> recent_;  // 1 or 0 a pair, the oldest first
};

}  // namespace drf::rewards
