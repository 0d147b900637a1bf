#include <ATen/ATen.h>

#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>

#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/base/interrupt.h"
#include "drf/cli/demo_options.h"
#include "drf/cli/demo_progress.h"
#include "drf/cli/one_process.h"
#include "drf/plan/plan.h"
#include "drf/report/report.h"
#include "drf/rewards/field_measures.h"
#include "drf/rewards/residual.h"
#include "drf/rewards/residual_guidance.h"
#include "drf/run/run_directory.h"
#include "drf/train/trainer.h"

namespace drf::cli {
namespace {

using Take = nn::TrainableSet::Take;
using nlohmann::ordered_json;

constexpr int64_t kSamples = 64;
// The untrained rows. Guidance through the network at the last step, then also corrections of the finished
// sample; a longer step is unstable in the finest modes, where the residual is steepest.
constexpr double kGuidance = 2e-4, kCorrection = 1e-4;
constexpr int64_t kCorrections = 20;

class World {
 public:
  explicit World(run::Run& run)
      : run_(run),
        fields_(fields::FieldConfig::read(
            JsonConfig::read(std::filesystem::path(run.config().generator.path) / "fields.json"))),
        score_(fields_) {
    if (!fields_.data) {
      fail(ErrorKind::kInput, run.config().generator.path,
           "/fields.json: data is missing, which samples are compared with; tools/fields/train.py writes it");
    }
    std::vector<rewards::Sample> samples;
    for (int64_t draw = 0; draw < kSamples; ++draw)
      samples.push_back({rewards::Split::kHeldOut, 0, draw, ""});
    noise_ = run.parts().noise.start(samples, Purpose::kEvalNoise);
  }

  // Euler from the same noise for every row, with what is trained as `take` says.
  ordered_json row(Take take, const rewards::ResidualGuidance& guidance = {}) {
    const auto begin = std::chrono::steady_clock::now();
    const flow::GuidedDenoiser& denoiser = run_.parts().denoiser;
    const diffusion::Schedule& schedule = run_.parts().schedule;
    const auto standing = run_.trained().with(run_.trained().standing(take));
    const flow::Prepared nothing = [&] {
      const at::NoGradGuard no_graph;
      return denoiser.prepare({run_.denoiser().encode("")}, {});
    }();
    const at::Tensor latents = rewards::sample_guided(
        noise_, schedule.sigmas,
        [&](const at::Tensor& x, size_t k) {
          stop_if_interrupted();
          const flow::Pass pass{Take::kAsTheyStand, x.requires_grad() ? nn::Graph::kKept : nn::Graph::kNone};
          return denoiser.branches(x, schedule.timesteps[k], nothing, flow::Which::kConditional, pass)
              .conditional;
        },
        score_, guidance);
    return measured(latents, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  }

  // The floor: what the data themselves leave, and what they are by definition.
  ordered_json data() const {
    const std::vector<double> ones(static_cast<size_t>(fields_.channels()), 1.0),
        zeros(static_cast<size_t>(fields_.channels()), 0.0);
    ordered_json row = {
        {"abs_r", fields_.data->mean_abs_r},
        {"reward", -fields_.data->mean_square_r / (fields_.residual_scale * fields_.residual_scale)}};
    if (rewards::is_linear(fields_.equation)) row["solve_error"] = 0.0;
    row["spread"] = ones;
    row["spectrum"] = zeros;
    return row;
  }

  const fields::FieldConfig& fields() const { return fields_; }

 private:
  ordered_json measured(const at::Tensor& latents, double seconds) const {
    const at::NoGradGuard no_graph;
    const rewards::ResidualScores scores = score_.score(latents);
    const at::Tensor q = rewards::fields_of_latents(fields_, latents);
    const rewards::FieldComparison comparison =
        rewards::compare(rewards::field_statistics(q), {fields_.data->variance, fields_.data->power});
    ordered_json row = {{"abs_r", scores.mean_abs_r_B.mean().item<double>()},
                        {"reward", scores.reward_B.mean().item<double>()}};
    if (rewards::is_linear(fields_.equation)) row["solve_error"] = rewards::solve_error(fields_.equation, q);
    row["spread"] = comparison.spread;
    row["spectrum"] = comparison.spectrum;
    row["seconds"] = seconds;
    return row;
  }

  run::Run& run_;
  fields::FieldConfig fields_;
  rewards::ResidualScore score_;
  at::Tensor noise_;
};

std::string number(double value, const char* form) {
  char text[32];
  std::snprintf(text, sizeof text, form, value);
  return text;
}

void print_table(const World& world, const ordered_json& rows) {
  const auto& channels = fields::channels_of(world.fields().equation);
  const auto cell = [](const std::string& text) {
    std::cout << std::string(text.size() < 11 ? 11 - text.size() : 1, ' ') << text;
  };
  std::cout << std::string(26, ' ');
  for (const char* name : {"mean |r|", "R", "solve err"}) cell(name);
  for (const char* name : {"spread ", "spectr. "})
    for (const std::string& channel : channels) cell(name + channel);
  std::cout << "\n";
  for (const auto& [name, row] : rows.items()) {
    std::cout << name << std::string(name.size() < 26 ? 26 - name.size() : 1, ' ');
    cell(number(row["abs_r"], "%.3g"));
    cell(number(row["reward"], "%.3g"));
    cell(row.contains("solve_error") ? number(row["solve_error"], "%.3g") : "-");
    for (const char* measure : {"spread", "spectrum"})
      for (const double value : row[measure]) cell(number(value, "%.3f"));
    std::cout << "\n";
  }
}

// evaluation.json for the report.
ordered_json evaluation(const World& world, const ordered_json& result) {
  ordered_json page = {
      {"title", concat("drf demo: fields of ", fields::name_of(world.fields().equation))},
      {"note", concat(kSamples, " samples from the same noise; ", result["updates"].get<int64_t>(),
                      " updates in ", static_cast<int64_t>(result["seconds"].get<double>()),
                      " s. r: what a sample leaves of its equation, R = -mean (r / s)^2. Spread 1 and "
                      "spectrum 0 are the data's.")},
      {"rows", ordered_json::array()},
      {"clips", ordered_json::array()}};
  const auto add = [&](const std::string& name, auto&& value) {
    ordered_json row = {{"name", name}, {"base", value(result["base"])}, {"after", value(result["after"])}};
    for (const char* other : {"data", "guided", "corrected", "after_corrected"})
      row["beside"][other] = value(result[other]);
    page["rows"].push_back(row);
  };
  for (const char* name : {"abs_r", "reward"}) add(name, [&](const ordered_json& row) { return row[name]; });
  const auto& channels = fields::channels_of(world.fields().equation);
  for (const char* measure : {"spread", "spectrum"}) {
    for (size_t c = 0; c < channels.size(); ++c)
      add(concat(measure, " ", channels[c]), [&](const ordered_json& row) { return row[measure][c]; });
  }
  return page;
}

}  // namespace

int run_fields_demo(const DemoOptions& o) {
  if (o.judge_every > 0)
    fail(ErrorKind::kConfig,
         "--judge-every asks a world's oracle; the world fields has none, its residual is in metrics.jsonl");
  require_one_process();
  const at::Device device = apply(o.common);
  const Interrupt interrupt;
  run::RunConfig given =
      demo_config(o, "fields.toml", concat("runs/demo-fields-seed", o.seed), {{"generator.path", "fields"}});
  clear_demo_folder(o, given);
  run::RunDirectory directory(given.output.dir, o.resume);
  if (o.resume) directory.check_inputs(given, /*accept_changes=*/false);
  if (o.resume) keep_memory_settings(given);
  const run::PromptSets prompts = run::read_prompts(given);
  const run::RunConfig config = plan::resolve(given, prompts, device, o.common.dtype);
  DemoProgress progress(directory, o.judge_every, config.train.updates, o.resume);
  run::Run run(config, prompts, {.device = device});
  directory.begin(run.config(), run::questions_text(prompts.train), machine_in_words(device));
  World world(run);

  ordered_json result = {{"seed", o.seed}, {"updates", 0}, {"seconds", 0.0}, {"samples", kSamples}};
  result["data"] = world.data();
  result["base"] = world.row(Take::kReference);
  rewards::ResidualGuidance guidance;
  guidance.strength = kGuidance;
  result["guided"] = world.row(Take::kReference, guidance);
  guidance.strength = kCorrection;
  guidance.corrections = kCorrections;
  result["corrected"] = world.row(Take::kReference, guidance);
  train::Trainer trainer(run, &directory);
  if (o.resume) trainer.resume();
  const bool finished = trainer.run();
  progress.save();
  if (!finished) return interrupt.exit_code();
  result["after"] = world.row(Take::kDetached);
  result["after_corrected"] = world.row(Take::kDetached, guidance);
  result["updates"] = trainer.updates_done();
  result["seconds"] = progress.seconds();

  write_file_atomically(directory.file("evaluation.json"), evaluation(world, result).dump(2) + "\n");
  const std::filesystem::path report = report::write_report(directory.folder());
  if (o.json) {
    std::cout << result.dump() << "\n";
    return 0;
  }
  std::cout << "\n"
            << kSamples << " samples of " << fields::name_of(world.fields().equation)
            << " (spread 1 and spectrum 0 are the data's; data: the floor):\n";
  print_table(world,
              {{"data", result["data"]},
               {"base", result["base"]},
               {concat("after ", trainer.updates_done(), " updates, K ", config.flow.K), result["after"]},
               {"base, guided", result["guided"]},
               {concat("base, ", kCorrections, " corrections"), result["corrected"]},
               {concat("trained, ", kCorrections, " corrections"), result["after_corrected"]}});
  std::cout << "\nreport   " << report.string() << "\nLoRA     " << directory.adapters().front().string()
            << "\ntook     " << number(result["seconds"], "%.0f") << " s\n";
  return 0;
}

}  // namespace drf::cli
