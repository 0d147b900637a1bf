// drf demo: trains the bundled models of a world by its recipe and lets the world's oracle, which no model
// was trained on, say whether the clips got better.

#include <algorithm>
#include <iomanip>
#include <iostream>
#include <nlohmann/json.hpp>

#include "drf/base/error.h"
#include "drf/base/interrupt.h"
#include "drf/cli/command.h"
#include "drf/cli/demo_options.h"
#include "drf/cli/demo_progress.h"
#include "drf/cli/demo_results.h"
#include "drf/cli/one_process.h"
#include "drf/plan/plan.h"
#include "drf/report/report.h"
#include "drf/run/prompt_order.h"
#include "drf/run/run_directory.h"
#include "drf/train/trainer.h"

namespace drf::cli {
namespace {

using Take = nn::TrainableSet::Take;

// The base model's verdict at another guidance: same prompts, same noise.
Verdict judge_at_guidance(const ClipWorld& world, run::RunConfig config, double guidance,
                          const run::PromptSets& prompts, at::Device device, const std::string& dtype) {
  config.sampling.guidance = guidance;
  const run::RunConfig resolved = plan::resolve(config, prompts, device, dtype);
  run::Run run(resolved, prompts, {.device = device, .texts = run::evaluated_prompts(resolved, prompts)});
  return judge(world, run, Take::kReference);
}

std::string at_guidance(double guidance) { return concat("base, guidance ", guidance); }

nlohmann::ordered_json to_json(const Columns& columns) {
  nlohmann::ordered_json row = nlohmann::ordered_json::object();
  for (const auto& [name, value] : columns) row[name] = value;
  return row;
}

// Of critics that only judge: what they answer of the right answers.
nlohmann::ordered_json judged(const Verdict& verdict, const run::RunConfig& config) {
  nlohmann::ordered_json row = nlohmann::ordered_json::object();
  for (const run::RewardTermConfig& term : config.terms()) {
    const auto fact = verdict.evaluation.facts.find("p_right/" + term.name);
    if (term.judge && fact != verdict.evaluation.facts.end()) row[fact->first] = fact->second.mean;
  }
  return row;
}

nlohmann::ordered_json to_json(const Verdict& verdict, const run::RunConfig& config) {
  nlohmann::ordered_json row = to_json(verdict.means());
  row["diversity"] = verdict.diversity;
  row["p_yes"] = verdict.evaluation.facts.at("p_yes").mean;
  row.update(judged(verdict, config));
  return row;
}

void print_table(const nlohmann::ordered_json& result) {
  const nlohmann::ordered_json &base = result["base"], &after = result["after"];
  constexpr int kLabel = 18;
  std::cout << std::left << std::setw(kLabel) << "";
  const auto width = [](const std::string& name) { return std::max(9, static_cast<int>(name.size()) + 2); };
  for (const auto& [name, value] : base.items()) std::cout << std::right << std::setw(width(name)) << name;
  std::cout << "\n";
  const auto row = [&](const std::string& label, const nlohmann::ordered_json& numbers) {
    std::cout << std::left << std::setw(kLabel) << label << std::right << std::fixed << std::setprecision(3);
    for (const auto& [name, value] : base.items()) {
      std::cout << std::setw(width(name));
      if (numbers.contains(name))
        std::cout << numbers[name].template get<double>();
      else
        std::cout << "";
    }
    std::cout << "\n";
  };
  row("base", base);
  for (const auto& [name, verdict] : result["untrained"].items()) row(name, verdict);
  row("after", after);
  nlohmann::ordered_json change;
  for (const auto& [name, value] : base.items())
    change[name] = after[name].get<double>() - value.get<double>();
  std::cout << std::showpos;
  row("change", change);
  std::cout << std::noshowpos;
  if (!result["interval"].empty()) row("  95 %, +-", result["interval"]);
  row("  made wrong", result["made_wrong"]);
}

int run(const DemoOptions& o) {
  require_one_process();
  const at::Device device = apply(o.common);
  const Interrupt interrupt;
  const ClipWorld& world = clip_world(o.world);
  const std::string folder =
      world.name == DemoOptions{}.world ? "runs/demo-seed" : concat("runs/demo-", world.name, "-seed");
  run::RunConfig given = demo_config(o, world.name + ".toml", concat(folder, o.seed),
                                     {{"generator.path", world.name + "/generator"},
                                      {"critic.path", world.name + "/critic"},
                                      {"prompts.train", world.name + "/prompts.txt"},
                                      {"prompts.held_out", world.name + "/held_out.txt"},
                                      {"questions.templates", world.name + "/questions.json"}});
  if (o.resume) keep_memory_settings(given);
  const run::PromptSets prompts = run::read_prompts(given);
  const run::RunConfig config = plan::resolve(given, prompts, device, o.common.dtype);
  clear_demo_folder(o, given);  // once there is something to take its place
  run::RunDirectory directory(given.output.dir, o.resume);
  if (o.resume) directory.check_inputs(given, /*accept_changes=*/false);
  DemoProgress progress(directory, o.judge_every, config.train.updates, o.resume);
  const auto last = o.resume ? directory.latest() : std::nullopt;
  std::vector<std::string> texts =
      run::prompts_to_come(config, prompts, last ? run::CheckpointFolder::update_of(*last) : 0);
  const std::vector<std::string> held_out = run::evaluated_prompts(config, prompts);
  texts.insert(texts.end(), held_out.begin(), held_out.end());
  run::Run run(config, prompts, {.device = device, .texts = texts});
  directory.begin(run.config(), run::questions_text(prompts.train), machine_in_words(device));

  const Verdict base = judge(world, run, Take::kReference);
  nlohmann::ordered_json untrained = nlohmann::ordered_json::object();
  for (const double guidance : world.guidances) {
    if (guidance == config.sampling.guidance) continue;
    untrained[at_guidance(guidance)] =
        to_json(judge_at_guidance(world, given, guidance, prompts, device, o.common.dtype), config);
  }
  train::Trainer trainer(run, &directory);
  if (o.resume) trainer.resume();
  progress.go_on_from(trainer.updates_done());
  const auto judge_on_the_way = [&] {
    const int64_t done = trainer.updates_done();
    if (!progress.is_due(done)) return;
    progress.save();  // an interrupt may come while the oracle judges
    progress.judged(done, to_json(judge(world, run, Take::kAsTheyStand), config));
  };
  judge_on_the_way();  // where an interrupt came before the verdict
  const bool finished = trainer.run([&](const train::UpdateStats&) { judge_on_the_way(); });
  progress.save();
  if (!finished) return interrupt.exit_code();
  const Verdict after = judge(world, run, Take::kAsTheyStand);

  nlohmann::ordered_json result = {{"seed", o.seed},
                                   {"updates", trainer.updates_done()},
                                   {"seconds", progress.seconds()},
                                   {"clips", base.clips()},
                                   {"base", to_json(base, config)},
                                   {"after", to_json(after, config)},
                                   {"untrained", untrained},
                                   {"interval", to_json(interval_of_change(base, after))},
                                   {"made_wrong", to_json(made_wrong(base, after))}};
  if (o.judge_every > 0) result["curve"] = progress.curve();
  write_results(world, directory, run, base, after, result);
  const std::filesystem::path report = report::write_report(directory.folder());
  if (o.json) {
    std::cout << result.dump() << "\n";
    return 0;
  }
  std::cout << "\nThe oracle's verdict on " << base.clips()
            << " clips of held-out prompts (shares of clips; diversity: mean difference\n"
               "of two clips of a prompt; p_yes: the critic"
            << (!judged(base, config).empty() ? "; p_right/NAME: a critic that gave no gradient" : "")
            << "):\n";
  print_table(result);
  std::cout << "\nclips    " << directory.file("samples").string() << " (before left, after right)\nreport   "
            << report.string() << "\nLoRA     " << directory.adapters().front().string() << "\ntook     "
            << std::setprecision(0) << result["seconds"].get<double>() << " s\n";
  return 0;
}

}  // namespace

Command add_demo(CLI::App& app) {
  auto options = std::make_shared<DemoOptions>();
  DemoOptions& o = *options;
  app.add_option("--world", o.world,
                 "scenes or tiny (clips and a critic) or fields (solutions of an equation)")
      ->check(CLI::IsMember({"scenes", "tiny", "fields"}))
      ->capture_default_str();
  app.add_option("--seed", o.seed, "seed of everything random")->check(kSeeds)->capture_default_str();
  app.add_option("--recipe", o.recipe,
                 "run configuration (TOML) in the place of configs/WORLD.toml: one of its bundled models");
  app.add_option("--updates", o.updates, "training updates (default: the recipe's)")->check(kCounts);
  app.add_option(
      "-o,--output", o.output,
      "run folder, new but with --resume (default: runs/demo-seedN or runs/demo-WORLD-seedN, replaced)");
  app.add_option("--judge-every", o.judge_every,
                 "let the oracle judge after every so many updates too: the curve of the JSON line")
      ->check(kCounts);
  app.add_flag("--resume", o.resume, "go on with the demo that was interrupted in the run folder");
  app.add_option("--set", o.sets, "override a key of the world's recipe")->allow_extra_args(false);
  app.add_flag("--json", o.json, "end with one line of JSON instead of the table");
  add_common_options(app, o.common);
  return [options] { return options->world == "fields" ? run_fields_demo(*options) : run(*options); };
}

}  // namespace drf::cli
