#include "drf/flow/rollout.h"

#include <ATen/ATen.h>

#include "drf/base/interrupt.h"
#include "drf/diffusion/sampler.h"

namespace drf::flow {

at::Tensor roll_out(const GuidedDenoiser& denoiser, const diffusion::Schedule& schedule,
                    const Prepared& prepared, at::Tensor x, const std::vector<diffusion::Move>& moves,
                    const std::function<void(const at::Tensor& x, const diffusion::Move&)>& visit) {
  const at::NoGradGuard no_graph;
  for (const diffusion::Move& move : moves) {
    stop_if_interrupted();
    if (visit) visit(x, move);
    const at::Tensor v = denoiser.velocity(x, schedule.timesteps[move.from], prepared);
    x = diffusion::euler_step(schedule, x, v, move.from, move.to);
  }
  return x;
}

}  // namespace drf::flow
