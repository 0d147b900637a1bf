#pragma once
// Check "blind": what the critic answers before a gray clip, on which there is nothing to be seen. An answer
// that is certain there says nothing about a clip.
//
// What a certain right answer means depends on what is asked. A yes to what a caption states, of a clip that
// does not show it, was not seen: such a question is dropped, with its twin. A no ("Is there a cat?") and the
// absence of faults (smooth, sharp, free of artifacts) are true of a gray clip, and a critic that looks says
// so: these lose weight and stay, down to kBlindLeastWeight. Reasons: "certain without the clip", and, kept,
// "nearly certain without the clip".

#include <vector>

#include "drf/critic/critic.h"
#include "drf/writer/draft.h"

namespace drf::writer {

/// From this probability of the right answer a stated fact is dropped.
constexpr double kBlindCertain = 0.95;
/// From this one on a question or a twin loses weight: by (1 - p) / (1 - kBlindSure), rounded to hundredths.
constexpr double kBlindSure = 0.8;
constexpr double kBlindLeastWeight = 0.1;

/// The gray clip: frames [F,3,H,W] of 0.5, small; a processor makes of it what it makes of small clips.
at::Tensor gray_clip(int64_t frames, at::ScalarType dtype, at::Device device);

/// Drops and weighs, with p_blind and p_blind_twin. Questions with a second clip and open ones are not asked:
/// what they are about is not on a gray clip, or has no certain answer. Throws as Critic::ask.
void check_blind(std::vector<Draft>& drafts, critic::Critic& critic, const at::Tensor& gray_F3HW, double fps,
                 Ledger& ledger);

}  // namespace drf::writer
