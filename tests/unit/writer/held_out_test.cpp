// Which facts of a file are held out, so that nothing that is asked of them is trained on anywhere; and the
// file that is made of them.

#include "drf/writer/held_out.h"

#include <gtest/gtest.h>

#include <set>

#include "drf/base/error.h"
#include "drf/questions/question_file.h"
#include "drf/writer/assemble.h"
#include "tests/support/temporary_folder.h"
#include "tests/unit/writer/fake_text_model.h"

namespace drf::writer {
namespace {

using questions::Question;

std::set<uint64_t> seeds(const std::vector<Draft>& drafts, double share, size_t which, bool held_out) {
  std::set<uint64_t> seeds;
  for (uint64_t seed = 0; seed < 400; ++seed)
    if (draw_held_out(drafts, share, seed)[which] == held_out) seeds.insert(seed);
  return seeds;
}

// A wording that ten prompts share is held out at all of them or at none.
TEST(HeldOut, AWordingIsOnOneSideOfTheWholeFile) {
  std::vector<Draft> drafts;
  for (int64_t p = 0; p < 10; ++p) {
    drafts.push_back(yes_no("Is the motion smooth?", "Yes", "Does anything flicker?", p));
    drafts.push_back(yes_no(concat("Is there a thing of kind ", p, "?"), "Yes", "", p));
    // In other words of the same meaning, and with the other answer.
    drafts.push_back(yes_no(p % 2 ? "Is the video sharp?" : "Is the clip sharp?", "Yes", "", p));
    drafts.push_back(yes_no("Is there no rain?", "No", "", p));
  }
  for (size_t kind : {0, 2, 3}) {
    int64_t held = 0;
    for (uint64_t seed = 0; seed < 400; ++seed) {
      const auto held_out = draw_held_out(drafts, 0.2, seed);
      held += held_out[kind];
      for (size_t p = 1; p < 10; ++p) EXPECT_EQ(held_out[4 * p + kind], held_out[kind]) << seed;
    }
    EXPECT_NEAR(held, 80, 30) << "of 400 seeds, kind " << kind;
  }
  EXPECT_NE(seeds(drafts, 0.2, 0, true), seeds(drafts, 0.2, 2, true)) << "each wording by itself";
}

// Nor is a question trained on elsewhere as a twin, or asked there in other words.
TEST(HeldOut, TwinsAndParaphrasesComeAlong) {
  for (const bool as_twin : {true, false}) {
    std::vector<Draft> drafts;
    for (int64_t p = 0; p < 12; ++p) drafts.push_back(yes_no(concat("Is there a ", p, "?"), "Yes", "", p));
    drafts.push_back(yes_no("Is the ball red?", "Yes", "Is the ball green?", 0));
    drafts.push_back(yes_no("Is the cube big?", "Yes", as_twin ? "Is there a red ball?" : "", 1));
    if (!as_twin) drafts[13].paraphrase = "Is there a red ball?";
    drafts.push_back(yes_no("Is there a green ball?", "Yes", "Is there a black ball?", 2));
    int64_t held = 0;
    for (uint64_t seed = 0; seed < 400; ++seed) {
      const auto held_out = draw_held_out(drafts, 0.3, seed);
      EXPECT_EQ(held_out[12], held_out[13]) << seed;
      EXPECT_EQ(held_out[12], held_out[14]) << seed;
      held += held_out[12];
    }
    EXPECT_NEAR(held, 120, 40);
    // A twin that nobody asks ties nothing.
    if (!as_twin) continue;
    drafts[13].twin_asked = false;
    bool apart = false;
    for (uint64_t seed = 0; seed < 400 && !apart; ++seed) {
      const auto held_out = draw_held_out(drafts, 0.3, seed);
      apart = held_out[12] != held_out[13];
    }
    EXPECT_TRUE(apart);
  }
}

// Chains of twins may join half a file ("Is there a dog?" / "a fox?", "a fox?" / "a hen?", ...).
TEST(HeldOut, AGroupThatIsMoreThanTheShareIsTrainedOn) {
  std::vector<Draft> drafts;
  for (int64_t p = 0; p < 20; ++p) {
    drafts.push_back(
        yes_no(concat("Is there an animal ", p, "?"), "Yes", concat("Is there an animal ", p + 1, "?"), p));
    drafts.push_back(yes_no(concat("Is there a thing ", p, "?"), "Yes", "", p));
  }
  EXPECT_EQ(seeds(drafts, 0.4, 0, true).size(), 0u) << "half of the file by one throw";
  EXPECT_NEAR(seeds(drafts, 0.4, 1, true).size(), 160, 40);
}

TEST(HeldOut, SomethingIsTrainedOnOfEachAspectOfAPrompt) {
  // The wording that the second prompt cannot do without is trained on at the first as well.
  std::vector<Draft> drafts = {yes_no("Is it smooth?", "Yes", "Is it rough?", 0),
                               yes_no("Is it round?", "Yes", "", 0),
                               yes_no("Is it smooth?", "Yes", "Is it rough?", 1)};
  EXPECT_EQ(seeds(drafts, 0.9, 0, true).size(), 0u);
  EXPECT_EQ(seeds(drafts, 0.9, 2, true).size(), 0u);
  EXPECT_GT(seeds(drafts, 0.9, 1, true).size(), 300u);
  // Of another aspect, which has nothing else.
  drafts = {yes_no("Is it smooth?"), yes_no("Is it round?"), yes_no("Is it dark?")};
  drafts[1].question.aspect = questions::Aspect::kVQ;
  EXPECT_EQ(seeds(drafts, 0.9, 1, true).size(), 0u);
  // A question without weight trains nothing, but its twin may.
  drafts = {yes_no("Is it smooth?", "Yes", "Is it rough?"), yes_no("Is it round?", "Yes", "Is it square?")};
  drafts[0].question.weight = drafts[0].twin_weight = 0;
  drafts[1].question.weight = 0;
  EXPECT_EQ(seeds(drafts, 0.9, 1, true).size(), 0u) << "its twin counts";
  EXPECT_GT(seeds(drafts, 0.9, 0, true).size(), 300u) << "trains nothing";
  drafts[1].twin_asked = false;
  EXPECT_GT(seeds(drafts, 0.9, 1, true).size(), 300u) << "nothing trains here";
  // Where one must stay, it is the one that takes the fewest others along.
  drafts = {yes_no("Is it smooth?", "Yes", "", 0), yes_no("Is it round?", "Yes", "", 0)};
  for (int64_t p = 1; p < 6; ++p) {
    drafts.push_back(yes_no("Is it smooth?", "Yes", "", p));
    drafts.push_back(yes_no("Is it red?", "Yes", "", p));
    drafts.push_back(yes_no(concat("Is it ", p, "?"), "Yes", "", p));
  }
  for (uint64_t seed = 0; seed < 100; ++seed) {
    const auto held_out = draw_held_out(drafts, 0.999, seed);
    EXPECT_TRUE(held_out[0] && !held_out[1]) << seed;
  }
}

TEST(HeldOut, QuestionsWithASecondClipAreTrainedOnAndTheirWordingWithThem) {
  std::vector<Draft> drafts = {yes_no("Is it smooth?", "Yes", "", 0), yes_no("Is it round?", "Yes", "", 0),
                               yes_no("Is it smooth?", "Yes", "", 1), yes_no("Is it red?", "Yes", "", 1)};
  drafts[2].question.reference = "clip.mp4";
  EXPECT_EQ(seeds(drafts, 0.9, 0, true).size(), 0u);
  EXPECT_EQ(seeds(drafts, 0.9, 2, true).size(), 0u);
  EXPECT_EQ(draw_held_out(drafts, 0, 7), std::vector<bool>(4, false));
}

TEST(Assemble, ParaphrasesAndTheHeldOutStandApart) {
  std::vector<Draft> drafts;
  for (int64_t p = 0; p < 40; ++p) {
    for (const char* what : {"dog", "cat", "cow", "hen", "pig"}) {
      const std::string name = concat(what, p);
      Draft draft = yes_no("Is there a " + name + "?", "Yes", "Is there a toy " + name + "?", p);
      draft.paraphrase = "Does one " + name + " come along?";
      draft.twin_weight = 0.5;
      drafts.push_back(draft);
    }
  }
  AssembleOptions options;
  options.held_out = 0.3;
  const auto questions = assemble(drafts, options);
  ASSERT_EQ(questions.size(), 600u);
  EXPECT_EQ(questions[0].id, "p0-q0");
  EXPECT_EQ(questions[1].id, "p0-q1");
  EXPECT_EQ(questions[1].weight, 0.5);
  EXPECT_EQ(questions[2].id, "p0-q0-p");
  EXPECT_EQ(questions[2].paraphrase_of, "p0-q0");
  int64_t held_out = 0;
  std::set<int64_t> trained;
  for (size_t i = 0; i < questions.size(); i += 3) {
    held_out += questions[i].held_out;
    EXPECT_EQ(questions[i].held_out, questions[i + 1].held_out) << "a twin stands where its question does";
    EXPECT_EQ(questions[i].held_out, questions[i + 2].held_out);
    if (questions[i].trains()) trained.insert(questions[i].prompt);
    EXPECT_FALSE(questions[i + 2].trains());
  }
  EXPECT_NEAR(held_out, 60, 25);
  EXPECT_EQ(trained.size(), 40u);
  // The file reads back, and its ids are its own.
  drf::testing::TemporaryFolder folder;
  questions::write_questions(folder / "q.jsonl", questions);
  EXPECT_EQ(questions::read_questions(folder / "q.jsonl"), questions);
  // A fact stays on its side when others go.
  std::vector<Draft> fewer(drafts.begin(), drafts.end() - 3);
  const auto again = assemble(fewer, options);
  for (size_t i = 0; i < 39 * 15; ++i) EXPECT_EQ(again[i], questions[i]);
  // However much is held out, something of each aspect is trained on.
  options.held_out = 0.999;
  trained.clear();
  for (const Question& q : assemble(drafts, options))
    if (q.trains()) trained.insert(q.prompt);
  EXPECT_EQ(trained.size(), 40u);
  // A twin that is only a control is not asked.
  for (Draft& draft : drafts) draft.twin_asked = false;
  EXPECT_EQ(assemble(drafts, options).size(), 400u);
}

}  // namespace
}  // namespace drf::writer
