#pragma once
// A whole flow on the bundled models, with the settings, adapters and results of a golden that
// tools/reference/flow.py made.

#include <functional>
#include <list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "drf/diffusion/step_policy.h"
#include "drf/flow/rollout.h"
#include "drf/run/run.h"
#include "tests/support/at_guidance.h"
#include "tests/support/golden.h"
#include "tests/support/temporary_folder.h"

namespace drf::testing {

/// A step a character: '.' rolls out without gradient, 't' trains, 'c' passes gradient while what is trained
/// is constant. The last move goes to level `end`, the clip, also where there are fewer characters.
diffusion::Walk walk_of(const std::string& steps, int64_t end);

/// A run as the metadata of tests/goldens/flow_NAME.safetensors describes it.
class FlowCase {
 public:
  /// `change` has the last word on the configuration. The goldens stay on the CPU, wherever the models are.
  explicit FlowCase(const std::string& name, const std::string& recompute = "none",
                    const std::string& dtype = "float64",
                    const std::function<void(run::RunConfig&)>& change = {}, at::Device device = at::kCPU);

  const Golden& golden() const { return golden_; }
  run::Run& opened() { return *run_; }
  /// The golden's prompt, noise and questions.
  flow::Batch batch() { return run_->batches().of(rewards::Split::kTrain, {{0, 0}}, Purpose::kNoise); }
  objectives::Outcome run(const flow::Batch& batch, double scale = 1) {
    return run_->objective().accumulate(batch, scale);
  }
  objectives::Outcome run(double scale = 1) { return run(batch(), scale); }
  flow::Judgement evaluate(const flow::Batch& batch, flow::Pixels pixels) {
    return flow::evaluate(run_->parts(), batch, pixels).judgement;
  }
  /// The run's models with another configuration (`change` has the last word) or other rewards.
  std::unique_ptr<run::Engine> engine(const std::function<void(run::RunConfig&)>& change,
                                      std::vector<flow::Term> rewards = {},
                                      models::Decoder* decoder = nullptr);
  std::vector<std::pair<std::string, at::Tensor>> adapters();
  /// Fresh adapters add nothing: gives their B numbers.
  void move_fresh_adapters();
  /// The adapters' gradients in adapters()' order, taken away from them. Undefined where there is none.
  std::vector<at::Tensor> take_gradients();

 private:
  TemporaryFolder folder_;
  Golden golden_;
  std::unique_ptr<run::Run> run_;
  std::list<AtGuidance> guided_;  // the run's denoiser for other configurations
};

}  // namespace drf::testing
