#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "drf/base/files.h"
#include "drf/critic/question_file.h"
#include "drf/critic/templates.h"
#include "tests/support/expect_error.h"
#include "tests/support/golden.h"
#include "tests/support/temporary_folder.h"

namespace drf::critic {
namespace {

using testing::error_of;
using testing::says;
using testing::source_path;
using testing::TemporaryFolder;
using testing::write_text;

std::vector<std::string> lines_of(const std::vector<Question>& questions) {
  std::vector<std::string> lines;
  for (const Question& q : questions) {
    lines.push_back(to_string(q.aspect) + " " + q.text + " -> " + q.answer);
  }
  return lines;
}

TemplateSet tiny() { return TemplateSet::read(source_path("assets/tiny/questions.json")); }

TEST(QuestionFile, ComesBackAsWritten) {
  TemporaryFolder folder;
  Question a{"p0-q0", 0, Aspect::kTA, Kind::kYesNo, "Is the \"ball\" red?", "Yes", 1};
  Question b{"p1-q0", 1, Aspect::kPF, Kind::kDense, "Was tut der B\xC3\xA4r?", "er l\xC3\xA4uft", 0.25};
  write_questions(folder / "new" / "q.jsonl", {a, b});
  EXPECT_EQ(read_questions(folder / "new" / "q.jsonl", 2), (std::vector<Question>{a, b}));
  EXPECT_EQ(
      to_json_line(a),
      R"({"id":"p0-q0","prompt":0,"aspect":"TA","kind":"yes_no","text":"Is the \"ball\" red?","answer":"Yes","weight":1.0})");
  a.weight = 1;
  write_text(folder / "q.jsonl",
             R"({"answer":"No","text":"t","kind":"yes_no","aspect":"VQ","prompt":7,"id":"x"})"
             "\n\n");
  const auto read = read_questions(folder / "q.jsonl");
  ASSERT_EQ(read.size(), 1u);
  EXPECT_EQ(read[0], (Question{"x", 7, Aspect::kVQ, Kind::kYesNo, "t", "No", 1}));
}

TEST(QuestionFile, SplitAndParaphrasesComeBackAsWritten) {
  TemporaryFolder folder;
  Question asked{"p0-q0", 0, Aspect::kTA, Kind::kYesNo, "Is the ball red?", "Yes", 1};
  Question held_out = asked, again = asked;
  held_out.id = "p0-q1", held_out.held_out = true;
  again.id = "p0-q0-a", again.paraphrase_of = "p0-q0";
  EXPECT_TRUE(asked.trains());
  EXPECT_FALSE(held_out.trains());
  EXPECT_FALSE(again.trains());
  // A paraphrase may stand before the question that it repeats.
  write_questions(folder / "q.jsonl", {again, asked, held_out});
  EXPECT_EQ(read_questions(folder / "q.jsonl"), (std::vector<Question>{again, asked, held_out}));
  EXPECT_EQ(to_json_line(asked).find("split"), std::string::npos) << "older files' lines keep their bytes";
  EXPECT_TRUE(says(to_json_line(held_out), R"("split":"held_out")"));
  EXPECT_TRUE(says(to_json_line(again), R"("paraphrase_of":"p0-q0")"));
  write_text(
      folder / "r.jsonl",
      R"({"id":"a","prompt":0,"aspect":"TA","kind":"yes_no","text":"t","answer":"Yes","split":"train"})");
  EXPECT_TRUE(read_questions(folder / "r.jsonl")[0].trains());
}

TEST(QuestionFile, AParaphraseIsAnsweredAndKeptApartAsItsQuestion) {
  TemporaryFolder folder;
  const Question asked{"a", 0, Aspect::kTA, Kind::kYesNo, "Is the ball red?", "Yes", 1};
  const auto message = [&](const std::function<void(Question&)>& change) {
    Question again = asked;
    again.id = "b", again.paraphrase_of = "a";
    change(again);
    write_questions(folder / "q.jsonl", {asked, again});
    return error_of(ErrorKind::kInput, [&] { read_questions(folder / "q.jsonl"); });
  };
  const std::string where = "q.jsonl:2: \"paraphrase_of\" is \"a\", whose ";
  EXPECT_TRUE(says(message([](Question& q) { q.prompt = 1; }), where + "prompt is another one"));
  EXPECT_TRUE(says(message([](Question& q) { q.aspect = Aspect::kVQ; }), where + "aspect is"));
  EXPECT_TRUE(says(message([](Question& q) { q.kind = Kind::kDense; }), where + "kind is"));
  EXPECT_TRUE(says(message([](Question& q) { q.answer = "No"; }), where + "answer is"));
  EXPECT_TRUE(says(message([](Question& q) { q.held_out = true; }), where + "split is"));
}

TEST(QuestionFile, WhatIsWrongIsNamedWithItsLine) {
  TemporaryFolder folder;
  const std::string good =
      R"({"id":"a","prompt":0,"aspect":"TA","kind":"yes_no","text":"t","answer":"Yes","weight":1})";
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string line = good;
    return line.replace(line.find(from), from.size(), to);
  };
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"x", "not a JSON object"},
      {"[1]", "not a JSON object"},
      {with("\"weight\"", "\"wieght\""), "unknown key \"wieght\"; did you mean \"weight\"?"},
      {with("\"weight\"", "\"z\""), "unknown key \"z\", wanted"},
      {with("\"text\":\"t\",", ""), "key \"text\" is missing"},
      {with("\"text\":\"t\"", "\"text\":\" \""), "\"text\" is empty"},
      {with("\"text\":\"t\"", "\"text\":3"), "\"text\" is 3, wanted a string"},
      {with("\"id\":\"a\"", "\"id\":\"\""), "\"id\" is empty"},
      {with("TA", "TX"), "\"aspect\" is \"TX\", wanted TA, PF or VQ"},
      {with("yes_no", "maybe"), "\"kind\" is \"maybe\", wanted yes_no or dense"},
      {with("Yes", "yes"), "\"answer\" is \"yes\", wanted Yes or No"},
      {with("\"prompt\":0", "\"prompt\":2"), "\"prompt\" is 2, wanted 0 to 1"},
      {with("\"prompt\":0", "\"prompt\":-1"), "\"prompt\" is -1"},
      {with("\"prompt\":0", "\"prompt\":0.5"), "\"prompt\" is 0.5"},
      {with("\"prompt\":0", "\"prompt\":18446744073709551615"), "\"prompt\" is 18446744073709551615"},
      {with("\"weight\":1", "\"weight\":-1"), "\"weight\" is -1"},
      {with("\"weight\":1", "\"weight\":\"1\""), "\"weight\" is \"1\""},
      {with("\"weight\":1", "\"weight\":null"), "\"weight\" is null"},
      {with("\"weight\":1", "\"split\":\"test\""), "\"split\" is \"test\", wanted train or held_out"},
      {with("\"weight\":1", "\"split\":1"), "\"split\" is 1, wanted a string"},
      {with("\"weight\":1", "\"paraphrase_of\":\"b\""), "\"b\", but the file has no question with this id"},
      {with("\"weight\":1", "\"paraphrase_of\":\"a\""), "\"a\", which is a paraphrase itself"},
  };
  for (const auto& [line, part] : cases) {
    write_text(folder / "q.jsonl", "\n" + line + "\n");
    const std::string message = error_of(ErrorKind::kInput, [&] { read_questions(folder / "q.jsonl", 2); });
    EXPECT_TRUE(says(message, "q.jsonl:2: ")) << line;
    EXPECT_TRUE(says(message, part)) << line;
  }
  const auto message = [&](const std::string& bytes) {
    write_text(folder / "q.JSONL", bytes);
    return error_of(ErrorKind::kInput, [&] { read_questions(folder / "q.JSONL", 2); });
  };
  const std::string long_text = std::string(3 << 20, 'x');
  EXPECT_TRUE(says(message(with("\"text\":\"t\"", "\"text\":\"" + long_text + "\"")),
                   "the text has 3145728 bytes, wanted 16384"));
  EXPECT_TRUE(
      says(message(with("\"id\":\"a\"", "\"id\":\"" + long_text + "\"")), "the id has 3145728 bytes"));
  EXPECT_TRUE(
      says(message(with("\"text\":\"t\"", R"("text":"\u001b[2J")")), "control character 27 in the text"));
  EXPECT_TRUE(says(message(with("\"text\":\"t\"", R"("text":"\u3000\u200b")")), "\"text\" is empty"));
  EXPECT_TRUE(
      says(message(with("\"weight\":1", "\"weight\":" + std::string(200'000, '['))), "nested deeper"));
  EXPECT_TRUE(says(message(good + "\n\xE3\x80\x80\nx\n"), "q.JSONL:3")) << "a line that looks empty is blank";
  write_text(folder / "q.jsonl", good + "\n" + good + "\n");
  EXPECT_TRUE(says(error_of(ErrorKind::kInput, [&] { read_questions(folder / "q.jsonl"); }),
                   "q.jsonl:2: id \"a\" was used on line 1"));
  write_text(folder / "q.jsonl", "\n");
  EXPECT_TRUE(says(error_of(ErrorKind::kInput, [&] { read_questions(folder / "q.jsonl"); }), "no questions"));
}

TEST(TemplateSet, HostileSetsAreRefusedInTime) {
  TemporaryFolder folder;
  const auto message = [&](const std::string& slots, const std::string& pattern, const std::string& text,
                           const std::string& prompt) {
    write_text(folder / "t.json", R"({"slots":{)" + slots + R"(},"patterns":[")" + pattern +
                                      R"("],"questions":[{"aspect":"TA","kind":"yes_no","text":")" + text +
                                      R"(","answer":"Yes"}]})");
    return error_of(ErrorKind::kInput, [&] {
      make_questions({prompt}, TemplateSet::read(folder / "t.json"), QuestionOptions());
    });
  };
  std::string slots, pattern, prompts;
  for (int i = 0; i < 40; ++i) {
    slots += concat(i ? "," : "", "\"s", i, R"(":["a","aa","aaa"])");
    pattern += concat("{s", i, "}");
  }
  EXPECT_TRUE(says(message(slots, pattern, "Q?", std::string(70, 'a') + "b"), "more than 1000000 ways"));
  for (int i = 0; i < 1500; ++i) prompts += "{prompt}";
  EXPECT_TRUE(says(message(R"("s":["a"])", "{s}" + std::string(50, 'b'), prompts, "a" + std::string(50, 'b')),
                   "questions of prompt 0: the text has"));
  EXPECT_TRUE(says(message(R"("s":["a","a"])", "{s}b", "Q?", "ab"), "holds \"a\" twice"));
  EXPECT_TRUE(
      says(message(R"("s":[)" + std::string(200'000, '[') + "]", "{s}b", "Q?", "ab"), "nested deeper"));
}

TEST(TemplateSet, TheTinyWorldsQuestionsAreThoseOfItsSpecification) {
  QuestionOptions options;
  QuestionStats stats;
  const auto all = make_questions({"a red ball moves left on a gray background"}, tiny(), options, &stats);
  const auto lines = lines_of(all);
  ASSERT_EQ(lines.size(), 15u);
  EXPECT_EQ(lines[0], "TA Is the object red? -> Yes");
  EXPECT_EQ(lines[2], "TA Is the object a ball? -> Yes");
  EXPECT_EQ(lines[4], "TA Does the object move left? -> Yes");
  EXPECT_EQ(lines[6], "TA Is the background gray? -> Yes");
  for (size_t twin : {1, 3, 5, 7}) {
    EXPECT_EQ(all[twin].answer, "No");
    EXPECT_NE(all[twin].text, all[twin - 1].text);
    EXPECT_EQ(all[twin].text.substr(0, 12), all[twin - 1].text.substr(0, 12));
  }
  EXPECT_EQ(std::vector<std::string>(lines.begin() + 8, lines.end()),
            (std::vector<std::string>{
                "PF Does the object keep its color? -> Yes", "PF Does the object move smoothly? -> Yes",
                "VQ Are the corners clean? -> Yes",
                "TA Describe the video. -> a red ball moves left on a gray background",
                "TA What color is the object? -> red", "TA What shape is the object? -> ball",
                "TA Where does the object move? -> left"}));
  EXPECT_EQ(all[14].id, "p0-q14");
  EXPECT_EQ(stats.matched, 1);
  EXPECT_EQ(stats.counts.at("TA yes_no No"), 4);
  EXPECT_EQ(stats.counts.at("TA dense"), 4);

  options.dense = false;
  EXPECT_EQ(make_questions({"a red ball moves left on a gray background"}, tiny(), options).size(), 11u);
  options.twins = false;
  EXPECT_EQ(make_questions({"a red ball moves left on a gray background"}, tiny(), options).size(), 7u);
  options.aspects = {Aspect::kVQ};
  EXPECT_EQ(make_questions({"a red ball moves left on a gray background"}, tiny(), options).size(), 1u);
}

TEST(TemplateSet, PhysicsQuestionsShowTheClipOfAPrompt) {
  const std::vector<std::string> prompts = {"a red ball moves left on a gray background", "a cat sleeps"};
  QuestionStats stats;
  const auto with = make_questions(prompts, tiny(), {}, &stats, {"", "clips/7.mp4"});
  const auto without = make_questions(prompts, tiny(), {});
  size_t shown = 0;
  for (const Question& q : with) {
    if (q.reference.empty()) continue;
    ++shown;
    EXPECT_EQ(q.reference, "clips/7.mp4");
    EXPECT_EQ(q.prompt, 1);
    EXPECT_EQ(q.aspect, Aspect::kPF);
    EXPECT_NE(q.text.find("video 1"), std::string::npos) << q.text;
  }
  EXPECT_EQ(shown, 4u);  // two and their twins
  EXPECT_EQ(with.size(), without.size() + shown);
  QuestionOptions options;
  options.aspects = {Aspect::kTA};
  for (const Question& q : make_questions(prompts, tiny(), options, nullptr, {"a", "b"}))
    EXPECT_EQ(q.reference, "");
}

TEST(TemplateSet, TwinsAreSeededNeverTheTruthAndOfEveryOtherValue) {
  const std::vector<std::string> prompts = read_prompts(source_path("assets/tiny/prompts.txt"));
  const auto all = make_questions(prompts, tiny(), {});
  EXPECT_EQ(all.size(), prompts.size() * 15);
  EXPECT_EQ(all, make_questions(prompts, tiny(), {}));
  std::map<std::string, int> twins;
  for (const Question& q : all) {
    if (q.answer != "No") continue;
    ++twins[q.text];
    const std::string value = q.text.substr(q.text.find_last_of(' ') + 1);
    const std::string word = " " + value.substr(0, value.size() - 1) + " ";
    EXPECT_EQ((prompts[static_cast<size_t>(q.prompt)] + " ").find(word), std::string::npos) << q.text;
  }
  EXPECT_EQ(twins.size(), 14u);
  for (const auto& [text, count] : twins) EXPECT_GT(count, 10) << text;
  QuestionOptions other;
  other.seed = 1;
  EXPECT_NE(all, make_questions(prompts, tiny(), other));
}

TEST(TemplateSet, PatternsMatchWholePromptsInAnyCaseAndNothingElse) {
  const TemplateSet set = tiny();
  const auto values = set.match("  A Red ball  moves LEFT on a gray background. ");
  EXPECT_EQ(values.at("color"), "red");
  EXPECT_EQ(values.at("motion"), "left");
  for (const std::string other :
       {"", "a red ball moves left on a gray background in the rain",
        "a pink ball moves left on a gray background", "one red ball moves left on a gray background",
        "aredball moves left on a gray background"}) {
    EXPECT_TRUE(set.match(other).empty()) << other;
  }
}

TEST(TemplateSet, SlotsThatShareABeginningAndRepeatedSlotsAreResolved) {
  TemporaryFolder folder;
  write_text(folder / "s.json",
             R"({"slots":{"a":["red","red hot"],"b":["iron","hot iron"]},
                 "patterns":["{a} {b}!", "{a}, {a} and {b}"],
                 "questions":[{"aspect":"TA","kind":"yes_no","text":"Is it {a}?","answer":"No","twin":"a"}]})");
  const TemplateSet set = TemplateSet::read(folder / "s.json");
  EXPECT_EQ(set.match("red hot iron!").at("b"), "hot iron");
  EXPECT_EQ(set.match("red hot hot iron!").at("a"), "red hot");
  EXPECT_EQ(set.match("red hot, red hot and iron").at("a"), "red hot");
  EXPECT_TRUE(set.match("red, red hot and iron").empty());
  QuestionOptions only;
  only.aspects = {Aspect::kTA};
  EXPECT_EQ(lines_of(make_questions({"red hot iron!"}, set, only)),
            (std::vector<std::string>{"TA Is it red? -> No", "TA Is it red hot? -> Yes"}));
}

TEST(TemplateSet, WhatIsWrongInTheFileIsNamed) {
  TemporaryFolder folder;
  const std::string question = R"({"aspect":"TA","kind":"yes_no","text":"{a}?","answer":"Yes","twin":"a"})";
  const auto set = [](const std::string& slots, const std::string& patterns, const std::string& questions) {
    return "{\"slots\":" + slots + ",\"patterns\":" + patterns + ",\"questions\":[" + questions + "]}";
  };
  const std::string a = R"({"a":["x","y"]})", p = R"(["the {a}"])";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"[]", "is not a JSON object"},
      {"{\"slots\":", "is not a JSON object"},
      {R"({"slot":{}})", "unknown key \"slot\"; did you mean slots?"},
      {R"({"slots":{}})", "lacks \"patterns\""},
      {set("[]", p, question), "slots is not an object"},
      {set(R"({"a":[]})", p, question), "slots.a is not a list"},
      {set(R"({"a":["x","x"]})", p, question), "slots.a holds \"x\" twice"},
      {set(R"({"a":["x",1]})", p, question), "slots.a holds 1"},
      {set(R"({"prompt":["x"]})", p, question), "slots.prompt stands for"},
      {set(a, "[]", question), "patterns is not a list"},
      {set(a, R"(["no slot"])", question), "patterns[0] has no slot"},
      {set(a, R"(["the {b}"])", question), "patterns[0] names the slot {b}"},
      {set(a, R"(["the {prompt}"])", question), "patterns[0] names the slot {prompt}"},
      {set(a, R"(["the {a"])", question), "patterns[0] has a { without its }"},
      {set(a, p, ""), "questions is not a list"},
      {set(a, p, "7"), "questions[0] is not an object"},
      {set(a, p, R"({"aspect":"TA"})"), "questions[0] lacks \"kind\""},
      {set(a, p, R"({"aspekt":"TA"})"), "did you mean aspect?"},
      {set(a, p, R"({"aspect":"T","kind":"dense","text":"t","answer":"x"})"), "aspect \"T\""},
      {set(a, p, R"({"aspect":"TA","kind":"d","text":"t","answer":"x"})"), "kind \"d\""},
      {set(a, p, R"({"aspect":"TA","kind":"yes_no","text":"t","answer":"x"})"), "answer \"x\""},
      {set(a, p, R"({"aspect":"TA","kind":"dense","text":"t","answer":"x","twin":"a"})"), "only a yes_no"},
      {set(a, p, R"({"aspect":"TA","kind":"yes_no","text":"t","answer":"No","twin":"a"})"), "does not name"},
      {set(R"({"a":["x"]})", p, question), "without a second value"},
      {set(a, p, R"({"aspect":"TA","kind":"dense","text":"t","answer":"x","weight":-1})"), "weight -1"},
  };
  for (const auto& [bytes, part] : cases) {
    write_text(folder / "set.json", bytes);
    const std::string message = error_of(ErrorKind::kInput, [&] { TemplateSet::read(folder / "set.json"); });
    EXPECT_TRUE(says(message, "set.json: ")) << bytes;
    EXPECT_TRUE(says(message, part)) << bytes;
  }
}

TEST(MakeQuestions, EveryEnabledAspectIsAskedAndDuplicatesGo) {
  TemporaryFolder folder;
  write_text(folder / "s.json",
             R"({"slots":{"a":["x","y"]},"patterns":["{a}"],
                 "questions":[{"aspect":"TA","kind":"yes_no","text":"Is it?","answer":"Yes"},
                              {"aspect":"TA","kind":"yes_no","text":"Is it?","answer":"No"}]})");
  QuestionStats stats;
  const auto questions = make_questions({"x"}, TemplateSet::read(folder / "s.json"), {}, &stats);
  EXPECT_EQ(stats.duplicates, 1);
  EXPECT_EQ(stats.filled, 2);
  std::map<Aspect, int> aspects;
  for (const Question& q : questions) ++aspects[q.aspect];
  EXPECT_EQ(aspects[Aspect::kTA], 1);
  EXPECT_GT(aspects[Aspect::kPF], 0);
  EXPECT_GT(aspects[Aspect::kVQ], 0);
  QuestionOptions none;
  none.aspects.clear();
  error_of(ErrorKind::kConfig, [&] { make_questions({"x"}, {}, none); });
}

}  // namespace
}  // namespace drf::critic
