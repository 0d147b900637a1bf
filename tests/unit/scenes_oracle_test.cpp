#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "drf/base/files.h"
#include "drf/tensor/safetensors.h"
#include "examples/scenes/oracle.h"
#include "tests/support/expect_error.h"
#include "tests/support/golden.h"

namespace drf::scenes {
namespace {

using drf::testing::error_of;
using drf::testing::says;
using drf::testing::source_path;
using nlohmann::json;

template <typename Value>
json or_null(const std::optional<Value>& value) {
  return value ? json(*value) : json(nullptr);
}

json as_json(const OracleAnswer& a) {
  json objects = json::array();
  for (const SeenObject& o : a.objects) {
    objects.push_back({{"color", o.color}, {"shape", o.shape}, {"kept", o.kept}});
  }
  return {
      {"bg", a.bg},         {"clean", a.clean},       {"count", a.count},   {"objects", objects},
      {"motion", a.motion}, {"relation", a.relation}, {"smooth", a.smooth}, {"grounded", or_null(a.grounded)},
      {"phys", a.phys}};
}

json as_json(const Marks& m) {
  return {{"color", m.color},
          {"shape", m.shape},
          {"motion", or_null(m.motion)},
          {"relation", or_null(m.relation)},
          {"bg", m.bg},
          {"count", m.count},
          {"TA", m.TA},
          {"TA_all", m.TA_all},
          {"phys", m.phys},
          {"clean", m.clean}};
}

TEST(ScenesOracle, AnswersAndMarksEqualNumpysOnAllCases) {
  const json cases = json::parse(read_file(source_path("tests/goldens/scenes_cases.json")));
  const at::Tensor clips =
      SafetensorsFile(source_path("tests/goldens/scenes_cases.safetensors")).get("clips");
  ASSERT_EQ(cases.size(), 48u);
  ASSERT_EQ(clips.sizes(), at::IntArrayRef({48, 9, 48, 48, 3}));
  for (int64_t i = 0; i < 48; ++i) {
    const json& want = cases[static_cast<size_t>(i)];
    const at::Tensor clip = clips[i].to(at::kFloat) / 255;
    const OracleAnswer answer = judge(clip);
    EXPECT_EQ(as_json(answer), want["oracle"]) << i;
    EXPECT_EQ(as_json(judge(clip.permute({0, 3, 1, 2}).to(at::kDouble))), want["oracle"])
        << i << " as [F,3,H,W]";
    const auto scene = parse_prompt(want["prompt"]);
    ASSERT_TRUE(scene) << want["prompt"];
    EXPECT_EQ(as_json(marks(answer, *scene)), want["marks"]) << i;
  }
}

// What the cases must hold for the comparison to mean something.
TEST(ScenesOracle, TheCasesCoverEveryAnswer) {
  const json cases = json::parse(read_file(source_path("tests/goldens/scenes_cases.json")));
  std::set<std::string> seen;
  for (const json& c : cases) {
    const json& a = c["oracle"];
    for (const char* key : {"bg", "clean", "count", "motion", "relation", "smooth", "grounded", "phys"}) {
      seen.insert(std::string(key) + " " + a[key].dump());
    }
    for (const json& o : a["objects"]) {
      for (const char* key : {"color", "shape", "kept"}) seen.insert(std::string(key) + " " + o[key].dump());
    }
  }
  for (const auto& [key, values] : std::vector<std::pair<std::string, std::vector<json>>>{
           {"bg", {"black", "gray", "white", "none"}},
           {"color", {"red", "green", "blue", "yellow", "none"}},
           {"shape", {"ball", "square", "triangle", "none"}},
           {"motion", {"left", "right", "up", "landing", "bouncing", "still", "none"}},
           {"relation", {"left of", "right of", "above", "below", "none"}},
           {"count", {0, 1, 2, 3}},
           {"clean", {true, false}},
           {"kept", {true, false}},
           {"smooth", {true, false}},
           {"phys", {true, false}},
           {"grounded", {true, false, nullptr}}}) {
    for (const json& value : values) EXPECT_TRUE(seen.count(key + " " + value.dump())) << key << " " << value;
  }
}

TEST(ScenesOracle, ShapesAndValuesThatAreNoClipAreRefused) {
  const auto refuses = [](const at::Tensor& clip, const std::string& part) {
    EXPECT_TRUE(says(error_of(ErrorKind::kInput, [&] { judge(clip); }), part));
  };
  refuses(at::zeros({9, 4, 48, 48}), "[9, 4, 48, 48]");
  refuses(at::zeros({9, 3, 8, 48}), "48x8");
  refuses(at::full({9, 3, 48, 48}, INFINITY), "non-finite");
}

TEST(ScenesOracle, AClipWithoutObjectsHasNoPhysics) {
  const OracleAnswer answer = judge(at::full({9, 3, 48, 48}, 1.7));
  EXPECT_EQ(answer.bg, "white");
  EXPECT_TRUE(answer.clean);
  EXPECT_EQ(answer.count, 0);
  EXPECT_FALSE(answer.phys);
}

TEST(ScenesOracle, AColumnIsTheMeanOfTheClipsThatHaveIt) {
  OracleAnswer one, two;
  one.bg = "black";
  one.motion = "left";
  one.clean = one.smooth = one.phys = true;
  one.count = 1;
  one.objects = {{"red", "ball", true}};
  two.bg = "gray";
  two.count = 2;
  two.relation = "above";
  two.objects = {{"blue", "square", true}, {"red", "ball", true}};
  const Scene moving = *parse_prompt("a red ball moving left on a black background");
  // The red ball is the second object that is seen, below the blue square, where a triangle was asked for.
  const Scene pair = *parse_prompt("a red ball below a blue triangle on a black background");
  const Scores s = score({one, two}, {moving, pair});
  EXPECT_EQ(s.clips, 2);
  const std::vector<std::pair<std::string, double>> want = {
      {"color", 1}, {"shape", 0.75}, {"motion", 1},   {"relation", 1}, {"bg", 0.5},
      {"count", 1}, {"TA", 0.8125},  {"TA_all", 0.5}, {"phys", 0.5},   {"clean", 0.5}};
  EXPECT_EQ(s.columns, want);
  EXPECT_EQ(score({one}, {moving}).columns.size(), 9u) << "no relation without a pair";
}

TEST(ScenesPrompts, EverySceneReturnsFromItsSentence) {
  std::set<std::string> sentences;
  for (const Scene& scene : all_scenes()) {
    EXPECT_EQ(parse_prompt(to_prompt(scene)), scene);
    sentences.insert(to_prompt(scene));
  }
  EXPECT_EQ(sentences.size(), 1044u);
  EXPECT_TRUE(sentences.count("a red ball falling and bouncing on a gray background"));
  for (const std::string other :
       {"", "a red ball left of a red square on a gray background",
        "a red ball left of a blue ball on a gray background", "a red ball moving down on a gray background",
        "a red ball moving left on a gray background."}) {
    EXPECT_FALSE(parse_prompt(other)) << other;
  }
}

}  // namespace
}  // namespace drf::scenes
