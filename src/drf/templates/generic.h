#pragma once
// Questions on physics and picture quality. Those that fit any clip carry conditions: where the prompt wishes
// what a question would call a fault (melting, grain, darkness, a shaky camera), it is left out. Others are
// asked where the scene demands them.

#include "drf/templates/caption.h"
#include "drf/templates/templates.h"

namespace drf::templates {

struct QuestionPair {
  std::string text, twin;  ///< answers Yes and No; a twin may be missing
};

/// At least one pair of kPF or kVQ.
std::vector<QuestionPair> generic_pairs(questions::Aspect aspect, const Caption& caption);

}  // namespace drf::templates
