#pragma once
// The worlds of clips that drf demo can train in: each has bundled models, a recipe, and a rule (oracle) that
// no model was trained on and that says what a clip shows.

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace drf::cli {

/// Names and values.
using Columns = std::vector<std::pair<std::string, double>>;

struct ClipWorld {
  std::string name;                  ///< its recipe is configs/NAME.toml, its files are below assets/NAME
  std::string title;                 ///< of the report
  std::string legend;                ///< what its columns are, where their names do not say it
  std::vector<std::string> columns;  ///< of the table, in its order
  /// Guidances at which the untrained model is judged too: what costs no training is the row to beat.
  std::vector<double> guidances;
  int64_t draws;  ///< clips of each held-out prompt that are judged
  /// What the rule says of one clip [F,3,H,W]: marks in [0, 1], those that its prompt has. Throws
  /// Error(kInput) for a prompt that is not of the world.
  Columns (*mark)(const std::string& prompt, const at::Tensor& clip);
};

/// Throws Error(kConfig) for another name.
const ClipWorld& clip_world(const std::string& name);

}  // namespace drf::cli
