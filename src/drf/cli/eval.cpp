// drf eval: base model against what was trained on held-out prompts, questions and noise.

#include <iomanip>
#include <iostream>
#include <nlohmann/json.hpp>

#include "drf/base/error.h"
#include "drf/base/interrupt.h"
#include "drf/cli/command.h"
#include "drf/plan/plan.h"
#include "drf/train/unseen_questions.h"

namespace drf::cli {
namespace {

struct EvalOptions {
  CommonOptions common;
  std::string config, lora, lora_2, weights;
  std::vector<std::string> sets;
  int64_t draws = 0, batch = 0;
  bool json = false;
};

nlohmann::ordered_json to_json(const train::Evaluation& e) {
  nlohmann::ordered_json row = {
      {"clips", e.clips}, {"reward", e.reward.mean}, {"reward_error", e.reward.error}};
  for (const auto& [name, estimate] : e.rewards) row["reward/" + name] = estimate.mean;
  for (const auto& [part, estimate] : e.parts) row[part] = estimate.mean;
  for (const auto& [fact, estimate] : e.facts) {
    row[fact] = estimate.mean;
    row[fact + "_error"] = estimate.error;
  }
  row["saturation"] = e.saturation;
  return row;
}

// Each group of questions under its name, where a clip has such.
std::map<std::string, train::Estimate> rows_of(const train::UnseenQuestions& unseen) {
  std::map<std::string, train::Estimate> rows;
  if (unseen.trained) rows["trained"] = *unseen.trained;
  if (unseen.held_out) rows["held_out"] = *unseen.held_out;
  if (unseen.paraphrases) rows["paraphrases"] = *unseen.paraphrases;
  return rows;
}

nlohmann::ordered_json to_json(const train::UnseenQuestions& unseen) {
  nlohmann::ordered_json row = {{"clips", unseen.clips}};
  for (const auto& [name, estimate] : rows_of(unseen)) {
    row[name] = estimate.mean;
    row[name + "_error"] = estimate.error;
  }
  return row;
}

void print_row(const std::string& name, const train::Estimate& base, const train::Estimate& after) {
  std::cout << std::left << std::setw(12) << name << std::right << std::fixed << std::setprecision(3)
            << std::setw(9) << base.mean << " +-" << base.error << std::setw(9) << after.mean << " +-"
            << after.error << std::setw(9) << std::showpos << after.mean - base.mean << std::noshowpos
            << "\n";
}

int run(const EvalOptions& o) {
  const at::Device device = apply(o.common);
  const Interrupt interrupt;
  const run::RunConfig given = run::load_config(o.config, o.sets, run::known_policies());
  const bool full = given.train.weights == "full";
  run::check_adapter_files({o.lora, o.lora_2}, {"--lora", "--lora-2"});
  const bool adapters = !o.lora.empty() || !o.lora_2.empty();
  if (full == adapters) {
    fail(ErrorKind::kConfig, full ? (o.lora.empty() ? "--lora-2" : "--lora") : "--weights",
         " is given, but train.weights is \"", given.train.weights, "\": give ",
         full ? "--weights FOLDER" : "--lora FILE", ", or --set train.weights=", full ? "lora" : "full");
  }
  const run::PromptSets prompts = run::read_prompts(given);
  const run::RunConfig config = plan::resolve(given, prompts, device, o.common.dtype);
  std::vector<std::string> texts = run::evaluated_prompts(config, prompts);
  const std::vector<int64_t> with_unseen = train::prompts_with_unseen(config, prompts);
  for (const int64_t p : with_unseen) texts.push_back(prompts.train.prompts[static_cast<size_t>(p)]);
  run::Run run(config, prompts,
               {.device = device,
                .texts = texts,
                .trained = full ? run::AdapterFiles{o.weights} : run::AdapterFiles{o.lora, o.lora_2}});
  const int64_t draws = o.draws > 0 ? o.draws : config.eval.seeds;
  const int64_t batch = o.batch > 0 ? o.batch : config.train.batch;
  const train::Evaluation base = train::evaluate(run, nn::TrainableSet::Take::kReference, draws, batch);
  const train::Evaluation after = train::evaluate(run, nn::TrainableSet::Take::kAsTheyStand, draws, batch);
  train::UnseenQuestions unseen_base, unseen_after;
  if (!with_unseen.empty()) {
    unseen_base = train::ask_unseen(run, nn::TrainableSet::Take::kReference, draws, batch);
    unseen_after = train::ask_unseen(run, nn::TrainableSet::Take::kAsTheyStand, draws, batch);
  }
  if (o.json) {
    nlohmann::ordered_json rows = {{"base", to_json(base)}, {"after", to_json(after)}};
    if (!with_unseen.empty()) {
      rows["base"]["questions"] = to_json(unseen_base);
      rows["after"]["questions"] = to_json(unseen_after);
    }
    std::cout << rows.dump() << "\n";
    return 0;
  }
  std::cout << base.clips << " clips of " << base.clips / draws << " held-out prompts, same noise for both\n"
            << std::left << std::setw(12) << "" << std::right << std::setw(9) << "base" << std::setw(17)
            << (full ? "trained" : "with LoRA") << std::setw(17) << "change\n";
  print_row("reward", base.reward, after.reward);
  for (const auto& [name, estimate] : base.rewards) print_row(name, estimate, after.rewards.at(name));
  for (const auto& [part, estimate] : base.parts) print_row(part, estimate, after.parts.at(part));
  for (const auto& [fact, estimate] : base.facts)
    print_row(fact == "p_right" ? "p(right)" : fact, estimate, after.facts.at(fact));
  print_row("saturation", {base.saturation, 0}, {after.saturation, 0});
  if (with_unseen.empty()) return 0;
  std::cout << "\np(right) on " << unseen_base.clips << " clips of " << with_unseen.size()
            << " training prompts, by the questions asked\n";
  const auto before = rows_of(unseen_base);
  for (const auto& [name, estimate] : rows_of(unseen_after)) print_row(name, before.at(name), estimate);
  return 0;
}

}  // namespace

Command add_eval(CLI::App& app) {
  auto options = std::make_shared<EvalOptions>();
  EvalOptions& o = *options;
  app.add_option("config", o.config, "run configuration (TOML) with prompts.held_out")->required();
  auto* const trained = app.add_option_group("what was trained");
  CLI::Option* const weights =
      trained->add_option("--weights", o.weights, "folder of weights that train.weights = \"full\" saved");
  trained->add_option("--lora", o.lora, "adapter file")->excludes(weights);
  trained->add_option("--lora-2", o.lora_2, "the same of the second transformer (Wan 2.2 A14B)")
      ->excludes(weights);
  trained->require_option(1, 2);
  app.add_option("--draws", o.draws, "clips of each prompt (default: eval.seeds)")
      ->check(CLI::PositiveNumber);
  app.add_option("--batch", o.batch, "clips at a time (default: train.batch)")->check(CLI::PositiveNumber);
  app.add_option("--set", o.sets, "override a key: section.key=value (repeatable)")->allow_extra_args(false);
  app.add_flag("--json", o.json, "one JSON object");
  add_common_options(app, o.common);
  return [options] { return run(*options); };
}

}  // namespace drf::cli
