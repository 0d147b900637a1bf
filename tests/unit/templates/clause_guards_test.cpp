// What the second reader of a caption must not take for told: what is denied, left out, doubted or misread.
#include <gtest/gtest.h>

#include "drf/templates/clause_words.h"
#include "drf/templates/words.h"
#include "tests/unit/templates/caption_asked.h"

namespace drf::templates {
namespace {

TEST(ClauseGuards, InsteadIsOfWhatAThingHasOnlyWhereNoVerbStandsBeforeIt) {
  expect_unmentioned({
      {"A woman with a dog drinks tea instead of coffee", "have a dog"},
      {"A boy with a kite flew a drone instead of it", "have a kite"},
      {"In a dream a statue with leaves instead of wings", "have leaves"},
  });
  expect_asked(
      {{"an owl with palm leaves instead of wings", "Does the owl have palm leaves instead of wings?"}});
}

// What doubts or denies must be seen as itself.
TEST(ClauseGuards, WordsThatDoubtOrDenyAreNobodysSlip) {
  for (const std::string& word : kDoubts) EXPECT_EQ(meant(word), "") << word;
  for (const char* word : {"neither", "nor", "none", "nobody", "nothing", "nowhere", "without", "cannot",
                           "lacks", "lacking", "unlike", "except", "despite", "rather", "faintly", "dimly"})
    EXPECT_EQ(meant(word), "") << word;
  EXPECT_NE(meant("elefant"), "");
  EXPECT_EQ(meant("elefant" + std::string(30, 'x')), "");
  expect_unmentioned({{"A tram nearly hits a cyclist", "the tram hit"}});
}

TEST(ClauseGuards, WhatAListExcludesIsNotThere) {
  expect_unmentioned({
      {"A king but not a queen enters a hall", "queen"},
      {"A girl holds a dog and not a cat", "a cat"},
      {"A girl holds a dog and not a cat", "the cat"},
      {"A man polishes a cup and not a plate", "plate"},
      {"A woman holds neither a knife nor a fork", "knife"},
      {"A woman holds neither a knife nor a fork", "fork"},
      {"A sailor splices neither a rope nor a net", "rope"},
  });
}

TEST(ClauseGuards, WhatStandsBehindAnotherIsThatOnes) {
  expect_unmentioned({
      {"A woman beside a man with a beard reads a book", "the woman have"},
      {"A woman with a dog and a beard reads a book", "have a beard"},
  });
  expect_asked({{"A man with a beard reads a book", "Does the man have a beard?"}});
}

TEST(ClauseGuards, NoArticleOfOneGoesWithAPlural) {
  expect_unmentioned({{"A giant steps over a wall", "the steps"}});
}

TEST(ClauseGuards, WhoIsToldToDoItIsNotWhatTheDeedIsDoneTo) {
  expect_unmentioned({{"A captain orders a sailor to drop the anchor", "order the sailor?"}});
}

TEST(ClauseGuards, WhoGetsAThingIsNoPartOfItsName) {
  expect_unmentioned({
      {"A girl feeds the ducks bread", "feed the bread"},
      {"A girl feeds the ducks bread", "feed bread"},
      {"A nun hands a wrench to a sailor", "hand the wrench?"},
  });
}

TEST(ClauseGuards, AVerbOfAnotherClauseLendsNoSubject) {
  expect_unmentioned({
      {"A sailor whose dog barks, splices a rope", "the dog splice"},
      {"A nun waits where a sailor sleeps, and splices a rope", "the sailor splice"},
  });
}

TEST(ClauseGuards, WhatIsNotReachedIsNotDone) {
  expect_unmentioned({
      {"A tram all but hits a cyclist", "the tram hit"},
      {"A tram comes close to hitting a cyclist", "the tram hit"},
      {"A sailor is about to splice a rope", "splice"},
      {"A sailor is on the verge of splicing a rope", "splice"},
      {"A sailor just about splices a rope", "splice"},
  });
}

TEST(ClauseGuards, AParticleStaysBehindItsNoun) {
  expect_unmentioned({{"A guard stops a cyclist and waves him through", "wave through the"}});
  expect_asked({{"A girl finds a coin and picks it up", "Does the girl pick up the coin?"}});
}

// The same question, but for an article.
TEST(ClauseGuards, NothingIsAskedTwiceForAnArticle) {
  std::set<std::string> seen;
  for (const std::string& line : facts("A juggler tosses pins to a partner")) {
    std::string bare = line;
    for (size_t at; (at = bare.find("the ")) != std::string::npos;) bare.erase(at, 4);
    EXPECT_TRUE(seen.insert(bare).second) << line;
  }
}

TEST(ClauseGuards, OfASentenceWithoutEndNothingIsRead) {
  const std::string prompt = "A sailor splices a rope";
  EXPECT_TRUE(mentions(prompt, "splice"));
  std::string commas;
  for (int i = 0; i < 120; ++i) commas += " ,";
  EXPECT_FALSE(mentions(prompt + commas, "splice"));
}

}  // namespace
}  // namespace drf::templates
