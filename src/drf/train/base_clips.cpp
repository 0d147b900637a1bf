#include "drf/train/base_clips.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/base/json.h"
#include "drf/base/log.h"
#include "drf/tensor/safetensors.h"
#include "drf/train/merit.h"
#include "drf/train/ranges.h"

namespace drf::train {
namespace {

constexpr const char* kOverviews = "overviews";
const std::string kValues = "values.", kByPrompt = "by_prompt.";

at::Tensor to_tensor(const std::vector<std::vector<double>>& values) {
  std::vector<at::Tensor> rows;
  for (const auto& row : values) rows.push_back(at::tensor(row, at::kDouble));
  return at::stack(rows);
}

std::vector<std::vector<double>> from_tensor(const at::Tensor& values) {
  std::vector<std::vector<double>> rows;
  for (const at::Tensor& row : values.contiguous().unbind(0))
    rows.emplace_back(row.const_data_ptr<double>(), row.const_data_ptr<double>() + row.numel());
  return rows;
}

bool sees_frames(const run::Run& run) { return run.parts().scorer.needs_frames(/*all_roles=*/true); }

// Nothing where the file is not of this setup. Throws Error(kInput) where it is damaged, or holds other
// things than validations look up.
std::optional<BaseClips> read(const std::filesystem::path& path, const std::string& setup,
                              const run::Run& run) {
  const SafetensorsFile file(path);
  const auto text = [&](const char* name) {
    const auto at = file.metadata().find(name);
    return at == file.metadata().end() ? std::string() : at->second;
  };
  if (text("setup") != setup) return std::nullopt;
  const auto refuse = [&](const char* what) { fail(ErrorKind::kInput, path, ": ", what); };
  BaseClips base;
  std::string problem;
  const auto shown = parse_json(text("shown"), problem);
  if (!shown.is_object()) refuse("its 'shown' is no JSON object");
  for (const auto& [name, value] : shown.items()) {
    if (value.is_null()) continue;  // it was not finite
    if (!value.is_number()) refuse("its 'shown' has what is no number");
    base.shown[name] = value.get<double>();
  }
  for (const auto& [name, entry] : file.entries()) {
    const at::Tensor tensor = file.get(name);
    if (name.rfind(kValues, 0) == 0) {
      const std::vector<std::string>& known = clip_measure_names();
      if (std::find(known.begin(), known.end(), name.substr(kValues.size())) == known.end())
        fail(ErrorKind::kInput, path, ": nothing is known of its measure '", name, "'");
      if (tensor.dim() != 2 || tensor.numel() == 0 || tensor.scalar_type() != at::kDouble ||
          !tensor.ge(0).all().item<bool>() || !tensor.isfinite().all().item<bool>())
        refuse("its values are none");
      base.values[name.substr(kValues.size())] = from_tensor(tensor);
    } else if (name.rfind(kByPrompt, 0) == 0) {
      if (tensor.dim() != 1 || tensor.scalar_type() != at::kDouble) refuse("its means by prompt are none");
      base.by_prompt[name.substr(kByPrompt.size())] = from_tensor(tensor.unsqueeze(0)).front();
    } else if (name == kOverviews) {
      if (tensor.dim() != 6 || tensor.scalar_type() != at::kByte) refuse("its overviews are none");
      for (const at::Tensor& prompt : tensor.unbind(0)) base.overviews.push_back(prompt.unbind(0));
    }
  }
  const auto has = [&](const char* key) {
    return std::any_of(base.by_prompt.begin(), base.by_prompt.end(),
                       [&](const auto& measure) { return measure.first.starts_with(key); });
  };
  if (base.by_prompt.empty() || (has("held_out_p_right") && !has("held_out_p_right_")))
    refuse("it has no means by prompt, or none by aspect (an older drf began the run)");
  if (!sees_frames(run)) return base;
  if (base.values.empty()) refuse("it has no values of clips");
  const run::EvalConfig& eval = run.config().eval;
  if (base.overviews.size() != run::evaluated_prompts(run.config(), run.prompts()).size() ||
      base.overviews.front().size() != static_cast<size_t>(eval.seeds))
    refuse("it has not the clips of each prompt and seed");
  return base;
}

void write(const std::filesystem::path& path, const BaseClips& base, const std::string& setup) {
  std::vector<std::pair<std::string, at::Tensor>> tensors;
  for (const auto& [name, values] : base.values) tensors.emplace_back(kValues + name, to_tensor(values));
  for (const auto& [name, means] : base.by_prompt)
    tensors.emplace_back(kByPrompt + name, at::tensor(means, at::kDouble));
  std::vector<at::Tensor> prompts;
  for (const auto& clips : base.overviews) prompts.push_back(at::stack(clips));
  if (!prompts.empty()) tensors.emplace_back(kOverviews, at::stack(prompts));
  write_safetensors(path, tensors, {{"setup", setup}, {"shown", nlohmann::json(base.shown).dump()}});
}

BaseClips make(run::Run& run) {
  constexpr auto kBase = nn::TrainableSet::Take::kReference;
  const run::RunConfig& c = run.config();
  BaseClips base;
  ClipRecord record;
  const OnClips watch =
      sees_frames(run)
          ? OnClips([&](const auto& prompts, const at::Tensor& frames) { record.add(prompts, frames); })
          : OnClips();
  const Evaluation held_out = evaluate(run, kBase, c.eval.seeds, c.train.batch, watch);
  const UnseenQuestions unseen =
      ask_unseen(run, kBase, c.eval.seeds, c.train.batch, run::validated_with_unseen(c, run.prompts()));
  base.shown = shown_of(run, held_out, unseen);
  base.by_prompt = by_prompt_of(run, held_out, unseen);
  base.clips = held_out.clips + unseen.clips;
  if (!watch) return base;
  base.overviews = record.overviews();
  const int64_t seeds = base_seeds(held_out.clips / c.eval.seeds, c.eval.seeds);
  if (seeds > c.eval.seeds)
    base.clips += evaluate(run, kBase, seeds - c.eval.seeds, c.train.batch, watch, {c.eval.seeds}).clips;
  base.values = record.values();
  return base;
}

}  // namespace

std::map<std::string, double> measures_of(const BaseClips& base) {
  std::map<std::string, double> measures = base.shown;
  for (const auto& [measure, values] : base.by_prompt)
    measures.try_emplace(measure, mean_over_prompts(values));
  return measures;
}

std::map<std::string, double> shown_of(const run::Run& run, const Evaluation& held_out,
                                       const UnseenQuestions& unseen) {
  std::map<std::string, double> shown = {{"held_out_reward", held_out.reward.mean}};
  for (const auto& [name, estimate] : held_out.rewards) shown["held_out_reward/" + name] = estimate.mean;
  if (unseen.trained) shown["p_right/trained"] = unseen.trained->mean;
  if (unseen.held_out) shown["p_right/held_out"] = unseen.held_out->mean;
  if (unseen.paraphrases) shown["p_right/paraphrases"] = unseen.paraphrases->mean;
  add_judges(run.config(), shown);
  return shown;
}

PromptMeans by_prompt_of(const run::Run& run, const Evaluation& held_out, const UnseenQuestions& unseen) {
  PromptMeans by_prompt = held_out.by_prompt;
  by_prompt.insert(unseen.by_prompt.begin(), unseen.by_prompt.end());
  add_judges(run.config(), by_prompt);
  return by_prompt;
}

BaseClips base_clips(run::Run& run, const run::RunDirectory* directory, const std::string& setup) {
  const auto path = directory ? directory->file(run::kBaseClipsFile) : std::filesystem::path();
  if (directory && is_there(path)) {
    try {
      if (auto kept = read(path, setup, run)) return std::move(*kept);
    } catch (const Error& e) {
      log_warning("validation", e.what(), "; the base model's clips are made anew");
    }
  }
  const auto start = std::chrono::steady_clock::now();
  BaseClips base = make(run);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  log_info("validation", "the base model on the held-out prompts: ", base.clips, " clips in ",
           seconds.count(), " s, once a run");
  try {
    if (directory) write(path, base, setup);
  } catch (const Error& e) {
    log_warning("validation", e.what(), "; a resumed run makes the base model's clips anew");
  }
  return base;
}

}  // namespace drf::train
