// drf plan: how much memory a run will take, and what would make it fit.

#include <algorithm>
#include <iomanip>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "drf/base/byte_size.h"
#include "drf/base/error.h"
#include "drf/base/log.h"
#include "drf/cli/command.h"
#include "drf/plan/plan.h"
#include "drf/plan/plan_ladder.h"
#include "drf/run/run.h"

namespace drf::cli {
namespace {

struct PlanCommand {
  CommonOptions common;
  std::string config, device_memory;
  std::vector<std::string> sets;
  bool json = false;
};

/// The device need not be there when its size is given.
at::Device planned_device(const PlanCommand& o) {
  const at::Device device = parse_device(o.common.device);
  if (o.device_memory.empty() || device.is_cpu()) return apply(o.common);
  CommonOptions on_cpu = o.common;
  on_cpu.device = "cpu";
  apply(on_cpu);
  return device;
}

nlohmann::ordered_json to_json(const plan::MemoryPlan& plan) {
  nlohmann::ordered_json weights = nlohmann::ordered_json::array(), stages = nlohmann::ordered_json::array();
  for (const auto& w : plan.weights)
    weights.push_back({{"checkpoint", w.checkpoint}, {"allocated", w.allocated}, {"mapped", w.mapped}});
  for (const auto& s : plan.stages) {
    stages.push_back({{"stage", s.stage},
                      {"weights", s.weights + s.mapped},
                      {"kept", s.kept},
                      {"own", s.own},
                      {"peak", s.peak()}});
  }
  return {{"weights", weights}, {"adapters", plan.adapters}, {"stages", stages}, {"peak", plan.peak()}};
}

void print(const plan::MemoryPlan& plan) {
  int64_t weights = 0, mapped = 0;  // parked networks are there one at a time
  for (const plan::StagePlan& s : plan.stages) {
    weights = std::max(weights, s.weights + s.mapped);
    mapped = std::max(mapped, s.mapped);
  }
  std::cout << "weights " << plan::readable_bytes(weights) << (plan.returned > 0 ? " at a time" : "");
  if (mapped > 0) std::cout << ", of which " << plan::readable_bytes(mapped) << " stay in mapped files";
  std::cout << "\n";
  for (const auto& w : plan.weights)
    std::cout << "  " << std::left << std::setw(12) << plan::readable_bytes(w.allocated + w.mapped)
              << w.checkpoint << "\n";
  std::cout << "what is trained, its gradients and AdamW's moments " << plan::readable_bytes(plan.adapters)
            << "\n\n"
            << std::left << std::setw(14) << "stage" << std::right << std::setw(12) << "weights"
            << std::setw(12) << "kept" << std::setw(12) << "own" << std::setw(12) << "peak"
            << "\n";
  for (const auto& s : plan.stages) {
    std::cout << std::left << std::setw(14) << s.stage << std::right << std::setw(12)
              << plan::readable_bytes(s.weights + s.mapped) << std::setw(12) << plan::readable_bytes(s.kept)
              << std::setw(12) << plan::readable_bytes(s.own) << std::setw(12)
              << plan::readable_bytes(s.peak()) << (&s == &plan.worst() ? "  <- most" : "") << "\n";
  }
}

std::string seconds(double s) {
  std::ostringstream text;
  text << std::fixed << std::setprecision(2) << s << " s";
  return text.str();
}

/// What a language model will ask is not known before it has: the templates' questions stand for it.
run::WriteQuestions templates_instead(const run::RunConfig& config) {
  return [&config](const std::vector<std::string>& prompts, const std::vector<std::string>& references) {
    log_info("plan", "questions that ", config.questions.source,
             " is to write are planned for as the templates'; those may be shorter");
    return templates::make_questions(prompts, run::template_set(config), run::question_options(config),
                                     nullptr, references);
  };
}

int run(const PlanCommand& o) {
  const at::Device device = planned_device(o);
  const auto given_bytes = parse_byte_size(o.device_memory);
  if (!o.device_memory.empty() && !given_bytes)
    fail(ErrorKind::kConfig, "--device-memory is '", o.device_memory,
         "', wanted a size such as 24GiB or 80GB");
  const int64_t bytes = given_bytes ? *given_bytes : plan::available_memory(device);
  const plan::PlanOptions options{device.type(), {}};
  const run::RunConfig given =
      plan::with_dtype(run::load_config(o.config, o.sets, run::known_policies()), o.common.dtype);
  const run::PromptSets prompts = run::read_prompts(given, templates_instead(given));
  const run::RunConfig config = plan::decide_memory_settings(given, prompts, options, [&] { return bytes; });
  const plan::MemoryPlan plan = plan::predict_memory(config, prompts, options);
  const auto usable = static_cast<int64_t>(plan::kUsableShare * static_cast<double>(bytes));
  const bool fits = plan.peak() <= usable;
  std::vector<plan::Rung> ladder;
  if (!fits) ladder = plan::what_would_fit(config, prompts, options, usable);

  nlohmann::ordered_json changes = nlohmann::ordered_json::array();
  for (const plan::Rung& rung : ladder) {
    changes.push_back({{"set", rung.change},
                       {"peak", rung.peak},
                       {"changes_what_is_learnt", rung.changes_result},
                       {"seconds", rung.seconds},
                       {"fits", rung.peak <= usable}});
  }
  if (o.json) {
    nlohmann::ordered_json all = to_json(plan);
    all["device_memory"] = bytes;
    all["usable"] = usable;
    all["fits"] = fits;
    all["flow"] = {{"recompute", config.flow.recompute},
                   {"cfg_batch", config.flow.cfg_batch},
                   {"decode_chunk", config.flow.decode_chunk},
                   {"decode_stripes", config.flow.decode_stripes}};
    all["memory"] = {{"park", config.memory.park},
                     {"early", config.memory.park_early},
                     {"seconds", plan::park_seconds(plan)}};
    all["ladder"] = changes;
    std::cout << all.dump() << "\n";
    return 0;
  }
  print(plan);
  std::cout << "\nflow.recompute = \"" << config.flow.recompute << "\", flow.cfg_batch = \""
            << config.flow.cfg_batch << "\", flow.decode_chunk = " << config.flow.decode_chunk
            << ", flow.decode_stripes = " << config.flow.decode_stripes << ", memory.park = \""
            << config.memory.park << "\"\n";
  if (plan.returned > 0)
    std::cout << "parked weights come back " << plan::readable_bytes(plan.returned)
              << " an update: " << seconds(plan::park_seconds(plan)) << " at 25 GB/s"
              << (config.memory.park_early ? ", beside the stages before\n" : "\n");
  std::cout << plan::readable_bytes(plan.peak()) << " of " << plan::readable_bytes(bytes) << ": "
            << (fits ? "fits" : "does not fit") << " (a plan may fill " << 100 * plan::kUsableShare
            << " %)\n";
  if (device.type() != at::kCPU)
    std::cout
        << "On this device the work space of libraries, its context and fragmentation are not predicted.\n";
  if (fits) return 0;
  std::cout << "\nwhat would help, each with those above it\n";
  for (const plan::Rung& rung : ladder) {
    std::cout << "  " << std::left << std::setw(60) << rung.change << std::right << std::setw(12)
              << plan::readable_bytes(rung.peak) << (rung.peak <= usable ? "  fits" : "")
              << (rung.changes_result ? "  (changes what is learnt)" : "")
              << (rung.seconds > 0 ? "  (" + seconds(rung.seconds) + " an update at 25 GB/s)" : "") << "\n";
  }
  if (ladder.empty() || ladder.back().peak > usable) std::cout << "  nothing more is known to help\n";
  return 0;
}

}  // namespace

Command add_plan(CLI::App& app) {
  auto options = std::make_shared<PlanCommand>();
  PlanCommand& o = *options;
  app.add_option("config", o.config, "run configuration (TOML)")->required();
  app.add_option("--device-memory", o.device_memory,
                 "plan for this much, for example 24GiB (default: what the device has free)");
  app.add_option("--set", o.sets, "override a key: section.key=value (repeatable)")->allow_extra_args(false);
  app.add_flag("--json", o.json, "one JSON object, in bytes");
  add_common_options(app, o.common);
  return [options] { return run(*options); };
}

}  // namespace drf::cli
