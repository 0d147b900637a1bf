#include "drf/diffusion/guidance.h"

#include "drf/base/error.h"

namespace drf::diffusion {

GuidanceGradient parse_guidance_gradient(const std::string& name) {
  if (name == "both") return GuidanceGradient::kBoth;
  if (name == "cond") return GuidanceGradient::kConditional;
  fail(ErrorKind::kConfig, "flow.cfg_grad is '", name, "', wanted both or cond");
}

}  // namespace drf::diffusion
