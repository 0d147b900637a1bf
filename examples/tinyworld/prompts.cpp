#include "examples/tinyworld/prompts.h"

#include <algorithm>
#include <set>
#include <sstream>

#include "drf/base/error.h"
#include "drf/base/random.h"

namespace drf::tinyworld {
namespace {

constexpr int64_t kPairs = 12;  // of color and shape, and of motion and background

Scene scene_of(int64_t look, int64_t move) {
  const auto at = [](int64_t i) { return static_cast<size_t>(i); };
  return {kColors[at(look / 3)], kShapes[at(look % 3)], kMotions[at(move / 3)], kBackgrounds[at(move % 3)]};
}

template <typename Values>
bool among(const std::string& word, const Values& values) {
  return std::find(values.begin(), values.end(), word) != values.end();
}

}  // namespace

std::string to_prompt(const Scene& s) {
  return "a " + s.color + " " + s.shape + " moves " + s.motion + " on a " + s.bg + " background";
}

std::optional<Scene> parse_prompt(const std::string& prompt) {
  std::istringstream in(prompt);
  std::string a, moves, on, a2, background;
  Scene s;
  in >> a >> s.color >> s.shape >> moves >> s.motion >> on >> a2 >> s.bg >> background;
  if (prompt != to_prompt(s) || !among(s.color, kColors) || !among(s.shape, kShapes) ||
      !among(s.motion, kMotions) || !among(s.bg, kBackgrounds)) {
    return std::nullopt;
  }
  return s;
}

std::vector<Scene> all_scenes() {
  std::vector<Scene> scenes;
  for (int64_t look = 0; look < kPairs; ++look) {
    for (int64_t move = 0; move < kPairs; ++move) scenes.push_back(scene_of(look, move));
  }
  return scenes;
}

Split split_scenes(uint64_t seed, int64_t held_out) {
  DRF_CHECK(held_out >= 0 && held_out <= kPairs * kPairs, held_out);
  const auto looks = shuffle({seed, Purpose::kPromptOrder, 0, 0}, kPairs),
             moves = shuffle({seed, Purpose::kPromptOrder, 1, 0}, kPairs);
  Split split;
  std::set<std::string> taken;
  // The diagonals of the shuffled (look, move) square: no cell twice, every row and column equally often.
  for (int64_t i = 0; i < held_out; ++i) {
    const int64_t row = i % kPairs, column = (row + i / kPairs) % kPairs;
    split.held_out.push_back(scene_of(looks[static_cast<size_t>(row)], moves[static_cast<size_t>(column)]));
    taken.insert(to_prompt(split.held_out.back()));
  }
  for (const Scene& scene : all_scenes()) {
    if (!taken.count(to_prompt(scene))) split.train.push_back(scene);
  }
  return split;
}

}  // namespace drf::tinyworld
