// The general parser: what it leaves out because an event changes it, no picture shows it or it has been
// asked.
#include "tests/unit/templates/caption_asked.h"

namespace drf::templates {
namespace {

// What is asked where no fact is sure: the first thing that a wish speaks of, or a clause in its own words.
TEST(CaptionQuestions, WhatIsNotUnderstoodKeepsOneQuestion) {
  QuestionOptions options;
  options.dense = false;
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"of the by and with it", "Does the video fit the words \"of the by and with it\"?"},
      {"Could you show me why zanx blorp?", "Does the video fit the words \"why zanx blorp\"?"},
      {"Zanx blorping zorgs, and blips", "Does the video show this: Zanx blorping zorgs?"},
      {"What would happen if zorgs blorped?", "Does the video show this: zorgs blorped?"},
      {"Make a short film about a lost glove", "Is there a glove?"}};
  for (const auto& [prompt, text] : cases) EXPECT_EQ(asked(prompt, options)[0].text, text);
}

// What an event of the prompt changes does not hold all along.
TEST(CaptionQuestions, StatesAndCountsThatChangeAreNotAsked) {
  expect_unmentioned({
      {"A plumber repairs a broken pump", "broken"},
      {"A waiter fills the empty goblet", "empty"},
      {"A boy opens the closed door", "closed"},
      {"A maid dries the wet floor of a hall", "wet"},
      {"A priest lights an unlit candle", "unlit"},
      {"A frozen lake thaws", "frozen"},
      {"A green apple turns red", "green"},
      {"A painter covers a gray wall with red paint", "gray"},
      {"A painter dyes a white shirt", "white"},
      {"A tiny mushroom grows", "tiny"},
      {"A torn sail. A sailor blorps it and glues it.", "torn"},
      {"Two crows sit on a fence, then a third lands", "two"},
      {"Five candles burn; a girl blows out one of them", "five"},
      {"Three mice sleep in a basket; one wakes up and climbs out", "in the basket"},
      {"A cat on a table jumps", "on the table"},
      {"A cook peels a muddy carrot", "muddy"},
      // before it somebody stood
      {"A knight stops, kneels and picks up a shield", "standing"},
  });
  expect_asked({
      {"A plumber repairs a red bucket", "Is the bucket red?"},
      {"A waiter fills a goblet beside a closed door", "Is the door closed?"},
      {"A broken chair beside a table", "Is the chair broken?"},
      {"An unlit candle", "Is the candle unlit?"},
      {"Two crows sit on a fence", "Are there exactly two crows?"},
  });
}

TEST(CaptionQuestions, WhatNoPictureShowsIsNotAsked) {
  expect_unmentioned({
      {"Water hisses in a pan", "hiss"},
      {"A baker hums", "hum"},
      {"A bell rings", "ring"},
      {"A river roars", "roar"},
      {"A girl smells a rose", "smell"},
      {"A man thinks of a sandwich and remembers his wife", "remember"},
  });
  EXPECT_TRUE(asks("A girl sings", "Does the girl sing?"));
  EXPECT_TRUE(asks("A lion roars", "Does the lion roar?"));
}

TEST(CaptionQuestions, DeedsThatNoListKnowsAreNoThings) {
  expect_unmentioned({
      {"A queen crowns the winner", "crowns"},
      {"A camel crowns a dune", "crowns"},
      {"Smoke clouds a roof", "clouds"},
      {"Embers pepper the floor", "Is there pepper"},
      {"A dancer rolls up her sleeves", "the dancer roll?"},
      {"Lava flows down a slope", "Are there lava"},
      {"The curtain opens and the stage lights up", "lights"},
      {"A boy blows out two of them", "the boy blow"},
      {"A blacksmith lifts an iron bar", "show a bar"},
      {"Napoleon eating ramen", "napoleon"},
      {"A girl offers a troll a pie. A boy greets it and offers it a cake.", "offer the"},
      {"a yung boy feding a cat with a carott in teh garden", "carott"},
  });
  expect_asked({
      {"A queen crowns the winner", "Is there a queen?"},
      {"Smoke clouds a roof", "Is there smoke?"},
      {"The librarian stands up", "Is there a librarian?"},
      {"A greedy raven on a table", "Is there a raven?"},
      {"A clown cuts its own rope", "Does the clown cut the rope?"},
  });
}

TEST(CaptionQuestions, QuestionsAreReadThroughToTheirClause) {
  expect_asked({
      {"What would happen if a giraffe tried to ride a unicycle?", "Is there a giraffe?"},
      {"Could a penguin ride a horse?", "Does the penguin ride the horse?"},
      {"How does a nun open a box?", "Does the nun open the box?"},
      {"What would a snail look like if it wore a crown?", "Is the snail wearing a crown?"},
  });
}

TEST(CaptionQuestions, WhatSaysTheSameIsAskedOnce) {
  const auto count = [](const std::string& prompt, const std::vector<std::string>& words) {
    int64_t lines = 0;
    for (const std::string& line : facts(prompt))
      lines += std::any_of(words.begin(), words.end(),
                           [&](const std::string& word) { return line.find(word) != std::string::npos; });
    return lines;
  };
  EXPECT_EQ(count("a sunny meadow with sunlit haystacks", {"sunny", "sunlit"}), 1);
  EXPECT_EQ(count("a snowy village covered in snow", {"snow"}), 1);
  EXPECT_EQ(count("a deserted beach, no people", {"deserted", "people"}), 1);
  EXPECT_EQ(count("a huge, massive tower", {"huge", "massive"}), 1);
  EXPECT_EQ(count("a huge tower and a massive bridge", {"huge", "massive"}), 2);
}

TEST(CaptionQuestions, DenialsInOtherWordsAreAskedAsDenied) {
  const std::vector<std::vector<std::string>> cases = {
      {"A kitchen with not a single chair", "Is the scene free of chairs?", "Are there any chairs?"},
      {"A clown with neither a hat nor a coat", "Is the clown without a coat?",
       "Is the clown wearing a coat?"},
      {"None of the nurses wears a mask", "Are the nurses without a mask?", "Are the nurses wearing a mask?"},
      {"The lamp is not lit", "Is the lamp unlit?", "Is the lamp lit?"},
      {"None of the jars is full", "Are the jars less than full?", "Are the jars full?"},
      {"A boy rides a horse without holding the reins", "Does the boy refrain from holding the reins?",
       "Does the boy hold the reins?"},
      {"A leafless oak", "Is the oak without leaves?", "Does the oak have leaves?"},
      {"A riderless horse", "Is the horse without a rider?", "Does the horse have a rider?"},
      {"A cat with wheels instead of paws", "Is the cat without paws?", "Does the cat have paws?"},
      {"A square empty of people", "Is the scene free of people?", "Are there any people?"},
      {"macro, snail, wet leaf, dew, no people", "Is the scene free of people?", "Are there any people?"},
      {"A moonless night", "Is the sky without a moon?", "Is the moon visible?"}};
  for (const auto& one : cases) {
    EXPECT_EQ(twin_of(one[0], one[1]), one[2]) << one[0];
    // What is not there is asked for nowhere else.
    EXPECT_FALSE(asks(one[0], one[2])) << one[0];
  }
  expect_unmentioned({
      {"No dog barks at a fence", "free of"},
      {"A street with no people with umbrellas", "free of"},
      {"A toy without a heart", "heart"},
      {"A cheetah runs. No other animals are visible.", "animals"},
      {"A nun on a hill, no people", "people"},
      {"A man eats without spilling a drop", "drop?"},
      {"None of the sailors wears a cap", "Is there a cap"},
  });
}

TEST(CaptionQuestions, TheOrderOfAPlotIsAsked) {
  expect_asked({
      {"Having tied the rope, the sailor opens a box",
       "Does the sailor tie the rope before opening the box?"},
      {"A monk opens a box, having tied the rope", "Does the monk tie the rope before opening the box?"},
      {"As soon as the dog barks, a cat jumps", "Does the dog bark before the cat jumps?"},
      {"A monk repairs a lamp, and lifts it", "Does the monk repair the lamp before lifting it?"},
      {"A monk drops a cup, picks up a bowl and opens a box",
       "Does the monk drop the cup before picking up the bowl?"},
      {"A monk wakes up after a storm, repairs a lamp", "Does the monk wake up before repairing the lamp?"},
      {"A monk opens a box. He lifts a bowl.", "Does the monk open the box before lifting the bowl?"},
      {"A monk dances on a hill with a dog. A nun sings. At last the monk opens a box.",
       "Does the nun sing before the monk opens the box?"},
      {"The camera glides past a tower, then turns to the lake",
       "Does the camera glide before turning to the lake?"},
  });
  expect_unmentioned({
      {"A monk polishes a box and lifts a bowl", " before "},  // perhaps at once
      {"A monk opens a box and smiles", " before "},           // ... and this surely
      {"A monk opens a box while he lifts a bowl", " before "},
      {"A monk opens a box or lifts it", " before "},
      {"Monks open a box. They lift a bowl.", " before "},  // each his own
      {"A monk opens a box. A nun lifts a bowl.", " before "},
      {"A monk opens a box, and raises an arm", " before "},
  });
}

// What things do by their nature, and the wishes that take it away.
TEST(CaptionQuestions, MatterBehavesWhereThePromptDoesNotWishOtherwise) {
  const std::vector<std::vector<std::string>> cases = {
      {"a street in the rain", "Does the rain fall downward?", "a street in the rain in reverse"},
      {"smoke over a town", "Does the smoke change its shape as it drifts?", "cartoon smoke over a town"},
      {"a campfire on a hill", "Does the campfire flicker?", "a frozen campfire on a hill"},
      {"a boat on a river", "Does the water of the river move?", "a boat on a frozen river"},
      {"a flag flutters", "Does the flag bend as it moves?", "a flag flutters in a dream"},
      {"a boat drifts on a lake", "Does the boat rest on the water?", "a boat drifts over a lake"},
      {"a car rolls across a desert", "Do the wheels of the car turn?",
       "a car rolls across a desert at night"},
      {"a dog beside a tower", "Does the tower stay firmly in its place?", "a dog beside a collapsing tower"},
      {"a vase topples", "Does the vase move downward while falling?", "a vase topples in space"},
      {"a ball knocks over the pins", "Do the pins fall when hit?",
       "a ball knocks over the pins in a cartoon"},
      {"a man walks", "Do the feet of the man meet the ground?", "a man walks on the moon"},
      {"two monks sit on a bench", "Do the monks stay monks throughout the video?",
       "two monks turn into frogs"},
      {"a chef fries fish", "Does the chef stay the same chef throughout the video?",
       "a chef becomes a frog"},
      {"Albert Einstein riding a horse", "Does Albert Einstein stay the same person throughout the video?",
       "Albert Einstein riding a magic horse"},
      {"a blorp in a kitchen", "Do heavy things stay on the ground or on what holds them up?",
       "a blorp above a kitchen"}};
  for (const auto& one : cases) {
    EXPECT_TRUE(texts(one[0], Aspect::kPF).count(one[1])) << one[0];
    EXPECT_FALSE(texts(one[2], Aspect::kPF).count(one[1])) << one[2];
    EXPECT_FALSE(texts(one[2], Aspect::kPF).empty());
  }
}

}  // namespace
}  // namespace drf::templates
