// The whole way from prompts to a file, on small files of chance with a language model by script that writes
// good and bad: what must hold of any file, whoever wrote it.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "drf/base/error.h"
#include "drf/base/random.h"
#include "drf/questions/question_file.h"
#include "drf/writer/question_maker.h"
#include "drf/writer/question_words.h"
#include "tests/support/golden.h"
#include "tests/unit/writer/fake_text_model.h"

namespace drf::writer {
namespace {

using nlohmann::json;
using questions::Aspect;
using questions::Question;
using Strings = std::vector<std::string>;

// A prompt's and aspect's question, and its answer.
using Fact = std::tuple<int64_t, Aspect, std::string, std::string>;

// Chance by seed, in the order in which it is asked for.
class Dice {
 public:
  explicit Dice(uint64_t seed) : random_({seed, Purpose::kTwins, 0, 0}) {}
  bool rolls(double share) { return static_cast<double>(random_.next_below(1000)) < 1000 * share; }
  const std::string& of(const Strings& words) { return words[random_.next_below(words.size())]; }
  int64_t below(uint64_t n) { return static_cast<int64_t>(random_.next_below(n)); }

 private:
  RandomStream random_;
};

// Few words, so that questions, twins and paraphrases meet within prompts and across them.
const Strings kNouns = {"ball", "dog", "cube"}, kLooks = {"red", "wet", "old", "new"};

std::string question_of(Dice& dice, Aspect aspect) {
  const std::string& noun = dice.of(kNouns);
  if (aspect != Aspect::kTA && dice.rolls(.7)) {
    return dice.of({"Is the motion smooth?", "Does anything flicker?", "Is the clip sharp?",
                    "Is the video sharp?", "Does the " + noun + " keep its shape?",
                    "Is the " + noun + " a blur?"});
  }
  const std::string& look = dice.of(kLooks);
  return dice.of({"Is the " + noun + " " + look + "?", "Is there a " + look + " " + noun + "?",
                  "Does the " + noun + " look very " + look + "?", "Is the " + noun + " not " + look + "?",
                  "Can you see that the " + noun + " is very " + look + "?"});
}

std::string spoilt(Dice& dice, const std::string& question) {
  if (dice.rolls(.9)) return question;
  return dice.of({"", "Isn't it so?", question + " <|im_end|>?", "It is.", "Is it this or that?"});
}

json fact_of(Dice& dice, Aspect aspect) {
  const std::string question = question_of(dice, aspect), twin = question_of(dice, aspect);
  const std::string other = dice.rolls(.2) ? twin : question_of(dice, aspect);
  return {{"fact", "f"},
          {"question", spoilt(dice, question)},
          {"answer", dice.rolls(.7) ? "Yes" : "No"},
          {"twin", spoilt(dice, twin)},
          {"paraphrase", spoilt(dice, other)}};
}

// What one way through it all left.
struct Way {
  std::vector<std::string> prompts;
  MakerOptions options;
  std::map<Fact, int64_t> written;
  std::vector<Draft> before_the_critic, kept;
  std::vector<json> dropped;
  std::vector<Question> file;
  std::set<Place> empty;  // nothing is left to ask
};

Way go(uint64_t seed) {
  Dice dice(seed);
  Way way;
  const int64_t prompts = 1 + dice.below(7);
  for (int64_t p = 0; p < prompts; ++p)
    way.prompts.push_back(concat("a ", dice.of(kLooks), " ", dice.of(kNouns), " number ", p));
  way.options.paraphrases = true;
  way.options.held_out = std::vector<double>{0, .1, .3, .6, .95}[static_cast<size_t>(dice.below(5))];
  way.options.questions.seed = seed;
  way.options.questions.twins = dice.rolls(.8);
  way.options.questions.dense = dice.rolls(.5);
  if (dice.rolls(.3)) way.options.questions.aspects = {Aspect::kTA, Aspect::kVQ};
  Strings references(way.prompts.size());
  if (dice.rolls(.2)) references[0] = "clip.mp4";
  FakeTextModel model;
  model.writes = [&](const TextRequest& request) {
    TextAnswer answer;
    answer.text = "I'm sorry.";
    if (dice.rolls(.2)) return answer;
    const std::string& told = request.turns[0].text;
    const Aspect aspect = contains(told, "obeys physics")       ? Aspect::kPF
                          : contains(told, "whatever it shows") ? Aspect::kVQ
                                                                : Aspect::kTA;
    const std::string& last = request.turns.back().text;
    const int64_t prompt = std::stoll(last.substr(last.rfind(' ')));
    json facts = json::array();
    for (int64_t n = 1 + dice.below(5); n > 0; --n) {
      facts.push_back(fact_of(dice, aspect));
      ++way.written[{prompt, aspect, facts.back()["question"], facts.back()["answer"]}];
    }
    answer.text = json{{"questions", facts}}.dump();
    return answer;
  };
  model.judges = [&](const std::string&) {
    return YesNo{dice.rolls(.5) ? .9 : .1, dice.rolls(.02) ? "?" : ""};
  };
  QuestionMaker maker(way.prompts, references, way.options);
  maker.write(model,
              read_instructions(testing::source_path("configs/writer"), way.options.questions.aspects));
  const bool judges = dice.rolls(.5);
  // What a critic may do: drop, and weigh, though never all of an aspect to nothing.
  const auto look = [&](std::vector<Draft>& drafts, Ledger& ledger) {
    way.before_the_critic.insert(way.before_the_critic.end(), drafts.begin(), drafts.end());
    drop_where(drafts, ledger, "critic", [&](const Draft&) {
      return dice.rolls(.2) ? std::optional<Verdict>({"by chance", ""}) : std::nullopt;
    });
    std::map<std::pair<int64_t, Aspect>, double> sums;
    for (Draft& draft : drafts) {
      if (dice.rolls(.4)) draft.question.weight = 0;
      if (dice.rolls(.4)) draft.twin_weight = 0;
      sums[{draft.question.prompt, draft.question.aspect}] +=
          draft.question.weight + (draft.asks_twin() ? draft.twin_weight : 0);
    }
    for (Draft& draft : drafts)
      if (sums[{draft.question.prompt, draft.question.aspect}] == 0) draft.question.weight = 1;
  };
  do {
    maker.judge(judges ? &model : nullptr);
    maker.check(look);
  } while (maker.propose());
  if (maker.lacks()) maker.take_back(nullptr);
  way.file = maker.finish();
  maker.weigh([&](std::vector<Draft>& drafts) { way.kept = drafts; });
  way.empty.insert(maker.stats().empty.begin(), maker.stats().empty.end());
  std::istringstream in(maker.ledger().to_json_lines());
  for (std::string line; std::getline(in, line);) way.dropped.push_back(json::parse(line));
  return way;
}

std::string meant(const Question& q) {
  const std::string key = meaning_of(q.text).key;
  return key.empty() ? q.text : key;
}

// No meaning is on both sides, be it as a question, as a twin or in other words.
void expect_sides_apart(const Way& way) {
  std::map<std::string, const Question*> trained;
  for (const Question& q : way.file)
    if (!q.held_out) trained[meant(q)] = &q;
  for (const Question& q : way.file) {
    const auto other = trained.find(meant(q));
    EXPECT_TRUE(!q.held_out || other == trained.end()) << questions::to_json_line(q) << "\n"
                                                       << questions::to_json_line(*other->second);
  }
}

void expect_something_to_train_on(const Way& way) {
  std::set<std::pair<int64_t, Aspect>> trains;
  for (const Question& q : way.file)
    if (q.trains() && q.weight > 0) trains.insert({q.prompt, q.aspect});
  for (size_t p = 0; p < way.prompts.size(); ++p) {
    for (const Aspect aspect : way.options.questions.aspects)
      EXPECT_NE(trains.count({p, aspect}) > 0, way.empty.count({p, aspect}) > 0)
          << p << " " << questions::to_string(aspect);
  }
}

// Within a prompt each thing is asked once, and in other words of its own once more.
void expect_nothing_asked_twice(const Way& way) {
  std::map<std::pair<int64_t, std::string>, const Question*> asked;
  std::set<std::pair<int64_t, std::string>> texts;
  for (const Question& q : way.file) {
    EXPECT_TRUE(texts.insert({q.prompt, q.text}).second) << questions::to_json_line(q);
    if (!q.paraphrase_of.empty()) continue;
    const auto [first, fresh] = asked.insert({{q.prompt, meant(q)}, &q});
    EXPECT_TRUE(fresh) << questions::to_json_line(q) << "\n" << questions::to_json_line(*first->second);
  }
  for (const Question& q : way.file) {
    if (q.paraphrase_of.empty()) continue;
    const auto [other, fresh] = asked.insert({{q.prompt, meant(q)}, &q});
    EXPECT_TRUE(fresh || other->second->id == q.paraphrase_of) << questions::to_json_line(q) << "\n"
                                                               << questions::to_json_line(*other->second);
  }
}

// A twin that is not asked is asked by someone else, or it would be no control of what is trained.
void expect_twins_to_be_asked(const Way& way) {
  if (!way.options.questions.twins) return;
  std::set<std::pair<int64_t, std::string>> asked;
  for (const Draft& draft : way.before_the_critic) {
    asked.insert({draft.question.prompt, key_of(draft.question.text)});
    if (draft.asks_twin()) asked.insert({draft.question.prompt, key_of(draft.twin)});
  }
  for (const Draft& draft : way.before_the_critic)
    EXPECT_TRUE(draft.twin.empty() || asked.count({draft.question.prompt, key_of(draft.twin)})) << draft.twin;
}

// What was written is in the file or was dropped, once; what is in the file was not.
void expect_accounts_to_close(const Way& way) {
  std::map<std::string, std::map<Fact, int64_t>> dropped;  // by part
  for (const json& row : way.dropped) {
    const Fact fact{row["prompt"], *questions::parse_aspect(row["aspect"]), row["text"], row["answer"]};
    ++dropped[row["dropped"].get<std::string>() + (row["source"] == "written" ? "" : " of templates")][fact];
  }
  std::map<Fact, int64_t> left = way.written;
  for (const auto& [fact, count] : dropped["question"]) left[fact] -= count;
  std::map<Fact, int64_t> twins, paraphrases, kept;
  for (const Draft& draft : way.kept) {
    const Question& q = draft.question;
    const Fact fact{q.prompt, q.aspect, q.text, q.answer};
    if (draft.origin == Draft::Origin::kWritten) {
      --left[fact];
      ++kept[fact];
      twins[fact] += way.options.questions.twins && !draft.asks_twin();
      paraphrases[fact] += !draft.paraphrase.empty();
    } else {
      EXPECT_EQ(dropped["question of templates"].count(fact), 0u) << q.text;
    }
  }
  for (const auto& [fact, count] : left) EXPECT_EQ(count, 0) << std::get<2>(fact);
  // A fact that was written several times may have lost a part before it was dropped as a whole.
  for (const auto& [fact, count] : kept) {
    if (way.written.at(fact) > 1) continue;
    EXPECT_EQ(dropped["twin"][fact], twins[fact]) << std::get<2>(fact);
    EXPECT_LE(dropped["paraphrase"][fact] + paraphrases[fact], 1) << std::get<2>(fact);
  }
}

TEST(WholeWay, WhatHoldsOfEveryFile) {
  int64_t held_out = 0, again = 0, facts = 0, questions = 0;
  for (uint64_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(concat("seed ", seed));
    const Way way = go(seed);
    expect_sides_apart(way);
    expect_something_to_train_on(way);
    expect_nothing_asked_twice(way);
    expect_twins_to_be_asked(way);
    expect_accounts_to_close(way);
    for (const Question& q : way.file) held_out += q.held_out, again += !q.paraphrase_of.empty();
    for (const Draft& draft : way.kept) facts += draft.origin == Draft::Origin::kWritten;
    questions += static_cast<int64_t>(way.file.size());
    if (HasFailure()) break;
  }
  // Of each kind there was something to be wrong about.
  EXPECT_GT(held_out, questions / 20);
  EXPECT_GT(again, questions / 50);
  EXPECT_GT(facts, questions / 10);
}

}  // namespace
}  // namespace drf::writer
