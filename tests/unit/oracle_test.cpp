#include "examples/tinyworld/oracle.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "drf/base/files.h"
#include "drf/tensor/safetensors.h"
#include "tests/support/expect_error.h"
#include "tests/support/golden.h"

namespace drf::tinyworld {
namespace {

using drf::testing::error_of;
using drf::testing::says;
using drf::testing::source_path;

nlohmann::json as_json(const OracleAnswer& a) {
  nlohmann::json j = {{"bg", a.bg},         {"color", a.color}, {"shape", a.shape},
                      {"motion", a.motion}, {"phys", a.phys},   {"clean", a.clean}};
  if (a.color_const) j["color_const"] = *a.color_const;
  if (a.smooth) j["smooth"] = *a.smooth;
  return j;
}

TEST(Oracle, AnswersAll160CasesExactly) {
  const auto cases = nlohmann::json::parse(read_file(source_path("tests/goldens/oracle_cases.json")));
  const at::Tensor clips =
      SafetensorsFile(source_path("tests/goldens/oracle_cases.safetensors")).get("clips");
  ASSERT_EQ(cases.size(), 160u);
  ASSERT_EQ(clips.sizes(), at::IntArrayRef({160, 9, 32, 32, 3}));
  for (int64_t i = 0; i < 160; ++i) {
    const auto& want = cases[static_cast<size_t>(i)]["oracle"];
    const at::Tensor clip = clips[i].to(at::kFloat) / 255;
    EXPECT_EQ(as_json(judge(clip)), want) << i;
    EXPECT_EQ(as_json(judge(clip.permute({0, 3, 1, 2}).to(at::kDouble))), want) << i << " as [F,3,H,W]";
  }
}

TEST(Oracle, ShapesAndValuesThatAreNoClipAreRefused) {
  const auto refuses = [](const at::Tensor& clip, const std::string& part) {
    EXPECT_TRUE(says(error_of(ErrorKind::kInput, [&] { judge(clip); }), part));
  };
  refuses(at::zeros({9, 4, 32, 32}), "[9, 4, 32, 32]");
  refuses(at::zeros({3, 32, 32}), "wanted [F,3,H,W]");
  refuses(at::zeros({9, 3, 8, 32}), "32x8");
  refuses(at::full({9, 3, 32, 32}, NAN), "non-finite");
}

TEST(Oracle, ValuesBeyondTheRangeCountAsItsEnds) {
  const OracleAnswer answer = judge(at::full({9, 3, 32, 32}, 1.7));
  EXPECT_EQ(answer.bg, "white");
  EXPECT_EQ(answer.color, "none");
  EXPECT_FALSE(answer.smooth.has_value());
  EXPECT_TRUE(answer.clean);
}

TEST(Oracle, SharesAreMeansOverClips) {
  const Scene scene{"red", "ball", "left", "black"};
  OracleAnswer right{"red", "ball", "left", "black", true, true, true, true};
  OracleAnswer half{"red", "ball", "up", "none", true, false, false, true};
  const Scores s = score({right, half}, {scene, scene});
  EXPECT_EQ(s.clips, 2);
  EXPECT_DOUBLE_EQ(s.color, 1);
  EXPECT_DOUBLE_EQ(s.motion, 0.5);
  EXPECT_DOUBLE_EQ(s.bg, 0.5);
  EXPECT_DOUBLE_EQ(s.TA, 0.75);
  EXPECT_DOUBLE_EQ(s.TA_all, 0.5);
  EXPECT_DOUBLE_EQ(s.phys, 0.5);
  EXPECT_DOUBLE_EQ(s.clean, 1);
}

TEST(Prompts, EverySceneReturnsFromItsSentence) {
  std::set<std::string> sentences;
  for (const Scene& scene : all_scenes()) {
    EXPECT_EQ(parse_prompt(to_prompt(scene)), scene);
    sentences.insert(to_prompt(scene));
  }
  EXPECT_EQ(sentences.size(), 144u);
  EXPECT_EQ(to_prompt({"red", "ball", "left", "gray"}), "a red ball moves left on a gray background");
  for (const std::string other :
       {"", "a red ball moves left", "a pink ball moves left on a gray background",
        "a red ball moves left on a gray background.", "a  red ball moves left on a gray background"}) {
    EXPECT_FALSE(parse_prompt(other)) << other;
  }
}

TEST(Prompts, TheSplitIsDisjointBalancedAndSeeded) {
  const Split split = split_scenes(0);
  EXPECT_EQ(split.train.size(), 120u);
  EXPECT_EQ(split.held_out.size(), 24u);
  std::set<std::string> all;
  std::map<std::string, int> pairs;
  for (const Scene& s : split.train) all.insert(to_prompt(s));
  for (const Scene& s : split.held_out) {
    all.insert(to_prompt(s));
    ++pairs[s.color + " " + s.shape];
    ++pairs[s.motion + " " + s.bg];
  }
  EXPECT_EQ(all.size(), 144u);
  EXPECT_EQ(pairs.size(), 24u);
  for (const auto& [pair, count] : pairs) EXPECT_EQ(count, 2) << pair;
  EXPECT_NE(to_prompt(split_scenes(1).held_out[0]), to_prompt(split.held_out[0]));
  EXPECT_EQ(split_scenes(0, 144).train.size(), 0u);
}

TEST(Prompts, TheBundledFilesAreTheSplitOfSeedZero) {
  const Split split = split_scenes(0);
  const auto lines = [](const std::vector<Scene>& scenes) {
    std::vector<std::string> lines;
    for (const Scene& scene : scenes) lines.push_back(to_prompt(scene));
    return lines;
  };
  EXPECT_EQ(read_utf8_lines(source_path("assets/tiny/prompts.txt")), lines(split.train));
  EXPECT_EQ(read_utf8_lines(source_path("assets/tiny/held_out.txt")), lines(split.held_out));
}

}  // namespace
}  // namespace drf::tinyworld
