// The lexicon: what it says of words, and that its table is whole. That it is what WordNet gives is the test
// lexicon_table.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "drf/templates/lexicon.h"

namespace drf::templates {
namespace {

TEST(Lexicon, SaysOfWhatKindAThingIs) {
  const std::pair<const char*, const char*> cases[] = {
      {"fez", "clothing.head"},     {"decanter", "tableware.drink"}, {"glassblower", "person.trade"},
      {"sextant", "thing.tech"},    {"pangolin", "animal.wild"},     {"harpsichord", "instrument.any"},
      {"sloop", "vehicle.water"},   {"settee", "furniture.seat"},    {"yurt", "structure.home"},
      {"scullery", "place.public"}, {"wisteria", "nature.plant"},    {"music box", "instrument.any"},
      {"debtor", "person.shy"},     {"tart", "thing.open"},          {"silence", "abstract.any"},
      {"moment", "abstract.any"},   {"idea", "abstract.any"},        {"side", "abstract.any"}};
  for (const auto& [word, kind] : cases) {
    const LexiconWord* known = find_lexicon(word);
    ASSERT_TRUE(known) << word;
    EXPECT_EQ(known->kind, kind) << word;
    EXPECT_FALSE(known->plural) << word;
    EXPECT_EQ(known->base, word);
  }
}

TEST(Lexicon, KnowsPluralsAndFormsOfVerbs) {
  const std::pair<const char*, const char*> plurals[] = {
      {"decanters", "decanter"},   {"torches", "torch"},        {"fairies", "fairy"},
      {"geese", "goose"},          {"thieves", "thief"},        {"midwives", "midwife"},
      {"stevedores", "stevedore"}, {"music boxes", "music box"}};
  for (const auto& [word, base] : plurals) {
    const LexiconWord* known = find_lexicon(word);
    ASSERT_TRUE(known) << word;
    EXPECT_EQ(known->base, base);
    EXPECT_TRUE(known->plural) << word;
  }
  EXPECT_TRUE(find_lexicon("tweezers")->plural);  // without a singular
  EXPECT_EQ(find_lexicon("crown")->verb, 'v');
  EXPECT_EQ(find_lexicon("decanter")->verb, 0);
  const std::pair<const char*, const char*> verbs[] = {
      {"crowns", "crown"}, {"juggling", "juggle"}, {"hauled", "haul"}, {"sputters", "sputter"},
      {"tugging", "tug"},  {"decanter", ""},       {"zorgs", ""}};
  for (const auto& [form, base] : verbs) EXPECT_EQ(lexicon_verb(form), base) << form;
}

TEST(Lexicon, LacksWhatIsNoWord) {
  for (const char* word :
       {"", " ", "zorg", "Fez", "fez!", "@0", "=goose", "a\nb", "the fez", "_", "-", "\xC3\xA9t\xC3\xA9"})
    EXPECT_FALSE(find_lexicon(word)) << word;
  EXPECT_FALSE(find_lexicon(std::string(100000, 'a')));
}

TEST(Lexicon, TellsKindsAndParts) {
  const auto first = [](const char* word) { return find_lexicon(word)->concepts.at(0); };
  EXPECT_TRUE(is_kind_of(first("terrier"), first("dog")));
  EXPECT_TRUE(is_kind_of(first("violin"), first("violin")));
  EXPECT_FALSE(is_kind_of(first("dog"), first("terrier")));
  EXPECT_TRUE(is_part_of(first("wheel"), first("car")) || is_part_of(first("windshield"), first("car")));
  EXPECT_FALSE(is_part_of(first("car"), first("violin")));
  const auto above = names_above(*find_lexicon("carafe"));
  EXPECT_NE(std::find(above.begin(), above.end(), "bottle"), above.end());
}

// Sorted words, concepts in order that name only such as are there, and less than a mebibyte.
TEST(Lexicon, TheTableIsWhole) {
  const std::string text = lexicon_text();
  EXPECT_LT(text.size(), size_t{1} << 20);
  std::istringstream in(text);
  std::string line, last;
  // Its licence asks to be on all copies, and the program is one.
  std::ifstream licence(DRF_SOURCE_DIR "/assets/lexicon/LICENSE");
  int lines = 0;
  for (std::string want; std::getline(licence, want); ++lines) {
    ASSERT_TRUE(std::getline(in, line));
    EXPECT_EQ(line, want.empty() ? "#" : "# " + want);
  }
  EXPECT_GT(lines, 30);
  ASSERT_TRUE(std::getline(in, line));
  EXPECT_EQ(line.substr(0, 8), "#animal.");
  long concepts = 0, words = 0;
  std::vector<std::string> named;
  while (std::getline(in, line)) {
    std::istringstream cells(line);
    std::string word, marks, list;
    cells >> word >> marks >> list;
    if (word[0] == '@') {
      ASSERT_EQ(std::stol(word.substr(1), nullptr, 36), concepts++) << line;
      ASSERT_EQ(words, 0);
      continue;
    }
    ++words;
    ASSERT_LT(last, word) << "not sorted, or twice";
    last = word;
    ASSERT_FALSE(marks.empty()) << line;
    if (marks[0] == '=') continue;
    ASSERT_EQ(marks.find_first_not_of("NnxVvAarpc"), std::string::npos) << line;
    std::istringstream ids(list);
    for (std::string id; std::getline(ids, id, ',');) ASSERT_LT(std::stol(id, nullptr, 36), concepts) << line;
  }
  EXPECT_GT(concepts, 10000);
  EXPECT_GT(words, 40000);
}

}  // namespace
}  // namespace drf::templates
