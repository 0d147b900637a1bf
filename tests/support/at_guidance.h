#pragma once
// A denoiser at another guidance than it was opened with.

#include <functional>

#include "drf/models/denoiser.h"

namespace drf::testing {

class AtGuidance : public models::Denoiser {
 public:
  AtGuidance(models::Denoiser& own, std::function<double(double t)> scale)
      : own_(own), scale_(std::move(scale)) {}
  AtGuidance(models::Denoiser& own, double scale) : AtGuidance(own, [scale](double) { return scale; }) {}

  double guidance(double t) const override { return scale_(t); }
  models::Condition encode(const std::string& prompt) override { return own_.encode(prompt); }
  int64_t text_tokens(const std::string& prompt) const override { return own_.text_tokens(prompt); }
  models::Condition prepare(const std::vector<models::Condition>& rows, const nn::BlockRunner& run,
                            size_t component) override {
    return own_.prepare(rows, run, component);
  }
  at::Tensor velocity(const at::Tensor& x, double t, const models::Condition& prepared,
                      const nn::BlockRunner& run) override {
    return own_.velocity(x, t, prepared, run);
  }
  models::Flops velocity_flops(at::IntArrayRef x, double t,
                               const models::Condition& prepared) const override {
    return own_.velocity_flops(x, t, prepared);
  }
  diffusion::Schedule schedule(const diffusion::ScheduleOptions& options) const override {
    return own_.schedule(options);
  }
  std::vector<int64_t> latent_shape(const models::Size& size) const override {
    return own_.latent_shape(size);
  }
  models::Size nearest(const models::Size& size) const override { return own_.nearest(size); }
  std::vector<models::Component> components() override { return own_.components(); }
  size_t component(double t) const override { return own_.component(t); }

 private:
  models::Denoiser& own_;
  std::function<double(double t)> scale_;
};

}  // namespace drf::testing
