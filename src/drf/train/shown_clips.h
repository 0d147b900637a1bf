#pragma once
// Clips of held-out prompts that a run's folder shows: from the base model and from what is trained, the same
// noise, with what the critic answers about both and where it looks. For evaluation.json (report/report.h),
// and for TensorBoard.

#include <ATen/core/Tensor.h>

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "drf/run/run.h"
#include "drf/run/run_directory.h"

namespace drf::train {

/// Clips that a validation shows, questions about each of which it shows where the critic looks, and frames
/// and pixels a side that a file of them has at most.
inline constexpr int64_t kShownClips = 4;
inline constexpr size_t kMostLookedAt = 16;
inline constexpr int64_t kMostFrames = 33, kMostPixels = 192;

/// A clip made small, and the critic's answers about it.
struct Shown {
  at::Tensor frames_F3HW;  ///< float32, k/255, on the CPU
  double fps = 16;
  std::vector<double> p_right;  ///< by question; of a dense one that of its answer, a token
  /// By question, of the first kMostLookedAt (critic_look.h), times the weight that the critic's reward has
  /// in training; none where no update takes its gradient: of a judge or a teacher, of weight 0, with
  /// flow.rule = "policy_gradient".
  std::vector<at::Tensor> cells_Fhw;
};

/// Of a clip of held-out prompt `prompt`, frames_F3HW as a viewer sees them (flow::Pixels::kAsShown), on any
/// device. A clip with more than kMostFrames keeps each n-th, and its cells add up n frames. Throws
/// Interrupted.
Shown show(run::Run& run, size_t prompt, const at::Tensor& frames_F3HW);

/// The base model's clip from the noise of every validation.
Shown show_base(run::Run& run, size_t prompt);

/// A file's bytes, and its size in pixels.
struct Picture {
  std::string bytes;
  int64_t height = 0, width = 0;
};

struct ShownPair {
  size_t prompt = 0;  ///< of the held-out ones
  Shown before, after;
  /// Before beside after, of a size to look at.
  Picture gif() const;
};

/// Writes into samples/ NAME00.gif, NAME00.png (the same as a film strip, not enlarged), and
/// NAME00-look-0.png of each question that the reward moves with (the cells of each frame in gray, before
/// beside after), and so on, and adds to "clips" and "questions" of `evaluation`. Throws Error(kResources).
void write_shown(const run::RunDirectory& directory, const run::Run& run, const std::vector<ShownPair>& pairs,
                 const std::string& name, nlohmann::ordered_json& evaluation);

/// Removes files in samples/ whose names begin with `prefix`, but for those that begin with `newest` (if not
/// "") and are whole: what a kill has left half written goes too. Throws nothing.
void remove_shown(const run::RunDirectory& directory, const std::string& prefix, const std::string& newest);

/// A pair's prompt and questions with the answers before and after, as Markdown.
std::string in_words(const run::Run& run, const ShownPair& pair);

}  // namespace drf::train
