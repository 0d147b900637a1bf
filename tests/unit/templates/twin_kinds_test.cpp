// Twins that may as well be so: kinds that judges of unseen prompts found.
#include <gtest/gtest.h>

#include "tests/unit/templates/caption_asked.h"

namespace drf::templates {
namespace {

// The twin of the first pair's question must not hold the words.
void expect_no_twin(const Pairs& pairs) {
  for (const auto& [prompt, text] : pairs) {
    EXPECT_TRUE(asks(prompt, text)) << prompt << ": " << text;
    EXPECT_EQ(twin_of(prompt, text), "") << prompt << ": " << text;
  }
}

TEST(CaptionQuestions, WhereAChildIsThereMayBeOthers) {
  expect_unmentioned({{"A boy rides a bicycle across a bridge.", "there a girl"},
                      {"A girl paints a fence.", "there a boy"},
                      {"Two boys carry a ladder.", "there girls"}});
  EXPECT_NE(twin_of("A boy rides a bicycle across a bridge.", "Is there a boy?"), "");
}

TEST(CaptionQuestions, WhatSwingsOrBouncesComesBack) {
  expect_no_twin({{"A pendulum swings to the left.", "Does the pendulum move to the left?"},
                  {"A rubber duck falls off a table and bounces on a mat.", "Does the rubber duck fall?"},
                  {"A lantern sways to the right in the wind.", "Does the lantern move to the right?"},
                  {"A coin falls onto the floor and rebounds.", "Does the coin fall?"}});
  EXPECT_EQ(twin_of("A hand reaches out of the water, takes a lantern and sinks.", "Does the hand sink?"),
            "");
  EXPECT_EQ(twin_of("A train moves to the left.", "Does the train move to the left?"),
            "Does the train move to the right?");
  EXPECT_EQ(twin_of("A coin falls onto the floor.", "Does the coin fall?"), "Does the coin rise?");
}

TEST(CaptionQuestions, WhatIsOpenedMayBeClosedLater) {
  expect_no_twin({{"A mechanic opens the hood, replaces the spark plugs, and finally starts the engine.",
                   "Does the mechanic open the hood?"},
                  {"A nun opens a chest. She takes out a bell.", "Does the nun open the chest?"},
                  {"A cook closes the window, then lifts a pot.", "Does the cook close the window?"}});
  EXPECT_EQ(twin_of("A mechanic opens the hood.", "Does the mechanic open the hood?"),
            "Does the mechanic close the hood?");
}

TEST(CaptionQuestions, WhatIsSoAtFirstHasNoContrary) {
  expect_no_twin(
      {{"A bird is perched on a branch, then it suddenly flies down to the ground.",
        "Is the bird on the branch?"},
       {"A dog is sitting by the door, then it suddenly starts running in circles.", "Is the dog sitting?"},
       {"A fox is in front of a barn, then the fox moves to the left of the barn.",
        "Is the fox in front of the barn?"},
       {"A pirate steals a boat at dawn, and sails to an island. In the end he laughs.", "Is it dawn?"}});
  EXPECT_EQ(twin_of("A fox is in front of a barn.", "Is the fox in front of the barn?"),
            "Is the fox behind the barn?");
  EXPECT_EQ(twin_of("A harbor at dawn. A boat leaves.", "Is it dawn?"), "Is it noon?");
}

TEST(CaptionQuestions, OnlyWhatMovesComesOutOfWhereItWent) {
  expect_unmentioned({{"A baker cracks two eggs into a bowl.", "out of"},
                      {"A boy squeezes ketchup onto a plate.", "off the"},
                      {"A cook breaks an egg into a pan.", "out of"}});
  EXPECT_EQ(twin_of("A boy runs into a barn.", "Does the boy run into the barn?"),
            "Does the boy run out of the barn?");
  EXPECT_EQ(twin_of("A man carries a box into a barn.", "Does the man carry the box into the barn?"),
            "Does the man carry the box out of the barn?");
}

TEST(CaptionQuestions, DrinksLookAlike) {
  expect_no_twin({{"A penguin drinks lemonade on a surfboard", "Does the penguin drink the lemonade?"},
                  {"A panda drinks coffee in a cafe", "Does the panda drink the coffee?"}});
}

TEST(CaptionQuestions, WhatIsCalledByItsKindAloneHasNoOtherOfIt) {
  expect_no_twin({{"Two people are cutting vegetables together.", "Do the people cut the vegetables?"},
                  {"Two people are cutting vegetables together.", "Are there vegetables?"}});
}

TEST(CaptionQuestions, WhoIsFollowedMayBeSeenFromBehind) {
  EXPECT_EQ(texts("The camera follows a cyclist through a tunnel.", Aspect::kVQ)
                .count("Does the face of the cyclist look natural?"),
            0);
  EXPECT_EQ(texts("A cyclist rides through a tunnel.", Aspect::kVQ)
                .count("Does the face of the cyclist look natural?"),
            1);
  EXPECT_EQ(
      texts("The rain pours upward around a barn.", Aspect::kPF).count("Do objects fall as gravity demands?"),
      0);
}

TEST(CaptionQuestions, WhatHasNoOtherSideHasNoContrary) {
  expect_unmentioned({{"A shepherd climbs a hill under a red evening sky.", "over the"},
                      {"Thin smoke drifts over the valley.", "under the"},
                      {"A kite drops onto the beach.", "off the"},
                      {"A balloon drops onto the playground.", "off the"},
                      {"An iron hook swings into a tower.", "out of"},
                      {"A cook flips two pancakes.", "flip the cakes"}});
  EXPECT_EQ(twin_of("A cat jumps over the fence.", "Does the cat jump over the fence?"),
            "Does the cat jump under the fence?");
}

TEST(CaptionQuestions, WherePeoplePassTheOtherSexMayPass) {
  expect_unmentioned({{"A man hurries to his departure gate.", "there a woman"},
                      {"A woman waits on a platform.", "there a man"},
                      {"A man reads in a library.", "there a woman"}});
  EXPECT_EQ(twin_of("A man lifts a stone.", "Is there a man?"), "Is there a woman?");
}

TEST(CaptionQuestions, WhatIsFramedIsOfMoreThanOneMaterial) {
  expect_unmentioned({{"A glass cabinet stands by the wall.", "made of wood"},
                      {"A monk repairs a wooden table.", "made of metal"}});
}

TEST(CaptionQuestions, WhatIsPouredIsOutsideForAWhile) {
  expect_unmentioned(
      {{"A chemist drips a blue liquid from a pipette. The liquid is in a beaker.", "outside the beaker"}});
}

TEST(CaptionQuestions, WheeledThingsRollWithoutTurning) {
  EXPECT_EQ(
      texts("A toy truck rolls down a ramp.", Aspect::kPF).count("Does the toy truck turn as it rolls?"), 0u);
  EXPECT_EQ(texts("A wooden ball rolls down a ramp.", Aspect::kPF).count("Does the ball turn as it rolls?"),
            1u);
}

}  // namespace
}  // namespace drf::templates
