// What a caption says is not there or not done: each kind of saying it, and what only looks like one.
#include <gtest/gtest.h>

#include "tests/unit/caption_asked.h"

namespace drf::critic {
namespace {

// Lists, scenes that no list of places has, what nobody asks about unless it is missing.
TEST(AbsenceKinds, OfAScenesListEachIsAskedOnce) {
  expect_asked({
      {"A harbor with no boats or ships", "Is the scene free of boats?"},
      {"A dance hall without any chairs or tables", "Is the scene free of tables?"},
      {"A museum hall with no paintings", "Is the scene free of paintings?"},
      {"A birthday party with no balloons and no cake", "Is the scene free of balloons?"},
      {"A wedding without guests", "Is the scene free of guests?"},
      {"A garden at night with no lamps", "Is the scene free of lamps?"},
      {"A highway in winter without cars", "Is the scene free of cars?"},
      {"A waiting room without any patients", "Is the scene free of patients?"},
      {"A stadium with no players on the pitch", "Is the scene free of players?"},
      {"A stage without scenery", "Is the scene free of scenery?"},
      {"A concert hall without an audience", "Is the scene without an audience?"},
      {"A bus without any passengers; the driver smiles", "Is the bus without passengers?"},
      {"A playground with no slides or swings", "Is the playground without slides?"},
      {"A knight without a helmet, a shield or a sword", "Is the knight without a shield?"},
      {"A man at a party without a hat", "Is the man without a hat?"},
      {"Neither of the two boys is wearing a helmet", "Are the boys without a helmet?"},
  });
  EXPECT_EQ(twin_of("A concert hall without an audience", "Is the scene without an audience?"),
            "Is there an audience?");
  EXPECT_EQ(twin_of("A stage without scenery", "Is the scene free of scenery?"), "Is there any scenery?");
  expect_unmentioned({
      {"A harbor with no boats or ships", "ships"},
      {"A harbor with no boats and a red ship", "free of"},
      {"A snowman without a nose, a hat or arms", "Is there a hat"},
      {"A room with no windows, a bed and a lamp", "free of beds"},
      {"A room with no windows, a bed or two and a lamp", "free of beds"},
      {"A man in a park without a dog", "free of"},
      {"A beach without people; a woman swims", "free of"},
      {"Neither of the two boys is wearing a helmet", "Is there a helmet"},
      {"Neither of his hands holds a sword", "sword"},
  });
}

// A time at which nothing can be seen.
TEST(AbsenceKinds, APictureThatGoesDarkForATimeIsAsked) {
  const std::string dark = "Does the picture go completely dark for a time?";
  const std::string twin = "Can something be seen at every moment of the video?";
  expect_asked({
      {"For a moment the picture is completely dark.", dark},
      {"The screen goes black for a second, then a cat appears.", dark},
      {"Everything turns black and a candle lights up.", dark},
      {"A lamp bursts. For several seconds there is only darkness.", dark},
      {"A torch dies. After a few seconds of complete darkness, a serpent appears.", dark},
      {"A lantern dies. For a few seconds nothing can be seen but darkness, then a ghost appears.", dark},
      {"The image briefly turns white.", "Does the picture turn white for a time?"},
      {"For two seconds nothing is visible.", "Is there a time when nothing can be seen?"},
      {"The screen turns dark.", "Does the picture go dark for a time?"},
  });
  EXPECT_EQ(twin_of("The screen goes black for a second.", dark), twin);
  EXPECT_EQ(twin_of("The screen turns dark.", "Does the picture go dark for a time?"), "");
  expect_unmentioned({
      {"After a few seconds of complete darkness, a serpent appears.", "for a time"},
      {"The sky turns black.", "for a time"},
      {"The picture is dark and grainy.", "for a time"},
      {"The picture is black and white for a moment.", "for a time"},
      {"The phone screen goes black.", "for a time"},
      {"If the screen goes black, the man laughs.", "for a time"},
      {"A man draws until the picture turns black.", "for a time"},
      {"The screen almost goes black.", "for a time"},
      {"Everything turns white as the snow falls.", "for a time"},
      {"The image turns white to blue.", "for a time"},
      {"Nothing is visible of the house.", "a time"},
      {"For a second there is nothing but white sand.", "for a time"},
      {"For a moment nothing can be seen but the stars.", "a time"},
  });
}

}  // namespace
}  // namespace drf::critic
