// What the second reader, which goes by a dependency parse, adds to the rules, and what it leaves out.
#include <gtest/gtest.h>

#include "tests/unit/templates/caption_asked.h"

namespace drf::templates {
namespace {

TEST(ClauseQuestions, DeedsAreAskedInTheCaptionsOwnWords) {
  expect_asked({
      {"An old sailor splices a rope on the deck", "Does the sailor splice the rope?"},
      {"An old sailor splices a rope on the deck", "Does the sailor splice the rope on the deck?"},
      {"A woman is rolling out dough", "Does the woman roll out dough?"},
      {"a clown pulls a rope out of a bag", "Does the clown pull the rope out of the bag?"},
      {"a dog shakes water off its fur", "Does the dog shake water off its fur?"},
      {"A mechanic in oily overalls wipes his hands on a rag",
       "Does the mechanic wipe his hands on the rag?"},
      {"A girl finds a coin and picks it up", "Does the girl pick up the coin?"},
      {"the silver tray is covered with mushrooms", "Is the tray covered with mushrooms?"},
      {"a bowl filled with green grapes", "Is the bowl filled with grapes?"},
      {"Two raccoons tip over a garbage bin", "Do the raccoons tip over the garbage bin?"},
      {"A marshmallow slowly swells", "Does the marshmallow swell slowly?"},
      {"a toolbox and a ladder leaning against a wall", "Does the ladder lean against the wall?"},
  });
  EXPECT_EQ(twin_of("A marshmallow slowly swells", "Does the marshmallow swell slowly?"),
            "Does the marshmallow swell quickly?");
}

// The parser takes these verbs for nouns; "is surfacing" it does not.
TEST(ClauseQuestions, VerbsThatLookLikeNounsAreRead) {
  expect_asked({
      {"In the distance a whale surfaces beside a kayak, and a man waves",
       "Does the whale surface beside the kayak?"},
      {"A vase tips off the mantelpiece and smashes on the tiles", "Does the vase smash on the tiles?"},
      {"A teacup sprouts wings and flies off", "Does the teacup sprout wings?"},
      {"Cinematic style, a nun winds a clock in a tower", "Does the nun wind the clock?"},
  });
}

TEST(ClauseQuestions, WhatOnlyASyntaxMakesANounIsAThing) {
  expect_asked({
      {"A man is carving a spoon", "Is there a spoon?"},
      {"A pirate digs up a chest, breaks the lock, and then bursts out laughing.", "Is there a lock?"},
      {"A guard turns a huge wooden winch as a bridge sinks", "Is the winch made of wood?"},
  });
}

TEST(ClauseQuestions, WhatAThingHasAndHowAndWhereItIs) {
  expect_asked({
      {"An old man with a long ponytail reads a book", "Does the man have a ponytail?"},
      {"a toolbox full of rusty nails", "Is the toolbox full of nails?"},
      {"an owl with palm leaves instead of wings", "Does the owl have palm leaves instead of wings?"},
      {"a knight with a tea kettle on his head instead of a helmet",
       "Does the knight have a tea kettle on his head instead of a helmet?"},
      {"A baker works in a cluttered workshop", "Is the workshop cluttered?"},
      {"A man reads a book. Behind him, there are five bottles.", "Are the bottles behind the man?"},
  });
}

TEST(ClauseQuestions, OneDeedComesBeforeTheOther) {
  expect_asked({
      {"A violinist rosins her bow, tunes a string, and then starts to play.",
       "Does the violinist rosin the bow before tuning the string?"},
      {"A train leaves the tunnel, crosses a stone viaduct, and disappears behind the hill",
       "Does the train cross the viaduct before disappearing behind the hill?"},
      {"A gardener snaps his fingers and a snowman turns into a fountain",
       "Does the gardener snap his fingers before the snowman turns into a fountain?"},
      {"A nun finds a music box, repairs it, and gives it to a boy",
       "Does the nun repair the music box before giving the music box to the boy?"},
  });
  expect_unmentioned({
      {"A girl zips her jacket and raises both arms.", "before"},
      {"A man holds a cup, wears a hat, and smiles", "before"},
      {"In reverse: a nun finds a music box, repairs it, and opens it", "before"},
  });
}

// Two deeds of one doer beside an "and": an order where the first makes way for the second.
TEST(ClauseQuestions, WhatMakesWayComesFirst) {
  expect_asked({
      {"A thief opens the window and crawls into the room.",
       "Does the thief open the window before crawling into the room?"},
      {"A chef takes off his apron and sits down at the table.",
       "Does the chef take off the apron before sitting down at the table?"},
      {"A bird lands on a branch and folds its wings.",
       "Does the bird land on the branch before folding its wings?"},
      {"A rocket lifts off and vanishes into the clouds.",
       "Does the rocket lift off before vanishing into the clouds?"},
      {"A truck with broken headlights rolls slowly out of the cloud and stops.",
       "Does the truck roll out of the cloud before stopping?"},
      {"A baker kneads the dough, covers it with a cloth, and then puts it in the oven.",
       "Does the baker cover the dough before putting the dough in the oven?"},
      {"The archer draws the bow, aims, and finally shoots the arrow.",
       "Does the archer aim before shooting the arrow?"},
  });
  expect_unmentioned({
      {"A woman smiles and waves at the camera.", " before "},
      {"A soldier lifts his rifle and shouts.", " before "},
      {"A runner crosses the finish line and breaks the tape.", " before "},
      {"A worker opens boxes and unloads crates at a dock.", " before "},
      {"Every morning a monk opens the gate and sweeps the yard.", " before "},
      {"A man opens the door or closes the window.", " before "},
      {"A bird sits on a wire and opens its beak.", " before "},
      {"Two thieves open the window and crawl into the room.", " before "},
  });
  EXPECT_EQ(twin_of("A diver climbs the ladder and jumps into the pool.",
                    "Does the diver climb the ladder before jumping into the pool?"),
            "Does the diver jump into the pool before climbing the ladder?");
}

// A small deed, and what is seen of it.
TEST(ClauseQuestions, WhatSetsOffComesFirst) {
  expect_asked({
      {"A toddler drops a spoon and it clatters on the floor.",
       "Does the toddler drop the spoon before the spoon clatters on the floor?"},
      {"A wizard taps a pumpkin with his wand and it turns into a carriage.",
       "Does the wizard tap the pumpkin before the pumpkin turns into a carriage?"},
      {"A stone hits the window and the pane shatters.",
       "Does the stone hit the window before the pane shatters?"},
      {"The door opens and a tall man steps out.", "Does the door open before the man steps out?"},
      {"The lights go out. A moment later a ghost appears.",
       "Do the lights go out before the ghost appears?"},
      {"When the traffic light turns green, the cyclist rides off.",
       "Does the traffic light turn green before the cyclist rides off?"},
      {"After the waiter sets down the tray, the guests begin to eat.",
       "Does the waiter set down the tray before the guests begin to eat?"},
  });
  expect_unmentioned({
      {"A blacksmith hits the iron and sparks fly.", " before "},
      {"A boy hits a drum and a girl plays the flute.", " before "},
      {"A woman pushes a pram and a dog runs beside her.", " before "},
      {"A woman in a red coat stops and a man in a black suit walks past.", " before "},
      {"A cook tastes the soup while he adds salt.", " before "},
  });
}

// What nobody does, nobody wears, or is not running.
TEST(ClauseQuestions, WhatIsNotSoIsAskedAsSuch) {
  const std::string swings = "A playground without children, nobody is sitting on the swings.";
  expect_asked({
      {swings, "Is nobody sitting on the swings?"},
      {"A wooden cart rolls down the street with nobody pulling it.", "Is nobody pulling the cart?"},
      {"There is nobody in the room.", "Is nobody in the room?"},
      {"A bus drives along the coast with no one at the wheel.", "Is nobody at the wheel?"},
      {"A village square; the fountain isn't running.", "Is the fountain turned off?"},
      {"The floodlights aren't switched on.", "Are the floodlights switched off?"},
      {"It is not raining.", "Is the scene free of rain?"},
      {"An astronaut with no helmet sits in a cockpit.", "Is the astronaut without a helmet?"},
      {"A horse without a rider gallops across a field.", "Is the horse without a rider?"},
      {"A girl not wearing shoes walks on the grass.", "Is the girl without shoes?"},
      {"The king wears no crown.", "Is the king without a crown?"},
      {"The road is free of cars.", "Is the scene free of cars?"},
      {"an empty wheelchair standing in a hospital corridor", "Is the wheelchair empty?"},
      {"rows of empty theater seats", "Are the theater seats empty?"},
  });
  EXPECT_EQ(twin_of(swings, "Is nobody sitting on the swings?"), "Is anybody sitting on the swings?");
  expect_unmentioned({
      {"Nobody is dancing at the party until a girl steps onto the floor.", "nobody"},
      {"No one notices the thief.", "nobody"},
      {"A bench where nobody sits.", "nobody"},
      {"A man is not wearing a hat that suits him.", "without a hat"},
      {"At first the fountain isn't running.", "turned off"},
      {"A gondolier steps into an empty gondola.", "empty"},
      {"A box free of charge", "free of"},
      {"Nobody is around", "anybody"},  // "Are there any people?" is asked
  });
}

// Where in the picture a sentence has it.
TEST(ClauseQuestions, TheBackgroundAndTheSidesAreAsked) {
  const std::string tractor =
      "A wolf runs across a meadow. In the background, a red tractor drives along the edge of a forest.";
  expect_asked({
      {tractor, "Is the tractor in the background?"},
      {"In the distance, two moons rise over the planet.", "Are the moons in the distance?"},
      {"On the right, a monk is bargaining with a cloth merchant.", "Is the monk on the right?"},
      {"A bellboy pushes a cart. Behind him, two women carry a large cage.",
       "Are the women behind the bellboy?"},
      {"Above the rooftops, a hot air balloon drifts over the river.",
       "Is the hot air balloon above the rooftops?"},
      {"In the background there is a lighthouse.", "Is the lighthouse in the background?"},
  });
  EXPECT_EQ(twin_of(tractor, "Is the tractor in the background?"), "Is the tractor in the foreground?");
  expect_unmentioned({
      {"A boy sits on the left side of the bench.", "on the left"},
      {"The camera pans to the right. On the left, a horse drinks.", "on the left?"},
      {"A man photographs a bird in the background.", "Is the man in"},
      {"Rows of monitors glow in the background.", "Are the rows"},
  });
}

// Looks of film, faults and light that prompts end with.
TEST(ClauseQuestions, MoreLooksAreAsked) {
  expect_asked({
      {"A fox in the snow, high contrast, deep shadows, 16mm look", "Does the video look shot on film?"},
      {"A fox in the snow, high contrast, deep shadows", "Is the contrast high?"},
      {"A girl in a kitchen, soft blue light, handheld camera", "Does the video look filmed by hand?"},
      {"Cinematic style, an old man walks along a pier.", "Does the video look cinematic?"},
      {"very low quality clip of a forest, dust and scratches",
       "Does the picture have scratches as on old film?"},
  });
  expect_unmentioned({
      {"A man talks to a low quality robot", "picture"},
      {"A worker repairs a handheld radio.", "by hand"},
      {"A boy in a glitch-free game, no handheld camera", "by hand"},
      {"steampunk city, volumetric fog, wide shot", "volumetric"},
  });
}

// A deed that is asked as it stands is nothing that physics knows the object of.
TEST(ClauseQuestions, WhatIsBrokenIsNotWhoBreaksIt) {
  for (const Question& q : asked("A pirate digs up a chest, breaks the lock, and then bursts out laughing."))
    EXPECT_EQ(q.text.find("broken"), std::string::npos) << q.text;
}

// What is not certain is not asked.
TEST(ClauseQuestions, DoubtfulReadingsAreLeftOut) {
  expect_unmentioned({
      // the parser reads two articles before one noun
      {"A squirrel carries an acorn up the trunk of an oak", "carry the trunk"},
      // which of them does it?
      {"A shy baker bakes a gingerbread knight, who jumps out of the oven, fights off the rats in the cellar",
       "the baker fight"},
      {"a woman with a girl splicing a rope", "splice"},
      {"A bear wades into a river and shakes the water from its fur", "shake the water?"},
      {"A nurse walks across a smoky courtyard", "the smoky courtyard smoky"},
      // a noun that was not read
      {"A sculptor chips flakes off a marble block and brushes the dust away", "the sculptor chip?"},
      // no number agrees
      {"A woman with braids and a nose ring ties a scarf", "the nose ring tie"},
      {"A baker claps her hands and a loaf of bread sprouts wings", "the baker sprout"},
      // denied, wished for, doubted, imagined, compared
      {"A sailor doesn't splice the rope", "Does the sailor splice"},
      {"A sailor wants to splice a rope", "splice"},
      {"A sailor almost splices a rope", "splice"},
      {"A sailor dreams that a nun splices a rope", "splice"},
      {"a painting of a sailor who splices a rope", "splice"},
      {"A frog as big as a winch hops", "winch"},
      // past
      {"A sailor who has spliced a rope smiles", "splice"},
      // somebody else by then
      {"A frog turns into a prince and bows to a crowd", "frog bow to the crowd?"},
      // of a carving no whale need be there
      {"A man carves a whale", "Is there a whale"},
      {"Splices glass, rope, winch, 4k, masterpiece", "splice"},
  });
}

// The rules took the one before it; the parse says otherwise, or has seen another thing.
TEST(ClauseQuestions, WhatTheParseDoesNotBearOutIsNotAsked) {
  expect_unmentioned({
      {"Smoke pours from the engine, then a figure in a long coat steps out of the cab, holding a lantern.",
       "the smoke hold"},
      {"A florist wraps a bouquet in brown paper and ties it with a ribbon", "tie the paper"},
  });
}

TEST(ClauseQuestions, WhatTheRulesAskIsNotAskedAgain) {
  for (const char* prompt : {"a car parked in front of a brick building", "A seal rests beside a pond"}) {
    const Lines lines = facts(prompt);
    const auto where = std::count_if(lines.begin(), lines.end(), [](const std::string& line) {
      return line.find("in front of") != std::string::npos || line.find("beside") != std::string::npos;
    });
    EXPECT_EQ(where, 1) << prompt;
  }
}

// What "it" is of a verb whose own object comes later: found by nobody, and not looked for without end.
TEST(ClauseQuestions, AnItBeforeTheNextItIsLeft) {
  for (const char* prompt :
       {"A woman throws, before it falls, it over the wall.", "A boy kicks, as it rolls, it into the goal.",
        "A girl gives, as it barks, it to the dog.", "A man picks, as it opens, it up and it breaks it."})
    EXPECT_FALSE(texts(prompt, Aspect::kTA).empty()) << prompt;
}

}  // namespace
}  // namespace drf::templates
