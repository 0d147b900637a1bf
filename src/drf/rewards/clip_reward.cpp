#include "drf/rewards/clip_reward.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "drf/base/error.h"
#include "drf/base/log.h"
#include "drf/models/clip/flops.h"
#include "drf/models/qwen2_5_vl/video_processor.h"
#include "drf/tensor/model_folder.h"
#include "drf/text/clip_tokenizer.h"

namespace drf::rewards {
namespace {

// A folder that is another model is told before its parts are looked for.
clip::Config read_config(const std::filesystem::path& folder) {
  require_model_folder(folder, "reward model", "config.json");
  return clip::Config::read(folder);
}

}  // namespace

ClipScale parse_clip_scale(const std::string& name, const std::string& key) {
  if (name == "logit") return ClipScale::kLogit;
  if (name == "cosine") return ClipScale::kCosine;
  fail(ErrorKind::kConfig, key, " is '", name, "', wanted logit or cosine");
}

clip::Fit parse_clip_fit(const std::string& name, const std::string& key) {
  if (name == "crop") return clip::Fit::kCrop;
  if (name == "pad") return clip::Fit::kPad;
  fail(ErrorKind::kConfig, key, " is '", name, "', wanted crop or pad");
}

ClipScore::ClipScore(const std::filesystem::path& folder, const ClipOptions& options)
    : options_(options),
      config_(read_config(folder)),
      processor_(clip::ImageProcessorConfig::read(folder, config_.vision)),
      model_(config_),
      tokenizer_(text::open_clip_tokenizer(folder)) {
  if (options.frames < 1) fail(ErrorKind::kConfig, "frames is ", options.frames, ", must be at least 1");
  // An empty text is start and end. Read elsewhere than at its end, no text would say anything.
  const std::vector<int64_t> empty = tokenizer_->encode("");
  if (clip::pooled_position(empty, config_.text.eos_token_id) != 1) {
    fail(ErrorKind::kInput, folder / "config.json", ": eos_token_id: is ", config_.text.eos_token_id,
         ", but the tokenizer ends a text with id ", empty.back(), "; the two belong to different models");
  }
  if (tokenizer_->size() > config_.text.vocab_size) {
    fail(ErrorKind::kInput, tokenizer_->where(), ": has ", tokenizer_->size(),
         " tokens, but config.json says ", "vocab_size ", config_.text.vocab_size,
         "; the two belong to different models");
  }
  nn::LoadOptions load;
  load.device = options.device;
  load.dtype = options.dtype;
  const auto open = [folder] { return Checkpoint::open(folder, "model"); };
  residence_ = std::make_unique<nn::Residence>(clip::load(model_, open(), load), open);
  model_.set_recompute(options.recompute);
}

std::vector<int64_t> ClipScore::ids_of(const std::string& text) {
  const text::PaddedIds padded = tokenizer_->encode_padded(text, config_.text.max_positions);
  std::vector<int64_t> ids;
  for (size_t i = 0; i < padded.ids.size() && padded.mask[i] == 1; ++i) ids.push_back(padded.ids[i]);
  if (padded.cut > 0 && !warned_of_cut_) {
    warned_of_cut_ = true;
    log_warning("clip", "a prompt of ", config_.text.max_positions + padded.cut, " tokens is cut to ",
                config_.text.max_positions, ", which is all that CLIP reads; further ones are cut silently");
  }
  if (clip::pooled_position(ids, config_.text.eos_token_id) + 1 != static_cast<int64_t>(ids.size())) {
    fail(ErrorKind::kInput, "the prompt '", text, "' holds '", tokenizer_->token_of(ids.back()),
         "', CLIP's end token, behind which it does not read; remove it");
  }
  return ids;
}

const at::Tensor& ClipScore::text_embedding(const std::string& text) {
  const auto [entry, is_new] = embeddings_.try_emplace(text);
  if (!is_new) return entry->second;
  try {
    const at::NoGradGuard no_grad;
    // One by one: its bits must not depend on what else is asked for, or a resumed run would differ.
    entry->second = model_.text_embeddings({ids_of(text)})[0];
  } catch (...) {
    embeddings_.erase(entry);
    throw;
  }
  return entry->second;
}

at::Tensor ClipScore::score(const at::Tensor& frames_BF3HW, const std::vector<std::string>& texts) {
  DRF_CHECK(frames_BF3HW.dim() == 5 && frames_BF3HW.size(2) == 3, "frames ", frames_BF3HW.sizes());
  const int64_t B = frames_BF3HW.size(0), F = frames_BF3HW.size(1);
  DRF_CHECK(B == static_cast<int64_t>(texts.size()), texts.size(), " texts for ", B, " clips");
  residence_->come_back();
  if (options_.frames > F && !warned_of_frames_ && !options_.device.is_meta()) {
    warned_of_frames_ = true;
    log_warning("clip", options_.frames, " frames are asked for, the clip has ", F,
                ": some count more than once");
  }
  std::vector<at::Tensor> embeddings;
  for (const std::string& text : texts) embeddings.push_back(text_embedding(text));
  const at::Tensor text_B1E = at::stack(embeddings).unsqueeze(1);

  const auto indices = qwen::sample_frame_indices(F, options_.frames);
  const at::Tensor taken =
      frames_BF3HW.index_select(1, at::tensor(indices, at::kLong).to(frames_BF3HW.device()));
  const at::Tensor pixels = clip::process_images(taken.flatten(0, 1), processor_, options_.fit);
  const at::Tensor frames_BFE = model_.image_embeddings(pixels).unflatten(0, {B, options_.frames});
  const at::Tensor cosine_B = (frames_BFE * text_B1E).sum(-1).mean(1);
  return options_.scale == ClipScale::kLogit ? cosine_B * model_.scale() : cosine_B;
}

void ClipScore::check(const std::vector<std::string>& texts) {
  warned_of_cut_ = true;  // score() says it
  for (const std::string& text : texts) ids_of(text);
}

double ClipScore::steepness() const {
  const double scale = options_.scale == ClipScale::kLogit ? model_.scale().item<double>() : 1.0;
  return scale / static_cast<double>(options_.frames);
}

models::Flops ClipScore::flops(int64_t clips) const {
  return static_cast<double>(clips * options_.frames) * clip::image_flops(config_);
}

Score ClipReward::score(const at::Tensor& frames_BF3HW, const std::vector<Sample>& samples) {
  std::vector<std::string> texts;
  for (const Sample& sample : samples) texts.push_back(sample.text);
  Score score;
  score.total_B = clip_.score(frames_BF3HW, texts);
  score.parts.resize(samples.size());
  score.facts.resize(samples.size());
  score.steepness = clip_.steepness();
  score.flops = clip_.flops(static_cast<int64_t>(samples.size()));
  return score;
}

}  // namespace drf::rewards
