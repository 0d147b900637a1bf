#include "drf/flow/reward_tail.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include "drf/base/error.h"
#include "drf/flow/gradient_scale.h"
#include "drf/media/layout.h"

namespace drf::flow {

namespace {
/// Share of values outside [0, 1]; frame by frame, since a clip's worth of temporaries would count here.
double saturation(const at::Tensor& frames_BF3HW) {
  at::Tensor outside = at::zeros({}, frames_BF3HW.options().dtype(at::kDouble));
  for (const at::Tensor& frame : frames_BF3HW.unbind(1)) {
    outside += frame.lt(0).logical_or_(frame.gt(1)).to(at::kDouble).sum();
  }
  return outside.item<double>() / static_cast<double>(frames_BF3HW.numel());
}

/// c * mean of (distance from [0, 1])^2, and minus its gradient times `scale` added to d_frames: a penalty.
/// Frame by frame, as above. Returns its mean over clips.
double penalise_out_of_range(const at::Tensor& frames_BF3HW, double c, double scale, at::Tensor& d_frames) {
  const auto clips = static_cast<double>(frames_BF3HW.size(0));
  const double values = static_cast<double>(frames_BF3HW.numel()) / clips;
  at::Tensor sum = at::zeros({}, frames_BF3HW.options().dtype(at::kDouble));
  for (int64_t f = 0; f < frames_BF3HW.size(1); ++f) {
    const at::Tensor frame = frames_BF3HW.select(1, f), off = frame - frame.clamp(0, 1);
    sum += off.square().sum(at::kDouble);
    d_frames.select(1, f).sub_(off, 2 * c * scale / values);
  }
  return c * sum.item<double>() / values / clips;
}
}  // namespace

std::vector<at::Tensor> RewardTail::weigh(double gradient_scale, bool with_gradient, const FlowInput& input,
                                          FlowResult& result) const {
  const at::AutoGradMode mode(with_gradient);
  result.by_aspect.clear();
  std::vector<at::Tensor> rewards, objectives;
  for (size_t b = 0; b < input.questions.size(); ++b) {
    at::Tensor& logprobs = result.answers.logprobs[b];
    logprobs = logprobs.detach().set_requires_grad(with_gradient);
    const critic::Reward r = critic::reward(logprobs, input.questions[b], options_.reward);
    rewards.push_back(r.value.detach());
    objectives.push_back(r.objective);
    result.by_aspect.push_back(r.by_aspect);
  }
  result.rewards_B = at::stack(rewards);
  const at::Tensor total = at::stack(objectives).sum();
  std::vector<at::Tensor> d_logprobs;
  if (total.requires_grad()) {
    torch::autograd::backward({total * gradient_scale}, {});
    for (const at::Tensor& logprobs : result.answers.logprobs) d_logprobs.push_back(logprobs.grad());
  }
  for (at::Tensor& logprobs : result.answers.logprobs) logprobs = logprobs.detach();
  return d_logprobs;
}

void RewardTail::evaluate(const FlowInput& input, Pixels pixels, FlowResult& result,
                          StageClock& clock) const {
  const at::NoGradGuard no_graph;
  parking_.begin(Network::kDecoder, clock, Network::kCritic);
  result.frames_BF3HW = decoder_.decode(result.x0, nn::Graph::kNone);
  clock.count(decoder_.flops(result.x0.sizes()), /*pulled=*/false);
  result.stats.saturation = saturation(result.frames_BF3HW);
  if (pixels == Pixels::kAsShown) result.frames_BF3HW = media::as_shown(result.frames_BF3HW);
  clock.lap("decode");
  parking_.begin(Network::kCritic, clock);
  result.answers = critic_.ask(result.frames_BF3HW, options_.fps, input.questions);
  clock.count(result.answers.flops, /*pulled=*/false);
  weigh(1, false, input, result);
  clock.lap("critic");
}

void RewardTail::pull(const FlowInput& input, double gradient_scale, FlowResult& result,
                      StageClock& clock) const {
  result.frames_BF3HW = result.d_frames = result.d_x0 = at::Tensor();  // of an earlier draw
  result.answers = {};
  // A decoder that recomputes keeps little of its own accord, and need not decode a third time.
  const Recompute kept = options_.recompute == Recompute::kBlock ? Recompute::kNone : options_.recompute;
  Stage decode(
      [&](const Stage::Tensors& x0, nn::Graph graph) -> Stage::Tensors {
        clock.count(decoder_.flops(x0[0].sizes()), /*pulled=*/true);
        return {decoder_.decode(x0[0], graph)};
      },
      kept, &clock);
  Stage ask(
      [&](const Stage::Tensors& frames, nn::Graph) {
        critic::Answers answers = critic_.ask(frames[0], options_.fps, input.questions);
        clock.count(answers.flops, /*pulled=*/true);
        result.answers.p_yes = std::move(answers.p_yes);
        return std::move(answers.logprobs);
      },
      Recompute::kNone, &clock);
  parking_.begin(Network::kDecoder, clock, Network::kCritic);
  result.frames_BF3HW = decode.forward({result.x0})[0];
  result.stats.saturation = saturation(result.frames_BF3HW);
  clock.lap("decode");
  parking_.begin(Network::kCritic, clock);
  result.answers.logprobs = ask.forward({result.frames_BF3HW});
  const std::vector<at::Tensor> d_logprobs = weigh(gradient_scale, true, input, result);
  clock.lap("critic");
  if (d_logprobs.empty()) {
    result.d_frames = at::zeros_like(result.frames_BF3HW);
  } else {
    bool passes = false;
    for (size_t b = 0; b < d_logprobs.size(); ++b)
      passes |= d_logprobs[b].defined() && ask.passes_gradient(b);
    if (!passes) fail(ErrorKind::kNumerics, "the critic gave the frames no gradient");
    result.d_frames = ask.pull(d_logprobs, std::vector<LeafGradient*>())[0];
  }
  if (options_.out_of_range > 0) {
    const at::NoGradGuard no_graph;
    result.stats.out_of_range =
        penalise_out_of_range(result.frames_BF3HW, options_.out_of_range, gradient_scale, result.d_frames);
  }
  clock.lap("pull_critic");
  parking_.begin(Network::kDecoder, clock, Network::kGenerator);
  result.d_x0 = decode.pull({result.d_frames})[0];
  clock.lap("pull_decode");
}

}  // namespace drf::flow
