// Text to video equals diffusers' WanPipeline on the bundled generator, opened from its folder: text encoder,
// transformer, guidance, sampler, adapters and decoder together. tools/reference/pipeline.py.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "drf/diffusion/sampler.h"
#include "drf/flow/guided_denoiser.h"
#include "drf/models/denoiser.h"
#include "drf/nn/lora_file.h"
#include "drf/tensor/memory_meter.h"
#include "tests/support/golden.h"

namespace drf {
namespace {

using testing::close_relative;
using testing::Golden;
using testing::source_path;

struct Video {
  at::Tensor latents, frames;
};

Video sample(const Golden& golden, at::ScalarType dtype, bool in_parts = false) {
  const auto settings = nlohmann::json::parse(golden.metadata("settings"));
  models::ModelOptions options;
  options.load.dtype = options.decoder_dtype = dtype;
  options.text_length = settings["text-length"];
  options.guidance = settings["guidance"];
  if (in_parts) options.decode_chunk = 1, options.decode_stripes = 2;
  const auto model = models::open_generator(source_path(settings["model"].get<std::string>()), options);
  models::Denoiser& denoiser = *model.denoiser;
  if (settings.contains("lora")) {
    const std::string file = settings["lora"];
    const models::Component component = denoiser.components().front();
    nn::load_lora(*component.root, source_path("tests/goldens/" + file), component.names);
  }
  const at::NoGradGuard no_graph;
  const auto kind = diffusion::parse_sampler(settings["sampler"]);
  const auto schedule = diffusion::make_schedule(kind, settings["steps"], settings["shift"]);
  const auto sampler = diffusion::make_sampler(kind, schedule);
  const models::Condition text = denoiser.encode(settings["prompt"].get<std::string>());
  const models::Condition negative = denoiser.encode(settings.value("negative", std::string()));
  at::Tensor x = golden["noise"].to(dtype).unsqueeze(0);
  const nn::TrainableSet untrained;
  const flow::GuidedDenoiser guided(denoiser, untrained, {});
  const flow::Prepared prepared = guided.prepare({text}, negative);
  for (int64_t step = 0; step < schedule.steps(); ++step) {
    x = sampler->step(x, guided.velocity(x, schedule.timesteps[step], prepared), step);
  }
  return {x[0], model.decoder->decode(x, nn::Graph::kNone)[0]};
}

class Pipeline : public ::testing::TestWithParam<const char*> {
 protected:
  Golden golden{GetParam()};
};

// The golden's float64 answers are stored as float32, and Euler's step sizes are float32: a few roundings.
TEST_P(Pipeline, InFloat64EqualsTheReferenceToTheGoldensRounding) {
  const Video video = sample(golden, at::kDouble);
  EXPECT_TRUE(close_relative(video.latents, golden["latents_exact"], 1e-6));
  EXPECT_TRUE(close_relative(video.frames.clamp(0, 1), golden["frames_exact"], 1e-6));
}

// The reference's own float32 run is up to 3e-6 from its float64 one.
TEST_P(Pipeline, InFloat32EqualsTheReferenceToRounding) {
  const Video video = sample(golden, at::kFloat);
  EXPECT_TRUE(close_relative(video.latents, golden["latents"], 1e-5));
  EXPECT_TRUE(close_relative(video.frames.clamp(0, 1), golden["frames"], 1e-5));
}

TEST_P(Pipeline, DecodingInPartsGivesTheSameFrames) {
  EXPECT_TRUE(
      close_relative(sample(golden, at::kFloat, true).frames, sample(golden, at::kFloat).frames, 1e-5));
}

INSTANTIATE_TEST_SUITE_P(Cases, Pipeline,
                         ::testing::Values("pipeline_euler.safetensors", "pipeline_unipc.safetensors",
                                           "pipeline_euler_guided_lora.safetensors"));

// Adapters at strength 0 are the base model: without this a golden with a LoRA could equal one without.
TEST(PipelineAdapters, TheGoldensLoraChangesTheVideo) {
  const Golden with("pipeline_euler_guided_lora.safetensors");
  const auto settings = nlohmann::json::parse(with.metadata("settings"));
  models::ModelOptions options;
  options.text_length = settings["text-length"];
  const auto model = models::open_generator(source_path(settings["model"].get<std::string>()), options);
  models::Denoiser& denoiser = *model.denoiser;
  const at::NoGradGuard no_graph;
  const at::Tensor x = with["noise"].unsqueeze(0);
  const models::Condition text = denoiser.encode(settings["prompt"].get<std::string>());
  const at::Tensor base = denoiser.velocity(x, 1000, denoiser.prepare({text}, {}), {});
  const std::string file = settings["lora"];
  const models::Component component = denoiser.components().front();
  nn::load_lora(*component.root, source_path("tests/goldens/" + file), component.names);
  EXPECT_FALSE(close_relative(denoiser.velocity(x, 1000, denoiser.prepare({text}, {}), {}), base, 1e-2));
}

TEST(PipelineTexts, AReleasedTextEncoderIsReadAgain) {
  models::ModelOptions options;
  options.load.dtype = at::kBFloat16;  // weights of its own, not the file's
  const MemoryMeter meter(at::kCPU);
  const auto model = models::open_generator(source_path("assets/tiny/generator"), options);
  const std::string prompt = "a red ball moves left on a black background";
  const at::Tensor states = model.denoiser->encode(prompt).get("text");
  const int64_t before = meter.live();
  model.denoiser->release_encoders();
  EXPECT_LT(meter.live(), before);
  EXPECT_TRUE(at::equal(model.denoiser->encode(prompt).get("text"), states));
  EXPECT_EQ(meter.live(), before);
}

}  // namespace
}  // namespace drf
