// Qwen3-VL equals transformers' Qwen3VLForConditionalGeneration, and all questions of all clips in one pass
// give what each gives alone: tools/reference/qwen3.py.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "drf/base/error.h"
#include "drf/models/qwen3_vl/model.h"
#include "drf/models/qwen3_vl/positions.h"
#include "tests/support/expect_error.h"
#include "tests/support/golden.h"

namespace drf::qwen3 {
namespace {

using qwen::Suffix;
using testing::close_relative;
using testing::error_of;
using testing::Golden;
using testing::says;

// Rounding of float64, once the reference's float32 casts are lifted.
constexpr double kFloat64 = 1e-9;
// Up to four blocks in each tower, sums in another order, in float32.
constexpr double kFloat32 = 2e-5;
// In bfloat16 we round in other places than the reference, but not more: its own error (in the golden) is the
// yardstick. Two rounding errors of one size scatter; half as much again is allowed.
constexpr double kBfloat16 = 1.5;
// Two orders of the same sums.
constexpr double kReordered = 1e-12, kReordered32 = 3e-5;

qwen::Grid grid_of(const at::Tensor& g) {
  return {g[0].item<int64_t>(), g[1].item<int64_t>(), g[2].item<int64_t>()};
}

std::vector<int64_t> vector_of(const at::Tensor& ids_S) {
  return {ids_S.data_ptr<int64_t>(), ids_S.data_ptr<int64_t>() + ids_S.numel()};
}

struct Case {
  Case(const std::string& name, at::ScalarType dtype)
      : golden(name + ".safetensors"),
        model(Config::read(golden.config())),
        grid(grid_of(golden["in.grid"])),
        ids(vector_of(golden["in.ids"])) {
    golden.load(model, dtype);
    const bool half = dtype == at::kBFloat16;
    patches = golden["in.patches"].to(half ? at::kFloat : dtype).set_requires_grad(true);
  }
  qwen::VideoTokens video() const { return model.video_tokens({patches, grid}); }
  at::Tensor logits() const { return model.logits(video(), {grid}, ids); }

  Golden golden;
  Model model;
  qwen::Grid grid;
  std::vector<int64_t> ids;
  at::Tensor patches;
};

class Qwen3Model : public ::testing::TestWithParam<const char*> {};

TEST_P(Qwen3Model, ValuesAndEveryGradientEqualTheReference) {
  Case c(GetParam(), at::kDouble);
  c.model.set_requires_grad(true);
  const qwen::VideoTokens video = c.video();
  EXPECT_TRUE(close_relative(video.tokens_BVD, c.golden["out.embeddings"], kFloat64));
  EXPECT_EQ(video.added_BVD.size(), c.model.config().vision.deepstack_blocks.size());
  for (size_t i = 0; i < video.added_BVD.size(); ++i) {
    EXPECT_TRUE(close_relative(video.added_BVD[i], c.golden["out.added." + std::to_string(i)], kFloat64));
  }
  const at::Tensor logits = c.model.logits(video, {c.grid}, c.ids);
  EXPECT_TRUE(close_relative(logits, c.golden["out.logits"], kFloat64));
  (logits * c.golden["probe"].to(at::kDouble)).sum().backward();
  EXPECT_TRUE(close_relative(c.patches.grad(), c.golden["grad.in.patches"], kFloat64));
  c.golden.expect_parameter_gradients(c.model, kFloat64);
}

TEST_P(Qwen3Model, RecomputingBlocksChangesNoBit) {
  at::Tensor grads[2];
  for (const bool recomputed : {false, true}) {
    Case c(GetParam(), at::kFloat);
    c.model.set_recompute(recomputed);
    c.logits().square().sum().backward();
    grads[recomputed] = c.patches.grad();
  }
  EXPECT_TRUE(grads[0].equal(grads[1]));
}

TEST_P(Qwen3Model, Float32AgreesToRounding) {
  const Case c(GetParam(), at::kFloat);
  EXPECT_TRUE(close_relative(c.logits(), c.golden["out.logits"], kFloat32));
}

TEST_P(Qwen3Model, Bfloat16IsAsGoodAsTheReferencesAndReturnsFloat32Logits) {
  const Case c(GetParam(), at::kBFloat16);
  const at::Tensor logits = c.logits();
  EXPECT_EQ(logits.scalar_type(), at::kFloat);
  EXPECT_TRUE(close_relative(logits, c.golden["out.logits"],
                             kBfloat16 * std::stod(c.golden.metadata("bf16.logits"))));
  (logits * c.golden["probe"]).sum().backward();
  EXPECT_TRUE(close_relative(c.patches.grad(), c.golden["grad.in.patches"],
                             kBfloat16 * std::stod(c.golden.metadata("bf16.patches"))));
}

/// Ragged in every way: lengths, numbers of questions, numbers and order of the wanted positions.
const std::vector<std::vector<Suffix>> kRagged = {
    {{{5, 6, 7}, {2}}, {{8}, {0}}, {{5, 9, 9, 10, 11, 6}, {3, 4, 5}}},
    {{{7, 7, 12, 5}, {3, 0}}, {{10, 10}, {}}},
};

/// The golden's prompt up to the end of its last group, and questions of our own.
qwen::QuestionBatch questions_of(const Case& c) {
  const int64_t end_token = c.model.config().vision_end_token_id;
  const auto last = std::find(c.ids.rbegin(), c.ids.rend(), end_token).base();
  return {{c.ids.begin(), last}, kRagged};
}

at::Tensor in_one_pass(const Case& c) { return c.model.answer_logits(c.video(), {c.grid}, questions_of(c)); }

/// Each question as a plain sequence of its own, its clip alone in the batch.
at::Tensor one_by_one(const Case& c) {
  const qwen::VideoTokens all = c.video();
  const qwen::QuestionBatch batch = questions_of(c);
  std::vector<at::Tensor> rows;
  for (size_t clip = 0; clip < kRagged.size(); ++clip) {
    const auto one = [&](const at::Tensor& x) { return x.narrow(0, static_cast<int64_t>(clip), 1); };
    qwen::VideoTokens video{one(all.tokens_BVD)};
    for (const at::Tensor& added : all.added_BVD) video.added_BVD.push_back(one(added));
    for (const Suffix& suffix : kRagged[clip]) {
      std::vector<int64_t> ids = batch.prefix_ids;
      ids.insert(ids.end(), suffix.ids.begin(), suffix.ids.end());
      const at::Tensor logits = c.model.logits(video, {c.grid}, ids)[0];
      for (const int64_t wanted : suffix.wanted)
        rows.push_back(logits[static_cast<int64_t>(batch.prefix_ids.size()) + wanted]);
    }
  }
  return at::stack(rows);
}

TEST_P(Qwen3Model, OnePassEqualsAskingOneByOne) {
  Case whole(GetParam(), at::kDouble), single(GetParam(), at::kDouble);
  whole.model.set_requires_grad(true);
  single.model.set_requires_grad(true);
  const at::Tensor got = in_one_pass(whole), want = one_by_one(single);
  ASSERT_EQ(got.size(0), 7);
  EXPECT_TRUE(close_relative(got, want, kReordered));
  const at::Tensor probe = at::linspace(-1, 1, got.numel(), at::kDouble).cos().view(got.sizes());
  (got * probe).sum().backward();
  (want * probe).sum().backward();
  EXPECT_TRUE(close_relative(whole.patches.grad(), single.patches.grad(), kReordered));
  const auto parameters = single.model.named_parameters();
  for (const auto& p : whole.model.named_parameters()) {
    const auto same =
        std::find_if(parameters.begin(), parameters.end(), [&](const auto& o) { return o.name == p.name; });
    if (!same->tensor->grad().defined()) continue;
    if (!p.tensor->grad().defined()) {  // what is added after the last layer reaches no question
      EXPECT_EQ(same->tensor->grad().abs().max().item<double>(), 0) << p.name;
      continue;
    }
    EXPECT_TRUE(close_relative(p.tensor->grad(), same->tensor->grad(), kReordered)) << p.name;
  }
}

TEST_P(Qwen3Model, Float32OnePassEqualsAskingOneByOneToRounding) {
  const Case c(GetParam(), at::kFloat);
  EXPECT_TRUE(close_relative(in_one_pass(c), one_by_one(c), kReordered32));
}

// A first video of one row for all clips, looked at before: what stands up to its end is computed once,
// without a graph, and what follows attends to it.
TEST_P(Qwen3Model, AConstantFirstVideoEqualsOnePlainPass) {
  at::Tensor logits[2], grads[2];
  for (const bool constant : {false, true}) {
    const Case c(GetParam(), at::kDouble);
    qwen::QuestionBatch batch = questions_of(c);
    const std::vector<int64_t> once = batch.prefix_ids;
    batch.prefix_ids.insert(batch.prefix_ids.end(), once.begin(), once.end());
    const qwen::VideoTokens second = c.video();
    const auto first_row = [](const at::Tensor& x) { return x.narrow(0, 0, 1).detach() + 0.5; };
    const auto beside = [&](const at::Tensor& x) {
      return constant ? x : at::cat({first_row(x).expand({x.size(0), -1, -1}), x}, 1);
    };
    qwen::VideoTokens shown{beside(second.tokens_BVD)}, first;
    for (const at::Tensor& added : second.added_BVD) shown.added_BVD.push_back(beside(added));
    if (constant) {
      first.tokens_BVD = first_row(second.tokens_BVD);
      for (const at::Tensor& added : second.added_BVD) first.added_BVD.push_back(first_row(added));
    }
    logits[constant] = c.model.answer_logits(shown, {c.grid, c.grid}, batch, first);
    const at::Tensor probe = at::linspace(-1, 1, logits[constant].numel(), at::kDouble).cos();
    (logits[constant] * probe.view(logits[constant].sizes())).sum().backward();
    grads[constant] = c.patches.grad();
  }
  EXPECT_TRUE(close_relative(logits[1], logits[0], kReordered));
  EXPECT_TRUE(close_relative(grads[1], grads[0], kReordered));
}

INSTANTIATE_TEST_SUITE_P(Configs, Qwen3Model,
                         ::testing::Values("qwen3_odd", "qwen3_row", "qwen3_tall", "qwen3_tied"));

TEST(Qwen3Questions, APrefixThatDoesNotFitTheVideoIsRefused) {
  const Case c("qwen3_odd", at::kFloat);
  const qwen::VideoTokens video = c.video();
  const auto message = [&](const std::vector<int64_t>& prefix) {
    return error_of(ErrorKind::kInput, [&] { c.model.answer_logits(video, {c.grid}, {prefix, kRagged}); });
  };
  auto ids = questions_of(c).prefix_ids;
  ids.insert(ids.begin(), c.model.config().video_token_id);
  EXPECT_TRUE(says(message(ids), "wanted 3 runs of"));
  ids[0] = c.model.config().image_token_id;
  EXPECT_TRUE(says(message(ids), "image token"));
  ids[0] = 23;
  EXPECT_TRUE(says(message(ids), "id 23 is not in the model's vocabulary of 23"));
}

TEST(Qwen3Positions, EqualTheReferenceInBothLayouts) {
  const Golden golden("qwen3_positions.safetensors");
  Config config;
  config.image_token_id = 1;
  config.video_token_id = 2;
  for (int i = 0; i < std::stoi(golden.metadata("count")); ++i) {
    const std::string at = std::to_string(i) + ".";
    config.vision.spatial_merge_size = golden[at + "merge"][0].item<int64_t>();
    std::vector<qwen::Grid> grids;
    for (const at::Tensor& g : golden[at + "grids"].unbind(0)) grids.push_back(grid_of(g));
    const auto ids = vector_of(golden[at + "ids"]);
    const qwen::Positions all = positions(ids, config, grids);
    EXPECT_TRUE(all.ids_3S.equal(golden[at + "positions"])) << i;
    EXPECT_EQ(all.ids_3S[0][-1].item<int64_t>(), all.next - 1);
  }
}

}  // namespace
}  // namespace drf::qwen3
