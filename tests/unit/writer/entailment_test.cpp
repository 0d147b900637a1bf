#include "drf/writer/validate_entailment.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/unit/writer/fake_text_model.h"

namespace drf::writer {
namespace {

// Believes what is in `p`, by the question; everything else is a coin toss.
FakeTextModel believing(const std::map<std::string, double>& p) {
  FakeTextModel model;
  model.judges = [p](const std::string& text) {
    const size_t at = text.find("Question: ") + 10;
    const auto found = p.find(text.substr(at, text.find('\n', at) - at));
    return YesNo{found == p.end() ? 0.5 : found->second, ""};
  };
  return model;
}

TEST(Entailment, YesToTheFactAndNoToTheTwin) {
  const Draft draft = yes_no("Is the ball red?", "Yes", "Is the ball blue?");
  const auto reason = [&](double question, double twin, Draft one) {
    FakeTextModel model = believing({{"Is the ball red?", question}, {"Is the ball blue?", twin}});
    return reason_of(
        one, [&](auto& drafts, Ledger& ledger) { check_entailment(drafts, {"a red ball"}, model, ledger); });
  };
  EXPECT_EQ(reason(0.9, 0.1, draft), "");
  EXPECT_EQ(reason(0.3, 0.1, draft), "the caption does not say so");
  EXPECT_EQ(reason(0.9, 0.8, draft), "its twin holds as well") << "a model that says yes to all";
  EXPECT_EQ(reason(0.5, 0.1, draft), "the caption does not say so") << "undecided";
  Draft denied = yes_no("Is the ball blue?", "No", "Is the ball red?");
  EXPECT_EQ(reason(0.9, 0.1, denied), "");
  EXPECT_EQ(reason(0.9, 0.8, denied), "the caption does not say so");
  EXPECT_EQ(reason(0.3, 0.1, denied), "its twin holds as well");
  Draft alone = yes_no("Is the ball red?");
  EXPECT_EQ(reason(0.9, 0.9, alone), "");
  EXPECT_EQ(reason(0.9, 0.9, open("Is the ball red?", "yes")), "");
  EXPECT_EQ(reason(0.1, 0.9, open("Is the ball red?", "yes")), "the caption does not say so");
}

// The same answer is expected of it as of its question.
TEST(Entailment, AParaphraseIsJudgedAsItsQuestionIs) {
  const auto reason = [](Draft draft, double p) {
    draft.paraphrase = "Has the ball the color of blood?";
    FakeTextModel model = believing({{draft.question.text, draft.question.answer == "Yes" ? .9 : .1},
                                     {draft.twin, draft.question.answer == "Yes" ? .1 : .9},
                                     {draft.paraphrase, p}});
    return reason_of(draft, [&](auto& drafts, Ledger& ledger) {
      check_entailment(drafts, {"a red ball"}, model, ledger);
    });
  };
  const Draft stated = yes_no("Is the ball red?", "Yes", "Is the ball blue?");
  EXPECT_EQ(reason(stated, .9), "");
  EXPECT_EQ(reason(stated, .2), "(paraphrase) the paraphrase does not hold");
  EXPECT_EQ(reason(stated, .5), "(paraphrase) the paraphrase does not hold");
  EXPECT_EQ(reason(stated, NAN), "(paraphrase) not judged");
  const Draft denied = yes_no("Is the ball blue?", "No", "Is the ball red?");
  EXPECT_EQ(reason(denied, .1), "");
  EXPECT_EQ(reason(denied, .9), "(paraphrase) the paraphrase does not hold");
  EXPECT_EQ(reason(yes_no("Is the ball red?"), .2), "(paraphrase) the paraphrase does not hold");
  Draft wrong = stated;
  wrong.question.answer = "No";
  wrong.paraphrase = "Has the ball the color of blood?";
  FakeTextModel model = believing({{"Is the ball red?", .9}, {"Is the ball blue?", .1}});
  EXPECT_EQ(
      reason_of(wrong, [&](auto& drafts,
                           Ledger& ledger) { check_entailment(drafts, {"a red ball"}, model, ledger); }),
      "the caption does not say so");
}

// Judged with twins and paraphrases in between, each draft has its own answers.
TEST(Entailment, EachDraftHasItsOwnAnswers) {
  std::vector<Draft> drafts = {yes_no("Is it one?", "Yes", "Is it none?"), yes_no("Is it two?"),
                               yes_no("Is it three?", "Yes", "Is it four?"), yes_no("Is it five?")};
  drafts[0].paraphrase = "Is it single?";
  drafts[1].paraphrase = "Is it a pair?";
  FakeTextModel model = believing({{"Is it one?", .91},
                                   {"Is it none?", .01},
                                   {"Is it single?", .2},
                                   {"Is it two?", .92},
                                   {"Is it a pair?", .9},
                                   {"Is it three?", .93},
                                   {"Is it four?", .94},
                                   {"Is it five?", .05}});
  Ledger ledger;
  check_entailment(drafts, {"a red ball"}, model, ledger);
  ASSERT_EQ(ledger.lines().size(), 3u) << ledger.to_json_lines();
  EXPECT_NEAR(ledger.lines()[0].verdict.numbers.at("p_paraphrase"), .2, 1e-12);
  EXPECT_NEAR(ledger.lines()[1].verdict.numbers.at("p_twin"), .06, 1e-12);
  EXPECT_NEAR(ledger.lines()[2].verdict.numbers.at("p_question"), .05, 1e-12);
  EXPECT_EQ(texts_of(drafts), (std::vector<std::string>{"Is it one?", "Is it two?"}));
  EXPECT_EQ(drafts[1].paraphrase, "Is it a pair?");
}

TEST(Entailment, EachQuestionIsJudgedByItsOwnCaption) {
  std::vector<Draft> drafts = {yes_no("Is the ball red?", "Yes", "", 1),
                               yes_no("Is the ball red?", "Yes", "", 0)};
  FakeTextModel model;
  model.judges = [](const std::string& text) {
    return YesNo{contains(text, "Caption: a red ball\n") ? .9 : .1, ""};
  };
  Ledger ledger;
  check_entailment(drafts, {"a blue ball", "a red ball"}, model, ledger);
  ASSERT_EQ(drafts.size(), 1u);
  EXPECT_EQ(drafts[0].question.prompt, 1);
  EXPECT_NEAR(ledger.lines()[0].verdict.numbers.at("p_question"), .1, 1e-12);
  EXPECT_EQ(ledger.lines()[0].check, "entailment");
}

TEST(Entailment, YesMustHoldOfEveryVideoAndNoOfNone) {
  questions::Question q;
  const auto asks = [&](bool wants_yes, const char* what) {
    return contains(judgement_request(q, "Q?", wants_yes, "P").turns.back().text, what);
  };
  q.aspect = questions::Aspect::kTA;
  EXPECT_TRUE(asks(true, "Does the caption say"));
  EXPECT_TRUE(asks(false, "Can the answer to the question be yes"));
  q.aspect = questions::Aspect::kPF;
  EXPECT_TRUE(asks(true, "Imagine the good videos") && asks(true, "yes in every one of"));
  EXPECT_TRUE(asks(false, "Imagine the good videos") && asks(false, "yes in any of"));
  q.kind = questions::Kind::kDense;
  q.answer = "the answer";
  EXPECT_TRUE(asks(true, "Answer: the answer\n"));
}

// A question and its twin are asked in opposite ways, also where the question's answer is No.
TEST(Entailment, WhatShouldBeYesIsAskedOfEveryVideo) {
  for (const bool stated : {true, false}) {
    std::vector<Draft> drafts = {stated ? yes_no("Is it red?", "Yes", "Is it blue?")
                                        : yes_no("Is it blue?", "No", "Is it red?")};
    drafts[0].paraphrase = "Is it so?";
    FakeTextModel model;
    model.judges = [&](const std::string& text) {
      const bool wants_yes = contains(text, "is it plain from it");
      const bool red = contains(text, "Is it red?") || (stated && contains(text, "Is it so?"));
      return YesNo{red == wants_yes ? (red ? .9 : .1) : .5, ""};
    };
    Ledger ledger;
    check_entailment(drafts, {"a red ball"}, model, ledger);
    EXPECT_EQ(ledger.to_json_lines(), "") << stated;
  }
}

TEST(Entailment, WhatNobodyJudgedIsNotAsked) {
  FakeTextModel model;
  model.judges = [](const std::string&) { return YesNo{NAN, "the server said 500"}; };
  std::vector<Draft> drafts = {yes_no("Is the ball red?")};
  Ledger ledger;
  check_entailment(drafts, {"a red ball"}, model, ledger);
  EXPECT_TRUE(drafts.empty());
  EXPECT_EQ(ledger.lines()[0].verdict.reason, "not judged");
  EXPECT_EQ(ledger.lines()[0].verdict.detail, "the server said 500");
}

}  // namespace
}  // namespace drf::writer
