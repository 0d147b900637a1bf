#include "drf/report/plot.h"

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <sstream>

namespace drf::report {
namespace {

constexpr double kWidth = 560, kHeight = 220, kLeft = 56, kRight = 12, kTop = 26, kBottom = 34;
constexpr const char* kColors[] = {"#2563eb", "#dc2626", "#059669", "#d97706", "#7c3aed"};

constexpr double kHuge = 1e100;  // beyond it differences of values need not be finite

struct Range {
  double low = 0, high = 1;
};

// A range that is a little wider than the values, never empty.
Range range_of(const std::vector<double>& values) {
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  const double margin = *high > *low ? 0.05 * (*high - *low) : std::max(1e-3, std::fabs(*low) * 0.1);
  return {*low - margin, *high + margin};
}

// Steps of 1, 2 or 5 times a power of ten, about five of them.
std::vector<double> ticks(const Range& range) {
  const double raw = (range.high - range.low) / 5, power = std::pow(10, std::floor(std::log10(raw)));
  const double step = raw / power < 1.5   ? power
                      : raw / power < 3.5 ? 2 * power
                      : raw / power < 7.5 ? 5 * power
                                          : 10 * power;
  std::vector<double> result;
  // Counted, since beside large values a step may be too small to change them, and beside huge ones infinite.
  const double first = std::ceil(range.low / step);
  for (int i = 0; i < 12 && (first + i) * step <= range.high; ++i) {
    const double t = (first + i) * step;
    result.push_back(std::fabs(t) < step * 1e-9 ? 0 : t);
  }
  return result;
}

// At most some thousand of the points, evenly, with the last: more than the plot has columns.
std::vector<std::pair<double, double>> thinned(const std::vector<std::pair<double, double>>& points) {
  constexpr size_t kMost = 4000;
  const size_t step = points.size() / kMost + 1;
  std::vector<std::pair<double, double>> kept;
  for (size_t i = 0; i < points.size(); i += step) kept.push_back(points[i]);
  if (!points.empty() && kept.back() != points.back()) kept.push_back(points.back());
  return kept;
}

std::string number(double value) {
  std::ostringstream out;
  out << std::setprecision(4) << value;
  return out.str();
}

}  // namespace

std::string escape_html(const std::string& text) {
  std::string out;
  for (char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string line_plot(const std::string& title, const std::string& x_label,
                      const std::vector<Series>& series) {
  std::vector<Series> shown;
  std::vector<double> xs, ys;
  for (Series s : series) {
    std::erase_if(s.points,
                  [](const auto& p) { return !(std::fabs(p.first) < kHuge && std::fabs(p.second) < kHuge); });
    s.points = thinned(s.points);
    for (const auto& [x, y] : s.points) xs.push_back(x), ys.push_back(y);
    if (!s.points.empty()) shown.push_back(s);
  }
  std::ostringstream svg;
  svg << std::fixed << std::setprecision(1) << "<svg viewBox=\"0 0 " << kWidth << " " << kHeight
      << "\" role=\"img\" aria-label=\"" << escape_html(title) << "\"><text class=\"title\" x=\"" << kLeft
      << "\" y=\"16\">" << escape_html(title) << "</text>";
  if (shown.empty()) {
    svg << "<text x=\"" << kLeft << "\" y=\"60\">no data</text></svg>";
    return svg.str();
  }
  const Range x_range = range_of(xs), y_range = range_of(ys);
  const auto px = [&](double x) {
    return kLeft + (x - x_range.low) / (x_range.high - x_range.low) * (kWidth - kLeft - kRight);
  };
  const auto py = [&](double y) {
    return kHeight - kBottom - (y - y_range.low) / (y_range.high - y_range.low) * (kHeight - kTop - kBottom);
  };
  for (double t : ticks(y_range)) {
    svg << "<line class=\"grid\" x1=\"" << kLeft << "\" x2=\"" << kWidth - kRight << "\" y1=\"" << py(t)
        << "\" y2=\"" << py(t) << "\"/><text class=\"tick\" text-anchor=\"end\" x=\"" << kLeft - 6
        << "\" y=\"" << py(t) + 4 << "\">" << number(t) << "</text>";
  }
  for (double t : ticks(x_range)) {
    svg << "<text class=\"tick\" text-anchor=\"middle\" x=\"" << px(t) << "\" y=\"" << kHeight - kBottom + 15
        << "\">" << number(t) << "</text>";
  }
  svg << "<text class=\"tick\" text-anchor=\"end\" x=\"" << kWidth - kRight << "\" y=\"" << kHeight - 4
      << "\">" << escape_html(x_label) << "</text>";
  double legend_x = kWidth - kRight;
  for (size_t i = shown.size(); i-- > 0;) {
    const char* color = kColors[i % std::size(kColors)];
    svg << "<polyline fill=\"none\" stroke=\"" << color << "\" stroke-width=\"1.6\" points=\"";
    for (const auto& [x, y] : shown[i].points) svg << px(x) << "," << py(y) << " ";
    svg << "\"/>";
    if (shown.size() > 1) {
      svg << "<text class=\"tick\" text-anchor=\"end\" fill=\"" << color << "\" style=\"fill:" << color
          << "\" x=\"" << legend_x << "\" y=\"16\">" << escape_html(shown[i].name) << "</text>";
      legend_x -= 9.0 * static_cast<double>(shown[i].name.size()) + 14;
    }
  }
  svg << "</svg>";
  return svg.str();
}

}  // namespace drf::report
