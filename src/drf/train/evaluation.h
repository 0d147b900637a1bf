#pragma once
// Base model against what was trained, on prompts and noise that training never saw: the same for both. The
// critic is shown what a viewer sees: frames clamped and rounded to 8 bits.

#include <functional>
#include <map>

#include "drf/run/run.h"
#include "drf/train/mean_of.h"
#include "drf/train/prompt_means.h"

namespace drf::train {

struct Evaluation {
  int64_t clips = 0;
  Estimate reward;
  std::map<std::string, Estimate> rewards;  ///< of [[rewards]], judges too, by name, before their weights
  std::map<std::string, Estimate> parts;    ///< of the questions' reward: "TA"
  /// What rewards say beside their value, by clip: "p_right", the probability of the right answer of the
  /// yes/no questions, "p_yes", that of those whose right answer is yes.
  std::map<std::string, Estimate> facts;
  /// What rewards that learn say of the clips: "rank_accuracy/NAME", where a prompt has two (draws).
  std::map<std::string, double> figures;
  double saturation = 0;
  PromptMeans by_prompt;  ///< of reward, rewards and facts: "held_out_reward", "held_out_reward/NAME", ...
};

/// Called for each batch of clips: their prompts' indices and frames_BF3HW as they were shown (flow::Pixels),
/// on the CPU.
using OnClips = std::function<void(const std::vector<int64_t>& prompts, const at::Tensor& frames_BF3HW)>;

class VelocityChange;

/// What else evaluate() does.
struct EvaluateMore {
  int64_t first_draw = 0;              ///< the draws are those from this one on
  VelocityChange* velocity = nullptr;  ///< measures the first draw's rollouts (velocity_change.h)
};

/// `draws` clips of each of evaluated_prompts(), `batch` at a
/// time. `take`: the adapters, or the base model (kReference). Stops early, throwing Error(kNumerics), at
/// non-finite frames.
Evaluation evaluate(run::Run& run, nn::TrainableSet::Take take, int64_t draws, int64_t batch,
                    const OnClips& on_clips = {}, const EvaluateMore& more = {});

}  // namespace drf::train
