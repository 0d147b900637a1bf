#pragma once
// The reward of the questions: a critic's log-probabilities of the right answers about each prompt
// (method.md section 5).

#include <map>
#include <string>
#include <vector>

#include "drf/base/random.h"
#include "drf/critic/critic.h"
#include "drf/rewards/reward.h"
#include "drf/rewards/weigh_answers.h"

namespace drf::rewards {

/// By set, one list a prompt.
using Questions = std::map<Split, const std::vector<questions::QuestionList>*>;

struct VlmOptions {
  double fps = 16;  ///< of the generated clip, told to the critic
  WeighOptions weigh;
  std::string
      name;  ///< where other critics are asked as well: ends the names of its parts, facts and tensors
  /// While it trains: the share of a prompt's questions that count nothing, drawn by `seed` at each update.
  double left_out = 0;
  uint64_t seed = 0;
};

/// `questions`, those that are left out without weight: each with a chance of `share`, by its place and
/// `key`. Where none of an aspect's would be left, the one that came nearest stays.
questions::QuestionList leave_out(questions::QuestionList questions, double share, const RandomKey& key);

/// parts: the aspects' weighted means, before lambda. facts: "p_right" over the yes/no questions and
/// "p_right_TA" over those of an aspect, "p_yes" over those whose right answer is yes, "certain" the share
/// with p_right above 0.99 or below 0.01.
/// tensors: "logprobs" [Q] as the reward uses them. With options.name "TA/NAME", "p_right/NAME",
/// "logprobs.NAME". With options.weigh.focus or odds the gradient is that of WeighedAnswers::objective.
class VlmReward : public Reward {
 public:
  /// `critic` and the lists must outlive this.
  VlmReward(critic::Critic& critic, Questions questions, const VlmOptions& options)
      : critic_(critic), questions_(std::move(questions)), options_(options) {}

  bool sees_frames() const override { return true; }
  /// Throws Error(kNumerics) if the critic gives the frames no gradient though they want one.
  Score score(const at::Tensor& frames_BF3HW, const std::vector<Sample>& samples) override;
  nn::Residence* residence() override { return critic_.residence(); }

 private:
  critic::Critic& critic_;
  Questions questions_;
  VlmOptions options_;
};

}  // namespace drf::rewards
