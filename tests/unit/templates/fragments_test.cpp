// A thing and what stands right behind it: captions that are no sentences.
#include "tests/unit/templates/caption_asked.h"

namespace drf::templates {
namespace {

TEST(Fragments, WhatAThingDoesIsAskedInTheCaptionsWords) {
  expect_asked({
      {"an armadillo digging under a rusty trailer at dusk",
       "Is the armadillo digging under a rusty trailer?"},
      {"five nurses waiting at a bus stop in the rain", "Are the nurses waiting at a bus stop?"},
      {"Five nurses are waiting at a bus stop.", "Are the nurses waiting at a bus stop?"},
      {"a pelican standing on a mooring post", "Is the pelican standing on a mooring post?"},
      {"A tram climbing a steep street", "Is the tram climbing a steep street?"},
      {"a bride throwing her bouquet over her shoulder",
       "Is the bride throwing her bouquet over her shoulder?"},
      {"A silver teapot behind a bowl, a folded newspaper in front of the bowl",
       "Is the newspaper in front of the bowl?"},
  });
}

TEST(Fragments, HowAndWhereAThingIs) {
  expect_asked({
      {"an armadillo asleep under a cactus", "Is the armadillo asleep?"},
      {"an armadillo asleep under a cactus", "Is the armadillo under a cactus?"},
      {"A motorbike on the right of a fruit stand, front view",
       "Is the motorbike on the right of a fruit stand?"},
      {"A man is at a desk.", "Is the man at a desk?"},
  });
  // It may be elsewhere, or awake, behind what happens next.
  expect_unmentioned({
      {"A man is at a desk. He gets up and walks to the door.", "at a desk"},
      {"The dog is asleep. Then it wakes up and barks.", "asleep"},
      {"a man in a hurry", "hurry"},
      {"a knight on a mission", "mission"},
      {"a plate in the hand of a girl", "in the hand"},
  });
}

TEST(Fragments, WhatIsMeantOtherwiseIsNotAsked) {
  expect_unmentioned({
      {"a sunset painting the sky", "painting"},
      {"a city sleeping under snow", "sleeping"},
      {"a river carving a canyon", "carving"},
      {"a cat dreaming of flying over a city", "flying"},
      {"a toddler pretending to drive a bus", "pretend"},
      {"a painting of a man sitting on a bench", "Is the painting"},
      {"Three sailors on a field wave to the crowd", "field wave"},
      {"A chair on wooden runners", "runners"},
      {"a statue of a woman holding a torch", "Is the statue holding"},
      {"a man painting himself", "painting"},
      {"a vase made of glass", "Is the vase made of glass of"},
      {"a castle seen from above", "Is the castle seen"},
      {"a man not waiting at a bus stop", "Is the man waiting"},
  });
  // Asked once, whoever is named first.
  expect_unmentioned({{"The window is broken by a ball", "Is the window broken"}});
}

TEST(Fragments, WhatGoesAwayKeepsItsColor) {
  expect_asked({
      {"A small yellow seaplane touches down, leaving two lines of foam.", "Is the seaplane yellow?"},
      {"A red balloon pops.", "Is the balloon red?"},
      {"A boy eats a green apple and the purple scarf vanishes.", "Is the apple green?"},
  });
  expect_unmentioned({
      {"A blue chair is painted by a boy.", "blue"},
      {"A red fence burns.", "red"},
      {"Two balloons pop.", "two"},
  });
}

}  // namespace
}  // namespace drf::templates
