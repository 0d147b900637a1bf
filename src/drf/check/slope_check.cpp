#include "drf/check/slope_check.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "drf/base/interrupt.h"
#include "drf/base/random.h"

namespace drf::check {

std::vector<at::Tensor> moved(const nn::TrainableSet& trained, const std::vector<at::Tensor>& direction,
                              double h) {
  std::vector<at::Tensor> values = trained.standing(nn::TrainableSet::Take::kDetached);
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = at::add(values[i], direction.at(i).to(values[i].options()), h);
  return values;
}

// Rounding moves a reward by about 1e-14, 1e-5 and 1e-2 in the three; a change of the reward has to stand out
// from that by more than the tolerance, and be small enough for the reward's curvature not to show.
SlopeRule slope_rule(at::ScalarType dtype) {
  if (dtype == at::kDouble) return {1e-5, {1e-6, 1e-8, 1e-5, 1e-7}, 1e-6, true};
  if (dtype == at::kFloat) return {2e-2, {1e-2, 3e-3, 3e-2, 1e-1}, 1e-3, false};
  return {0.4, {0.1, 0.3, 1.0}, 1, false};
}

Slope measure_slope(const std::function<double(double h)>& reward_at, double reward, double analytic,
                    const SlopeRule& rule) {
  const double scale =
      std::clamp(std::abs(reward), rule.least, 1.0);  // near 0 all is certain: it moves little
  Slope best{analytic, 0, std::numeric_limits<double>::infinity()};
  for (const double change : rule.changes) {
    stop_if_interrupted();
    const double h = change * scale / std::abs(analytic);
    const double measured = (reward_at(h) - reward_at(-h)) / (2 * h);
    const double error = std::abs(measured / analytic - 1);
    if (error < best.error) best = {analytic, measured, error};
    if (best.error <= rule.tolerance) break;
  }
  return best;
}

Direction make_direction(const std::vector<at::Tensor>& gradient, bool random) {
  Direction direction;
  double square = 0;
  for (const at::Tensor& g : gradient) {
    at::Tensor part = g.detach();
    if (random) {
      const RandomKey key{0, Purpose::kDirection, static_cast<uint32_t>(direction.parts.size()), 0};
      part = at::tensor(normal(key, static_cast<size_t>(g.numel()))).view(g.sizes()).to(g.options());
    }
    square += part.to(at::kDouble).square().sum().item<double>();
    direction.parts.push_back(part);
  }
  for (size_t i = 0; i < gradient.size(); ++i) {
    at::Tensor& part = direction.parts[i];
    if (square > 0) part = part / std::sqrt(square);
    direction.slope += (part.to(at::kDouble) * gradient[i].to(at::kDouble)).sum().item<double>();
  }
  return direction;
}

}  // namespace drf::check
