#pragma once
// What a critic answers to drafts about one clip: the numbers of the blind test, of calibration and of
// weights.

#include <ATen/core/Tensor.h>

#include <limits>
#include <string>
#include <vector>

#include "drf/critic/critic.h"
#include "drf/writer/draft.h"

namespace drf::writer {

/// Probabilities of the right answers; of an open question the mean of its answer's tokens (exp of their mean
/// log-probability). NaN where there is no twin.
struct Answered {
  double question = std::numeric_limits<double>::quiet_NaN();
  double twin = std::numeric_limits<double>::quiet_NaN();
};

/// One a draft, in order. frames_F3HW in [0, 1] on the critic's device; `fps` frames a second of it. Texts
/// that occur twice are asked once. `what`: of the progress that is shown, "" = none. Throws as Critic::ask,
/// and Interrupted.
std::vector<Answered> ask_critic(critic::Critic& critic, const at::Tensor& frames_F3HW, double fps,
                                 const std::vector<const Draft*>& drafts, const std::string& what = {});

}  // namespace drf::writer
