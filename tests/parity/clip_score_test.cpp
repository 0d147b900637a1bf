// CLIP as a reward, from folders as people have them: tools/reference/clip.py.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "drf/base/files.h"
#include "drf/rewards/clip_reward.h"
#include "drf/tensor/dry_run.h"
#include "drf/tensor/memory_meter.h"
#include "tests/support/expect_error.h"
#include "tests/support/golden.h"
#include "tests/support/temporary_folder.h"

namespace drf::rewards {
namespace {

using nlohmann::json;
using testing::close_relative;
using testing::error_of;
using testing::Golden;
using testing::says;
using testing::source_path;
using testing::TemporaryFolder;
using testing::write_text;

constexpr double kFloat64 = 1e-9;

ClipOptions options(ClipScale scale = ClipScale::kLogit, clip::Fit fit = clip::Fit::kCrop) {
  ClipOptions o;
  o.dtype = at::kDouble;
  o.frames = 3;  // an odd number: none is repeated
  o.scale = scale;
  o.fit = fit;
  return o;
}

std::filesystem::path folder(const std::string& name) { return source_path("tests/goldens/clip/" + name); }

class ClipFolder : public ::testing::TestWithParam<const char*> {
 protected:
  Golden golden_{"clip_score.safetensors"};
  std::string key_ = GetParam() + std::string(".");
  std::vector<std::string> texts_ = json::parse(golden_.metadata("texts"));
  at::Tensor frames_ = golden_[key_ + "frames"].to(at::kDouble);
};

// laion's form (PickScore: sections that others overrule, tokenizer.json, stored position ids) and openai's
// (plain sections, the older rule of pooling, vocab.json and merges.txt).
TEST_P(ClipFolder, ScoresAndTheGradientToTheFramesEqualTheReference) {
  for (const auto& [fit, name] : {std::pair(clip::Fit::kCrop, "crop"), {clip::Fit::kPad, "pad"}}) {
    SCOPED_TRACE(name);
    ClipScore score(folder(GetParam()), options(ClipScale::kLogit, fit));
    const at::Tensor frames = frames_.clone().requires_grad_();
    const at::Tensor got = score.score(frames, texts_);
    EXPECT_TRUE(close_relative(got, golden_[key_ + name + ".logit"], kFloat64));
    (got * at::tensor({1.0, -0.7}, at::kDouble)).sum().backward();
    EXPECT_TRUE(close_relative(frames.grad(), golden_[key_ + name + ".grad"], kFloat64));
    ClipScore cosine(folder(GetParam()), options(ClipScale::kCosine, fit));
    EXPECT_TRUE(close_relative(cosine.score(frames_, texts_), golden_[key_ + name + ".cosine"], kFloat64));
  }
}

TEST_P(ClipFolder, AClipsScoreDoesNotDependOnItsNeighbours) {
  ClipScore score(folder(GetParam()), options());
  const at::Tensor both = score.score(frames_, texts_);
  ClipScore fresh(folder(GetParam()), options());
  const at::Tensor second = fresh.score(frames_.narrow(0, 1, 1), {texts_[1]});
  EXPECT_TRUE(close_relative(second[0], both[1], 1e-12));
}

TEST_P(ClipFolder, ParkedWeightsComeBack) {
  ClipScore score(folder(GetParam()), options());
  const at::Tensor before = score.score(frames_, texts_);
  ASSERT_TRUE(score.residence()->park());
  EXPECT_TRUE(score.score(frames_, texts_).equal(before));
}

INSTANTIATE_TEST_SUITE_P(Forms, ClipFolder, ::testing::Values("pick", "hps"),
                         [](const auto& info) { return std::string(info.param); });

// The planner walks the real code where there are no numbers.
TEST(ClipReward, RunsOnTheMetaDevice) {
  const DryRun dry(at::kCUDA);
  ClipOptions o = options();
  o.device = at::kMeta;
  ClipReward reward(folder("pick"), o);
  const auto meta = at::TensorOptions().device(at::kMeta);
  const at::Tensor frames = at::zeros({2, 6, 3, 11, 17}, meta).set_requires_grad(true);
  const at::Tensor got =
      reward.score(frames, {{.text = "a ball"}, {.text = "a long text that is cut, 1 2 3 4 5"}}).total_B;
  EXPECT_EQ(got.sizes(), (std::vector<int64_t>{2}));
  got.sum().backward();
  EXPECT_EQ(frames.grad().sizes(), frames.sizes());
}

TEST(ClipScore, OnlyTheFramesCarryAGraph) {
  const Golden golden("clip_score.safetensors");
  ClipScore score(folder("pick"), options());
  const at::Tensor frames = golden["pick.frames"].to(at::kDouble);
  EXPECT_FALSE(score.score(frames, {"a ball", "a box"}).requires_grad());
  EXPECT_TRUE(score.score(frames.requires_grad_(), {"a ball", "a box"}).requires_grad());
}

TEST(ClipScore, RecomputationTakesLessMemory) {
  const Golden golden("clip_score.safetensors");
  const auto peak = [&](bool recompute) {
    ClipOptions o = options();
    o.recompute = recompute;
    ClipScore score(folder("pick"), o);
    const at::Tensor frames = golden["pick.frames"].to(at::kDouble).requires_grad_();
    score.score(frames, {"a ball", "a box"});
    MemoryMeter meter(at::kCPU);
    score.score(frames, {"a ball", "a box"}).sum().backward();
    return meter.peak();
  };
  EXPECT_LT(peak(true), peak(false));
}

TEST(ClipScore, FramesOfAShortClipCountMoreThanOnce) {
  const Golden golden("clip_score.safetensors");
  ClipScore score(folder("pick"), options());
  const at::Tensor one = golden["pick.frames"].to(at::kDouble).narrow(0, 0, 1).narrow(1, 2, 1);
  EXPECT_TRUE(close_relative(score.score(one, {"a ball"}),
                             score.score(one.expand({1, 5, 3, 11, 17}), {"a ball"}), 1e-12));
}

TEST(ClipScore, ATextIsCutBeforeItsEndToken) {
  const Golden golden("clip_score.safetensors");
  ClipScore score(folder("pick"), options());
  const at::Tensor frames = golden["pick.frames"].to(at::kDouble).narrow(0, 0, 1);
  const std::string eleven = "1 2 3 4 5 6 7 8 9 1 2";  // start, eleven, end: what the model reads
  ::testing::internal::CaptureStderr();
  EXPECT_TRUE(score.score(frames, {eleven + " 3 4 5"}).equal(score.score(frames, {eleven})));
  score.score(frames, {eleven + " 3 4 6"});
  const std::string said = ::testing::internal::GetCapturedStderr();
  EXPECT_TRUE(says(said, "a prompt of 16 tokens is cut to 13")) << said;
  EXPECT_EQ(said.find("is cut to"), said.rfind("is cut to")) << said;  // once
  EXPECT_FALSE(score.score(frames, {"1 2 3 4 5 6 7 8 9 1 3"}).equal(score.score(frames, {eleven})));
}

TEST(ClipScore, TextsThatCannotBeReadAreRefused) {
  ClipScore score(folder("pick"), options());
  const at::Tensor frames = at::zeros({1, 1, 3, 16, 16}, at::kDouble);
  for (int i = 0; i < 2; ++i) {  // the second time too
    const auto message = error_of(ErrorKind::kInput, [&] { score.score(frames, {"a <|endoftext|> ball"}); });
    EXPECT_TRUE(says(message, "holds '<|endoftext|>', CLIP's end token")) << message;
  }
  EXPECT_TRUE(says(error_of(ErrorKind::kInput, [&] { score.score(frames, {"\xFF"}); }), "not UTF-8"));
}

TEST(ClipScore, OptionsAreNamed) {
  EXPECT_EQ(parse_clip_scale("cosine", "rewards.scale"), ClipScale::kCosine);
  EXPECT_EQ(parse_clip_scale("logit", "rewards.scale"), ClipScale::kLogit);
  EXPECT_EQ(parse_clip_fit("pad", "rewards.fit"), clip::Fit::kPad);
  EXPECT_EQ(parse_clip_fit("crop", "rewards.fit"), clip::Fit::kCrop);
  EXPECT_TRUE(says(error_of(ErrorKind::kConfig, [] { parse_clip_scale("log", "rewards.pick.scale"); }),
                   "rewards.pick.scale is 'log', wanted logit or cosine"));
  EXPECT_TRUE(says(error_of(ErrorKind::kConfig, [] { parse_clip_fit("", "rewards.pick.fit"); }),
                   "rewards.pick.fit is '', wanted crop or pad"));
  ClipOptions none = options();
  none.frames = 0;
  EXPECT_TRUE(says(error_of(ErrorKind::kConfig, [&] { ClipScore(folder("pick"), none); }),
                   "frames is 0, must be at least 1"));
}

TEST(ClipScore, FlopsAreThoseOfEveryFrame) {
  const ClipScore score(folder("pick"), options());
  EXPECT_EQ(score.flops(4).forward(), 4 * score.flops(1).forward());
  EXPECT_GT(score.flops(1).attention, 0);
}

TEST(ClipReward, ScoresEachSamplesPrompt) {
  const Golden golden("clip_score.safetensors");
  const std::vector<std::string> texts = json::parse(golden.metadata("texts"));
  ClipReward reward(folder("hps"), options());
  const at::Tensor frames = golden["hps.frames"].to(at::kDouble).requires_grad_();
  const std::vector<Sample> samples = {{Split::kTrain, 3, 0, texts[0]}, {Split::kHeldOut, 1, 1, texts[1]}};
  const Score score = reward.score(frames, samples);
  EXPECT_TRUE(reward.sees_frames());
  EXPECT_TRUE(close_relative(score.total_B, golden["hps.crop.logit"], kFloat64));
  EXPECT_TRUE(score.total_B.requires_grad());
  EXPECT_EQ(score.parts.size(), 2u);
  EXPECT_EQ(score.facts.size(), 2u);
  EXPECT_NEAR(score.steepness, 100.0 / 3, .01);  // exp(4.6052), three frames
  EXPECT_EQ(score.flops.products, ClipScore(folder("hps"), options()).flops(2).products);
  EXPECT_TRUE(reward.residence()->here());
}

// The direction of the gradient: float16 and bfloat16 keep 11 and 8 bits through two or three small blocks
// with large weights.
TEST(ClipReward, HalfModelsHaveTheGradientOfFloat64) {
  const Golden golden("clip_score.safetensors");
  const std::vector<std::string> texts = json::parse(golden.metadata("texts"));
  for (const auto& [dtype, least] : {std::pair(at::kHalf, .999), {at::kBFloat16, .98}}) {
    ClipOptions o = options();
    o.dtype = dtype;
    ClipScore score(folder("hps"), o);
    const at::Tensor frames = golden["hps.frames"].clone().requires_grad_();
    (score.score(frames, texts) * at::tensor({1.0, -0.7}, at::kFloat)).sum().backward();
    const at::Tensor got = frames.grad().to(at::kDouble), want = golden["hps.crop.grad"];
    const double cosine = ((got * want).sum() / (got.norm() * want.norm())).item<double>();
    EXPECT_GT(cosine, least) << toString(dtype);
    EXPECT_NEAR((got.norm() / want.norm()).item<double>(), 1, .1) << toString(dtype);
  }
}

/// A copy of pick/ that a test may damage.
class DamagedFolder : public ::testing::Test {
 protected:
  DamagedFolder() {
    for (const auto& file : std::filesystem::directory_iterator(folder("pick")))
      std::filesystem::copy(file.path(), folder_.path());
  }
  std::string message(ErrorKind kind = ErrorKind::kInput) {
    return error_of(kind, [&] { ClipScore(folder_.path(), options()); });
  }
  void change(const char* file, const char* pointer, const json& value) {
    json j = json::parse(read_file(folder_ / file));
    j[json::json_pointer(pointer)] = value;
    write_text(folder_ / file, j.dump());
  }
  TemporaryFolder folder_;
};

TEST_F(DamagedFolder, WhatIsMissingIsNamedWithTheRemedy) {
  const auto without = [&](const char* file) {
    std::filesystem::rename(folder_ / file, folder_ / "away");
    const std::string text = message();
    std::filesystem::rename(folder_ / "away", folder_ / file);
    return text;
  };
  EXPECT_TRUE(says(without("config.json"), "config.json: no such file"));
  EXPECT_TRUE(says(without("preprocessor_config.json"), "holds no preprocessor_config.json; copy that of"));
  EXPECT_TRUE(says(without("tokenizer.json"), "holds neither tokenizer.json nor vocab.json and merges.txt"));
  EXPECT_TRUE(says(without("model.safetensors"), "model.safetensors"));
  write_text(folder_ / "pytorch_model.bin", "x");
  EXPECT_TRUE(says(without("model.safetensors"), "has only pytorch_model.bin; drf reads model.safetensors"));
  write_text(folder_ / "model_index.json", "{}");
  EXPECT_TRUE(says(without("config.json"), "a generator; wanted a CLIPModel of transformers"));
  EXPECT_TRUE(says(error_of(ErrorKind::kInput, [] { ClipScore("/no/such", options()); }),
                   "/no/such: no such reward model folder"));
}

TEST_F(DamagedFolder, FilesOfOtherModelsAreToldApart) {
  change("config.json", "/text_config_dict/eos_token_id", 7);
  EXPECT_TRUE(says(message(), "eos_token_id: is 7, but the tokenizer ends a text with id 559"));
  change("config.json", "/text_config_dict/eos_token_id", 559);
  change("config.json", "/text_config_dict/vocab_size", 500);
  EXPECT_TRUE(says(message(), "has 560 tokens, but config.json says vocab_size 500"));
  change("config.json", "/text_config_dict/vocab_size", 561);
  EXPECT_TRUE(says(message(), "has shape [560, 8], but config.json asks for [561, 8]"));
  change("config.json", "/text_config_dict/vocab_size", 560);
  change("config.json", "/vision_config_dict/num_hidden_layers", 3);
  EXPECT_TRUE(says(message(), "vision_model.encoder.layers.2"));
  change("config.json", "/vision_config_dict/num_hidden_layers", 1);
  EXPECT_TRUE(says(message(), "is used by nothing"));
  change("config.json", "/model_type", "qwen2_5_vl");
  EXPECT_TRUE(says(message(), "model_type: is \"qwen2_5_vl\"; only \"clip\" is supported"));
  change("config.json", "/model_type", "clip");
  change("tokenizer_config.json", "/tokenizer_class", "T5Tokenizer");
  EXPECT_TRUE(says(message(), "tokenizer_class is 'T5Tokenizer'; only CLIPTokenizer is supported"));
}

}  // namespace
}  // namespace drf::rewards
