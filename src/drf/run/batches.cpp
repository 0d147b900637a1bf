#include "drf/run/batches.h"

#include "drf/base/byte_size.h"
#include "drf/run/cut_prompts.h"

namespace drf::run {
namespace {

std::filesystem::path temporary_folder() {
  std::error_code none;  // where there is no such folder, what wants to make a file in it says so
  return std::filesystem::temp_directory_path(none);
}

}  // namespace

Batches::Batches(models::Denoiser& denoiser, const RunConfig& config, const PromptSets& prompts,
                 flow::Noise noise, const std::filesystem::path& folder)
    : denoiser_(denoiser),
      config_(config),
      prompts_(prompts),
      noise_(std::move(noise)),
      texts_(denoiser, noise_.options().device(), *parse_byte_size(config.memory.text_states),
             folder.empty() ? temporary_folder() : folder) {}

void Batches::prepare(std::vector<std::string> texts) {
  if (config_.sampling.guidance != 1) texts.push_back(config_.sampling.negative);
  texts_.prepare(texts);
}

void Batches::say_what_is_cut() {
  if (std::exchange(said_what_is_cut_, true) || noise_.options().device().is_meta()) return;
  const std::string key = "generator.text_length";
  warn_of_cut_prompts(denoiser_, prompts_.train.prompts, "prompts.train", key);
  warn_of_cut_prompts(denoiser_, prompts_.held_out.prompts, "prompts.held_out", key);
  if (config_.sampling.guidance != 1)
    warn_of_cut_prompts(denoiser_, {config_.sampling.negative}, "sampling.negative", key);
}

flow::Batch Batches::of(rewards::Split split, const std::vector<std::pair<int64_t, int64_t>>& clips,
                        Purpose purpose, int64_t update, int64_t micro) {
  say_what_is_cut();
  flow::Batch batch;
  batch.update = update;
  batch.micro = micro;
  for (const auto& [prompt, draw] : clips) {
    const std::string& text = prompts_.of(split).prompts.at(static_cast<size_t>(prompt));
    batch.conditions.push_back(texts_.of(text));
    batch.samples.push_back({split, prompt, draw, text});
  }
  batch.noise_BCTHW = noise_.start(batch.samples, purpose);
  if (config_.sampling.guidance != 1) batch.unconditional = texts_.of(config_.sampling.negative);
  return batch;
}

}  // namespace drf::run
