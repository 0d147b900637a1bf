// Nouns and deeds that only look like something to be asked, each kind with its lookalikes.
#include <gtest/gtest.h>

#include "tests/unit/templates/caption_asked.h"

namespace drf::templates {
namespace {

TEST(ApparentKinds, StuffHasNoArticle) {
  expect_asked({{"A raw egg splats on the linoleum", "Is there linoleum?"},
                {"A baker rolls out the pastry.", "Is there pastry?"},
                {"A woman with chipped nail polish folds a lantern.", "Is there nail polish?"},
                {"A cook fries the beets with onion in a pot.", "Is there onion?"},
                {"A child eats a pastry at a table.", "Is there a pastry?"},
                {"a mortar beside a jar of saffron", "Is there a mortar?"},
                {"A cook cuts an onion with a knife.", "Is there an onion?"}});
  expect_unmentioned({{"A chef pours the mousse into six little glasses.", "a mousse"},
                      {"a table with no cake on it", "without cake"}});
}

TEST(ApparentKinds, WhatIsSaidOfTheFilmOrOfAPartOfItIsNoDeedAndNoLookOfTheWhole) {
  expect_unmentioned(
      {{"The scene opens on an empty subway platform, its tiles lit by a single buzzing tube. A girl "
        "in a yellow sweater steps off the last train.",
        "scene open"},
       {"A stylish older gentleman strolls along a seaside promenade at golden hour, tapping a cane "
        "with an ivory handle.",
        "at hour"},
       {"The dog gets up and stretches. The shot is wide at first and then becomes a close-up of the "
        "jars.",
        "close-up"},
       {"An astronaut plants a flag in the sand. Eerie, monochrome blue, long takes.", "black and white"}});
  expect_asked({{"A close-up of a jar on a table", "Is it a close-up?"},
                {"An astronaut plants a flag in the sand, monochrome, long takes.",
                 "Is the video in black and white?"}});
}

TEST(ApparentKinds, WhatAPictureIsDrawnWithAndWhatDoughIsMadeIntoAreNotThere) {
  expect_unmentioned({{"mommy and me on green grass, drawn with felt pens", "pens"},
                      {"A cook brings the dough together into a ball.", "ball"},
                      {"The painter placed a small dog at her feet.", "painter"},
                      {"From the makers of Hush: a swing moves in a garden", "makers"},
                      {"dad films and a dog barks at the sea", "dad"},
                      {"a phone rings inside the wall", "phone"}});
  expect_asked({{"A boy writes a letter with a pen.", "Is there a pen?"},
                {"A dog jumps into a ball of hay and a boy throws a ball.", "Is there a boy?"},
                {"A painter places a small dog on a chair.", "Is there a painter?"},
                {"A phone rings on the table.", "Is there a phone?"}});
}

TEST(ApparentKinds, ALightsWindowANameOutsideAndAnotherDayAreNotSeen) {
  expect_unmentioned({{"A man repairs a clock. Soft light comes from a window on the right.", "window"},
                      {"A woman reads, soft daylight from a window on the left", "window"},
                      {"a woman riding a bull in a diner outside Houston", "Houston"},
                      {"Tomorrow will be sunny with fog in the valleys.", "sunny"},
                      {"Tomorrow will be sunny with fog in the valleys.", "valley"},
                      {"Long ago a king had three sons.", "king"},
                      {"This plate fell off a ship two hundred years ago.", "ship"},
                      {"the tent blew away last night, so we cook pasta", "tent"},
                      {"By sunrise they are all back in their places.", "dawn"},
                      {"Light falls through the stone folds.", "a stone"}});
  expect_asked({{"A cat sits at a window.", "Is there a window?"},
                {"Sunlight falls through a window onto a bed.", "Is there a window?"},
                {"a street in Houston", "Does the video show Houston?"},
                {"a sunny beach with a dog", "Is there a dog?"},
                {"A boy throws a stone into a lake.", "Is there a stone?"}});
}

TEST(ApparentKinds, AnApostropheMayBeMissing) {
  expect_unmentioned({{"my brohter drops it on teh dogs head and runs", "dogs"},
                      {"teh boy drops it on the cats tail and laughs", "cats"}});
  expect_asked(
      {{"The dogs head for the gate.", "Are there dogs?"}, {"Two dogs chase a cat.", "Are there dogs?"}});
}

TEST(ApparentKinds, APhraseMayBeADeed) {
  expect_unmentioned({{"The red car brakes late into the bend.", "car brakes"},
                      {"The bathroom door swings open.", "door swings"},
                      {"Whisk three eggs and pour them into a pan.", "a whisk"},
                      {"Meanwhile beat the egg whites until stiff, then fold in the sugar and pipe little "
                       "nests onto a tray.",
                       "a pipe"},
                      {"Lightning splits an oak, sheep bolt through a gap.", "sheep bolt"},
                      {"The helmet was worn by a gladiator; a boy lifts it.", "gladiator"},
                      {"A stone lion guards the stairs, and a sparrow sits on its nose.", "its nose"},
                      {"The girl slaps him, and the whole castle wakes up yawning.", "castle wake"},
                      {"A robot vacuum leaves its dock and circles a cat.", "dock"},
                      {"Traffic camera: a cyclist runs a red light.", "camera?"},
                      {"By noon clouds roll in from the west.", "noon clouds"},
                      {"Stick figures play football on paper.", "play football?"}});
  expect_asked({{"The stage lights flicker.", "Are there stage lights?"},
                {"Two car brakes lie on a bench.", "Are there car brakes?"},
                {"A cook holds a whisk.", "Is there a whisk?"},
                {"A plumber carries a pipe.", "Is there a pipe?"},
                {"a night train in the snow", "Is there a night train?"}});
}

TEST(ApparentKinds, IdiomsAndSensesAreNotThere) {
  expect_unmentioned({{"The gymnast wobbles but sticks the landing.", "landing"},
                      {"The crew catches a crab and an oar snaps.", "crab"},
                      {"The challenger drops his guard and takes a hook to the chin.", "guard?"},
                      {"The challenger drops his guard and takes a hook to the chin.", "a hook"},
                      {"The car spins in the hairpin of a road.", "hairpin"},
                      {"Ok guys, lets open this mystery box", "guys"}});
  expect_unmentioned({{"Line a tin with paper and pour in the batter.", "a batter"},
                      {"The rider throws his bottle to a fan and stands up on the pedals.", "a fan"},
                      {"In the weather a cold front crosses the mountains.", "the front"}});
  expect_asked({{"A fisherman catches a crab in a net.", "Is there a crab?"},
                {"A guard stands at a gate.", "Is there a guard?"},
                {"A coat hangs on a hook.", "Is there a hook?"}});
}

TEST(ApparentKinds, WhoSitsThereDoesIt) {
  expect_unmentioned(
      {{"The ball rolls in and the whole bench jumps up.", "Does the bench"},
       {"The man taps a glass, and the whole table bursts out laughing.", "Does the table"},
       {"A man with red hair and a thick beard is repairing a clock.", "Does the beard"},
       {"A confectioner drops in a knob of butter.", "confectioner drop?"},
       {"A driver climbs out of the first taxi.", "driver climb?"},
       {"A single spotlight falls on a violin.", "spotlight fall?"},
       {"A trampoline blows across a street.", "trampoline blow?"},
       {"A woman folds back into a crane.", "the back"},
       {"The captain sinks to his knees.", "captain sink?"},
       {"My brother drew this monster.", "brother draw"},
       {"My grandpa: he cracks the eggs, whistles a tune and flips the first one straight onto the dog.",
        "first one"},
       {"The doll pulls two buttons from her dress and sews them onto its face.", "its face"},
       {"The first rider brakes, the sidecar lifts off the ground.", "rider brakes"},
       {"A woodcutter with a wooden leg and a boy sit on a log.", "made of wood leg"}});
  expect_asked(
      {{"A man with red hair and a thick beard is repairing a clock.", "Does the man repair the clock?"},
       {"The crowd jumps up.", "Does the crowd jump up?"},
       {"A driver climbs a ladder.", "Does the driver climb the ladder?"},
       {"A cup falls on the floor.", "Does the cup fall?"}});
}

TEST(ApparentKinds, TheNearestVerbIsTimedAndAPostureGoesOn) {
  expect_unmentioned(
      {{"An officer shines his torch through the window and steps back when a raccoon jumps out.",
        " before "},
       {"A singer stands on the roof of a bus. She stamps her boots.", " before "},
       {"Whisk three eggs and, once the edges set, fold the omelette over the cheese.", " before "},
       {"First look at the kettle: a hand flips the lid, fills it from a bottle and clips it onto a stove.",
        "fill the lid"},
       {"A drop of perfume runs down, a hand with a ring catches it and dabs it behind an ear.", "the ring"},
       {"A knight on a motorbike drops out of it and skids.", "out of the motorbike"},
       {"The groom's speech falls into the soup, he fishes it out with a spoon.", "the soup"},
       {"A hunter lowers his crossbow and tosses it a bone.", "toss"},
       {"Before the anchor sits down, a makeup artist powders his nose; once the red light comes on, he "
        "smiles.",
        "artist smile"},
       {"The bride lifts her veil, the groom cries, and the guests throw petals as they walk down the steps.",
        "guests walk"}});
  expect_asked({{"A man sits down on a bench, then opens a newspaper.",
                 "Does the man sit down before opening the newspaper?"},
                {"A raccoon steps back when a firework explodes.", "Is there a raccoon?"}});
}

TEST(ApparentKinds, WaterMayBeBesideAPoolAndEyesMayBeSewnOn) {
  expect_asked({{"A swimming pool with no water in it", "Is the swimming pool without water?"},
                {"A basketball court with no players on it", "Is the scene free of players?"},
                {"A teddy bear with no eyes sits on a shelf.", "Is the teddy bear without eyes?"}});
  expect_unmentioned(
      {{"A swimming pool with no water in it", "free of water"},
       {"A teddy bear with no eyes sits on a shelf. A doll sews two buttons onto its face.", "eyes?"}});
}

TEST(ApparentKinds, ATwinOfADeedIsDoneToWhatItsVerbTakes) {
  for (const char* none :
       {"A potter trims a bowl.", "A goalkeeper punches the ball.", "The queen draws a dagger.",
        "A cat presses its paw against a bowl.", "A man taps a glass."}) {
    for (const std::string& text : facts(none)) {
      const std::string twin = text.rfind("Does ", 0) == 0 ? twin_of(none, text) : "";
      EXPECT_EQ(twin, "") << none;
    }
  }
  EXPECT_NE(twin_of("A girl plays the violin.", "Does the girl play the violin?"), "");
  EXPECT_NE(twin_of("A man carries a suitcase.", "Does the man carry the suitcase?"), "");
  // who frowns may smile before, what lies under the moon has no other side, and grass may be under the snow
  EXPECT_EQ(twin_of("A reviewer lifts the lid. He frowns and folds the phone.", "Does the reviewer frown?"),
            "");
  EXPECT_EQ(twin_of("The camp lies under a full moon.", "Is the camp under the moon?"), "");
  for (const char* open :
       {"a scarlet macaw on a mossy boulder", "A goat stands in the snow.", "A child on a swing"}) {
    for (const char* likely : {"waterfall", "Is there grass", "palm tree", "park bench"})
      EXPECT_FALSE(mentions(open, likely)) << open << ": " << likely;
  }
}

}  // namespace
}  // namespace drf::templates
