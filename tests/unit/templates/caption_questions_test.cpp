// The general parser: what it asks about captions that no template set knows.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "drf/base/files.h"
#include "drf/base/random.h"
#include "drf/templates/caption.h"
#include "drf/templates/templates.h"
#include "drf/templates/words.h"
#include "tests/unit/templates/caption_asked.h"

namespace drf::templates {
namespace {

// Each kind of fact, and the form in which it is asked.
TEST(CaptionQuestions, AskOneFactEach) {
  const std::vector<std::pair<std::string, Lines>> cases = {
      {"a red ball moves left on a gray background",
       {"Is there a ball?", "Is the ball red?", "Does the ball move?", "Does the ball move to the left?",
        "Is the background gray?"}},
      {"A cat sits on the table next to a blue vase.",
       {"Is there a cat?", "Is the cat sitting?", "Is the cat on the table?", "Is there a table?",
        "Is there a vase?", "Is the vase blue?"}},
      {"Two dogs run on the beach at sunset.",
       {"Are there dogs?", "Are there exactly two dogs?", "Do the dogs run?", "Is the setting a beach?",
        "Is it sunset?"}},
      {"An old man with a white beard is reading a book in a library.",
       {"Is there a man?", "Is the man old?", "Is the beard white?", "Does the man read the book?",
        "Is there a book?", "Is the setting a library?", "Does the man have a beard?"}},
      {"A flock of birds flies over the ocean",
       {"Are there birds?", "Do the birds fly?", "Do the birds fly over the ocean?"}},
      {"a close-up of a cup of coffee with steam rising",
       {"Is there a cup?", "Is there coffee?", "Is there steam?", "Does the steam rise?",
        "Is it a close-up?"}},
      {"A sign that says \"OPEN 24 HOURS\" above a door",
       {"Is there a sign?", "Is there a door?", "Does the text \"OPEN 24 HOURS\" appear in the video?"}},
      {"a boy and a girl are dancing in the rain",
       {"Is there a boy?", "Is there a girl?", "Does the boy dance?", "Does the girl dance?",
        "Is there rain?"}},
      {"A light blue car parked in front of a brick building",
       {"Is there a car?", "Is the car light blue?", "Is the car in front of the building?",
        "Is there a building?", "Is the building made of brick?"}},
      {"A girl in a red cloak",
       {"Is there a girl?", "Is the girl wearing a cloak?", "Is there a cloak?", "Is the cloak red?"}},
      {"a basket full of lemons",
       {"Is there a basket?", "Are the lemons in the basket?", "Are there lemons?"}},
      {"The camera slowly zooms in on a wooden house",
       {"Does the camera zoom in?", "Does the camera zoom in slowly?", "Is there a house?",
        "Is the house made of wood?"}},
      {"The camera follows a nun through a cave",
       {"Does the camera follow the nun?", "Is there a nun?", "Is there a cave?"}},
      {"a slice of pizza beside a chocolate bar",
       {"Is there pizza?", "Is the pizza beside the chocolate bar?", "Is there a chocolate bar?"}},
      {"A street musician bows. The musician smiles.",
       {"Is there a street musician?", "Does the street musician bow?", "Does the street musician smile?"}},
      {"a convoy of three trucks", {"Are there trucks?", "Are there exactly three trucks?"}},
      {"a bottle of milk beside a bowl",
       {"Is there a bottle?", "Is there milk?", "Is the bottle beside the bowl?", "Is there a bowl?"}},
      {"the silhouette of a horse", {"Is there a horse?"}},
      {"cat", {"Is there a cat?"}},
  };
  for (const auto& [prompt, want] : cases) EXPECT_EQ(facts(prompt), want) << prompt;
}

TEST(CaptionQuestions, TheSubjectIsWhoDoesIt) {
  expect_asked({
      {"A donkey with a straw hat pulls a cart", "Does the donkey pull the cart?"},
      {"A sailor with a grey beard repairing a net", "Does the sailor repair the net?"},
      {"A pilot waves his cap and a mechanic closes the door", "Does the mechanic close the door?"},
      {"A boy opens the window and shouts", "Does the boy shout?"},
      {"A nurse sits down. She reads a letter.", "Does the nurse read the letter?"},
  });
  expect_unmentioned({
      {"A pilot waves his cap and a mechanic closes the door", "the pilot close"},
      // Who reads, the aunt or the niece, is open.
      {"A woman with a girl reading a book", " read "},
      {"A woman meets a nun. She reads a book.", " read "},
      // What happens to whom, and what was before, is left out.
      {"a dog chased by a cat", "the dog chase"},
      {"a clown pulls a rope out of a bag", "pull the rope?"},  // not what it says alone
      {"a thief who wanted to eat a cake", "eat"},
  });
}

TEST(CaptionQuestions, WordsThatAreNounAndVerbAreDecidedByTheirNeighbours) {
  expect_asked({
      {"A man with short hair ties a rope", "Does the man tie the rope?"},
      {"A cup rolls off the table and breaks on the floor", "Does the cup break?"},
      {"a chef with a frying pan", "Is there a frying pan?"},
      {"an eagle flew over a hill", "Does the eagle fly?"},
  });
  expect_unmentioned({
      {"A man with short hair ties a rope", "hair ties"},
      {"A cup rolls off the table and breaks on the floor", "Are there breaks"},
      {"a chef with a hot frying pan", "Is there a hot"},
      {"her sister dances with a drum rolls", "rolls"},
  });
}

TEST(CaptionQuestions, WhatIsDeniedIsAskedAsDenied) {
  const std::string street = "A street with no cars and without bicycles";
  EXPECT_TRUE(asks(street, "Is the scene free of cars?"));
  EXPECT_EQ(twin_of(street, "Is the scene free of cars?"), "Are there any cars?");
  EXPECT_FALSE(asks(street, "Are there cars?"));
  EXPECT_TRUE(asks("a meadow without any sheep or goats", "Is the scene free of goats?"));
  const std::string waiter = "the waiter isn't wearing a tie";
  EXPECT_TRUE(asks(waiter, "Is the waiter without a tie?"));
  EXPECT_EQ(twin_of(waiter, "Is the waiter without a tie?"), "Is the waiter wearing a tie?");
  EXPECT_FALSE(asks(waiter, "Is there a tie?"));
  EXPECT_EQ(twin_of("A boy does not open the box", "Does the boy refrain from opening the box?"),
            "Does the boy open the box?");
  // Of one thing only: others may have it.
  EXPECT_EQ(twin_of("a painter without a brush", "Is the painter without a brush?"),
            "Does the painter have a brush?");
  EXPECT_EQ(twin_of("a snake slides past a stone without touching it",
                    "Does the snake refrain from touching the stone?"),
            "Does the snake touch the stone?");
  EXPECT_FALSE(mentions("a horse with a horn instead of a mane, never a saddle", "Is there a saddle"));
}

TEST(CaptionQuestions, TheOrderOfEventsIsAskedWhereItIsStated) {
  const auto order = [](const std::string& prompt) {
    for (const std::string& line : facts(prompt)) {
      if (line.find(" before ") != std::string::npos) return line;
    }
    return std::string();
  };
  const std::string peel = "A girl peels an orange, then opens a book";
  EXPECT_EQ(order(peel), "Does the girl peel the orange before opening the book?");
  EXPECT_EQ(twin_of(peel, order(peel)), "Does the girl open the book before peeling the orange?");
  EXPECT_EQ(order("Before the bell rings, the baker closes the oven"),
            "");  // "ring" says nothing without what
  EXPECT_EQ(order("After the dog barks, a cat jumps"), "Does the dog bark before the cat jumps?");
  EXPECT_EQ(order("A boy shakes a bottle until it explodes"),
            "Does the boy shake the bottle before the bottle explodes?");
  EXPECT_EQ(order("The camera pans left and then zooms in"), "Does the camera pan left before zooming in?");
  EXPECT_EQ(order("A girl peels an orange and opens a book"), "");
  EXPECT_EQ(order("A girl sings while a boy dances"), "");
  // What comes after the end is no fact by itself.
  EXPECT_FALSE(asks("A girl waves before she opens the door", "Does the girl open the door?"));
}

TEST(CaptionQuestions, WhatIsOnlySpokenOfIsNotThere) {
  expect_unmentioned({
      {"a lamp in the shape of a swan", "swan"},
      {"a boy dressed as a pirate", "pirate?"},
      {"a cloud that looks like a rabbit", "a rabbit"},
      {"a man dreaming of dragons", "dragon"},
      {"a statue of a lion", "lion"},
      {"a girl who wants a pony", "pony"},
      {"at the end a dog barks", "an end"},
      {"a woman in her forties", "forties"},
      {"a column of smoke", "column"},
      {"a train of camels", "train"},
      {"a tower of cards", "tower"},
      {"a cat sleeps in the sun", "sun"},  // it may only light what is seen
      {"a drone flies over a farm", "drone"},
      {"a farm, handheld camera", "shaky"},
      {"a man at a bus stop", "a bus"},
      {"After the rain stops, a snail crawls", "rain"},
  });
}

// Constructions of captions: what must be asked, and words that no alignment question may have.
TEST(CaptionQuestions, ConstructionsAreReadOrLeftOut) {
  struct Case {
    std::string prompt;
    Lines asked, never;
  };
  const std::vector<Case> cases = {
      // what denies ends at an article, "without" does not
      {"A shed with no doors and a single ladder",
       {"Is the shed without doors?"},
       {"without ladder", "free of"}},
      {"a cafe with no customers and an old clock", {}, {"free of clocks"}},
      {"a horse without a saddle and a rider", {}, {"Is there a rider", "free of riders"}},
      {"A woman drinking tea without a cup", {"Is the woman without a cup?"}, {"tea without", "tea have"}},
      {"a beach, not a cloud in the sky", {"Is the scene free of clouds?"}, {"Is there a cloud"}},
      {"a valley without a single tree", {"Is the scene free of trees?"}, {"Is there a tree"}},
      // doubts
      {"The girl barely smiles", {"Is there a girl?"}, {"smile"}},
      {"the boat almost sinks", {"Is there a boat?"}, {"sink"}},
      {"a monk who hardly moves", {"Is there a monk?"}, {"move"}},
      // comparisons
      {"A frog as big as a truck hops", {"Does the frog hop?"}, {"truck"}},
      {"a loaf as hard as stone", {}, {"stone"}},
      {"The taller girl hugs the shorter girl", {"Is there a girl?"}, {"hug", "taller"}},
      {"a cat and another cat, the other cat sleeps", {}, {"cat sleeping"}},
      {"A red ball and a blue ball. The blue ball rolls", {"Does the blue ball roll?"}, {"red ball roll"}},
      {"A red ball and a blue ball. The ball rolls", {}, {"roll"}},
      // fixed phrases
      {"a swing moving back and forth", {"Does the swing move?"}, {"the back"}},
      {"two ducks swim side by side", {"Do the ducks swim?"}, {"Is there a side"}},
      {"a boy juggles on a planet", {"Does the boy juggle?"}, {"Is there a planet"}},
      // particles and places
      {"A girl finds a coin and picks it up", {}, {"pick the coin"}},
      {"a dog shakes water off its fur", {"Is there water?"}, {"shake water?", "shake the water?"}},
      {"a man throws away a broken cup", {"Does the man throw away the cup?"}, {}},
      {"She looks out of the window", {}, {"look from"}},
      {"a boy runs across a bridge", {"Does the boy run across the bridge?"}, {}},
      {"a car stops at a traffic light", {"Does the car stop at the traffic light?"}, {}},
      {"a nurse hugs a boy in a green coat", {}, {"in the coat"}},
      {"water freezes into ice", {"Does the water freeze?"}, {"freeze into"}},
      // who does it
      {"a woman in a red coat holding a kite", {"Does the woman hold the kite?"}, {"coat hold"}},
      {"A nun with red cheeks and a scarf sits", {"Is the nun sitting?"}, {"scarf sit"}},
      {"After locking the door, the guard yawns",
       {"Does the guard lock the door before yawning?"},
       {"the door whistle"}},
      {"a man in a hat, holding a cup", {"Does the man hold the cup?"}, {}},
      {"a man and a boy, holding a cup", {}, {"hold"}},
      {"a mouse chased by a cat", {"Does the cat chase the mouse?"}, {"mouse chase"}},
      {"pine trees rise from the fog", {"Are there pine trees?"}, {"rise"}},
      {"the road runs along a cliff", {}, {"run"}},
      // pictures, parts, kin, media
      {"a boy draws a castle", {"Does the boy draw the castle?"}, {"Is there a castle"}},
      {"a man carves an owl", {}, {"Is there an owl"}},
      {"a lion with the head of a goat", {"Is there a lion?"}, {"Is there a goat"}},
      {"a girl waves at her brother", {}, {"Is there a brother"}},
      {"a dog, pencil on paper", {"Is there a dog?"}, {"pencil", "paper"}},
      {"a quick pan to a clock", {"Is there a clock?"}, {"Is there a pan"}},
      // quotes are asked where they are written
      {"A mug with the text \"Boss\"", {"Does the text \"Boss\" appear in the video?"}, {}},
      {"\"Run!\" shouts a sailor", {"Is there a sailor?"}, {"Run!"}},
      {"a boy reading \"Dracula\" in bed", {}, {"Dracula"}},
      {"a poster of \"Alien\" above a bed", {"Is there a poster?"}, {"Alien"}},
      // colors that are kinds
      {"a black woman and a red panda",
       {"Is there a woman?", "Is there a red panda?"},
       {"black", "Is there a panda"}},
      {"a glass of white wine", {"Is there wine?"}, {"white"}},
      // words that may be verbs
      {"The carpenter planes a board", {}, {"carpenter planes"}},
      {"a flock of sheep blocks the road", {}, {"sheep blocks"}},
      {"Two samurai face each other", {"Are there samurai?"}, {"samurai face"}},
      // parts of the video
      {"The clip opens on an aerial view of a lake, then cuts to a kitchen",
       {},
       {"seen from above", "Is the setting"}},
      {"A cat sits in a kitchen. A dog runs on a beach.",
       {"Does the video show a kitchen?", "Does the video show a beach?"},
       {"Is the setting"}},
      {"a dog sits, behind it, out of focus, a car", {"Is there a dog?"}, {"blurry"}},
      // what turns into what
      {"a leaf turns from green to red", {"Does the leaf turn red?"}, {}},
      {"a tadpole turns into a frog", {"Does the tadpole turn into a frog?"}, {"Is there a frog"}},
      // names
      {"A Ferrari drifts past the Colosseum", {"Does the video show the Colosseum?"}, {}},
      {"the Roman soldier waves", {}, {"show the Roman"}},
      // an unknown verb leaves its subject in peace
      {"a hedgehog flumphed up in a basket", {"Is there a hedgehog?"}, {"flumph"}},
      {"a nurse blorps across a yard", {"Is there a nurse?"}, {"blorp"}},
      {"please make a dog sing please", {}, {"Is there a please"}},
      {"a few nuns and a dozen eggs", {"Are there nuns?", "Are there exactly twelve eggs?"}, {"few"}},
      {"a row of red, yellow and blue doors", {"Are there doors?"}, {"yellow and blue"}},
      {"The chef cracks two eggs", {"Does the chef crack the eggs?"}, {"chef cracks"}},
      {"rain dripping off a hat", {"Does the rain drip?"}, {"onto the hat"}},
      {"The woman takes a deep breath", {"Is there a woman?"}, {"breath"}},
      {"the wind moves through a field", {}, {"wind move"}},
      {"a girl feeds carrots to a pony", {"Are there carrots?"}, {"feed the carrots?"}},
      {"a pixel art wolf", {}, {"pixel art wolf"}},
      // what the camera does next is no thing
      {"The camera circles a statue, then pans left", {"Does the camera pan left?"}, {"there pans"}},
      {"The camera zooms out and pans right across a harbor", {"Does the camera pan right?"}, {"there pans"}},
      {"a tower, then pans down to a dog", {"Is there a dog?"}, {"there pans"}},
      {"A cook washes two pans", {"Are there pans?"}, {}},
      // who turned into something else does nothing more
      {"A frog turns into a prince and bows to a crowd",
       {"Does the frog turn into a prince?"},
       {"frog bow?", "frog bow to the crowd?"}},
      {"A pumpkin transforms into a carriage, then rolls down a road", {"Is there a pumpkin?"}, {"roll"}},
      {"A caterpillar becomes a butterfly and flies over a fence",
       {"Is there a caterpillar?"},
       {"fly", "flies"}},
      {"A witch turns a boy into a mouse and the boy runs under a table", {"Is there a witch?"}, {"boy run"}},
      {"A van turns into a driveway", {"Is there a van?"}, {"into a"}},
      {"The camera glides past a statue, then cranes up", {}, {"there cranes"}},
      // a list of what is not there
      {"A table with no plates, cups or forks",
       {"Is the table without plates?", "Is the table without cups?", "Is the table without forks?"},
       {"Are there cups", "Are there forks"}},
      {"A street without cars, buses and a dog", {}, {"Are there buses"}},
      // plural agents that are things too
      {"A chair on wooden runners", {"Is there a chair?"}, {"runners"}},
      {"Two trainers beside a mat", {}, {"trainers"}},
      {"An old radio and a box of drivers", {}, {"drivers"}},
      {"Two runners jog along a river", {"Are there runners?", "Do the runners jog?"}, {}},
      // up and down tell apart only what is steep
      {"A girl walks down a street", {"Does the girl walk down the street?"}, {"up the street"}},
      {"A cart rolls down a narrow lane", {}, {"up the lane"}},
      {"A boy runs up a path", {}, {"down the path"}},
      // contraries that make sense
      {"Fog fills the valley", {}, {"empty"}},
      {"The moon lights the field", {}, {"extinguish"}},
      {"Two men push a cart", {}, {"pull"}},
      {"A man walks along a wall and stops", {"Does the man walk?"}, {"stay still"}},
      // what is said of a part
      {"A shepherd waits in a thunderstorm until the sun comes out", {}, {"stormy"}},
      {"A village on a rainy day, then the sky turns blue", {}, {"raining"}},
      {"A foggy harbor; the fog clears", {}, {"Is it foggy"}},
      {"A foggy street that gives way to a bright square", {}, {"Is it foggy"}},
      {"Two girls dance at dusk. At the end stars fill the night sky.", {}, {"Is it dusk", "Is it night"}},
      {"A man opens a door at night, then takes off his coat", {"Is it night?"}, {}},
      // asked already
      {"A campfire in a forest catches fire", {"Is there a campfire?"}, {"Is there fire?"}},
      {"A rowing boat on a lake, the boat sinks", {"Is there a rowing boat?"}, {"Is there a boat"}},
      {"A telephone stands beside a phone", {"Is there a telephone?"}, {"Is there a phone"}},
      {"A telephone rings and a woman picks up the phone", {"Is there a telephone?"}, {"Is there a phone"}},
      // twins that the place implies
      {"A doll in a toy chest", {}, {"Is there a bed?"}},
      {"A nightstand at midnight", {}, {"Is there a bed?"}},
      {"A nurse beside a stool", {}, {"Is there a bed?"}},
      // order of a list; what somebody lacks
      {"A tailor opens a box, blorps a thread, and then smiles",
       {"Does the tailor open the box before smiling?"},
       {}},
      {"A tailor opens a box, a dog barks, and then yawns", {}, {"box before"}},
      {"The boy doesn't have a kite", {"Is the boy without a kite?"}, {"Is there a kite"}},
      {"The clock has no numbers and the girls have no umbrella", {}, {"Is there an umbrella"}},
      {"A bus with fins on its sides instead of wheels", {"Is the bus without wheels?"}, {}},
      {"A canoe glides over a lake, without a paddler", {}, {"Is there a paddler"}},
      {"A raft drifts on a lake, without a sailor", {"Is the scene free of sailors?"}, {"Is there a sailor"}},
      {"a treeless desert", {"Is the scene free of trees?"}, {}},
      {"a windless, birdless field", {"Is the scene free of birds?"}, {"windless?"}},
      {"a treeless island", {"Is the scene free of trees?"}, {}},
      {"A boy opens a box", {"Does the boy open the box?"}, {"open the ring"}},
      {"Three sailors on a field wave to the crowd", {}, {"field wave"}},
      {"a street empty of cars", {"Is the scene free of cars?"}, {"Are there cars"}},
      {"a headless statue in a cloudless desert", {}, {"free of heads"}}};
  for (const Case& one : cases) {
    for (const std::string& text : one.asked)
      EXPECT_TRUE(asks(one.prompt, text)) << one.prompt << ": " << text;
    for (const std::string& words : one.never)
      EXPECT_FALSE(mentions(one.prompt, words)) << one.prompt << ": " << words;
  }
}

TEST(CaptionQuestions, NamesStayWhole) {
  expect_asked({
      {"Ada Lovelace playing a piano in San Francisco", "Does the video show Ada Lovelace?"},
      {"Ada Lovelace playing a piano in San Francisco", "Does Ada Lovelace play the piano?"},
      {"Ada Lovelace playing a piano in San Francisco", "Does the video show San Francisco?"},
      {"the Golden Gate Bridge in fog", "Does the video show the Golden Gate Bridge?"},
      {"A Small Dog Chases A Red Ball", "Does the dog chase the ball?"},
  });
  expect_unmentioned({
      {"a Persian cat", "Persian"},
  });
}

TEST(CaptionQuestions, RequestsAndWordsAboutTheVideoAreNoPartOfIt) {
  for (const std::string head :
       {"", "Please make a short video of ", "Can you create a 10 second clip in which ", "The video shows ",
        "This animation depicts ", "What would it look like if "}) {
    EXPECT_EQ(facts(head + "a fox paints a fence"),
              (Lines{"Is there a fox?", "Does the fox paint the fence?", "Is there a fence?"}))
        << head;
  }
  const auto open = [](const std::string& prompt) {
    const auto questions = asked(prompt);
    return std::any_of(questions.begin(), questions.end(),
                       [](const auto& q) { return q.kind == Kind::kDense; });
  };
  EXPECT_TRUE(open("a fox paints a fence"));
  EXPECT_FALSE(open("Please make a video of a fox"));  // a wish is no description
  EXPECT_FALSE(open("1girl, red hair, guitar, night, masterpiece"));
  EXPECT_TRUE(asks("1girl, red hair, guitar, night, masterpiece", "Is there a guitar?"));
}

TEST(CaptionQuestions, SlipsOfThePenAreNotCopied) {
  const std::string prompt = "a yuong man riddes a hosre next to a church";
  EXPECT_TRUE(asks(prompt, "Is there a church?"));
  for (const char* word : {"yuong", "riddes", "hosre", "horse", "ride"})
    EXPECT_FALSE(mentions(prompt, word)) << word;
}

TEST(CaptionQuestions, TwinsContradict) {
  EXPECT_EQ(twin_of("A boy runs up a staircase", "Does the boy run up the staircase?"),
            "Does the boy run down the staircase?");
  EXPECT_EQ(twin_of("A woman fills a bucket", "Does the woman fill the bucket?"),
            "Does the woman empty the bucket?");
  EXPECT_EQ(twin_of("A boy lifts a chair", "Does the boy lift the chair?"), "");  // and puts it down
  const std::string dogs = "two big dogs run to the left in front of a house at night";
  EXPECT_EQ(twin_of(dogs, "Are the dogs big?"), "Are the dogs small?");
  EXPECT_EQ(twin_of(dogs, "Do the dogs run?"), "Do the dogs stay still?");
  EXPECT_EQ(twin_of(dogs, "Do the dogs move to the left?"), "Do the dogs move to the right?");
  EXPECT_EQ(twin_of(dogs, "Is it night?"), "Is it day?");
  EXPECT_EQ(twin_of(dogs, "Are there exactly two dogs?"), "Are there exactly three dogs?");
  EXPECT_EQ(twin_of("a cat in front of a house", "Is the cat in front of the house?"),
            "Is the cat behind the house?");
  EXPECT_EQ(twin_of("a man sits", "Is the man sitting?"), "Is the man standing?");
  EXPECT_EQ(twin_of("a man sits down", "Is the man sitting?"), "");  // he stood before
  EXPECT_EQ(twin_of("an old car", "Is the car old?"), "Is the car new?");
  EXPECT_EQ(twin_of("an old man", "Is the man old?"), "Is the man young?");
  EXPECT_EQ(twin_of("the camera pans left", "Does the camera pan left?"), "Does the camera pan right?");
}

TEST(CaptionQuestions, TwinsNameNothingThatThePromptNamesOrImplies) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    QuestionOptions options;
    options.seed = seed;
    for (const Question& q : asked("a crimson puppy and a silver spoon", options)) {
      EXPECT_NE(q.text, "Is there a dog?");
      EXPECT_NE(q.text, "Is the puppy red?");
      EXPECT_NE(q.text, "Is the puppy orange?");  // may be taken for it
      EXPECT_NE(q.text, "Is the spoon white?");
    }
    for (const Question& q : asked("a goat on a farm, a tower by the sea, a tram in a city", options)) {
      for (const char* expected :
           {"Is there a horse?", "Is there a sheep?", "Is there a lighthouse?", "Is there a bus?"})
        EXPECT_NE(q.text, expected);
    }
  }
  QuestionStats stats;
  make_questions({"a parrot", "a window"}, {}, {}, &stats);
  EXPECT_EQ(stats.near_twins, 1);  // an animal for an animal
  EXPECT_EQ(stats.far_twins, 1);   // a snowman for a window
}

TEST(CaptionQuestions, OtherLanguagesAndNonsenseKeepTheOpenQuestion) {
  for (const std::string prompt :
       {"Ein roter Ball rollt nach links auf dem Tisch", "el perro corre a la playa con un gato", "Zxqv",
        "12345", "?!", "\xE4\xB8\x80\xE5\x8F\xAA\xE7\x8C\xAB", "the the a an"}) {
    EXPECT_EQ(facts(prompt), Lines{}) << prompt;
    const auto questions = asked(prompt);
    ASSERT_FALSE(questions.empty());
    EXPECT_EQ(questions[0].text, "Describe the video.");
    EXPECT_EQ(questions[0].answer, prompt);
    // Without it there is still a question of every aspect.
    QuestionOptions options;
    options.dense = false;
    std::string what = prompt;
    EXPECT_EQ(asked(prompt, options)[0].text, prompt == "?!" ? "Does the video fit the words \"?!\"?"
                                                             : "Does the video show this: " + what + "?")
        << prompt;
  }
}

TEST(CaptionQuestions, PhysicsIsAskedWhereThePromptGivesOccasion) {
  const auto physics = [](const std::string& prompt) { return texts(prompt, Aspect::kPF); };
  EXPECT_TRUE(physics("a ball bounces").count("Do objects fall as gravity demands?"));
  EXPECT_FALSE(physics("a ball rolls").count("Do objects fall as gravity demands?"));
  EXPECT_FALSE(physics("a ball drops in space").count("Do objects fall as gravity demands?"));
  EXPECT_TRUE(physics("a dog walks").count("Do the limbs move naturally?"));
  EXPECT_TRUE(physics("a dog walks").count("Do the legs of the dog move?"));
  EXPECT_TRUE(physics("a cup on a table").count("Do objects touch one another without merging?"));
  EXPECT_TRUE(physics("a candle melts").count("Does the candle lose its shape as it melts?"));
  EXPECT_TRUE(physics("a man drives a car").count("Do the wheels of the car turn?"));
}

// What the prompt wishes is not asked for as a fault, and no aspect goes empty.
TEST(CaptionQuestions, GenericQuestionsYieldToWhatThePromptWishes) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"a chocolate egg melts", "Do the objects keep their shape and color?"},
      {"a caterpillar turns into a butterfly", "Do the objects keep their shape and color?"},
      {"a lamp flickers", "Is the motion smooth?"},
      {"a shaky handheld shot of a street", "Is the motion smooth?"},
      {"a rabbit vanishes", "Does every object stay in existence?"},
      {"a ghost walks through a wall on a hill", "Do objects touch one another without merging?"},
      {"a mermaid swims", "Do the limbs move naturally?"},
      {"a blurry dog", "Is the video sharp?"},
      {"a dog, film grain", "Is the video free of artifacts?"},
      {"a dog on old VHS footage", "Is the video free of artifacts?"},
      {"confetti falls on a dog", "Are the corners and edges of the picture clean?"},
      {"a dog at night", "Is the exposure natural?"},
      {"a cartoon dog", "Is the exposure natural?"}};
  for (const auto& [prompt, text] : cases) {
    for (const Aspect aspect : {Aspect::kPF, Aspect::kVQ}) {
      EXPECT_FALSE(texts(prompt, aspect).count(text)) << prompt;
      EXPECT_FALSE(texts(prompt, aspect).empty()) << prompt;
    }
  }
  const std::string calm = "a wooden chair beside a stone table";
  EXPECT_TRUE(texts(calm, Aspect::kPF).count("Do the objects keep their shape and color?"));
  EXPECT_TRUE(texts(calm, Aspect::kVQ).count("Is the exposure natural?"));
}

// A row a kind of wish: a prompt and the questions that it contradicts.
TEST(CaptionQuestions, EveryKindOfWishTakesItsQuestionsAway) {
  const std::string shape = "Do the objects keep their shape and color?", smooth = "Is the motion smooth?",
                    exist = "Does every object stay in existence?", sharp = "Is the video sharp?",
                    clean = "Are the corners and edges of the picture clean?",
                    light = "Is the exposure natural?", noise = "Is the video free of artifacts?",
                    limbs = "Do the limbs move naturally?";
  const std::vector<std::pair<std::string, Lines>> cases = {
      {"a bridge is destroyed by a flood", {shape, exist, smooth}},
      {"an overexposed shot of a swan", {noise, clean, light}},
      {"a pond with a strong lens flare", {noise, clean, light}},
      {"a boat, damaged VHS tape with dropouts", {noise, clean}},
      {"a church, heavy jpeg compression", {noise, clean}},
      {"a man jumps over a falling wall", {smooth}},
      {"two cars collide at a crossing", {shape, smooth}},
      {"a city from day to night", {shape, smooth, exist}},
      {"reverse footage of a vase", {shape, smooth, exist}},
      {"a seed sprouts", {shape, exist}},
      {"a man steps out of the fog", {shape, exist, light, sharp}},
      {"quick cuts between a dog and a cat", {shape, smooth, exist}},
      {"split screen of a desert and a forest", {shape, smooth, exist}},
      {"a double exposure of a woman and a tree", {shape, smooth, exist, sharp, light}},
      {"claymation of two sheep", {shape, smooth, sharp, noise, clean}},
      {"a paper cut-out animation of a ship", {shape, smooth, sharp, noise, clean, light}},
      {"fish-eye view of a park", {sharp, clean}},
      {"thermal camera footage of a deer", {smooth, sharp, noise}},
      {"CCTV recording of a street", {smooth, sharp, noise}},
      {"a dog with five legs walks", {limbs}},
      {"an eight-armed dancer dances", {limbs}},
      {"a woman without arms walks", {limbs}},
      // words that no list knows, misspelled ones and names may mean anything
      {"a blorp on a chair", {shape, smooth, exist}},
      {"a man wlaks on a chair", {shape, smooth, exist}},
      {"Godzilla on a chair", {shape, smooth, exist}},
      {"a flag flutters", {shape}},
      {"a geyser erupts", {shape, exist}}};
  for (const auto& [prompt, gone] : cases) {
    for (const Aspect aspect : {Aspect::kPF, Aspect::kVQ}) {
      EXPECT_FALSE(texts(prompt, aspect).empty()) << prompt;
      for (const std::string& text : gone) EXPECT_FALSE(texts(prompt, aspect).count(text)) << prompt << text;
    }
  }
  EXPECT_FALSE(texts("Four kittens follow their mother", Aspect::kVQ)
                   .count("Does the face of the mother look natural?"));
  EXPECT_FALSE(texts("a boy made of smoke walks", Aspect::kPF).count(limbs));
  EXPECT_FALSE(texts("a castle during a thunderstorm", Aspect::kVQ).count(light));
  for (const std::string& text : {shape, smooth, exist})
    EXPECT_TRUE(texts("a man sits on a bench and reads a newspaper", Aspect::kPF).count(text)) << text;
}

TEST(CaptionQuestions, WhoIsThereStaysTheSame) {
  const std::string same = "Does the dog stay the same dog throughout the video?";
  EXPECT_EQ(twin_of("a dog sits", same), "Does the dog turn into something else?");
  for (const std::string prompt :
       {"a dog turns into a cat", "a puppy grows into a dog", "a dog under a spell", "a dream of a dog",
        "two dogs", "no dog", "a dog and a dog", "a dog disguised as a sheep", "a dog shatters"})
    EXPECT_FALSE(texts(prompt, Aspect::kPF).count(same)) << prompt;
  // Of whom only something is shown: no face.
  EXPECT_FALSE(texts("my neighbor's cat", Aspect::kVQ).count("Does the face of the neighbor look natural?"));
}

TEST(CaptionQuestions, LongPromptsKeepToABound) {
  std::string prompt;
  for (const char* color : {"red", "green", "blue", "yellow"}) {
    for (const char* noun : {"cup", "book", "hat", "dog", "cat", "car", "lamp", "bag", "box", "kite"})
      prompt += std::string("a ") + color + " " + noun + " beside a table. ";
  }
  EXPECT_EQ(facts(prompt).size(), 40u);
  EXPECT_EQ(facts(std::string(5000, 'x')).size(), 0u);
}

TEST(CaptionQuestions, AnyTextGivesEveryAspectWithoutDuplicatesAndTheSameTwice) {
  // Word salad of everything the grammar treats differently.
  const Lines words = {"a",
                       "the",
                       "two",
                       "red",
                       "wooden",
                       "dog",
                       "people",
                       "runs",
                       "running",
                       "without",
                       "Paris",
                       "sits",
                       "on",
                       "next",
                       "to",
                       "of",
                       "left",
                       "and",
                       "that",
                       "it",
                       "then",
                       "before",
                       "with",
                       "rain",
                       "beach",
                       "camera",
                       "zooms",
                       "in",
                       ",",
                       ".",
                       "\"x\"",
                       "isn't",
                       "no",
                       "'s",
                       "flock",
                       "zorgs",
                       "while",
                       "is",
                       "light",
                       "blue",
                       "up",
                       "teh",
                       "\xC3\xA9t\xC3\xA9"};
  RandomStream random({7, Purpose::kTwins, 0, 0});
  for (int trial = 0; trial < 1000; ++trial) {
    std::string prompt;
    for (uint64_t n = 1 + random.next_below(14); n > 0; --n)
      prompt += words[random.next_below(words.size())] + " ";
    const auto questions = asked(prompt);
    EXPECT_EQ(questions, asked(prompt));
    std::set<std::string> texts;
    std::map<Aspect, int> aspects;
    for (const Question& q : questions) {
      EXPECT_TRUE(texts.insert(q.text).second) << prompt << ": " << q.text;
      EXPECT_TRUE(is_utf8(q.text)) << prompt;
      EXPECT_EQ(q.text.find("  "), std::string::npos) << prompt << ": " << q.text;
      ++aspects[q.aspect];
    }
    EXPECT_EQ(aspects.size(), 3u) << prompt;
  }
}

TEST(Words, FormsFollowTheRulesAndTheirExceptions) {
  EXPECT_EQ(third_person("carry"), "carries");
  EXPECT_EQ(third_person("play"), "plays");
  EXPECT_EQ(third_person("catch"), "catches");
  EXPECT_EQ(gerund("run"), "running");
  EXPECT_EQ(gerund("ride"), "riding");
  EXPECT_EQ(gerund("lie"), "lying");
  EXPECT_EQ(gerund("sleep"), "sleeping");
  EXPECT_EQ(meant("playng"), "playing");
  EXPECT_EQ(meant("teh"), "the");
  EXPECT_EQ(meant("walrus"), "");
  EXPECT_EQ(plural_of("woman"), "women");
  EXPECT_EQ(plural_of("knife"), "knives");
  EXPECT_EQ(plural_of("giraffe"), "giraffes");
  EXPECT_EQ(plural_of("sheep"), "sheep");
  EXPECT_EQ(plural_of("fox"), "foxes");
  EXPECT_EQ(with_article("umbrella"), "an umbrella");
  EXPECT_EQ(with_article("unicorn"), "a unicorn");
  EXPECT_EQ(with_article("hourglass"), "an hourglass");
  EXPECT_EQ(find_number("twelve"), 12);
  EXPECT_EQ(find_number("7"), 7);
  EXPECT_FALSE(find_number("0"));
  EXPECT_FALSE(find_number("21"));
}

}  // namespace
}  // namespace drf::templates
