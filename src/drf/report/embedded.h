#pragma once
// Texts that CMake embeds (CMakeLists.txt here): the page's style and scripts, and the library of its curves.

#include <string_view>

namespace drf::report {

extern const std::string_view kUplotLicence, kUplotScript, kUplotStyle;  ///< third_party/uplot, as released
extern const std::string_view kPageStyle;
/// page/: what is drawn of a curve, the charts, the clips, tables that sort. In this order; each stands alone
/// where what it works on is not in the page.
extern const std::string_view kCurveScript, kChartScript, kPlayerScript, kTableScript;
extern const std::string_view kLiveScript;  ///< of a page that follows a run, after those

}  // namespace drf::report
