#pragma once
// The memory planner: how much memory a run will take, stage by stage, before a weight is read. It walks the
// real flow on tensors without numbers (tensor/dry_run.h), so that it cannot drift from what it predicts
// (docs/memory.md).

#include <c10/core/Device.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "drf/models/denoiser.h"
#include "drf/run/prompts.h"
#include "drf/tensor/dry_run.h"

namespace drf::plan {

struct StagePlan {
  /// "questions" (a critic that writes them before any other model is there), "loading", "text", one of
  /// flow::stage_names(), "learn", or, where a judge is asked then, "validation".
  std::string stage;
  /// Bytes of weights: allocated, and in mapped files (needed, but not counted by a MemoryMeter). Less than
  /// at first where the text encoder is gone.
  int64_t weights = 0, mapped = 0;
  int64_t kept = 0;  ///< bytes there when the stage begins, beyond the weights: adapters, states, graphs
  int64_t own = 0;   ///< bytes that the stage adds at its worst moment

  /// What a MemoryMeter would show at the worst moment.
  int64_t metered_peak() const { return weights + kept + own; }
  int64_t peak() const { return metered_peak() + mapped; }
};

struct MemoryPlan {
  std::vector<DryRun::Weights> weights;  ///< by checkpoint, as loaded
  int64_t adapters = 0;                  ///< with their gradients and AdamW's moments; part of `kept`
  std::vector<StagePlan> stages;         ///< in the order they run
  int64_t returned = 0;                  ///< bytes of parked weights that come back in an update
  /// Sizes that the generator takes: about half of the frames, and about 3/4 of each side.
  int64_t fewer_frames = 1;
  models::Size smaller_frames;

  const StagePlan& worst() const;  ///< by peak()
  int64_t peak() const { return worst().peak(); }
  /// Of the stages of an update alone.
  int64_t metered_peak() const;
};

struct PlanOptions {
  at::DeviceType device = at::kCPU;  ///< what is planned for; need not be there
  /// The clips to plan for, as indices of training prompts; empty = those with the longest questions.
  std::vector<int64_t> prompts;
};

/// Predicts training by `config`; what is still "auto" is taken at its most generous. Opens the models'
/// configurations, the headers of their weights and tokenizers. Throws as Run does.
MemoryPlan predict_memory(const run::RunConfig& config, const run::PromptSets& prompts,
                          const PlanOptions& options);

/// Bytes that can be had on `device` now. Throws Error(kResources) where that cannot be known.
int64_t available_memory(at::Device device);

/// Share of the available memory that a plan may fill: the rest is for what it does not see.
constexpr double kUsableShare = 0.9;

/// flow.decode_stripes of the leanest settings.
constexpr int64_t kManyStripes = 4;

/// What parking adds to an update, in seconds, at kParkBytesPerSecond: what a PCIe 4 slot of 16 lanes moves
/// from pinned memory. On a run, metrics.jsonl has what it took ("park_s").
constexpr double kParkBytesPerSecond = 25e9;
double park_seconds(const MemoryPlan& plan);

/// `config` with flow.recompute and flow.cfg_batch decided, and with the former flow.decode_stripes, and
/// memory.park: without parking the fastest that fits `available`, else with it, else the leanest there is,
/// with a warning. With recompute = "block" memory.decoder becomes a size: what is then free, where that
/// helps. What is given stays. Logs one line where there was a choice.
run::RunConfig decide_memory_settings(const run::RunConfig& config, const run::PromptSets& prompts,
                                      const PlanOptions& options, const std::function<int64_t()>& available);

/// `config` with all models in `dtype` (--dtype); "" leaves them as they are. A run's folder then says what
/// was run. Throws Error(kConfig) for one that is none.
run::RunConfig with_dtype(run::RunConfig config, const std::string& dtype);

/// `given` with nothing left open: with_dtype(), and decide_memory_settings() for what `device` has free now.
run::RunConfig resolve(const run::RunConfig& given, const run::PromptSets& prompts, at::Device device,
                       const std::string& dtype);

/// Takes settings that `config` leaves to the planner from the config.toml of the run that goes on.
void keep_memory_settings(run::RunConfig& config, const std::filesystem::path& run_config);

/// "1.2 GiB", "34.5 MiB".
std::string readable_bytes(int64_t bytes);

}  // namespace drf::plan
