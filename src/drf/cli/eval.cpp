// drf eval: base model against what was trained on held-out prompts, questions and noise.

#include <ATen/ATen.h>

#include <charconv>
#include <cmath>
#include <iomanip>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "drf/base/error.h"
#include "drf/base/interrupt.h"
#include "drf/cli/command.h"
#include "drf/plan/plan.h"
#include "drf/train/clip_measures.h"
#include "drf/train/ranges.h"
#include "drf/train/unseen_questions.h"

namespace drf::cli {
namespace {

struct EvalOptions {
  CommonOptions common;
  std::string config, lora, lora_2, weights, scale;
  std::vector<std::string> sets;
  bool sweeps = false;
  int64_t draws = 0, batch = 0;
  bool json = false;
};

// A model on the held-out prompts, and on the questions that are never trained on.
struct Looked {
  train::Evaluation evaluation;
  std::map<std::string, double> measures;  // of clips, what is typical (train/ranges.h)
  train::UnseenQuestions unseen;
};

Looked look_at(run::Run& run, nn::TrainableSet::Take take, int64_t draws, int64_t batch) {
  Looked looked;
  train::ClipRecord record;
  const bool sees_frames = run.parts().scorer.needs_frames(/*all_roles=*/true);
  looked.evaluation =
      train::evaluate(run, take, draws, batch, [&](const auto& prompts, const at::Tensor& frames) {
        if (sees_frames) record.add(prompts, frames);
      });
  for (const auto& [name, values] : record.values()) looked.measures[name] = train::typical(values);
  looked.unseen =
      train::ask_unseen(run, take, draws, batch, run::prompts_with_unseen(run.config(), run.prompts()));
  return looked;
}

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

nlohmann::ordered_json to_json(const Looked& looked) {
  nlohmann::ordered_json row = to_json(looked.evaluation);
  for (const auto& [name, value] : looked.measures) row[name] = value;
  if (looked.unseen.clips > 0) row["questions"] = to_json(looked.unseen);
  return row;
}

// "0:1.5:0.25" as 0, 0.25, ... 1.5.
std::vector<double> scales_of(const std::string& text) {
  constexpr size_t kMost = 100;
  const auto refuse = [&](const auto&... why) {
    fail(ErrorKind::kConfig, "--scale is \"", text, "\", ", why...,
         "; wanted FROM:TO:STEP, such as 0:1.5:0.25");
  };
  std::vector<double> numbers;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, ':');) {
    double number = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), number);
    if (error != std::errc() || end != part.data() + part.size() || !std::isfinite(number))
      refuse("and \"", part, "\" is no number");
    numbers.push_back(number);
  }
  if (numbers.size() != 3 || text.back() == ':') refuse("which is not three numbers");
  const double from = numbers[0], to = numbers[1], step = numbers[2];
  if (from > to) refuse("which ends before it begins");
  if (!(step > 0)) refuse("whose step is not above 0");
  // A millionth of a step, so that the end is one where it is meant to be.
  const double count = std::floor((to - from) / step + 1e-6) + 1;
  if (count > kMost) refuse("which is ", count, " scales, more than ", kMost);
  std::vector<double> scales;
  for (int64_t i = 0; i < static_cast<int64_t>(count); ++i)
    scales.push_back(from + static_cast<double>(i) * step);
  return scales;
}

// What stands in the slots with what the adapters add times `scale`.
std::vector<at::Tensor> scaled(const nn::TrainableSet& trained, double scale) {
  std::vector<at::Tensor> values = trained.standing(nn::TrainableSet::Take::kDetached);
  for (size_t i = 0; i < values.size(); ++i)
    if (trained.parameters()[i].first.ends_with(".lora_B.weight")) values[i] = values[i] * scale;
  return values;
}

int sweep(run::Run& run, const std::vector<double>& scales, int64_t draws, int64_t batch, bool json) {
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (const double scale : scales) {
    const auto scope = run.trained().with(scaled(run.trained(), scale));
    nlohmann::ordered_json row = {{"scale", scale}};
    row.update(to_json(look_at(run, nn::TrainableSet::Take::kAsTheyStand, draws, batch)));
    rows.push_back(std::move(row));
  }
  if (json) {
    std::cout << nlohmann::ordered_json{{"scales", rows}}.dump() << "\n";
    return 0;
  }
  std::vector<std::pair<std::string, std::string>> columns;  // key, heading
  for (const auto& [key, value] : rows[0].items()) {
    const bool error = key.ends_with("_error") && key != "reward_error";
    if (value.is_number() && key != "clips" && !error) columns.emplace_back(key, key);
  }
  std::cout << rows[0]["clips"] << " clips of held-out prompts a row, same noise for all\n";
  for (auto& [key, heading] : columns) {
    if (key == "reward_error") heading = "+-";
    if (key == "p_right") heading = "p(right)";
    std::cout << std::right << std::setw(std::max<int>(9, static_cast<int>(heading.size()) + 2)) << heading;
  }
  const bool asked = rows[0].contains("questions");
  if (asked)
    for (const auto& [name, estimate] : rows[0]["questions"].items())
      if (name != "clips" && !name.ends_with("_error")) std::cout << std::setw(15) << name;
  std::cout << "\n" << std::fixed << std::setprecision(3);
  for (const auto& row : rows) {
    for (const auto& [key, heading] : columns)
      std::cout << std::setw(std::max<int>(9, static_cast<int>(heading.size()) + 2))
                << row[key].get<double>();
    if (asked)
      for (const auto& [name, estimate] : row["questions"].items())
        if (name != "clips" && !name.ends_with("_error"))
          std::cout << std::setw(15) << estimate.get<double>();
    std::cout << "\n";
  }
  return 0;
}

void print_row(const std::string& name, const train::Estimate& base, const train::Estimate& after) {
  std::cout << std::left << std::setw(22) << name << std::right << std::fixed << std::setprecision(3)
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
  if (full && o.sweeps) {
    fail(ErrorKind::kConfig,
         "--scale is given, but train.weights is \"full\": only adapters have a strength; leave it out");
  }
  const std::vector<double> scales = o.sweeps ? scales_of(o.scale) : std::vector<double>();
  const run::PromptSets prompts = run::read_prompts(given);
  const run::RunConfig config = plan::resolve(given, prompts, device, o.common.dtype);
  std::vector<std::string> texts = run::evaluated_prompts(config, prompts);
  const std::vector<int64_t> with_unseen = run::prompts_with_unseen(config, prompts);
  for (const int64_t p : with_unseen) texts.push_back(prompts.train.prompts[static_cast<size_t>(p)]);
  run::Run run(config, prompts,
               {.device = device,
                .texts = texts,
                .trained = full ? run::AdapterFiles{o.weights} : run::AdapterFiles{o.lora, o.lora_2}});
  const int64_t draws = o.draws > 0 ? o.draws : config.eval.seeds;
  const int64_t batch = o.batch > 0 ? o.batch : config.train.batch;
  if (!scales.empty()) return sweep(run, scales, draws, batch, o.json);
  const Looked looked_base = look_at(run, nn::TrainableSet::Take::kReference, draws, batch);
  const Looked looked_after = look_at(run, nn::TrainableSet::Take::kAsTheyStand, draws, batch);
  if (o.json) {
    const nlohmann::ordered_json rows = {{"base", to_json(looked_base)}, {"after", to_json(looked_after)}};
    std::cout << rows.dump() << "\n";
    return 0;
  }
  const train::Evaluation &base = looked_base.evaluation, &after = looked_after.evaluation;
  const train::UnseenQuestions &unseen_base = looked_base.unseen, &unseen_after = looked_after.unseen;
  std::cout << base.clips << " clips of " << base.clips / draws << " held-out prompts, same noise for both\n"
            << std::left << std::setw(22) << "" << std::right << std::setw(9) << "base" << std::setw(17)
            << (full ? "trained" : "with LoRA") << std::setw(17) << "change\n";
  print_row("reward", base.reward, after.reward);
  for (const auto& [name, estimate] : base.rewards) print_row(name, estimate, after.rewards.at(name));
  for (const auto& [part, estimate] : base.parts) print_row(part, estimate, after.parts.at(part));
  for (const auto& [fact, estimate] : base.facts)
    print_row(fact == "p_right" ? "p(right)" : fact, estimate, after.facts.at(fact));
  print_row("saturation", {base.saturation, 0}, {after.saturation, 0});
  for (const auto& [name, value] : looked_base.measures)
    print_row(name, {value, 0}, {looked_after.measures.at(name), 0});
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
  CLI::Option* const scale = app.add_option(
      "--scale", o.scale,
      "FROM:TO:STEP, such as 0:1.5:0.25: the adapters at each of these strengths in the place of base "
      "and trained model");
  app.add_option("--draws", o.draws, "clips of each prompt (default: eval.seeds)")->check(kCounts);
  app.add_option("--batch", o.batch, "clips at a time (default: train.batch)")->check(kCounts);
  app.add_option("--set", o.sets, "override a key: section.key=value (repeatable)")->allow_extra_args(false);
  app.add_flag("--json", o.json, "one JSON object");
  add_common_options(app, o.common);
  return [options, scale] {
    options->sweeps = scale->count() > 0;
    return run(*options);
  };
}

}  // namespace drf::cli
