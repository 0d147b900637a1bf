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

}  // namespace
}  // namespace drf::critic
