#include "drf/diffusion/schedule.h"

#include <cmath>

#include "drf/base/error.h"

namespace drf::diffusion {
namespace {

double shifted(double sigma, double shift) { return shift * sigma / (1 + (shift - 1) * sigma); }

// n values from first to last inclusive, as numpy.linspace forms them.
std::vector<double> linspace(double first, double last, int64_t n) {
  std::vector<double> values(n, first);
  const double step = n > 1 ? (last - first) / static_cast<double>(n - 1) : 0;
  for (int64_t i = 1; i < n; ++i) values[i] = i == n - 1 ? last : first + static_cast<double>(i) * step;
  return values;
}

Schedule euler(int64_t steps, double shift, int64_t train_steps) {
  // The two ends are float32 in the reference: the training levels 1 and 1/train_steps, shifted once.
  const float s = static_cast<float>(shift);
  const auto shifted_f = [&](float sigma) { return s * sigma / (1 + (s - 1) * sigma); };
  const double top = shifted_f(1.0f), bottom = shifted_f(1.0f / static_cast<float>(train_steps));
  const double n = static_cast<double>(train_steps);
  Schedule schedule;
  for (double t : linspace(top * n, bottom * n, steps)) {
    schedule.sigmas.push_back(static_cast<float>(shifted(t / n, shift)));
    schedule.timesteps.push_back(schedule.sigmas.back() * static_cast<float>(train_steps));
  }
  return schedule;
}

Schedule unipc(int64_t steps, double shift, int64_t train_steps) {
  const double n = static_cast<double>(train_steps);
  std::vector<double> levels = linspace(1.0, 1.0 / n, steps + 1);
  levels.pop_back();
  Schedule schedule;
  for (double level : levels) {
    double sigma = shifted(level, shift);
    if (schedule.sigmas.empty() && std::fabs(sigma - 1) < 1e-6) sigma -= 1e-6;  // keeps log(1 - sigma) finite
    schedule.sigmas.push_back(static_cast<float>(sigma));
    schedule.timesteps.push_back(static_cast<float>(std::trunc(sigma * n)));
  }
  return schedule;
}

Schedule flow(int64_t steps, double shift, int64_t train_steps) {
  const double n = static_cast<double>(train_steps);
  Schedule schedule;
  for (int64_t k = 0; k < steps; ++k) {
    const double level = (1 - 1 / n) * (1 - static_cast<double>(k) / static_cast<double>(steps));
    schedule.sigmas.push_back(static_cast<float>(shifted(level, shift)));
    schedule.timesteps.push_back(schedule.sigmas.back() * static_cast<float>(train_steps));
  }
  return schedule;
}

void check(int64_t steps, double shift) {
  if (steps < 1) fail(ErrorKind::kConfig, "sampling steps is ", steps, ", must be at least 1");
  if (!(shift > 0)) fail(ErrorKind::kConfig, "shift is ", shift, ", must be positive");
}

}  // namespace

SamplerKind parse_sampler(const std::string& name) {
  if (name == "euler") return SamplerKind::kEuler;
  if (name == "unipc") return SamplerKind::kUniPC;
  fail(ErrorKind::kConfig, "sampler is '", name, "', wanted euler or unipc");
}

Schedule make_schedule(SamplerKind kind, int64_t steps, double shift, int64_t num_train_timesteps) {
  check(steps, shift);
  Schedule schedule = kind == SamplerKind::kEuler ? euler(steps, shift, num_train_timesteps)
                                                  : unipc(steps, shift, num_train_timesteps);
  schedule.sigmas.push_back(0.0f);
  return schedule;
}

EulerLevels parse_euler_levels(const std::string& name, const char* key) {
  if (name == "flow") return EulerLevels::kFlow;
  if (name == "diffusers") return EulerLevels::kDiffusers;
  fail(ErrorKind::kConfig, key, " is \"", name, "\", wanted flow or diffusers");
}

Schedule euler_schedule(const ScheduleOptions& o, int64_t num_train_timesteps) {
  if (o.levels == EulerLevels::kDiffusers)
    return make_schedule(SamplerKind::kEuler, o.steps, o.shift, num_train_timesteps);
  check(o.steps, o.shift);
  Schedule schedule = flow(o.steps, o.shift, num_train_timesteps);
  schedule.sigmas.push_back(0.0f);
  return schedule;
}

}  // namespace drf::diffusion
