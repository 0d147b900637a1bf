// drf questions and drf train with a language model that writes: the bundled critic, and a server on
// loopback.

#include <signal.h>

#include <set>

#include "drf/base/files.h"
#include "tests/run/tiny_train.h"
#include "tests/support/fault_server.h"

namespace drf::testing {
namespace {

std::vector<nlohmann::json> json_lines(const fs::path& file) {
  std::vector<nlohmann::json> rows;
  for (const std::string& line : read_utf8_lines(file))
    if (!line.empty()) rows.push_back(nlohmann::json::parse(line));
  return rows;
}

// "0 TA Is there a walrus? Yes"
std::vector<std::string> asked_of(const fs::path& file) {
  std::vector<std::string> lines;
  for (const auto& q : json_lines(file))
    lines.push_back(std::to_string(q["prompt"].get<int>()) + " " + q["aspect"].get<std::string>() + " " +
                    q["text"].get<std::string>() + " " + q["answer"].get<std::string>());
  return lines;
}

bool has(const std::vector<std::string>& lines, const std::string& line) {
  return std::find(lines.begin(), lines.end(), line) != lines.end();
}

// Each prompt has a question of each aspect, but for those of which `said` says that none is left.
void expect_all_aspects(const fs::path& file, int prompts, const std::string& said = "") {
  std::set<std::string> there;
  for (const std::string& line : asked_of(file)) there.insert(line.substr(0, 4));
  for (int p = 0; p < prompts; ++p) {
    for (const char* aspect : {" TA", " PF", " VQ"}) {
      const std::string place = std::to_string(p) + aspect;
      EXPECT_NE(there.count(place) > 0, said.find("prompt " + place) != std::string::npos) << place << said;
    }
  }
}

class WrittenQuestions : public ::testing::Test {
 protected:
  void SetUp() override {
    write_text(folder_ / "p.txt", "this is a walrus\nhere stands a bicycle\nthis one is broken\na parrot\n");
    for (const char* aspect : {"ta", "pf", "vq"}) {
      write_text(folder_ / "short" / (std::string(aspect) + ".txt"),
                 "[most]\n1\n[instruction]\nAsk.\n[request]\nCaption: {prompt}\n");
    }
  }
  std::string prompts() const { return (folder_ / "p.txt").string(); }
  std::string out(const char* name = "q.jsonl") const { return (folder_ / "out" / name).string(); }
  Arguments ask_server(const std::string& url, const Arguments& more = {}) const {
    return joined(
        {"questions", prompts(), "-o", out(), "--source", "endpoint", "--url", url, "--model", "small"},
        more);
  }
  TemporaryFolder folder_;
};

// A critic of a hundred thousand numbers writes nonsense; what it means is the checks' matter, that it is
// JSON is the grammar's.
TEST_F(WrittenQuestions, TheBundledCriticsNonsenseIsDroppedAndTheTemplatesAsk) {
  const Arguments ask = {"questions",
                         prompts(),
                         "-o",
                         out(),
                         "--source",
                         "critic",
                         "--critic",
                         critic(),
                         "--instructions",
                         (folder_ / "short").string(),
                         "--critic-frames",
                         "2",
                         "--stats"};
  const Outcome first = run_drf(ask);
  EXPECT_TRUE(first.code == 3 || first.code == 0) << first.err;
  expect_all_aspects(out(), 4);
  const std::string bytes = read_file(out()), dropped = read_file(folder_ / "out/dropped.jsonl");
  size_t written = 0;
  for (const auto& row : json_lines(folder_ / "out/dropped.jsonl")) written += row["source"] == "written";
  EXPECT_GE(written, 12u) << first.err << dropped;
  EXPECT_NE(first.err.find("12 requests"), std::string::npos) << first.err;
  if (first.code == 3) EXPECT_NE(first.err.find("nothing that critic ("), std::string::npos) << first.err;
  // Again: from what was kept, to the same bytes.
  const Outcome again = run_drf(ask);
  EXPECT_EQ(again.code, first.code) << again.err;
  EXPECT_NE(again.err.find("answers were there already"), std::string::npos) << again.err;
  EXPECT_EQ(read_file(out()), bytes);
  EXPECT_EQ(read_file(folder_ / "out/dropped.jsonl"), dropped);
}

TEST_F(WrittenQuestions, AServerWritesAndOneRefusalStopsNothing) {
  const FaultServer server;
  const Outcome outcome = run_drf(ask_server(server.url("writes"), {"--stats", "--key-env", "OUR_KEY",
                                                                    "--paraphrases", "--held-out", "0.3"}),
                                  {.environment = {{"OUR_KEY", "sesame-and-more"}}});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const auto asked = asked_of(out());
  EXPECT_TRUE(has(asked, "0 TA Is there a walrus? Yes"));
  EXPECT_TRUE(has(asked, "0 TA Is there a rowing boat? No"));
  EXPECT_TRUE(has(asked, "1 PF Does the shadow follow the bicycle? Yes"));
  EXPECT_TRUE(has(asked, "3 VQ Are there sharp edges on the parrot? Yes"));
  EXPECT_TRUE(has(asked, "3 VQ Going by your eyes, are there sharp edges on the parrot? Yes"));
  expect_all_aspects(out(), 4);
  EXPECT_NE(outcome.err.find("3 of 12 answers gave no questions, the templates did (prompt 2, "),
            std::string::npos)
      << outcome.err;
  EXPECT_NE(outcome.err.find("refused: 3"), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("held out, where 30 % were asked for: TA "), std::string::npos) << outcome.err;
  EXPECT_EQ(server.asked("writes")[0]["key"], "Bearer sesame-and-more");
  for (const char* file : {"q.jsonl", "dropped.jsonl", "q.jsonl.answers.jsonl"})
    EXPECT_EQ(read_file(folder_ / "out" / file).find("sesame"), std::string::npos) << file;
  EXPECT_EQ(outcome.err.find("sesame"), std::string::npos);
  // The file serves a run: drf train reads it.
  int64_t paraphrases = 0;
  for (const auto& q : json_lines(out())) paraphrases += q.contains("paraphrase_of");
  EXPECT_EQ(paraphrases, 9);
}

TEST_F(WrittenQuestions, AnInterruptedRunAsksOnlyWhatIsMissing) {
  const FaultServer server;
  const Outcome whole = run_drf({"questions", prompts(), "-o", out("whole.jsonl"), "--source", "endpoint",
                                 "--url", server.url("writes"), "--model", "small"});
  ASSERT_EQ(whole.code, 0) << whole.err;
  ProcessOptions options;
  options.signal_when = [&] { return server.asked("writes_slowly").size() >= 6 ? SIGINT : 0; };
  const Outcome stopped = run_drf(ask_server(server.url("writes_slowly"), {"--parallel", "1"}), options);
  EXPECT_EQ(stopped.code, 130) << stopped.err;
  EXPECT_FALSE(fs::exists(out())) << "half a file";
  const size_t before = server.asked("writes_slowly").size();
  const Outcome resumed = run_drf(ask_server(server.url("writes_slowly"), {"--parallel", "1", "--stats"}));
  ASSERT_EQ(resumed.code, 0) << resumed.err;
  EXPECT_EQ(read_file(out()), read_file(out("whole.jsonl")));
  EXPECT_LE(server.asked("writes_slowly").size(), server.asked("writes").size() + 1)
      << "but for the one on its way";
  EXPECT_GE(before, 6u);
  // A run that is done asks nothing but what failed.
  const size_t all = server.asked("writes_slowly").size();
  EXPECT_EQ(run_drf(ask_server(server.url("writes_slowly"))).code, 0);
  EXPECT_EQ(server.asked("writes_slowly").size(), all + 3) << "of the broken prompt";
}

// With the bundled critic, which writes, judges and looks; killed in each of the three.
TEST_F(WrittenQuestions, AKilledRunGoesOnToTheSameBytesWhereverItWasKilled) {
  fs::create_directories(folder_ / "clips");
  for (const char* clip : {"p0.gif", "p1.gif"}) {
    const Outcome made = run_drf(tiny_sample(generator(), {"-o", (folder_ / "clips" / clip).string()}));
    ASSERT_EQ(made.code, 0) << made.err;
  }
  const auto ask = [&](const std::string& name) {
    return Arguments{"questions",
                     prompts(),
                     "-o",
                     (folder_ / name / "q.jsonl").string(),
                     "--source",
                     "critic",
                     "--critic",
                     critic(),
                     "--dtype",
                     "bfloat16",
                     "--instructions",
                     (folder_ / "short").string(),
                     "--critic-frames",
                     "2",
                     "--calibrate",
                     (folder_ / "clips").string()};
  };
  const int code = run_drf(ask("whole")).code;
  EXPECT_TRUE(code == 0 || code == 3);
  const std::string whole = read_file(folder_ / "whole/q.jsonl");
  for (const char* moment : {"answer_tokens", "p_yes", "logprobs"}) {
    const fs::path answers = folder_ / moment / "q.jsonl.answers.jsonl";
    ProcessOptions options;
    options.signal_when = [&] {
      return is_there(answers) && read_file(answers).find(moment) != std::string::npos ? SIGKILL : 0;
    };
    run_drf(ask(moment), options);  // the machine may be too slow to be killed in time
    if (!is_there(folder_ / moment / "q.jsonl")) {
      EXPECT_GT(json_lines(answers).size(), 1u) << moment;
    }
    EXPECT_EQ(run_drf(ask(moment)).code, code) << moment;
    EXPECT_EQ(read_file(folder_ / moment / "q.jsonl"), whole) << moment;
    EXPECT_EQ(read_file(folder_ / moment / "dropped.jsonl"), read_file(folder_ / "whole/dropped.jsonl"));
  }
}

// One prompt that a server does not want to hear of.
TEST_F(WrittenQuestions, AModeratedPromptKeepsItsTemplatesAndIsListed) {
  const FaultServer server;
  const Outcome outcome = run_drf(ask_server(server.url("writes_and_moderates"), {"--stats"}));
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_TRUE(has(asked_of(out()), "3 TA Is there a parrot? Yes"));
  expect_all_aspects(out(), 4);
  std::set<std::string> listed;
  for (const auto& row : json_lines(folder_ / "out/dropped.jsonl")) {
    if (row["dropped"] != "answer") continue;
    EXPECT_EQ(row["prompt"], 2) << row;
    EXPECT_NE(row["detail"].get<std::string>().find("answers 403 (Input flagged)"), std::string::npos) << row;
    listed.insert(row["aspect"]);
  }
  EXPECT_EQ(listed.size(), 3u);
  EXPECT_NE(outcome.err.find("3 of 12 answers gave no questions, the templates did (prompt 2, TA: "),
            std::string::npos)
      << outcome.err;
}

// Nobody is asked: the templates' own file, in which some are marked.
TEST_F(WrittenQuestions, HeldOutAloneChecksNothing) {
  const Outcome plain = run_drf({"questions", prompts()});
  const Outcome some = run_drf({"questions", prompts(), "--held-out", "0.3", "-o", out(), "--stats"});
  ASSERT_EQ(plain.code, 0) << plain.err;
  ASSERT_EQ(some.code, 0) << some.err;
  EXPECT_FALSE(fs::exists(folder_ / "out/dropped.jsonl"));
  std::string without;
  int marked = 0;
  for (const std::string& line : read_utf8_lines(out())) {
    std::string one = line;
    const std::string mark = ",\"split\":\"held_out\"";
    if (const size_t at = one.find(mark); at != std::string::npos) {
      one.erase(at, mark.size());
      ++marked;
    }
    without += one + "\n";
  }
  EXPECT_EQ(without, plain.out);
  EXPECT_GT(marked, 0);
  EXPECT_NE(some.err.find("held out, where 30 % were asked for: TA "), std::string::npos) << some.err;
}

TEST_F(WrittenQuestions, WhatCannotWorkIsSaidInOneLine) {
  FaultServer server;
  EXPECT_TRUE(refused(run_drf(ask_server(server.url("writes"), {"--key-env", "NO_SUCH_KEY_OF_OURS"})), 5,
                      {"--key-env is NO_SUCH_KEY_OF_OURS, but the environment has no such variable"}));
  EXPECT_TRUE(refused(run_drf(ask_server(server.url("no_model"))), 5, {"no model small"}));
  EXPECT_TRUE(refused(run_drf(ask_server(server.url("forbidden"))), 5, {"answers 403 (Not yours)"}));
  const Outcome german = run_drf(ask_server(server.url("writes_german")));
  EXPECT_EQ(german.code, 3);
  EXPECT_NE(german.err.find("nothing that endpoint ("), std::string::npos) << german.err;
  expect_all_aspects(out(), 4);
  size_t language = 0;
  for (const auto& row : json_lines(folder_ / "out/dropped.jsonl")) language += row["check"] == "language";
  EXPECT_EQ(language, 12u);
  const std::string gone = server.url("writes");
  server.stop();
  const Outcome nobody = run_drf(ask_server(gone));
  EXPECT_EQ(nobody.code, 5) << nobody.err;
}

TEST_F(WrittenQuestions, OptionsThatWouldBeIgnoredAreRefused) {
  const auto refuses = [&](const Arguments& more, const std::string& part) {
    EXPECT_TRUE(refused(run_drf(joined({"questions", prompts()}, more)), 2, {part}));
  };
  refuses({"--url", "http://127.0.0.1:1/v1"}, "--url would be ignored: only --source endpoint reads it");
  refuses({"--parallel", "2"}, "--parallel would be ignored");
  refuses({"--paraphrases"}, "--paraphrases would be ignored: only a source that writes reads it");
  refuses({"--calibrate", "clips"}, "--calibrate would be ignored: only a command with --critic reads it");
  refuses({"--device", "cpu"}, "--device would be ignored");
  refuses({"--source", "critic"}, "--source critic wants --critic FOLDER");
  refuses({"--source", "endpoint", "--url", "http://127.0.0.1:1/v1"}, "wants --url ADDRESS and --model NAME");
  refuses({"--source", "oracle"}, "--source is 'oracle', wanted templates, critic or endpoint");
}

// The templates' own questions, checked by the critic and on clips of the captions.
TEST_F(WrittenQuestions, TemplatesAreCheckedWhereACriticIs) {
  write_text(folder_ / "p.txt",
             "a red ball moves left on a black background\na blue square moves up on a white background\n");
  for (const char* clip : {"p0-a.gif", "p0-b.gif", "p1-a.gif"}) {
    fs::create_directories(folder_ / "clips");
    const Outcome made = run_drf(tiny_sample(
        generator(), {"-o", (folder_ / "clips" / clip).string(), "--seed", std::to_string(clip[3] - 'a')}));
    ASSERT_EQ(made.code, 0) << made.err;
  }
  const std::string clips = (folder_ / "clips").string();
  const Outcome outcome =
      run_drf({"questions", prompts(), "-o", out(), "--templates",
               source_path("assets/tiny/questions.json").string(), "--critic", critic(), "--calibrate", clips,
               "--weigh-by-variance", clips, "--critic-frames", "2", "--stats"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  expect_all_aspects(out(), 2, outcome.err);  // what the critic gets wrong on the clips does not come back
  std::set<std::string> checks;
  for (const auto& row : json_lines(folder_ / "out/dropped.jsonl")) checks.insert(row["check"]);
  EXPECT_TRUE(checks.count("entailment")) << "a critic of moving balls does not read captions";
}

TEST_F(WrittenQuestions, ARunWritesThemFirstAndKeepsThem) {
  write_text(folder_ / "p.txt", "this is a walrus\nhere stands a bicycle\n");
  FaultServer server;
  const Arguments keys = {"prompts.train=" + prompts(),         "questions.source=endpoint",
                          "writer.url=" + server.url("writes"), "writer.model=small",
                          "questions.paraphrases=true",         "train.updates=1"};
  const fs::path run = folder_ / "run";
  const Outcome first = train(run, keys);
  ASSERT_EQ(first.code, 0) << first.err;
  const auto asked = asked_of(run / "questions.jsonl");
  EXPECT_TRUE(has(asked, "0 PF Does the shadow follow the walrus? Yes"));
  EXPECT_TRUE(has(asked, "1 VQ Going by your eyes, are there sharp edges on the bicycle? Yes"))
      << "kept, and not trained on";
  EXPECT_TRUE(fs::exists(run / "answers.jsonl"));
  EXPECT_TRUE(fs::exists(run / "dropped.jsonl"));
  // What was written is not asked for again: the server is gone.
  server.stop();
  const Outcome resumed = train(run, joined(keys, {"train.updates=2"}), {"--resume"});
  EXPECT_EQ(resumed.code, 0) << resumed.err;
  const Outcome eval =
      run_drf(joined(tiny_config("eval", joined(keys, {"output.dir=" + run.string(), "eval.prompts=1"})),
                     {"--lora", checkpoint(run, 2).string(), "--json"}));
  ASSERT_EQ(eval.code, 0) << eval.err;
  EXPECT_TRUE(nlohmann::json::parse(eval.out)["base"]["questions"].contains("paraphrases"));
  EXPECT_TRUE(refused(
      run_drf(joined(tiny_config("gradient", keys), {"--prompt", "0", "-o", (folder_ / "g").string()})), 2,
      {"questions.source is \"endpoint\", but", "is not there; start the run first"}));
}

TEST_F(WrittenQuestions, ARunThatIsStoppedWhileTheyAreWrittenStartsAgain) {
  write_text(folder_ / "p.txt", "this is a walrus\nhere stands a bicycle\n");
  const FaultServer server;
  const Arguments keys = {
      "prompts.train=" + prompts(), "questions.source=endpoint", "writer.url=" + server.url("writes_slowly"),
      "writer.model=small",         "writer.parallel=1",         "train.updates=1"};
  const fs::path run = folder_ / "run";
  ProcessOptions options;
  options.signal_when = [&] { return server.asked("writes_slowly").size() >= 3 ? SIGTERM : 0; };
  const Outcome stopped = train(run, keys, {}, options);
  EXPECT_EQ(stopped.code, 143) << stopped.err;
  EXPECT_FALSE(fs::exists(run / "config.toml"));
  const size_t before = server.asked("writes_slowly").size();
  const Outcome again = train(run, keys);
  ASSERT_EQ(again.code, 0) << again.err;
  // 6 requests that write and 12 that judge, but for the one that was on its way.
  EXPECT_LE(server.asked("writes_slowly").size(), 18u + 1u) << before;
  EXPECT_TRUE(has(asked_of(run / "questions.jsonl"), "0 PF Does the shadow follow the walrus? Yes"));
}

TEST_F(WrittenQuestions, APlanKnowsTheCriticThatWrites) {
  const auto stages = [&](const Arguments& keys) {
    const Outcome plan = run_drf(joined(tiny_config("plan", keys), {"--json"}));
    EXPECT_EQ(plan.code, 0) << plan.err;
    return nlohmann::json::parse(plan.out)["stages"];
  };
  EXPECT_EQ(stages({})[0]["stage"], "loading");
  const auto written = stages({"questions.source=critic"});
  EXPECT_EQ(written[0]["stage"], "questions");
  EXPECT_GT(written[0]["weights"].get<int64_t>(), 100'000);
  // 32 answers of 1,500 tokens, 4 layers, keys and values of 2 heads of 32, in float32, and the instruction.
  const int64_t answers = int64_t{32} * 1500 * 4 * 2 * 2 * 32 * 4;
  EXPECT_GT(written[0]["own"].get<int64_t>(), answers);
  // And the layer that reads 16,384 tokens.
  EXPECT_GT(written[0]["own"].get<int64_t>(), answers + int64_t{16384} * 4 * 64 * 4);
  EXPECT_LT(written[0]["own"].get<int64_t>(), 4 * answers);
  EXPECT_EQ(written[1]["stage"], "loading");
}

}  // namespace
}  // namespace drf::testing
