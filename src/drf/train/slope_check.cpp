#include "drf/train/slope_check.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "drf/base/interrupt.h"
#include "drf/base/random.h"
#include "drf/diffusion/sampler.h"

namespace drf::train {
namespace {

// What stands in the slots, moved by h times a direction.
std::vector<at::Tensor> moved(const nn::TrainableSet& trained, const std::vector<at::Tensor>& direction,
                              double h) {
  std::vector<at::Tensor> values = trained.standing(nn::TrainableSet::Take::kDetached);
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = at::add(values[i], direction.at(i).to(values[i].options()), h);
  return values;
}

}  // namespace

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

double RewardFrom::frames(const at::Tensor& x0, const at::Tensor& frames_BF3HW) const {
  return flow_.scorer().sum_of_frames(x0, frames_BF3HW, input_.samples);
}

double RewardFrom::clip(const at::Tensor& x0) const { return flow_.scorer().sum_of(x0, input_.samples); }

bool RewardFrom::conditional() const {
  const flow::Guidance& guidance = flow_.options().guidance;
  return guidance.scale != 1 && guidance.gradient == diffusion::GuidanceGradient::kConditional;
}

at::Tensor RewardFrom::walk(at::Tensor x, const std::vector<at::Tensor>& direction, double h,
                            const Held* held, Held* seen) const {
  const at::NoGradGuard no_graph;
  flow_.parking().begin(flow_.network());
  const flow::GuidedDenoiser guided(denoiser_, trained_, flow_.options().guidance);
  const std::vector<at::Tensor> as_they_stand = trained_.standing(nn::TrainableSet::Take::kDetached),
                                moved_values =
                                    direction.empty() ? as_they_stand : moved(trained_, direction, h);
  const auto read = [&] { return guided.prepare(input_.conditions, input_.unconditional); };
  const auto taken = [&](bool trains) { return trained_.with(trains ? moved_values : as_they_stand); };
  const flow::Prepared constant = read();
  const flow::Prepared trained = [&] {
    const auto now = taken(true);
    return read();
  }();
  size_t i = 0;
  for (const diffusion::Move& move : flow_.policy().walk(input_.update).gradient) {
    stop_if_interrupted();
    const auto now = taken(move.trains);
    const flow::Prepared& prompts = move.trains ? trained : constant;
    const double timestep = flow_.schedule().timesteps[move.from];
    const at::Tensor at = held && flow_.options().detach_input ? held->states.at(i) : x;
    const auto conditional_velocity = [&] {
      return guided.branches(at, timestep, prompts, flow::Which::kConditional).conditional;
    };
    const at::Tensor v = held && conditional() ? conditional_velocity() + held->rest.at(i)
                                               : guided.velocity(at, timestep, prompts);
    if (seen) {
      seen->states.push_back(x);
      if (conditional()) seen->rest.push_back(v - conditional_velocity());
    }
    x = diffusion::euler_step(flow_.schedule(), x, v, move.from, move.to);
    ++i;
  }
  return x;
}

RewardFrom::Held RewardFrom::held_from(const at::Tensor& x_K) const {
  Held held;
  walk(x_K, {}, 0, nullptr, &held);
  return held;
}

double RewardFrom::state(const at::Tensor& x_K, const std::vector<at::Tensor>& direction, double h,
                         const Held* held) const {
  return clip(walk(x_K, direction, h, held, nullptr));
}

}  // namespace drf::train
