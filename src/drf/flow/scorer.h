#pragma once
// What all rewards say of finished clips, and the gradient of their weighted sum: decode, score, and back.
// What every update rule shares. One reward's graph is there at a time, and it is gone before the decoder is
// pulled; without a reward that sees frames nothing is decoded.

#include <memory>
#include <string>
#include <vector>

#include "drf/flow/parking.h"
#include "drf/flow/stage.h"
#include "drf/models/denoiser.h"
#include "drf/rewards/reward.h"

namespace drf::flow {

/// A reward among others.
struct Term {
  std::string name;
  double weight = 1;
  rewards::Reward* reward;
  bool judges = false;  ///< scored beside the others, never trained on and no part of their sum
};

/// How rewards are shown a decoder's frames where nothing is learnt.
enum class Pixels {
  kAsTheyAre,  ///< not clamped: what the gradient is of
  kAsShown,    ///< clamped and rounded to 8 bits: what a viewer of a lossless file sees, and what is judged
};

/// What all rewards said of a batch; without graphs.
struct Judgement {
  std::map<std::string, rewards::Score> by_name;
  at::Tensor rewards_B;         ///< sum of weight x total
  at::Tensor x0, frames_BF3HW;  ///< as the rewards were shown them; frames undefined where none sees them
  /// Of sum_b weight_b (R_b - the penalty out_of_range), in the latents through the frames and directly;
  /// undefined without gradient, and d_frames without frames.
  at::Tensor d_frames, d_x0;
  double saturation = 0;    ///< share of pixel values outside [0, 1], before any clamping
  double out_of_range = 0;  ///< ScorerOptions::out_of_range's term, mean over clips; not in rewards_B
};

struct ScorerOptions {
  Recompute recompute = Recompute::kBlock;
  /// c >= 0: training climbs R - c * mean of (distance of a value from [0, 1])^2 over a clip's pixel values.
  double out_of_range = 0.0;
};

class Scorer {
 public:
  /// What it is given must outlive it. `decoder` may be null where no reward sees frames.
  Scorer(models::Decoder* decoder, std::vector<Term> terms, const ScorerOptions& options,
         const Parking& parking);

  /// Of latents x0_BCTHW, by the judges as well. No gradient.
  Judgement score(const at::Tensor& x0, const std::vector<rewards::Sample>& samples, Pixels pixels,
                  StageClock& clock) const;
  /// Without the judges, with pixels as they are, and d_x0, d_frames of sum_b weight_B[b] R_b. `next`: the
  /// network that works after this.
  Judgement pull(const at::Tensor& x0, const std::vector<rewards::Sample>& samples,
                 const at::Tensor& weight_B, nn::Residence* next, StageClock& clock) const;
  /// sum_b (R_b - the penalty out_of_range) of given frames, or of latents. No gradient; nothing is booked.
  double sum_of_frames(const at::Tensor& x0, const at::Tensor& frames_BF3HW,
                       const std::vector<rewards::Sample>& samples) const;
  double sum_of(const at::Tensor& x0, const std::vector<rewards::Sample>& samples) const;

  bool needs_frames(bool with_judges) const;
  const std::vector<Term>& terms() const { return terms_; }

 private:
  std::vector<Term> trained() const;
  void add(const Term& term, rewards::Score score, Judgement& judgement) const;

  models::Decoder* decoder_;
  std::vector<Term> terms_;
  ScorerOptions options_;
  const Parking& parking_;
};

}  // namespace drf::flow
