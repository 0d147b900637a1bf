#pragma once
// A whole flow on the bundled models, with the settings, adapters and results of a golden that
// tools/reference/flow.py made.

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "drf/train/session.h"
#include "tests/support/golden.h"
#include "tests/support/temporary_folder.h"

namespace drf::testing {

/// A session as the metadata of tests/goldens/flow_NAME.safetensors describes it.
class FlowCase {
 public:
  /// `change` has the last word on the configuration. The goldens stay on the CPU, wherever the models are.
  explicit FlowCase(const std::string& name, const std::string& recompute = "none",
                    const std::string& dtype = "float64",
                    const std::function<void(train::RunConfig&)>& change = {}, at::Device device = at::kCPU);

  const Golden& golden() const { return golden_; }
  train::Session& session() { return *session_; }
  /// The golden's prompt, noise and questions.
  flow::FlowInput input() { return session_->input(session_->train_set(), {{0, 0}}, Purpose::kNoise); }
  std::vector<std::pair<std::string, at::Tensor>> adapters();
  /// The adapters' gradients in adapters()' order, taken away from them. Undefined where there is none.
  std::vector<at::Tensor> take_gradients();

 private:
  TemporaryFolder folder_;
  Golden golden_;
  std::unique_ptr<train::Session> session_;
};

}  // namespace drf::testing
