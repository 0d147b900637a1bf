// All questions of all clips in one pass give what each gives alone.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "drf/base/error.h"
#include "drf/models/qwen2_5_vl/model.h"
#include "tests/support/expect_error.h"
#include "tests/support/golden.h"

namespace drf::qwen {
namespace {

using testing::close_relative;
using testing::error_of;
using testing::Golden;
using testing::says;

// Two orders of the same sums.
constexpr double kFloat64 = 1e-12;
constexpr double kFloat32 = 3e-5;

/// Model, patches and prefix of a golden; the questions are made here.
struct Setting {
  Setting(const std::string& name, at::ScalarType dtype)
      : golden(name + ".safetensors"), model(Config::read(golden.config())) {
    golden.load(model, dtype);
    const at::Tensor g = golden["in.grid"];
    video = {golden["in.patches"].to(dtype),
             {g[0].item<int64_t>(), g[1].item<int64_t>(), g[2].item<int64_t>()}};
    const at::Tensor ids_S = golden["in.ids"];
    const auto* ids = ids_S.data_ptr<int64_t>();
    // Up to the token after the video.
    const int64_t video_id = model.config().video_token_id;
    int64_t end = ids_S.numel();
    while (ids[end - 1] != video_id) --end;
    questions.prefix_ids.assign(ids, ids + end + 1);
    video.patches_BLK.set_requires_grad(true);
  }

  Golden golden;
  Model model;
  VideoInput video;
  QuestionBatch questions;
  double seconds = 0.37;
};

/// Each question as a plain sequence of its own, its clip alone in the batch.
at::Tensor one_by_one(const Setting& s) {
  const at::Tensor embeddings = s.model.video_embeddings(s.video);
  std::vector<at::Tensor> rows;
  for (size_t clip = 0; clip < s.questions.suffixes.size(); ++clip) {
    for (const Suffix& suffix : s.questions.suffixes[clip]) {
      std::vector<int64_t> ids = s.questions.prefix_ids;
      ids.insert(ids.end(), suffix.ids.begin(), suffix.ids.end());
      const auto begin = static_cast<int64_t>(clip);
      const at::Tensor logits =
          s.model.logits(embeddings.slice(0, begin, begin + 1), {{s.video.grid, s.seconds}}, ids)[0];
      for (const int64_t wanted : suffix.wanted) {
        rows.push_back(logits[static_cast<int64_t>(s.questions.prefix_ids.size()) + wanted]);
      }
    }
  }
  return at::stack(rows);
}

at::Tensor in_one_pass(const Setting& s) {
  return s.model.answer_logits(s.model.video_embeddings(s.video), {{s.video.grid, s.seconds}}, s.questions);
}

/// Ragged in every way: lengths, numbers of questions, numbers and order of the wanted positions.
const std::vector<std::vector<Suffix>> kRagged = {
    {{{5, 6, 7}, {2}}, {{8}, {0}}, {{5, 9, 9, 10, 11, 6}, {3, 4, 5}}},
    {{{7, 7, 12, 5}, {3, 0}}, {{10, 10}, {}}},
};

class QwenQuestions : public ::testing::TestWithParam<const char*> {};

TEST_P(QwenQuestions, OnePassEqualsAskingOneByOne) {
  Setting whole(GetParam(), at::kDouble), single(GetParam(), at::kDouble);
  whole.questions.suffixes = single.questions.suffixes = kRagged;
  whole.model.set_requires_grad(true);
  single.model.set_requires_grad(true);
  const at::Tensor got = in_one_pass(whole), want = one_by_one(single);
  ASSERT_EQ(got.size(0), 7);
  EXPECT_TRUE(close_relative(got, want, kFloat64));
  const at::Tensor probe = at::linspace(-1, 1, got.numel(), at::kDouble).cos().view(got.sizes());
  (got * probe).sum().backward();
  (want * probe).sum().backward();
  EXPECT_TRUE(close_relative(whole.video.patches_BLK.grad(), single.video.patches_BLK.grad(), kFloat64));
  auto parameters = single.model.named_parameters();
  for (const auto& p : whole.model.named_parameters()) {
    const auto same =
        std::find_if(parameters.begin(), parameters.end(), [&](const auto& o) { return o.name == p.name; });
    if (!same->tensor->grad().defined()) continue;
    EXPECT_TRUE(close_relative(p.tensor->grad(), same->tensor->grad(), kFloat64)) << p.name;
  }
}

TEST_P(QwenQuestions, Float32OnePassEqualsAskingOneByOneToRounding) {
  Setting s(GetParam(), at::kFloat);
  s.questions.suffixes = kRagged;
  EXPECT_TRUE(close_relative(in_one_pass(s), one_by_one(s), kFloat32));
}

TEST_P(QwenQuestions, RecomputingBlocksChangesNoBit) {
  at::Tensor grads[2];
  for (const bool recomputed : {false, true}) {
    Setting s(GetParam(), at::kFloat);
    s.questions.suffixes = kRagged;
    s.model.set_recompute(recomputed);
    in_one_pass(s).square().sum().backward();
    grads[recomputed] = s.video.patches_BLK.grad();
  }
  EXPECT_TRUE(grads[0].equal(grads[1]));
}

INSTANTIATE_TEST_SUITE_P(Configs, QwenQuestions,
                         ::testing::Values("qwen_windows", "qwen_flat_tied", "qwen_tall", "qwen_small"));

TEST(QwenQuestions, AClipWithoutQuestionsAddsNoRow) {
  Setting s("qwen_small", at::kDouble);
  s.questions.suffixes = {{}, kRagged[0]};
  EXPECT_TRUE(close_relative(in_one_pass(s), one_by_one(s), kFloat64));
  s.questions.suffixes = {{}, {}};
  EXPECT_EQ(in_one_pass(s).sizes(), (std::vector<int64_t>{0, 19}));
}

TEST(QwenQuestions, APrefixThatDoesNotFitTheVideoIsRefused) {
  Setting s("qwen_small", at::kFloat);
  s.questions.suffixes = kRagged;
  const auto ask = [&] { in_one_pass(s); };
  auto& ids = s.questions.prefix_ids;
  const auto good = ids;
  ids.insert(ids.begin(), s.model.config().video_token_id);
  EXPECT_TRUE(says(error_of(ErrorKind::kInput, ask), "wanted one run of 24"));
  ids = good;
  ids.pop_back();
  ids.pop_back();
  EXPECT_TRUE(says(error_of(ErrorKind::kInput, ask), "holds 23 video tokens (id 2)"));
  ids = good;
  ids[0] = s.model.config().image_token_id;
  EXPECT_TRUE(says(error_of(ErrorKind::kInput, ask), "image token"));
  ids = good;
  ids[0] = 19;
  EXPECT_TRUE(says(error_of(ErrorKind::kInput, ask), "id 19 is not in the model's vocabulary of 19"));
}

}  // namespace
}  // namespace drf::qwen
