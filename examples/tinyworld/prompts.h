#pragma once
// The tiny world's sentences: 4 colors x 3 shapes x 4 motions x 3 backgrounds = 144 prompts.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace drf::tinyworld {

/// Values in the order in which all_scenes() counts and in which the oracle breaks ties.
inline const std::array<std::string, 4> kColors = {"blue", "green", "red", "yellow"};
inline const std::array<std::string, 3> kShapes = {"ball", "square", "triangle"};
inline const std::array<std::string, 4> kMotions = {"left", "right", "up", "down"};
inline const std::array<std::string, 3> kBackgrounds = {"black", "gray", "white"};

/// What a prompt says.
struct Scene {
  std::string color, shape, motion, bg;
  bool operator==(const Scene&) const = default;
};

/// "a red ball moves left on a black background"
std::string to_prompt(const Scene& scene);

/// The scene of a sentence in to_prompt's form with this world's values; nothing for any other text.
std::optional<Scene> parse_prompt(const std::string& prompt);

/// All 144, the last attribute fastest.
std::vector<Scene> all_scenes();

struct Split {
  std::vector<Scene> train, held_out;  ///< disjoint, together all_scenes(); train in that order
};

/// A seeded split, the same on every machine. In the held-out part each (color, shape) pair and each
/// (motion, background) pair occurs equally often, to within one: with 24, each pair twice. held_out is in
/// [0, 144]; anything else is a bug of the caller.
Split split_scenes(uint64_t seed, int64_t held_out = 24);

}  // namespace drf::tinyworld
