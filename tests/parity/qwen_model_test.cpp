// Qwen2.5-VL equals transformers' Qwen2_5_VLForConditionalGeneration: tools/reference/qwen.py.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "drf/base/error.h"
#include "drf/models/qwen2_5_vl/model.h"
#include "tests/support/golden.h"

namespace drf::qwen {
namespace {

using testing::close;
using testing::close_relative;
using testing::Golden;

// Rounding of float64, once the reference's float32 casts are lifted.
constexpr double kFloat64 = 1e-9;
// Up to three blocks in each tower, sums in another order, in float32.
constexpr double kFloat32 = 2e-5;
// In bfloat16 we round in other places than the reference, but not more: its own error (in the golden) is the
// yardstick. Two rounding errors of one size scatter; half as much again is allowed.
constexpr double kBfloat16 = 1.5;

struct Case {
  explicit Case(const std::string& name) : golden(name + ".safetensors") {
    const at::Tensor g = golden["in.grid"];
    grid = {g[0].item<int64_t>(), g[1].item<int64_t>(), g[2].item<int64_t>()};
    const at::Tensor ids_S = golden["in.ids"];
    ids.assign(ids_S.data_ptr<int64_t>(), ids_S.data_ptr<int64_t>() + ids_S.numel());
    seconds = std::stod(golden.metadata("seconds"));
  }
  VideoInput video(at::ScalarType dtype) const { return {golden["in.patches"].to(dtype), grid}; }

  Golden golden;
  Grid grid;
  std::vector<int64_t> ids;
  double seconds = 0;
};

class QwenModel : public ::testing::TestWithParam<const char*> {};

TEST_P(QwenModel, ValuesAndEveryGradientEqualTheReference) {
  const Case c(GetParam());
  Model model(Config::read(c.golden.config()));
  c.golden.load(model, at::kDouble);
  model.set_requires_grad(true);
  const VideoInput video = c.video(at::kDouble);
  video.patches_BLK.set_requires_grad(true);
  const at::Tensor embeddings = model.video_embeddings(video);
  EXPECT_TRUE(close_relative(embeddings, c.golden["out.embeddings"], kFloat64));
  const at::Tensor logits = model.logits(embeddings, {{c.grid, c.seconds}}, c.ids);
  EXPECT_TRUE(close_relative(logits, c.golden["out.logits"], kFloat64));
  (logits * c.golden["probe"].to(at::kDouble)).sum().backward();
  EXPECT_TRUE(close_relative(video.patches_BLK.grad(), c.golden["grad.in.patches"], kFloat64));
  c.golden.expect_parameter_gradients(model, kFloat64);
}

TEST_P(QwenModel, RecomputingBlocksChangesNoBit) {
  const Case c(GetParam());
  Model model(Config::read(c.golden.config()));
  c.golden.load(model, at::kFloat);
  at::Tensor grads[2];
  for (const bool recomputed : {false, true}) {
    model.set_recompute(recomputed);
    const VideoInput video = c.video(at::kFloat);
    video.patches_BLK.set_requires_grad(true);
    model.logits(model.video_embeddings(video), {{c.grid, c.seconds}}, c.ids).square().sum().backward();
    grads[recomputed] = video.patches_BLK.grad();
  }
  EXPECT_TRUE(grads[0].equal(grads[1]));
}

TEST_P(QwenModel, Float32AgreesToRounding) {
  const Case c(GetParam());
  Model model(Config::read(c.golden.config()));
  c.golden.load(model, at::kFloat);
  const at::Tensor logits =
      model.logits(model.video_embeddings(c.video(at::kFloat)), {{c.grid, c.seconds}}, c.ids);
  EXPECT_TRUE(close_relative(logits, c.golden["out.logits"], kFloat32));
}

TEST_P(QwenModel, Bfloat16IsAsGoodAsTheReferencesAndReturnsFloat32Logits) {
  const Case c(GetParam());
  Model model(Config::read(c.golden.config()));
  c.golden.load(model, at::kBFloat16);
  const VideoInput video = c.video(at::kFloat);
  video.patches_BLK.set_requires_grad(true);
  const at::Tensor logits = model.logits(model.video_embeddings(video), {{c.grid, c.seconds}}, c.ids);
  EXPECT_EQ(logits.scalar_type(), at::kFloat);
  EXPECT_TRUE(close_relative(logits, c.golden["out.logits"],
                             kBfloat16 * std::stod(c.golden.metadata("bf16.logits"))));
  (logits * c.golden["probe"]).sum().backward();
  EXPECT_TRUE(close_relative(video.patches_BLK.grad(), c.golden["grad.in.patches"],
                             kBfloat16 * std::stod(c.golden.metadata("bf16.patches"))));
}

INSTANTIATE_TEST_SUITE_P(Configs, QwenModel,
                         ::testing::Values("qwen_windows", "qwen_flat_tied", "qwen_tall", "qwen_small"));

TEST(QwenTiny, LogitsOfTheTinyCheckpointEqualTheReference) {
  const Case c("qwen_tiny");
  const auto folder = testing::source_path("assets/tiny/critic");
  Model model(Config::read(folder));
  load(model, Checkpoint::open(folder, "model"), {});
  const at::Tensor logits =
      model.logits(model.video_embeddings(c.video(at::kFloat)), {{c.grid, c.seconds}}, c.ids);
  EXPECT_TRUE(close_relative(logits, c.golden["out.logits"], kFloat32));
}

}  // namespace
}  // namespace drf::qwen
