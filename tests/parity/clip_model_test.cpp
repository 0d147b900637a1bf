// CLIP equals transformers' CLIPModel, CLIPImageProcessor and CLIPConfig: tools/reference/clip.py.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <set>

#include "drf/base/files.h"
#include "drf/models/clip/flops.h"
#include "drf/models/clip/image_processor.h"
#include "drf/models/clip/model.h"
#include "drf/tensor/memory_meter.h"
#include "tests/support/expect_error.h"
#include "tests/support/golden.h"
#include "tests/support/slope.h"

namespace drf::clip {
namespace {

using testing::close;
using testing::close_relative;
using testing::error_of;
using testing::Golden;
using testing::says;
using testing::source_path;

// Values and gradients agree to rounding of float64 once the reference's float32 casts are lifted.
constexpr double kFloat64 = 1e-9;
// Two float32 passes of up to three blocks.
constexpr double kFloat32 = 2e-5;

using nlohmann::json;

class ClipModel : public ::testing::TestWithParam<const char*> {
 protected:
  Golden golden_{GetParam()};
  Model model_{Config::read(golden_.config())};
  ImageProcessorConfig processor_ = ImageProcessorConfig::read(
      JsonConfig(json::parse(golden_.metadata("processor")), "preprocessor_config.json"),
      model_.config().vision);
  std::vector<std::vector<int64_t>> texts_ = json::parse(golden_.metadata("texts"));

  at::Tensor pixels(const at::Tensor& frames) const { return process_images(frames, processor_, Fit::kCrop); }
  at::Tensor logits(const at::Tensor& frames) const {
    const at::Tensor text = model_.text_embeddings(texts_), image = model_.image_embeddings(pixels(frames));
    return at::matmul(text, image.t()) * model_.scale();
  }
};

TEST_P(ClipModel, ValuesAndEveryGradientEqualTheReference) {
  golden_.load(model_, at::kDouble);
  model_.set_requires_grad(true);
  const at::Tensor frames = golden_["in.frames"].to(at::kDouble).requires_grad_();
  EXPECT_TRUE(close_relative(pixels(frames), golden_["out.pixels"], kFloat64));
  EXPECT_TRUE(close_relative(model_.text_embeddings(texts_), golden_["out.text"], kFloat64));
  EXPECT_TRUE(close_relative(model_.image_embeddings(pixels(frames)), golden_["out.image"], kFloat64));
  const at::Tensor got = logits(frames);
  EXPECT_TRUE(close_relative(got, golden_["out.logits"], kFloat64));
  (got * golden_["probe"].to(at::kDouble)).sum().backward();
  for (const auto& p : model_.named_parameters()) {
    ASSERT_TRUE(p.tensor->grad().defined()) << "no gradient reached " << p.name;
    const at::Tensor grad = p.tensor->grad(), want = golden_["grad.param." + p.name];
    // What is added to all keys changes no softmax: both are rounding, which says nothing relative to itself.
    const bool zero = p.name.ends_with("k_proj.bias");
    EXPECT_TRUE(zero ? close(grad, want, kFloat64) : close_relative(grad, want, kFloat64)) << p.name;
  }
  EXPECT_TRUE(close_relative(frames.grad(), golden_["grad.in.frames"], kFloat64));
}

TEST_P(ClipModel, RecomputedBlocksGiveTheSameBits) {
  golden_.load(model_, at::kFloat);
  const auto gradient = [&](bool recompute) {
    model_.set_recompute(recompute);
    const at::Tensor frames = golden_["in.frames"].requires_grad_();
    const at::Tensor out = logits(frames);
    (out * golden_["probe"]).sum().backward();
    return std::pair(out.detach(), frames.grad());
  };
  const auto plain = gradient(false), again = gradient(true);
  EXPECT_TRUE(plain.first.equal(again.first));
  EXPECT_TRUE(plain.second.equal(again.second));
}

// What is kept of a block is its input alone: of eight blocks less than a third of all activations.
TEST(ClipMemory, RecomputationTakesLess) {
  Config config;
  config.vision.tower = {.hidden_size = 48, .intermediate_size = 192, .num_layers = 8, .num_heads = 4};
  config.text.tower = {.hidden_size = 8, .intermediate_size = 8, .num_layers = 1, .num_heads = 1};
  config.vision.image_size = 64;
  config.vision.patch_size = 8;
  Model model(config);
  for (const auto& p : model.named_parameters()) *p.tensor = at::full(p.tensor->sizes(), .01);
  const auto peak = [&](bool recompute) {
    model.set_recompute(recompute);
    const at::Tensor pixels = at::ones({4, 3, 64, 64}).requires_grad_();
    MemoryMeter meter(at::kCPU);
    model.image_embeddings(pixels).sum().backward();
    return meter.peak();
  };
  const int64_t plain = peak(false), again = peak(true);
  EXPECT_LT(3 * again, plain) << again << " bytes against " << plain;
}

TEST_P(ClipModel, Float32AgreesToRounding) {
  golden_.load(model_, at::kFloat);
  const at::Tensor got = logits(golden_["in.frames"]);
  EXPECT_EQ(got.scalar_type(), at::kFloat);
  EXPECT_TRUE(close(got, golden_["out.logits"], kFloat32));
}

TEST_P(ClipModel, HalfModelsKeepTheScaleAndGiveFloat32) {
  golden_.load(model_, at::kBFloat16);
  for (const auto& p : model_.named_parameters()) {
    EXPECT_EQ(p.tensor->scalar_type(), p.name == "logit_scale" ? at::kFloat : at::kBFloat16) << p.name;
  }
  const at::Tensor got = logits(golden_["in.frames"]);
  EXPECT_EQ(got.scalar_type(), at::kFloat);
  // Unit vectors of one to three bfloat16 blocks with large weights: eight bits, a few roundings in a row.
  EXPECT_TRUE(close(got / model_.scale(), golden_["out.logits"] / golden_["param.logit_scale"].exp(), .1));
}

TEST_P(ClipModel, TheGradientOfThePixelsIsTheSlope) {
  golden_.load(model_, at::kDouble);
  const at::Tensor frames = golden_["in.frames"].to(at::kDouble), probe = golden_["probe"].to(at::kDouble);
  for (const Fit fit : {Fit::kCrop, Fit::kPad}) {
    const auto value = [&](const at::Tensor& x) {
      const at::Tensor image = model_.image_embeddings(process_images(x, processor_, fit));
      return (at::matmul(model_.text_embeddings(texts_), image.t()) * model_.scale() * probe).sum();
    };
    const at::Tensor x = frames.clone().requires_grad_(), along = testing::direction(3, frames);
    value(x).backward();
    testing::expect_slope(value(frames + testing::kStep * along).item<double>(),
                          value(frames - testing::kStep * along).item<double>(),
                          (x.grad() * along).sum().item<double>());
  }
}

INSTANTIATE_TEST_SUITE_P(Configs, ClipModel,
                         ::testing::Values("clip_a.safetensors", "clip_b.safetensors", "clip_c.safetensors"),
                         [](const auto& info) { return std::string(1, info.param[5]); });

TEST(ClipText, IsReadAtItsLargestIdOrAtTheFirstEndToken) {
  EXPECT_EQ(pooled_position({7, 3, 9, 9, 1}, 2), 2);
  EXPECT_EQ(pooled_position({7, 3, 2, 9, 1}, 3), 1);
  EXPECT_EQ(pooled_position({7, 3, 9, 3}, 3), 1);
  EXPECT_EQ(pooled_position({7, 3, 9}, 5), 0);  // as the reference: nowhere is the first place
}

TEST(ClipText, TextsThatTheModelCannotReadAreRefused) {
  const Golden golden("clip_c.safetensors");
  Model model(Config::read(golden.config()));
  golden.load(model);
  const auto message = [&](std::vector<int64_t> ids) {
    return error_of(ErrorKind::kInput, [&] { model.text_embeddings({ids}); });
  };
  EXPECT_TRUE(says(message({0, 7}), "token id 7 is not in the model's vocabulary of 7"));
  EXPECT_TRUE(says(message({0, -1}), "token id -1"));
  EXPECT_TRUE(says(message({0, 1, 2, 6}), "a text of 4 tokens; the model reads 1 to 3"));
  EXPECT_TRUE(says(message({}), "a text of 0 tokens"));
}

// Every text by itself: what else is in the batch, and how long, does not matter.
TEST(ClipText, PaddingIsNotSeen) {
  const Golden golden("clip_a.safetensors");
  Model model(Config::read(golden.config()));
  golden.load(model, at::kDouble);
  const std::vector<int64_t> ids = {35, 4, 36}, other = {35, 1, 2, 3, 4, 5, 6, 7, 8, 9, 36};
  EXPECT_TRUE(close(model.text_embeddings({other, ids})[1], model.text_embeddings({ids})[0], 1e-13));
}

TEST(ClipProcessor, EqualsTheReferenceOnEveryShape) {
  const Golden golden("clip_processor.safetensors");
  const json settings = json::parse(golden.metadata("settings"));
  ASSERT_EQ(settings.size(), 11u);
  for (size_t i = 0; i < settings.size(); ++i) {
    SCOPED_TRACE(i);
    VisionConfig vision;
    vision.image_size = settings[i]["crop_size"]["height"];
    const auto p = ImageProcessorConfig::read(JsonConfig(settings[i], "preprocessor_config.json"), vision);
    const std::string key = std::to_string(i) + ".";
    const at::Tensor images = golden[key + "images"].to(at::kDouble);
    EXPECT_TRUE(close_relative(process_images(images, p, Fit::kCrop), golden[key + "crop"], kFloat64));
    EXPECT_TRUE(close_relative(process_images(images, p, Fit::kPad), golden[key + "pad"], kFloat64));
    EXPECT_EQ(process_images(images.to(at::kBFloat16), p, Fit::kCrop).scalar_type(), at::kFloat);
  }
}

TEST(ClipProcessor, SizesThatPeopleHaveAreReadAndOthersRefused) {
  VisionConfig vision;  // 224
  const auto read = [&](const json& value) {
    return ImageProcessorConfig::read(JsonConfig(value, "preprocessor_config.json"), vision);
  };
  EXPECT_EQ(read({{"size", 224}, {"crop_size", 224}}).shortest_edge, 224);
  const auto p = read({{"size", {{"shortest_edge", 256}}}, {"crop_size", {{"height", 224}, {"width", 224}}}});
  EXPECT_EQ(p.shortest_edge, 256);
  EXPECT_EQ(read(json::object()).mean[1], 0.4578275);
  EXPECT_EQ(read({{"do_normalize", false}}).std[2], 1);
  EXPECT_EQ(read({{"do_rescale", false}}).scale, 255);
  const auto refused = [&](const json& value, const char* part) {
    const auto message = error_of(ErrorKind::kInput, [&] { read(value); });
    EXPECT_TRUE(says(message, part)) << message;
    EXPECT_TRUE(says(message, "preprocessor_config.json")) << message;
  };
  refused({{"crop_size", 336}}, "crop_size: is 336; the model's image_size is 224");
  refused({{"size", 200}}, "size: is 200, less than crop_size 224");
  refused({{"size", {{"height", 224}, {"width", 224}}}}, "only shortest_edge is supported");
  refused({{"size", {{"longest_edge", 224}}}}, "only shortest_edge");
  refused({{"size", json::object()}}, "shortest_edge: is missing");
  refused({{"crop_size", {{"height", 224}, {"width", 200}}}}, "is 224 x 200, wanted a square");
  refused({{"size", 0}}, "must be positive");
  refused({{"size", "224"}}, "wanted an integer");
  refused({{"resample", 2}}, "resample: is 2; only 3");
  refused({{"do_resize", false}}, "do_resize");
  refused({{"do_center_crop", false}}, "do_center_crop");
  refused({{"image_mean", {.5, .5}}}, "image_mean: has 2 values, wanted 3");
  refused({{"image_std", {.5, 0, .5}}}, "image_std: holds 0, must be above 0");
  refused({{"image_std", "x"}}, "image_std");
  refused({{"rescale_factor", -1}}, "rescale_factor: is -1");
  const auto message = error_of(ErrorKind::kInput, [&] {
    process_images(at::zeros({1, 3, 1, 201}), read(json::object()), Fit::kCrop);
  });
  EXPECT_TRUE(says(message, "frames of 201 x 1 pixels; sides may differ by 200 : 1 at most")) << message;
}

TEST(ClipConfig, EveryFormMeansWhatTheReferenceMakesOfIt) {
  const json cases = json::parse(read_file(source_path("tests/goldens/clip_configs.json")));
  ASSERT_EQ(cases.size(), 6u);
  for (const json& want : cases) {
    SCOPED_TRACE(want["config"].dump());
    const Config got = Config::read(JsonConfig(want["config"], "config.json"));
    EXPECT_EQ(got.projection_dim, want["projection_dim"].get<int64_t>());
    const auto expect_tower = [](const TowerConfig& tower, const json& w) {
      EXPECT_EQ(tower.hidden_size, w["hidden_size"].get<int64_t>());
      EXPECT_EQ(tower.intermediate_size, w["intermediate_size"].get<int64_t>());
      EXPECT_EQ(tower.num_layers, w["num_hidden_layers"].get<int64_t>());
      EXPECT_EQ(tower.num_heads, w["num_attention_heads"].get<int64_t>());
      EXPECT_EQ(tower.eps, w["layer_norm_eps"].get<double>());
      EXPECT_EQ(tower.activation == Activation::kGelu, w["hidden_act"] == "gelu");
    };
    expect_tower(got.text.tower, want["text"]);
    expect_tower(got.vision.tower, want["vision"]);
    EXPECT_EQ(got.text.vocab_size, want["text"]["vocab_size"].get<int64_t>());
    EXPECT_EQ(got.text.max_positions, want["text"]["max_position_embeddings"].get<int64_t>());
    EXPECT_EQ(got.text.eos_token_id, want["text"]["eos_token_id"].get<int64_t>());
    EXPECT_EQ(got.vision.image_size, want["vision"]["image_size"].get<int64_t>());
    EXPECT_EQ(got.vision.patch_size, want["vision"]["patch_size"].get<int64_t>());
  }
}

TEST(ClipConfig, WhatIsNotSupportedIsRefusedByName) {
  const auto refused = [](const char* section, const char* key, const json& value, const char* part) {
    json config = {
        {"model_type", "clip"}, {"text_config", json::object()}, {"vision_config", json::object()}};
    (*section ? config[section] : config)[key] = value;
    const auto message =
        error_of(ErrorKind::kInput, [&] { Config::read(JsonConfig(config, "m/config.json")); });
    EXPECT_TRUE(says(message, "m/config.json")) << message;
    EXPECT_TRUE(says(message, key)) << message;
    EXPECT_TRUE(says(message, part)) << message;
  };
  refused("", "model_type", "siglip", "only \"clip\" is supported");
  refused("", "quantization_config", {{"quant_method", "gptq"}}, "quantised (gptq)");
  refused("", "projection_dim", 0, "must be positive");
  refused("text_config", "hidden_act", "gelu_new", "is 'gelu_new'; quick_gelu and gelu are supported");
  refused("vision_config", "hidden_act", "silu", "quick_gelu and gelu are supported");
  refused("text_config", "num_attention_heads", 7, "is 7, which does not divide hidden_size 512");
  refused("vision_config", "num_attention_heads", 0, "must be positive");
  refused("text_config", "num_hidden_layers", 0, "must be positive");
  refused("text_config", "layer_norm_eps", 0, "must be above 0");
  refused("text_config", "eos_token_id", {2, 3}, "wanted an integer");
  refused("text_config", "eos_token_id", nullptr, "is null, wanted the id");
  refused("text_config", "max_position_embeddings", 1, "a text has a start and an end");
  refused("vision_config", "num_channels", 1, "only 3 is supported");
  refused("vision_config", "image_size", {224, 224}, "wanted an integer");
  refused("vision_config", "patch_size", 225, "is 225, more than image_size 224");
  refused("vision_config", "patch_size", 0, "must be positive");
}

// The parameters of openai/clip-vit-large-patch14, and of laion/CLIP-ViT-H-14-laion2B-s32B-b79K, whose form
// PickScore_v1 and HPSv2 have: names and shapes as transformers builds them, without memory for them.
void expect_parameters(const json& config, const std::string& name, size_t tensors, int64_t numbers) {
  Model model(Config::read(JsonConfig(config, "config.json")));
  std::set<std::string> lines;
  int64_t count = 0;
  for (const auto& p : model.named_parameters()) {
    EXPECT_TRUE(p.tensor->is_meta());
    count += p.tensor->numel();
    std::string shape;
    for (const int64_t extent : p.tensor->sizes())
      shape += (shape.empty() ? "" : ",") + std::to_string(extent);
    lines.insert(p.name + " " + shape);
  }
  const auto want = read_utf8_lines(source_path("tests/goldens/names_clip_" + name + ".txt"));
  EXPECT_EQ(lines, (std::set<std::string>{want.begin(), want.end()}));
  EXPECT_EQ(lines.size(), tensors);
  EXPECT_EQ(count, numbers);
}

json sections(const char* text, const char* vision, int64_t projection_dim) {
  return {{"model_type", "clip"},
          {"projection_dim", projection_dim},
          {"text_config_dict", json::parse(text)},
          {"vision_config_dict", json::parse(vision)}};
}

TEST(ClipReleased, TheParametersOfClipL14) {
  expect_parameters(
      sections(
          R"({"hidden_size":768,"intermediate_size":3072,"num_attention_heads":12,"num_hidden_layers":12})",
          R"({"hidden_size":1024,"intermediate_size":4096,"num_attention_heads":16,"num_hidden_layers":24,"patch_size":14})",
          768),
      "l14", 590, 427616513);
}

TEST(ClipReleased, TheParametersOfViTH14AsPickScoreHasIt) {
  expect_parameters(
      sections(
          R"({"hidden_act":"gelu","hidden_size":1024,"intermediate_size":4096,"num_attention_heads":16,"num_hidden_layers":24})",
          R"({"hidden_act":"gelu","hidden_size":1280,"intermediate_size":5120,"num_attention_heads":16,"num_hidden_layers":32,
              "patch_size":14})",
          1024),
      "h14", 910, 986109441);
}

// Two operations for each weight of a product and each row that passes it, and attention by hand.
TEST(ClipFlops, EveryLayerIsCounted) {
  const Golden golden("clip_a.safetensors");
  Model model(Config::read(golden.config()));
  double image = 0, text = 0;
  for (const auto& p : model.named_parameters()) {
    if (p.tensor->dim() < 2 || p.name.find("_embedding.weight") != std::string::npos) continue;
    const bool once = p.name.ends_with("_projection.weight");
    const double weights = 2 * static_cast<double>(p.tensor->numel());
    if (p.name.starts_with("vis")) image += weights * (once ? 1 : 10);
    if (p.name.starts_with("text")) text += weights * (once ? 1 : 4);
  }
  image += 2.0 * 9 * 27 * 20;  // patch_embedding: nine patches
  EXPECT_EQ(image_flops(model.config()).products, image);
  EXPECT_EQ(image_flops(model.config()).attention, 3 * 4.0 * 10 * 10 * 20);
  EXPECT_EQ(text_flops(model.config(), 4).products, text);
  EXPECT_EQ(text_flops(model.config(), 4).attention, 2 * 4.0 * (4 * 5 / 2) * 12);
}

}  // namespace
}  // namespace drf::clip
