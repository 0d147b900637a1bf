#pragma once
// The differentiable reward flow (method.md sections 2-5): roll out, decode, ask, reward, and the exact
// gradient of the reward through pixels, decoder and the last K steps into the adapters.
//
// Shape letters: B clips, C T H W latent channels, frames, height, width; F frames; S E text tokens, width; Q
// questions.

#include <ATen/core/Tensor.h>

#include <functional>
#include <string>
#include <vector>

#include "drf/critic/critic.h"
#include "drf/critic/reward.h"
#include "drf/diffusion/guidance.h"
#include "drf/diffusion/schedule.h"
#include "drf/flow/stage.h"
#include "drf/models/generator.h"

namespace drf::flow {

struct FlowOptions {
  int64_t steps = 30;  ///< N
  int64_t K = 2;       ///< steps that carry gradient, 1 <= K <= N
  double shift = 3.0;
  double guidance = 1.0;
  diffusion::GuidanceGradient guidance_gradient = diffusion::GuidanceGradient::kBoth;
  Recompute recompute = Recompute::kBlock;
  double fps = 16.0;    ///< of the generated clip, told to the critic
  double anchor = 0.0;  ///< beta of method.md section 6
  critic::RewardOptions reward;
  int64_t num_train_timesteps = 1000;
};

struct FlowInput {
  at::Tensor text_BSE;
  at::Tensor unconditional_BSE;  ///< only used when guidance != 1
  at::Tensor noise_BCTHW;        ///< x_N, float32 or float64: the sampler's state has this dtype
  std::vector<critic::QuestionList> questions;
};

/// Seconds spent in each part, and L2 norms of the gradient on its way.
struct FlowStats {
  double rollout_s = 0, decode_s = 0, critic_s = 0, pull_critic_s = 0, pull_decode_s = 0, pull_steps_s = 0;
  double d_frames_norm = 0, d_x0_norm = 0;
  std::vector<double> d_x_norms;  ///< after pulling step N-1, N-2, ...: the last is that of x_K
  double saturation = 0;          ///< share of pixel values outside [0, 1]
  double penalty = 0;             ///< the anchor's value, mean over clips
};

struct FlowResult {
  at::Tensor rewards_B;
  std::vector<std::map<critic::Aspect, double>> by_aspect;  ///< one a clip
  critic::Answers answers;                                  ///< without graph
  at::Tensor x0, frames_BF3HW;                              ///< without graph
  at::Tensor d_frames, d_x0, x_K, d_xK;  ///< of sum_b R_b * gradient_scale; undefined without gradient
  FlowStats stats;
};

class RewardFlow {
 public:
  /// The parts must outlive the flow. Throws Error(kConfig) unless 1 <= K <= N and guidance >= 1.
  RewardFlow(models::Generator& generator, models::Decoder& decoder, critic::Critic& critic,
             const FlowOptions& options);

  /// x_0 by Euler steps from the noise, without gradient.
  at::Tensor sample(const FlowInput& input) const;

  /// Rollout, frames, answers, rewards; no gradient.
  FlowResult evaluate(const FlowInput& input) const;

  /// As evaluate, and adds the gradient of sum_b R_b * gradient_scale (minus the anchor's penalty, with the
  /// sign of gradient_scale reversed) to the .grad of the adapters. Training passes -1 / batch.
  FlowResult run(const FlowInput& input, double gradient_scale) const;

  const FlowOptions& options() const { return options_; }
  const diffusion::Schedule& schedule() const { return schedule_; }

 private:
  at::Tensor velocity(const at::Tensor& x, int64_t step, const FlowInput& input,
                      const models::RunBlock& run_block) const;
  at::Tensor rollout(const FlowInput& input, int64_t to_step) const;
  StageOutput differentiable_step(const at::Tensor& x, int64_t step, const FlowInput& input,
                                  double penalty_scale) const;
  at::Tensor base_velocity(const at::Tensor& x, int64_t step, const FlowInput& input) const;
  void ask(const at::Tensor& frames, const FlowInput& input, FlowResult& result, at::Tensor* total) const;

  models::Generator& generator_;
  models::Decoder& decoder_;
  critic::Critic& critic_;
  FlowOptions options_;
  diffusion::Schedule schedule_;
};

}  // namespace drf::flow
