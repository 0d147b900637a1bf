#include "drf/diffusion/guidance.h"

#include <ATen/ATen.h>

#include "drf/base/error.h"
#include "drf/tensor/precision.h"

namespace drf::diffusion {

GuidanceGradient parse_guidance_gradient(const std::string& name) {
  if (name == "both") return GuidanceGradient::kBoth;
  if (name == "cond") return GuidanceGradient::kConditional;
  fail(ErrorKind::kConfig, "flow.cfg_grad is '", name, "', wanted both or cond");
}

at::Tensor guided_velocity(const std::function<at::Tensor(const at::Tensor&)>& velocity,
                           const at::Tensor& text, const at::Tensor& unconditional, double scale,
                           GuidanceGradient gradient) {
  const at::Tensor conditional = velocity(text);
  if (scale == 1) return conditional;
  const at::Tensor free = [&] {
    const at::AutoGradMode mode(at::GradMode::is_enabled() && gradient == GuidanceGradient::kBoth);
    return velocity(unconditional);
  }();
  return free + scale * (conditional - free);
}

}  // namespace drf::diffusion
