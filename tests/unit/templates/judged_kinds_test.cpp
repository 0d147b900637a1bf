// Kinds of fault that two more judges of unseen prompts found.
#include <gtest/gtest.h>

#include "tests/unit/templates/caption_asked.h"

namespace drf::templates {
namespace {

// "a couple of seconds" is nobody, and no two of anything.
TEST(JudgedKinds, MeasuresOfTimeAreNobody) {
  expect_unmentioned({
      {"The image turns white for a couple of seconds, then an old genie forms out of the dust. He snaps his "
       "fingers.",
       "couple"},
      {"A lamp goes dark for a pair of minutes and a nun lights a candle", "pair"},
      {"A couple of hours pass and a man opens a box", "couple"},
      {"A couple dances in a hall. He wears a hat.", "couple wear"},
  });
  expect_asked({{"A couple dances in a hall", "Does the couple dance?"}});
}

TEST(JudgedKinds, OtherOnesOfAKindAreNotCounted) {
  expect_unmentioned({
      {"A construction worker lays bricks while two other workers carry a plank", "exactly"},
      {"A nun opens a door. Three more nuns wait.", "exactly"},
      {"A red truck overtakes two trucks", "exactly"},
      {"A worker sleeps beside another two workers", "exactly"},
  });
  expect_asked({{"Two workers carry a plank", "Are there exactly two workers?"},
                {"Two boys play football. One boy kicks the ball.", "Are there exactly two boys?"}});
}

TEST(JudgedKinds, ByItselfIsNoWayPast) {
  expect_unmentioned({
      {"A wooden cart rolls by itself down the street", "roll by?"},
      {"A boy walks by himself along a beach", "walk by?"},
      {"Two swings move by themselves", "move by?"},
  });
  expect_asked({{"A wooden cart rolls by itself down the street", "Does the cart roll?"}});
}

TEST(JudgedKinds, VerbsAreNotAskedWithoutWhatTheyNeed) {
  expect_unmentioned({
      {"A bowling ball rolls down the lane, knocks into the pins", "knock?"},
      {"A cart bumps into a parked car", "bump?"},
      {"A blacksmith dips a horseshoe into a barrel", "out of"},
      {"A boy dips a brush into a bucket", "out of"},
      {"A tear drips onto the floor", "off the floor"},
      {"A hiker fills his bottle at a stream, takes a long drink, and then wipes his mouth", "empty"},
      {"A nun fills a cup and pours the tea over a plant", "empty"},
  });
  EXPECT_EQ(twin_of("A nun fills a cup", "Does the nun fill the cup?"), "Does the nun empty the cup?");
}

// The noun of an idiom is no thing, and stays none of anything.
TEST(JudgedKinds, NounsOfIdiomsAreNoThings) {
  const Pairs idioms = {
      {"A garden gnome wakes up, makes friends with a snail, and falls asleep", "friends"},
      {"A man takes the place of a driver in a car", "place"},
      {"A boy and a girl take turns on a swing", "turns"},
      {"A truck makes way for an ambulance", " way"},
      {"A candle falls and a curtain catches fire", "fire"},
      {"A sailor takes a seat near a stove", "seat"},
      {"A nun makes a face at a boy", "face"},
      {"A hunter keeps watch in a tent", "watch"},
  };
  expect_unmentioned(idioms);
  for (const auto& [prompt, words] : idioms) {
    for (const std::string& text : texts(prompt, Aspect::kPF))
      EXPECT_TRUE(text.find(words) == std::string::npos || words == " way") << text;
  }
  expect_asked({{"Two friends sit on a bench", "Are there friends?"}});
}

TEST(JudgedKinds, ThingsOfOneNameAreToldApart) {
  const std::string pots = "A woman lifts a fern out of a cracked clay pot and puts it in a bigger white pot";
  expect_asked({
      {pots, "Is there a clay pot?"},
      {pots, "Is there a white pot?"},
      {"A doctor with white hair examines a small boy", "Does the doctor have white hair?"},
      {"A man with a grey beard greets a woman with red hair", "Does the man have a grey beard?"},
      {"A fisherman with a white beard feeds a gull", "Is the beard white?"},
      {"A man with a grey beard greets a woman with red hair", "Does the woman have red hair?"},
      {"A doctor with white hair reads a book", "Is the hair white?"},
  });
  expect_unmentioned({
      {pots, "Is there a pot?"},
      {pots, "Is the pot"},
      {"A doctor with white hair examines a small boy", "Is the hair"},
      {"A boy beside a nun shakes his black hair", "Is the hair"},
      {"A doctor bends down and listens to the boy's chest", "a chest"},
      {"A nun lays a hand on his chest", "a chest"},
  });
  expect_asked({{"A pirate opens a chest", "Is there a chest?"}});
}

TEST(JudgedKinds, OneOfARowIsNoOtherThing) {
  const std::string row =
      "A row of books on a shelf topples over as a cat pushes the first one, and the last book falls to the "
      "carpet.";
  expect_unmentioned({{row, "Is there a book?"}, {"Five boys run. The last boy falls.", "Is there a boy?"}});
  int falling = 0;
  for (const std::string& text : texts(row, Aspect::kPF))
    falling += text.find("downward") != std::string::npos;
  EXPECT_LE(falling, 1);
}

TEST(JudgedKinds, TwinsThatMayBeSoAreNotAsked) {
  expect_unmentioned({
      {"six sparrows sitting on a telephone wire", "standing"},
      {"a crow sits on a fence", "standing"},
      {"A boy runs to the school bus", "girl"},
      {"A girl sits in a classroom", "boy"},
      {"A girl climbs over a sandbox and onto a swing", "boy"},
      {"A robot wakes up in a toy shop at midnight", "Is there a pirate"},
      {"A tin soldier stands on a shelf of toys", "Is there a balloon"},
      {"A small snowplow clears a street", "tractor"},
      {"Close-up of a potter's hands, then the camera pulls out to the workshop", "close-up"},
      {"close-up of a bee on a flower, then a wide shot of the garden", "close-up"},
      {"A woman repairs an accordion in a workshop. On the wall hang three violins.", "guitars"},
  });
  EXPECT_EQ(twin_of("a man sits on a bench", "Is the man sitting?"), "Is the man standing?");
}

TEST(JudgedKinds, FiguresOfSpeechAreNoPlaces) {
  expect_unmentioned({
      {"The top of the tower collapses into the river", "the top collapse"},
      {"Small silver fish dart around his shoulders", "fish dart?"},
      {"A robot meets a girl. In the end they both watch the sunrise.", "a watch"},
      {"A hot air balloon drifts over a sea of clouds", "show a sea"},
      {"A boat glides through a forest of masts", "forest?"},
  });
  EXPECT_TRUE(texts("A fox runs through a forest", Aspect::kTA).count("Does the video show a forest?") ||
              texts("A fox runs through a forest", Aspect::kTA).count("Is the setting a forest?"));
}

TEST(JudgedKinds, WhatBreaksUpIntoSomethingIsNotBroken) {
  for (const char* prompt : {"A transparent woman breaks up into sparks", "A cloud breaks apart",
                             "A ghost shatters into light", "A wave breaks"}) {
    for (const std::string& text : texts(prompt, Aspect::kPF))
      EXPECT_EQ(text.find("after breaking"), std::string::npos) << prompt << ": " << text;
  }
  EXPECT_TRUE(
      texts("A vase falls and breaks", Aspect::kPF).count("Does the vase stay broken after breaking?"));
}

TEST(JudgedKinds, TheWeatherIsAskedOnce) {
  for (const std::string place : {"meadow", "harbor", "forest"}) {
    const std::string prompt = "a herd of deer grazes in a foggy " + place + " at dawn";
    EXPECT_FALSE(asks(prompt, "Is the " + place + " foggy?") && asks(prompt, "Is it foggy?"));
    EXPECT_TRUE(asks(prompt, "Is the " + place + " foggy?") || asks(prompt, "Is it foggy?"));
  }
}

std::string described(const std::string& prompt) {
  for (const Question& q : asked(prompt)) {
    if (q.kind == Kind::kDense) return q.answer;
  }
  return "";
}

// What a critic is to answer holds no slip of the pen, and no more of the wish than what it is for.
TEST(JudgedKinds, DescriptionsAreSpeltAsTheyAreMeant) {
  EXPECT_EQ(described("A nun reads a book."), "A nun reads a book.");
  EXPECT_EQ(described("A kitten follwos a butterfly"), "A kitten follows a butterfly");
  EXPECT_EQ(described("a realy cute vidoe of a kitten slepping on a labtop keyboard in a offce"), "");
  EXPECT_EQ(described("my granpa wasing his old blue truk in the drivway, sunny day plz"), "");
  EXPECT_EQ(described("a puppy in a basket, sunny day plz"), "a puppy in a basket, sunny day");
  EXPECT_EQ(described("a video of a puppy in a basket"), "a puppy in a basket");
  EXPECT_EQ(described("A samovar steams on a tablecloth"), "A samovar steams on a tablecloth");
}

TEST(JudgedKinds, LooksOfTheVideoAreAsked) {
  expect_asked({
      {"overexposed shot of a dog on a beach", "Is the picture overexposed?"},
      {"A dog runs on a beach. Handheld phone footage, overexposed, shaky, no cuts.",
       "Is the picture overexposed?"},
      {"A dog runs on a beach. Handheld phone footage, overexposed, shaky, no cuts.", "Is the camera shaky?"},
      {"A ghost walks through a wall. VHS look, tape noise, static camera",
       "Does the video look like a VHS tape?"},
      {"heavily pixelated, low resolution webcam footage of a man yawning", "Is the picture pixelated?"},
      {"A cat sleeps in a window, warm light", "Is the light warm?"},
      {"construction site in heavy rain", "Is the rain heavy?"},
      {"A ghost in a corridor, VHS aesthetic, heavy noise", "Is the picture noisy?"},
      {"A camel in a desert, long shadows, golden hour", "Are the shadows long?"},
      {"close-up of a bee on a flower", "Is it a close-up?"},
  });
}

// Where the caption names it, a look's contrary may be seen as well.
TEST(JudgedKinds, ContrariesThatTheCaptionNamesAreNoTwins) {
  EXPECT_EQ(twin_of("overexposed shot of a dog on a beach", "Is the picture overexposed?"),
            "Is the picture dark?");
  EXPECT_EQ(twin_of("A dog on a beach, overexposed, a dark cliff behind it", "Is the picture overexposed?"),
            "");
}

}  // namespace
}  // namespace drf::templates
