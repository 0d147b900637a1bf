#include "drf/flow/reward_tail.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include "drf/base/error.h"
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

void RewardTail::ask(const at::Tensor& frames, const FlowInput& input, FlowResult& result,
                     at::Tensor* total) const {
  result.answers = critic_.ask(frames, options_.fps, input.questions);
  result.by_aspect.clear();
  std::vector<at::Tensor> rewards, objectives;
  for (size_t b = 0; b < input.questions.size(); ++b) {
    const critic::Reward r = critic::reward(result.answers.logprobs[b], input.questions[b], options_.reward);
    rewards.push_back(r.value.detach());
    objectives.push_back(r.objective);
    result.by_aspect.push_back(r.by_aspect);
  }
  if (total) *total = at::stack(objectives).sum();
  result.rewards_B = at::stack(rewards);
  for (at::Tensor& logprobs : result.answers.logprobs) logprobs = logprobs.detach();
}

void RewardTail::evaluate(const FlowInput& input, Pixels pixels, FlowResult& result,
                          StageClock& clock) const {
  const at::NoGradGuard no_graph;
  parking_.begin(Network::kDecoder, clock, Network::kCritic);
  result.frames_BF3HW = decoder_.decode(result.x0);
  result.stats.saturation = saturation(result.frames_BF3HW);
  if (pixels == Pixels::kAsShown) result.frames_BF3HW = media::as_shown(result.frames_BF3HW);
  clock.lap("decode");
  parking_.begin(Network::kCritic, clock);
  ask(result.frames_BF3HW, input, result, nullptr);
  clock.lap("critic");
}

void RewardTail::pull(const FlowInput& input, double gradient_scale, FlowResult& result,
                      StageClock& clock) const {
  result.frames_BF3HW = result.d_frames = result.d_x0 = at::Tensor();  // of an earlier draw
  result.answers = {};
  // A decoder that recomputes keeps little of its own accord, and need not decode a third time.
  const Recompute kept = options_.recompute == Recompute::kBlock ? Recompute::kNone : options_.recompute;
  Stage decode([this](const at::Tensor& x0) { return StageOutput{decoder_.decode(x0), {}}; }, kept);
  parking_.begin(Network::kDecoder, clock, Network::kCritic);
  result.frames_BF3HW = decode.forward(result.x0);
  result.stats.saturation = saturation(result.frames_BF3HW);
  clock.lap("decode");
  parking_.begin(Network::kCritic, clock);
  {
    const at::AutoGradMode gradient_on(true);
    const at::Tensor frames = result.frames_BF3HW.detach().set_requires_grad(true);
    at::Tensor total;
    ask(frames, input, result, &total);
    clock.lap("critic");
    if (total.requires_grad()) {
      torch::autograd::backward({total * gradient_scale}, {});
      if (!frames.grad().defined()) fail(ErrorKind::kNumerics, "the critic gave the frames no gradient");
      result.d_frames = frames.grad();
    } else {  // no clip has a question that counts
      result.d_frames = at::zeros_like(frames);
    }
    if (options_.out_of_range > 0) {
      const at::NoGradGuard no_graph;
      result.stats.out_of_range =
          penalise_out_of_range(result.frames_BF3HW, options_.out_of_range, gradient_scale, result.d_frames);
    }
  }
  clock.lap("pull_critic");
  parking_.begin(Network::kDecoder, clock, Network::kGenerator);
  result.d_x0 = decode.pull(result.d_frames);
  clock.lap("pull_decode");
}

}  // namespace drf::flow
