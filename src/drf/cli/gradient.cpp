// drf gradient: one exact gradient of the reward, with everything on its way, as safetensors.

#include <ATen/ATen.h>

#include <iostream>

#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/base/interrupt.h"
#include "drf/base/log.h"
#include "drf/cli/command.h"
#include "drf/plan/plan.h"
#include "drf/run/flow_rules.h"
#include "drf/run/run.h"
#include "drf/tensor/safetensors.h"

namespace drf::cli {
namespace {

struct GradientOptions {
  CommonOptions common;
  std::string config, output;
  std::vector<std::string> sets;
  int64_t prompt = 0;
};

int run(const GradientOptions& o) {
  const at::Device device = apply(o.common);
  const Interrupt interrupt;
  const run::RunConfig given = run::load_config(o.config, o.sets, run::known_policies());
  run::require_reward_gradient(given, "drf gradient");
  for (const run::RewardTermConfig& term : given.terms()) {
    if (term.learns()) {
      fail(ErrorKind::kConfig, "rewards: ", term.name,
           " is a surrogate, which has learnt nothing outside drf train; leave it out, and its teacher's own "
           "gradient is written");
    }
  }
  require_writable_folder(std::filesystem::absolute(o.output).parent_path());
  const run::PromptSets prompts = run::read_prompts(given);
  const std::string text = run::require_prompt(given, prompts, o.prompt);
  const run::RunConfig config = plan::resolve(given, prompts, device, o.common.dtype);
  run::Run run(config, prompts, {.device = device, .texts = {text}});
  for (const auto& [found, remedy] : run.objective().step_warnings())
    log_warning("flow", found, "; ", remedy);
  const flow::Batch batch = run.batches().of(rewards::Split::kTrain, {{o.prompt, 0}}, Purpose::kNoise);
  const objectives::Outcome outcome = run.objective().accumulate(batch, /*scale=*/1.0);
  const flow::Judgement& result = outcome.judgement;

  std::vector<std::pair<std::string, at::Tensor>> tensors = {
      {"reward", result.rewards_B[0]}, {"x0", result.x0[0]}, {"d_x0", result.d_x0[0]}};
  if (result.frames_BF3HW.defined()) {
    tensors.emplace_back("frames", result.frames_BF3HW[0]);
    tensors.emplace_back("d_frames", result.d_frames[0]);
  }
  for (const auto& [name, score] : result.by_name) {
    if (!config.rewards.empty()) tensors.emplace_back("reward." + name, score.total_B[0]);
    for (const auto& [key, clips] : score.tensors) tensors.emplace_back(key, clips.at(0));
  }
  if (outcome.d_xK.defined()) {  // else nothing is chained back to a state
    tensors.emplace_back("x_K", outcome.x_K[0]);
    tensors.emplace_back("d_xK", outcome.d_xK[0]);
  }
  for (const auto& [name, adapter] : run.trained().parameters()) {
    if (!adapter.grad().defined()) fail(ErrorKind::kNumerics, "no gradient reached ", name);
    tensors.emplace_back("d." + name, adapter.grad());
  }
  write_safetensors(o.output, tensors);
  std::cout << "reward " << result.rewards_B[0].item<double>();
  if (result.d_frames.defined()) std::cout << ", d_frames " << outcome.norms.d_frames;
  std::cout << ", d_x0 " << outcome.norms.d_x0 << ", written to " << o.output << "\n";
  return 0;
}

}  // namespace

Command add_gradient(CLI::App& app) {
  auto options = std::make_shared<GradientOptions>();
  app.add_option("config", options->config, "run configuration (TOML)")->required();
  app.add_option("--prompt", options->prompt, "index of the prompt in prompts.train")->capture_default_str();
  app.add_option("-o,--output", options->output, "safetensors file to write")->required();
  app.add_option("--set", options->sets, "override a key: section.key=value")->allow_extra_args(false);
  add_common_options(app, options->common);
  return [options] { return run(*options); };
}

}  // namespace drf::cli
