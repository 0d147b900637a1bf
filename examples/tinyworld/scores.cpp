#include <iomanip>
#include <sstream>

#include "drf/base/error.h"
#include "examples/tinyworld/oracle.h"

namespace drf::tinyworld {

std::vector<std::pair<std::string, double>> Scores::columns() const {
  return {{"color", color}, {"shape", shape},   {"motion", motion}, {"bg", bg},
          {"TA", TA},       {"TA_all", TA_all}, {"phys", phys},     {"clean", clean}};
}

Scores score(const std::vector<OracleAnswer>& answers, const std::vector<Scene>& scenes) {
  DRF_CHECK(answers.size() == scenes.size() && !answers.empty(), answers.size(), " ", scenes.size());
  Scores sum;
  for (size_t i = 0; i < answers.size(); ++i) {
    const OracleAnswer& a = answers[i];
    const Scene& s = scenes[i];
    const bool color = a.color == s.color, shape = a.shape == s.shape, motion = a.motion == s.motion,
               bg = a.bg == s.bg;
    sum.color += color;
    sum.shape += shape;
    sum.motion += motion;
    sum.bg += bg;
    sum.TA_all += color && shape && motion && bg;
    sum.phys += a.phys;
    sum.clean += a.clean;
  }
  const double n = static_cast<double>(answers.size());
  return {static_cast<int64_t>(answers.size()),
          sum.color / n,
          sum.shape / n,
          sum.motion / n,
          sum.bg / n,
          (sum.color + sum.shape + sum.motion + sum.bg) / (4 * n),
          sum.TA_all / n,
          sum.phys / n,
          sum.clean / n};
}

}  // namespace drf::tinyworld
