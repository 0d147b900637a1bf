// What was said of a rollout comes back from a checkpoint's text as it was.

#include "drf/objectives/kept_judgement.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace drf::objectives {
namespace {

TEST(KeptJudgement, ComesBackWhole) {
  rewards::Judgement judgement;
  judgement.rewards_B = at::tensor({0.1, -2.0 / 3}, at::kDouble);
  judgement.saturation = 0.125;
  judgement.out_of_range = 0.3;
  for (const int64_t prompt : {4, 7}) judgement.samples.push_back({rewards::Split::kTrain, prompt, 0, {}});
  rewards::Score& score = judgement.by_name["vlm"];
  score.total_B = at::tensor({1.0, 1.0 / 3}, at::kDouble);
  score.parts = {{{"TA", 0.5}}, {}};
  score.facts = {{{"p_right", {1.5, 2}}}, {}};

  const rewards::Judgement back = judgement_from_text(judgement_to_text(judgement));
  EXPECT_TRUE(back.rewards_B.equal(judgement.rewards_B));
  EXPECT_EQ(back.saturation, judgement.saturation);
  EXPECT_EQ(back.out_of_range, judgement.out_of_range);
  ASSERT_EQ(back.samples.size(), 2u);
  EXPECT_EQ(back.samples[1].prompt, 7);
  const rewards::Score& own = back.by_name.at("vlm");
  EXPECT_TRUE(own.total_B.equal(score.total_B));
  EXPECT_EQ(own.parts, score.parts);
  EXPECT_EQ(own.facts.at(0).at("p_right").sum, 1.5);
  EXPECT_EQ(own.facts.at(0).at("p_right").count, 2);
}

TEST(KeptJudgement, OfAnOlderCheckpointSaysNothingOfValuesOutOfRange) {
  const auto back = judgement_from_text(R"({"rewards":[1.0],"prompts":[0],"saturation":0.5,"by_name":{}})");
  EXPECT_EQ(back.out_of_range, 0);
}

}  // namespace
}  // namespace drf::objectives
