// Which memory settings a run takes where its configuration leaves them to the planner.

#include <algorithm>
#include <limits>

#include "drf/base/error.h"
#include "drf/base/log.h"
#include "drf/train/plan.h"
#include "drf/train/session.h"

namespace drf::train {
namespace {

std::string described(const FlowConfig& flow) {
  return concat("flow.recompute = \"", flow.recompute, "\", flow.cfg_batch = \"", flow.cfg_batch,
                "\", flow.decode_chunk = ", flow.decode_chunk,
                ", flow.decode_stripes = ", flow.decode_stripes);
}

/// From the fastest to the leanest; what the configuration gives is the same in all.
std::vector<RunConfig> candidates(const RunConfig& config) {
  const FlowConfig& given = config.flow;
  std::vector<RunConfig> all;
  const auto add = [&](const char* recompute, const char* cfg_batch, int64_t stripes) {
    RunConfig c = config;
    if (given.recompute == "auto") c.flow.recompute = recompute;
    if (given.cfg_batch == "auto") c.flow.cfg_batch = config.sampling.guidance == 1 ? "off" : cfg_batch;
    if (given.decode_stripes == 0 && given.recompute == "auto") c.flow.decode_stripes = stripes;
    const auto same = [&](const RunConfig& other) { return described(other.flow) == described(c.flow); };
    if (std::none_of(all.begin(), all.end(), same)) all.push_back(std::move(c));
  };
  add("none", "on", 0);
  add("stage", "on", 0);
  add("block", "on", 0);
  add("block", "off", 0);
  add("block", "off", kManyStripes);
  return all;
}

}  // namespace

bool has_auto(const FlowConfig& flow) { return flow.recompute == "auto" || flow.cfg_batch == "auto"; }

RunConfig decide_memory_settings(const RunConfig& config, const PlanOptions& options,
                                 const std::function<int64_t()>& available) {
  const std::vector<RunConfig> all = candidates(config);
  if (all.size() == 1) return all.front();
  const int64_t bytes = available();
  const auto usable = static_cast<int64_t>(kUsableShare * static_cast<double>(bytes));
  const RunConfig* leanest = &all.back();
  int64_t least = std::numeric_limits<int64_t>::max();
  for (const RunConfig& candidate : all) {
    int64_t peak = 0;
    try {
      peak = predict_memory(candidate, options).peak();
    } catch (const c10::Error& e) {  // an operator without a meta form must not stop a run
      log_warning("plan", "memory cannot be predicted (", e.what_without_backtrace(), "); taking ",
                  described(all.back().flow));
      return all.back();
    }
    if (peak < least) {
      least = peak;
      leanest = &candidate;
    }
    if (peak > usable) continue;
    log_info("plan", described(candidate.flow), ": ", readable_bytes(peak), " predicted of ",
             readable_bytes(bytes), " available");
    return candidate;
  }
  log_warning("plan", "no choice of recompute, cfg_batch and decode_stripes fits the ", readable_bytes(bytes),
              " available; taking ", described(leanest->flow), ". drf plan says what else would help");
  return *leanest;
}

void keep_memory_settings(RunConfig& config, const std::filesystem::path& run_config) {
  if (!has_auto(config.flow)) return;
  RunConfig before;
  read_config_file(run_config, fields_of(before));
  if (config.flow.recompute == "auto") {
    config.flow.recompute = before.flow.recompute;
    if (config.flow.decode_stripes == 0) config.flow.decode_stripes = before.flow.decode_stripes;
  }
  if (config.flow.cfg_batch == "auto") config.flow.cfg_batch = before.flow.cfg_batch;
}

}  // namespace drf::train
