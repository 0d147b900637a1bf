// Kinds of fault of the prompts of adverts, sport, food, news, poems, trailers and tutorials.
#include <gtest/gtest.h>

#include "tests/unit/templates/caption_asked.h"

namespace drf::templates {
namespace {

TEST(CertainKinds, DeedsAreDeniedWithAllThatBelongsToThem) {
  expect_asked({
      {"A beach; the lifeguard isn't sitting on his chair",
       "Does the lifeguard refrain from sitting on the chair?"},
      {"The toddler isn't sitting in his stroller", "Does the toddler refrain from sitting in the stroller?"},
      {"The horse does not jump over the fence.", "Does the horse refrain from jumping over the fence?"},
      {"A boy isn't kicking the ball into the net.",
       "Does the boy refrain from kicking the ball into the net?"},
      {"A dog isn't barking at all.", "Does the dog refrain from barking?"},
      {"A boy isn't lying down.", "Does the boy refrain from lying down?"},
      {"The baker isn't smiling.", "Does the baker refrain from smiling?"},
  });
  expect_unmentioned({
      {"A beach; the lifeguard isn't sitting on his chair", "sitting?"},
      {"A boy isn't kicking the ball into the net.", "ball?"},
      {"A nun doesn't smile at the camera.", "smil"},
      {"The girl isn't running fast.", "running"},
      {"The knight doesn't have a sword in his hand.", "sword"},
  });
  EXPECT_EQ(twin_of("The lifeguard isn't sitting on his chair",
                    "Does the lifeguard refrain from sitting on the chair?"),
            "Does the lifeguard sit on the chair?");
}

TEST(CertainKinds, UndergroundNobodyCanTellTheTimeOfDay) {
  expect_unmentioned({{"an empty subway platform at midnight", "night"},
                      {"a man sits in a movie theater at night", "night"},
                      {"A supermarket aisle late at night", "night"},
                      {"a city square from dawn to dusk", "dusk"}});
  expect_asked(
      {{"a street at midnight", "Is it night?"}, {"a cinema entrance in a street at night", "Is it night?"}});
}

TEST(CertainKinds, ColorsOfTwoWordsAreOne) {
  expect_asked({{"a lime green scooter with white wheels", "Is the scooter lime green?"},
                {"The scooter is lime green.", "Is the scooter lime green?"},
                {"A nun wearing hot pink shoes dances", "Are the shoes hot pink?"},
                {"a boy in an off white shirt sits on a bench", "Is the shirt off white?"},
                {"two sky blue vans drive along a road", "Are the vans sky blue?"},
                {"A man in cream colored pants jumps", "Are the pants cream?"},
                {"A man steps off white sand", "Is the sand white?"},
                {"A girl eats a lime", "Is there a lime?"}});
  expect_unmentioned({{"a lime green scooter with white wheels", "a lime"},
                      {"a lime green scooter with white wheels", "Is the scooter green"},
                      {"the sky blue and the sea calm, a boy swims", "sky blue"}});
  EXPECT_FALSE(texts("For a moment the screen is pitch black, then a ghost appears", Aspect::kTA).empty());
}

TEST(CertainKinds, ArticlesFitTheirNouns) {
  expect_asked({{"A pixel dragon eats all the candy in the shop", "Is there candy?"},
                {"He eats the hottest chicken wing in a diner", "Is there a chicken wing?"},
                {"A woman holds the tiniest dog in a park", "Does the woman hold the dog?"},
                {"A lake in the forest, a rest at the nearest house", "Is there a house?"}});
  expect_unmentioned({{"A pixel dragon eats all the candy in the shop", "a candy"},
                      {"He eats the hottest chicken wing in a diner", "a hottest"},
                      {"A tailor crosses the wider end over the shorter one", "the end"},
                      {"A snail crosses a road, finally the snail reaches the other side", "the side"}});
}

TEST(CertainKinds, WhoseHandItIsMustBePlain) {
  expect_unmentioned({
      {"A female boxer sits on a stool. Her coach squirts water in her mouth.", "her mouth"},
      {"A girl sits on a bed and a nurse wraps a bandage around her wrist.", "her wrist"},
      {"A dwarf throws an axe at an ogre, and the axe returns to his hand.", "his hand"},
  });
  expect_asked({{"A tired knight leads a white horse. He kneels beside a stream, and drinks from his hands.",
                 "Does the knight drink from his hands?"},
                {"A baker burns her thumb and laughs.", "Does the baker burn her thumb?"},
                {"A man and a woman dance. The woman puts a rose behind her ear.",
                 "Does the woman put the rose behind her ear?"}});
}

TEST(CertainKinds, WordsOfATurnOfPhraseAreNoThings) {
  expect_unmentioned(
      {{"A boy rides his bike around the block", "block"},
       {"A burglar is on the loose in a museum", "loose"},
       {"A girl shoots as the buzzer sounds", "buzzer"},
       {"A crowd leaves a mall, sirens are heard", "siren"},
       {"FPV drone dives off a skyscraper and flies through a hall", "drone"},
       {"A drummer hits the cymbal and the stage explodes in blue light", "explode"},
       {"A grandma takes the bat and smashes the pinata", "a bat"},
       {"A hippo with an open umbrella growing out of its back", "grow"},
       {"In the attic of my grandmother a dress hangs", "grandmother"},
       {"This is an advert. A mom opens a door. The last shot shows a bottle on a white background.",
        "Is the background"}});
  expect_asked(
      {{"A bat hangs in a cave", "Is there a bat?"},
       {"A car explodes in a desert", "Does the car explode?"},
       {"A man stands in front of a blue background. He waves.", "Is the background blue?"},
       {"A wizard waves his wand and a pumpkin grows legs and walks away", "Does the pumpkin grow legs?"}});
}

}  // namespace
}  // namespace drf::templates
