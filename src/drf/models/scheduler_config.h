#pragma once
// scheduler/scheduler_config.json of a diffusers pipeline: what fills in whatever the command line leaves
// open.

#include <cstdint>
#include <filesystem>
#include <string>

namespace drf::models {

struct SchedulerConfig {
  std::string sampler;  ///< "euler" or "unipc"
  double shift = 1.0;
  int64_t num_train_timesteps = 1000;
  int64_t solver_order = 2;  ///< UniPC's, 1 or 2

  /// FlowMatchEulerDiscreteScheduler or UniPCMultistepScheduler. Keys that are left out have diffusers
  /// 0.42.1's own defaults: shift 1, and for UniPC a model that predicts noise. Throws Error(kInput) for
  /// other schedulers, for one that is not flow matching, given or by default, and for options that are not
  /// supported (dynamic shifting, Karras sigmas, ...).
  static SchedulerConfig read(const std::filesystem::path& file);
};

}  // namespace drf::models
