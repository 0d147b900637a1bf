#include "drf/writer/validate_form.h"

#include <gtest/gtest.h>

#include "tests/unit/writer/fake_text_model.h"

namespace drf::writer {
namespace {

TEST(Form, GoodQuestionsStay) {
  for (const char* text :
       {"Is the ball red?", "Are there exactly two dogs in the video?",
        "Does the cat jump after the dog has barked?", "Is the film black and white?",
        "Does the swing move back and forth?", "At the end, is the glass empty?",
        "Does the swan become less and less?", "Is the word \"OPEN\" written on the door?",
        "Is the child's coat blue?", "Does the sign say \"No Swimming\"?",
        "Does the label say \"Salt or Sugar and Tea\"?",
        "Does the sign say \xE2\x80\x9CSalt and Pepper or Tea\xE2\x80\x9D?",
        "Does the sign say \"Why? Stop. Go\"?", "Does the spider have nine or more legs?",
        "Is the edge between the wall and the floor straight?",
        "Do the scarecrow and the crow dance together?",
        "Do the two cars and the bus stay apart from one another?",
        "\xE7\x8B\x97\xE6\x98\xAF\xE7\x99\xBD\xE8\x89\xB2\xE7\x9A\x84\xE5\x90\x97\xEF\xBC\x9F"})
    EXPECT_EQ(fault_of_form(text), "") << text;
}

TEST(Form, EachFaultHasItsReason) {
  std::string long_word(300, 'x');
  long_word += '?';
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "empty"},
      {" \xE3\x80\x80", "empty"},
      {"Is?", "too short"},
      {long_word, "too long"},
      {"Is a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a ball red?",
       "too long"},
      {"Is the ball red", "no question mark"},
      {"Is the ball red? Yes", "no question mark"},
      {"Is the ball red? Is it round?", "more than one question"},
      {"The ball is red. Is it round?", "more than one question"},
      {"Is the ball\nred?", "not one line"},
      {"Is the ball \x1b[2J red?", "control character"},
      {"Is the ball \xFF red?", "not UTF-8"},
      {"Are a cat and a dog on the sofa?", "more than one fact"},
      {"Is the ball red and does it roll?", "more than one fact"},
      {"Is the ball red as well as round?", "more than one fact"},
      {"Do the cat and the dog dance together and sing?", "more than one fact"},
      {"Is the gap between the cat and the dog dark and wide?", "more than one fact"},
      {"Is the sign \"Exit\" green and lit?", "more than one fact"},
      {"Does the ball roll between the posts and the cars and hit the wall?", "more than one fact"},
      {"Does the ball roll between the posts of the gate over there and hit the wall?", "more than one fact"},
      {"Does the man bow and put his hands together and pray?", "more than one fact"},
      {"Does the man put his hands together and bow?", "more than one fact"},
      {"Is the ball red or blue?", "a choice, not a yes or no"},
      {"Is the ball red, yes or no?", "gives the answer away"},
      {"Should one answer yes to this?", "gives the answer away"},
      {"Does the caption mention a ball?", "about the text"},
      {"Is the ball as described?", "about the text"},
  };
  for (const auto& [text, reason] : cases) EXPECT_EQ(fault_of_form(text), reason) << text;
}

TEST(Form, ATwinIsHeldToTheSameRules) {
  const Draft good = yes_no("Is the ball red?", "Yes", "Is the ball blue?");
  EXPECT_EQ(reason_of(good, check_form), "");
  Draft draft = good;
  draft.twin = "Is the ball blue";
  EXPECT_EQ(reason_of(draft, check_form), "no question mark");
  draft.twin = "Is there a red ball?";
  EXPECT_EQ(reason_of(draft, check_form), "the twin is its question");
  draft.twin = "Isn't the ball red?";
  EXPECT_EQ(reason_of(draft, check_form), "the twin is its question");
  draft.twin = "";
  EXPECT_EQ(reason_of(draft, check_form), "no twin") << "of a written question";
  draft.origin = Draft::Origin::kTemplates;
  EXPECT_EQ(reason_of(draft, check_form), "") << "templates have questions without one";
  draft = good;
  draft.question.answer = "red";
  EXPECT_EQ(reason_of(draft, check_form), "not a yes/no question");
}

TEST(Form, TemplatesMayJoinWhatOneAnswerFits) {
  Draft draft = yes_no("Do the objects keep their shape and color?", "Yes", "Does anything flicker or jump?");
  EXPECT_EQ(reason_of(draft, check_form), "more than one fact");
  draft.origin = Draft::Origin::kTemplates;
  EXPECT_EQ(reason_of(draft, check_form), "");
  draft.question.text = "Do the objects keep their shape";
  EXPECT_EQ(reason_of(draft, check_form), "no question mark");
}

TEST(Form, AParaphraseGoesAlone) {
  Draft draft = yes_no("Is the ball red?", "Yes", "Is the ball blue?");
  draft.paraphrase = "Does the ball have a red color?";
  EXPECT_EQ(reason_of(draft, check_form), "");
  draft.paraphrase = "Is the ball red?";
  EXPECT_EQ(reason_of(draft, check_form), "(paraphrase) the paraphrase is its question");
  draft.paraphrase = "The ball is red.";
  EXPECT_EQ(reason_of(draft, check_form), "(paraphrase) no question mark");
}

TEST(Form, AParaphraseIsNeitherTheTwinNorTheOpposite) {
  Draft draft = yes_no("Is the ball red?", "Yes", "Is the ball blue?");
  for (const char* text : {"Is the ball blue?", "Is there a blue ball in the video?"}) {
    draft.paraphrase = text;
    EXPECT_EQ(reason_of(draft, check_form), "(paraphrase) the paraphrase is the twin") << text;
  }
  draft.paraphrase = "Does the ball have no red color?";
  EXPECT_EQ(reason_of(draft, check_form), "(paraphrase) the paraphrase turns it round");
  draft.paraphrase = "Is the ball not red?";
  EXPECT_EQ(reason_of(draft, check_form), "(paraphrase) the paraphrase turns it round");
  // What the question denies the paraphrase may deny as well.
  draft = yes_no("Is the street without cars?", "Yes", "Is the street without trees?");
  draft.paraphrase = "Are there no cars in the street?";
  EXPECT_EQ(reason_of(draft, check_form), "");
  draft.paraphrase = "Are there cars in the street?";
  EXPECT_EQ(reason_of(draft, check_form), "(paraphrase) the paraphrase turns it round");
  draft = yes_no("Is the picture free of noise?", "Yes", "Is the picture full of noise?");
  draft.paraphrase = "Is the picture clean, without any noise?";
  EXPECT_EQ(reason_of(draft, check_form), "");
  draft = yes_no("Is the light steady?", "Yes", "Does the light flicker?");
  draft.paraphrase = "Is the light free of flicker?";
  EXPECT_EQ(reason_of(draft, check_form), "");
  // A question that templates made has a paraphrase checked as well, with or without a twin.
  draft = yes_no("Is the ball red?");
  draft.origin = Draft::Origin::kTemplates;
  draft.paraphrase = "Is the ball not red?";
  EXPECT_EQ(reason_of(draft, check_form), "(paraphrase) the paraphrase turns it round");
}

TEST(Form, OpenQuestionsMustNotHoldTheirAnswer) {
  EXPECT_EQ(reason_of(open("What does the dog do?", "It runs across a field."), check_form), "");
  EXPECT_EQ(reason_of(open("Describe the video.", "a dog runs across a field"), check_form), "");
  EXPECT_EQ(reason_of(open("What does the dog that runs across a field do?", "It runs across a field."),
                      check_form),
            "gives the answer away");
  EXPECT_EQ(reason_of(open("What happens?", " "), check_form), "empty");
  EXPECT_EQ(reason_of(open("What does the caption say?", "A dog."), check_form), "about the text");
  EXPECT_EQ(reason_of(open("What happens?", std::string(3000, 'x')), check_form), "too long");
}

}  // namespace
}  // namespace drf::writer
