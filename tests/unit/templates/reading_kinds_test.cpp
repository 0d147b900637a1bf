// Kinds of misreading that a reviewer found: denials of some, pictures, places that read like times.
#include "tests/unit/templates/caption_asked.h"

namespace drf::templates {
namespace {

TEST(CaptionQuestions, ADenialOfSomeDeniesNotAll) {
  expect_unmentioned({
      {"A knight has no second sword.", "sword"},
      {"A knight does not have a third sword.", "sword"},
      {"A knight lacks another sword.", "sword"},
      {"A knight without a spare sword", "without a sword"},
      {"A knight has no sharp sword.", "sword"},
      {"A ship has no further lanterns.", "without lanterns"},
      {"A street with no parked cars", "free of cars"},
  });
  EXPECT_TRUE(asks("A knight has no sword.", "Is the knight without a sword?"));
  EXPECT_TRUE(asks("A knight has not a single sword.", "Is the knight without a sword?"));
}

TEST(CaptionQuestions, ZeroAndLackingAreDenials) {
  expect_asked({
      {"A beach with zero people", "Is the scene free of people?"},
      {"A beach with 0 people", "Is the scene free of people?"},
      {"A knight lacks a helmet", "Is the knight without a helmet?"},
      {"The chairs lack legs", "Are the chairs without legs?"},
      {"A house lacking windows", "Is the house without windows?"},
      {"A boy is lacking a shoe.", "Is the boy without a shoe?"},
  });
  expect_unmentioned({
      {"Zero cars are parked on a street", "zero"},
      {"Zero cars are parked on a street", "Are there cars"},
      {"A knight lacks a helmet", "Is there a helmet"},
      {"A house lacking windows", "Are there windows"},
      {"A dog lacking a tail runs on a beach", "Is there a tail"},
      {"A knight does not lack a helmet", "without"},
      {"An astronaut floats in zero gravity", "gravity"},
  });
}

TEST(CaptionQuestions, AFoodWithItsArticleIsAPiece) {
  expect_asked({{"The crumpet lies on a plate.", "Is there a crumpet?"},
                {"a bowl of couscous", "Is there couscous?"},
                {"some couscous on a plate", "Is there couscous?"}});
  expect_unmentioned({{"The crumpet lies on a plate.", "Is there crumpet"}});
}

TEST(CaptionQuestions, APlaceOrAReferenceBackTellsNoOrder) {
  expect_unmentioned({
      {"A man stands before a mirror combing his hair", " before "},
      {"Before a mirror, a man opens a box and drops a cup.", " before "},
      {"A woman opens the book, but before that she closes the window", " before "},
      {"In reverse, a cup falls and then a dog barks.", " before "},
  });
  expect_asked({
      {"A woman opens the book before closing the window",
       "Does the woman open the book before closing the window?"},
      {"A woman opens the book before she closes the window",
       "Does the woman open the book before closing the window?"},
      {"A cup falls and then a dog barks.", "Does the cup fall before the dog barks?"},
      {"Before a cup falls, a dog barks.", "Does the dog bark before the cup falls?"},
  });
}

TEST(CaptionQuestions, WhatIsLackedOrLitAtFirstIsNotAsked) {
  expect_unmentioned({
      {"A leafless tree grows leaves", "without"},
      {"A leafless tree sprouts", "without"},
      {"A headless knight finds a head", "without"},
      {"A treeless plain where a tree grows", "free of"},
      {"An empty street. A man walks along it.", "empty"},
      {"An empty stage until a dancer appears", "empty"},
      {"A candle is lit, then blown out", "lit?"},
      {"The door that was open is shut", "door open"},
  });
  expect_asked({{"A leafless tree beside a wall", "Is the tree without leaves?"},
                {"An empty street at night", "Is the street empty?"},
                {"The door is open", "Is the door open?"}});
}

TEST(CaptionQuestions, ATradeIsNoMatter) {
  expect_asked({{"A glass blower lifts a pipe", "Is there a glass blower?"},
                {"A bronze smith hammers a nail", "Is there a smith?"},
                {"A bronze statue in a square", "Is the statue made of metal?"}});
  expect_unmentioned({{"A glass blower lifts a pipe", "made of"},
                      {"A bronze smith hammers a nail", "made of"},
                      {"A stone mason carves a block", "mason made"},
                      {"A bronze goldsmith", "made of"}});
}

TEST(CaptionQuestions, WhatHangsIsThePicture) {
  expect_unmentioned({
      {"A painting of a ship hangs above a fireplace", "ship"},
      {"The drawing of a ship is pinned to a wall", "ship"},
      {"A poster of a dog hangs on a wall", "dog"},
      {"A statue of a lion stands in a square", "lion"},
      {"A tattoo of a dragon on an arm", "dragon"},
      {"The shadow of a man falls across a wall", "Is there a man"},
  });
  expect_asked({{"A painting of a ship hangs above a fireplace", "Is there a fireplace?"},
                {"A painting of a ship sailing on a sea", "Does the ship sail?"},
                {"A poster of a dog hangs on a wall", "Is the poster hanging?"}});
}

TEST(CaptionQuestions, WhatIsThoughtOfOrLooksOnIsNotSeen) {
  expect_unmentioned({
      {"A boy imagines an elephant on a ball", "elephant"},
      {"A boy imagines an elephant on a ball", "Is there a ball"},
      {"A boy envisions an elephant", "elephant"},
      {"A boy dreams of an elephant on a ball", "Is there a ball"},
      {"A nun kneels, seen from the choir", "choir"},
      {"Three women, one of them a nurse, wave", "a wave"},
      {"A pair of twin sets on a table", "twin"},
      {"Twin towers beside a river", "a twin"},
  });
  expect_asked({{"Twin towers beside a river", "Are there towers?"},
                {"The twin waves at a dog", "Is there a twin?"},
                {"A wave hits a rock", "Is there a wave?"}});
}

}  // namespace
}  // namespace drf::templates
