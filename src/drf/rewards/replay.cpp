#include "drf/rewards/replay.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "drf/base/error.h"

namespace drf::rewards {

void Replay::add(const at::Tensor& latents_CTHW, const at::Tensor& text_E, const Ranked& ranked) {
  if (static_cast<int64_t>(size()) == capacity_) {
    ranked_.erase(ranked_.begin());
    latents_.erase(latents_.begin());
    texts_.erase(texts_.begin());
  }
  // A copy: a view would keep its whole batch alive.
  latents_.push_back(latents_CTHW.detach().to(at::kCPU, at::kHalf, /*non_blocking=*/false, /*copy=*/true));
  texts_.push_back(text_E.detach().to(at::kCPU, at::kFloat, /*non_blocking=*/false, /*copy=*/true));
  ranked_.push_back(ranked);
}

Replay::Batch Replay::at(const std::vector<size_t>& positions, at::Device device) const {
  std::vector<at::Tensor> latents, texts;
  for (const size_t position : positions) {
    latents.push_back(latents_.at(position));
    texts.push_back(texts_.at(position));
  }
  return {at::stack(latents).to(device), at::stack(texts).to(device)};
}

void Replay::state(StateVisitor& v, const std::string& at, const Form& form) {
  std::vector<double> groups, teachers;
  for (const Ranked& clip : ranked_) {
    groups.push_back(static_cast<double>(clip.group));
    teachers.push_back(clip.teacher);
  }
  v(at + "replay_group", groups);
  v(at + "replay_teacher", teachers);
  v("replay.latents", latents_);
  v("replay.text", texts_);
  if (!v.reads()) return;
  const size_t clips = groups.size();
  const auto all = [](const std::vector<at::Tensor>& tensors, at::IntArrayRef sizes, at::ScalarType dtype) {
    return std::all_of(tensors.begin(), tensors.end(), [&](const at::Tensor& one) {
      return one.sizes() == sizes && one.scalar_type() == dtype;
    });
  };
  const bool whole = teachers.size() == clips && latents_.size() == clips && texts_.size() == clips &&
                     static_cast<int64_t>(clips) <= capacity_ &&
                     all(latents_, form.latents_CTHW, at::kHalf) && all(texts_, form.text_width, at::kFloat);
  if (!whole) {
    v.reject(at + "replay_group",
             concat("has ", clips, " clips and their file does not fit, wanted as many float16 latents ",
                    form.latents_CTHW, ", float32 texts of ", form.text_width, " and values, at most ",
                    capacity_));
  }
  ranked_.clear();
  for (size_t i = 0; i < clips; ++i) ranked_.push_back({static_cast<int64_t>(groups[i]), teachers[i]});
}

}  // namespace drf::rewards
