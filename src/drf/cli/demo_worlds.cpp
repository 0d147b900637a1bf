#include "drf/cli/demo_worlds.h"

#include "drf/base/error.h"
#include "examples/scenes/oracle.h"
#include "examples/tinyworld/oracle.h"

namespace drf::cli {
namespace {

Columns tiny_marks(const std::string& prompt, const at::Tensor& clip) {
  const auto scene = tinyworld::parse_prompt(prompt);
  if (!scene) fail(ErrorKind::kInput, "held-out prompt '", prompt, "' is not of the tiny world");
  return tinyworld::score({tinyworld::judge(clip)}, {*scene}).columns();
}

Columns scenes_marks(const std::string& prompt, const at::Tensor& clip) {
  const auto scene = scenes::parse_prompt(prompt);
  if (!scene) fail(ErrorKind::kInput, "held-out prompt '", prompt, "' is not of the world scenes");
  return scenes::score({scenes::judge(clip)}, {*scene}).columns;
}

}  // namespace

const ClipWorld& clip_world(const std::string& name) {
  static const std::vector<ClipWorld> worlds = {
      {"tiny",
       "the tiny world",
       "TA is the mean of color, shape, motion and bg",
       {"color", "shape", "motion", "bg", "TA", "TA_all", "phys", "clean"},
       {2, 4},
       12,
       tiny_marks},
      {"scenes",
       "the world of scenes",
       "TA is the mean of color, shape, bg and motion or relation; of two objects each color and shape "
       "counts a half",
       {"color", "shape", "motion", "relation", "bg", "count", "TA", "TA_all", "phys", "clean"},
       {1, 6},
       6,
       scenes_marks},
  };
  for (const ClipWorld& world : worlds) {
    if (world.name == name) return world;
  }
  fail(ErrorKind::kConfig, "drf demo has no world '", name, "'");
}

}  // namespace drf::cli
