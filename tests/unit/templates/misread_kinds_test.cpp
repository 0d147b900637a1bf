// Words that the rules have for nouns and the dependency parser, told nothing, for something else.
#include <gtest/gtest.h>

#include "tests/unit/templates/caption_asked.h"

namespace drf::templates {
namespace {

TEST(CaptionQuestions, ADeedThatIsHelpedOrWatchedIsNoThing) {
  expect_unmentioned({
      {"A mother helps her son tie his scarf while the father packs the car.", "tie"},
      {"One person helps another person set the table.", "person set"},
      {"A boy watches his sister saddle a pony.", "saddle"},
      {"A farmer makes the donkey cart a load of hay up the hill.", "cart"},
      {"Two boys box in a gym while their trainer shouts.", "a box"},
      {"They sail home, but spirits are intended to seal evil spirits.", "a seal"},
      {"He washes it with one hand and oils the chain with the other.", "oils"},
  });
  expect_asked({
      {"A man in a blue tie walks a dog.", "Is there a tie?"},
      {"A saddle lies on a fence.", "Is there a saddle?"},
      {"A seal slides across the ice.", "Is there a seal?"},
      {"A boy carries a box to a cart.", "Is there a box?"},
      {"A busy ramen stall, pixel art", "Is there a ramen stall?"},
      {"The blades clash and sparks fly.", "Are there sparks?"},
  });
}

TEST(CaptionQuestions, APhraseIsNamedByItsLastNoun) {
  expect_unmentioned({
      {"A woman drinks from a dented soup can.", "there soup"},
      {"He throws an empty beer can into a trash bin.", "there beer"},
      {"A chef opens a large tomato can with a knife.", "tomato"},
      {"drone shot rising over a container terminal, zooming out", "a container?"},
  });
  expect_asked({
      {"A ferry moves past a lighthouse.", "Is there a ferry?"},
      {"Two geese waddle past a barn.", "Are there geese?"},
      {"A pendulum swings above a box.", "Is there a pendulum?"},
      {"The soup can boil over on the stove.", "Is there soup?"},
  });
}

TEST(CaptionQuestions, APluralWithAnObjectIsADeed) {
  expect_unmentioned(
      {{"A cook drops an egg into boiling water and steam clouds his glasses.", "there clouds"},
       {"Hot lava flows into the sea and steam rises in white columns.", "lava flows"},
       {"a rocking horse beside a dusty trunk", "horse"},
       {"Two robots boxing in a ring", "bob"}});
  expect_asked({{"Clouds drift over a hill.", "Are there clouds?"},
                {"A boy throws balls into a basket.", "Are there balls?"}});
}

TEST(CaptionQuestions, APluralBehindThenIsADeed) {
  expect_unmentioned(
      {{"A glassblower swings the pipe, then snips off the neck with shears.", "there snips"}});
  expect_asked({{"A glassblower swings the pipe, then snips off the neck with shears.", "Are there shears?"},
                {"The sky darkens, then waves crash over the pier.", "Are there waves?"},
                {"The lid rattles, then sparks fly.", "Are there sparks?"}});
}

TEST(CaptionQuestions, SparksThatRainAndVillagesInACountry) {
  expect_unmentioned({
      {"a welder in a dark hangar, sparks raining down", "raining"},
      {"a village in Greece waking up, roosters and all", "Greece wake"},
      {"a village in Greece waking up, roosters and all", "same person"},
  });
  expect_asked({{"a street in Lisbon, raining", "Is it raining?"},
                {"a busy city street raining heavily", "Is it raining?"}});
}

TEST(CaptionQuestions, WhatIsOfSomethingIsNamedNotDone) {
  expect_unmentioned({
      {"The bag swings toward her, and drops of sweat fly through the air.", "bag drop"},
      {"A cook lifts the lid, and rolls of dough rise in the oven.", "cook roll"},
      {"The horse shakes its mane, and waves of heat shimmer on the road.", "horse wave"},
  });
  expect_asked({{"A boy drops a cup and rolls a ball.", "Does the boy roll the ball?"}});
}

TEST(CaptionQuestions, ACradleSwingsAndHasNoSwings) {
  expect_unmentioned({{"A baby's cradle swings as a nurse hums.", "there swings"},
                      {"A Newton's cradle swings slowly on a desk.", "there swings"}});
}

// Found on prompts that nobody had seen (tests/judged, unseen60w).
TEST(MisreadKinds, WhatIsFoundOutUpsideDownOrOfWood) {
  expect_unmentioned({
      {"A stag walks upside down along the cable.", "walk down"},
      {"A bat hangs upside down from a branch.", "hang down"},
      {"With a thin brush she spreads glue along a crack in the wood.", "a wood"},
      {"A shy baker finds out that her gingerbread men can talk.", "find out"},
      {"On a stormy evening the power fails in a theatre", "stormy"},
  });
  expect_asked({
      {"A girl finds a key under the mat.", "Does the girl find the key?"},
      {"On a stormy evening a ship leaves the harbor", "Is the weather stormy?"},
  });
  // It is drawn out and pushed together.
  for (const auto& q : asked("a sailor playing the accordion"))
    EXPECT_EQ(q.text.find("shape and color"), std::string::npos);
}

TEST(MisreadKinds, WhatGoesAwayKeepsItsColor) {
  expect_asked({
      {"A small yellow seaplane touches down, leaving two lines of foam.", "Is the seaplane yellow?"},
      {"A red balloon pops.", "Is the balloon red?"},
      {"A boy eats a green apple and the purple scarf vanishes.", "Is the apple green?"},
  });
  expect_unmentioned({
      {"A blue chair is painted by a boy.", "blue"},
      {"A red car vanishes and reappears in blue", "Is the car red"},
      {"A green leaf crumbles to brown dust", "green"},
      {"A green apple splits and turns brown", "green"},
      {"The yellow bananas were left in the sun until they were black", "yellow"},
      {"A red fence burns.", "red"},
      {"Two balloons pop.", "two"},
  });
}

}  // namespace
}  // namespace drf::templates
