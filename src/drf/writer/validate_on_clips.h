#pragma once
// What the critic's answers on clips of the prompts say about questions: check "calibration" on real clips of
// the same captions, and weights by the variance of p on clips of the base model.

#include <filesystem>
#include <functional>
#include <map>
#include <vector>

#include "drf/critic/critic.h"
#include "drf/writer/draft.h"

namespace drf::writer {

/// Clips by prompt (clip_list.h), and how one is read: frames [F,3,H,W] where the critic wants them, and its
/// frames a second.
struct ClipSource {
  struct Clip {
    at::Tensor frames_F3HW;
    double fps = 16;
  };
  std::map<int64_t, std::vector<std::filesystem::path>> files;
  std::function<Clip(const std::filesystem::path&)> read;
};

/// On real clips the right answer should have more than this probability, the mean over a prompt's clips.
constexpr double kCalibrated = 0.5;

/// Drops yes/no questions that the critic gets wrong, or whose twin it does, on clips of their own prompt:
/// "wrong on real clips", with p_clips, p_clips_twin and clips, how many. Prompts without clips are let be,
/// and so are open questions, for whose probabilities there is no right and wrong. Throws as Critic::ask and
/// as reading a clip does.
void check_on_clips(std::vector<Draft>& drafts, critic::Critic& critic, const ClipSource& clips,
                    Ledger& ledger);

/// Below this variance of p (a deviation of .01) a question counts as answered alike on all clips.
constexpr double kLeastVariance = 1e-4;

/// Weighs each question and each twin that is asked by Var(p), p the probability of its right answer over a
/// prompt's clips: largest where half of the base model's clips are surely right and half surely wrong, 0
/// where all are answered alike, be it right or wrong, which then costs and teaches nothing. Within an aspect
/// of a prompt the weights keep their sum; where all questions are answered alike they stay as they are.
/// Prompts of fewer than two clips are let be: returns how many.
int64_t weigh_by_variance(std::vector<Draft>& drafts, critic::Critic& critic, const ClipSource& clips);

}  // namespace drf::writer
