#pragma once
// The judge of the tiny world: a rule that says what a clip shows. Nothing in it is learnt, so no reward can
// fool it. The rule in numpy: tools/tinyworld/oracle.py; 160 clips with its answers:
// tests/goldens/oracle_cases.*.
//
// Shape letters: F frames, H W pixels.

#include <ATen/core/Tensor.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "examples/tinyworld/prompts.h"

namespace drf::tinyworld {

/// What a clip shows. Names are those of prompts.h, or "none".
struct OracleAnswer {
  std::string color = "none", shape = "none", motion = "none", bg = "none";
  /// Every frame has an object and all of one colour; absent where too few frames have an object.
  std::optional<bool> color_const;
  /// An object in every frame, no jump; absent where too few frames have an object.
  std::optional<bool> smooth;
  bool phys = false;   ///< color_const and smooth
  bool clean = false;  ///< no spot in a corner
};

/// clip: [F,3,H,W] or [F,H,W,3], any floating dtype and device, values in [0,1] (what lies beyond is
/// clamped), F >= 1, H and W >= 12. Throws Error(kInput) for other shapes or non-finite values.
OracleAnswer judge(const at::Tensor& clip);

/// Shares over clips, each in [0, 1].
struct Scores {
  int64_t clips = 0;
  double color = 0, shape = 0, motion = 0, bg = 0;  ///< the prompt's value is shown
  double TA = 0;                                    ///< mean of these four
  double TA_all = 0;                                ///< all four right
  double phys = 0, clean = 0;

  /// Column names and values in the order above, without `clips`.
  std::vector<std::pair<std::string, double>> columns() const;
};

/// answers[i] belongs to scenes[i].
Scores score(const std::vector<OracleAnswer>& answers, const std::vector<Scene>& scenes);

}  // namespace drf::tinyworld
