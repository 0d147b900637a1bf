#pragma once
// The tables of a page. Each takes all runs, side by side, and writes nothing where none of them has anything
// to show; a value that one run lacks is "-".

#include <ostream>
#include <vector>

#include "drf/report/run_folder.h"

namespace drf::report {

/// evaluation.json's rows: base, after, change, how sure it is, what became wrong, and what stands beside.
void write_results(std::ostream& out, const std::vector<RunFolder>& runs);
/// evaluation.json's questions: what the critic gave the right answer, before and after. Sortable.
void write_questions(std::ostream& out, const std::vector<RunFolder>& runs);
/// Updates, seconds by stage, memory, share of the machine's rate.
void write_cost(std::ostream& out, const std::vector<RunFolder>& runs);
/// Guards' alarms in words.
void write_alarms(std::ostream& out, const std::vector<RunFolder>& runs);
/// What differs between runs, what they ran with, and each config.toml.
void write_configuration(std::ostream& out, const std::vector<RunFolder>& runs);

}  // namespace drf::report
