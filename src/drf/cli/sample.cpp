// drf sample: one video from a prompt, as diffusers' WanPipeline makes it.

#include <ATen/ATen.h>

#include <iostream>

#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/base/interrupt.h"
#include "drf/base/letters.h"
#include "drf/base/progress.h"
#include "drf/base/random.h"
#include "drf/cli/command.h"
#include "drf/diffusion/sampler.h"
#include "drf/flow/guided_denoiser.h"
#include "drf/flow/networks.h"
#include "drf/flow/noise.h"
#include "drf/media/clip.h"
#include "drf/models/denoiser.h"
#include "drf/nn/lora.h"
#include "drf/run/adapters.h"
#include "drf/run/cut_prompts.h"
#include "drf/tensor/safetensors.h"

namespace drf::cli {
namespace {

struct SampleOptions {
  CommonOptions common;
  std::string model, prompt, negative, size = "832x480", sampler, schedule, weights, lora, noise,
                                       save_latents, save_frames, output, lora_2;
  int64_t frames = 81, steps = 50, seed = 0, text_length = 512;
  double guidance = 5.0, guidance_2 = 0, shift = 0, lora_scale = 1.0, fps = 16;
};

at::Tensor initial_noise_BCTHW(const SampleOptions& o, const std::vector<int64_t>& shape,
                               at::TensorOptions options) {
  at::Tensor given;
  if (!o.noise.empty()) given = flow::read_noise(o.noise, shape);
  const flow::Noise noise(static_cast<uint64_t>(o.seed), shape, options, given);
  return noise.start({rewards::Sample{}}, Purpose::kSampleNoise);
}

// UniPC has levels of its own.
void require_own_levels(const SampleOptions& o, diffusion::SamplerKind kind) {
  if (kind == diffusion::SamplerKind::kEuler || o.schedule.empty()) return;
  fail(ErrorKind::kConfig, "--schedule is ", o.schedule, ", but the sampler is unipc",
       o.sampler.empty() ? " (the model's own)" : "",
       ", which has levels of its own; give --sampler euler, or ", "leave --schedule out");
}

int run(const SampleOptions& o) {
  const at::Device device = apply(o.common);
  const Interrupt interrupt;
  int64_t width = 0, height = 0;
  parse_size(o.size, width, height);
  if (!(o.guidance >= 1 && o.guidance <= 1000)) {
    fail(ErrorKind::kConfig, "--guidance is ", o.guidance,
         ", must be at least 1 (1 = no guidance), and 1000 at ", "most");
  }
  if (o.guidance_2 != 0 && !(o.guidance_2 >= 1 && o.guidance_2 <= 1000)) {
    fail(ErrorKind::kConfig, "--guidance-2 is ", o.guidance_2,
         ", must be at least 1 (1 = no guidance), and 1000 at most; leave it out for --guidance's");
  }
  run::check_adapter_files({o.lora, o.lora_2}, {"--lora", "--lora-2"});
  if (o.guidance == 1 && !o.negative.empty()) {
    fail(ErrorKind::kConfig,
         "--negative would be ignored with --guidance 1; raise the guidance or leave it out");
  }
  if (o.output.empty() && o.save_frames.empty() && o.save_latents.empty()) {
    fail(ErrorKind::kConfig, "nothing to write: give -o, --save-frames or --save-latents");
  }
  if (!o.output.empty()) media::check_clip_path(o.output);
  for (const std::string& file : {o.output, o.save_latents, o.save_frames}) {
    if (!file.empty()) require_writable_folder(std::filesystem::absolute(file).parent_path());
  }
  if (!o.sampler.empty())
    require_own_levels(o, diffusion::parse_sampler(o.sampler));  // before a model is read
  const auto levels = o.schedule.empty() ? diffusion::EulerLevels::kDiffusers
                                         : diffusion::parse_euler_levels(o.schedule, "--schedule");

  models::ModelOptions options;
  const at::ScalarType dtype = o.common.dtype.empty() ? at::kFloat : parse_dtype(o.common.dtype);
  options.load.dtype = dtype;
  if (dtype == at::kDouble) options.decoder_dtype = at::kDouble;
  options.load.device = device;
  options.text_length = o.text_length;
  options.guidance = o.guidance;
  if (o.guidance_2 != 0) options.guidance_2 = o.guidance_2;
  models::Generator model = models::open_generator(o.model, options);
  if (!model.decoder && !(o.output.empty() && o.save_frames.empty())) {
    fail(ErrorKind::kConfig, o.output.empty() ? "--save-frames" : "-o", " wants frames, and ", o.model,
         " draws fields, which have none: give --save-latents alone");
  }
  const std::vector<int64_t> shape = model.denoiser->latent_shape({o.frames, height, width});
  const std::vector<models::Component> networks = model.denoiser->components();
  if (!o.weights.empty()) {
    if (networks.size() > 1)
      fail(ErrorKind::kConfig, "--weights is ", o.weights, ", but ", o.model,
           " has two transformers: make a folder of a pipeline that holds it, or leave it out");
    nn::load_strict(*networks.front().root, Checkpoint::open(o.weights, "diffusion_pytorch_model"),
                    options.load);
  }
  const std::vector<nn::SigmaMax> sigma_max = run::load_adapters(*model.denoiser, {o.lora, o.lora_2});
  for (const models::Component& network : networks) nn::scale_lora(*network.root, o.lora_scale);

  const auto kind = diffusion::parse_sampler(o.sampler.empty() ? model.scheduler.sampler : o.sampler);
  const double shift = o.shift > 0 ? o.shift : model.scheduler.shift;
  const int64_t train_steps = model.scheduler.num_train_timesteps;
  require_own_levels(o, kind);
  const auto schedule = kind == diffusion::SamplerKind::kEuler
                            ? diffusion::euler_schedule({levels, o.steps, shift}, train_steps)
                            : diffusion::make_schedule(kind, o.steps, shift, train_steps);
  const auto sampler = diffusion::make_sampler(kind, schedule, model.scheduler.solver_order);

  run::warn_of_cut_prompts(*model.denoiser, {o.prompt}, "--prompt", "--text-length");
  if (o.guidance != 1) run::warn_of_cut_prompts(*model.denoiser, {o.negative}, "--negative", "--text-length");

  const at::NoGradGuard no_graph;
  const models::Condition condition = model.denoiser->encode(o.prompt);
  const models::Condition unconditional =
      o.guidance == 1 ? models::Condition() : model.denoiser->encode(o.negative);
  model.denoiser->release_encoders();
  nn::TrainableSet adapters;
  for (const models::Component& network : networks) nn::add_lora(adapters, *network.root, network.name);
  const flow::GuidedDenoiser guided(*model.denoiser, adapters, {}, nullptr,
                                    flow::trained_until(*model.denoiser, schedule, sigma_max));
  const flow::Prepared prepared = guided.prepare({condition}, unconditional);
  const auto state = dtype == at::kDouble ? at::kDouble : at::kFloat;
  at::Tensor x = initial_noise_BCTHW(o, shape, at::TensorOptions(state).device(device));
  Progress progress("sampling", o.steps);
  for (int64_t step = 0; step < o.steps; ++step) {
    stop_if_interrupted();
    const at::Tensor v = guided.velocity(x, schedule.timesteps[step], prepared);
    x = sampler->step(x, v, step);
    progress.update(step + 1);
  }
  if (!x.isfinite().all().item<bool>()) fail(ErrorKind::kNumerics, "the sampler produced non-finite latents");
  if (!o.save_latents.empty()) write_safetensors(o.save_latents, {{"latents", x[0].to(at::kFloat)}});
  if (o.save_frames.empty() && o.output.empty()) return 0;
  const at::Tensor frames = model.decoder->decode(x, nn::Graph::kNone)[0].to(at::kCPU);
  if (!o.save_frames.empty()) media::write_frames(o.save_frames, frames);
  if (!o.output.empty()) {
    media::save_clip(o.output, frames, o.fps);
    std::cout << o.output << "\n";
  }
  return 0;
}

}  // namespace

Command add_sample(CLI::App& app) {
  auto options = std::make_shared<SampleOptions>();
  SampleOptions& o = *options;
  app.add_option("--model", o.model, "generator folder in diffusers' layout")->required();
  app.add_option("--prompt", o.prompt, "what the video should show")->required();
  app.add_option("--negative", o.negative, "what it should not show (with guidance > 1)");
  app.add_option("--frames", o.frames, "frames, 4 k + 1 for Wan")->capture_default_str();
  app.add_option("--size", o.size, "WIDTHxHEIGHT in pixels")->capture_default_str();
  app.add_option("--steps", o.steps, "sampling steps")->check(CLI::Range(1, 10000))->capture_default_str();
  app.add_option("--guidance", o.guidance, "classifier-free guidance scale, 1 = off")->capture_default_str();
  app.add_option("--guidance-2", o.guidance_2,
                 "the same where the second transformer computes (Wan 2.2 A14B; default: --guidance)");
  app.add_option("--shift", o.shift, "time shift of the schedule (default: the model's scheduler/ config)")
      ->check(number_from(0.001, 1000));
  app.add_option("--sampler", o.sampler, "euler or unipc (default: the model's scheduler/ config)");
  app.add_option("--schedule", o.schedule,
                 "levels of the euler sampler: diffusers (default) or flow (what training rolls out with)");
  CLI::Option* seed =
      app.add_option("--seed", o.seed, "seed of the noise")->check(kSeeds)->capture_default_str();
  app.add_option("--text-length", o.text_length, "tokens the prompt is padded to")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  app.add_option("--weights", o.weights,
                 "folder of a transformer to take the place of the model's own, as full training saves it");
  app.add_option("--lora", o.lora, "adapter file (diffusers' or ComfyUI's names)");
  app.add_option("--lora-2", o.lora_2, "the same of the second transformer (Wan 2.2 A14B)");
  CLI::Option* lora_scale = app.add_option("--lora-scale", o.lora_scale, "strength of the adapters")
                                ->check(number_from(-1000, 1000))
                                ->capture_default_str();
  app.add_option("--noise", o.noise,
                 "take the noise from this file, not from --seed: tensor 'noise' [C,T,H,W]")
      ->excludes(seed);
  app.add_option("--save-latents", o.save_latents, "write 'latents' [C,T,H,W], normalised, float32");
  app.add_option("--save-frames", o.save_frames, "write 'frames' [F,3,H,W] in [0,1], not clamped, float32");
  CLI::Option* output = app.add_option("-o,--output", o.output, "video or picture to write");
  CLI::Option* fps = app.add_option("--fps", o.fps, "frames a second of the written video")
                         ->needs(output)
                         ->check(number_from(0.01, 1000))
                         ->capture_default_str();
  add_common_options(app, o.common);
  return [options, fps, lora_scale] {
    if (lora_scale->count() > 0 && options->lora.empty() && options->lora_2.empty())
      fail(ErrorKind::kConfig, "--lora-scale requires --lora or --lora-2");
    if (fps->count() > 0 && lower(std::filesystem::path(options->output).extension().string()) == ".png")
      fail(ErrorKind::kConfig, "--fps would be ignored: ", options->output,
           " holds the frames side by side; write .mp4, .gif or .apng, or leave --fps out");
    return run(*options);
  };
}

}  // namespace drf::cli
