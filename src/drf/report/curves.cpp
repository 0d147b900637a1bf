#include "drf/report/curves.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>

namespace drf::report {
namespace {

using nlohmann::ordered_json;

ordered_json rounded(double value) {
  if (!std::isfinite(value)) return nullptr;
  if (value == std::floor(value) && std::fabs(value) < 1e15) return static_cast<int64_t>(value);
  char text[32];
  std::snprintf(text, sizeof text, "%.7g", value);
  return std::strtod(text, nullptr);
}

size_t stride(const Curve& curve) { return (curve.x.size() + kMostPoints - 1) / kMostPoints; }

ordered_json thinned(const std::vector<double>& values, size_t step) {
  ordered_json list = ordered_json::array();
  for (size_t i = 0; i < values.size(); i += step) list.push_back(rounded(values[i]));
  if (!values.empty() && (values.size() - 1) % step != 0) list.push_back(rounded(values.back()));
  return list;
}

ordered_json curves_of(const RunFolder& run) {
  size_t every = 1;
  std::vector<const std::vector<double>*> axes;
  ordered_json xs = ordered_json::array(), curves = ordered_json::object();
  for (const auto& [key, curve] : run.metrics.curves()) {
    const size_t step = std::max<size_t>(1, stride(curve));
    every = std::max(every, step);
    size_t axis = 0;
    while (axis < axes.size() && *axes[axis] != curve.x) ++axis;
    if (axis == axes.size()) {
      axes.push_back(&curve.x);
      xs.push_back(thinned(curve.x, step));
    }
    curves[key] = {axis, thinned(curve.y, step)};
  }
  ordered_json alarms = ordered_json::object();
  for (const auto& [measure, updates] : run.metrics.alarms())
    alarms[measure] = thinned(updates, updates.size() / kMostPoints + 1);
  return {{"name", run.name}, {"every", every}, {"xs", xs}, {"curves", curves}, {"alarms", alarms}};
}

}  // namespace

ordered_json curves_of(const std::vector<RunFolder>& runs) {
  ordered_json list = ordered_json::array();
  for (const RunFolder& run : runs) list.push_back(curves_of(run));
  return {{"runs", list}};
}

}  // namespace drf::report
