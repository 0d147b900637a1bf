// The checks that ask a critic, with a critic by script.

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "drf/base/error.h"
#include "drf/writer/clip_list.h"
#include "drf/writer/validate_blind.h"
#include "drf/writer/validate_on_clips.h"
#include "tests/support/expect_error.h"
#include "tests/support/temporary_folder.h"
#include "tests/unit/writer/fake_critic.h"
#include "tests/unit/writer/fake_text_model.h"

namespace drf::writer {
namespace {

using questions::Aspect;
using questions::Kind;
using testing::error_of;
using testing::says;
using testing::TemporaryFolder;
using testing::write_text;

Draft of(Aspect aspect, Draft draft) {
  draft.question.aspect = aspect;
  return draft;
}

std::vector<Draft> blind(const std::vector<Draft>& drafts, FakeCritic& critic, Ledger& ledger) {
  std::vector<Draft> left = drafts;
  check_blind(left, critic, gray_clip(4, at::kFloat, at::kCPU), 8, ledger);
  return left;
}

TEST(BlindTest, AYesWithoutLookingIsDropped) {
  FakeCritic critic;
  // Says yes to whatever has a dog in it, and no to the rest: right on gray, but for the dogs.
  critic.p_yes = [](const std::string& text, double brightness) {
    EXPECT_NEAR(brightness, 0.5, 1e-6);
    return contains(text, "dog") ? 0.97 : contains(text, "cow") ? 0.9 : 0.02;
  };
  const std::vector<Draft> drafts = {
      yes_no("Is there a dog?", "Yes", "Is there a fox?"),
      yes_no("Is there a cat?", "Yes", "Is there a hen?"), yes_no("Is there a fox?", "No", "Is there a dog?"),
      yes_no("Is there a cow?", "Yes", "Is there a pig?"), open("What does the dog do?", "It runs.")};
  Ledger ledger;
  const auto left = blind(drafts, critic, ledger);
  EXPECT_EQ(texts_of(left),
            (std::vector<std::string>{"Is there a cat?", "Is there a cow?", "What does the dog do?"}));
  EXPECT_EQ(ledger.counts(),
            (std::map<std::string, int64_t>{{"blind: certain without the clip", 2},
                                            {"blind: nearly certain without the clip (kept)", 2}}));
  EXPECT_NEAR(ledger.lines()[0].verdict.numbers.at("p_blind"), 0.97, 1e-9);
  // Not there on a gray clip: a critic that looks says so, so the fact keeps its weight and its twin loses.
  EXPECT_EQ(left[0].question.weight, 1);
  EXPECT_EQ(left[0].twin_weight, kBlindLeastWeight);
  EXPECT_EQ(left[1].question.weight, 0.5) << "half way from sure to certain";
  EXPECT_EQ(critic.asked, 6) << "the same question is asked once, an open one never";
}

TEST(BlindTest, PhysicsAndQualityLoseWeightOnly) {
  FakeCritic critic;
  critic.p_yes = [](const std::string& text, double) { return contains(text, "smooth") ? 0.999 : 0.5; };
  Ledger ledger;
  const auto left =
      blind({of(Aspect::kPF, yes_no("Is the motion smooth?", "Yes", "Does it jump?"))}, critic, ledger);
  ASSERT_EQ(left.size(), 1u);
  EXPECT_EQ(left[0].question.weight, kBlindLeastWeight);
  EXPECT_EQ(left[0].twin_weight, 1);
  EXPECT_TRUE(contains(ledger.to_json_lines(), R"("dropped":"nothing")"));
}

ClipSource clips(const std::map<int64_t, std::vector<std::filesystem::path>>& files) {
  ClipSource source;
  source.files = files;
  source.read = [](const std::filesystem::path& file) {  // "0.3": of that brightness
    return ClipSource::Clip{at::full({2, 3, 4, 4}, std::stod(file.string())), 8};
  };
  return source;
}

TEST(Calibration, WhatIsWrongOnRealClipsIsDropped) {
  FakeCritic critic;
  critic.p_yes = [](const std::string& text, double brightness) {
    if (contains(text, "bright")) return brightness;
    return contains(text, "always") ? 0.9 : 0.1;
  };
  std::vector<Draft> drafts = {
      yes_no("Is it bright?", "Yes", "Never?"), yes_no("Is it bright?", "Yes", "Never?", 1),
      yes_no("Is it always?", "Yes", "Also always?", 1), yes_no("Is it always?", "Yes", "Never?", 1),
      yes_no("Is it never?", "Yes", "Never?", 2)};
  drafts.push_back(open("Open?", "never"));
  Ledger ledger;
  check_on_clips(drafts, critic, clips({{0, {"0.9", "0.3"}}, {1, {"0.2"}}}), ledger);
  EXPECT_EQ(texts_of(drafts),
            (std::vector<std::string>{"Is it bright?", "Is it always?", "Is it never?", "Open?"}))
      << "a prompt without clips is let be";
  EXPECT_EQ(drafts[0].question.prompt, 0) << "right on the mean of its clips";
  EXPECT_EQ(ledger.counts(), (std::map<std::string, int64_t>{{"calibration: wrong on real clips", 2}}));
  EXPECT_NEAR(ledger.lines()[0].verdict.numbers.at("p_clips"), 0.2, 1e-6);
  EXPECT_NEAR(ledger.lines()[1].verdict.numbers.at("p_clips_twin"), 0.1, 1e-6) << "it says yes to all";
}

TEST(WeighByVariance, WhatIsAnsweredAlikeCostsNothing) {
  FakeCritic critic;
  critic.p_yes = [](const std::string& text, double brightness) {
    if (contains(text, "bright")) return brightness;
    if (contains(text, "half")) return 0.5 + 0.25 * (brightness - 0.5);
    return contains(text, "always") ? 0.99 : 0.01;
  };
  std::vector<Draft> drafts = {yes_no("Is it bright?", "Yes", "Never?"),
                               yes_no("Is it half?", "Yes", "Always?"), yes_no("Is it always?"),
                               of(Aspect::kVQ, yes_no("Is it always?", "Yes", "Never?")),
                               yes_no("Is it bright?", "Yes", "", 1)};
  EXPECT_EQ(weigh_by_variance(drafts, critic, clips({{0, {"0.1", "0.9", "0.5"}}, {1, {"0.2"}}})), 1);
  // Variances v and v / 16 share the weight of five answers.
  EXPECT_NEAR(drafts[0].question.weight, 5 * 16.0 / 17, 1e-4);
  EXPECT_NEAR(drafts[1].question.weight, 5 * 1.0 / 17, 1e-4);
  EXPECT_EQ(drafts[0].twin_weight, 0);
  EXPECT_EQ(drafts[2].question.weight, 0);
  EXPECT_EQ(drafts[3].question.weight, 1)
      << "where all are answered alike there is nothing to tell them apart by";
  EXPECT_EQ(drafts[3].twin_weight, 1);
  EXPECT_EQ(drafts[4].question.weight, 1) << "one clip has no variance";
}

// A twin that is a control alone carries no weight that others could have.
TEST(WeighByVariance, WhatIsNotAskedHasNoShare) {
  FakeCritic critic;
  critic.p_yes = [](const std::string& text, double brightness) {
    return contains(text, "dark") ? 1 - brightness : contains(text, "bright") ? brightness : 0.3 * brightness;
  };
  std::vector<Draft> drafts = {yes_no("Is it bright?", "Yes", "Is it dark?"),
                               yes_no("Is it so?", "Yes", "Is it darker?")};
  for (Draft& draft : drafts) draft.twin_asked = false;
  weigh_by_variance(drafts, critic, clips({{0, {"0.1", "0.9"}}}));
  EXPECT_NEAR(drafts[0].question.weight + drafts[1].question.weight, 2, 2e-4);
}

// It may be asked again, where who asks it now falls.
TEST(BlindTest, ATwinThatIsNotAskedIsWeighedAndNobodyTold) {
  FakeCritic critic;
  critic.p_yes = [](const std::string&, double) { return 0.02; };
  Draft draft = yes_no("Is there a cat?", "Yes", "Is there a hen?");
  draft.twin_asked = false;
  Ledger ledger;
  const auto left = blind({draft}, critic, ledger);
  ASSERT_EQ(left.size(), 1u);
  EXPECT_EQ(left[0].twin_weight, kBlindLeastWeight);
  EXPECT_TRUE(ledger.lines().empty()) << "nothing that is written has less weight";
}

TEST(ClipList, AFolderOrLinesNameClipsByPrompt) {
  TemporaryFolder folder;
  using Files = std::map<int64_t, std::vector<std::filesystem::path>>;
  for (const char* name : {"p1-b.gif", "p1-a.gif", "p0.mp4", ".hidden"})
    write_text(folder / "clips" / name, "x");
  const std::filesystem::path clips = folder / "clips";
  EXPECT_EQ(read_clip_list(clips, 2),
            (Files{{0, {clips / "p0.mp4"}}, {1, {clips / "p1-a.gif", clips / "p1-b.gif"}}}));
  const auto problem = [&](const std::filesystem::path& path, int64_t prompts) {
    return error_of(ErrorKind::kInput, [&] { read_clip_list(path, prompts); });
  };
  EXPECT_TRUE(says(problem(clips, 1), "p1-a.gif: is of prompt 1, but there are 1 prompts"));
  write_text(clips / "cat.mp4", "x");
  EXPECT_TRUE(says(problem(clips, 2), "cat.mp4: wanted a clip called by its prompt's index"));
  const auto lines = [&](const std::string& text) {
    write_text(folder / "c.jsonl", text);
    return folder / "c.jsonl";
  };
  const std::string clip = (clips / "p0.mp4").string();
  EXPECT_EQ(read_clip_list(lines("{\"prompt\":1,\"clip\":\"" + clip + "\"}\n\n"), 2), (Files{{1, {clip}}}));
  EXPECT_TRUE(
      says(problem(lines("{\"prompt\":2,\"clip\":\"" + clip + "\"}"), 2), "c.jsonl:1: \"prompt\" is 2"));
  EXPECT_TRUE(says(problem(lines("{\"prompt\":\"a\",\"clip\":\"" + clip + "\"}"), 2), "\"prompt\" is \"a\""));
  EXPECT_TRUE(
      says(problem(lines("{\"prompt\":0,\"clip\":\"/nowhere.mp4\"}"), 2), "/nowhere.mp4 is not there"));
  EXPECT_TRUE(says(problem(lines("{\"prompt\":0,\"clips\":\"a\"}"), 2), "did you mean \"clip\"?"));
  EXPECT_TRUE(says(problem(lines("\n"), 2), "names no clip"));
  std::filesystem::create_directories(folder / "empty");
  EXPECT_TRUE(says(problem(folder / "empty", 2), "names no clip"));
}

}  // namespace
}  // namespace drf::writer
