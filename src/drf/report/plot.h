#pragma once
// Line plots as inline SVG: no script, no file beside the page.

#include <string>
#include <utility>
#include <vector>

namespace drf::report {

struct Series {
  std::string name;
  std::vector<std::pair<double, double>>
      points;  ///< x increasing; those that are not finite or 1e100 and more are left out
};

/// An <svg> element with axes, at most five ticks an axis, and a legend. Empty series are left out; without
/// any point the plot says so.
std::string line_plot(const std::string& title, const std::string& x_label,
                      const std::vector<Series>& series);

/// &, <, > and quotes as entities.
std::string escape_html(const std::string& text);

}  // namespace drf::report
