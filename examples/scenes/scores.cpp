#include <cmath>

#include "drf/base/error.h"
#include "examples/scenes/oracle.h"

namespace drf::scenes {
namespace {

std::string opposite(const std::string& relation) {
  if (relation == "left of") return "right of";
  if (relation == "right of") return "left of";
  if (relation == "above") return "below";
  return relation == "below" ? "above" : relation;
}

// The marks of one matching: the i-th object that was asked for is seen[order[i]], if there is one.
Marks matched(const OracleAnswer& answer, const Scene& scene, bool swapped) {
  const std::vector<SeenObject>& seen = answer.objects;
  const size_t wanted = scene.is_pair() ? 2 : 1;
  Marks m;
  for (size_t i = 0; i < wanted; ++i) {
    const size_t at = swapped ? 1 - i : i;
    if (at >= seen.size()) continue;
    m.color += seen[at].color == (i == 0 ? scene.color : scene.color2);
    m.shape += seen[at].shape == (i == 0 ? scene.shape : scene.shape2);
  }
  m.color /= static_cast<double>(wanted);
  m.shape /= static_cast<double>(wanted);
  if (scene.is_pair()) {
    m.relation = (swapped ? opposite(answer.relation) : answer.relation) == scene.relation;
  } else {
    m.motion = answer.motion == (scene.motion.empty() ? scene.event : scene.motion);
  }
  return m;
}

}  // namespace

Marks marks(const OracleAnswer& answer, const Scene& scene) {
  const Marks as_seen = matched(answer, scene, false), swapped = matched(answer, scene, true);
  const auto fit = [](const Marks& m) { return m.color + m.shape; };
  Marks m = fit(swapped) > fit(as_seen) ? swapped : as_seen;
  if (m.relation && fit(swapped) == fit(as_seen)) m.relation = 0;  // nobody can say which is which
  m.bg = answer.bg == scene.bg;
  m.count = answer.count == (scene.is_pair() ? 2 : 1);
  m.TA = (m.color + m.shape + m.bg + (m.relation ? *m.relation : *m.motion)) / 4;
  m.TA_all = m.TA == 1 && m.count == 1;
  m.phys = answer.phys;
  m.clean = answer.clean;
  return m;
}

Scores score(const std::vector<OracleAnswer>& answers, const std::vector<Scene>& scenes) {
  DRF_CHECK(answers.size() == scenes.size() && !answers.empty(), answers.size(), " ", scenes.size());
  Scores scores;
  scores.clips = static_cast<int64_t>(answers.size());
  std::vector<Marks> all;
  for (size_t i = 0; i < answers.size(); ++i) all.push_back(marks(answers[i], scenes[i]));
  const auto column = [&](const std::string& name, auto&& of) {
    double sum = 0;
    int64_t n = 0;
    for (const Marks& m : all) {
      const std::optional<double> value = of(m);
      if (!value) continue;
      sum += *value;
      ++n;
    }
    if (n > 0) scores.columns.emplace_back(name, sum / static_cast<double>(n));
  };
  column("color", [](const Marks& m) { return std::optional(m.color); });
  column("shape", [](const Marks& m) { return std::optional(m.shape); });
  column("motion", [](const Marks& m) { return m.motion; });
  column("relation", [](const Marks& m) { return m.relation; });
  column("bg", [](const Marks& m) { return std::optional(m.bg); });
  column("count", [](const Marks& m) { return std::optional(m.count); });
  column("TA", [](const Marks& m) { return std::optional(m.TA); });
  column("TA_all", [](const Marks& m) { return std::optional(m.TA_all); });
  column("phys", [](const Marks& m) { return std::optional(m.phys); });
  column("clean", [](const Marks& m) { return std::optional(m.clean); });
  return scores;
}

}  // namespace drf::scenes
