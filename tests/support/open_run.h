#pragma once
// A run as the commands open it.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "drf/plan/plan.h"
#include "drf/run/run.h"

namespace drf::testing {

inline std::unique_ptr<run::Run> open_run(const run::RunConfig& config, at::Device device = at::kCPU,
                                          const std::string& dtype = "", run::AdapterFiles trained = {}) {
  run::PromptSets prompts = run::read_prompts(config);
  const run::RunConfig resolved = plan::resolve(config, prompts, device, dtype);
  run::BuildOptions options;
  options.device = device;
  options.trained = std::move(trained);
  return std::make_unique<run::Run>(resolved, std::move(prompts), options);
}

}  // namespace drf::testing
