// A thing and what stands right behind it: captions that are no sentences.
#include "tests/unit/templates/caption_asked.h"

namespace drf::templates {
namespace {

TEST(Fragments, WhatAThingDoesIsAskedInTheCaptionsWords) {
  expect_asked({
      {"an armadillo digging under a rusty trailer at dusk",
       "Is the armadillo digging under a rusty trailer?"},
      {"a nurse waiting at a bus stop in the rain", "Is the nurse waiting at a bus stop?"},
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
      {"a man painting himself", "painting"},
      {"a vase made of glass", "Is the vase made of"},
      {"a castle seen from above", "Is the castle seen"},
      {"a man not waiting at a bus stop", "Is the man waiting"},
  });
  // Asked once, whoever is named first.
  expect_unmentioned({{"The window is broken by a ball", "Is the window broken"}});
}

TEST(Fragments, AVerbBehindAPlaceIsNoPartOfIt) {
  expect_unmentioned({
      {"Three boys sitting on a wall eat ice cream", "wall eat"},
      {"Three monkeys on a branch eat bananas", "branch eat"},
      {"Two friends on a beach toss a frisbee", "beach toss"},
      {"Four men on a raft paddle", "raft paddle"},
      {"A woman at a window waves", "window waves"},
      {"A diver standing on a cliff leaps into the sea", "cliff leaps"},
      {"Two women pushing a cart shout", "cart shout"},
  });
}

TEST(Fragments, WhatIsTornIsNotAsked) {
  expect_unmentioned({
      {"a couple falling in love", "falling"},
      {"a bridge falling into disrepair", "falling"},
      {"a nurse caring for a patient", "caring"},
      {"a man threatening to jump", "threatening"},
      {"a church built in 1850", "built"},
      {"a castle built in the 12th century", "built"},
      {"a cup knocked over by a cat", "knocked?"},
      {"a shop closed on Sundays", "closed?"},
      {"a mural by a local artist", "by a local"},
      {"a cat on a chair or a table", "on a chair"},
      {"a car running out of fuel", "running out"},
      {"a cat sitting in the lap of luxury", "in the lap"},
      {"A poster on a wall, a lion standing on a rock in it", "standing on a rock"},
      {"Two dogs on a sofa, a dog sleeping under a table", "Is the dog sleeping under"},
  });
}

TEST(Fragments, WhatStirsNextIsNotAskedAsItBegan) {
  expect_unmentioned({
      {"A dog asleep on a rug, suddenly waking up", "asleep"},
      {"a man at a desk, then standing up and leaving the room", "at a desk"},
      {"a man at a desk, standing up and leaving the room", "at a desk"},
      {"a cat asleep on a mat before waking", "asleep"},
  });
}

}  // namespace
}  // namespace drf::templates
