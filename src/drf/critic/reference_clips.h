#pragma once
// The clips that questions show beside the generated one: read once, looked at once, without a graph.

#include <list>
#include <string>
#include <utility>

#include "drf/models/vision_language.h"

namespace drf::critic {

class ReferenceClips {
 public:
  /// What `model` sees of the clip `path`, one row without a graph; kept for the next questions, the last few
  /// clips that were asked for. Throws Error(kInput) as media::read_video, Error(kConfig) in a build without
  /// FFmpeg.
  const models::Video& of(const std::string& path, models::VisionLanguage& model,
                          const models::VisionLanguageOptions& options);

 private:
  std::list<std::pair<std::string, models::Video>> kept_;  ///< the last used first
};

}  // namespace drf::critic
