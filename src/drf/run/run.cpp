#include "drf/run/run.h"

#include <utility>

#include "drf/base/byte_size.h"
#include "drf/base/error.h"
#include "drf/base/heap.h"
#include "drf/base/interrupt.h"
#include "drf/critic/open_critic.h"
#include "drf/nn/residence.h"
#include "drf/run/learners.h"

namespace drf::run {
namespace {

models::ModelOptions generator_options(const RunConfig& c, at::Device device) {
  models::ModelOptions o;
  const at::ScalarType dtype = scalar_type(c.generator.dtype, "generator.dtype");
  o.load.dtype = dtype;
  o.load.device = device;
  o.decoder_dtype = dtype == at::kDouble ? at::kDouble : at::kFloat;
  o.decode_chunk = c.flow.decode_chunk;
  o.decode_stripes = c.flow.decode_stripes;
  o.recompute_decoding = c.flow.recompute == "block";
  if (c.memory.decoder != "auto") o.decode_bytes = *parse_byte_size(c.memory.decoder);
  o.text_length = c.generator.text_length;
  o.guidance = c.sampling.guidance;
  if (c.sampling.guidance_2 != 0) o.guidance_2 = c.sampling.guidance_2;
  o.one_at_a_time = c.memory.park == "on";
  if (o.recompute_decoding && device.is_cpu()) return_large_blocks();  // memory was asked for, not time
  return o;
}

// Of a reward that asks questions.
const std::string& critic_folder(const RunConfig& c, const RewardTermConfig& term) {
  return term.asks_critic() ? c.critic.path : term.path;
}

critic::CriticOptions critic_options(const RunConfig& c, const RewardTermConfig& term, at::Device device) {
  critic::CriticOptions o;
  if (term.asks_critic()) {
    o.dtype = scalar_type(c.critic.dtype, "critic.dtype");
    o.frames = c.critic.frames;
    o.max_pixels = c.critic.max_pixels;
  } else {
    o.dtype = scalar_type(term.dtype, "rewards.dtype");
    o.frames = term.frames;
  }
  o.device = device;
  o.count_end_token = c.reward.end_token;
  o.recompute = c.flow.recompute == "block";
  return o;
}

rewards::RewardSpec reward_spec(const RewardTermConfig& term, const std::string& at, const RunConfig& c,
                                at::Device device) {
  rewards::RewardSpec spec{term.kind, at, term.path, {}, term.equation, surrogate_options(c, term)};
  spec.clip.dtype = scalar_type(term.dtype, at + "dtype");
  spec.clip.device = device;
  spec.clip.frames = term.frames;
  spec.clip.scale = rewards::parse_clip_scale(term.scale, at + "scale");
  spec.clip.fit = rewards::parse_clip_fit(term.fit, at + "fit");
  spec.clip.recompute = c.flow.recompute == "block";
  return spec;
}

}  // namespace

const std::vector<std::string>& known_policies() { return diffusion::step_policies(); }

Run::Run(const RunConfig& resolved, PromptSets prompts, const BuildOptions& options)
    : config_(resolved),
      prompts_(std::move(prompts)),
      device_(options.device),
      meter_(device_),
      generator_(models::open_generator(config_.generator.path, generator_options(config_, device_))) {
  require_sound_sizes();
  const std::vector<rewards::RewardSpec> specs = checked_rewards();
  batches_ = std::make_unique<Batches>(*generator_.denoiser, config_, prompts_, noise(), options.folder);
  open_trained(options.trained);
  if (config_.asks_questions() && !device_.is_meta()) check_questions();
  if (config_.memory.park == "on") {
    for (const models::Component& network : generator_.denoiser->components())
      if (network.residence) network.residence->park();
  }
  if (!options.texts.empty()) batches_->prepare(options.texts);
  stop_if_interrupted();
  open_rewards(specs);
}

void Run::require_sound_sizes() const {
  const SamplingConfig& c = config_.sampling;
  std::vector<int64_t> batch = generator_.denoiser->latent_shape({c.frames, c.height, c.width});
  batch.insert(batch.begin(), config_.train.batch);
  if (generator_.fields && c.guidance != 1) {
    fail(ErrorKind::kConfig, "sampling.guidance is ", c.guidance,
         ", but a generator of fields has no prompt to be guided by: set it to 1");
  }
  if (generator_.decoder) generator_.decoder->require_decodable(batch);
}

flow::Noise Run::noise() const {
  const SamplingConfig& c = config_.sampling;
  const auto shape = generator_.denoiser->latent_shape({c.frames, c.height, c.width});
  const bool wide = scalar_type(config_.generator.dtype, "generator.dtype") == at::kDouble;
  return {static_cast<uint64_t>(config_.seed), shape,
          at::TensorOptions(wide ? at::kDouble : at::kFloat).device(device_),
          c.noise.empty() ? at::Tensor() : flow::read_noise(c.noise, shape)};
}

rewards::Questions Run::questions() const {
  return {{rewards::Split::kTrain, &prompts_.train.questions},
          {rewards::Split::kHeldOut, &prompts_.held_out.questions}};
}

rewards::VlmOptions Run::vlm_options() const {
  rewards::VlmOptions o;
  o.fps = config_.sampling.fps;
  o.weigh.aspect_weights.clear();
  for (const auto& [name, weight] : config_.reward.weights) {
    const auto aspect = questions::parse_aspect(name);
    if (!aspect) fail(ErrorKind::kConfig, "reward.weights: unknown aspect ", name, ", wanted TA, PF or VQ");
    o.weigh.aspect_weights[*aspect] = weight;
  }
  o.weigh.focus = config_.reward.focus;
  o.weigh.odds = config_.reward.odds;
  o.weigh.margin = config_.reward.margin;
  o.left_out = config_.robust.questions;
  o.seed = static_cast<uint64_t>(config_.seed);
  return o;
}

std::unique_ptr<rewards::Reward> Run::with_weights(size_t term, const rewards::WeighOptions& weigh) {
  return std::make_unique<rewards::VlmReward>(
      *critics_.at(term), questions(),
      rewards::VlmOptions{config_.sampling.fps, weigh, config_.name_of_critic(term)});
}

rewards::RewardSources Run::reward_sources() const {
  rewards::RewardSources sources{/*critic=*/nullptr, questions(), vlm_options(),
                                 generator_.fields ? &*generator_.fields : nullptr,
                                 generator_.decoder != nullptr};
  if (!batches_) return sources;
  sources.latents_CTHW = latent_shape();
  sources.latents = batches_->noise().options();
  sources.condition_of = [batches = batches_.get()](const std::string& prompt) {
    return batches->condition(prompt);
  };
  return sources;
}

// The rewards as they will be opened, after all of them that can be known without reading their numbers is
// checked.
std::vector<rewards::RewardSpec> Run::checked_rewards() const {
  std::vector<rewards::RewardSpec> specs;
  for (const RewardTermConfig& term : config_.terms()) {
    const std::string at = concat("rewards.", specs.size(), ".");
    rewards::RewardSpec spec = reward_spec(term, at, config_, device_);
    rewards::check_reward(spec, reward_sources());
    const auto outline = device_.is_meta() ? nullptr : rewards::outline_reward(spec, reward_sources());
    if (outline) {
      outline->check_prompts(prompts_.train.prompts);
      outline->check_prompts(prompts_.held_out.prompts);
    }
    specs.push_back(std::move(spec));
  }
  return specs;
}

void Run::open_trained(const AdapterFiles& files) {
  models::Denoiser& denoiser = *generator_.denoiser;
  if (config_.train.weights == "full") {
    add_weights(denoiser, files, trained_);
    return;
  }
  if (files.empty()) {
    start_adapters(denoiser, trained_networks(config_, denoiser), config_);
    sigma_max_ = adapters_compute(config_, denoiser);
  } else {
    sigma_max_ = load_adapters(denoiser, files);
  }
  add_adapters(denoiser, config_, trained_);
}

// The questions hold no token by which a critic tells media and turns apart.
void Run::check_questions() const {
  const std::vector<RewardTermConfig> terms = config_.terms();
  for (size_t i = 0; i < terms.size(); ++i) {
    if (!terms[i].asks_questions()) continue;
    const std::string& folder = critic_folder(config_, terms[i]);
    const auto outline = critic::open_critic(folder, critic_options(config_, terms[i], at::kMeta));
    const auto check = [&](const PromptSet& set, const std::string& file) {
      const std::string where = terms[i].asks_critic() ? file : concat(file, ", asked of ", folder);
      for (const questions::QuestionList& list : set.questions) outline->check_texts(list, where);
      if (i != config_.main_critic()) return;
      for (const questions::QuestionList& list : set.unseen) outline->check_texts(list, where);
    };
    check(prompts_.train, config_.questions.file.empty() ? config_.prompts.train : config_.questions.file);
    check(prompts_.held_out, config_.prompts.held_out);
  }
}

void Run::open_rewards(const std::vector<rewards::RewardSpec>& specs) {
  const std::vector<RewardTermConfig> configured = config_.terms();
  critics_.resize(configured.size());
  std::vector<flow::Term> terms;
  for (size_t i = 0; i < specs.size(); ++i) {
    if (config_.memory.park == "on") {  // no two networks are there together
      for (const auto& reward : rewards_)
        if (reward->residence()) reward->residence()->park();
    }
    rewards::RewardSources sources = reward_sources();
    if (configured[i].asks_questions()) {
      critics_[i] = critic::open_critic(critic_folder(config_, configured[i]),
                                        critic_options(config_, configured[i], device_));
      if (config_.memory.park == "on") critics_[i]->residence()->park();
      sources.critic = critics_[i].get();
      sources.vlm.name = config_.name_of_critic(i);
    }
    rewards_.push_back(rewards::open_reward(specs[i], sources));
    terms.push_back(
        {configured[i].name, configured[i].weight, rewards_.back().get(), role_of(config_, configured[i])});
  }
  engine_ = std::make_unique<Engine>(config_, *generator_.denoiser, trained_, sigma_max_,
                                     generator_.decoder.get(), std::move(terms), batches_->noise(), &meter_);
}

}  // namespace drf::run
