// What a caption says is not there or not done: each kind of saying it, and what only looks like one.
#include <gtest/gtest.h>

#include "tests/unit/templates/caption_asked.h"

namespace drf::templates {
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

// "without breaking it", "leaving no tracks", "her feet not touching the floor"
TEST(AbsenceKinds, WhatIsLeftAsItWasIsAsked) {
  const std::string gate = "A transparent shape slips through a closed wooden gate without opening it.";
  const std::string feet =
      "Then the translucent figure of a girl slowly forms beside a rocking horse, her feet not touching the "
      "floor.";
  expect_asked({
      {gate, "Does the gate stay closed?"},
      {"A green hand passes through a glass door without breaking it and fades away.",
       "Does the door stay intact?"},
      {"It drives straight through a closed dollhouse without breaking it.",
       "Does the dollhouse stay intact?"},
      {"A shadow glides through the curtain without moving it.", "Does the curtain stay still?"},
      {"A train passes the station without stopping.", "Does the train go on without stopping?"},
      {"A cart rolls downhill without slowing down.", "Does the cart go on without slowing down?"},
      {"A fox crosses the snow without leaving any footprints.", "Does the fox leave no footprints?"},
      {"A swan lands on the pond without making a ripple.", "Does the swan make no ripple?"},
      {"A silvery figure of a skier appears in the middle of the slope, leaving no tracks in the snow.",
       "Does the silvery figure leave no tracks in the snow?"},
      {"A ghost ship that leaves no wake crosses the bay.", "Does the ghost ship leave no wake?"},
      {"A vampire stands at a window and casts no shadow.", "Does the vampire cast no shadow?"},
      {feet, "Do the figure's feet stay off the floor?"},
      {"A monk floats in a temple, his robe not touching the ground.", "Does the robe stay off the ground?"},
      {"A car hovers over a street; its wheels do not touch the asphalt.",
       "Do the wheels stay off the asphalt?"},
      {"For a moment the screen is completely white, then a figure of ice appears, leaving no tracks in the "
       "snow.",
       "Does the figure leave no tracks in the snow?"},
  });
  EXPECT_EQ(twin_of(gate, "Does the gate stay closed?"), "Does the gate open?");
  EXPECT_EQ(twin_of(feet, "Do the figure's feet stay off the floor?"),
            "Do the figure's feet touch the floor?");
  EXPECT_EQ(twin_of("A fox crosses the snow without leaving a trace.", "Does the fox leave no trace?"),
            "Does the fox leave a trace?");
  expect_unmentioned({
      {"A girl carries a vase through a door without breaking it.", "intact"},
      {"A boy tries to cross the ice without breaking it.", "intact"},
      {"A shape passes through the door without opening it. Then a man opens the door.", "stay closed"},
      {"If a shape passes through a door without opening it, a bell rings.", "stay closed"},
      {"A truck crosses a puddle without slowing down and stops at a light.", "go on"},
      {"The speech leaves no doubt.", "leave"},
      {"The ship leaves no wake until it turns.", "wake"},
      {"A plow leaves deep tracks, a sled leaves no tracks.", "no tracks"},
      {"No ghost passes through a wall without leaving a mark.", "mark"},
      {"At first the wheels do not touch the ground.", "touch"},
      {"A monk floats, his feet not touching the floor, and lands on a mat.", "touch"},
      {"The feet of the dancer should not touch the floor.", "touch"},
  });
}

// A denial that has a bound is none of the whole clip.
TEST(AbsenceKinds, WhatIsDeniedInPartIsNotAskedAsDenied) {
  expect_unmentioned({
      {"The cat does not move until the dog barks.", "refrain"},
      {"The man never smiles unless he wins.", "refrain"},
      {"The girl does not smile at first.", "refrain"},
      {"A nurse does not drink her coffee before noon.", "refrain"},
      {"The cat does not only sleep but snores.", "refrain"},
      {"The horse does not jump over the fence but runs around it.", "jumping?"},
      {"The baby stops crying and does not cry again.", "refrain"},
      {"The dog never crosses the carpet without leaving footprints.", "refrain"},
      {"The rabbit does not move, then it jumps over a log.", "refrain"},
  });
  expect_asked({
      {"The king does not smile.", "Does the king refrain from smiling?"},
      {"A boy rides a horse without holding the reins, then he waves.",
       "Does the boy refrain from holding the reins?"},
  });
}

// Who is alone or the only one, and what is off.
TEST(AbsenceKinds, WhoIsAloneAndWhatIsOffIsAsked) {
  const std::string guard = "A night guard drops his flashlight in an aquarium, no people except the guard.";
  expect_asked({
      {"A woman sits alone on a bench in a park.", "Does the woman sit alone?"},
      {"A wooden puppet sits alone on a barrel.", "Does the puppet sit alone?"},
      {"A boy is alone in a classroom.", "Is the boy alone?"},
      {guard, "Is the night guard the only person in the video?"},
      {"A market square in Timbuktu, no people except for a shepherd",
       "Is the shepherd the only person in the video?"},
      {"There is nobody but a gardener in the park.", "Is the gardener the only person in the video?"},
      {"A hospital waiting room; the television isn't on", "Is the television off?"},
      {"The lights are off and the curtains are closed.", "Are the lights off?"},
      {"The traffic lights are not on.", "Are the traffic lights off?"},
  });
  EXPECT_EQ(twin_of("A woman sits alone on a bench.", "Does the woman sit alone?"),
            "Is anybody with the woman?");
  EXPECT_EQ(twin_of(guard, "Is the night guard the only person in the video?"), "Are there several people?");
  EXPECT_EQ(twin_of("The lights are off.", "Are the lights off?"), "Are the lights on?");
  expect_unmentioned({
      {"A man stands alone in a crowd.", "alone"},
      {"A woman sits alone in a cafe while a waiter passes.", "alone"},
      {"A man eats alone with his dog.", "alone"},
      {"The lion leaves the zebra alone.", "alone"},
      {"A girl sits alone, then her brother comes.", "alone"},
      {"A bench stands alone on a hill.", "alone"},
      {"A street, no people other than the two boys", "only person"},
      {"Nobody but a fool would jump.", "only person"},
      {"A king dances; nobody except the queen watches.", "only person"},
      {"The lamps aren't on, then a child switches them on.", "off?"},
      {"The television isn't on the table.", "off?"},
      {"The hat is off.", "off?"},
      {"Nobody but the chef is in the kitchen.", "Is nobody"},
      {"No one in the crowd moves.", "Is nobody"},
      {"Nobody wears a hat.", "Is there a hat"},
      {"A boat drifts on a lake with nobody in it.", "free of people"},
  });
}

// Things that move with nobody at them.
TEST(AbsenceKinds, WhatHappensByItselfIsAsked) {
  const std::string door = "A door opens by itself and a wind blows.";
  expect_asked({
      {door, "Does the door open by itself?"},
      {"A chairlift jerks and starts to move by itself.", "Does the chairlift start to move by itself?"},
      {"A witch stirs her cauldron and the broom sweeps the floor by itself",
       "Does the broom sweep the floor by itself?"},
      {"A wooden cart rolls by itself down the street.", "Does the cart roll by itself?"},
      {"The monitors switch on by themselves.", "Do the monitors switch on by themselves?"},
      {"A swing moves on its own in an empty playground.", "Does the swing move by itself?"},
  });
  EXPECT_EQ(twin_of(door, "Does the door open by itself?"), "Is anybody touching the door?");
  EXPECT_EQ(twin_of("A man sleeps while the door opens by itself.", "Does the door open by itself?"), "");
  expect_unmentioned({
      {"A dog walks by itself along the beach.", "itself"},
      {"A house stands by itself on a hill.", "itself"},
      {"A robot moves on its own.", "itself"},
      {"A flower grows on its own.", "itself"},
      {"The children play by themselves.", "themselves"},
      {"If the door opens by itself, the cat runs.", "itself"},
      {"The door does not open by itself.", "itself"},
      {"The door first opens by itself, then a man closes it.", "itself"},
  });
}

// Deeds that no list of verbs has, and parts that something else stands for.
TEST(AbsenceKinds, WhatIsNotDoneAndWhatIsReplacedIsAsked) {
  const std::string saw = "A workshop without tools; the carpenter isn't sawing";
  expect_asked({
      {saw, "Does the carpenter refrain from sawing?"},
      {"An old classroom; the teacher is not looking at the blackboard",
       "Does the teacher refrain from looking at the blackboard?"},
      {"A pier; the fishermen aren't mending the nets", "Do the fishermen refrain from mending the nets?"},
      {"a deer with branches instead of antlers", "Is the deer without antlers?"},
      {"a giraffe with a construction crane instead of a neck", "Is the giraffe without a neck?"},
      {"a violin without strings", "Is the violin without strings?"},
  });
  EXPECT_EQ(twin_of(saw, "Does the carpenter refrain from sawing?"), "Does the carpenter saw?");
  expect_unmentioned({
      {"The boy isn't juggling, then he juggles.", "refrain"},
      {"A nurse is not only knitting.", "refrain"},
      {"A woman who is not knitting sits on a sofa.", "refrain"},
      {"The plumber isn't working.", "refrain"},
      {"The tailor is not listening to the girl.", "refrain"},
      {"a scarf around her neck", "without"},
  });
}

}  // namespace
}  // namespace drf::templates
