#include "drf/flow/reward_tail.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include "drf/base/error.h"

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
}  // namespace

void RewardTail::ask(const at::Tensor& frames, const FlowInput& input, FlowResult& result,
                     at::Tensor* total) const {
  result.answers = critic_.ask(frames, options_.fps, input.questions);
  result.by_aspect.clear();
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
  result.stats.saturation = saturation(frames.detach());
}

void RewardTail::evaluate(const FlowInput& input, FlowResult& result, StageClock& clock) const {
  const at::NoGradGuard no_graph;
  parking_.begin(Network::kDecoder, clock, Network::kCritic);
  result.frames_BF3HW = decoder_.decode(result.x0);
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
    } else {  // no clip has a question that counts: with focus, all may be answered with certainty
      result.d_frames = at::zeros_like(frames);
    }
  }
  clock.lap("pull_critic");
  parking_.begin(Network::kDecoder, clock, Network::kGenerator);
  result.d_x0 = decode.pull(result.d_frames);
  clock.lap("pull_decode");
}

}  // namespace drf::flow
