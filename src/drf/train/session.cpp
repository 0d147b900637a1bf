#include "drf/train/session.h"

#include <optional>

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "drf/base/byte_size.h"
#include "drf/base/error.h"
#include "drf/base/heap.h"
#include "drf/base/interrupt.h"
#include "drf/critic/open_critic.h"
#include "drf/critic/question_file.h"
#include "drf/critic/templates.h"
#include "drf/nn/residence.h"
#include "drf/rewards/open_rewards.h"
#include "drf/tensor/safetensors.h"
#include "drf/train/cut_prompts.h"
#include "drf/train/plan.h"

namespace drf::train {
namespace {

rewards::VlmOptions vlm_options(const RunConfig& c) {
  rewards::VlmOptions o;
  o.fps = c.sampling.fps;
  o.weigh.aspect_weights.clear();
  for (const auto& [name, weight] : c.reward.weights) {
    const auto aspect = critic::parse_aspect(name);
    if (!aspect) fail(ErrorKind::kConfig, "reward.weights: unknown aspect ", name, ", wanted TA, PF or VQ");
    o.weigh.aspect_weights[*aspect] = weight;
  }
  o.weigh.focus = c.reward.focus;
  o.weigh.margin = c.reward.margin;
  return o;
}

// Questions by prompt. Prompts that the file leaves without any are refused: they could not be trained on.
std::vector<critic::QuestionList> by_prompt(const std::vector<critic::Question>& questions, size_t prompts,
                                            const std::string& source) {
  std::vector<critic::QuestionList> lists(prompts);
  for (const critic::Question& q : questions) lists.at(static_cast<size_t>(q.prompt)).push_back(q);
  for (size_t i = 0; i < prompts; ++i) {
    if (lists[i].empty()) {
      fail(ErrorKind::kInput, source, ": prompt ", i,
           " has no question; add one, or let drf questions make the file");
    }
  }
  return lists;
}

PromptSet open_prompts(const std::string& file, const RunConfig& config, bool may_use_question_file) {
  PromptSet set;
  critic::PromptList list = critic::read_prompt_list(file);
  set.prompts = std::move(list.prompts);
  if (!config.asks_questions()) return set;
  if (may_use_question_file && !config.questions.file.empty()) {
    const auto questions =
        critic::read_questions(config.questions.file, static_cast<int64_t>(set.prompts.size()));
    set.questions = by_prompt(questions, set.prompts.size(), config.questions.file);
  } else {
    const auto templates = config.questions.templates.empty()
                               ? critic::TemplateSet()
                               : critic::TemplateSet::read(config.questions.templates);
    critic::QuestionOptions options;
    options.dense = config.questions.dense;
    set.questions =
        by_prompt(critic::make_questions(set.prompts, templates, options, nullptr, list.references),
                  set.prompts.size(), file);
  }
  return set;
}

}  // namespace

namespace {

// The questions of a set hold no token by which the critic tells media and turns apart.
void check_questions(const critic::Critic& critic, const PromptSet& set, const std::string& file) {
  for (const critic::QuestionList& list : set.questions) critic.check_texts(list, file);
}

}  // namespace

std::string questions_text(const PromptSet& set) {
  std::string text;
  for (const critic::QuestionList& list : set.questions) {
    for (const critic::Question& question : list) text += critic::to_json_line(question) + "\n";
  }
  return text;
}

namespace {

// A prompt whose questions all weigh nothing would cost as much as any other and teach nothing.
void require_counting_questions(const PromptSet& set, const RunConfig& config) {
  const auto is_dense = [](const critic::Question& q) { return q.kind == critic::Kind::kDense; };
  const bool any_dense = std::any_of(set.questions.begin(), set.questions.end(), [&](const auto& list) {
    return std::any_of(list.begin(), list.end(), is_dense);
  });
  if (config.reward.end_token && !any_dense) {
    fail(ErrorKind::kConfig, "reward.end_token is true, but no question of ", config.prompts.train,
         " has a free-text answer that ends; leave it out");
  }
  for (size_t i = 0; i < set.prompts.size(); ++i) {
    const bool counts =
        std::any_of(set.questions[i].begin(), set.questions[i].end(), [&](const auto& question) {
          const auto weight = config.reward.weights.find(critic::to_string(question.aspect));
          return question.weight > 0 && weight != config.reward.weights.end() && weight->second > 0;
        });
    if (!counts) {
      fail(ErrorKind::kConfig, config.questions.file.empty() ? config.prompts.train : config.questions.file,
           ": no question of prompt ", i, " (\"", set.prompts[i],
           "\") counts: their weights, or those of their aspects in reward.weights, are 0");
    }
  }
}

}  // namespace

const std::vector<std::string>& known_policies() { return diffusion::step_policies(); }

namespace {

std::filesystem::path temporary_folder() {
  std::error_code none;  // where there is no such folder, what wants to make a file in it says so
  return std::filesystem::temp_directory_path(none);
}

// A dry run comes with everything decided: it is how the planner decides.
RunConfig decided(const RunConfig& given, const SessionOptions& options) {
  if (options.device.is_meta()) return given;
  return decide_memory_settings(given, {options.device.type(), options.dtype, {}},
                                [&] { return available_memory(options.device); });
}

}  // namespace

Session::Session(const RunConfig& given, const SessionOptions& options, const AdapterFiles& trained_files)
    : config_(decided(given, options)), device_(options.device), meter_(options.device) {
  const RunConfig config = config_;  // as decided; what the adapters of a file settle is written to config_
  const auto dtype_of = [&](const std::string& own, const std::string& key) {
    return options.dtype.empty() ? scalar_type(own, key) : scalar_type(options.dtype, "--dtype");
  };
  // Small files first: a wrong prompt file is reported before gigabytes of weights are read.
  if (config.prompts.train.empty()) {
    train_.prompts = held_out_.prompts = {""};  // a generator of fields reads no text
  } else {
    train_ = open_prompts(config.prompts.train, config, true);
  }
  if (config.asks_questions()) require_counting_questions(train_, config);
  if (!config.prompts.held_out.empty()) held_out_ = open_prompts(config.prompts.held_out, config, false);

  models::ModelOptions model;
  const at::ScalarType dtype = dtype_of(config.generator.dtype, "generator.dtype");
  model.load.dtype = dtype;
  model.decoder_dtype = dtype == at::kDouble ? at::kDouble : at::kFloat;
  model.load.device = device_;
  model.decode_chunk = config.flow.decode_chunk;
  model.decode_stripes = config.flow.decode_stripes;
  model.recompute_decoding = config.flow.recompute == "block";
  if (config.memory.decoder != "auto") model.decode_bytes = *parse_byte_size(config.memory.decoder);
  if (model.recompute_decoding && device_.is_cpu()) return_large_blocks();  // memory was asked for, not time
  model.text_length = config.generator.text_length;
  model.guidance = config.sampling.guidance;
  if (config.sampling.guidance_2 != 0) model.guidance_2 = config.sampling.guidance_2;
  model.one_at_a_time = config.memory.park == "on";
  generator_ = models::open_generator(config.generator.path, model);
  texts_ =
      std::make_unique<TextStates>(*generator_.denoiser, device_, *parse_byte_size(config.memory.text_states),
                                   options.folder.empty() ? temporary_folder() : options.folder);
  // The run folder says what was run, and a resumed run cannot change it unseen.
  if (!options.dtype.empty()) {
    config_.generator.dtype = options.dtype;
    if (config_.asks_questions()) config_.critic.dtype = options.dtype;
    for (RewardTermConfig& term : config_.rewards)
      if (term.kind == "clip") term.dtype = options.dtype;
  }
  latent_shape_ = generator_.denoiser->latent_shape(
      {config.sampling.frames, config.sampling.height, config.sampling.width});
  std::vector<int64_t> batch = latent_shape_;
  batch.insert(batch.begin(), config.train.batch);
  if (generator_.fields && config.sampling.guidance != 1) {
    fail(ErrorKind::kConfig, "sampling.guidance is ", config.sampling.guidance,
         ", but a generator of fields has no prompt to be guided by: set it to 1");
  }
  if (generator_.decoder) generator_.decoder->require_decodable(batch);

  const std::vector<RewardTermConfig> configured = config.terms();
  std::vector<rewards::RewardSpec> specs;
  const auto sources = [&]() -> rewards::RewardSources {
    return {critic_.get(), questions(), train::vlm_options(config),
            generator_.fields ? &*generator_.fields : nullptr, generator_.decoder != nullptr};
  };
  for (size_t i = 0; i < configured.size(); ++i) {
    const RewardTermConfig& term = configured[i];
    const std::string at = concat("rewards.", i, ".");
    rewards::RewardSpec spec{term.kind, at, term.path, {}, term.equation};
    if (term.kind == "clip") {
      spec.clip.dtype = dtype_of(term.dtype, at + "dtype");
      spec.clip.device = device_;
      spec.clip.frames = term.frames;
      spec.clip.scale = rewards::parse_clip_scale(term.scale, at + "scale");
      spec.clip.fit = rewards::parse_clip_fit(term.fit, at + "fit");
      spec.clip.recompute = config.flow.recompute == "block";
    }
    rewards::check_reward(spec, sources());
    if (term.kind == "clip" && !device_.is_meta()) {  // all but reading its numbers
      rewards::RewardSpec outline = spec;
      outline.clip.device = at::kMeta;
      const auto reward = rewards::open_reward(outline, sources());
      reward->check_prompts(train_.prompts);
      reward->check_prompts(held_out_.prompts);
    }
    specs.push_back(std::move(spec));
  }

  at::Tensor given_noise;
  if (!config.sampling.noise.empty()) given_noise = flow::read_noise(config.sampling.noise, latent_shape_);

  models::Denoiser& denoiser = *generator_.denoiser;
  if (config.train.weights == "full") {
    add_weights(denoiser, trained_files, trained_);
  } else {
    if (trained_files.empty()) {
      start_adapters(denoiser, trained_networks(config, denoiser), config_);
    } else {
      load_adapters(denoiser, trained_files);
    }
    add_adapters(denoiser, config, trained_);
  }

  const bool asks = config.asks_questions();
  critic::CriticOptions critic;
  critic.dtype = dtype_of(config.critic.dtype, "critic.dtype");
  critic.device = at::kMeta;
  critic.frames = config.critic.frames;
  critic.max_pixels = config.critic.max_pixels;
  critic.count_end_token = config.reward.end_token;
  critic.recompute = config.flow.recompute == "block";
  if (asks && !device_.is_meta()) {
    const auto outline = critic::open_critic(config.critic.path, critic);  // all but reading its numbers
    check_questions(*outline, train_,
                    config.questions.file.empty() ? config.prompts.train : config.questions.file);
    check_questions(*outline, held_out_, config.prompts.held_out);
  }
  critic.device = device_;
  if (config.memory.park == "on") {
    for (const models::Component& network : denoiser.components())
      if (network.residence) network.residence->park();
  }
  if (options.texts) prepare_texts(options.texts(*this));
  stop_if_interrupted();
  if (asks) critic_ = critic::open_critic(config.critic.path, critic);
  std::vector<flow::Term> terms;
  for (size_t i = 0; i < specs.size(); ++i) {
    if (config.memory.park == "on") {  // no two networks are there together
      if (critic_) critic_->residence()->park();
      for (const auto& reward : rewards_)
        if (reward->residence()) reward->residence()->park();
    }
    rewards_.push_back(rewards::open_reward(specs[i], sources()));
    terms.push_back({configured[i].name, configured[i].weight, rewards_.back().get(), configured[i].judge});
  }
  flow::Noise noise(static_cast<uint64_t>(config.seed), latent_shape_,
                    at::TensorOptions(dtype == at::kDouble ? at::kDouble : at::kFloat).device(device_),
                    given_noise);
  engine_ = std::make_unique<Engine>(config, *generator_.denoiser, trained_, generator_.decoder.get(),
                                     std::move(terms), std::move(noise), &meter_);
}

rewards::Questions Session::questions() const {
  return {{rewards::Split::kTrain, &train_.questions}, {rewards::Split::kHeldOut, &held_out_.questions}};
}

rewards::VlmOptions Session::vlm_options() const { return train::vlm_options(config_); }

const PromptSet& Session::held_out_set() const {
  if (held_out_.prompts.empty())
    fail(ErrorKind::kConfig, "prompts.held_out is not set: name a file of prompts to evaluate on");
  return held_out_;
}

const std::string& require_prompt(const Session& session, int64_t index) {
  const std::vector<std::string>& prompts = session.train_set().prompts;
  if (index < 0 || index >= static_cast<int64_t>(prompts.size())) {
    fail(ErrorKind::kConfig, "--prompt is ", index, ", ", session.config().prompts.train, " has ",
         prompts.size(), " prompts, counted from 0");
  }
  return prompts[static_cast<size_t>(index)];
}

void Session::prepare_texts(std::vector<std::string> prompts) {
  if (config_.sampling.guidance != 1) prompts.push_back(config_.sampling.negative);
  texts_->prepare(prompts);
}

void Session::say_what_is_cut() {
  if (std::exchange(said_what_is_cut_, true) || device_.is_meta()) return;
  const std::string key = "generator.text_length";
  warn_of_cut_prompts(*generator_.denoiser, train_.prompts, "prompts.train", key);
  warn_of_cut_prompts(*generator_.denoiser, held_out_.prompts, "prompts.held_out", key);
  if (config_.sampling.guidance != 1)
    warn_of_cut_prompts(*generator_.denoiser, {config_.sampling.negative}, "sampling.negative", key);
}

flow::Batch Session::batch(const PromptSet& set, const std::vector<std::pair<int64_t, int64_t>>& clips,
                           Purpose purpose, int64_t update, int64_t micro) {
  say_what_is_cut();
  flow::Batch batch;
  batch.update = update;
  batch.micro = micro;
  const auto split = &set == &held_out_ ? rewards::Split::kHeldOut : rewards::Split::kTrain;
  for (const auto& [prompt, draw] : clips) {
    const std::string& text = set.prompts.at(static_cast<size_t>(prompt));
    batch.conditions.push_back(texts_->of(text));
    batch.samples.push_back({split, prompt, draw, text});
  }
  batch.noise_BCTHW = engine_->parts().noise.start(batch.samples, purpose);
  if (config_.sampling.guidance != 1) batch.unconditional = texts_->of(config_.sampling.negative);
  return batch;
}

}  // namespace drf::train
