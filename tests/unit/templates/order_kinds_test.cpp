// Which order of deeds is asked, by kind of sentence, and lookalikes of each kind of which none is.
#include "tests/unit/templates/caption_asked.h"

namespace drf::templates {
namespace {

// A list of one doer with "and then" or "finally": each neighbouring pair.
TEST(OrderKinds, AListOfDeedsWithAThenIsAskedPairByPair) {
  expect_asked({
      {"A knight dismounts, kneels before the queen, and then hands her his sword.",
       "Does the knight dismount before kneeling?"},
      {"A knight dismounts, kneels before the queen, and then hands her his sword.",
       "Does the knight kneel before handing over the sword?"},
      {"A farmer opens the hood, checks his watch, and finally starts the tractor.",
       "Does the farmer check the watch before starting the tractor?"},
      {"A burglar breaks the window, opens the safe, and then laughs.",
       "Does the burglar break the window before opening the safe?"},
      {"A surgeon washes her hands, puts on a mask, and then picks up a scalpel.",
       "Does the surgeon wash her hands before putting on the mask?"},
      {"A boy rolls the dice, moves his token, and then claps.",
       "Does the boy roll the dice before moving his token?"},
      {"A goalkeeper pulls on his gloves, claps twice, and then dives to save a penalty.",
       "Does the goalkeeper clap before diving?"},
      {"The traffic light turns from red to green before the motorcycle pulls away.",
       "Does the traffic light turn green before the motorcycle pulls away?"},
      {"A fencer puts on her mask, walks onto the pitch, and then bows.",
       "Does the fencer put on the mask before walking onto the pitch?"},
  });
  expect_unmentioned({
      {"A man reads a book, drinks tea, and smiles.", " before "},
      {"A singer holds a microphone, wears a red dress, and waves.", " before "},
      {"Every day a clerk stamps the form, opens the window, and leaves.", " before "},
      {"A girl washes her hands, sings, and smiles.", " before "},
      {"A judge takes a nap, tells a joke, and then leaves.", "nap"},
      {"A knight kneels before the queen and she touches his shoulder.", " before "},
  });
}

// A "then" with a subject of its own.
TEST(OrderKinds, AClauseBehindAThenIsReadByItself) {
  expect_asked({
      {"For a moment the lights go out, then a tiny train starts to run around the counter on its own.",
       "Do the lights go out before the train starts to run?"},
      {"A barber sharpens the razor, then he trims the beard, and finally he picks up a mirror.",
       "Does the barber trim the beard before picking up the mirror?"},
  });
  expect_unmentioned({
      {"If the door opens, then a dog runs out.", " before "},
      {"A woman eats an apple, then a pear.", " before "},
  });
}

// What the picture does for a moment, what comes before it, and what behind.
TEST(OrderKinds, AMomentOfDarknessLiesBetweenTwoDeeds) {
  const std::string smith =
      "A monk opens a heavy book. For a moment the picture is completely dark, then a ghost appears beside "
      "him.";
  expect_asked({
      {smith, "Does the monk open the book before the picture goes dark?"},
      {smith, "Does the picture go dark before the ghost appears?"},
      {"A wizard drops his staff. Briefly the screen turns entirely white, then a dragon lands on the tower.",
       "Does the screen turn white before the dragon lands on the tower?"},
      {"A cat jumps off the shelf. For several seconds there is only blackness, then the monitors switch on.",
       "Does the picture go black before the monitors switch on?"},
      {"A clock strikes and stops. For a few seconds nothing can be seen but darkness, then a ghost rises "
       "from the floor.",
       "Does the clock stop before the picture goes dark?"},
      {"A door slams. For a moment everything goes black, then hundreds of fireflies light up.",
       "Does the picture go black before the fireflies light up?"},
  });
  EXPECT_EQ(twin_of(smith, "Does the picture go dark before the ghost appears?"),
            "Does the ghost appear before the picture goes dark?");
  expect_unmentioned({
      // may begin so
      {"The screen is black, then a ghost appears.", "go black"},
      {"For a few seconds the screen is black, then a ghost appears.", "go black"},
      // it is dark by that
      {"The lights go out. For a moment the picture is completely dark, then a ghost appears.",
       "Do the lights go out before the picture"},
      {"A monk opens a book. The picture is dark blue, then a ghost appears.", "go dark"},
      {"A monk opens a book. The picture turns black and white.", " before "},
      {"A monk opens a book. For a moment there is nothing but grass, then a ghost appears.", "picture"},
  });
}

// What its doer can do only when it is done with the deed before.
TEST(OrderKinds, WhatTheSecondDeedNeedsComesFirst) {
  expect_asked({
      {"A witch taps a suitcase and it turns into a tortoise and crawls under a bench",
       "Does the suitcase turn into a tortoise before crawling under the bench?"},
      {"A kettle grows legs and walks across the table.",
       "Does the kettle grow legs before walking across the table?"},
      {"A bucket drops from the roof and splats on the pavement.",
       "Does the bucket drop from the roof before splatting on the pavement?"},
      {"A ghost walks through a wooden door and vanishes.",
       "Does the ghost walk through the door before vanishing?"},
      {"A sand tower sags and collapses.", "Does the sand tower sag before collapsing?"},
      {"A gymnast chalks his hands and lifts a barbell.",
       "Does the gymnast chalk his hands before lifting the barbell?"},
      {"A hiker stops at a gate and raises his hand.",
       "Does the hiker stop at the gate before raising his hand?"},
      {"A toy truck rolls down a steep ramp, goes through a loop and knocks over a bottle.",
       "Does the toy truck roll down the ramp before going through the loop?"},
  });
  expect_unmentioned({
      {"A woman sways and hums.", " before "},
      {"A bird spreads its wings and flies over a lake.", " before "},
      {"A man walks through a forest and hums.", " before "},
      {"A ship sails through fog and fades.", " before "},
      {"A girl brushes her hair and lifts her chin.", " before "},
      {"A video in a loop: a hiker stops at a gate and raises his hand.", " before "},
  });
}

// "It" goes on with the one who has just come.
TEST(OrderKinds, TheOneWhoHasJustComeGoesOn) {
  expect_asked({
      {"A tall figure of a monk appears in the doorway. It walks through the wall and vanishes.",
       "Does the figure walk through the wall before vanishing?"},
      {"For a moment nothing can be seen but darkness, then a pale ghost of a sailor rises from the floor. "
       "He walks through "
       "a brick wall and vanishes.",
       "Does the ghost walk through the wall before vanishing?"},
      {"The monitors switch on and a pale hand reaches out of one of the screens. It passes through a closed "
       "door and fades away.",
       "Does the hand pass through the door before fading away?"},
      {"A monk opens a book. For a moment the picture is completely dark, then a sphere the size of a car "
       "appears.",
       "Does the picture go dark before the sphere appears?"},
      {"A gymnast chalks her hands, jumps up to the bar, and then does a handstand on it.",
       "Does the gymnast jump up to the bar before doing a handstand?"},
  });
  expect_unmentioned({
      {"A dog appears next to a cat. It walks through the door and vanishes.", " before "},
      {"A ghost appears. A lamp falls. It rolls through the door and vanishes.", "ghost roll"},
      {"A woman reads a book. A ghost appears in the hall. She walks through the door and vanishes.",
       "ghost walk"},
      {"A cat sleeps. A ghost appears in the hall. It walks through the door and vanishes.", "ghost walk"},
      {"The ghosts appear in the hall. It walks through the wall and vanishes.", " before "},
      {"A figure of a saint stands in the hall. It walks through the wall and vanishes.", "figure"},
  });
}

// "They" of two, of whom alone was told.
TEST(OrderKinds, TheTwoOfThemAreNamed) {
  const std::string rocket =
      "A rusty robot adopts a stray kitten, and together they build a rocket. At the end they fly over the "
      "city.";
  expect_asked({
      {rocket, "Does the robot adopt the kitten before the robot and the kitten build the rocket?"},
      {rocket, "Do the robot and the kitten build the rocket before flying over the city?"},
  });
  expect_unmentioned({
      {rocket, "Do the robot and the kitten build the rocket?"},
      {"A robot adopts a kitten and some puppies, and together they build a rocket.", "robot and the"},
      {"A wizard meets a frog who can sing, and a king. Together they build a rocket.", "wizard and the"},
  });
}

// What another one does because of it.
TEST(OrderKinds, WhatADeedBringsAboutComesBehind) {
  expect_asked({
      {"A snowball on a hot radiator melts, and the water drips onto the floor.",
       "Does the snowball start to melt before the water drips onto the floor?"},
      {"The candle melts and the wax drips onto the table.",
       "Does the candle start to melt before the wax drips onto the table?"},
      {"A nurse wipes the dust off a panel, and a row of lamps lights up.",
       "Does the nurse wipe the dust off the panel before the lamps light up?"},
      {"A clockmaker lifts a gear with a pair of tweezers and sets it into the clock, and the pendulum "
       "starts to swing.",
       "Does the clockmaker set the gear into the clock before the pendulum starts to swing?"},
      {"A tram stops at the corner, the driver climbs down the ladder, and a boy waves.",
       "Does the tram stop at the corner before the driver climbs down the ladder?"},
      {"A wrecking ball swings into a brick wall, and the wall collapses.",
       "Does the ball swing into a wall before the wall collapses?"},
  });
  expect_unmentioned({
      {"A snowball melts and a dog runs across the yard.", " before "},
      {"A man reads a book and the lamp lights up the room.", " before "},
      {"Workers paint a wall and the lights start to flicker.", " before "},
      {"A tram stops and a bird flies over the roof.", " before "},
      {"A ball rolls past a wall and the wall glows.", " before "},
  });
}

// Moves of the camera.
TEST(OrderKinds, TheCameraDoesOneThingAfterTheOther) {
  expect_asked({
      {"The camera tracks along a row of school lockers, then zooms in on an open one",
       "Does the camera track along the school lockers before zooming in?"},
      {"The camera pans left across a row of tractors, then stops on a red one",
       "Does the camera pan left before stopping?"},
  });
  expect_unmentioned({
      {"The camera pans left and zooms in on a red tractor", " before "},
      {"The camera tracks along a row of lockers", " before "},
      {"The camera never stops, then it pans left", " before "},
  });
}

}  // namespace
}  // namespace drf::templates
