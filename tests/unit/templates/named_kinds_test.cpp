// What is named without being there, said twice or torn from what it belongs to: kinds that judges of unseen
// prompts found.
#include <gtest/gtest.h>

#include "tests/unit/templates/caption_asked.h"

namespace drf::templates {
namespace {

TEST(CaptionQuestions, WhoMadeThePictureIsNotInIt) {
  expect_unmentioned({{"waves lapping on sand by Hokusai, in the style of Ukiyo", "show Hokusai"},
                      {"A person is painting a bowl by Hokusai.", "by Hokusai"},
                      {"A field of lavender by Claude Monet, oil painting", "Monet"},
                      {"A woman reads a book by Mark Twain", "Twain"}});
  expect_asked({{"A dog is chased by Albert Einstein", "Does the video show Albert Einstein?"}});
}

TEST(CaptionQuestions, AFigureOfSpeechIsNoThing) {
  expect_unmentioned({{"A barn stands against the backdrop of the countryside", "backdrop"},
                      {"Rows of leather chairs offer a serene haven for readers", "haven"},
                      {"Each tall tower glows.", "Is there a tower"},
                      {"Every red lamp flickers in the hall.", "the lamp"},
                      {"In a silent toy shop a robot wakes up.", "silent"},
                      {"A lamp on its bow swings as a boat drifts.", "there a bow"},
                      {"puppys and kittys playing with toys", "puppys"}});
  expect_asked({{"An archer lifts a bow.", "Is there a bow?"},
                {"A toy shop at night", "Is the setting a toy shop?"},
                {"puppys and kittys playing with toys", "Are there puppies?"}});
}

TEST(CaptionQuestions, WhatIsCalledByAWiderNameIsAskedOnce) {
  expect_unmentioned(
      {{"A red combine harvester crosses a field. The combine stops.", "a combine?"},
       {"A red combine harvester crosses a field. Dust hangs behind the machine.", "a machine?"},
       {"An old fishing boat leaves the harbor. The vessel turns.", "a vessel?"},
       {"A golden retriever runs to a pond. The dog swims.", "a dog?"}});
  expect_asked({{"A golden retriever runs to a pond. A dog swims.", "Is there a dog?"},
                {"A sailor stands on a boat beside a vessel.", "Is there a vessel?"}});
}

TEST(CaptionQuestions, NoDeedWithoutWhatItSays) {
  expect_unmentioned({{"A cloud of steam bursts upward.", "burst?"},
                      {"The rain falls upward around her.", "rain fall?"},
                      {"The air is filled with the muted reflections of neon lights.", "air filled?"},
                      {"The surface of the lava pulses.", "surface pulse"},
                      {"The camera moves to the foot of the volcano.", "foot?"},
                      {"The watch rests on a block of marble.", "watch resting"},
                      {"The buildings are weathered, with stained walls.", "weathered with"},
                      {"A barge rises slightly in the water.", "in the water"}});
  expect_asked({{"A dog rests on a block of marble.", "Is the dog resting?"},
                {"A pot is filled with soup.", "Is the pot filled with soup?"}});
}

TEST(CaptionQuestions, ThingsAreAskedInEnglish) {
  expect_asked({{"Two people are holding hands while walking.", "Do the people hold hands?"},
                {"Two goats butt heads on a cliff.", "Do the goats butt heads?"},
                {"A dog scratches the old furniture.", "Is there furniture?"}});
  expect_unmentioned(
      {{"A dog scratches the old furniture.", "a furniture"},
       {"Beans fall into an empty bowl.", "bowl empty"},
       {"A birthday party with no balloons and no cake; the clown isn't smiling", "there balloons"},
       {"A sailor lifts a fish rather than a bird.", "without a bird"},
       {"A garden, film grain, slow zoom, no people", "camera move"}});
}

TEST(CaptionQuestions, WhatCouldBeDoneIsNotThere) {
  expect_unmentioned({{"A giraffe with fins, able to glide smoothly through the water.", "water"},
                      {"A dog with wings, capable of flying over a castle.", "castle"},
                      {"A lion with wings, a hunter both in the sea and in the sky.", "the sea"}});
  expect_asked({{"A giraffe glides through the water.", "Is there water?"}});
}

TEST(CaptionQuestions, NamesAndIdiomsAreWholeOrNotAsked) {
  expect_unmentioned({{"The Team A player hits a ball.", "Team"},
                      {"Sleeping Beauty lies in a tower.", "Beauty"},
                      {"Glaciers wind their way through the valley.", "the way"},
                      {"The sun breaks through dark clouds over a barn.", "sun break?"}});
  expect_asked({{"Albert Einstein lies in a garden.", "Does the video show Albert Einstein?"},
                {"An egg rolls off a table and breaks on the floor", "Does the egg break?"}});
}

TEST(CaptionQuestions, WhatIsHewnIsNotThere) {
  expect_unmentioned({{"A sculptor chisels a horse out of a block of marble.", "horse"},
                      {"A boy whittles a bird from a stick.", "a bird?"}});
}

TEST(CaptionQuestions, WhatIsNotReadToItsEndIsNotAsked) {
  expect_unmentioned(
      {{"A lone rider gallops across a salt flat under a stormy sky.", "a salt?"},
       {"A lone rider gallops across a salt flat under a stormy sky.", "under a sky"},
       {"cute bee landig on a sunflwer in slowmotion , realy close up", "land up"},
       {"Can you show me what an ant colony would look like if they had a tiny subway?", "show this"}});
  const auto open = asked("A bearded centurion with scarred arms takes off his helmet.");
  EXPECT_TRUE(std::any_of(open.begin(), open.end(), [](const Question& q) {
    return q.answer.find("scarred arms") != std::string::npos;
  }));
}

TEST(CaptionQuestions, HowManyIsNotAskedWhereOthersMayBe) {
  expect_unmentioned({{"Two girls turn a skipping rope while their friend jumps over it", "exactly"},
                      {"He spins the rear wheel. On the wall behind him hang four wheels.", "exactly"}});
  expect_asked({{"Two girls turn a skipping rope", "Are there exactly two girls?"},
                {"Four wheels hang on a wall.", "Are there exactly four wheels?"}});
}

TEST(CaptionQuestions, WordsOfTwoMeaningsAreLeft) {
  expect_unmentioned({{"A viking longship cuts through waves. A warrior stands at the bow.", "the bow"},
                      {"A little raindrop falls in love with a leaf.", "fall"},
                      {"a lavender field with a farmhouse", "field lavender"},
                      {"The wool comes off in one piece.", "a piece"},
                      {"A man holds the sheep and guides the clippers along its back.", "its back"}});
  expect_asked({{"A violinist lifts her bow.", "Is there a bow?"},
                {"A girl in a lavender dress", "Is the dress lavender?"},
                {"A leaf falls from a tree.", "Does the leaf fall?"}});
}

TEST(CaptionQuestions, OneFactIsAskedOnce) {
  expect_unmentioned({{"A boat at dawn, soft morning light.", "Is it morning"},
                      {"A stadium with rain falling.", "rain fall?"}});
}

TEST(CaptionQuestions, NounsOfAnotherSenseAreNotAskedAlone) {
  expect_unmentioned(
      {{"Two sisters hold up the train of a bridal gown.", "there a train"},
       {"An old watchmaker winds the crown of a silver watch.", "there a crown"},
       {"A ceramic vase falls off a shelf.", "porcelain"},
       {"A sheriff walks down the steps in a velvet dress, her train behind her.", "there a train"},
       {"A hiker stops at the fork of a forest path.", "there a fork"},
       {"A farmer fills the pen with straw and the sheep come in.", "there a pen"},
       {"A boulder the size of a bus rolls down the slope.", "there a bus"},
       {"A cloud in the shape of a rabbit drifts by.", "there a rabbit"},
       {"A ranger follows the footprints of a bear.", "there a bear"},
       {"A baker works at four in the morning.", "morning"}});
  EXPECT_TRUE(asks("A train crosses a bridge.", "Is there a train?"));
  EXPECT_TRUE(asks("A fork lies beside a plate.", "Is there a fork?"));
}

TEST(CaptionQuestions, DiceAreNeitherOneNorManyUnlessItSaysSo) {
  expect_unmentioned({{"A black box full of green dice.", "the dice"}});
  EXPECT_TRUE(asks("A girl rolls the dice.", "Does the girl roll the dice?"));
}

TEST(CaptionQuestions, WhoIsOnlyAPersonMayBeHandsAlone) {
  expect_unmentioned({{"A person wraps a parcel.", "the face of the person"}});
}

// A name that makes one thing of two words, a city around a room, one of many.
TEST(CaptionQuestions, WhatANameBelongsTo) {
  expect_asked({
      {"A Newton's cradle swings on a desk as a man writes.", "Is there a Newton's cradle?"},
      {"A Newton's cradle swings on a desk as a man writes.", "Does the Newton's cradle swing?"},
      {"A Rubik's cube spins on a table.", "Does the Rubik's cube spin?"},
      {"A girl's hat flies over a field.", "Is there a hat?"},
      {"A street in Paris", "Does the video show Paris?"},
      {"Taxis line the street; a taxi stops.", "Does the taxi stop?"},
      {"A boat sails past boats.", "Are there boats?"},
  });
  expect_unmentioned({
      {"A Newton's cradle swings on a desk as a man writes.", "Are there swings"},
      {"A Newton's cradle clicks on a shelf.", "Is there a cradle"},
      {"A metronome ticks and a brass weight at the top swings from side to side.", "Are there swings"},
      {"A Newton's cradle swings back and forth on a desk.", "swing back on"},
      {"A chef cooks noodles in a kitchen in Tokyo.", "Tokyo"},
      {"Marie Curie playing chess in a laboratory in Paris", "Paris"},
      {"Taxis line the street; a taxi stops.", "Is there a taxi"},
  });
}

}  // namespace
}  // namespace drf::templates
