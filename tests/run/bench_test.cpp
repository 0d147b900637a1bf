// drf bench from outside: what it prints adds up, what it appends stays, and it touches no run folder.

#include <cstring>
#include <nlohmann/json.hpp>
#include <set>

#include "drf/base/files.h"
#include "tests/run/tiny_run.h"
#include "tests/support/temporary_folder.h"

namespace drf::testing {
namespace {

namespace fs = std::filesystem;

constexpr int kConfigCode = 2, kResourcesCode = 5;

const char* const kStages[] = {"rollout", "decode", "critic", "pull_critic", "pull_decode", "pull_steps"};

nlohmann::json bench(const Arguments& assignments, const Arguments& more) {
  const Outcome outcome =
      run_drf(joined(tiny_config("bench", assignments), joined(more, {"--json", "--threads", "1"})));
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(std::count(outcome.out.begin(), outcome.out.end(), '\n'), 1);
  return nlohmann::json::parse(outcome.out);
}

void expect_sums(const nlohmann::json& result) {
  double seconds = 0;
  int64_t peak = 0;
  for (const char* stage : kStages) {
    EXPECT_GT(result["stages"][stage], 0) << stage;
    EXPECT_GE(result["stage_peaks"][stage], result["loaded_bytes"]) << stage;
    seconds += result["stages"][stage].get<double>();
    peak = std::max(peak, result["stage_peaks"][stage].get<int64_t>());
  }
  EXPECT_EQ(result["stages"].size(), std::size(kStages));
  if (result["updates"] == 1) {  // medians of several need not add up
    EXPECT_LE(seconds, result["update_s"][0]);
  }
  EXPECT_EQ(result["peak_bytes"], peak);
  EXPECT_GT(result["loaded_bytes"], 0);
  EXPECT_GT(result["matmul_gflops"], 0);
  EXPECT_EQ(result["threads"], 1);
  EXPECT_NE(result["device"], "");
  if (!result["loaded_rss"].is_null()) {
    EXPECT_EQ(result["peak_above_weights"],
              result["peak_rss"].get<int64_t>() - result["loaded_rss"].get<int64_t>());
    EXPECT_GE(result["peak_above_weights"], 0);
  }
}

TEST(Bench, TheFiguresOfOneUpdateAddUp) {
  const TemporaryFolder folder;
  const fs::path run = folder / "run";
  const auto result =
      bench({"train.batch=1", "train.eval_every=1", "output.dir=" + run.string()}, {"--updates", "1"});
  EXPECT_EQ(result["updates"], 1);
  EXPECT_EQ(result["update_s"].size(), 1u);
  expect_sums(result);
  EXPECT_FALSE(fs::exists(run));
}

TEST(Bench, TheRewardIsThatOfTheFirstUpdate) {
  const TemporaryFolder folder;
  const Outcome trained =
      run_drf(joined(tiny_config("train", {"output.dir=" + (folder / "run").string()}), {"--threads", "1"}));
  ASSERT_EQ(trained.code, 0) << trained.err;
  const auto first = nlohmann::json::parse(read_utf8_lines(folder / "run/metrics.jsonl").at(0));
  for (const char* warmup : {"0", "2"})
    EXPECT_EQ(bench({}, {"--updates", "1", "--warmup", warmup})["reward"], first["reward"]) << warmup;
}

TEST(Bench, EveryRuleAndPolicyIsMeasured) {
  for (const Arguments& sets : {Arguments{"flow.rule=matching", "flow.K=2"},
                                {"flow.policy=random"},
                                {"flow.policy=uniform", "flow.reuse=2"},
                                {"flow.policy=low_variance", "train.anchor=0.1"},
                                {"train.accumulate=2", "sampling.guidance=2"}})
    expect_sums(bench(sets, {"--updates", "2", "--warmup", "0"}));
}

TEST(Bench, TheTableIsPrintedAndAppended) {
  const TemporaryFolder folder;
  const std::string file = (folder / "new/results.md").string();
  const Arguments arguments = joined(tiny_config("bench", {}), {"--updates", "1", "--markdown", file});
  for (int time = 0; time < 2; ++time) {
    const Outcome outcome = run_drf(arguments);
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    for (const char* stage : kStages) EXPECT_NE(outcome.out.find(stage), std::string::npos) << stage;
  }
  const std::string text = read_file(file);
  size_t sections = 0, tables = 0;
  for (const std::string& line : read_utf8_lines(file)) {
    sections += line.rfind("## 20", 0) == 0;
    tables += line == "|---|---:|---:|---:|---:|---:|";
  }
  EXPECT_EQ(sections, 2u);
  EXPECT_EQ(tables, 2u);
  EXPECT_NE(text.find("`drf bench configs/tiny.toml --set sampling.frames=5"), std::string::npos) << text;
}

TEST(Bench, ATraceHoldsOneUpdateMore) {
  const TemporaryFolder folder;
  const fs::path file = folder / "trace.json";
  const auto traced = bench({}, {"--updates", "1", "--warmup", "0", "--trace", file.string()});
  EXPECT_EQ(traced["updates"], 1);
  EXPECT_EQ(traced["update_s"].size(), 1u);
  std::multiset<std::string> marks;
  size_t operators = 0;
  const auto trace = nlohmann::json::parse(read_file(file));
  for (const auto& event : trace["traceEvents"]) {
    const std::string name = event.value("name", "");
    if (name.rfind("end of ", 0) == 0) marks.insert(name.substr(7));
    operators += name.rfind("aten::", 0) == 0;
  }
  for (const char* stage : kStages) EXPECT_GE(marks.count(stage), 1u) << stage;
  EXPECT_GT(operators, 1000u);
}

/// A copy of a bundled model whose checkpoints hold their headers and zeros.
void copy_headers(const fs::path& model, const fs::path& to) {
  fs::copy(model, to, fs::copy_options::recursive);
  for (const auto& file : fs::recursive_directory_iterator(to)) {
    if (file.path().extension() != ".safetensors") continue;
    uint64_t header = 0;
    const std::string bytes = read_file(file.path());
    std::memcpy(&header, bytes.data(), sizeof header);
    fs::resize_file(file.path(), sizeof header + header);
    fs::resize_file(file.path(), bytes.size());
  }
}

TEST(Bench, RandomWeightsNeedOnlyTheHeadersOfCheckpoints) {
  const TemporaryFolder folder;
  copy_headers(generator(), folder / "generator");
  copy_headers(critic(), folder / "critic");
  const Arguments hollow = {"generator.path=" + (folder / "generator").string(),
                            "critic.path=" + (folder / "critic").string()};
  const Arguments random = {"--random-weights", "--updates", "1", "--warmup", "0"};
  const auto from_headers = bench(hollow, random), from_files = bench({}, random),
             read = bench({}, {"--updates", "1", "--warmup", "0"});
  expect_sums(from_headers);
  EXPECT_LT(from_headers["reward"].get<double>(), 0);  // a logarithm of a probability that says something
  EXPECT_EQ(from_headers["reward"], from_files["reward"]);
  EXPECT_NE(from_files["reward"], read["reward"]);
  EXPECT_EQ(bench(joined(hollow, {"memory.park=on"}), random)["reward"], from_headers["reward"]);
}

TEST(Bench, WhatCannotBeMeasuredOrWrittenIsRefused) {
  const auto with = [](const Arguments& more) { return run_drf(joined(tiny_config("bench", {}), more)); };
  EXPECT_TRUE(refused(run_drf({"bench"}), kConfigCode, {"config is required", "drf bench --help"}));
  EXPECT_TRUE(refused(with({"--updates", "0"}), kConfigCode, {"--updates", "0"}));
  EXPECT_TRUE(refused(with({"--updates", "many"}), kConfigCode, {"--updates", "many"}));
  EXPECT_TRUE(refused(with({"--warmup", "-1"}), kConfigCode, {"--warmup", "-1"}));
  EXPECT_TRUE(refused(with({"--set", "train.bach=1"}), kConfigCode, {"train.bach", "train.batch"}));
  const TemporaryFolder folder;
  EXPECT_TRUE(
      refused(with({"--markdown", folder.path().string()}), kConfigCode, {"is a folder, wanted a file"}));
  EXPECT_TRUE(refused(with({"--markdown", "/proc/drf/a.md"}), kResourcesCode, {"/proc/drf"}));
  EXPECT_TRUE(
      refused(with({"--trace", folder.path().string()}), kConfigCode, {"is a folder, wanted a file"}));
  EXPECT_TRUE(refused(with({"--trace", "/proc/drf/a.json"}), kResourcesCode, {"/proc/drf"}));
}

}  // namespace
}  // namespace drf::testing
