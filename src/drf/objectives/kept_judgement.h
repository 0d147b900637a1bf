#pragma once
// What lasts of a rollout between updates and in checkpoints: states in the host's memory, and what its clips
// were judged.

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "drf/rewards/reward.h"
#include "drf/tensor/state.h"

namespace drf::objectives {

/// `x` in the host's memory; undefined in a dry run for another device, which has no host.
at::Tensor to_host(const at::Tensor& x);
/// The way back, to where `like` is.
at::Tensor from_host(const at::Tensor& x, const at::Tensor& like);

/// Values in float64, whatever was judged; without clips, frames and gradients.
rewards::Judgement values_of(rewards::Judgement judgement);

/// What was judged, as a line of text that reads back to the same bits.
std::string judgement_to_text(const rewards::Judgement& judgement);
/// Throws std::exception for what is none.
rewards::Judgement judgement_from_text(const std::string& text);

/// While reading: the first line of `judged`, taken from it, of a batch of `clips`; refused where it is none.
rewards::Judgement take_judgement(StateVisitor& v, std::string& judged, int64_t clips);
/// While reading: refuses tensors, kept as `name`, that are not `count` of [`clips`, ...`shape`].
void require_clips(StateVisitor& v, const std::string& name, const std::vector<at::Tensor>& tensors,
                   size_t count, const std::vector<int64_t>& shape, int64_t clips);

/// [B] -> B numbers.
std::vector<double> numbers(const at::Tensor& values_B);

}  // namespace drf::objectives
