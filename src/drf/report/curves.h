#pragma once
// The curves of a page as data for its script.

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "drf/report/run_folder.h"

namespace drf::report {

/// Points of a curve that a page holds at most: more than a chart has columns.
inline constexpr size_t kMostPoints = 4000;

/// {"runs": [{"name", "every": n, "xs": [[...]], "curves": {KEY: [index in xs, [...]]}, "alarms": {MEASURE:
/// [...]}}]}. Of a curve with more than kMostPoints each n-th point stands there, and the last; values have
/// seven digits, null where there is none.
nlohmann::ordered_json curves_of(const std::vector<RunFolder>& runs);

}  // namespace drf::report
