#pragma once
// The self-contained HTML page of a run: what was measured, curves, clips, configuration. It reads the run
// directory only.

#include <filesystem>

namespace drf::report {

/// Writes RUN/report.html from metrics.jsonl, evaluation.json (see below), samples/ and config.toml: what is
/// absent is left out. Pictures are embedded, so the page can be mailed. Returns its path. evaluation.json:
/// {"title", "note", "rows": [{"name", "base", "after", "beside": {NAME: number}}], "clips": [{"prompt",
/// "file"}]}, files relative to the run directory and inside it; a number may be null and is shown as "-". A
/// clip with "strip" (a PNG of its frames from left to right), "frames" and "fps" can be paused and stepped
/// (player.h); one without is shown as its file plays. Throws Error(kInput) if `run` is no run directory, and
/// naming file and place for one that is not as described. Lines of metrics.jsonl that are no JSON objects
/// are left out, with a warning unless it is the last one, half-written.
std::filesystem::path write_report(const std::filesystem::path& run);

}  // namespace drf::report
