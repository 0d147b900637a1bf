// The general parser: what it asks about captions that no template set knows.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "drf/base/files.h"
#include "drf/base/random.h"
#include "drf/critic/templates.h"
#include "drf/critic/templates_caption.h"
#include "drf/critic/templates_words.h"

namespace drf::critic {
namespace {

using Lines = std::vector<std::string>;

std::vector<Question> asked(const std::string& prompt, const QuestionOptions& options = {}) {
  return make_questions({prompt}, {}, options);
}

// The alignment questions with the answer Yes, in order.
Lines facts(const std::string& prompt) {
  Lines lines;
  for (const Question& q : asked(prompt)) {
    if (q.aspect == Aspect::kTA && q.kind == Kind::kYesNo && q.answer == "Yes") lines.push_back(q.text);
  }
  return lines;
}

// The twin right behind `text`, or "".
std::string twin_of(const std::string& prompt, const std::string& text) {
  const auto questions = asked(prompt);
  for (size_t i = 0; i + 1 < questions.size(); ++i) {
    if (questions[i].text == text && questions[i + 1].answer == "No") return questions[i + 1].text;
  }
  return "";
}

TEST(CaptionQuestions, AskOneFactEach) {
  const std::vector<std::pair<std::string, Lines>> cases = {
      {"a red ball moves left on a gray background",
       {"Is there a ball?", "Is the ball red?", "Does the ball move?", "Does the ball move to the left?",
        "Is the background gray?"}},
      {"A cat sits on the table next to a blue vase.",
       {"Is there a cat?", "Does the cat sit?", "Is there a table?", "Is the cat on the table?",
        "Is there a vase?", "Is the vase blue?", "Is the cat next to the vase?"}},
      {"Two dogs run on the beach at sunset.",
       {"Are there dogs?", "Are there two dogs?", "Do the dogs run?", "Is the setting a beach?",
        "Is the sun low in the sky?"}},
      {"a corgi chases a frisbee",
       {"Is there a corgi?", "Does the corgi chase the frisbee?", "Is there a frisbee?"}},
      {"Three small yellow ducks swimming in a pond",
       {"Are there ducks?", "Are there three ducks?", "Are the ducks small?", "Are the ducks yellow?",
        "Do the ducks swim?", "Is the setting a lake or river?"}},
      {"An old man with a white beard is reading a book in a library.",
       {"Is there a man?", "Is the man old?", "Is there a beard?", "Is the beard white?",
        "Does the man read the book?", "Is there a book?", "Is the setting a library?"}},
      {"A flock of birds flies over the ocean from left to right",
       {"Are there birds?", "Do the birds fly?", "Is the setting the sea?",
        "Do the birds move to the right?"}},
      {"A red ball and a blue ball roll down a ramp",
       {"Is there a ball?", "Is there a red ball?", "Is there a blue ball?", "Does the ball roll?",
        "Is there a ramp?"}},
      {"A black and white cat jumping onto a sofa",
       {"Is there a cat?", "Is the cat black and white?", "Does the cat jump?", "Is there a sofa?"}},
      {"a close-up of a cup of coffee with steam rising",
       {"Is it a close-up?", "Is there a cup?", "Is there coffee?", "Is there steam?",
        "Does the steam rise?"}},
      {"A sign that says \"OPEN 24 HOURS\" hangs above the door",
       {"Is there a sign?", "Does the text \"OPEN 24 HOURS\" appear in the video?", "Does the sign hang?",
        "Is there a door?", "Is the sign above the door?"}},
      {"a boy and a girl are dancing in the rain",
       {"Is there a boy?", "Is there a girl?", "Does the boy dance?", "Does the girl dance?",
        "Is it raining?"}},
      {"astronaut riding a horse on the moon, watercolor style",
       {"Is there an astronaut?", "Does the astronaut ride the horse?", "Is there a horse?",
        "Is the moon visible?", "Is the horse on the moon?", "Is the video in watercolor style?"}},
      {"A robot arm picks up a green cube and places it on a wooden table.",
       {"Is there a robot arm?", "Does the robot arm pick up the cube?", "Is there a cube?",
        "Is the cube green?", "Does the robot arm place the cube?", "Is there a table?",
        "Is the table made of wood?", "Is the cube on the table?"}},
      {"A car drives toward the camera on a highway at night, slow motion",
       {"Is there a car?", "Does the car drive?", "Does the car move toward the camera?",
        "Is the setting a street?", "Is it night?", "Is the video in slow motion?"}},
      {"A light blue car parked in front of a brick building",
       {"Is there a car?", "Is the car light blue?", "Is there a building?", "Is the building made of brick?",
        "Is the car in front of the building?"}},
      {"A cute fluffy panda drinks coffee, pixel art",
       {"Is there a panda?", "Is the panda fluffy?", "Does the panda drink the coffee?", "Is there coffee?",
        "Is the video in pixel art style?"}},
      {"A young woman wearing sunglasses and a leather jacket rides a motorcycle",
       {"Is there a woman?", "Is the woman young?", "Does the woman wear the sunglasses?",
        "Are there sunglasses?", "Is there a jacket?", "Is the jacket made of leather?",
        "Does the woman wear the jacket?", "Does the woman ride the motorcycle?", "Is there a motorcycle?"}},
      {"She opens the door and walks away from the camera",
       {"Is there a person?", "Does the person open the door?", "Is there a door?", "Does the person walk?",
        "Does the person move away from the camera?"}},
      {"The camera slowly zooms in on a wooden house",
       {"Does the camera zoom in?", "Is there a house?", "Is the house made of wood?"}},
      {"Nine balloons, two kites and 3 birds are in the sky",
       {"Are there balloons?", "Are there nine balloons?", "Are there kites?", "Are there two kites?",
        "Are there birds?", "Are there three birds?"}},
      {"cat", {"Is there a cat?"}},
  };
  for (const auto& [prompt, want] : cases) EXPECT_EQ(facts(prompt), want) << prompt;
}

TEST(CaptionQuestions, TwinsContradict) {
  const std::string dogs = "two big dogs run to the left in front of a house at night";
  EXPECT_EQ(twin_of(dogs, "Are the dogs big?"), "Are the dogs small?");
  EXPECT_EQ(twin_of(dogs, "Do the dogs run?"), "Do the dogs stay still?");
  EXPECT_EQ(twin_of(dogs, "Do the dogs move to the left?"), "Do the dogs move to the right?");
  EXPECT_EQ(twin_of(dogs, "Are the dogs in front of the house?"), "Are the dogs behind the house?");
  EXPECT_EQ(twin_of(dogs, "Is it night?"), "Is it day?");
  const std::string number = twin_of(dogs, "Are there two dogs?");
  EXPECT_TRUE(number == "Are there three dogs?" || number == "Are there four dogs?" ||
              number == "Are there five dogs?" || number == "Are there six dogs?")
      << number;
  EXPECT_EQ(twin_of("a man sits", "Does the man sit?"), "Does the man stand?");
  EXPECT_EQ(twin_of("an old car", "Is the car old?"), "Is the car new?");
  EXPECT_EQ(twin_of("an old man", "Is the man old?"), "Is the man young?");
  EXPECT_EQ(twin_of("the camera pans left", "Does the camera pan left?"), "Does the camera pan right?");
}

TEST(CaptionQuestions, TwinsNameNothingThatThePromptNames) {
  // Nearly every color is taken, so the few that are left must be the twins'.
  const std::string prompt =
      "a red, orange, yellow, green, blue, purple, pink, brown and black parrot sits on a white cat";
  for (const Question& q : asked(prompt)) {
    if (q.aspect != Aspect::kTA || q.answer != "No") continue;
    for (const char* color : {"red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "black"})
      EXPECT_EQ(q.text.find(color), std::string::npos) << q.text;
    EXPECT_EQ(q.text.find("a cat"), std::string::npos) << q.text;
  }
  // Kin count as named: a puppy is a dog.
  for (uint64_t seed = 0; seed < 200; ++seed) {
    QuestionOptions options;
    options.seed = seed;
    for (const Question& q : asked("a crimson puppy", options)) {
      EXPECT_NE(q.text, "Is there a dog?");
      EXPECT_NE(q.text, "Is the puppy red?");
    }
  }
}

TEST(CaptionQuestions, OtherLanguagesAndNonsenseGetTheOpenAndTheGenericQuestions) {
  for (const std::string prompt :
       {"Ein roter Ball rollt nach links auf dem Tisch", "el perro corre a la playa con un gato", "Zxqv",
        "12345", "?!", "\xE4\xB8\x80\xE5\x8F\xAA\xE7\x8C\xAB", "the the a an",
        "A very very very very long noun phrase without end goes here"}) {
    std::string what = prompt;
    while (what.back() == '.') what.pop_back();
    EXPECT_EQ(facts(prompt), Lines{"Does the video show this: " + what + "?"}) << prompt;
  }
  const auto questions = asked("Zxqv");
  EXPECT_EQ(questions[1].text, "Describe the video.");
  EXPECT_EQ(questions[1].kind, Kind::kDense);
  EXPECT_EQ(questions[1].answer, "Zxqv");
}

TEST(CaptionQuestions, PhysicsIsAskedWhereThePromptGivesOccasion) {
  const auto texts = [](const std::string& prompt) {
    std::set<std::string> texts;
    for (const Question& q : asked(prompt)) {
      if (q.aspect == Aspect::kPF) texts.insert(q.text);
    }
    return texts;
  };
  EXPECT_TRUE(texts("a ball bounces").count("Do objects fall as gravity demands?"));
  EXPECT_FALSE(texts("a ball glows").count("Do objects fall as gravity demands?"));
  EXPECT_TRUE(texts("a dog runs").count("Do the limbs move naturally?"));
  EXPECT_TRUE(texts("a cup on a table").count("Do objects touch one another without merging?"));
  EXPECT_TRUE(texts("Zxqv").count("Is the motion smooth?"));
}

TEST(CaptionQuestions, LongPromptsKeepToABound) {
  std::string prompt;
  for (const char* color : {"red", "green", "blue", "yellow"}) {
    for (const char* noun : {"cup", "book", "hat", "dog", "cat", "car", "lamp"})
      prompt += std::string("a ") + color + " " + noun + " stands on a table and ";
  }
  EXPECT_EQ(facts(prompt).size(), 24u);
  EXPECT_EQ(facts(std::string(5000, 'x')).size(), 1u);
}

TEST(CaptionQuestions, AnyTextGivesEveryAspectWithoutDuplicatesAndTheSameTwice) {
  // Word salad of everything the grammar treats differently.
  const Lines words = {
      "a",    "the",   "two",   "red",    "wooden", "dog",   "people", "runs", "running",
      "sits", "on",    "next",  "to",     "of",     "left",  "and",    "that", "it",
      "with", "rain",  "beach", "camera", "zooms",  "in",    ",",      ".",    "\"x\"",
      "'s",   "flock", "zorgs", "while",  "is",     "light", "blue",   "up",   "\xC3\xA9t\xC3\xA9"};
  RandomStream random({7, Purpose::kTwins, 0, 0});
  for (int trial = 0; trial < 3000; ++trial) {
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
  EXPECT_EQ(base_of_third("chases"), "chase");
  EXPECT_EQ(base_of_third("watches"), "watch");
  EXPECT_EQ(base_of_third("carries"), "carry");
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
}  // namespace drf::critic
