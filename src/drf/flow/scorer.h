#pragma once
// What all rewards say of finished clips, and the gradient of their weighted sum: decode, score, and back.
// What every update rule shares. One reward's graph is there at a time, and it is gone before the decoder is
// pulled; without a reward that sees frames nothing is decoded.

#include <memory>
#include <string>
#include <vector>

#include "drf/flow/jitter.h"
#include "drf/flow/parking.h"
#include "drf/flow/stage.h"
#include "drf/models/denoiser.h"
#include "drf/rewards/learner.h"

namespace drf::flow {

using rewards::Judgement;

enum class Role {
  kTrains,
  kTeaches,  ///< only asked for values, for a reward that learns them (rewards/learner.h); never a gradient
  kJudges,   ///< scored beside the others, never trained on and no part of their sum
};

/// A reward among others.
struct Term {
  std::string name;
  double weight = 1;
  rewards::Reward* reward;
  Role role = Role::kTrains;
};

/// How rewards are shown a decoder's frames where nothing is learnt.
enum class Pixels {
  kAsTheyAre,  ///< not clamped: what the gradient is of
  kAsShown,    ///< clamped and rounded to 8 bits: what a viewer of a lossless file sees, and what is judged
};

struct ScorerOptions {
  Recompute recompute = Recompute::kBlock;
  /// c >= 0: training climbs R - c * mean of (distance of a value from [0, 1])^2 over a clip's pixel values.
  double out_of_range = 0.0;
  Jitter jitter{};    ///< of what is shown to rewards that train
  double pixels = 0;  ///< the gradient is taken at frames that are moved so far down (moved_down())
};

class Scorer {
 public:
  /// What it is given must outlive it. `decoder` may be null where no reward sees frames.
  Scorer(models::Decoder* decoder, std::vector<Term> terms, const ScorerOptions& options,
         const Parking& parking);

  /// Of latents x0_BCTHW, by teachers and judges as well. No gradient. rewards_B has the teacher's value in
  /// the place of a reward that learns, which is not asked before it has learnt.
  Judgement score(const at::Tensor& x0, const std::vector<rewards::Sample>& samples, Pixels pixels,
                  StageClock& clock) const;
  /// By those that train alone, none of which learns, with pixels as a viewer sees them. No gradient.
  Judgement values(const at::Tensor& x0, const std::vector<rewards::Sample>& samples,
                   StageClock& clock) const;
  /// By those that train, with pixels as they are, and d_x0, d_frames of sum_b weight_B[b] R_b, of clips that
  /// have a view (rewards::Sample) as the options' jitter shows them and at frames moved by `pixels`. `next`:
  /// the network that works after this.
  Judgement pull(const at::Tensor& x0, const std::vector<rewards::Sample>& samples,
                 const at::Tensor& weight_B, nn::Residence* next, StageClock& clock);

  /// Those that learn while a run trains; empty for most.
  std::vector<rewards::Learner*> learners() const;
  /// What the teachers say of finished clips, shown as a viewer sees them. Books stage "learn".
  Judgement observe(const at::Tensor& x0, const std::vector<rewards::Sample>& samples, StageClock& clock);
  /// What was pulled and observed since the last commit() or forget() goes to the learners; after the
  /// optimiser.
  void commit();
  void forget() { seen_.clear(); }
  /// What the learners say of themselves, of other clips if there are any: "rank_accuracy/NAME".
  std::map<std::string, double> figures(const std::vector<Judgement>* clips = nullptr) const;
  /// What the learners remember, a file each.
  void state(StateVisitor& v);

  /// sum_b (R_b - the penalty out_of_range) of given frames, or of latents. No gradient; nothing is booked.
  double sum_of_frames(const at::Tensor& x0, const at::Tensor& frames_BF3HW,
                       const std::vector<rewards::Sample>& samples) const;
  double sum_of(const at::Tensor& x0, const std::vector<rewards::Sample>& samples) const;

  /// Whether rewards that train see frames, or, with all roles, any.
  bool needs_frames(bool all_roles) const;
  const std::vector<Term>& terms() const { return terms_; }

 private:
  std::vector<Term> with(Role role) const;
  Judgement score_by(const std::vector<Term>& terms, const at::Tensor& x0,
                     const std::vector<rewards::Sample>& samples, Pixels pixels, StageClock& clock) const;
  at::Tensor sum(const Judgement& judgement, bool by_teachers) const;

  models::Decoder* decoder_;
  std::vector<Term> terms_;
  ScorerOptions options_;
  const Parking& parking_;
  std::vector<Judgement> seen_;  // since the last commit, where something learns
};

}  // namespace drf::flow
