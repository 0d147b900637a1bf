#include "drf/flow/reward_flow.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include <chrono>

#include "drf/base/error.h"
#include "drf/base/interrupt.h"
#include "drf/diffusion/sampler.h"
#include "drf/nn/lora.h"

namespace drf::flow {
namespace {

class Stopwatch {
 public:
  /// Seconds since the last call.
  double lap() {
    const auto now = std::chrono::steady_clock::now();
    const double seconds = std::chrono::duration<double>(now - last_).count();
    last_ = now;
    return seconds;
  }

 private:
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

double l2(const at::Tensor& t) { return t.norm().item<double>(); }

// The base model while it lives: adapters are there but count nothing. May be nested.
class AdaptersOff {
 public:
  explicit AdaptersOff(nn::Module& root) : adapters_(nn::adapters_of(root)) {
    for (const nn::NamedLinear& layer : adapters_) {
      before_.push_back(layer.linear->lora_strength());
      layer.linear->set_lora_strength(0);
    }
  }
  ~AdaptersOff() {
    for (size_t i = 0; i < adapters_.size(); ++i) adapters_[i].linear->set_lora_strength(before_[i]);
  }
  AdaptersOff(const AdaptersOff&) = delete;
  AdaptersOff& operator=(const AdaptersOff&) = delete;

 private:
  std::vector<nn::NamedLinear> adapters_;
  std::vector<double> before_;
};

// Runs blocks by recompute; x says on which device.
models::RunBlock recomputed(const at::Tensor& x) {
  const at::Tensor anchor = at::zeros({1}, x.options()).set_requires_grad(true);
  return [anchor](const ops::Block& block, const std::vector<at::Tensor>& in) {
    return ops::recompute(block, in, anchor);
  };
}

}  // namespace

RewardFlow::RewardFlow(models::Generator& generator, models::Decoder& decoder, critic::Critic& critic,
                       const FlowOptions& options)
    : generator_(generator), decoder_(decoder), critic_(critic), options_(options) {
  if (options.K < 1 || options.K > options.steps) {
    fail(ErrorKind::kConfig, "flow.K is ", options.K,
         ", must be between 1 and sampling.steps = ", options.steps);
  }
  if (!(options.guidance >= 1)) {
    fail(ErrorKind::kConfig, "sampling.guidance is ", options.guidance,
         ", must be at least 1 (1 turns guidance off)");
  }
  schedule_ = diffusion::make_schedule(diffusion::SamplerKind::kEuler, options.steps, options.shift,
                                       options.num_train_timesteps);
}

at::Tensor RewardFlow::velocity(const at::Tensor& x, int64_t step, const FlowInput& input,
                                const models::RunBlock& run_block) const {
  return diffusion::guided_velocity(
      [&](const at::Tensor& text) {
        return generator_.velocity(x, schedule_.timesteps[step], text, run_block);
      },
      input.text_BSE, input.unconditional_BSE, options_.guidance, options_.guidance_gradient);
}

at::Tensor RewardFlow::rollout(const FlowInput& input, int64_t to_step) const {
  const at::NoGradGuard no_graph;
  at::Tensor x = input.noise_BCTHW;
  for (int64_t step = 0; step < to_step; ++step) {
    stop_if_interrupted();
    x = diffusion::euler_step(schedule_, x, velocity(x, step, input, {}), step);
  }
  return x;
}

at::Tensor RewardFlow::base_velocity(const at::Tensor& x, int64_t step, const FlowInput& input) const {
  nn::Module& root = generator_.adapter_root();
  const AdaptersOff off(root);
  if (options_.recompute != Recompute::kBlock || !at::GradMode::is_enabled())
    return velocity(x, step, input, {});
  // A block is run again in the backward, when `off` is long gone: each turns the adapters off for itself.
  const auto run_again = recomputed(x);
  return velocity(x, step, input,
                  [&root, run_again](const ops::Block& block, const std::vector<at::Tensor>& in) {
                    return run_again(
                        [&root, block](const std::vector<at::Tensor>& inputs) {
                          const AdaptersOff still_off(root);
                          return block(inputs);
                        },
                        in);
                  });
}

StageOutput RewardFlow::differentiable_step(const at::Tensor& x, int64_t step, const FlowInput& input,
                                            double penalty_scale) const {
  const bool blocks = options_.recompute == Recompute::kBlock && at::GradMode::is_enabled();
  const at::Tensor v = velocity(x, step, input, blocks ? recomputed(x) : models::RunBlock());
  StageOutput out{diffusion::euler_step(schedule_, x, v, step), {}};
  if (options_.anchor > 0) {
    // ||v - v_base||^2 summed over a clip's velocity, mean over the K steps; x_k counts as a variable in
    // both.
    out.penalty = (v - base_velocity(x, step, input)).square().sum() *
                  (penalty_scale * options_.anchor / static_cast<double>(options_.K));
  }
  return out;
}

void RewardFlow::ask(const at::Tensor& frames, const FlowInput& input, FlowResult& result,
                     at::Tensor* total) const {
  result.answers = critic_.ask(frames, options_.fps, input.questions);
  std::vector<at::Tensor> rewards;
  for (size_t b = 0; b < input.questions.size(); ++b) {
    const critic::Reward r = critic::reward(result.answers.logprobs[b], input.questions[b], options_.reward);
    rewards.push_back(r.value);
    result.by_aspect.push_back(r.by_aspect);
  }
  const at::Tensor rewards_B = at::stack(rewards);
  if (total) *total = rewards_B.sum();
  result.rewards_B = rewards_B.detach();
  for (at::Tensor& logprobs : result.answers.logprobs) logprobs = logprobs.detach();
  result.stats.saturation =
      frames.detach().lt(0).logical_or(frames.detach().gt(1)).to(at::kDouble).mean().item<double>();
}

at::Tensor RewardFlow::sample(const FlowInput& input) const { return rollout(input, schedule_.steps()); }

FlowResult RewardFlow::evaluate(const FlowInput& input) const {
  const at::NoGradGuard no_graph;
  Stopwatch watch;
  FlowResult result;
  result.x0 = sample(input);
  result.stats.rollout_s = watch.lap();
  result.frames_BF3HW = decoder_.decode(result.x0);
  result.stats.decode_s = watch.lap();
  ask(result.frames_BF3HW, input, result, nullptr);
  result.stats.critic_s = watch.lap();
  return result;
}

FlowResult RewardFlow::run(const FlowInput& input, double gradient_scale) const {
  Stopwatch watch;
  FlowResult result;
  FlowStats& stats = result.stats;
  const double penalty_scale = -gradient_scale;

  // Forward, keeping only the states at the borders of the K steps (and what the stages keep themselves).
  std::vector<Stage> steps;
  for (int64_t step = options_.steps - options_.K; step < options_.steps; ++step) {
    steps.emplace_back(
        [this, step, &input, penalty_scale](const at::Tensor& x) {
          return differentiable_step(x, step, input, penalty_scale);
        },
        options_.recompute);
  }
  Stage decode(
      [this](const at::Tensor& x0) {
        return StageOutput{decoder_.decode(x0), {}};
      },
      options_.recompute);

  result.x_K = rollout(input, options_.steps - options_.K);
  at::Tensor x = result.x_K;
  for (Stage& step : steps) {
    stop_if_interrupted();
    x = step.forward(x);
  }
  result.x0 = x;
  stats.rollout_s = watch.lap();
  result.frames_BF3HW = decode.forward(result.x0);
  stats.decode_s = watch.lap();

  // The critic's graph lives only here.
  {
    const at::AutoGradMode gradient_on(true);
    const at::Tensor frames = result.frames_BF3HW.detach().set_requires_grad(true);
    at::Tensor total;
    ask(frames, input, result, &total);
    stats.critic_s = watch.lap();
    if (total.requires_grad()) {
      torch::autograd::backward({total * gradient_scale}, {});
      if (!frames.grad().defined()) fail(ErrorKind::kNumerics, "the critic gave the frames no gradient");
      result.d_frames = frames.grad();
    } else {  // no clip has a question that counts: with focus, all may be answered with certainty
      result.d_frames = at::zeros_like(frames);
    }
  }
  stats.pull_critic_s = watch.lap();

  result.d_x0 = decode.pull(result.d_frames);
  stats.pull_decode_s = watch.lap();
  at::Tensor d_x = result.d_x0;
  for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
    stop_if_interrupted();
    d_x = step->pull(d_x);
    stats.d_x_norms.push_back(l2(d_x));
    stats.penalty +=
        penalty_scale ? step->penalty() / penalty_scale / static_cast<double>(input.questions.size()) : 0;
  }
  result.d_xK = d_x;
  stats.pull_steps_s = watch.lap();
  stats.d_frames_norm = l2(result.d_frames);
  stats.d_x0_norm = l2(result.d_x0);
  return result;
}

}  // namespace drf::flow
