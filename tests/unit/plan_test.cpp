// The planner's predictions against what a MemoryMeter shows on the bundled models.
#include "drf/plan/plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <fstream>

#include "drf/base/byte_size.h"
#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/flow/rollout.h"
#include "drf/nn/adamw.h"
#include "drf/plan/plan_ladder.h"
#include "drf/run/average.h"
#include "drf/run/run.h"
#include "tests/support/golden.h"
#include "tests/support/pair_model.h"
#include "tests/support/temporary_folder.h"

namespace drf::run {
namespace {

std::vector<std::string> with_paths(std::vector<std::string> sets) {
  for (const char* set :
       {"generator.path=assets/tiny/generator", "critic.path=assets/tiny/critic",
        "prompts.train=assets/tiny/prompts.txt", "prompts.held_out=assets/tiny/held_out.txt",
        "questions.templates=assets/tiny/questions.json"}) {
    const std::string text = set;
    const size_t at = text.find('=') + 1;
    sets.insert(sets.begin(), text.substr(0, at) + testing::source_path(text.substr(at)).string());
  }
  return sets;
}

std::map<std::string, int64_t> measured(const RunConfig& config, const std::vector<int64_t>& prompts) {
  const PromptSets sets = read_prompts(config);
  std::vector<std::string> texts;
  for (const int64_t p : prompts) texts.push_back(sets.train.prompts.at(static_cast<size_t>(p)));
  Run run(plan::resolve(config, sets, at::kCPU, ""), sets, {.texts = texts});
  std::map<std::string, int64_t> peaks = {{"loading", run.meter().peak()}};
  std::vector<at::Tensor> parameters;
  for (const auto& [name, tensor] : run.trained().parameters()) parameters.push_back(tensor);
  const nn::AdamW optimizer(run.trained().parameters(), {});
  std::optional<Average> average;
  if (config.train.ema > 0) average.emplace(run.trained(), config.train.ema);
  std::vector<std::pair<int64_t, int64_t>> clips;
  for (const int64_t p : prompts) clips.emplace_back(p, 0);
  flow::Batch batch = run.batches().of(rewards::Split::kTrain, clips, Purpose::kNoise);
  batch.exact_d_xK = false;
  for (rewards::Sample& sample : batch.samples) sample.view = 0;
  for (int update = 0; update < 2; ++update) {  // what the first leaves behind is there in the second
    for (const at::Tensor& p : parameters) p.mutable_grad() = at::Tensor();
    const objectives::Outcome outcome = run.objective().accumulate(batch, -1);
    for (const auto& [stage, cost] : outcome.costs) peaks[stage] = std::max(peaks[stage], cost.peak_bytes);
  }
  if (std::any_of(config.rewards.begin(), config.rewards.end(),
                  [](const auto& term) { return term.judge; })) {
    for (const auto& [stage, cost] : flow::evaluate(run.parts(), batch, flow::Pixels::kAsTheyAre).costs)
      peaks["validation"] = std::max(peaks["validation"], cost.peak_bytes);
  }
  return peaks;
}

/// `file`: empty: configs/tiny.toml.
void expect_predicted(const std::vector<std::string>& sets, const std::filesystem::path& file = {}) {
  const RunConfig config = load_config(file.empty() ? testing::source_path("configs/tiny.toml") : file,
                                       with_paths(sets), known_policies());
  std::vector<int64_t> prompts;
  for (int64_t i = 0; i < config.train.batch; ++i) prompts.push_back(i);
  const plan::MemoryPlan plan = plan::predict_memory(config, read_prompts(config), {at::kCPU, prompts});
  const auto peaks = measured(config, prompts);
  size_t compared = 0;
  for (const plan::StagePlan& stage : plan.stages) {
    if (!peaks.count(stage.stage)) continue;  // "text" is over before anything can be measured
    ++compared;
    const double predicted = static_cast<double>(stage.metered_peak());
    const double got = static_cast<double>(peaks.at(stage.stage));
    std::printf("%-12s predicted %9.3f measured %9.3f MiB  %+.1f %%\n", stage.stage.c_str(),
                predicted / (1 << 20), got / (1 << 20), 100 * (predicted / got - 1));
    EXPECT_NEAR(predicted / got, 1, 0.1) << stage.stage;
  }
  const size_t unpulled = config.flow.rule == "policy_gradient" ? 2 : 0;  // no reward is
  EXPECT_EQ(compared, 1 + flow::stage_names().size() - unpulled + peaks.count("validation"))
      << "loading and every stage of an update";
}

TEST(Plan, TheDemosRunTakesWhatIsPredicted) { expect_predicted({}); }
TEST(Plan, RecomputedBlocksOfALargerClipTakeWhatIsPredicted) {
  expect_predicted({"flow.recompute=block", "sampling.frames=17", "sampling.width=48", "train.batch=2"});
}
TEST(Plan, DecodingInStripesTakesWhatIsPredicted) {
  expect_predicted({"flow.recompute=block", "flow.decode_chunk=2", "flow.decode_stripes=3",
                    "sampling.frames=17", "sampling.height=96", "train.batch=1"});
}
TEST(Plan, GuidanceInOneBatchTakesWhatIsPredicted) {
  expect_predicted({"flow.recompute=stage", "sampling.guidance=3", "flow.cfg_batch=on", "train.batch=1",
                    "sampling.frames=13", "train.anchor=0.1", "lora.rank=4"});
}

TEST(Plan, TheMatchingRuleInBfloat16TakesWhatIsPredicted) {
  expect_predicted({"flow.rule=matching", "flow.K=2", "flow.recompute=block", "generator.dtype=bfloat16",
                    "critic.dtype=bfloat16", "train.batch=2", "sampling.steps=4", "sampling.width=64"});
}
TEST(Plan, FullWeightsTakeWhatIsPredicted) {
  expect_predicted(
      {"train.weights=full", "lora.rank=32", "lora.alpha=32", "flow.recompute=block", "train.ema=0.9"});
  expect_predicted({"train.weights=full", "lora.rank=32", "lora.alpha=32", "generator.dtype=bfloat16",
                    "flow.recompute=stage", "train.batch=1", "sampling.guidance=2", "flow.cfg_batch=off",
                    "train.anchor=0.1"});
}
TEST(Plan, ParkedNetworksTakeWhatIsPredicted) {
  expect_predicted({"memory.park=on", "flow.recompute=block", "generator.dtype=bfloat16",
                    "critic.dtype=bfloat16", "sampling.frames=17", "sampling.width=64", "train.batch=1"});
}
// A judge that is shown more than the critic, so that its stage is another's.
TEST(Plan, AJudgesCriticIsCountedAndSoIsWhereItIsAsked) {
  const testing::TemporaryFolder folder;
  std::filesystem::copy(testing::source_path("assets/tiny/critic"), folder / "judge");
  testing::write_text(folder / "c.toml",
                      read_file(testing::source_path("configs/tiny.toml")) +
                          "\n[[rewards]]\n[[rewards]]\nname = \"judge\"\njudge = true\npath = \"" +
                          (folder / "judge").string() + "\"\n");
  const std::vector<std::string> sets = {"train.eval_every=1", "critic.frames=2", "rewards.1.frames=48",
                                         "train.batch=2", "flow.recompute=block"};
  expect_predicted(sets, folder / "c.toml");
  auto parked = sets;
  parked.insert(parked.end(), {"memory.park=on", "critic.dtype=bfloat16", "rewards.1.dtype=float64"});
  expect_predicted(parked, folder / "c.toml");

  const auto planned = [&](const std::vector<std::string>& more) {
    auto all = parked;
    all.insert(all.end(), more.begin(), more.end());
    const RunConfig config = load_config(folder / "c.toml", with_paths(all), known_policies());
    return plan::predict_memory(config, read_prompts(config), {at::kCPU, {0, 1}});
  };
  const plan::MemoryPlan plan = planned({});
  ASSERT_EQ(plan.stages.back().stage, "validation");
  EXPECT_EQ(plan.worst().stage, "validation");
  EXPECT_LT(plan.metered_peak(), plan.worst().metered_peak()) << "no stage of an update";
  EXPECT_EQ(std::count_if(plan.weights.begin(), plan.weights.end(),
                          [](const auto& w) { return w.checkpoint.find("judge") != std::string::npos; }),
            1);
  EXPECT_NE(planned({"train.eval_every=0"}).stages.back().stage, "validation") << "it is never asked";
  const RunConfig config = load_config(folder / "c.toml", with_paths(parked), known_policies());
  const auto ladder = plan::what_would_fit(config, read_prompts(config), {at::kCPU, {}}, 1);
  EXPECT_TRUE(std::any_of(ladder.begin(), ladder.end(),
                          [](const plan::Rung& rung) { return rung.change == "rewards.1.frames=24"; }));
}

TEST(Plan, TwoNetworksTakeWhatIsPredicted) {
  const testing::TemporaryFolder folder;
  testing::write_pair(folder / "pair", 0.8, {"tiny", "tiny"});
  for (const char* park : {"on", "off"}) {
    for (const char* K : {"4", "2"}) {  // of both networks, and of the second alone
      expect_predicted({"generator.path=" + (folder / "pair").string(), concat("memory.park=", park),
                        concat("flow.K=", K), "sampling.steps=4", "sampling.guidance=3",
                        "sampling.guidance_2=1", "flow.recompute=stage", "generator.dtype=bfloat16",
                        "critic.dtype=bfloat16", "train.batch=1", "lora.rank=16"});
    }
  }
}
TEST(Plan, PolicyGradientsTakeWhatIsPredicted) {
  expect_predicted({"flow.rule=policy_gradient", "policy_gradient.group=4", "flow.K=2", "train.batch=4",
                    "sampling.guidance=3", "flow.recompute=block"});
}
// States of the update's other batches wait in the host's memory, of rule matching where updates share a
// rollout, with the velocities where there is trust; prompts come in groups.
TEST(Plan, StatesOfAllBatchesAreHeldWhereTheyAreWanted) {
  using Sets = std::vector<std::string>;
  const auto plan = [](Sets all, const Sets& sets, at::DeviceType device) {
    all.insert(all.end(), {"flow.K=2", "flow.recompute=none", "train.batch=2"});
    all.insert(all.end(), sets.begin(), sets.end());
    const RunConfig own =
        load_config(testing::source_path("configs/tiny.toml"), with_paths(all), known_policies());
    for (const plan::StagePlan& s : plan::predict_memory(own, read_prompts(own), {device, {}}).stages)
      if (s.stage == "pull_steps") return s.peak();
    return int64_t{0};
  };
  const RunConfig c =
      load_config(testing::source_path("configs/tiny.toml"), with_paths({}), known_policies());
  const RunConfig resolved = plan::resolve(c, read_prompts(c), at::kCPU, "");
  int64_t clip = 4;  // float32
  {
    const DryRun dry(at::kCPU);
    const drf::run::Run run(resolved, read_prompts(c), {.device = at::kMeta});
    for (const int64_t side : run.latent_shape()) clip *= side;
  }
  const Sets matching = {"flow.rule=matching", "flow.reuse=2"};
  const std::vector<std::pair<Sets, int64_t>> ways = {
      {{"flow.rule=policy_gradient", "policy_gradient.group=4"}, c.sampling.steps},
      {matching, c.sampling.steps + 1},
      {{"flow.rule=matching", "flow.reuse=2", "matching.trust=1", "sampling.guidance=3"},
       3 * c.sampling.steps + 1}};
  for (const auto& [sets, latents] : ways) {
    const int64_t one = plan(sets, {"train.accumulate=2"}, at::kCPU),
                  three = plan(sets, {"train.accumulate=4"}, at::kCPU);
    EXPECT_EQ(three - one, 2 * 2 * clip * latents) << sets.front();
    EXPECT_EQ(plan(sets, {"train.accumulate=2"}, at::kCUDA), plan(sets, {"train.accumulate=4"}, at::kCUDA));
  }
}
TEST(Plan, WhatIsMovedIsCounted) {
  expect_predicted(
      {"robust.frames=2", "robust.resolution=0.3", "robust.pixels=0.01", "flow.recompute=block"});
  const auto adapters = [](const std::vector<std::string>& sets) {
    const RunConfig own =
        load_config(testing::source_path("configs/tiny.toml"), with_paths(sets), known_policies());
    return plan::predict_memory(own, read_prompts(own), {at::kCPU, {}}).adapters;
  };
  const int64_t plain = adapters({"train.ema=0"}), average = adapters({"train.ema=0.9"});
  EXPECT_EQ(adapters({"robust.adapters=0.1"}), average) << "one more of all that is trained";
  EXPECT_GT(average, plain);
}
TEST(Plan, WhereStepsAreDrawnTheMostOfThemCount) {
  const auto pulled = [](const std::vector<std::string>& sets) {
    std::vector<std::string> all = {"flow.recompute=none", "train.batch=1"};
    all.insert(all.end(), sets.begin(), sets.end());
    const RunConfig c =
        load_config(testing::source_path("configs/tiny.toml"), with_paths(all), known_policies());
    for (const plan::StagePlan& s : plan::predict_memory(c, read_prompts(c), {at::kCPU, {}}).stages)
      if (s.stage == "pull_steps") return s.peak();
    return int64_t{0};
  };
  // The first update draws 4 of up to 8.
  const int64_t most = pulled({"flow.K=8"});
  EXPECT_EQ(pulled({"flow.K=8", "flow.K_min=1"}), most);
  EXPECT_LT(pulled({"flow.K=4"}), most);
}
TEST(Plan, AParkedNetworksWeightsAreNotCountedInStagesThatDoNotUseIt) {
  const auto planned = [](const char* park, bool early) {
    RunConfig c =
        load_config(testing::source_path("configs/tiny.toml"),
                    with_paths({concat("memory.park=", park), "flow.recompute=block"}), known_policies());
    c.memory.park_early = early;
    std::map<std::string, int64_t> weights;
    for (const plan::StagePlan& s : plan::predict_memory(c, read_prompts(c), {at::kCUDA, {}}).stages)
      weights[s.stage] = s.weights;
    return weights;
  };
  auto off = planned("off", false), on = planned("on", false), early = planned("on", true);
  const int64_t generator = on["rollout"] - on["decode"], critic = on["critic"] - on["decode"];
  EXPECT_GT(generator, 1 << 20);
  EXPECT_GT(critic, 1 << 20);
  EXPECT_EQ(off["decode"], on["decode"] + generator + critic);
  EXPECT_EQ(on["pull_steps"], on["rollout"]);
  EXPECT_EQ(on["pull_critic"], on["critic"]);
  EXPECT_EQ(on["pull_decode"], on["decode"]);
  EXPECT_EQ(early["decode"], on["critic"]);  // on its way
  EXPECT_EQ(early["pull_decode"], on["rollout"]);
  EXPECT_EQ(early["pull_steps"], on["rollout"]);
}
TEST(Plan, NetworksAreParkedWhereARunDoesNotFitOtherwise) {
  const RunConfig config = load_config(testing::source_path("configs/tiny.toml"),
                                       with_paths({"flow.recompute=block"}), known_policies());
  const auto peak = [&](const char* park) {
    RunConfig c = config;
    c.memory.park = park;
    return plan::predict_memory(c, read_prompts(c), {at::kCUDA, {}}).peak();
  };
  const auto decided = [&](int64_t bytes) {
    return plan::decide_memory_settings(config, read_prompts(config), {at::kCUDA, {}}, [&] { return bytes; })
        .memory;
  };
  const int64_t off = peak("off"), on = peak("on");
  ASSERT_LT(on, off);
  EXPECT_EQ(decided(off * 2).park, "off");
  EXPECT_EQ(decided((on + (off - on) / 8) * 10 / 9).park, "on");
  EXPECT_EQ(decided(1 << 20).park, "on");  // the leanest
  EXPECT_EQ(decided(int64_t{1} << 50).park, "off");
}
TEST(Plan, TheLadderOffersParkingFirstAndSaysWhatItCosts) {
  RunConfig config = load_config(testing::source_path("configs/tiny.toml"),
                                 with_paths({"flow.recompute=block", "memory.park=off"}), known_policies());
  const plan::PlanOptions options{at::kCUDA, {}};
  const auto ladder = plan::what_would_fit(config, read_prompts(config), options, 1 << 20);
  ASSERT_FALSE(ladder.empty());
  EXPECT_EQ(ladder.front().change, "memory.park=on");
  EXPECT_FALSE(ladder.front().changes_result);
  config.memory.park = "on";
  const plan::MemoryPlan plan = plan::predict_memory(config, read_prompts(config), options);
  // Generator and critic come back once an update each; their weights are those of the stages beyond the
  // decoder's.
  std::map<std::string, int64_t> weights;
  for (const plan::StagePlan& s : plan.stages) weights[s.stage] = s.weights;
  EXPECT_EQ(plan.returned, weights["rollout"] + weights["critic"] - 2 * weights["decode"]);
  EXPECT_DOUBLE_EQ(ladder.front().seconds, static_cast<double>(plan.returned) / 25e9);
}

TEST(Plan, TheTextEncoderIsGoneBeforeTheCriticComes) {
  const RunConfig config =
      load_config(testing::source_path("configs/tiny.toml"),
                  with_paths({"generator.dtype=bfloat16", "critic.dtype=bfloat16"}), known_policies());
  const plan::MemoryPlan plan = plan::predict_memory(config, read_prompts(config), {});
  int64_t all = 0, text_encoder = 0;
  for (const DryRun::Weights& w : plan.weights) {
    all += w.allocated;
    if (w.checkpoint.find("text_encoder") != std::string::npos) text_encoder += w.allocated;
  }
  ASSERT_GT(text_encoder, 0);
  for (const plan::StagePlan& stage : plan.stages)
    EXPECT_EQ(stage.weights, all - text_encoder) << stage.stage;
  // Beside the weights that stay: the adapters, and what is left of the 0.2 MiB above the text encoder.
  EXPECT_LT(plan.stages.front().own, plan.adapters);
}

TEST(Plan, WhatIsLeftToThePlannerIsDecidedByTheMemoryThereIs) {
  const RunConfig config = load_config(
      testing::source_path("configs/tiny.toml"),
      with_paths({"flow.recompute=auto", "sampling.guidance=2", "train.batch=2"}), known_policies());
  const auto decided = [&](int64_t mib) {
    return plan::decide_memory_settings(config, read_prompts(config), {}, [&] { return mib << 20; }).flow;
  };
  EXPECT_EQ(decided(10'000).recompute, "none");
  EXPECT_EQ(decided(10'000).cfg_batch, "on");
  EXPECT_EQ(decided(1).recompute, "block");
  EXPECT_EQ(decided(1).cfg_batch, "off");
  EXPECT_EQ(decided(1).decode_stripes, plan::kManyStripes);
}
TEST(Plan, WhatWouldFitIsTriedFromTheHarmlessToTheHarmful) {
  RunConfig config = load_config(testing::source_path("configs/tiny.toml"), with_paths({}), known_policies());
  const int64_t before = plan::predict_memory(config, read_prompts(config), {}).peak();
  const int64_t usable = before / 3;
  const auto ladder = plan::what_would_fit(config, read_prompts(config), {}, usable);
  ASSERT_FALSE(ladder.empty());
  EXPECT_EQ(ladder.front().change, "memory.park=on");
  EXPECT_EQ(ladder.at(1).change, "flow.recompute=stage");
  EXPECT_LT(ladder.front().peak, before);
  EXPECT_LE(ladder.back().peak, usable);
  for (const plan::Rung& rung : ladder) EXPECT_FALSE(rung.changes_result) << rung.change;
}
TEST(Plan, AResumedRunKeepsWhatWasDecided) {
  const testing::TemporaryFolder folder;
  const RunConfig given = load_config(testing::source_path("configs/tiny.toml"),
                                      with_paths({"flow.recompute=auto"}), known_policies());
  RunConfig before = given, again = given;
  before.flow.recompute = "block";
  before.flow.cfg_batch = "off";
  before.flow.decode_stripes = 4;
  std::ofstream(folder.path() / "config.toml") << config_to_toml(fields_of(before));
  plan::keep_memory_settings(again, folder.path() / "config.toml");
  EXPECT_EQ(again.flow.recompute, "block");
  EXPECT_EQ(again.flow.cfg_batch, "off");
  EXPECT_EQ(again.flow.decode_stripes, 4);
}

// Whatever else is given: the decoder's walk sums in another order with another budget, so that what was
// decided is recorded as a size, and a run goes on with that, however much memory is free then.
TEST(Plan, TheDecodersMemoryIsDecidedOnce) {
  const std::vector<std::vector<std::string>> cases = {
      {"flow.recompute=block"}, {"flow.recompute=block", "flow.cfg_batch=off", "memory.park=off"}};
  for (std::vector<std::string> sets : cases) {
    SCOPED_TRACE(::testing::PrintToString(sets));
    for (const char* size : {"sampling.frames=17", "sampling.width=384", "sampling.height=384"})
      sets.push_back(size);
    RunConfig given =
        load_config(testing::source_path("configs/tiny.toml"), with_paths(sets), known_policies());
    const auto decided = [](const RunConfig& c, int64_t bytes) {
      return plan::decide_memory_settings(c, read_prompts(c), {at::kCPU, {}}, [&] { return bytes; });
    };
    EXPECT_EQ(decided(given, 1 << 20).memory.decoder, "384MiB");
    given.flow.recompute = "block";
    const RunConfig run = decided(given, int64_t{1} << 40);
    EXPECT_GT(parse_byte_size(run.memory.decoder).value_or(0), int64_t{384} << 20) << run.memory.decoder;
    const testing::TemporaryFolder folder;
    const auto record = folder.path() / "config.toml";
    for (RunConfig before : {run, decided(given, 1 << 20)}) {
      RunConfig again = given;
      std::ofstream(record) << config_to_toml(fields_of(before));
      plan::keep_memory_settings(again, record);
      EXPECT_EQ(decided(again, int64_t{1} << 40).memory.decoder, before.memory.decoder);
    }
    // Of a version that decided nothing: it had the least.
    RunConfig older = given, again = given;
    std::ofstream(record) << config_to_toml(fields_of(older));
    plan::keep_memory_settings(again, record);
    EXPECT_EQ(decided(again, int64_t{1} << 40).memory.decoder, "384MiB");
  }
  // What the log says is taken is with what the decoder may spend.
  const RunConfig open =
      load_config(testing::source_path("configs/tiny.toml"),
                  with_paths({"flow.recompute=block", "sampling.guidance=5", "sampling.frames=17",
                              "sampling.width=384", "sampling.height=384", "memory.decoder=auto"}),
                  known_policies());
  ::testing::internal::CaptureStderr();
  const RunConfig taken =
      plan::decide_memory_settings(open, read_prompts(open), {}, [] { return int64_t{1} << 40; });
  const std::string log = ::testing::internal::GetCapturedStderr();
  const int64_t peak = plan::predict_memory(taken, read_prompts(taken), {}).peak();
  EXPECT_NE(taken.memory.decoder, "384MiB") << "more than the least";
  EXPECT_NE(log.find(concat(": ", plan::readable_bytes(peak), " predicted of ")), std::string::npos) << log;
  // Where nothing reads it there is nothing to decide.
  const RunConfig kept = load_config(testing::source_path("configs/tiny.toml"),
                                     with_paths({"flow.recompute=none"}), known_policies());
  EXPECT_EQ(plan::decide_memory_settings(kept, read_prompts(kept), {}, [] { return int64_t{1} << 40; })
                .memory.decoder,
            "auto");
}

}  // namespace
}  // namespace drf::run
