#pragma once
// The clips that evaluation.json names, before beside after, by prompt; embedded.

#include <ostream>
#include <vector>

#include "drf/report/run_folder.h"

namespace drf::report {

/// Nothing where no run has clips. Film strips play, pause and step together (player.h); a clip without one
/// is shown as its file plays. Throws Error(kInput) for a file that is not there, leads out of its run
/// folder, or is not what evaluation.json says.
void write_clips(std::ostream& out, const std::vector<RunFolder>& runs);

}  // namespace drf::report
