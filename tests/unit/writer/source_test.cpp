// The whole way from prompts to a file, with a language model and a critic by script: what is dropped stays
// dropped, what is asked instead has passed the same tests, and whatever interrupts it costs what was on its
// way.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "drf/base/error.h"
#include "drf/base/interrupt.h"
#include "drf/questions/question_file.h"
#include "drf/writer/critic_cache.h"
#include "drf/writer/least_bad.h"
#include "drf/writer/question_source.h"
#include "tests/support/golden.h"
#include "tests/support/temporary_folder.h"
#include "tests/unit/writer/fake_critic.h"
#include "tests/unit/writer/fake_text_model.h"

namespace drf::writer {
namespace {

using nlohmann::json;
using questions::Aspect;
using questions::Question;
using testing::TemporaryFolder;

template <typename Model>
class Shared;

template <>
class Shared<TextModel> : public TextModel {
 public:
  explicit Shared(TextModel& model) : model_(model) {}
  std::vector<TextAnswer> write(const std::vector<TextRequest>& requests, const Done& done) override {
    return model_.write(requests, done);
  }
  std::vector<YesNo> judge(const std::vector<TextRequest>& requests, const Judged& done) override {
    return model_.judge(requests, done);
  }
  std::string identity() const override { return model_.identity(); }

 private:
  TextModel& model_;
};

template <>
class Shared<critic::Critic> : public critic::Critic {
 public:
  explicit Shared(critic::Critic& critic) : critic_(critic) {}
  critic::Answers ask(const at::Tensor& frames, double fps,
                      const std::vector<questions::QuestionList>& lists) override {
    return critic_.ask(frames, fps, lists);
  }

 private:
  critic::Critic& critic_;
};

// Everything by script; one clip, of brightness .9, of each prompt, while a gray clip has .5.
struct Case {
  FakeTextModel text;
  FakeCritic critic;
  std::vector<std::string> prompts = {"a dog"};
  MakerOptions options;
  bool calibrate = true, text_writes = true;
  std::filesystem::path answers;
  int64_t texts_opened = 0, critics_opened = 0;

  Case() {
    options.questions.dense = false;
    text.writes = [](const TextRequest&) {
      TextAnswer answer;
      answer.text = R"({"questions": [{"fact": "f", "question": "Is there a walrus?", "answer": "Yes",)"
                    R"( "twin": "Is there a bicycle?", "paraphrase": "x"}], "open": []})";
      return answer;
    };
    text.judges = [](const std::string&) { return YesNo{.9, ""}; };
    critic.p_yes = [](const std::string&, double) { return .5; };
  }

  MadeQuestions make() {
    SourceModels models;
    models.text = [this] { return ++texts_opened, std::make_unique<Shared<TextModel>>(text); };
    models.text_writes = text_writes;
    models.critic = [this] { return ++critics_opened, std::make_unique<Shared<critic::Critic>>(critic); };
    models.critic_identity = [] { return std::string("fake critic"); };
    models.critic_frames = 2;
    SourceFiles files{testing::source_path("configs/writer"), answers, {}, {}};
    if (calibrate) {
      files.calibrate.emplace();
      for (size_t p = 0; p < prompts.size(); ++p) files.calibrate->files[static_cast<int64_t>(p)] = {"clip"};
      files.calibrate->read = [](const std::filesystem::path&) {
        return ClipSource::Clip{at::full({2, 3, 4, 4}, .9), 8};
      };
    }
    const MadeQuestions made = make_questions(prompts, {}, options, models, files);
    expect_agreement(made);
    return made;
  }

  // What the ledger says was dropped is not in the file, and whatever is in the file once only.
  static void expect_agreement(const MadeQuestions& made) {
    std::set<std::pair<int64_t, std::string>> asked;
    for (const Question& q : made.questions) EXPECT_TRUE(asked.insert({q.prompt, q.text}).second) << q.text;
    std::vector<json> rows;
    std::istringstream lines(made.ledger.to_json_lines());
    for (std::string line; std::getline(lines, line);) rows.push_back(json::parse(line));
    const auto words_of = [](const json& row, const char* what) {
      return std::pair(row["prompt"].get<int64_t>(), row.value(what, ""));
    };
    std::set<std::pair<int64_t, std::string>> gone;
    for (const json& row : rows)
      if (row["dropped"] == "question") gone.insert(words_of(row, "text"));
    for (const json& row : rows) {
      if (row["check"] == "duplicates") continue;  // of what may be asked
      const auto in_file = [&](const char* what) {
        return row.contains(what) && asked.count(words_of(row, what)) > 0;
      };
      const std::string dropped = row["dropped"];
      EXPECT_TRUE(dropped != "question" || !(in_file("text") || in_file("twin"))) << row;
      EXPECT_TRUE(dropped != "twin" || (in_file("text") && !in_file("twin"))) << row;
      const bool later = gone.count(words_of(row, "text")) > 0;  // by another check
      EXPECT_TRUE(dropped != "nothing" || in_file("text") || later) << row;
    }
  }
};

std::vector<std::string> texts_of(const MadeQuestions& made, Aspect aspect, int64_t prompt = 0) {
  std::vector<std::string> texts;
  for (const Question& q : made.questions)
    if (q.aspect == aspect && q.prompt == prompt) texts.push_back(q.text);
  return texts;
}

bool is_walrus(const std::string& text) { return contains(text, "walrus") || contains(text, "bicycle"); }

// Says yes to what a dog is or does, on a clip.
double sees_a_dog(const std::string& text, double brightness) {
  if (brightness < .6) return .5;
  return contains(text, "Is there a dog") ? .9 : .1;
}

TEST(QuestionSource, WhatTheCriticLeavesEmptyTheTemplatesFillAndItIsTestedAsWell) {
  Case c;
  c.options.questions.aspects = {Aspect::kTA};
  c.text.judges = [](const std::string& text) {
    return YesNo{contains(text, "walrus") || contains(text, "Is there a dog") ? .9 : .1, ""};
  };
  c.critic.p_yes = sees_a_dog;
  const MadeQuestions made = c.make();
  const auto asked = texts_of(made, Aspect::kTA);
  ASSERT_EQ(asked.size(), 2u) << made.ledger.to_json_lines();
  EXPECT_EQ(asked[0], "Is there a dog?");
  EXPECT_EQ(made.ledger.counts().at("calibration: wrong on real clips"), 1);
  EXPECT_EQ(made.stats.from_templates, 1);
  EXPECT_EQ(made.stats.generic + made.stats.taken_back, 0);
  EXPECT_FALSE(made.any_written);
  EXPECT_EQ(c.texts_opened, 2) << "the templates' were judged";
  EXPECT_EQ(c.critics_opened, 2) << "and looked at";
}

// Generic questions are the templates' for a prompt that says nothing of physics: they came back.
TEST(QuestionSource, WhatIsWrongOnRealClipsNeverComesBack) {
  Case c;
  c.options.questions.aspects = {Aspect::kTA, Aspect::kPF};
  c.options.questions.twins = false;
  c.critic.p_yes = [](const std::string& text, double brightness) {
    return brightness < .6 ? .5 : contains(text, "Is there a dog") ? .9 : .1;
  };
  const MadeQuestions made = c.make();
  EXPECT_EQ(texts_of(made, Aspect::kPF), std::vector<std::string>()) << made.ledger.to_json_lines();
  EXPECT_FALSE(texts_of(made, Aspect::kTA).empty());
  EXPECT_EQ(made.stats.empty, (std::vector<Place>{{0, Aspect::kPF}}));
  EXPECT_TRUE(contains(describe(made), "1 prompt aspects are left without a question: prompt 0 PF"))
      << describe(made);
  EXPECT_GE(made.ledger.counts().at("calibration: wrong on real clips"), 2);
}

TEST(QuestionSource, WithoutAnotherTheLeastBadIsAskedAndTheLedgerSaysSo) {
  Case c;
  c.text_writes = false;
  c.options.questions.aspects = {Aspect::kPF};
  c.options.questions.twins = false;
  // Nothing is believed; what is longest most. It is wrong on clips, so the next but one comes.
  c.text.judges = [](const std::string& text) {
    return YesNo{std::min(.49, .001 * static_cast<double>(text.size())), ""};
  };
  std::string longest;
  for (const bool clips : {false, true}) {
    c.calibrate = clips;
    c.critic.p_yes = [&](const std::string& text, double brightness) {
      return brightness > .6 && text == longest ? .1 : .6;
    };
    const MadeQuestions made = c.make();
    const auto asked = texts_of(made, Aspect::kPF);
    ASSERT_EQ(asked.size(), 1u) << made.ledger.to_json_lines();
    if (!clips) {
      longest = asked[0];
    } else {
      EXPECT_LE(asked[0].size(), longest.size());
      EXPECT_NE(asked[0], longest);
    }
    EXPECT_EQ(made.ledger.counts().at("entailment: the caption does not say so (kept)"), 1);
    EXPECT_EQ(made.stats.taken_back, 1);
    for (const Ledger::Line& line : made.ledger.lines())
      EXPECT_TRUE(line.kept || line.draft.question.text.size() <= longest.size());
    EXPECT_TRUE(contains(made.ledger.to_json_lines(), "the least bad of its aspect"));
  }
}

TEST(QuestionSource, ATwinThatIsWrongStaysAwayFromWhatIsTakenBack) {
  Case c;
  c.options.questions.aspects = {Aspect::kTA};
  c.calibrate = false;
  // Yes to everything: the facts are believed, and their twins too.
  c.text.judges = [](const std::string& text) { return YesNo{is_walrus(text) ? .9 : .4, ""}; };
  const MadeQuestions made = c.make();
  EXPECT_EQ(texts_of(made, Aspect::kTA), std::vector<std::string>{"Is there a walrus?"});
  EXPECT_EQ(made.ledger.counts().at("entailment: its twin holds as well"), 1);
  EXPECT_TRUE(made.any_written);
}

TEST(QuestionSource, WhatABlindCriticIsSureOfComesBeforeWhatTheCaptionDoesNotSay) {
  Case c;
  c.options.questions.aspects = {Aspect::kTA};
  c.text.judges = [](const std::string& text) {
    return YesNo{contains(text, "walrus") ? .9 : contains(text, "bicycle") ? .1 : .45, ""};
  };
  c.critic.p_yes = [](const std::string& text, double) { return contains(text, "walrus") ? .99 : .3; };
  const MadeQuestions made = c.make();
  EXPECT_EQ(texts_of(made, Aspect::kTA),
            (std::vector<std::string>{"Is there a walrus?", "Is there a bicycle?"}));
  EXPECT_EQ(made.ledger.counts().at("blind: certain without the clip (kept)"), 1);
}

// The same words in another aspect, and as another's twin.
TEST(LeastBad, WordsThatAreWrongOnClipsComeBackNowhere) {
  const auto of = [](Aspect aspect, Draft draft) {
    draft.question.aspect = aspect;
    return draft;
  };
  Ledger ledger;
  const auto doubted = [&](const Draft& draft, double p) {
    ledger.add(draft, "entailment", {"the caption does not say so", "", {{"p_question", p}, {"p_twin", .9}}});
  };
  ledger.add(of(Aspect::kTA, yes_no("Is it wet?", "Yes", "Is it dry?")), "calibration",
             {"wrong on real clips", ""});
  doubted(of(Aspect::kPF, yes_no("Is it wet?")), .5);
  doubted(of(Aspect::kPF, yes_no("Is it old?", "Yes", "Is it dry?")), .4);
  doubted(of(Aspect::kPF, yes_no("Is it new?", "Yes", "Is it lost?")), .3);
  const auto nobody = [](std::vector<Draft>&, Ledger&) {};
  const auto taken = least_bad(ledger, {{0, Aspect::kPF}, {0, Aspect::kTA}}, nobody);
  ASSERT_EQ(taken.size(), 2u);
  EXPECT_EQ(taken[1].draft.question.text, "Is it new?");
  EXPECT_EQ(taken[0].draft.question.text, "Is it old?");
  EXPECT_EQ(taken[0].line, 2u);
  EXPECT_TRUE(taken[0].twin_goes && taken[0].draft.twin.empty());
}

// A fault of a paraphrase, or of how a question was put once, is none of its words.
TEST(LeastBad, WhatLostAPartComesBackAsWellAndWithoutWhatNobodyTested) {
  for (const Verdict& before :
       {Verdict{"the paraphrase does not hold", "", {}, Verdict::Part::kParaphrase},
        Verdict{"the twin is asked already", "", {}, Verdict::Part::kTwin}, Verdict{"no twin", ""}}) {
    Draft draft = yes_no("Is it wet?", "Yes", "Is it dry?");
    draft.paraphrase = "Going by your eyes, is it wet?";
    Ledger ledger;
    ledger.add(draft, "form", before);
    ledger.add(draft, "entailment",
               {"the caption does not say so", "", {{"p_question", .4}, {"p_twin", .9}}});
    const auto taken = least_bad(ledger, {{0, draft.question.aspect}}, nullptr);
    ASSERT_EQ(taken.size(), 1u) << before.reason;
    EXPECT_EQ(taken[0].draft.twin, "Is it dry?") << before.reason;
    EXPECT_EQ(taken[0].draft.paraphrase, "");
  }
  Ledger ledger;
  Draft draft = yes_no("Is it wet?");
  draft.paraphrase = "Going by your eyes, is it wet?";
  ledger.add(draft, "blind", {"certain without the clip", "", {{"p_blind", .99}}});
  EXPECT_EQ(least_bad(ledger, {{0, draft.question.aspect}}, nullptr).at(0).draft.paraphrase, draft.paraphrase)
      << "entailment let it pass";
  ledger.add(draft, "leading", {"special token", "<|"});
  EXPECT_TRUE(least_bad(ledger, {{0, draft.question.aspect}}, nullptr).empty());
}

TEST(CriticCache, WhateverIsOtherInACallIsAnotherCall) {
  const TemporaryFolder folder;
  AnswerFile kept(folder / "answers.jsonl");
  FakeCritic critic;
  critic.p_yes = [](const std::string&, double brightness) { return brightness; };
  at::Tensor frames = at::full({1, 2, 3, 4, 4}, .25);
  questions::QuestionList list = {yes_no("Is it?").question, yes_no("Is it not?", "No").question};
  double fps = 8;
  std::string identity = "one";
  const auto asks = [&] {
    CriticCache cache(critic, identity, kept);
    const int64_t before = critic.asked;
    const auto first = cache.ask(frames, fps, {list}).logprobs[0],
               again = cache.ask(frames, fps, {list}).logprobs[0];
    EXPECT_TRUE(at::equal(first, again));
    EXPECT_EQ(cache.found() > 0, true);
    EXPECT_NEAR(first[0].item<double>(), std::log(frames.mean().item<double>()), 1e-12);
    return critic.asked > before;
  };
  EXPECT_TRUE(asks());
  EXPECT_FALSE(asks());
  frames = at::full({1, 2, 3, 4, 4}, .75);
  EXPECT_TRUE(asks());
  frames = frames.to(at::kDouble);
  EXPECT_TRUE(asks());
  frames = frames.reshape({1, 4, 3, 4, 2});
  EXPECT_TRUE(asks());
  fps = 9;
  EXPECT_TRUE(asks());
  identity = "two";
  EXPECT_TRUE(asks());
  std::swap(list[0].text, list[1].text);
  EXPECT_TRUE(asks());
  list[1].answer = "Yes";
  EXPECT_TRUE(asks());
  list.pop_back();
  EXPECT_TRUE(asks()) << "its company is part of the call";
  EXPECT_FALSE(asks());
}

// A server that moderates a prompt answers nothing about it: its templates' questions stand unjudged.
TEST(QuestionSource, APromptThatNobodyJudgesKeepsItsTemplates) {
  Case c;
  c.prompts = {"a dog", "a cat and a red ball"};
  c.calibrate = false;
  c.text.writes = [](const TextRequest& request) {
    TextAnswer answer;
    if (contains(request.turns.back().text, "cat")) {
      answer.error = "answers 403 (Input flagged)";
    } else {
      answer.text = R"({"questions": [{"fact": "f", "question": "Is there a dog?", "answer": "Yes",)"
                    R"( "twin": "Is there a cow?", "paraphrase": "x"}], "open": []})";
    }
    return answer;
  };
  c.text.judges = [](const std::string& text) {
    if (contains(text, "Caption: a cat")) return YesNo{std::nan(""), "answers 403 (Input flagged)"};
    return YesNo{contains(text, "cow") ? .1 : .9, ""};
  };
  const MadeQuestions made = c.make();
  EXPECT_EQ(made.stats.unanswered, 3);
  EXPECT_EQ(made.ledger.counts().at("answer: failed"), 3);
  EXPECT_TRUE(contains(made.ledger.to_json_lines(), "answers 403 (Input flagged)"));
  MakerOptions own = c.options;
  size_t templates = 0;
  for (const Question& q : templates::make_questions(c.prompts, own.templates, own.questions))
    templates += q.prompt == 1;
  size_t asked = 0;
  for (const Question& q : made.questions) asked += q.prompt == 1;
  EXPECT_EQ(asked, templates);
}

// However often it is stopped, it goes on to the same bytes, and asks again what was on its way alone.
TEST(QuestionSource, WhatTheCriticSaidIsKept) {
  const TemporaryFolder folder;
  const auto bytes = [](const MadeQuestions& made) {
    std::string text;
    for (const Question& q : made.questions) text += questions::to_json_line(q) + "\n";
    return text + made.ledger.to_json_lines();
  };
  const auto fill = [](Case& c) {
    c.prompts = {"a dog", "a cat", "a cow", "a red ball rolls to the left", "an old man walks a dog"};
    c.text.judges = [](const std::string& text) { return YesNo{text.size() % 3 == 0 ? .1 : .9, ""}; };
    c.critic.p_yes = [](const std::string& text, double brightness) {
      return .05 + .9 * std::fmod(static_cast<double>(text.size()) * (brightness + .117), 1.0);
    };
  };
  Case whole;
  fill(whole);
  const std::string want = bytes(whole.make());
  EXPECT_GT(whole.critic.asked, 60);
  Case stopped;
  fill(stopped);
  stopped.answers = folder / "answers.jsonl";
  int64_t stops = 0, calls = 0;
  stopped.critic.before_ask = [&] {
    if (++calls > 2) throw Interrupted(137);
  };
  while (true) {
    calls = 0;
    try {
      EXPECT_EQ(bytes(stopped.make()), want);
      break;
    } catch (const Interrupted&) {
      ASSERT_LT(++stops, 50);
    }
  }
  EXPECT_GE(stops, 2);
  const int64_t asked = stopped.critic.asked, judged = stopped.text.judged;
  EXPECT_LE(asked, whole.critic.asked) << "nothing that was answered is asked again";
  calls = -1000;
  EXPECT_EQ(bytes(stopped.make()), want);
  EXPECT_EQ(stopped.critic.asked, asked) << "a command that is done asks nothing";
  EXPECT_EQ(stopped.text.judged, judged);
}

}  // namespace
}  // namespace drf::writer
