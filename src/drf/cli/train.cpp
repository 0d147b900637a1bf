// drf train: a LoRA by the gradient of the critic's answers.

#include <iostream>
#include <memory>

#include "drf/base/error.h"
#include "drf/base/interrupt.h"
#include "drf/base/log.h"
#include "drf/cli/command.h"
#include "drf/cli/one_process.h"
#include "drf/cli/question_writer.h"
#include "drf/plan/memory_watch.h"
#include "drf/plan/plan.h"
#include "drf/report/live_report.h"
#include "drf/report/report.h"
#include "drf/run/prompt_order.h"
#include "drf/run/run_directory.h"
#include "drf/train/trainer.h"

namespace drf::cli {
namespace {

struct TrainOptions {
  CommonOptions common;
  std::string config;
  std::vector<std::string> sets;
  bool resume = false, accept_changes = false, serve = false;
  int port = 8600;
};

// What was trained is saved by now: a page that cannot be written is no failure of the run.
void write_page(const std::filesystem::path& folder) {
  try {
    log_info("report", report::write_report(folder));
  } catch (const std::exception& e) {
    log_warning("report", e.what(), "; drf report writes it again");
  }
}

int run(const TrainOptions& o) {
  require_one_process();
  const at::Device device = apply(o.common);
  const Interrupt interrupt;
  run::RunConfig given = run::load_config(o.config, o.sets, run::known_policies());
  std::unique_ptr<report::LiveReport> live;  // a port that is taken is said before a folder is made
  if (o.serve) live = std::make_unique<report::LiveReport>(given.output.dir, o.port);
  run::RunDirectory directory(given.output.dir, o.resume);
  if (live) {
    live->start();
    log_info("serve", live->address(), " shows this run on this machine, until it ends");
  }
  if (o.resume) {
    plan::keep_memory_settings(given, directory.file("config.toml"));
    run::keep_older_meanings(given, directory.file("config.toml"));
    directory.check_inputs(given, o.accept_changes);
  }
  // A language model that writes the questions comes and goes before any other model is read.
  const run::PromptSets prompts =
      run::read_prompts(given, question_writer(given, directory.folder(), device, o.common.dtype));
  const run::RunConfig config = plan::resolve(given, prompts, device, o.common.dtype);
  // Texts are read before the critic comes: those of updates that are still to be done.
  const auto last = o.resume ? directory.latest() : std::nullopt;
  const int64_t done = last ? run::CheckpointFolder::update_of(*last) : 0;
  run::Run run(
      config, prompts,
      {.device = device, .texts = run::prompts_to_come(config, prompts, done), .folder = directory.folder()});
  directory.begin(run.config(), run::questions_text(prompts.train), machine_in_words(device));
  train::Trainer trainer(run, &directory);
  if (o.resume) trainer.resume();
  plan::MemoryWatch memory(run.config(), prompts, device.type());
  bool warned = false;
  const bool finished = trainer.run([&](const train::UpdateStats& stats) {
    memory.add(stats.costs);
    if (warned || !memory.exceeds_plan()) return;
    log_warning("memory", memory.line());  // while the settings can still be changed
    warned = true;
  });
  log_info("memory", memory.line());
  if (!finished) return interrupt.exit_code();
  write_page(directory.folder());
  auto files = trainer.stopped_early() ? directory.best_adapters() : directory.adapters();
  if (files.empty()) {
    log_warning("train", "checkpoints/best is not there: these are the newest adapters, not the best");
    files = directory.adapters();
  }
  for (const auto& file : files) std::cout << file.string() << "\n";
  return 0;
}

}  // namespace

Command add_train(CLI::App& app) {
  auto options = std::make_shared<TrainOptions>();
  app.add_option("config", options->config, "run configuration (TOML); configs/ holds recipes to start from")
      ->required();
  app.add_option("--set", options->sets, "override a key: section.key=value (repeatable)")
      ->allow_extra_args(false);
  CLI::Option* const resume =
      app.add_flag("--resume", options->resume, "go on from the last complete checkpoint of output.dir");
  app.add_flag("--accept-changes", options->accept_changes,
               "with --resume: go on although prompts, questions or models are not those the run began with")
      ->needs(resume);
  CLI::Option* const serve = app.add_flag("--serve", options->serve,
                                          "show the report on an address of this machine while it trains");
  app.add_option("--port", options->port, "with --serve: the address's port, 0 for any that is free")
      ->check(CLI::Range(0, 65535))
      ->needs(serve)
      ->capture_default_str();
  add_common_options(app, options->common);
  return [options] { return run(*options); };
}

}  // namespace drf::cli
