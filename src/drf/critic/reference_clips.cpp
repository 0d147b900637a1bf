#include "drf/critic/reference_clips.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "drf/media/clip.h"

namespace drf::critic {
namespace {

// A batch asks about a few; a clip's tokens take some tens of megabytes in a released model.
constexpr size_t kKept = 16;

}  // namespace

const models::Video& ReferenceClips::of(const std::string& path, models::VisionLanguage& model,
                                        const models::VisionLanguageOptions& options) {
  const auto found =
      std::find_if(kept_.begin(), kept_.end(), [&](const auto& kept) { return kept.first == path; });
  if (found != kept_.end()) {
    kept_.splice(kept_.begin(), kept_, found);
    return kept_.front().second;
  }
  const at::NoGradGuard no_graph;
  const media::Clip clip = media::read_video(path);
  const auto dtype = options.dtype == at::kDouble ? at::kDouble : at::kFloat;
  kept_.emplace_front(path, model.look(clip.frames.unsqueeze(0).to(options.device, dtype), clip.fps));
  if (kept_.size() > kKept) kept_.pop_back();
  return kept_.front().second;
}

}  // namespace drf::critic
