#include "drf/rewards/residual_score.h"

#include <ATen/ATen.h>

#include "drf/base/error.h"
#include "drf/rewards/residual.h"

namespace drf::rewards {

at::Tensor fields_of_latents(const fields::FieldConfig& config, const at::Tensor& latents_BC1HW) {
  DRF_CHECK(latents_BC1HW.dim() == 5, "latents are [B, C, T, H, W]");
  if (latents_BC1HW.size(2) != 1)
    fail(ErrorKind::kConfig, "a residual is of one field, got ", latents_BC1HW.size(2),
         " frames: set sampling.frames to 1");
  if (latents_BC1HW.size(1) != config.channels()) {
    fail(ErrorKind::kConfig, "the equation ", fields::name_of(config.equation), " has ", config.channels(),
         " channels, the generator gives ", latents_BC1HW.size(1));
  }
  const at::Tensor z = latents_BC1HW.select(2, 0).to(at::kDouble);
  const auto column = [&](const std::vector<double>& values) {
    return at::tensor(values, at::kDouble).to(z.device()).view({-1, 1, 1});
  };
  return z * column(config.std) + column(config.mean);
}

ResidualScores ResidualScore::score(const at::Tensor& latents_BC1HW) const {
  const at::Tensor r =
      residual(config_.equation, fields_of_latents(config_, latents_BC1HW), config_.time_spacing).flatten(1);
  const at::Tensor mean_square = r.square().mean(1), plain = r.detach();
  return {-mean_square / (config_.residual_scale * config_.residual_scale), plain.abs().mean(1),
          mean_square.detach()};
}

}  // namespace drf::rewards
