#pragma once
// A run as the commands open it.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "drf/train/plan.h"
#include "drf/train/run.h"

namespace drf::testing {

inline std::unique_ptr<train::Run> open_run(const train::RunConfig& config, at::Device device = at::kCPU,
                                            const std::string& dtype = "", train::AdapterFiles trained = {}) {
  train::PromptSets prompts = train::read_prompts(config);
  const train::RunConfig resolved = train::resolve(config, prompts, device, dtype);
  train::BuildOptions options;
  options.device = device;
  options.trained = std::move(trained);
  return std::make_unique<train::Run>(resolved, std::move(prompts), options);
}

}  // namespace drf::testing
