// What a viewer sees is what is judged: drf eval's numbers are those of drf score on the clip as it is
// written.
#include <ATen/ATen.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>

#include "drf/base/random.h"
#include "drf/tensor/safetensors.h"
#include "tests/run/tiny_run.h"
#include "tests/support/temporary_folder.h"

namespace drf::testing {
namespace {

const char* const kPrompt = "a red ball moves left on a white background";
const std::map<std::string, double> kWeights = {{"TA", 8}, {"PF", 3}, {"VQ", 3}};  // configs/tiny.toml

struct Scored {
  double reward = 0, p_right = 0;
};

// From the lines of drf score --json; every question weighs 1.
Scored scored(const Outcome& outcome) {
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  std::map<std::string, std::pair<double, int>> sums;
  Scored result;
  int count = 0;
  std::istringstream lines(outcome.out);
  for (std::string line; std::getline(lines, line); ++count) {
    const auto row = nlohmann::json::parse(line);
    auto& [sum, n] = sums[row["aspect"]];
    sum += row["logprob"].get<double>();
    ++n;
    result.p_right += std::exp(row["logprob"].get<double>());
  }
  EXPECT_GT(count, 5);
  result.p_right /= count;
  for (const auto& [aspect, sum] : sums) result.reward += kWeights.at(aspect) * sum.first / sum.second;
  return result;
}

// Starting noise that the small model turns into a clip with pixels beyond [0, 1].
void write_noise(const std::filesystem::path& file) {
  const std::vector<float> values = normal({11, Purpose::kDirection, 0, 0}, 8 * 2 * 4 * 4);
  write_safetensors(file, {{"noise", at::tensor(values).view({8, 2, 4, 4})}});
}

TEST(ShownFrames, EvaluationSeesAClipAsItIsWritten) {
  const TemporaryFolder folder;
  write_text(folder / "one.txt", std::string(kPrompt) + "\n");
  write_noise(folder / "noise.safetensors");
  const std::string lora = source_path("tests/goldens/flow_plain_lora.safetensors").string(),
                    noise = (folder / "noise.safetensors").string(), clip = (folder / "clip.apng").string(),
                    frames = (folder / "frames.safetensors").string(), asked = (folder / "q.jsonl").string();
  const Outcome evaluated =
      run_drf(joined(tiny_config("eval", {"prompts.held_out=" + (folder / "one.txt").string(),
                                          "sampling.noise=" + noise, "critic.frames=5", "train.batch=1"}),
                     {"--lora", lora, "--json"}));
  ASSERT_EQ(evaluated.code, 0) << evaluated.err;
  const auto eval = nlohmann::json::parse(evaluated.out);
  ASSERT_EQ(run_drf({"questions", (folder / "one.txt").string(), "--templates", "assets/tiny/questions.json",
                     "--no-dense", "-o", asked})
                .code,
            0);
  for (const bool adapted : {false, true}) {
    Arguments sample = {"sample",   "--model", generator(), "--prompt", kPrompt,
                        "--frames", "5",       "--size",    "16x16"};
    sample = joined(sample, {"--steps", "2", "--sampler", "euler", "--schedule", "flow", "--shift", "3"});
    sample = joined(sample, {"--guidance", "1", "--text-length", "30", "--noise", noise, "--fps", "8"});
    sample = joined(sample, {"-o", clip, "--save-frames", frames});
    if (adapted) sample = joined(sample, {"--lora", lora});
    ASSERT_EQ(run_drf(sample).code, 0);
    const auto score = [&](const Arguments& of) {
      return run_drf(joined(
          {"score", "--critic", critic(), "--questions", asked, "--critic-frames", "5", "--json"}, of));
    };
    const Outcome written = score({"--video", clip});
    if (written.err.find("FFmpeg") != std::string::npos) GTEST_SKIP() << written.err;
    const Scored seen = scored(written), raw = scored(score({"--frames", frames, "--fps", "8"}));
    const auto& row = eval[adapted ? "after" : "base"];
    // One model, the same questions, in float32, in batches of other sizes.
    EXPECT_NEAR(row["reward"].get<double>(), seen.reward, 2e-4);
    EXPECT_NEAR(row["p_right"].get<double>(), seen.p_right, 2e-5);
    EXPECT_GT(std::abs(raw.reward - seen.reward), 2e-3)
        << "clamping changes nothing here: the test says nothing";
    EXPECT_GT(row["saturation"].get<double>(), 0.001) << "of the frames before they were clamped";
  }
}

}  // namespace
}  // namespace drf::testing
