// drf demo: trains the bundled tiny models by configs/tiny.toml and lets the oracle of the tiny world, which
// no model was trained on, say whether the clips got better.

#include <ATen/ATen.h>

#include <chrono>
#include <iomanip>
#include <iostream>
#include <nlohmann/json.hpp>

#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/base/interrupt.h"
#include "drf/base/log.h"
#include "drf/cli/command.h"
#include "drf/cli/demo_options.h"
#include "drf/cli/one_process.h"
#include "drf/media/clip.h"
#include "drf/media/layout.h"
#include "drf/plan/plan.h"
#include "drf/report/report.h"
#include "drf/run/prompt_order.h"
#include "drf/run/run_directory.h"
#include "drf/train/evaluation.h"
#include "drf/train/shown_clips.h"
#include "drf/train/trainer.h"
#include "examples/tinyworld/oracle.h"

namespace drf::cli {
namespace {

constexpr int64_t kDrawsPerPrompt = 12;  // 24 held-out prompts: 288 clips, one standard error below 0.03
constexpr int64_t kEvalBatch = 24;
constexpr int64_t kShownClips = 12;
constexpr int64_t kUpscale = 4, kGap = 2;
// What costs no training: the untrained model under guidance is judged beside the trained one.
constexpr double kGuidances[] = {2, 4};

using Take = nn::TrainableSet::Take;

// What the oracle says of the held-out clips of one model, and the first clips themselves.
struct Verdict {
  tinyworld::Scores scores;
  train::Evaluation evaluation;
  std::vector<at::Tensor> clips;  // [F,3,H,W]
  std::vector<size_t> prompts;    // theirs: indices in the held-out ones
};

Verdict judge(run::Run& run, Take take) {
  Verdict verdict;
  std::vector<tinyworld::OracleAnswer> answers;
  std::vector<tinyworld::Scene> scenes;
  const auto& prompts = run.prompts().held_out.prompts;
  verdict.evaluation = train::evaluate(
      run, take, kDrawsPerPrompt, kEvalBatch,
      [&](const std::vector<int64_t>& indices, const at::Tensor& frames) {
        for (size_t b = 0; b < indices.size(); ++b) {
          const std::string& prompt = prompts[static_cast<size_t>(indices[b])];
          const auto scene = tinyworld::parse_prompt(prompt);
          if (!scene) fail(ErrorKind::kInput, "held-out prompt '", prompt, "' is not of the tiny world");
          const at::Tensor clip = frames[static_cast<int64_t>(b)];
          answers.push_back(tinyworld::judge(clip));
          scenes.push_back(*scene);
          if (static_cast<int64_t>(verdict.clips.size()) == kShownClips) continue;
          verdict.clips.push_back(clip);
          verdict.prompts.push_back(static_cast<size_t>(indices[b]));
        }
      });
  verdict.scores = tinyworld::score(answers, scenes);
  return verdict;
}

// The base model's verdict at another guidance: same prompts, same noise.
Verdict judge_at_guidance(run::RunConfig config, double guidance, const run::PromptSets& prompts,
                          at::Device device, const std::string& dtype) {
  config.sampling.guidance = guidance;
  const run::RunConfig resolved = plan::resolve(config, prompts, device, dtype);
  run::Run run(resolved, prompts, {.device = device, .texts = run::evaluated_prompts(resolved, prompts)});
  return judge(run, Take::kReference);
}

std::string at_guidance(double guidance) { return concat("base, guidance ", guidance); }

nlohmann::ordered_json to_json(const Verdict& verdict) {
  nlohmann::ordered_json row;
  for (const auto& [name, value] : verdict.scores.columns()) row[name] = value;
  row["p_yes"] = verdict.evaluation.facts.at("p_yes").mean;
  return row;
}

void print_table(const nlohmann::ordered_json& result) {
  const nlohmann::ordered_json &base = result["base"], &after = result["after"];
  constexpr int kLabel = 18;
  std::cout << std::left << std::setw(kLabel) << "";
  for (const auto& [name, value] : base.items()) std::cout << std::right << std::setw(8) << name;
  std::cout << "\n";
  const auto row = [&](const std::string& label, auto&& number) {
    std::cout << std::left << std::setw(kLabel) << label << std::right << std::fixed << std::setprecision(3);
    for (const auto& [name, value] : base.items()) std::cout << std::setw(8) << number(name);
    std::cout << "\n";
  };
  const auto show = [&](const std::string& label, const nlohmann::ordered_json& verdict) {
    row(label, [&](const std::string& name) { return verdict[name].template get<double>(); });
  };
  show("base", base);
  for (const auto& [name, verdict] : result["untrained"].items()) show(name, verdict);
  show("after", after);
  std::cout << std::showpos;
  row("change", [&](const std::string& name) {
    return after[name].template get<double>() - base[name].template get<double>();
  });
  std::cout << std::noshowpos;
}

// All shown pairs in one picture: three columns of before | after.
at::Tensor overview(const std::vector<at::Tensor>& pairs) {
  std::vector<at::Tensor> columns;
  const size_t rows = (pairs.size() + 2) / 3;
  for (size_t begin = 0; begin + rows <= pairs.size(); begin += rows) {
    columns.push_back(media::stacked({pairs.begin() + begin, pairs.begin() + begin + rows}, 3 * kGap));
  }
  return media::side_by_side(columns, 5 * kGap);
}

// The shown clips (train/shown_clips.h), samples/overview.gif, and evaluation.json for the report.
void write_results(const run::RunDirectory& directory, run::Run& run, const Verdict& base,
                   const Verdict& after, const nlohmann::ordered_json& result) {
  nlohmann::ordered_json evaluation = {
      {"title", "drf demo: the tiny world before and after"},
      {"note", concat(result["clips"].get<int64_t>(),
                      " clips of held-out prompts, judged by a rule that no model was trained on; ",
                      result["updates"].get<int64_t>(), " updates in ",
                      static_cast<int64_t>(result["seconds"].get<double>()),
                      " s. Shares of clips: TA is the mean of color, shape, motion and bg; p_yes is the "
                      "critic's own opinion.")},
      {"rows", nlohmann::ordered_json::array()}};
  for (const auto& [name, value] : result["base"].items()) {
    nlohmann::ordered_json row = {{"name", name}, {"base", value}, {"after", result["after"][name]}};
    for (const auto& [other, verdict] : result["untrained"].items()) row["beside"][other] = verdict[name];
    evaluation["rows"].push_back(row);
  }
  std::vector<train::ShownPair> shown;
  std::vector<at::Tensor> pairs;
  for (size_t i = 0; i < base.clips.size(); ++i) {
    const size_t prompt = base.prompts[i];
    shown.push_back(
        {prompt, train::show(run, prompt, base.clips[i]), train::show(run, prompt, after.clips[i])});
    pairs.push_back(media::upscale(media::side_by_side({base.clips[i], after.clips[i]}, kGap), kUpscale));
  }
  train::write_shown(directory, run, shown, "", evaluation);
  train::remove_shown(directory, "step-", "");  // of validations, whose evaluation.json was another
  media::save_clip(directory.file("samples/overview.gif"), overview(pairs), run.config().sampling.fps);
  write_file_atomically(directory.file("evaluation.json"), evaluation.dump(2) + "\n");
}

int run(const DemoOptions& o) {
  const auto start = std::chrono::steady_clock::now();
  require_one_process();
  const at::Device device = apply(o.common);
  const Interrupt interrupt;
  const run::RunConfig given = demo_config(o, "tiny.toml", concat("runs/demo-seed", o.seed),
                                           {{"generator.path", "tiny/generator"},
                                            {"critic.path", "tiny/critic"},
                                            {"prompts.train", "tiny/prompts.txt"},
                                            {"prompts.held_out", "tiny/held_out.txt"},
                                            {"questions.templates", "tiny/questions.json"}});
  clear_demo_folder(o, given);
  run::RunDirectory directory(given.output.dir, /*resume=*/false);
  const run::PromptSets prompts = run::read_prompts(given);
  const run::RunConfig config = plan::resolve(given, prompts, device, o.common.dtype);
  std::vector<std::string> texts = run::prompts_to_come(config, prompts, 0);
  const std::vector<std::string> held_out = run::evaluated_prompts(config, prompts);
  texts.insert(texts.end(), held_out.begin(), held_out.end());
  run::Run run(config, prompts, {.device = device, .texts = texts});
  directory.begin(run.config(), run::questions_text(prompts.train), machine_in_words(device));

  const Verdict base = judge(run, Take::kReference);
  nlohmann::ordered_json untrained = nlohmann::ordered_json::object();
  for (const double guidance : kGuidances) {
    if (guidance == config.sampling.guidance) continue;
    untrained[at_guidance(guidance)] =
        to_json(judge_at_guidance(given, guidance, prompts, device, o.common.dtype));
  }
  train::Trainer trainer(run, &directory);
  if (!trainer.run()) return interrupt.exit_code();
  const Verdict after = judge(run, Take::kAsTheyStand);

  nlohmann::ordered_json result = {
      {"seed", o.seed},
      {"updates", trainer.updates_done()},
      {"seconds", std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count()},
      {"clips", base.scores.clips},
      {"base", to_json(base)},
      {"after", to_json(after)},
      {"untrained", untrained}};
  write_results(directory, run, base, after, result);
  const std::filesystem::path report = report::write_report(directory.folder());
  if (o.json) {
    std::cout << result.dump() << "\n";
    return 0;
  }
  std::cout << "\nThe oracle's verdict on " << base.scores.clips
            << " clips of held-out prompts (shares of clips; p_yes: the critic):\n";
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
  app.add_option("--world", o.world, "tiny (clips and a critic) or fields (solutions of an equation)")
      ->check(CLI::IsMember({"tiny", "fields"}))
      ->capture_default_str();
  app.add_option("--seed", o.seed, "seed of everything random")->check(kSeeds)->capture_default_str();
  app.add_option("--updates", o.updates, "training updates (default: the recipe's)")
      ->check(CLI::PositiveNumber);
  app.add_option("-o,--output", o.output,
                 "run folder, must be new (default: runs/demo-seedN or runs/demo-fields-seedN, replaced)");
  app.add_option("--set", o.sets, "override a key of the world's recipe")->allow_extra_args(false);
  app.add_flag("--json", o.json, "end with one line of JSON instead of the table");
  add_common_options(app, o.common);
  return [options] { return options->world == "fields" ? run_fields_demo(*options) : run(*options); };
}

}  // namespace drf::cli
