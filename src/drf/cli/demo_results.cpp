#include "drf/cli/demo_results.h"

#include <ATen/ATen.h>

#include <nlohmann/json.hpp>

#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/media/clip.h"
#include "drf/media/layout.h"
#include "drf/train/shown_clips.h"

namespace drf::cli {
namespace {

constexpr int64_t kUpscale = 4, kGap = 2;

// All shown pairs in one picture: three columns of before | after.
at::Tensor overview(const std::vector<at::Tensor>& pairs) {
  std::vector<at::Tensor> columns;
  const size_t rows = (pairs.size() + 2) / 3;
  for (size_t begin = 0; begin + rows <= pairs.size(); begin += rows) {
    columns.push_back(media::stacked({pairs.begin() + begin, pairs.begin() + begin + rows}, 3 * kGap));
  }
  return media::side_by_side(columns, 5 * kGap);
}

}  // namespace

void write_results(const ClipWorld& world, const run::RunDirectory& directory, run::Run& run,
                   const Verdict& base, const Verdict& after, const nlohmann::ordered_json& result) {
  nlohmann::ordered_json evaluation = {
      {"title", concat("drf demo: ", world.title, " before and after")},
      {"note",
       concat(result["clips"].get<int64_t>(),
              " clips of held-out prompts, judged by a rule that no model was trained on; ",
              result["updates"].get<int64_t>(), " updates in ",
              static_cast<int64_t>(result["seconds"].get<double>()), " s. Shares of clips: ", world.legend,
              "; diversity is the mean difference of two clips of a prompt, p_yes the critic's own opinion, "
              "p_right/NAME that of a critic that gave no gradient.")},
      {"rows", nlohmann::ordered_json::array()}};
  for (const auto& [name, value] : result["base"].items()) {
    nlohmann::ordered_json row = {{"name", name}, {"base", value}, {"after", result["after"][name]}};
    if (result["interval"].contains(name)) row["half"] = result["interval"][name];
    if (result["made_wrong"].contains(name)) row["made_wrong"] = result["made_wrong"][name];
    for (const auto& [other, verdict] : result["untrained"].items()) row["beside"][other] = verdict[name];
    evaluation["rows"].push_back(row);
  }
  std::vector<train::ShownPair> shown;
  std::vector<at::Tensor> pairs;
  for (size_t i = 0; i < base.shown.size(); ++i) {
    const size_t prompt = static_cast<size_t>(base.prompts[i]);
    shown.push_back(
        {prompt, train::show(run, prompt, base.shown[i]), train::show(run, prompt, after.shown[i])});
    pairs.push_back(media::upscale(media::side_by_side({base.shown[i], after.shown[i]}, kGap), kUpscale));
  }
  train::write_shown(directory, run, shown, "", evaluation);
  train::remove_shown(directory, "step-", "");  // of validations, whose evaluation.json was another
  media::save_clip(directory.file("samples/overview.gif"), overview(pairs), run.config().sampling.fps);
  write_file_atomically(directory.file("evaluation.json"), evaluation.dump(2) + "\n");
}

}  // namespace drf::cli
