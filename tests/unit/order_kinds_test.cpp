// Which order of deeds is asked, by kind of sentence, and lookalikes of each kind of which none is.
#include "tests/unit/caption_asked.h"

namespace drf::critic {
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
      {"A fencer puts on her mask, walks onto the pitch, and then bows.",
       "Does the fencer put on the mask before walking onto the pitch?"},
  });
  expect_unmentioned({
      {"A man reads a book, drinks tea, and smiles.", " before "},
      {"A singer holds a microphone, wears a red dress, and waves.", " before "},
      {"Every day a clerk stamps the form, opens the window, and leaves.", " before "},
      {"A girl washes her hands, sings, and smiles.", " before "},
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
}  // namespace drf::critic
