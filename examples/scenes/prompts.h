#pragma once
// The sentences of the world `scenes` (tools/scenes/world.py): one object that moves or falls, or two that
// stand in a relation and differ in color and shape. 108 + 72 + 864 prompts.

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace drf::scenes {

/// Values in the order in which all_scenes() counts.
inline const std::array<std::string, 4> kColors = {"red", "green", "blue", "yellow"};
inline const std::array<std::string, 3> kShapes = {"ball", "square", "triangle"};
inline const std::array<std::string, 3> kBackgrounds = {"black", "gray", "white"};
inline const std::array<std::string, 3> kMotions = {"left", "right", "up"};
inline const std::array<std::string, 2> kEvents = {"landing", "bouncing"};
inline const std::array<std::string, 4> kRelations = {"left of", "right of", "above", "below"};

/// What a prompt says: exactly one of motion, event and (relation, color2, shape2) is given, the others are
/// "".
struct Scene {
  std::string color, shape, bg;
  std::string motion, event;
  std::string relation, color2, shape2;
  bool is_pair() const { return !relation.empty(); }
  bool operator==(const Scene&) const = default;
};

/// "a red ball moving left on a black background", "a red ball falling and landing on a ...",
/// "a red ball left of a blue square on a ..."
std::string to_prompt(const Scene& scene);

/// The scene of a sentence in to_prompt's form with this world's values; nothing for any other text.
std::optional<Scene> parse_prompt(const std::string& prompt);

/// All 1044: moving, falling, pairs; the background fastest.
std::vector<Scene> all_scenes();

}  // namespace drf::scenes
