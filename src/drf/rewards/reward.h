#pragma once
// What a reward is to the rest of the program: what was generated goes in, a number a sample comes out, with
// a gradient back. Another reward is another class here and one line where rewards are opened.
//
// Shape letters: B samples, F frames, C T H W latent channels, frames, height, width.

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "drf/models/flops.h"

namespace drf::nn {
class Residence;
}

namespace drf::rewards {

enum class Split { kTrain, kHeldOut };

/// Who a row of a batch is: the draw-th clip of a prompt of a set.
struct Sample {
  Split split = Split::kTrain;
  int64_t prompt = 0, draw = 0;
  std::string text;  ///< the prompt's
  /// In training the update's number, by which what rewards are shown and asked is drawn ([robust]); -1: they
  /// are shown and asked all as it is.
  int64_t view = -1;
};

struct Mean {
  double sum = 0;
  int64_t count = 0;
};

struct Score {
  at::Tensor total_B;                                ///< float32 or wider, with the graph of what was seen
  std::vector<std::map<std::string, double>> parts;  ///< of each sample, where they count: "TA"
  std::vector<std::map<std::string, Mean>> facts;    ///< shown, not rewarded: "p_right", "certain"
  std::map<std::string, std::vector<at::Tensor>> tensors;  ///< for files, one a sample: "logprobs"; no graph
  /// About the largest |d total / d output| of a network that computes in a half type: backwards through it
  /// are scaled to suit (flow/gradient_scale.h).
  double steepness = 1;
  models::Flops flops{};
};

/// What all rewards said of a batch; without graphs.
struct Judgement {
  std::vector<Sample> samples{};
  std::map<std::string, Score> by_name{};
  at::Tensor rewards_B{};           ///< sum of weight x total
  at::Tensor x0{}, frames_BF3HW{};  ///< as the rewards were shown them; frames undefined where none sees them
  /// Of sum_b weight_b (R_b - the penalty out_of_range), in the latents through the frames and directly;
  /// undefined without gradient, and d_frames without frames.
  at::Tensor d_frames{}, d_x0{};
  double saturation = 0;    ///< share of pixel values outside [0, 1], before any clamping
  double out_of_range = 0;  ///< ScorerOptions::out_of_range's term, mean over clips; not in rewards_B
};

class Learner;

class Reward {
 public:
  virtual ~Reward() = default;
  /// Else latents.
  virtual bool sees_frames() const = 0;
  /// seen: frames [B,F,3,H,W] in [0, 1], any real values, or latents [B,C,T,H,W]. One sample a row; rows are
  /// independent. With a graph where `seen` requires grad.
  virtual Score score(const at::Tensor& seen, const std::vector<Sample>& samples) = 0;
  /// Throws Error(kInput) for prompts that it could not read. Called once, before any work.
  virtual void check_prompts(const std::vector<std::string>& /*prompts*/) {}
  /// Where its network's weights are (nn/residence.h); null if they cannot be parked. score() brings them
  /// back, the backward of what it gave does not.
  virtual nn::Residence* residence() { return nullptr; }
  /// Itself as one that learns while a run trains (learner.h), or null.
  virtual Learner* learner() { return nullptr; }
};

}  // namespace drf::rewards
