#include "examples/scenes/prompts.h"

#include <unordered_map>

namespace drf::scenes {

std::string to_prompt(const Scene& s) {
  const std::string what = s.is_pair()        ? s.relation + " a " + s.color2 + " " + s.shape2
                           : s.motion.empty() ? "falling and " + s.event
                                              : "moving " + s.motion;
  return "a " + s.color + " " + s.shape + " " + what + " on a " + s.bg + " background";
}

std::vector<Scene> all_scenes() {
  std::vector<Scene> scenes;
  // Each of `values` with each background, for one look; set() puts a value in its place.
  const auto add = [&](const std::string& color, const std::string& shape, const auto& values, auto&& set) {
    for (const std::string& value : values) {
      for (const std::string& bg : kBackgrounds) {
        Scene scene;
        scene.color = color;
        scene.shape = shape;
        scene.bg = bg;
        set(scene, value);
        scenes.push_back(scene);
      }
    }
  };
  const auto looks = [](auto&& visit) {
    for (const std::string& color : kColors) {
      for (const std::string& shape : kShapes) visit(color, shape);
    }
  };
  looks([&](const auto& color, const auto& shape) {
    add(color, shape, kMotions, [](Scene& s, const std::string& value) { s.motion = value; });
  });
  looks([&](const auto& color, const auto& shape) {
    add(color, shape, kEvents, [](Scene& s, const std::string& value) { s.event = value; });
  });
  looks([&](const auto& color, const auto& shape) {
    looks([&](const auto& color2, const auto& shape2) {
      if (color2 == color || shape2 == shape) return;
      add(color, shape, kRelations, [&](Scene& s, const std::string& value) {
        s.relation = value;
        s.color2 = color2;
        s.shape2 = shape2;
      });
    });
  });
  return scenes;
}

std::optional<Scene> parse_prompt(const std::string& prompt) {
  static const std::unordered_map<std::string, Scene> known = [] {
    std::unordered_map<std::string, Scene> known;
    for (const Scene& scene : all_scenes()) known.emplace(to_prompt(scene), scene);
    return known;
  }();
  const auto found = known.find(prompt);
  return found == known.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace drf::scenes
