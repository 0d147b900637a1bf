#pragma once
// The judge of the world `scenes`: a rule that says what a clip shows. Nothing in it is learnt, so no reward
// can fool it. The rule in numpy, which it equals: tools/scenes/oracle.py; in words: docs/scenes.md.
//
// Shape letters: F frames, H W pixels.

#include <ATen/core/Tensor.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "examples/scenes/prompts.h"

namespace drf::scenes {

/// One of the (at most two) largest objects.
struct SeenObject {
  std::string color = "none", shape = "none";
  bool kept = false;  ///< in every frame, and of one color
  bool operator==(const SeenObject&) const = default;
};

/// What a clip shows. Names are those of prompts.h, or "none"; motion may also be "still".
struct OracleAnswer {
  std::string bg = "none";
  bool clean = false;  ///< no spot in a corner
  int64_t count = 0;   ///< objects in most frames
  std::vector<SeenObject> objects;
  std::string motion = "none";    ///< of one object: also "landing", "bouncing"
  std::string relation = "none";  ///< of the first of two objects to the second
  bool smooth = false;            ///< as many objects in every frame, no jump
  std::optional<bool> grounded;   ///< of a fall: it reaches the lower end of the frame
  bool phys = false;              ///< smooth, every color kept, and grounded unless nothing falls
};

/// clip: [F,3,H,W] or [F,H,W,3], any floating dtype and device, values in [0,1] (what lies beyond is
/// clamped), F >= 1, H and W >= 12. Throws Error(kInput) for other shapes or non-finite values.
OracleAnswer judge(const at::Tensor& clip);

/// What of a scene a clip shows, each in [0, 1]; nothing where the sentence does not speak of it.
struct Marks {
  double color = 0, shape = 0;     ///< of two objects each counts a half
  std::optional<double> motion;    ///< of one object
  std::optional<double> relation;  ///< of two that can be told apart
  double bg = 0, count = 0;
  double TA = 0;      ///< mean of color, shape, bg and motion or relation
  double TA_all = 0;  ///< all of these, and the right number of objects
  double phys = 0, clean = 0;
};

/// Two objects are matched with the two that were asked for by color and shape. Where both ways fit as well,
/// nobody can say which is which, and the relation is not what was asked for.
Marks marks(const OracleAnswer& answer, const Scene& scene);

/// Shares over clips.
struct Scores {
  int64_t clips = 0;
  std::vector<std::pair<std::string, double>>
      columns;  ///< in the order of Marks; means over the clips that have one
};

/// answers[i] belongs to scenes[i]. A column that no clip has is left out.
Scores score(const std::vector<OracleAnswer>& answers, const std::vector<Scene>& scenes);

}  // namespace drf::scenes
