#pragma once
// The self-contained HTML page of a run: what was measured, curves, clips, configuration. It reads the run
// directory only.

#include <filesystem>

namespace drf::report {

/// Writes RUN/report.html from metrics.jsonl, evaluation.json (see below), samples/ and config.toml: what is
/// absent is left out. Pictures are embedded, so the page can be mailed. Returns its path. evaluation.json:
/// {"title", "note", "rows": [{"name", "base", "after"}], "clips": [{"prompt", "file"}]} with files relative
/// to the run directory. A clip with "strip" (a PNG of its frames from left to right), "frames" and "fps" can
/// be paused and stepped (player.h); one without is shown as its file plays. Throws Error(kInput) if `run` is
/// no run directory.
std::filesystem::path write_report(const std::filesystem::path& run);

}  // namespace drf::report
