#include <gtest/gtest.h>

#include "drf/base/config_fields.h"
#include "drf/run/config.h"
#include "tests/support/expect_error.h"
#include "tests/support/minimal_config.h"
#include "tests/support/temporary_folder.h"

namespace drf {
namespace {

using run::RunConfig;
using testing::error_of;
using testing::says;
using testing::TemporaryFolder;
using testing::write_text;
constexpr const char* kMinimal = testing::kMinimalConfig;

// [[rewards]]: a list of sections.
class Rewards : public ::testing::Test {
 protected:
  RunConfig load(const std::string& rewards, const std::vector<std::string>& sets = {}) {
    write_text(folder / "r.toml", std::string(kMinimal) + rewards);
    return run::load_config(folder / "r.toml", sets);
  }
  std::string refused(const std::string& rewards, const std::vector<std::string>& sets = {}) {
    return error_of(ErrorKind::kConfig, [&] { load(rewards, sets); });
  }
  TemporaryFolder folder;
};
const char* const kVlm = "\n[[rewards]]\nkind = \"vlm\"\n";
const char* const kClip = "\n[[rewards]]\nname = \"pick\"\nkind = \"clip\"\npath = \"P\"\nweight = 0.05\n";

TEST_F(Rewards, WithoutAnyTheQuestionsAreTheReward) {
  const RunConfig config = load("");
  EXPECT_TRUE(config.rewards.empty() && config.asks_questions());
  ASSERT_EQ(config.terms().size(), 1u);
  EXPECT_EQ(config.terms()[0].kind, "vlm");
  EXPECT_EQ(config.terms()[0].name, "vlm");
}

TEST_F(Rewards, AreReadInTheirOrderAndWrittenBackToTheSame) {
  RunConfig config = load(std::string(kVlm) + kClip, {"rewards.1.frames=8", "rewards.0.weight=2"});
  ASSERT_EQ(config.rewards.size(), 2u);
  EXPECT_EQ(config.terms()[0].name, "vlm");
  EXPECT_EQ(config.rewards[0].weight, 2);
  EXPECT_EQ(config.rewards[1].name, "pick");
  EXPECT_EQ(config.rewards[1].frames, 8);
  EXPECT_EQ(config.rewards[1].weight, 0.05);
  const std::string resolved = config_to_toml(fields_of(config));
  EXPECT_NE(resolved.find("[[rewards]]\nkind = \"clip\""), std::string::npos) << resolved;
  write_text(folder / "again.toml", resolved);
  RunConfig again;
  again.rewards.resize(static_cast<size_t>(count_sections(folder / "again.toml", "rewards")));
  read_config_file(folder / "again.toml", fields_of(again));
  EXPECT_EQ(config_to_toml(fields_of(again)), resolved);
}

TEST_F(Rewards, WithoutQuestionsNoCriticIsWanted) {
  std::string minimal = kMinimal;
  const size_t at = minimal.find("[critic]"), end = minimal.find("[", at + 1);
  minimal.erase(at, end - at);
  write_text(folder / "r.toml", minimal + kClip);
  EXPECT_FALSE(run::load_config(folder / "r.toml", {}).asks_questions());
}

TEST_F(Rewards, WhatWouldBeIgnoredOrTeachNothingIsRefused) {
  const std::string vlm = kVlm, clip = kClip;
  EXPECT_TRUE(
      says(refused("\n[[rewards]]\nkind = \"clap\"\n"), "wanted one of [vlm, clip, residual, surrogate]"));
  EXPECT_TRUE(says(refused("\n[[rewards]]\nknd = \"clip\"\n"), "did you mean 'rewards.0.kind'?"));
  EXPECT_TRUE(says(refused("\n[rewards]\nkind = \"clip\"\n"), "unknown key 'rewards'"));
  EXPECT_TRUE(says(refused(vlm + "weight = 0\n"), "all weights are 0 or all are judges"));
  EXPECT_TRUE(says(refused(vlm + "judge = true\n"), "all weights are 0 or all are judges"));
  EXPECT_TRUE(says(refused(vlm + clip + "judge = true\n"), "rewards.1.weight is set, but a judge"));
  EXPECT_TRUE(
      says(refused(vlm + "frames = 9\n"), "rewards.0.frames is set, but a reward of kind \"vlm\" without"));
  EXPECT_TRUE(
      says(refused(vlm + "scale = \"cosine\"\n"), "rewards.0.scale is set, but a reward of kind \"vlm\""));
  EXPECT_TRUE(says(refused(vlm + clip + "equation = \"poisson\"\n"), "rewards.1.equation is set"));
  EXPECT_TRUE(says(refused(vlm + "\n[[rewards]]\nkind = \"clip\"\n"), "rewards.1.path is not set"));
  EXPECT_TRUE(says(refused(vlm + vlm), "rewards.1.name is \"vlm\", which another reward has"));
  EXPECT_TRUE(says(refused(vlm + vlm + "name = \"b\"\n"), "there is one [critic]"));
  EXPECT_TRUE(says(refused(clip), "critic.path is set, but no reward of kind \"vlm\" reads it"));
  EXPECT_TRUE(says(refused(vlm + clip + "scale = \"log\"\n"), "wanted one of [logit, cosine]"));
  EXPECT_TRUE(says(refused(vlm + clip, {"rewards.2.weight=1"}), "unknown key 'rewards.2.weight'"));
}

TEST_F(Rewards, AQuestionsRewardWithAPathHasACriticOfItsOwn) {
  const std::string vlm = kVlm, judge = "\n[[rewards]]\nname = \"judge\"\njudge = true\npath = \"J\"\n",
                    other = "\n[[rewards]]\nname = \"other\"\npath = \"O\"\n";
  RunConfig c =
      load(judge + vlm + other + "dtype = \"float64\"\n", {"critic.frames=7", "rewards.2.frames=3"});
  EXPECT_TRUE(c.asks_questions() && c.asks_critic());
  EXPECT_EQ(c.main_critic(), 1u);
  EXPECT_TRUE(c.rewards[0].asks_questions() && !c.rewards[0].asks_critic() && c.rewards[1].asks_critic());
  EXPECT_TRUE(c.rewards[0].reads("frames") && !c.rewards[1].reads("frames") && !c.rewards[0].reads("fit"));
  EXPECT_EQ(c.rewards[0].frames, 7) << "as [critic] has them";
  EXPECT_EQ(c.rewards[0].dtype, c.critic.dtype);
  EXPECT_EQ(c.rewards[2].frames, 3);
  EXPECT_EQ(c.rewards[2].dtype, "float64");
  EXPECT_EQ(c.rewards[1].frames, RunConfig().rewards.emplace_back().frames) << "nothing reads it";
  const std::string resolved = config_to_toml(fields_of(c));
  write_text(folder / "again.toml", resolved);
  RunConfig again = run::load_config(folder / "again.toml", {});
  EXPECT_EQ(config_to_toml(fields_of(again)), resolved);

  const std::string own_alone = "every reward of kind \"vlm\" has a critic of its own";
  EXPECT_TRUE(says(refused(other), "critic.path is set, but " + own_alone));
  std::string minimal = kMinimal;
  const size_t at = minimal.find("[critic]"), end = minimal.find("[", at + 1);
  minimal.erase(at, end - at);
  write_text(folder / "r.toml", minimal + judge + other);
  c = run::load_config(folder / "r.toml", {"reward.margin=0.9"});
  EXPECT_TRUE(c.asks_questions() && !c.asks_critic());
  EXPECT_EQ(c.main_critic(), 0u) << "the first there is";
  EXPECT_EQ(c.reward_dtype(), c.rewards[0].dtype);
  EXPECT_EQ(c.rewards[0].frames, c.critic.frames);
  EXPECT_TRUE(says(
      error_of(ErrorKind::kConfig, [&] { run::load_config(folder / "r.toml", {"questions.source=critic"}); }),
      "there is no [critic] to write them: " + own_alone));

  EXPECT_TRUE(says(refused(judge), "all weights are 0 or all are judges"));
  EXPECT_TRUE(says(refused(vlm + judge + "weight = 2\n"), "rewards.1.weight is set, but a judge"));
  EXPECT_TRUE(says(refused(vlm + judge + judge), "rewards.2.name is \"judge\", which another reward has"));
  EXPECT_TRUE(says(refused(vlm + vlm + "name = \"b\"\n"), "or set rewards.1.path to a critic of its own"));
  EXPECT_TRUE(says(refused(vlm + judge + "frames = 0\n"), "rewards.1.frames is 0"));
  EXPECT_TRUE(says(refused(vlm + judge + "dtype = \"int8\"\n"), "rewards.1.dtype is \"int8\""));
  EXPECT_TRUE(says(refused(vlm + judge + "fit = \"pad\"\n"), "rewards.1.fit is set, but a reward of kind"));
  EXPECT_TRUE(says(refused(vlm + judge, {"rewards.1.name=held_out"}), "p_right/held_out is another measure"));
}

TEST_F(Rewards, ASurrogateWantsATeacherThatCanBeAsked) {
  const std::string vlm = kVlm, fast = "\n[[rewards]]\nkind = \"surrogate\"\n",
                    taught = "teacher = \"vlm\"\n";
  const RunConfig c = load(vlm + fast + taught + "weight = 2\n");
  EXPECT_TRUE(c.teaches("vlm") && !c.teaches("surrogate") && !c.teaches(""));
  EXPECT_TRUE(says(refused(vlm + fast), "rewards.1.teacher is not set"));
  EXPECT_TRUE(
      says(refused(vlm + fast + "teacher = \"critic\"\n"), "no reward has this name; wanted one of [vlm]"));
  EXPECT_TRUE(
      says(refused(vlm + fast + "teacher = \"surrogate\"\n"), "which learns itself; wanted one of [vlm]"));
  EXPECT_TRUE(says(refused(vlm + "judge = true\n" + fast + taught), "which is a judge"));
  EXPECT_TRUE(says(refused(vlm + "weight = 2\n" + fast + taught), "whose weight is set, but a teacher"));
  EXPECT_TRUE(
      says(refused(vlm + fast + taught + "judge = true\n"), "rewards.1.judge is set, but a surrogate"));
  EXPECT_TRUE(says(refused(vlm + fast + taught + "weight = 0\n"), "all weights are 0"));
  EXPECT_TRUE(
      says(refused(vlm + fast + taught + "frames = 2\n"), "rewards.1.frames is set, but a reward of kind"));
  EXPECT_TRUE(says(refused(vlm + "buffer = 99\n"), "rewards.0.buffer is set, but a reward of kind \"vlm\""));
  EXPECT_TRUE(says(refused(vlm + fast + taught + "start_clips = 42\n"), "a multiple of 4"));
  EXPECT_TRUE(says(refused(vlm + fast + taught + "[sampling]\nnoise = \"n.safetensors\"\n"),
                   "all would start from one noise"));
  EXPECT_TRUE(says(refused(vlm + fast + taught + "start_clips = 8\n"), "at least 20"));
  EXPECT_TRUE(
      says(refused(vlm + fast + taught + "buffer = 99\n"), "wanted at least start_clips, which is 800"));
  EXPECT_TRUE(says(refused(vlm + fast + taught + "start_accuracy = 1.1\n"), "a share from 0 to 1"));
  EXPECT_TRUE(says(refused(vlm + fast + taught + "learn_every = 0\n"), "rewards.1.learn_every is 0"));
  EXPECT_TRUE(
      says(refused(vlm + fast + taught, {"reward.out_of_range=1"}), "no reward that trains sees pixels"));
}

}  // namespace
}  // namespace drf
