// Kinds of reading that judges of unseen prompts found wrong.
#include <gtest/gtest.h>

#include "tests/unit/templates/caption_asked.h"

namespace drf::templates {
namespace {

// A small word behind a verb is asked with it, or the two are not asked.
TEST(CaptionQuestions, VerbsOfTwoWordsStayWhole) {
  expect_asked({
      {"A cyclist rides away", "Does the cyclist ride away?"},
      {"A crow flies off", "Does the crow fly off?"},
      {"A driver climbs out into the snow", "Does the driver climb out?"},
      {"A clown bursts out laughing", "Does the clown burst out laughing?"},
      {"A cat curls up on a sofa", "Does the cat curl up?"},
      {"A nurse blows out a candle", "Does the nurse blow out the candle?"},
      {"A monk picks up a box", "Does the monk pick up the box?"},
      {"A man drops a bucket and then stands up", "Does the man drop the bucket before standing up?"},
      {"A nun digs up a chest and then rides away", "Does the nun dig up the chest before riding away?"},
      {"A boy runs out into the street", "Does the boy run out?"},
      {"A pilot jumps out of a plane", "Does the pilot jump out of the plane?"},
      {"The branch is cut off by a sailor", "Is the branch cut off?"},
      {"a man throws away a broken cup", "Does the man throw away the cup?"},
  });
  expect_unmentioned({
      {"A cyclist rides away", "ride?"},
      {"A driver climbs out into the snow", "climb?"},
      {"A coat stands out against the wall", "stand?"},
      {"A woman is rolling out dough", "roll dough"},
      {"A woman rolls out the dough, then opens a box", "roll the"},
      {"A clown bursts out laughing", "burst?"},
      {"A clown drops a cup, then bursts out laughing", "bursting?"},
      {"A truck breaks down on a road", "break?"},
      {"A cook runs out of flour", "run"},
      {"A cat rolls up a carpet", "up the carpet"},
      {"A light blows out", "blow"},
      {"A boy takes off", "take"},
      {"The branch is cut off by a sailor", "branch cut?"},
  });
}

// One deed may hold its contrary.
TEST(CaptionQuestions, WhatIsLiftedMayBeLoweredAgain) {
  expect_unmentioned({
      {"A man lifts a dumbbell", "lower"},
      {"A woman lowers a gear into a clock", "lift"},
      {"A nun opens a box again and again", "close"},
  });
  EXPECT_EQ(twin_of("A nun opens a box", "Does the nun open the box?"), "Does the nun close the box?");
}

// Who is denied his place is not asked for; what lacks something is what the phrase is about.
TEST(CaptionQuestions, WhoIsNotInHisPlaceIsNotThere) {
  const Pairs away = {{"An empty beach; the lifeguard isn't in his tower", "lifeguard"},
                      {"A dark forge, the blacksmith is nowhere to be seen", "blacksmith"},
                      {"The guard is not there", "guard"}};
  expect_unmentioned(away);
  for (const auto& [prompt, who] : away) {
    for (const Aspect aspect : {Aspect::kPF, Aspect::kVQ}) {
      for (const std::string& text : texts(prompt, aspect))
        EXPECT_EQ(text.find(who), std::string::npos) << text;
    }
  }
  expect_asked({{"A street in Cairo with no cars", "Is the scene free of cars?"},
                {"The cat is not on the table but on a chair", "Is there a cat?"},
                {"The pianist isn't sitting", "Is there a pianist?"}});
  expect_unmentioned({{"A street in Cairo with no cars", "Cairo without"},
                      {"A street in Cairo with no cars", "Cairo have"},
                      {"A man in a hat with no beard", "hat without"},
                      {"A bus near a tower with no passengers", "tower without"},
                      {"The shop is open but the baker is not in the shop", "shop open"}});
  expect_asked({{"A man in a hat with no beard", "Is the man without a beard?"}});
}

TEST(CaptionQuestions, AVerbBehindItsSubjectIsNoNoun) {
  expect_unmentioned({
      {"The engine stalls and the lights go out.", "stalls"},
      {"An engine stalls.", "stalls"},
      {"The crowd roars and the band plays", "roars"},
      {"The water boils.", "boils"},
      {"rice terraces at dawn", "Is there rice"},
  });
  expect_asked({{"A dog beside a market stall", "Is there a market stall?"}});
}

TEST(CaptionQuestions, StuffsAndGamesHaveNoArticle) {
  expect_unmentioned({
      {"A tomato splats on the asphalt", "an asphalt"},
      {"A man blowing glass in a large studio", "a glass"},
      {"Two boys play football on a street", "the football"},
      {"Two boys play football on a street", "a football"},
  });
  expect_asked({{"Two boys play football on a street", "Do the boys play football?"},
                {"A boy kicks a football", "Is there a football?"},
                {"A glass on a table", "Is there a glass?"}});
}

TEST(CaptionQuestions, OneOfSeveralIsNoFurtherOne) {
  const std::string prompt = "Two barefoot boys play on a street. One boy kicks a ball over a wall.";
  expect_unmentioned({{prompt, "Is there a boy"}});
  EXPECT_TRUE(asks("Two dogs run on a road. The lead dog barks.", "Is there a lead dog?"));
  EXPECT_FALSE(texts(prompt, Aspect::kPF).count("Does the boy turn into something else?"));
}

TEST(CaptionQuestions, AParticipleKeepsItsAdverbAndItsSubject) {
  expect_asked({{"A cat in a room. The background is dimly lit.", "Is the background dimly lit?"},
                {"A boy and a girl are dancing", "Does the boy dance?"},
                {"a toolbox and a ladder standing beside a shed", "Is the toolbox beside the shed?"}});
  expect_unmentioned({{"A cat in a room. The background is dimly lit.", "background lit"},
                      {"an anvil and a pair of bellows hanging in a forge", "anvil hanging"},
                      {"A dimly lit room with a bed", "room lit"},
                      {"A half empty glass on a table", "glass empty"},
                      {"A slightly open window", "window open"},
                      {"The door is slightly open", "door open"},
                      {"a drum and a rope hanging on a wall", "drum hanging"}});
}

TEST(CaptionQuestions, TwinsOfLightStyleAndPlaceAreNotTrueToo) {
  expect_unmentioned({
      {"A whale in soft golden light, cool colors", "Are the colors warm"},
      {"A witch brews a potion, and they drive off bandits who wanted to burn down the village. "
       "At the end they sleep on the roof of the bakery.",
       "show a forest"},
  });
  EXPECT_EQ(twin_of("A whale under a cloud, cool colors", "Are the colors cold?"), "Are the colors warm?");
  for (const char* style : {"stained glass window", "quilt", "cross-stitch", "low poly render"}) {
    const std::string prompt = std::string("A knight on a drawbridge in the style of a ") + style;
    EXPECT_FALSE(texts(prompt, Aspect::kVQ).count("Is the picture free of blocky patches?")) << prompt;
  }
}

TEST(CaptionQuestions, OrdersOfListsAndFallsAreAsked) {
  expect_asked({
      {"A cyclist stops at a fountain, fills her bottle, and then rides away",
       "Does the cyclist stop at the fountain before filling the bottle?"},
      {"A cyclist stops at a fountain, fills her bottle, and then rides away",
       "Does the cyclist fill the bottle before riding away?"},
      {"A pirate digs up a chest, opens a box, and then bursts out laughing",
       "Does the pirate dig up the chest before opening the box?"},
      {"A pirate digs up a chest, opens a box, and then bursts out laughing",
       "Does the pirate open the box before bursting out laughing?"},
      {"A flowerpot falls off a windowsill and shatters on the pavement",
       "Does the flowerpot fall before shattering?"},
      {"A keeper drops the oars, stands up, and a lantern swings",
       "Does the keeper drop the oars before standing up?"},
  });
  expect_asked({{"A boy throws a frisbee in the park and his dog catches it",
                 "Does the boy throw the frisbee before the dog catches the frisbee?"}});
  expect_unmentioned({{"A flowerpot shatters and falls", " before "},
                      {"A cyclist sings, fills her bottle and rides a horse", " before "}});
}

}  // namespace
}  // namespace drf::templates
