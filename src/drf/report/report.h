#pragma once
// The self-contained HTML page of one run or of several side by side: what was measured, clips, curves,
// questions, cost, configuration. It reads run folders only.

#include <filesystem>
#include <vector>

namespace drf::report {

/// Writes RUN/report.html from metrics.jsonl, evaluation.json (see below), samples/ and config.toml: what is
/// absent is left out. Pictures are embedded, so the page can be mailed; it loads nothing. Returns its path.
/// evaluation.json: {"title", "note", "rows": [{"name", "base", "after", "half" (of the change's 95 %
/// interval) and "made_wrong" (share of clips) where the first row has them, "beside": {NAME: number}}],
/// "clips": [{"prompt", "file"}], "questions": [{"prompt", "text", "aspect", "answer", "base", "after"}]},
/// files relative to the run directory and inside it; a number may be null and is shown as "-". A clip with
/// "strip" (a PNG of its frames from left to right), "frames" and "fps" can be paused and stepped (player.h);
/// one without is shown as its file plays. "looks": [{"text", "aspect", "file", "before", "after"}] of a clip
/// with "gap" (columns between before and after) is where the critic looked, a question each: a strip of as
/// many frames, of cells, and its sums. A question's numbers are probabilities of the right answer. Throws
/// Error(kInput) if `run` is no run directory, and naming file and place for an evaluation.json that is not
/// as described. Lines of metrics.jsonl that are no JSON objects are left out, with a warning unless it is
/// the last one, half-written.
std::filesystem::path write_report(const std::filesystem::path& run);

/// The same of several runs (one at least) to `page`.
void write_report(const std::vector<std::filesystem::path>& runs, const std::filesystem::path& page);

/// Throws Error(kConfig) if `page` is a file that is there and does not begin as a page does: a run's
/// config.toml, given for the page by mistake, is not to be lost.
void require_page(const std::filesystem::path& page);

}  // namespace drf::report
