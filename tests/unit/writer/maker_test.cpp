// From prompts to questions, with a language model by script.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "drf/base/error.h"
#include "drf/base/interrupt.h"
#include "drf/questions/question_file.h"
#include "drf/writer/question_maker.h"
#include "drf/writer/write_questions.h"
#include "tests/support/expect_error.h"
#include "tests/support/golden.h"
#include "tests/support/temporary_folder.h"
#include "tests/unit/writer/fake_text_model.h"

namespace drf::writer {
namespace {

using nlohmann::json;
using questions::Aspect;
using questions::Question;

std::map<Aspect, Instruction> instructions(const std::set<Aspect>& aspects = {Aspect::kTA, Aspect::kPF,
                                                                              Aspect::kVQ}) {
  return read_instructions(drf::testing::source_path("configs/writer"), aspects);
}

std::string caption_of(const TextRequest& request) { return request.turns.back().text.substr(9); }

json fact(const std::string& question, const std::string& twin, const std::string& answer = "Yes") {
  return {{"fact", "f"},
          {"question", question},
          {"answer", answer},
          {"twin", twin},
          {"paraphrase", "Is it so that x?"}};
}

TextAnswer answered(const json& facts) {
  TextAnswer answer;
  answer.text =
      json{{"questions", facts}, {"open", json::array({{{"question", "What happens?"}, {"answer", "much"}}})}}
          .dump();
  answer.prompt_tokens = 10;
  answer.answer_tokens = 5;
  return answer;
}

// Asks one good question about the caption's last word.
TextAnswer good_answer(const TextRequest& request) {
  const std::string caption = caption_of(request);
  const std::string word = caption.substr(caption.rfind(' ') + 1);
  const std::string& told = request.turns[0].text;
  const std::string what = contains(told, "obeys physics")       ? "Does the shadow follow the "
                           : contains(told, "whatever it shows") ? "Are there sharp edges on the "
                                                                 : "Is there a ";
  return answered(json::array({fact(what + word + "?", what + "rowing boat?")}));
}

// Where neither a model nor a critic is asked.
std::vector<Question> unchecked(QuestionMaker& maker) {
  maker.judge(nullptr);
  maker.check(nullptr);
  return maker.finish();
}

std::vector<Question> judged(QuestionMaker& maker, TextModel& model) {
  maker.judge(&model);
  maker.check(nullptr);
  maker.take_back(nullptr);
  return maker.finish();
}

std::vector<std::string> lines_of(const std::vector<Question>& questions) {
  std::vector<std::string> lines;
  for (const Question& q : questions)
    lines.push_back(questions::to_string(q.aspect) + " " + q.text + " -> " + q.answer);
  return lines;
}

TEST(WrittenQuestions, AnAnswerBecomesAQuestionAndItsTwin) {
  FakeTextModel model;
  model.writes = good_answer;
  model.judges = [](const std::string& text) { return YesNo{contains(text, "rowing boat") ? .1 : .9, ""}; };
  MakerOptions options;
  options.questions.aspects = {Aspect::kTA};
  QuestionMaker maker({"this is a walrus"}, {}, options);
  maker.write(model, instructions({Aspect::kTA}));
  const auto questions = judged(maker, model);
  EXPECT_EQ(lines_of(questions),
            (std::vector<std::string>{"TA Is there a walrus? -> Yes", "TA Is there a rowing boat? -> No",
                                      "TA What happens? -> much"}));
  EXPECT_EQ(questions[0].id, "p0-q0");
  EXPECT_EQ(questions[1].id, "p0-q1");
  EXPECT_EQ(model.written, 1);
  EXPECT_EQ(model.judged, 3);
  EXPECT_EQ(maker.stats().drafts, 2);
  EXPECT_EQ(maker.stats().prompt_tokens, 10);
  EXPECT_EQ(maker.stats().writer, "fake");
  EXPECT_EQ(maker.stats().from_templates, 0);
}

// Whatever a model answers, a prompt keeps a question of each aspect, and the reason is counted.
TEST(WrittenQuestions, AnAnswerThatIsNoneFallsBackToTemplates) {
  struct Case {
    std::string text, error;
    bool complete;
    std::string reason;
  };
  const std::vector<Case> cases = {
      {"I'm sorry, but I can't help with that.", "", true, "refused"},
      {"banana banana", "", true, "no JSON"},
      {"", "", true, "no JSON"},
      {"[1, 2]", "", true, "no JSON"},
      {R"({"questions":[{"fact":"a","question":"Is th)", "", false, "cut off"},
      {R"({"answers":[]})", "", true, "not as asked"},
      {R"({"questions":[]})", "", true, "not as asked"},
      {R"({"questions":[1,null,"x"]})", "", true, "not as asked"},
      {R"({"questions":{"a":1}})", "", true, "not as asked"},
      {"", "HTTP 500: out of cheese", true, "failed"},
      {std::string(200'000, '{'), "", true, "no JSON"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.reason + ": " + c.text.substr(0, 60));
    FakeTextModel model;
    model.writes = [&](const TextRequest& request) {
      if (!contains(request.turns[0].text, "obeys physics")) return good_answer(request);
      TextAnswer answer;
      answer.text = c.text, answer.error = c.error, answer.complete = c.complete;
      return answer;
    };
    QuestionMaker maker({"a dog"}, {}, {});
    maker.write(model, instructions());
    EXPECT_EQ(maker.stats().unanswered, 1);
    EXPECT_TRUE(contains(maker.stats().first_unanswered, "prompt 0, PF: " + c.reason + ": "))
        << maker.stats().first_unanswered;
    EXPECT_EQ(maker.ledger().counts()["answer: " + c.reason], 1) << "the prompt is listed";
    EXPECT_TRUE(contains(maker.ledger().to_json_lines(), R"("dropped":"answer","check":"answer")"));
    const auto questions = unchecked(maker);
    EXPECT_EQ(maker.stats().from_templates, 1);
    MakerOptions own;
    own.questions.aspects = {Aspect::kPF};
    QuestionMaker templates({"a dog"}, {}, own);
    templates.use_templates();
    std::vector<std::string> pf;
    for (const std::string& line : lines_of(questions))
      if (line.rfind("PF", 0) == 0) pf.push_back(line);
    EXPECT_EQ(pf, lines_of(unchecked(templates)));
  }
}

TEST(WrittenQuestions, AFenceAroundTheAnswerDoesNotMatter) {
  std::string failure;
  TextAnswer answer;
  answer.text =
      "Here you are:\n```json\n" + answered(json::array({fact("Is it?", "Was it?")})).text + "\n```\n";
  EXPECT_EQ(drafts_of(answer, 3, Aspect::kVQ, {}, failure).size(), 2u);
  EXPECT_EQ(failure, "");
  answer.text = answered(json::array({fact("Is it?", "Was it?", "yes.")})).text;
  const auto drafts = drafts_of(answer, 3, Aspect::kVQ, {false, false}, failure);
  ASSERT_EQ(drafts.size(), 1u);
  EXPECT_EQ(drafts[0].question.answer, "Yes");
  EXPECT_EQ(drafts[0].question.prompt, 3);
  EXPECT_EQ(drafts[0].paraphrase, "");
}

TEST(WrittenQuestions, WhatIsDroppedIsFilledAndSaid) {
  FakeTextModel model;
  model.writes = [](const TextRequest&) {
    return answered(json::array(
        {fact("Is there a dog?", "Is there a fox?"), fact("Isn't there a dog?", "Is there an ox?"),
         fact("Is a dog there?", "Is there a cat?"), fact("Is the dog old?", "Is the dog young?")}));
  };
  // The caption says nothing of old age; nothing at all of physics is believed, be it the templates'.
  model.judges = [](const std::string& text) {
    if (contains(text, "Imagine")) return YesNo{.5, ""};
    return YesNo{contains(text, "Is there a dog?") || contains(text, "What happens") ? .9 : .2, ""};
  };
  MakerOptions options;
  options.questions.aspects = {Aspect::kTA, Aspect::kPF};
  options.questions.dense = false;
  QuestionMaker maker({"a dog"}, {}, options);
  maker.write(model, instructions(options.questions.aspects));
  const auto questions = judged(maker, model);
  std::vector<std::string> ta;
  bool any_pf = false;
  for (const Question& q : questions) {
    if (q.aspect == Aspect::kTA) ta.push_back(q.text);
    any_pf = any_pf || q.aspect == Aspect::kPF;
  }
  EXPECT_EQ(ta, (std::vector<std::string>{"Is there a dog?", "Is there a fox?"}));
  EXPECT_TRUE(any_pf) << "the least bad one";
  EXPECT_EQ(maker.stats().from_templates, 1);
  EXPECT_EQ(maker.stats().taken_back, 1);
  EXPECT_TRUE(maker.stats().empty.empty());
  auto counts = maker.ledger().counts();
  EXPECT_EQ(counts["leading: leading"], 2);  // of either aspect
  EXPECT_GE(counts["duplicates: asked already"], 2);
  EXPECT_GE(counts["entailment: the caption does not say so"], 2) << maker.ledger().to_json_lines();
  int64_t lines = 0, all = 0;
  for (const auto& [reason, count] : counts) all += count;
  std::istringstream in(maker.ledger().to_json_lines());
  for (std::string line; std::getline(in, line); ++lines) {
    const json row = json::parse(line);
    for (const char* key :
         {"prompt", "aspect", "kind", "text", "answer", "source", "dropped", "check", "reason"})
      EXPECT_TRUE(row.contains(key)) << key << " in " << line;
    EXPECT_TRUE(row["check"] != "entailment" || row["p_question"].is_number()) << line;
  }
  EXPECT_EQ(lines, all);
}

TEST(WrittenQuestions, FiveThousandPromptsWithOneBroken) {
  std::vector<std::string> prompts;
  for (int i = 0; i < 5000; ++i) prompts.push_back("prompt " + std::to_string(i) + " shows a whale");
  FakeTextModel model;
  model.writes = [](const TextRequest& request) {
    TextAnswer broken;
    broken.text = std::string(4, '\xFF') + "{\"questions\": nonsense";
    return contains(caption_of(request), "prompt 2500 ") ? broken : good_answer(request);
  };
  model.judges = [](const std::string& text) { return YesNo{contains(text, "rowing boat") ? .1 : .9, ""}; };
  MakerOptions options;
  options.questions.aspects = {Aspect::kTA};
  QuestionMaker maker(prompts, {}, options);
  maker.write(model, instructions({Aspect::kTA}));
  std::set<int64_t> asked;
  int64_t written = 0;
  for (const Question& q : judged(maker, model)) {
    asked.insert(q.prompt);
    written += q.text == "Is there a whale?" && q.prompt != 2500;
  }
  EXPECT_EQ(asked.size(), 5000u);
  EXPECT_EQ(written, 4999);
  EXPECT_EQ(maker.stats().unanswered, 1);
  EXPECT_EQ(maker.ledger().counts()["answer: no JSON"], 1);
  EXPECT_EQ(maker.stats().from_templates, 1);
}

// A model that remembers what it answered, as answer_cache.h does.
class Remembering : public TextModel {
 public:
  explicit Remembering(TextModel& model) : model_(model) {}
  std::vector<TextAnswer> write(const std::vector<TextRequest>& requests, const Done& done) override {
    std::vector<TextAnswer> answers;
    for (size_t i = 0; i < requests.size(); ++i) {
      const std::string key = requests[i].turns[0].text + requests[i].turns.back().text;
      if (!known_.count(key)) known_[key] = model_.write({requests[i]}, [](size_t, const TextAnswer&) {})[0];
      answers.push_back(known_[key]);
      done(i, answers.back());
    }
    return answers;
  }
  std::vector<YesNo> judge(const std::vector<TextRequest>& requests, const Judged& done) override {
    return model_.judge(requests, done);
  }
  std::string identity() const override { return model_.identity(); }

 private:
  TextModel& model_;
  std::map<std::string, TextAnswer> known_;
};

TEST(WrittenQuestions, AnInterruptedRunGoesOnToTheSameBytes) {
  const std::vector<std::string> prompts = {"a dog", "a cat", "a cow", "a hen"};
  FakeTextModel model;
  model.judges = [](const std::string& text) { return YesNo{contains(text, "rowing boat") ? .1 : .9, ""}; };
  const auto bytes = [&](TextModel& with) {
    QuestionMaker maker(prompts, {}, {});
    maker.write(with, instructions());
    std::string text;
    for (const Question& q : judged(maker, with)) text += questions::to_json_line(q) + "\n";
    return text + maker.ledger().to_json_lines();
  };
  model.writes = good_answer;
  const std::string whole = bytes(model);
  EXPECT_EQ(whole, bytes(model)) << "the same input gives the same file";

  Remembering remembering(model);
  int64_t calls = 0;
  model.writes = [&](const TextRequest& request) {
    if (++calls == 7) throw Interrupted(130);
    return good_answer(request);
  };
  EXPECT_THROW(bytes(remembering), Interrupted);
  EXPECT_EQ(bytes(remembering), whole);
  EXPECT_EQ(calls, 13) << "what was answered is not asked again";
}

// Before a critic's passes are paid for and weights measured, the file's questions stand.
TEST(WrittenQuestions, NothingIsAskedTwiceWhenTheCriticComes) {
  FakeTextModel model;
  model.writes = [](const TextRequest& request) {
    const std::string& told = request.turns[0].text;
    TextAnswer none;
    none.text = "no";
    if (contains(told, "obeys physics")) return none;
    if (contains(told, "whatever it shows"))
      return answered(json::array({fact("Is the motion smooth?", "Is the motion jerky?")}));
    return good_answer(request);
  };
  model.judges = [](const std::string& text) {
    return YesNo{
        contains(text, "rowing boat") || contains(text, "jerk") || contains(text, "flicker") ? .1 : .9, ""};
  };
  MakerOptions options;
  options.questions.dense = false;
  QuestionMaker maker({"a dog"}, {}, options);
  maker.write(model, instructions());
  int64_t count = 0;
  do {
    maker.judge(&model);
    maker.check([&](std::vector<Draft>& drafts, Ledger&) {
      for (const Draft& draft : drafts) count += draft.question.text == "Is the motion smooth?";
    });
  } while (maker.propose());
  EXPECT_EQ(count, 1);
  int64_t asked = 0;
  for (const Question& q : maker.finish()) asked += q.text == "Is the motion smooth?";
  EXPECT_EQ(asked, 1);
}

// Without twins they are still what questions are checked with, and nobody weighs them.
TEST(WrittenQuestions, WithoutTwinsTheyAreControlsAlone) {
  FakeTextModel model;
  model.writes = good_answer;
  model.judges = [](const std::string&) { return YesNo{.9, ""}; };  // to all
  MakerOptions options;
  options.questions.aspects = {Aspect::kTA};
  options.questions.twins = options.questions.dense = false;
  QuestionMaker maker({"this is a walrus"}, {}, options);
  maker.write(model, instructions({Aspect::kTA}));
  maker.judge(&model);
  maker.check(nullptr);
  EXPECT_EQ(maker.ledger().counts()["entailment: its twin holds as well"], 1);
  EXPECT_EQ(maker.finish().size(), 1u) << "the templates' own";
}

// A Yes and a No that stand side by side are no pair for that, nor are those whose own halves fell.
TEST(TemplateQuestions, OnlyWhatWasMadeAsATwinIsOne) {
  drf::testing::TemporaryFolder folder;
  drf::testing::write_text(folder / "t.json", R"({"slots": {"color": ["red", "blue"]},
    "patterns": ["a {color} ball"],
    "questions": [
      {"aspect": "TA", "kind": "yes_no", "text": "Is there a ball?", "answer": "Yes"},
      {"aspect": "TA", "kind": "yes_no", "text": "Is it night?", "answer": "No"},
      {"aspect": "TA", "kind": "yes_no", "text": "Is the ball {color}?", "answer": "Yes"},
      {"aspect": "TA", "kind": "yes_no", "text": "Is it day?", "answer": "Yes"},
      {"aspect": "TA", "kind": "yes_no", "text": "Is the ball {color}?", "answer": "Yes", "twin": "color"},
      {"aspect": "TA", "kind": "yes_no", "text": "Is a {color} thing there?", "answer": "Yes", "twin": "color"},
      {"aspect": "TA", "kind": "yes_no", "text": "Did a {color} cube fall?", "answer": "No", "twin": "color"},
      {"aspect": "TA", "kind": "yes_no", "text": "Is it late?", "answer": "No"}]})");
  MakerOptions options;
  options.questions.aspects = {Aspect::kTA};
  options.templates = templates::TemplateSet::read(folder / "t.json");
  QuestionMaker maker({"a red ball"}, {}, options);
  maker.use_templates();
  maker.judge(nullptr);
  std::vector<std::string> pairs;
  maker.check([&](std::vector<Draft>& drafts, Ledger&) {
    for (const Draft& draft : drafts)
      pairs.push_back(draft.question.text + " " + draft.question.answer + " / " + draft.twin);
  });
  EXPECT_EQ(pairs, (std::vector<std::string>{
                       "Is there a ball? Yes / ", "Is it night? No / ", "Is the ball red? Yes / ",
                       "Is it day? Yes / ", "Is the ball blue? No / ",
                       "Is a red thing there? Yes / Is a blue thing there?",
                       "Did a red cube fall? No / Did a blue cube fall?", "Is it late? No / "}));
}

// Their words alone are not checked, be they those that the templates' own were dropped for.
TEST(TemplateQuestions, AGenericQuestionIsAskedThoughItsWordsFellBefore) {
  const std::vector<std::string> prompts = {"who? what?", "surely", "mentioned"};
  for (const double p : {.9, .4}) {
    FakeTextModel model;
    model.judges = [&](const std::string&) { return YesNo{p, ""}; };
    MakerOptions options;
    options.questions.aspects = {Aspect::kTA};
    options.questions.dense = false;
    QuestionMaker maker(prompts, {}, options);
    maker.use_templates();
    EXPECT_EQ(lines_of(judged(maker, model)),
              (std::vector<std::string>{"TA Does the video fit the words \"who? what?\"? -> Yes",
                                        "TA Does the video show this: surely? -> Yes",
                                        "TA Does the video show this: mentioned? -> Yes"}));
    EXPECT_TRUE(maker.stats().empty.empty());
    EXPECT_EQ(maker.stats().taken_back, p < .5 ? 3 : 0);
    EXPECT_EQ(maker.ledger().counts()["form: more than one question (kept)"], 0) << "the marks are quoted";
    EXPECT_EQ(maker.ledger().counts()["leading: leading (kept)"], 1);
    EXPECT_EQ(maker.ledger().counts()["form: about the text (kept)"], 1);
  }
}

// What was wrong with its twin, or where it stood, is not wrong with the same words of the templates'.
TEST(WrittenQuestions, AQuestionThatFellByItsFormDoesNotTakeTheTemplatesOwn) {
  for (const char* twin : {"", "It is a fox.", "Isn't there a fox?"}) {
    for (const double p : {.9, .4}) {
      FakeTextModel model;
      model.writes = [&](const TextRequest&) {
        return answered(json::array({fact("Is there a dog?", twin)}));
      };
      model.judges = [&](const std::string& text) {
        return YesNo{contains(text, "Is there a dog?") ? p : .1, ""};
      };
      MakerOptions options;
      options.questions.aspects = {Aspect::kTA};
      options.questions.dense = options.questions.twins = false;
      QuestionMaker maker({"a dog"}, {}, options);
      maker.write(model, instructions({Aspect::kTA}));
      EXPECT_EQ(lines_of(judged(maker, model)), std::vector<std::string>{"TA Is there a dog? -> Yes"})
          << twin << maker.ledger().to_json_lines();
      EXPECT_EQ(maker.stats().from_templates, 1);
    }
  }
}

TEST(WrittenQuestions, ATwinIsAskedAgainWhereTheCriticDropsWhoAskedIt) {
  FakeTextModel model;
  model.writes = [](const TextRequest&) {
    return answered(json::array({fact("Is the ball red?", "Is the ball blue?"),
                                 fact("Does the ball roll?", "Is there a blue ball?")}));
  };
  model.judges = [](const std::string& text) { return YesNo{contains(text, "blue") ? .1 : .9, ""}; };
  MakerOptions options;
  options.questions.aspects = {Aspect::kTA};
  options.questions.dense = false;
  for (const bool twins : {true, false}) {
    options.questions.twins = twins;
    QuestionMaker maker({"a red ball rolls"}, {}, options);
    maker.write(model, instructions({Aspect::kTA}));
    maker.judge(&model);
    maker.check([](std::vector<Draft>& drafts, Ledger& ledger) {
      drop_where(drafts, ledger, "blind", [](const Draft& draft) {
        return contains(draft.question.text, "red") ? std::optional<Verdict>({"certain", ""}) : std::nullopt;
      });
    });
    std::vector<std::string> wanted = {"TA Does the ball roll? -> Yes"};
    if (twins) wanted.push_back("TA Is there a blue ball? -> No");
    EXPECT_EQ(lines_of(maker.finish()), wanted) << maker.ledger().to_json_lines();
  }
}

// What was dropped, and stays since its aspect would be empty without it, is said not to be dropped.
TEST(WrittenQuestions, WhatStaysForWantOfBetterIsNoDrop) {
  FakeTextModel model;
  model.judges = [](const std::string&) { return YesNo{.5, ""}; };
  MakerOptions options;
  options.questions.aspects = {Aspect::kPF};
  QuestionMaker maker({"a dog"}, {}, options);
  maker.use_templates();
  std::set<std::string> asked;
  for (const Question& q : judged(maker, model)) asked.insert(q.text);
  EXPECT_FALSE(asked.empty());
  std::istringstream in(maker.ledger().to_json_lines());
  for (std::string line; std::getline(in, line);) {
    const json row = json::parse(line);
    EXPECT_EQ(row["dropped"], asked.count(row["text"]) ? "twin" : "question") << line;
  }
}

}  // namespace
}  // namespace drf::writer
