#include "drf/diffusion/sampler.h"

#include <ATen/ATen.h>

#include <cmath>

#include "drf/base/error.h"
#include "drf/tensor/precision.h"

namespace drf::diffusion {
namespace {

class EulerSampler : public Sampler {
 public:
  explicit EulerSampler(const Schedule& schedule) : schedule_(schedule) {}
  at::Tensor step(const at::Tensor& x, const at::Tensor& velocity, int64_t step) override {
    return euler_step(schedule_, x, velocity, step, step + 1);
  }

 private:
  Schedule schedule_;
};

// UniPC in its data-prediction B2(h) form (arXiv 2302.04867), predictor and corrector of order at most 2,
// with the lower order at both ends as diffusers' UniPCMultistepScheduler does. lambda = log((1 - sigma) /
// sigma).
class UniPCSampler : public Sampler {
 public:
  UniPCSampler(const Schedule& schedule, int64_t order) : schedule_(schedule), max_order_(order) {}

  at::Tensor step(const at::Tensor& x, const at::Tensor& velocity, int64_t step) override {
    DRF_CHECK(step == steps_taken_, "UniPC steps must come in order");
    const at::Tensor wide = upcast(x);
    const at::Tensor data = wide - static_cast<double>(schedule_.sigmas[step]) * upcast(velocity);
    const at::Tensor corrected = step > 0 ? correct(data, step) : wide;

    data_before_ = data_now_;
    data_now_ = data;
    const int64_t warm_up = std::min(max_order_, step + 1);
    order_ = std::min(warm_up, schedule_.steps() - step);
    last_x_ = corrected;
    ++steps_taken_;
    return predict(corrected, step);
  }

 private:
  struct Level {
    double alpha, sigma, lambda;
  };
  Level level(int64_t i) const {
    const double sigma = schedule_.sigmas[i], alpha = 1 - sigma;
    return {alpha, sigma, std::log(alpha) - std::log(sigma)};
  }
  // The direction from the current data prediction to the one before it, per unit of lambda.
  at::Tensor slope(int64_t from, double h, double* ratio) const {
    *ratio = (level(from - 1).lambda - level(from).lambda) / h;
    return (data_before_ - data_now_) / *ratio;
  }

  at::Tensor predict(const at::Tensor& x, int64_t from) const {
    const Level s = level(from), t = level(from + 1);
    const double h = t.lambda - s.lambda, phi_1 = std::expm1(-h);
    at::Tensor next = (t.sigma / s.sigma) * x - (t.alpha * phi_1) * data_now_;
    if (order_ == 2) {
      double ratio = 0;
      next = next - (t.alpha * phi_1 * 0.5) * slope(from, h, &ratio);
    }
    return next;
  }

  // Redoes the step that led to level `to` now that the data prediction there is known.
  at::Tensor correct(const at::Tensor& data_at_to, int64_t to) const {
    const Level s = level(to - 1), t = level(to);
    const double h = t.lambda - s.lambda, phi_1 = std::expm1(-h);
    const at::Tensor base = (t.sigma / s.sigma) * last_x_ - (t.alpha * phi_1) * data_now_;
    const at::Tensor change = data_at_to - data_now_;
    if (order_ == 1) return base - (t.alpha * phi_1 * 0.5) * change;
    // [1 1; r 1] rho = b, with b_i built from the phi functions of -h.
    double ratio = 0;
    const at::Tensor d1 = slope(to - 1, h, &ratio);
    const double phi_2 = phi_1 / -h - 1, b1 = phi_2 / phi_1, b2 = (phi_2 / -h - 0.5) * 2 / phi_1;
    const double rho_1 = (b1 - b2) / (1 - ratio), rho_2 = b1 - rho_1;
    return base - (t.alpha * phi_1) * (rho_1 * d1 + rho_2 * change);
  }

  Schedule schedule_;
  int64_t max_order_, order_ = 1, steps_taken_ = 0;
  at::Tensor data_now_, data_before_, last_x_;
};

}  // namespace

double step_size(const Schedule& schedule, int64_t from, int64_t to) {
  const float dt = schedule.sigmas[to] - schedule.sigmas[from];  // float32, as the reference holds its sigmas
  return static_cast<double>(dt);
}

at::Tensor euler_step(const Schedule& schedule, const at::Tensor& x, const at::Tensor& velocity, int64_t from,
                      int64_t to) {
  return upcast(x) + step_size(schedule, from, to) * upcast(velocity);
}

std::unique_ptr<Sampler> make_sampler(SamplerKind kind, const Schedule& schedule, int64_t solver_order) {
  if (kind == SamplerKind::kEuler) return std::make_unique<EulerSampler>(schedule);
  return std::make_unique<UniPCSampler>(schedule, solver_order);
}

}  // namespace drf::diffusion
