// Kinds of fault that two judges of unseen prompts found, and forty prompts of the writer's in other voices:
// nouns that name no thing where they stand, and what is told of the whole or of another.
#include <gtest/gtest.h>

#include "tests/unit/templates/caption_asked.h"

namespace drf::templates {
namespace {

TEST(BorrowedKinds, MeasuresAreNoObjects) {
  expect_unmentioned({
      {"The rope snaps and the piano drops three floors", "floors"},
      {"A cat jumps two steps and sleeps", "the steps"},
      {"A diver falls ten feet into a pool", "the feet"},
      {"A runner runs four laps", "the laps"},
  });
  expect_asked({{"The rope snaps and the piano drops three floors", "Does the piano drop?"},
                {"A man mops the floor of a hall", "Does the man mop the floor?"}});
}

TEST(BorrowedKinds, WhatACameraDoesIsNoThing) {
  expect_unmentioned({
      {"The camera dollies along a row of mailboxes and halts", "dollies"},
      {"The camera dollies down a hallway, then whips round to face the doors", "whips"},
      {"A castle on a hill. The camera cranes up over its wall.", "cranes"},
      {"A drone tracks a herd of horses", "tracks"},
  });
  expect_asked({{"Two cranes stand in a marsh, the camera pans left", "Are there cranes?"},
                {"Three trucks cross a bridge", "Are there trucks?"},
                {"A rider holds two whips", "Are there whips?"}});
}

TEST(BorrowedKinds, ColorsTastesAndFormsAreNoThings) {
  expect_unmentioned({
      {"A boy bites an apple. Muted greens, no cuts.", "greens"},
      {"A potter spins a wheel. Warm browns and soft light.", "browns"},
      {"A man stops at an ice cream cart and points at the pistachio", "pistachio"},
      {"A girl licks a scoop of mango gelato, the mango melting", "Is there a mango"},
      {"The cola shoots up in a fountain", "fountain"},
      {"A bottle bursts in a shower of sparks", "Is there a shower"},
      {"The old paint peels in patches and falls off a barn", "Are there patches"},
      {"A herd of oxen grazes on a steppe. Their long shaggy coats ruffle in the breeze.", "Are there coats"},
      {"1girl, samurai, katana, wind", "Are there samurai"},
      {"A couple dances on a roof, fairy ligths everywhere", "Is there a fairy"},
      {"Dancer A lunges, dancer B rolls under the arm", "show B"},
  });
  expect_asked({
      {"A chef chops greens in a kitchen", "Are there greens?"},
      {"A squirrel cracks a pistachio", "Is there a pistachio?"},
      {"A dog drinks from a fountain", "Is there a fountain?"},
      {"Two men in red coats walk through a park", "Are there coats?"},
      {"A samurai draws a sword", "Is there a samurai?"},
      {"A fairy holds a candle", "Is there a fairy?"},
  });
}

TEST(BorrowedKinds, SimilesAreNoObjects) {
  expect_unmentioned({{"A row of books topples like dominoes along a shelf", "topple dominoes"},
                      {"The pins topple like dominoes", "dominoes"}});
  expect_asked({{"A boy topples the dominoes", "Does the boy topple the dominoes?"}});
}

TEST(BorrowedKinds, WhatLiesAroundARoomIsNotSeen) {
  expect_unmentioned({{"Darth Vader irons a shirt in a launderette in Glasgow", "Glasgow"},
                      {"A potter spins a wheel in a workshop in a mountain village", "village"}});
  expect_asked({{"A man irons a shirt in a launderette in Glasgow", "Is the setting a launderette?"},
                {"A boy runs through a mountain village", "Is the setting a mountain village?"}});
}

TEST(BorrowedKinds, WordsOfAnotherSenseBesideTheirOwn) {
  expect_unmentioned({
      {"The camera glides past the marble island of a penthouse", "island"},
      {"She empties the lint trap and wipes the drum of the dryer", "a drum"},
      {"A horse falls out of the map, game glitch, bug report", "a map"},
      {"A granma on a motorbike rides thru the dessert", "dessert"},
      {"The water holds its shape for an instant", "the shape"},
  });
  expect_asked(
      {{"A sailor swims to an island", "Is there an island?"}, {"A boy beats a drum", "Is there a drum?"}});
}

// "A puddle freezes overnight: first needles creep in": the whole comes not before its parts.
TEST(BorrowedKinds, OrdersOfWholesAndOfOthersAreNotAsked) {
  expect_unmentioned({
      {"A puddle freezes overnight: first thin needles creep in, then the whole surface goes white.",
       "overnight before"},
      {"A gentleman stops at a cart. A gull swoops down and snatches the cone just before he takes the first "
       "bite.",
       "before taking"},
      {"The sand begins to tremble, then a huge eye opens beneath her boots.", "begin to tremble"},
      {"A barge loaded with gravel slides under a low bridge", "loaded under"},
  });
  expect_asked({{"A gull swoops down and snatches the cone before the man takes a bite",
                 "Does the gull snatch the cone before the man takes a bite?"}});
}

// Forty more prompts in the voices of claims, stages, diaries, estate agents and lullabies.
TEST(BorrowedKinds, VerbsAndNumbersOfOtherVoices) {
  expect_unmentioned({
      {"Two clowns carry a plank; each time one turns, the other ducks.", "ducks"},
      {"A sunlit loft with exposed brick", "a brick"},
      {"A war robot buried up to its neck in a field", "buried up"},
      {"A breakdancer spins on his head, and the circle of kids around him claps", "breakdancer clap"},
      {"A librarian climbs a rolling ladder", "ladder roll"},
      {"Diary, June 3: a worm basks on a stone", "a diary"},
      {"A shopkeeper floats a metre above the counter", "float a metre?"},
      {"The corps enters in two lines while the soloist waits", "a ballerina"},
      {"A waiter with three plates on each arm dodges a toddler", "exactly"},
      {"Rain taps on a tin roof, a girl counts drops in a jar", "before"},
      {"A goldcrest flits among larch cones and picks an aphid off a needle", "Is there a needle"},
  });
  expect_asked({
      {"A girl writes in a diary", "Is there a diary?"},
      {"A boy feeds the other ducks", "Are there ducks?"},
      {"A librarian rolls a ladder down an aisle", "Is there a ladder?"},
      {"Two samurai face each other", "Are there exactly two samurai?"},
      {"A student smashes the brick", "Is there a brick?"},
      {"A boy jumps up and the girl behind him waves", "Does the boy jump up?"},
  });
}

TEST(BorrowedKinds, TwinsThatMayBeTrueOrSayNothing) {
  expect_unmentioned({
      {"A saxophone leans on an amplifier, a pair of drumsticks on the rug", "Is there a drum"},
      {"Oxen graze on a frozen steppe", "flowing"},
      {"The curtain rises on a stage", "sink"},
      {"An old king enters and sinks onto the throne", "king sink?"},
      {"Two musicians fight. When a thunderstorm breaks, they hide under an awning. By the end a crowd "
       "dances.",
       "clear and blue"},
      {"Handheld camera walks behind a bride and finally circles around her", "perfectly still"},
  });
  EXPECT_EQ(twin_of("A frozen river", "Is the river frozen?"), "Is the river flowing?");
}

}  // namespace
}  // namespace drf::templates
