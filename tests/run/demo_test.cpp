// drf demo and drf plan from outside, as the README starts them: short, but all of it.

#include <algorithm>
#include <cmath>
#include <csignal>
#include <nlohmann/json.hpp>
#include <set>

#include "drf/base/files.h"
#include "tests/run/tiny_run.h"
#include "tests/support/temporary_folder.h"

namespace drf::testing {
namespace {

namespace fs = std::filesystem;

const char* const kMarks[] = {"color", "shape", "motion", "bg", "TA", "TA_all", "phys", "clean"};

// Seconds on a quiet machine; a busy one gets its time.
Outcome demo(const Arguments& more) {
  ProcessOptions patient;
  patient.seconds = 800;
  return run_drf(joined({"demo"}, more), patient);
}

// A model's verdict: the shares `marks`, the spread of a prompt's clips and what the critic says.
template <size_t N>
void expect_shares(const nlohmann::json& verdict, const char* const (&marks)[N]) {
  std::vector<std::string> names(marks, marks + N);
  names.insert(names.end(), {"diversity", "p_yes"});
  for (const std::string& name : names) {
    ASSERT_TRUE(verdict.contains(name)) << name;
    EXPECT_GE(verdict[name], 0) << name;
    EXPECT_LE(verdict[name], 1) << name;
  }
  EXPECT_GT(verdict["diversity"], 0);
}

// Two updates prove nothing but that the road is there, and that each row is of what it says.
TEST(Demo, FieldsAreTrainedAndComparedWithData) {
  const TemporaryFolder folder;
  const fs::path run = folder / "run";
  const Outcome outcome = demo({"--world", "fields", "--updates", "2", "--json", "-o", run.string()});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const auto last = nlohmann::json::parse(outcome.out);
  EXPECT_EQ(last["updates"], 2);
  EXPECT_EQ(last["samples"], 64);
  const double floor = last["data"]["abs_r"], base = last["base"]["abs_r"];
  EXPECT_LT(floor, 1e-6);
  EXPECT_GT(base, 0.03);
  EXPECT_LT(base, 0.08);
  EXPECT_NE(last["after"]["abs_r"], last["base"]["abs_r"]);
  EXPECT_LT(last["guided"]["abs_r"], base);
  EXPECT_LT(last["corrected"]["abs_r"], 0.5 * base);
  for (const char* row : {"base", "after", "guided", "corrected", "after_corrected"}) {
    for (const size_t c : {0, 1}) {
      EXPECT_NEAR(last[row]["spread"][c].get<double>(), 1, 0.1) << row;
      EXPECT_LT(last[row]["spectrum"][c].get<double>(), 0.15) << row;
    }
    EXPECT_LT(last[row]["solve_error"].get<double>(), 0.1) << row;
  }
  EXPECT_TRUE(fs::exists(run / "checkpoints/step-000002/adapters.safetensors"));
  EXPECT_NE(read_file(run / "report.html").find("spectrum u"), std::string::npos);
}

// Two of the 24 held-out prompts, 12 clips of each.
TEST(Demo, TrainsJudgesAndLeavesEverythingItNames) {
  const TemporaryFolder folder;
  const fs::path run = folder / "run";
  const Outcome outcome = demo({"--world", "tiny", "--updates", "2", "--judge-every", "1", "--set",
                                "eval.prompts=2", "--json", "-o", run.string()});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const size_t end = outcome.out.size() - 1, begin = outcome.out.rfind('\n', end - 1) + 1;
  const auto last = nlohmann::json::parse(outcome.out.substr(begin > end ? 0 : begin));
  EXPECT_EQ(last["seed"], 0);
  EXPECT_EQ(last["updates"], 2);
  EXPECT_EQ(last["clips"], 24);
  EXPECT_GT(last["seconds"], 0);
  for (const char* model : {"base", "after"}) {
    expect_shares(last[model], kMarks);
    double sum = 0;  // TA is the mean of four shares, each so many of 24 clips
    for (const char* column : {"color", "shape", "motion", "bg"}) sum += last[model][column].get<double>();
    EXPECT_NEAR(last[model]["TA"].get<double>(), sum / 4, 1e-12);
    EXPECT_GT(sum, 0);
  }
  EXPECT_NE(last["base"]["p_yes"], last["after"]["p_yes"]);
  EXPECT_EQ(last["made_wrong"].size(), std::size(kMarks));
  EXPECT_TRUE(last["interval"].empty());  // two prompts are too few for one
  ASSERT_EQ(last["curve"].size(), 1u);    // the end is no point of its own
  EXPECT_EQ(last["curve"][0]["updates"], 1);
  EXPECT_NE(last["curve"][0]["columns"]["p_yes"], last["base"]["p_yes"]);
  EXPECT_NE(last["curve"][0]["columns"]["p_yes"], last["after"]["p_yes"]);

  EXPECT_EQ(read_utf8_lines(run / "metrics.jsonl").size(), 2u);
  EXPECT_TRUE(fs::exists(run / "checkpoints/step-000002/adapters.safetensors"));
  // Each shown clip's questions with their answers before and after.
  const auto evaluation = nlohmann::json::parse(read_file(run / "evaluation.json"));
  ASSERT_GT(evaluation["questions"].size(), 12u);
  std::set<std::string> prompts;
  double moved = 0;
  for (const auto& question : evaluation["questions"]) {
    prompts.insert(question["prompt"]);
    EXPECT_TRUE(question["answer"] == "Yes" || question["answer"] == "No") << question;
    for (const char* when : {"base", "after"}) {
      EXPECT_GE(question[when], 0) << question;
      EXPECT_LE(question[when], 1) << question;
    }
    moved += std::abs(question["after"].get<double>() - question["base"].get<double>());
  }
  EXPECT_EQ(prompts.size(), 2u);
  // Clips come prompt by prompt, then the next draw of each.
  ASSERT_EQ(evaluation["clips"].size(), 12u);
  for (size_t i = 0; i < 12; ++i)
    EXPECT_EQ(evaluation["clips"][i]["prompt"], evaluation["clips"][i % 2]["prompt"]) << i;
  EXPECT_NE(evaluation["clips"][0]["prompt"], evaluation["clips"][1]["prompt"]);
  EXPECT_GT(moved, 0);
  const std::string page = read_file(run / "report.html");
  EXPECT_NE(page.find("id=\"questions\""), std::string::npos);
  size_t films = 0;
  for (size_t at = page.find("class=\"film\""); at != std::string::npos;
       at = page.find("class=\"film\"", at + 1))
    ++films;
  EXPECT_EQ(films, 12u);
  EXPECT_NE(page.find("class=\"player\""), std::string::npos);
  for (const char* file : {"samples/00.gif", "samples/00.png", "samples/11.png", "samples/overview.gif"})
    EXPECT_TRUE(fs::exists(run / file)) << file;
}

// Two falls and a pair: every column has a clip, the judge of another seed is asked and gives no gradient.
TEST(Demo, ScenesAreTrainedAndJudgedByARuleAndByACriticThatGaveNoGradient) {
  const TemporaryFolder folder;
  const Outcome outcome = demo({"--updates", "1", "--set", "eval.prompts=2", "--set", "train.batch=2",
                                "--json", "-o", (folder / "run").string()});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const auto last = nlohmann::json::parse(outcome.out);
  EXPECT_EQ(last["clips"], 12);
  for (const char* model : {"base", "after"})
    expect_shares(last[model], {"color", "shape", "motion", "relation", "bg", "count", "TA", "TA_all", "phys",
                                "clean", "p_right/judge"});
  EXPECT_NE(last["base"]["p_right/judge"], last["after"]["p_right/judge"]);
  EXPECT_NE(last["base"]["p_right/judge"], last["base"]["p_yes"]);
  EXPECT_EQ(last["untrained"].size(), 2u);
}

// The signal comes while the second update is made: what it makes is judged by the run that goes on.
TEST(Demo, OneThatWasInterruptedGoesOnToTheSameNumbers) {
  const TemporaryFolder folder;
  const fs::path run = folder / "run";
  const Arguments settings = {"--world", "tiny",  "--updates",     "4", "--judge-every", "1",
                              "--json",  "--set", "eval.prompts=1"};
  const Outcome whole = demo(joined(settings, {"-o", (folder / "whole").string()}));
  ASSERT_EQ(whole.code, 0) << whole.err;
  ProcessOptions patient;
  patient.seconds = 800;
  patient.signal_when = [&] {
    const fs::path progress = run / "demo.json";
    return fs::exists(progress) && read_file(progress).find("\"updates\": 1") != std::string::npos ? SIGTERM
                                                                                                   : 0;
  };
  const Arguments again = joined(settings, {"-o", run.string()});
  const Outcome stopped = run_drf(joined({"demo"}, again), patient);
  ASSERT_EQ(stopped.code, 128 + SIGTERM) << stopped.err;
  EXPECT_EQ(stopped.out, "");
  ASSERT_EQ(nlohmann::json::parse(read_file(run / "demo.json"))["curve"].size(), 1u);
  auto kept = nlohmann::json::parse(read_file(run / "demo.json"));
  EXPECT_GT(kept["seconds"], 0);
  kept["seconds"] = 1e6;  // so that time that is forgotten shows
  // As if the signal had come while the oracle judged the last update that is saved.
  if (!fs::exists(run / "checkpoints/step-000002")) kept["curve"].clear();
  write_text(run / "demo.json", kept.dump());

  EXPECT_TRUE(refused(demo(again), 2, {run.string(), "holds a run already", "--resume"}));
  EXPECT_TRUE(
      refused(demo(joined({"--world", "tiny", "--updates", "4", "--set", "eval.prompts=1", "--resume"},
                          {"-o", run.string()})),
              2, {"judge_every is now 0", "demo.json has 1", "give --judge-every 1"}));
  Arguments longer = again;
  *std::find(longer.begin(), longer.end(), "4") = "5";
  EXPECT_TRUE(
      refused(demo(joined(longer, {"--resume"})), 2, {"updates is now 5", "has 4", "give --updates 4"}));
  fs::rename(run / "demo.json", folder / "demo.json");
  EXPECT_TRUE(
      refused(demo(joined(again, {"--resume"})), 2, {"no demo began this run", "drf train --resume"}));
  write_text(run / "demo.json", "{\"seconds\": 1, \"updates\": 4, \"judge_every\": 1, \"curve\": [1]}");
  EXPECT_TRUE(refused(demo(joined(again, {"--resume"})), 3, {"demo.json", "is no list of verdicts"}));
  fs::rename(folder / "demo.json", run / "demo.json");
  const Outcome resumed = demo(joined(again, {"--resume"}));
  ASSERT_EQ(resumed.code, 0) << resumed.err;
  auto got = nlohmann::json::parse(resumed.out), wanted = nlohmann::json::parse(whole.out);
  EXPECT_GT(got["seconds"], 1e6);
  got.erase("seconds");
  wanted.erase("seconds");
  EXPECT_EQ(got, wanted);
  EXPECT_EQ(got["curve"].size(), 3u);
  EXPECT_EQ(read_utf8_lines(run / "metrics.jsonl").size(), 4u);
  EXPECT_TRUE(refused(demo({"--world", "tiny", "--resume", "-o", (folder / "none").string()}), 2,
                      {"there is no run to resume"}));
}

TEST(Demo, ATableIsPrintedWithoutJson) {
  const TemporaryFolder folder;
  const Outcome outcome = demo({"--world", "tiny", "--updates", "1", "--seed", "3", "--set", "eval.prompts=1",
                                "-o", (folder / "run").string()});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  for (const char* word : {"base", "after", "change", "TA_all", "report", "LoRA"})
    EXPECT_NE(outcome.out.find(word), std::string::npos) << word << "\n" << outcome.out;
}

TEST(Demo, WhatItsOwnOptionsSayIsNotSetBesideThem) {
  const TemporaryFolder folder;
  const auto refuse = [&](const std::string& set, const std::vector<std::string>& parts) {
    EXPECT_TRUE(refused(demo({"-o", (folder / "run").string(), "--set", set}), 2, parts));
    EXPECT_EQ(tree(folder.path()), std::vector<std::string>{});
  };
  refuse("output.dir=" + (folder / "other").string(), {"--set output.dir would be ignored", "-o"});
  refuse("seed=7", {"--set seed", "--seed"});
  EXPECT_TRUE(refused(demo({"-o", (folder / "run").string(), "--set", "questions.templates=nowhere.json"}), 3,
                      {"nowhere.json"}));
  EXPECT_EQ(tree(folder.path()), std::vector<std::string>{});
  EXPECT_TRUE(
      refused(demo({"--recipe", "configs/methods/refl.toml", "-o", (folder / "run").string()}), 2,
              {"configs/methods/refl.toml", "'assets/tiny/generator'", "the world scenes", "--world"}));
  // A recipe's own questions are not the bundled ones.
  std::string own = read_file(source_path("configs/scenes.toml"));
  const std::string bundled = "assets/scenes/questions.json";
  own.replace(own.find(bundled), bundled.size(), "nowhere.json");
  TemporaryFolder other;
  write_text(other / "own.toml", own);
  EXPECT_TRUE(refused(demo({"--recipe", (other / "own.toml").string(), "-o", (folder / "run").string()}), 3,
                      {"nowhere.json"}));
  EXPECT_EQ(tree(folder.path()), std::vector<std::string>{});
  EXPECT_TRUE(refused(demo({"--world", "fields", "--judge-every", "5", "-o", (folder / "run").string()}), 2,
                      {"--judge-every", "the world fields has none"}));
}

TEST(Plan, SaysThatTheTinyRecipeFitsAndWhatEachStageTakes) {
  const Outcome outcome = run_drf({"plan", "configs/tiny.toml", "--device-memory", "4GiB", "--json"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const auto plan = nlohmann::json::parse(outcome.out);
  EXPECT_EQ(plan["fits"], true);
  EXPECT_EQ(plan["device_memory"], int64_t{4} << 30);
  EXPECT_EQ(plan["ladder"].size(), 0u);
  int64_t most = 0, weights = 0;
  for (const auto& stage : plan["stages"]) most = std::max(most, stage["peak"].get<int64_t>());
  for (const auto& w : plan["weights"]) weights += w["allocated"].get<int64_t>() + w["mapped"].get<int64_t>();
  EXPECT_EQ(plan["peak"], most);
  EXPECT_GE(plan["stages"].size(), 6u);
  EXPECT_GT(weights, 1 << 20);
  EXPECT_GT(most, weights);
  const Outcome table = run_drf({"plan", "configs/tiny.toml", "--device-memory", "4GiB"});
  EXPECT_EQ(table.code, 0) << table.err;
  EXPECT_NE(table.out.find(" of 4.00 GiB: fits"), std::string::npos) << table.out;
  EXPECT_NE(table.out.find("<- most"), std::string::npos) << table.out;
}

}  // namespace
}  // namespace drf::testing
