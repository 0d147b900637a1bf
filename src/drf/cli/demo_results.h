#pragma once
// What a demo leaves in its folder beside what training does.

#include <nlohmann/json_fwd.hpp>

#include "drf/cli/demo_verdict.h"
#include "drf/run/run_directory.h"

namespace drf::cli {

/// The shown clips before and after (train/shown_clips.h), samples/overview.gif, and evaluation.json for the
/// report. result: the demo's line of JSON.
void write_results(const ClipWorld& world, const run::RunDirectory& directory, run::Run& run,
                   const Verdict& base, const Verdict& after, const nlohmann::ordered_json& result);

}  // namespace drf::cli
