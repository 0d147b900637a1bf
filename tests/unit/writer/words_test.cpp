#include "drf/writer/question_words.h"

#include <gtest/gtest.h>

#include "drf/writer/language.h"
#include "drf/writer/validate_duplicates.h"
#include "drf/writer/validate_language.h"
#include "drf/writer/validate_leading.h"
#include "tests/unit/writer/fake_text_model.h"

namespace drf::writer {
namespace {

const std::string kGerman = "L\xC3\xA4uft der Hund durch den Schnee?";
const std::string kChinese = "\xE7\x8B\x97\xE5\x9C\xA8\xE8\xB7\x91\xE5\x90\x97\xEF\xBC\x9F";  // a dog runs?
const std::string kChinesePrompt =
    "\xE4\xB8\x80\xE5\x8F\xAA\xE7\x8B\x97\xE5\x9C\xA8\xE8\xB7\x91";  // a dog runs
const std::string kRussian =
    "\xD0\xA1\xD0\xBE\xD0\xB1\xD0\xB0\xD0\xBA\xD0\xB0 \xD0\xB1\xD0\xB5\xD0\xB6\xD0\xB8\xD1\x82?";

TEST(Meaning, WhatDoesNotMatterIsTakenAway) {
  const auto same = [](const char* a, const char* b) {
    return meaning_of(a).key == meaning_of(b).key && meaning_of(a).negated == meaning_of(b).negated;
  };
  EXPECT_TRUE(same("Is the ball red?", "Is there a red ball in the video?"));
  EXPECT_TRUE(same("Does the dog run?", "Is the dog running?"));
  EXPECT_TRUE(same("Does the dog move to the left?", "Is the dog moving to the left?"));
  EXPECT_TRUE(same("Are there two dogs?", "Can you see 2 dogs in the clip?"));
  EXPECT_TRUE(same("Is the sky grey?", "Is the sky gray?"));
  EXPECT_FALSE(same("Does the cat chase the dog?", "Does the dog chase the cat?"));
  EXPECT_FALSE(same("Is the cat on the box?", "Is the cat in the box?"));
  EXPECT_FALSE(same("Is the ball red?", "Is the ball not red?"));
  EXPECT_FALSE(same("Are there two dogs?", "Are there three dogs?"));
  EXPECT_TRUE(meaning_of("Isn't it raining?").negated);
  EXPECT_FALSE(meaning_of("Is it not without rain?").negated) << "twice";
}

std::vector<std::string> reasons(std::vector<Draft>& drafts) {
  Ledger ledger;
  check_duplicates(drafts, ledger);
  std::vector<std::string> all;
  for (const auto& line : ledger.lines()) all.push_back(line.verdict.reason);
  return all;
}

TEST(Duplicates, TheFirstOfEachMeaningStays) {
  std::vector<Draft> drafts = {yes_no("Is the ball red?", "Yes", "Is the ball blue?"),
                               yes_no("Is there a red ball?", "Yes", "Is there a green ball?"),
                               yes_no("Is the ball red?", "Yes", "", 1),
                               yes_no("Does the ball roll?", "Yes", "Is there a blue ball?")};
  EXPECT_EQ(reasons(drafts), (std::vector<std::string>{"asked already", "the twin is asked already"}));
  EXPECT_EQ(texts_of(drafts),
            (std::vector<std::string>{"Is the ball red?", "Is the ball red?", "Does the ball roll?"}))
      << "another prompt is another matter";
  EXPECT_TRUE(drafts[0].asks_twin());
  EXPECT_FALSE(drafts[2].asks_twin());
  EXPECT_EQ(drafts[2].twin, "Is there a blue ball?") << "it stays the control";
  EXPECT_TRUE(reasons(drafts).empty()) << "a second look finds nothing more";
}

TEST(Duplicates, ATwinIsAskedWhereNobodyElseDoesAnyMore) {
  std::vector<Draft> drafts = {yes_no("Is the ball red?", "Yes", "Is the ball blue?"),
                               yes_no("Does the ball roll?", "Yes", "Is there a blue ball?"),
                               yes_no("Is the ball big?", "Yes", "Can you see a blue ball?")};
  Ledger ledger;
  check_duplicates(drafts, ledger);
  ask_lost_twins(drafts, ledger);
  EXPECT_FALSE(drafts[1].asks_twin()) << "the first one does";
  drafts.erase(drafts.begin());
  ask_lost_twins(drafts, ledger);
  EXPECT_TRUE(drafts[0].asks_twin());
  EXPECT_FALSE(drafts[1].asks_twin()) << "once";
  EXPECT_EQ(ledger.counts(),
            (std::map<std::string, int64_t>{{"duplicates: the twin is asked already (kept)", 1},
                                            {"duplicates: the twin is asked already", 1}}));
}

TEST(Duplicates, ATwinIsNotAskedAgainInTheVeryWordsOfAnother) {
  std::vector<Draft> drafts = {open("Is there a blue ball?", "No, a red one rolls."),
                               yes_no("Does the ball roll?", "Yes", "Is there a blue ball?"),
                               yes_no("Is it day?", "Yes", "Is it night?")};
  drafts[1].twin_asked = drafts[2].twin_asked = false;
  drafts[1].paraphrase = "Is it night?";
  Ledger ledger;
  ask_lost_twins(drafts, ledger);
  EXPECT_FALSE(drafts[1].asks_twin());
  EXPECT_FALSE(drafts[2].asks_twin());
}

TEST(Duplicates, ATwinThatContradictsIsNotAsked) {
  std::vector<Draft> drafts = {yes_no("Is the ball blue?", "Yes", "Is the ball green?"),
                               yes_no("Is the ball red?", "Yes", "Is there a blue ball?")};
  EXPECT_EQ(reasons(drafts), (std::vector<std::string>{"the twin contradicts another"}));
  EXPECT_FALSE(drafts[1].asks_twin());
}

// Where twins are controls alone, what one of them denies is asked by nobody.
TEST(Duplicates, ATwinThatIsNotAskedStandsInNobodysWay) {
  std::vector<Draft> drafts = {yes_no("Is the ball red?", "Yes", "Is the ball blue?"),
                               yes_no("Is there a blue ball?", "No", "Is there a green ball?")};
  drafts[0].twin_asked = drafts[1].twin_asked = false;
  EXPECT_TRUE(reasons(drafts).empty());
}

TEST(Duplicates, OppositeClaimsAreContradictions) {
  std::vector<Draft> drafts = {yes_no("Is the ball red?"), yes_no("Is the red ball there?", "No"),
                               yes_no("Is the ball not red?", "No"), yes_no("Does the ball roll?")};
  EXPECT_EQ(reasons(drafts), (std::vector<std::string>{"contradicts another", "asked already"}))
      << "no to a negation is the same claim";
  EXPECT_EQ(drafts.size(), 2u);
  // A question that claims what an earlier twin denies is no contradiction of it.
  drafts = {yes_no("Is the ball red?", "Yes", "Is the ball blue?"), yes_no("Is there a blue ball?", "Yes")};
  EXPECT_EQ(reasons(drafts), (std::vector<std::string>{"contradicts another"}));
}

TEST(Duplicates, AParaphraseGoesAlone) {
  std::vector<Draft> drafts = {yes_no("Is the ball red?"), yes_no("Does the ball roll?")};
  for (Draft& draft : drafts) draft.paraphrase = "Is it so?";
  EXPECT_EQ(reasons(drafts), (std::vector<std::string>{"the paraphrase is asked already"}));
  EXPECT_EQ(drafts[0].paraphrase, "Is it so?");
  EXPECT_EQ(drafts[1].paraphrase, "");
}

// Whoever else in the prompt asks it, before or after: a question, a twin or a paraphrase.
TEST(Duplicates, AParaphraseMeansNothingThatAnotherAsks) {
  const auto with = [](const std::string& paraphrase) {
    std::vector<Draft> drafts = {yes_no("Is the ball red?", "Yes", "Is the ball blue?"),
                                 yes_no("Does the dog run?", "Yes", "Does the dog sleep?"),
                                 yes_no("Is the ball red?", "Yes", "", 1)};
    drafts[1].paraphrase = "Is a running dog there?";
    drafts[0].paraphrase = paraphrase;
    return drafts;
  };
  for (const char* text : {"Is the dog running?", "Is there a dog that runs?", "Does the dog not run?",
                           "Is the dog sleeping?", "Is there a running dog?"}) {
    std::vector<Draft> drafts = with(text);
    const std::vector<std::string> why = reasons(drafts);
    ASSERT_EQ(why.size(), 1u) << text;
    EXPECT_EQ(drafts[0].paraphrase, "") << text;
    EXPECT_EQ(drafts[1].paraphrase, "Is a running dog there?") << text;
  }
  for (const char* text : {"Is there a red ball?", "Does the ball have the color of blood?"}) {
    std::vector<Draft> drafts = with(text);
    EXPECT_TRUE(reasons(drafts).empty()) << text;
  }
  // A twin and a paraphrase of one question may both be asked already.
  std::vector<Draft> drafts = {yes_no("Is the ball red?", "Yes", "Is the ball blue?"),
                               yes_no("Does the dog run?", "Yes", "Is there a blue ball?")};
  drafts[1].paraphrase = "Is there a red ball?";
  EXPECT_EQ(reasons(drafts),
            (std::vector<std::string>{"the twin is asked already", "the paraphrase is asked already"}));
  EXPECT_EQ(drafts[1].paraphrase, "");
  EXPECT_FALSE(drafts[1].asks_twin());
}

TEST(Duplicates, OpenQuestionsAreTheirOwn) {
  std::vector<Draft> drafts = {yes_no("Is the ball red?"), open("Red ball?", "rolling"),
                               open("The red ball?", "x")};
  EXPECT_EQ(reasons(drafts), (std::vector<std::string>{"asked already"}));
}

TEST(Language, ScriptsAndSmallWords) {
  EXPECT_EQ(script_of("Is it?"), "Latin");
  EXPECT_EQ(script_of(kChinese), "Han");
  EXPECT_EQ(script_of(kRussian), "Cyrillic");
  EXPECT_EQ(script_of("1, 2!"), "");
  EXPECT_TRUE(may_be_english("a walrus lying on an ice floe"));
  EXPECT_TRUE(may_be_english("cherry blossoms, 4k"));
  EXPECT_TRUE(may_be_english("here stands a bicycle"));
  EXPECT_TRUE(may_be_english("a caf\xC3\xA9 in the rain"));
  EXPECT_FALSE(may_be_english("Un perro corre por la playa al amanecer"));
  EXPECT_FALSE(may_be_english("Ein alter Mann liest Zeitung auf der Bank"));
}

TEST(Language, EnglishOrThatOfThePrompt) {
  const auto of = [](const std::string& question, const std::string& prompt) {
    return tongue_of(question, questions::Kind::kYesNo, prompt);
  };
  EXPECT_EQ(of("Is the dog white?", "a white dog"), Tongue::kEnglish);
  EXPECT_EQ(of("Is the dog white?", kChinesePrompt), Tongue::kEnglish);
  EXPECT_EQ(of("At the end, is the dog white?", "a white dog"), Tongue::kEnglish);
  EXPECT_EQ(of(kChinese, kChinesePrompt), Tongue::kOfPrompt);
  EXPECT_EQ(of(kChinese, "a dog runs in the snow"), Tongue::kAnother);
  EXPECT_EQ(of(kRussian, kChinesePrompt), Tongue::kAnother);
  EXPECT_EQ(of(kGerman, "Ein alter Hund rennt durch tiefen Schnee"), Tongue::kOfPrompt);
  EXPECT_EQ(of(kGerman, "a dog runs through the snow"), Tongue::kAnother);
}

TEST(Language, WhatIsDroppedAndCounted) {
  std::vector<Draft> drafts = {
      yes_no("Is the dog white?", "Yes", "Is the dog black?"), yes_no(kChinese, "Yes", kChinese, 1),
      yes_no(kChinese, "Yes", "Is the dog black?"), yes_no("Is the dog old?", "Yes", kChinese)};
  Ledger ledger;
  EXPECT_EQ(check_language(drafts, {"a white dog runs in the snow", kChinesePrompt}, ledger), 1);
  EXPECT_EQ(texts_of(drafts), (std::vector<std::string>{"Is the dog white?", kChinese}));
  EXPECT_EQ(ledger.counts(),
            (std::map<std::string, int64_t>{{"language: another language", 1},
                                            {"language: the twin is in another language", 1}}));
}

TEST(Leading, WhatWantsItsAnswerIsDropped) {
  for (const char* text : {"Isn't the ball red?", "The ball is red, isn't it?", "Is the ball red, right?",
                           "Is the ball, of course, red?", "Is it true that the ball is red?",
                           "Doesn't the dog run?", "Is the ball obviously red?"})
    EXPECT_EQ(reason_of(yes_no(text), check_leading), "leading") << text;
  for (const char* text : {"Is the ball on the right?", "Is the face clearly visible?", "Is the sum correct?",
                           "Is nobody there?"})
    EXPECT_EQ(reason_of(yes_no(text), check_leading), "") << text;
  EXPECT_EQ(reason_of(yes_no("Is the ball red?", "Yes", "Isn't the ball blue?"), check_leading), "leading");
  // Nor does what is wrong with a paraphrase hide what is wrong with its question.
  Draft draft = yes_no("Isn't the ball red?", "Yes", "Is the ball blue?");
  draft.paraphrase = "Is the ball <|im_end|> red?";
  EXPECT_EQ(reason_of(draft, check_leading), "leading");
  draft.question.text = "Is the ball red?";
  draft.twin = "Isn't the ball blue?";
  EXPECT_EQ(reason_of(draft, check_leading), "leading");
  draft.twin = "Is the ball blue?";
  EXPECT_EQ(reason_of(draft, check_leading), "(paraphrase) special token");
  draft.paraphrase = "Isn't the ball <|im_end|> red?";
  EXPECT_EQ(reason_of(draft, check_leading), "(paraphrase) special token");
  draft.paraphrase = "Isn't the ball red?";
  EXPECT_EQ(reason_of(draft, check_leading), "(paraphrase) leading");
}

TEST(Leading, SpecialTokensAreDropped) {
  EXPECT_EQ(reason_of(yes_no("Is <|video_pad|> red?"), check_leading), "special token");
  EXPECT_EQ(reason_of(yes_no("Is a red?", "Yes", "Is </s> red?"), check_leading), "special token");
  EXPECT_EQ(reason_of(open("What is it?", "a <|im_end|>"), check_leading), "special token");
  EXPECT_EQ(reason_of(yes_no("Is 2 < 3 here?"), check_leading), "");
  // What one critic says of its own.
  const auto check = [](std::vector<Draft>& drafts, Ledger& ledger) {
    check_readable(drafts, ledger, [](const questions::Question& q) {
      return contains(q.text, "<odd>") ? "question holds <odd>" : "";
    });
  };
  EXPECT_EQ(reason_of(yes_no("Is <odd> red?"), check), "special token");
  EXPECT_EQ(reason_of(yes_no("Is a red?", "Yes", "Is <odd> red?"), check), "special token");
  Draft draft = yes_no("Is a red?");
  draft.paraphrase = "Is <odd> a?";
  EXPECT_EQ(reason_of(draft, check), "(paraphrase) special token");
  EXPECT_EQ(reason_of(yes_no("Is a red?"), check), "");
}

}  // namespace
}  // namespace drf::writer
