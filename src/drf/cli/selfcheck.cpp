// drf selfcheck: whether the gradient is right on the user's own models.

#include <ATen/ATen.h>

#include <algorithm>
#include <iomanip>
#include <iostream>
#include <nlohmann/json.hpp>

#include "drf/base/error.h"
#include "drf/base/interrupt.h"
#include "drf/base/log.h"
#include "drf/base/progress.h"
#include "drf/check/selfcheck.h"
#include "drf/cli/command.h"
#include "drf/plan/plan.h"
#include "drf/run/flow_rules.h"

namespace drf::cli {
namespace {

struct SelfcheckOptions {
  CommonOptions common;
  std::string config;
  std::vector<std::string> sets;
  int64_t prompt = 0;
  bool one_dtype = false, json = false;
};

const char* name_of(check::Verdict verdict) {
  return verdict == check::Verdict::kPass ? "pass" : verdict == check::Verdict::kFail ? "FAIL" : "note";
}

// A line a check, then what to do on a line of its own.
void print(const std::vector<check::CheckRow>& rows) {
  size_t width = 0;
  for (const check::CheckRow& row : rows) width = std::max(width, row.check.size());
  for (const check::CheckRow& row : rows) {
    std::cout << name_of(row.verdict) << "  " << std::left << std::setw(static_cast<int>(width)) << row.check
              << "  " << row.found << "\n";
    if (!row.remedy.empty()) std::cout << "      -> " << row.remedy << "\n";
  }
}

void print_json(const std::vector<check::CheckRow>& rows) {
  for (const check::CheckRow& row : rows) {
    const nlohmann::ordered_json json = {
        {"check", row.check},
        {"verdict", row.verdict == check::Verdict::kFail ? "fail" : name_of(row.verdict)},
        {"found", row.found},
        {"remedy", row.remedy}};
    std::cout << json.dump() << "\n";
  }
}

int run(const SelfcheckOptions& o) {
  const at::Device device = apply(o.common);
  const Interrupt interrupt;
  const run::RunConfig given = run::load_config(o.config, o.sets, run::known_policies());
  run::require_reward_gradient(given, "drf selfcheck");
  const run::PromptSets prompts = run::read_prompts(given);
  const std::string text = run::require_prompt(given, prompts, o.prompt);
  std::vector<check::CheckRow> rows;
  Progress progress("checking", o.one_dtype ? 9 : 11);
  const check::OnRow on_row = [&](const check::CheckRow& row) {
    rows.push_back(row);
    progress.update(static_cast<int64_t>(rows.size()), row.check + ": " + name_of(row.verdict));
  };

  check::GradientSample own;
  at::ScalarType dtype = at::kFloat;
  const auto sample = [&](const std::string& of_models, const auto& check) {
    const run::RunConfig config = plan::resolve(given, prompts, device, of_models);
    run::Run run(config, prompts, {.device = device, .texts = {text}});  // one at a time in memory
    return check(check::checked_flow(run, o.prompt));
  };
  own = sample(o.common.dtype, [&](const check::CheckedFlow& flow) {
    dtype = flow.dtype;
    return check::check_flow(flow, on_row);
  });
  if (!o.one_dtype && dtype != at::kDouble && std::isfinite(own.reward)) {
    const std::string wider = dtype == at::kFloat ? "float64" : "float32";
    const check::GradientSample wide =
        sample(wider, [&](const check::CheckedFlow& flow) { return check::gradient_at(flow, own); });
    check::check_agreement(own, wide, dtype, on_row);
  }

  o.json ? print_json(rows) : print(rows);
  const bool failed = std::any_of(rows.begin(), rows.end(), [](const check::CheckRow& row) {
    return row.verdict == check::Verdict::kFail;
  });
  return failed ? exit_code(ErrorKind::kNumerics) : 0;
}

}  // namespace

Command add_selfcheck(CLI::App& app) {
  auto options = std::make_shared<SelfcheckOptions>();
  app.add_option("config", options->config, "run configuration (TOML)")->required();
  app.add_option("--prompt", options->prompt, "index of the prompt in prompts.train")->capture_default_str();
  app.add_flag("--one-dtype", options->one_dtype, "do not run the models again in a wider dtype");
  app.add_flag("--json", options->json, "one object a check");
  app.add_option("--set", options->sets, "override a key: section.key=value")->allow_extra_args(false);
  add_common_options(app, options->common);
  return [options] { return run(*options); };
}

}  // namespace drf::cli
