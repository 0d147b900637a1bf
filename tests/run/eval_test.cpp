// drf eval from outside: its means and standard errors against a computation by hand.

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "drf/tensor/safetensors.h"
#include "tests/run/tiny_run.h"
#include "tests/support/temporary_folder.h"

namespace drf::testing {
namespace {

namespace fs = std::filesystem;

// Adapters after one update.
std::string trained(const fs::path& run, const std::string& steps = "all") {
  const Outcome outcome =
      run_drf(tiny_config("train", {"train.updates=1", "lora.steps=" + steps, "output.dir=" + run.string()}));
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  return (run / "checkpoints/step-000001/adapters.safetensors").string();
}

nlohmann::json evaluated(const std::string& adapters, int64_t prompts, const Arguments& more) {
  const Outcome outcome =
      run_drf(joined(tiny_config("eval", {"eval.prompts=" + std::to_string(prompts), "train.batch=1"}),
                     joined({"--lora", adapters, "--json"}, more)));
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  return nlohmann::json::parse(outcome.out);
}

// The mean over the first k prompts, for k = 1, 2, 3, gives the value of each clip; from those the standard
// error of a mean is sqrt(sum (x - mean)^2 / (n - 1) / n).
TEST(Eval, StandardErrorsAreThoseOfTheClips) {
  const TemporaryFolder folder;
  const std::string adapters = trained(folder / "run");
  constexpr int64_t kClips = 3;
  std::vector<nlohmann::json> results;
  for (int64_t k = 1; k <= kClips; ++k) results.push_back(evaluated(adapters, k, {"--draws", "1"}));
  for (const char* model : {"base", "after"}) {
    for (const char* name : {"reward", "p_right"}) {
      SCOPED_TRACE(std::string(model) + " " + name);
      const std::string error = std::string(name) + "_error";
      std::vector<double> clips;
      double sum = 0;
      for (int64_t k = 1; k <= kClips; ++k) {
        const nlohmann::json& result = results[static_cast<size_t>(k - 1)][model];
        EXPECT_EQ(result["clips"], k);
        const double total = static_cast<double>(k) * result[name].get<double>();
        clips.push_back(total - sum);
        sum = total;
      }
      const double mean = sum / kClips;
      double squares = 0;
      for (const double clip : clips) squares += (clip - mean) * (clip - mean);
      EXPECT_EQ(results[0][model][error], 0);  // one clip tells nothing of its own spread
      const double by_hand = std::sqrt(squares / (kClips - 1) / kClips);
      EXPECT_GT(by_hand, 1e-4 * std::abs(mean)) << "the clips are all alike";
      EXPECT_NEAR(results[2][model][error].get<double>(), by_hand, 1e-9 * std::abs(mean));
      const double two = std::abs(clips[0] - clips[1]) / 2;  // the same for n = 2
      EXPECT_NEAR(results[1][model][error].get<double>(), two, 1e-9 * std::abs(mean));
    }
  }
}

// What the file says, not the configuration, decides at which steps its adapters compute.
TEST(Eval, AdaptersOfTheTrainedStepsComputeThereAlone) {
  const TemporaryFolder folder;
  const std::string adapters = trained(folder / "run", "trained"), everywhere = folder / "a.safetensors";
  const SafetensorsFile file(adapters);
  std::vector<std::pair<std::string, at::Tensor>> tensors;
  for (const auto& [name, entry] : file.entries()) tensors.emplace_back(name, file.get(name));
  auto metadata = file.metadata();
  ASSERT_EQ(metadata.erase("drf_sigma_max"), 1u);
  write_safetensors(everywhere, tensors, metadata);
  const auto own = evaluated(adapters, 1, {"--draws", "1"}), all = evaluated(everywhere, 1, {"--draws", "1"});
  EXPECT_EQ(own["base"]["reward"], all["base"]["reward"]);
  EXPECT_NE(own["after"]["reward"], own["base"]["reward"]);
  EXPECT_NE(own["after"]["reward"], all["after"]["reward"]);

  const auto started = [&](const std::string& steps, const std::string& from) {
    return run_drf(tiny_config("train", {"train.updates=1", "lora.init_from=" + from, "lora.steps=" + steps,
                                         "output.dir=" + (folder / "more").string()}));
  };
  const Outcome refused = started("all", adapters);
  EXPECT_EQ(refused.code, 2);
  EXPECT_NE(refused.err.find("set lora.steps = \"trained\""), std::string::npos) << refused.err;
  const std::string warning = "were trained to compute below sigma";
  const Outcome alike = started("trained", adapters);
  EXPECT_EQ(alike.code, 0);
  EXPECT_EQ(alike.err.find(warning), std::string::npos) << alike.err;
  metadata["drf_sigma_max"] = "0.987";
  const std::string elsewhere = folder / "b.safetensors";
  write_safetensors(elsewhere, tensors, metadata);
  fs::remove_all(folder / "more");
  const Outcome other = started("trained", elsewhere);
  EXPECT_EQ(other.code, 0);
  EXPECT_NE(other.err.find(warning + " 0.987, and compute below"), std::string::npos) << other.err;
}

TEST(Eval, AScaleIsSweptFromTheBaseModelToWhatWasTrainedAndBeyond) {
  const TemporaryFolder folder;
  const std::string adapters = trained(folder / "run");
  const auto plain = evaluated(adapters, 2, {"--draws", "1"});
  const auto sweep = evaluated(adapters, 2, {"--draws", "1", "--scale", "0:1.5:0.5"})["scales"];
  ASSERT_EQ(sweep.size(), 4u);
  for (size_t i = 0; i < 4; ++i) EXPECT_EQ(sweep[i]["scale"], 0.5 * static_cast<double>(i));
  for (const auto& [key, value] : plain["base"].items()) {
    EXPECT_EQ(sweep[0][key], value) << key;
    EXPECT_EQ(sweep[2][key], plain["after"][key]) << key;
  }
  for (size_t i = 1; i < 4; ++i) EXPECT_NE(sweep[i]["reward"], sweep[i - 1]["reward"]);
  for (const char* key : {"motion", "flicker", "saturated", "high_frequency"})
    EXPECT_TRUE(plain["base"].contains(key)) << key;

  const auto eval = [&](const std::string& scale) {
    return run_drf(joined(tiny_config("eval", {"eval.prompts=1"}), {"--lora", adapters, "--scale", scale}));
  };
  const Outcome table = eval("0:1:1");
  EXPECT_EQ(table.code, 0) << table.err;
  EXPECT_EQ(std::count(table.out.begin(), table.out.end(), '\n'), 4) << table.out;
  EXPECT_NE(table.out.find("scale"), std::string::npos);
  for (const auto& [scale, why] :
       std::vector<std::pair<std::string, std::string>>{{"1", "not three numbers"},
                                                        {"0:1", "not three numbers"},
                                                        {"0:1:0.5:", "not three numbers"},
                                                        {"0:1:", "not three numbers"},
                                                        {"0:x:1", "\"x\" is no number"},
                                                        {"0::1", "\"\" is no number"},
                                                        {"0:inf:1", "\"inf\" is no number"},
                                                        {"1:0:0.5", "ends before it begins"},
                                                        {"0:1:0", "step is not above 0"},
                                                        {"0:1:-1", "step is not above 0"},
                                                        {"0:1:1e-9", "more than 100"}}) {
    EXPECT_TRUE(refused(eval(scale), 2, {"--scale is \"" + scale + "\"", why})) << scale;
  }
  EXPECT_TRUE(
      refused(run_drf(joined(tiny_config("eval", {"train.weights=full", "lora.rank=32", "lora.alpha=32"}),
                             {"--weights", "somewhere", "--scale", "0:1:1"})),
              2, {"--scale is given, but train.weights is \"full\""}));
  EXPECT_TRUE(refused(run_drf(joined(tiny_config("eval", {}), {"--scale", "0:1:1"})), 2, {}));
}

TEST(Eval, ClipsAreTakenTogetherOrOneByOneAlike) {
  const TemporaryFolder folder;
  const std::string adapters = trained(folder / "run");
  const auto one = evaluated(adapters, 2, {"--draws", "2", "--batch", "1"}),
             four = evaluated(adapters, 2, {"--draws", "2", "--batch", "4"});
  for (const char* model : {"base", "after"}) {
    EXPECT_EQ(one[model]["clips"], 4);
    for (const char* name : {"reward", "reward_error", "p_right", "p_right_error"})
      EXPECT_NEAR(one[model][name].get<double>(), four[model][name].get<double>(), 1e-4)
          << model << " " << name;
  }
  EXPECT_NE(one["base"]["reward"], one["after"]["reward"]);
}

}  // namespace
}  // namespace drf::testing
