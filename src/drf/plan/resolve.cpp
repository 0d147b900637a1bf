// Which memory settings a run takes where its configuration leaves them to the planner.

#include <algorithm>
#include <filesystem>
#include <limits>

#include "drf/base/byte_size.h"
#include "drf/base/error.h"
#include "drf/base/log.h"
#include "drf/plan/plan.h"
#include "drf/run/run_record.h"

namespace drf::plan {
namespace {

std::string described(const run::RunConfig& c) {
  const run::FlowConfig& flow = c.flow;
  return concat("flow.recompute = \"", flow.recompute, "\", flow.cfg_batch = \"", flow.cfg_batch,
                "\", flow.decode_chunk = ", flow.decode_chunk,
                ", flow.decode_stripes = ", flow.decode_stripes, ", memory.park = \"", c.memory.park, "\"",
                run::leaves_decoder_memory(c) || flow.recompute != "block"
                    ? ""
                    : concat(", memory.decoder = \"", c.memory.decoder, "\""));
}

/// From the fastest to the leanest, first without parking; what the configuration gives is the same in all.
std::vector<run::RunConfig> candidates(const run::RunConfig& config, bool may_park) {
  const run::FlowConfig& given = config.flow;
  std::vector<run::RunConfig> all;
  const auto add = [&](const char* recompute, const char* cfg_batch, int64_t stripes, const char* park) {
    run::RunConfig c = config;
    if (given.recompute == "auto") c.flow.recompute = recompute;
    if (given.cfg_batch == "auto") c.flow.cfg_batch = config.sampling.guidance == 1 ? "off" : cfg_batch;
    if (given.decode_stripes == 0 && given.recompute == "auto") c.flow.decode_stripes = stripes;
    if (config.memory.park == "auto") c.memory.park = park;
    const auto same = [&](const run::RunConfig& other) { return described(other) == described(c); };
    if (std::none_of(all.begin(), all.end(), same)) all.push_back(std::move(c));
  };
  for (const char* park : {"off", "on"}) {
    if (park == std::string("on") && !may_park) break;
    add("none", "on", 0, park);
    add("stage", "on", 0, park);
    add("block", "on", 0, park);
    add("block", "off", 0, park);
    add("block", "off", kManyStripes, park);
  }
  return all;
}

/// What the files of the networks that can be parked hold: the most that parking could save.
int64_t parkable_bytes(const run::RunConfig& config) {
  namespace fs = std::filesystem;
  int64_t bytes = 0;
  std::vector<fs::path> folders{fs::path(config.generator.path) / "transformer",
                                fs::path(config.generator.path) / "transformer_2"};
  if (config.asks_critic()) folders.emplace_back(config.critic.path);
  for (const run::RewardTermConfig& term : config.rewards)
    if (!term.path.empty()) folders.emplace_back(term.path);
  for (const fs::path& folder : folders) {
    std::error_code ec;  // a folder that is not there is reported where it is opened
    for (fs::directory_iterator file(folder, ec), end; !ec && file != end; file.increment(ec)) {
      if (file->path().extension() != ".safetensors") continue;
      std::error_code none;
      const auto size = file->file_size(none);
      if (!none) bytes += static_cast<int64_t>(size);
    }
  }
  return bytes;
}

/// The least for the decoder's walk, as a size: what is recorded is not decided again.
run::RunConfig with_least_decoder(run::RunConfig config) {
  if (run::leaves_decoder_memory(config)) config.memory.decoder = run::kLeastDecoderMemory;
  return config;
}

/// The decoder's walk gets what is free. Its budget is not the same as what it takes: it is tried, the
/// largest first, and stays as little as it was where more saves nothing.
run::RunConfig with_spent_memory(run::RunConfig config, const run::PromptSets& prompts,
                                 const PlanOptions& options, int64_t usable) {
  if (!run::leaves_decoder_memory(config)) return config;
  config = with_least_decoder(std::move(config));
  const auto most_while_kept = [](const MemoryPlan& plan) {
    int64_t most = 0;
    for (const StagePlan& s : plan.stages) {
      const bool keeps =
          s.stage == "decode" || s.stage == "critic" || s.stage == "pull_critic" || s.stage == "pull_decode";
      if (keeps) most = std::max(most, s.peak());
    }
    return most;
  };
  const int64_t before = most_while_kept(predict_memory(config, prompts, options));
  for (const int64_t share : {2, 4, 8}) {
    run::RunConfig more = config;
    const int64_t bytes = (usable - before) / share + *parse_byte_size(run::kLeastDecoderMemory);
    more.memory.decoder = concat(bytes >> 20, "MiB");
    const MemoryPlan plan = predict_memory(more, prompts, options);
    if (most_while_kept(plan) == before) return config;
    if (plan.peak() <= usable) return more;
  }
  return config;
}

/// Begins the ways back early where there is room for that. Not on the CPU, which copies nothing meanwhile.
run::RunConfig with_early_return(run::RunConfig config, const run::PromptSets& prompts,
                                 const PlanOptions& options, int64_t usable) {
  if (config.memory.park != "on" || options.device == at::kCPU) return config;
  config.memory.park_early = true;
  config.memory.park_early = predict_memory(config, prompts, options).peak() <= usable;
  return config;
}

}  // namespace

run::RunConfig decide_memory_settings(const run::RunConfig& config, const run::PromptSets& prompts,
                                      const PlanOptions& options, const std::function<int64_t()>& available) {
  const bool only_parking = config.flow.recompute != "auto" && config.flow.cfg_batch != "auto";
  const bool parking_is_given =
      config.memory.park == "off" || (config.memory.park == "on" && options.device == at::kCPU);
  if (only_parking && parking_is_given && !run::leaves_decoder_memory(config)) return config;
  const int64_t bytes = available();
  const auto usable = static_cast<int64_t>(kUsableShare * static_cast<double>(bytes));
  // A share that decides nothing is not worth a prediction.
  const std::vector<run::RunConfig> all = candidates(config, parkable_bytes(config) > bytes / 64);
  const bool no_choice = all.size() == 1 && (parking_is_given || all.front().memory.park == "off");
  if (no_choice && !run::leaves_decoder_memory(all.front())) return all.front();
  const run::RunConfig* leanest = &all.back();
  int64_t least = std::numeric_limits<int64_t>::max();
  try {
    for (const run::RunConfig& candidate : all) {
      const int64_t peak = predict_memory(candidate, prompts, options).peak();
      if (peak < least) {
        least = peak;
        leanest = &candidate;
      }
      if (peak > usable) continue;
      run::RunConfig taken =
          with_spent_memory(with_early_return(candidate, prompts, options, usable), prompts, options, usable);
      if (!no_choice) {
        const int64_t spent = predict_memory(taken, prompts, options).peak();
        log_info("plan", described(taken), ": ", readable_bytes(spent), " predicted of ",
                 readable_bytes(bytes), " available");
      }
      return taken;
    }
  } catch (const c10::Error& e) {  // an operator without a meta form must not stop a run
    log_warning("plan", "memory cannot be predicted (", e.what_without_backtrace(), "); taking ",
                described(all.back()));
    return with_least_decoder(all.back());
  }
  if (no_choice) return with_least_decoder(*leanest);
  log_warning("plan", "no choice of recompute, cfg_batch, decode_stripes and park fits the ",
              readable_bytes(bytes), " available; taking ", described(*leanest),
              ". drf plan says what else would help");
  return with_least_decoder(*leanest);
}

run::RunConfig with_dtype(run::RunConfig config, const std::string& dtype) {
  if (dtype.empty()) return config;
  run::scalar_type(dtype, "--dtype");
  config.generator.dtype = dtype;
  if (config.asks_critic()) config.critic.dtype = dtype;
  for (run::RewardTermConfig& term : config.rewards)
    if (term.reads("dtype")) term.dtype = dtype;
  return config;
}

run::RunConfig resolve(const run::RunConfig& given, const run::PromptSets& prompts, at::Device device,
                       const std::string& dtype) {
  return decide_memory_settings(with_dtype(given, dtype), prompts, {device.type(), {}},
                                [&] { return available_memory(device); });
}

void keep_memory_settings(run::RunConfig& config, const std::filesystem::path& run_config) {
  run::RunConfig before;
  run::read_run_record(run_config, before);
  if (config.flow.recompute == "auto") {
    config.flow.recompute = before.flow.recompute;
    if (config.flow.decode_stripes == 0) config.flow.decode_stripes = before.flow.decode_stripes;
  }
  if (config.memory.decoder == "auto") config.memory.decoder = before.memory.decoder;
  if (config.flow.cfg_batch == "auto") config.flow.cfg_batch = before.flow.cfg_batch;
}

}  // namespace drf::plan
