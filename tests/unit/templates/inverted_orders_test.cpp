// Orders that are told upside down, and the shorter words of time.
#include <gtest/gtest.h>

#include "tests/unit/templates/caption_asked.h"

namespace drf::templates {
namespace {

TEST(InvertedOrders, NoSoonerNotUntilOnlyAfter) {
  expect_asked({
      {"No sooner does the boy press the button than the lamp explodes.",
       "Does the boy press the button before the lamp explodes?"},
      {"No sooner has the girl opened the box than a frog jumps out.",
       "Does the girl open the box before the frog jumps out?"},
      {"Not until the queen claps does the jester bow.", "Does the queen clap before the jester bows?"},
      {"Only after the man opens the gate does the horse run out.",
       "Does the man open the gate before the horse runs out?"},
      {"Only when the boy rings the bell does the dog jump.",
       "Does the boy ring the bell before the dog jumps?"},
  });
  expect_unmentioned({
      {"A street where no sooner or later bus stops", "before"},
      {"The dog does not bark or jump until the boy whistles", "before the dog jumps"},
      {"The baby does not sleep until the music stops.", "before"},
      {"The chick does not fly until it can see the sun.", "before"},
      {"The man does not see the cat until it moves.", "before"},
      {"Only after midnight does the fox come.", "before"},
      {"Not until tomorrow does the shop open.", "before"},
      {"The girl who does not smile until noon holds a cup", "before"},
  });
}

TEST(InvertedOrders, ShortWordsOfTime) {
  expect_asked({
      {"A boy lights a fuse. After ten seconds a rocket takes off.",
       "Does the boy light a fuse before the rocket takes off?"},
      {"A cook peels a carrot and thereafter washes a pot.",
       "Does the cook peel a carrot before washing a pot?"},
      {"A boy presses a button. Immediately the lamp explodes.",
       "Does the boy press a button before the lamp explodes?"},
  });
  // the gull takes no bite
  expect_unmentioned({
      {"A man buys a cone. A gull snatches the cone just before he takes the first bite.",
       "taking the first"},
      {"A girl throws a stick. The dog catches the stick before she claps.", "before clapping"},
  });
}

TEST(InvertedOrders, WhatIsDeniedBehindAComma) {
  expect_asked({
      {"A beach with no footprints in the sand, and no clouds", "Is the scene free of clouds?"},
      {"A harbor at dawn with nobody on it, no boats and no gulls", "Is the scene free of gulls?"},
      {"There are no cars on the road and no birds in the sky", "Is the scene free of birds?"},
  });
  expect_unmentioned({
      {"There are no cars on the road and no birds in the sky", "the cars without"},
      {"A man with no hat, and no coat", "free of"},
      {"A doll with no hair, and no arms", "free of"},
      {"A street with no cars, and a dog", "free of dogs"},
  });
}

}  // namespace
}  // namespace drf::templates
