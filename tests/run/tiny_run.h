#pragma once
// The smallest settings under which the bundled models run: a fraction of a second a command.

#include <functional>
#include <string>
#include <vector>

#include "tests/run/drf_process.h"
#include "tests/support/golden.h"

namespace drf::testing {

using Arguments = std::vector<std::string>;

inline std::string generator() { return source_path("assets/tiny/generator").string(); }
inline std::string critic() { return source_path("assets/tiny/critic").string(); }

inline Arguments joined(Arguments first, const Arguments& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

/// {"a=1", "b=2"} -> --set a=1 --set b=2
inline Arguments sets(const Arguments& assignments) {
  Arguments all;
  for (const std::string& assignment : assignments) all = joined(all, {"--set", assignment});
  return all;
}

/// drf train or another command that takes configs/tiny.toml, with everything small. Later settings win.
inline Arguments tiny_config(const std::string& command, const Arguments& assignments) {
  return joined(
      {command, "configs/tiny.toml"},
      sets(joined({"sampling.frames=5", "sampling.width=16", "sampling.height=16", "sampling.steps=2",
                   "flow.K=1", "train.batch=2", "train.updates=3", "critic.frames=2", "train.lr_final=1.0"},
                  assignments)));
}

/// drf sample of one small clip.
inline Arguments tiny_sample(const std::string& model, const Arguments& more) {
  return joined(
      {"sample", "--model", model, "--prompt", "a red ball moves left on a black background", "--frames", "5",
       "--size", "16x16", "--steps", "1", "--guidance", "1", "--text-length", "24"},
      more);
}

}  // namespace drf::testing
