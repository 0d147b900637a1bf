// What a thing lacks, what is done without a thing, and who is the only one; and lookalikes.
#include "tests/unit/templates/caption_asked.h"

namespace drf::templates {
namespace {

TEST(LackingKinds, OneOfSeveralIsMissing) {
  expect_asked({
      {"A doll with a missing arm sits on a shelf.", "Is the doll missing an arm?"},
      {"An old sailor missing a front tooth laughs.", "Is the sailor missing a front tooth?"},
      {"A bicycle missing its front wheel leans on a wall.", "Is the bicycle missing its front wheel?"},
  });
  EXPECT_EQ(twin_of("A doll with a missing arm sits on a shelf.", "Is the doll missing an arm?"),
            "Does the doll have both arms?");
  EXPECT_EQ(twin_of("An old sailor missing a front tooth laughs.", "Is the sailor missing a front tooth?"),
            "Does the sailor have all of their front teeth?");
  expect_unmentioned({
      {"A man missing his train runs along the platform.", "missing"},
      {"A poster of a missing person hangs on a wall.", "missing"},
      {"An archer missing the target laughs.", "missing"},
      {"A woman with a missing dog cries.", "missing"},
      {"A doll with a missing arm sits on a shelf until a boy sews the arm on.", "missing"},
  });
}

TEST(LackingKinds, NothingIsOnItOrInIt) {
  expect_asked({
      {"A table with nothing on it.", "Is there nothing on the table?"},
      {"The fridge has nothing in it.", "Is there nothing in the fridge?"},
      {"A stage bare of any props.", "Is the scene free of props?"},
      {"The shelves are empty of books.", "Are the shelves without books?"},
      {"The tank holds no water.", "Is the tank without water?"},
      {"The kettle isn't steaming and the door is open.", "Is the kettle free of steam?"},
  });
  expect_unmentioned({
      {"The fridge has nothing in it but a lemon.", "nothing in"},
      {"A table with nothing on it, then a cat jumps onto it.", "nothing on"},
      {"A table with nothing special on it.", "nothing on"},
      {"The box on the shelf is empty of books.", "books"},
      {"The concert is free of charge.", "Is the concert"},
      {"The stadium holds no fewer than two thousand people.", "without"},
      {"The kettle isn't steaming yet.", "steam?"},
  });
}

TEST(LackingKinds, ADeedThatIsDoneWithoutAThing) {
  expect_asked({
      {"A man walks through the rain without an umbrella.",
       "Does the man walk through the rain without an umbrella?"},
      {"The driver leaves without a suitcase.", "Does the driver leave without a suitcase?"},
  });
  expect_unmentioned({
      {"A man walks through the rain without an umbrella.", "Is the rain"},
      {"A thief leaves without a trace.", "without"},
      {"A man walks without a limp.", "without"},
      {"A woman walks without a coat until it snows.", "without"},
  });
}

TEST(LackingKinds, NobodyElse) {
  expect_asked({
      {"A woman walks alone on a beach, no one else around.", "Is the woman the only person in the video?"},
      {"A boy plays chess in a park; nobody else is there.", "Is the boy the only person in the video?"},
      {"A singer on a stage, no other people.", "Is the singer the only person in the video?"},
  });
  expect_unmentioned({
      {"A plate of cookies with no one else noticing.", "only person"},
      {"A couple dances in a hall, no one else around.", "only person"},
      {"Two boys fish on a pier, nobody else in sight.", "only person"},
      {"A man and a woman talk, no other people.", "only person"},
      {"A girl holds a doll, nobody else sings.", "only person"},
      {"A door creaks open. Nobody is there. Seconds later a pale face appears.", "people"},
      {"A bus full of people is empty of seats.", "without seats"},
  });
}

}  // namespace
}  // namespace drf::templates
