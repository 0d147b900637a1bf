#pragma once
// drf questions --judge: the page on which a person judges the questions of a file, and the figures that the
// exported marks give.

#include <string>

#include "drf/cli/command.h"

namespace drf::cli {

struct JudgeOptions {
  std::string questions;  ///< the file that is judged; empty: this is not asked for
  std::string marks;
  int64_t sample = 0;  ///< prompts on the page; 0: all
  bool json = false;
};
void add_judge_options(CLI::App& app, JudgeOptions& options);

/// Writes the page to `output` (empty: stdout), with the marks that still fit where some are given; or, for
/// marks without an output, prints their figures. Throws Error(kConfig) for an option of `app` that was given
/// and would be ignored.
int judge_questions(const CLI::App& app, const std::string& prompts, const std::string& output, int64_t seed,
                    const JudgeOptions& options);

}  // namespace drf::cli
