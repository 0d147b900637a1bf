#include "drf/train/validation.h"

#include <ATen/ATen.h>

#include <c10/util/Exception.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>

#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/base/interrupt.h"
#include "drf/base/log.h"
#include "drf/nn/lora.h"
#include "drf/train/mean_of.h"
#include "drf/train/ranges.h"
#include "drf/train/velocity_change.h"

namespace drf::train {
namespace {

// Of a frame's values, so few that nobody sees which they are: a fourteenth of a side, squared.
constexpr double kUnseenShare = 0.005;

struct Meaning {
  const char* text;  // what it means that a measure has left the base model's range
  bool less_is_bad = true;
  double unseen = 0;  // a change of the measure that is none
};

// Less flicker or less of fine patterns is what training should bring where the base model has them: noise or
// a mark that goes looks the same as detail that is lost.
const std::map<std::string, Meaning>& meanings() {
  static const std::map<std::string, Meaning> kMeanings = {
      {"motion", {"clips stand still, or move as the base model's never do"}},
      {"flicker", {"frames jump there and back", false}},
      {"saturated",
       {"colours run into black, white or their full strength, or away from where they belong", true,
        kUnseenShare}},
      {"high_frequency", {"clips carry a fine pattern that a critic may read and nobody wants", false}},
      {"diversity", {"clips of a prompt are all alike, or have little in common any more"}}};
  return kMeanings;
}

double pixels_from(const BaseClips& base, const std::vector<std::vector<at::Tensor>>& clips) {
  MeanOf mean;
  for (size_t p = 0; p < clips.size(); ++p)
    for (size_t draw = 0; draw < clips[p].size(); ++draw)
      mean.add(distance(clips[p][draw], base.overviews.at(p).at(draw)));
  return mean.estimate().mean;
}

}  // namespace

std::vector<Guard> guards_of(const ClipRecord::Values& base) {
  std::vector<Guard> guards;
  for (const auto& [name, values] : base) {
    const auto range = range_of(values);
    if (!range) continue;
    const Meaning& meaning = meanings().at(name);
    const double base = typical(values), least = std::min(range->least, base - meaning.unseen);
    guards.push_back({"held_out_" + name, meaning.less_is_bad ? least : 0,
                      std::max(range->most, base + meaning.unseen),
                      concat(meaning.text, ": the range holds at least ", 100 * kRangeLevel,
                             " % of the base model's own clips of these prompts, from other seeds, and their "
                             "typical one is ",
                             base,
                             ". Look at the clips; lower train.lr, raise train.anchor, or take an earlier "
                             "checkpoint")});
  }
  return guards;
}

const BaseClips& Validation::base() {
  if (!base_) base_ = base_clips(run_, directory_, setup_);
  return *base_;
}

void Validation::try_to_show(const std::function<void()>& action) {
  if (cannot_show_) return;
  std::string problem;
  try {
    return action();
  } catch (const Interrupted&) {
    throw;
  } catch (const c10::Error& e) {
    problem = e.what_without_backtrace();
  } catch (const std::exception& e) {
    problem = e.what();
  }
  log_warning("validation", "clips to look at: ", problem, "; the validation goes on without them");
  cannot_show_ = true;
  shown_.clear();
}

void Validation::show_clips(const std::vector<int64_t>& prompts, const at::Tensor& frames_BF3HW) {
  for (size_t b = 0; b < prompts.size(); ++b) {
    // The first clip of each of the first prompts comes first (evaluation.h).
    const auto prompt = static_cast<size_t>(prompts[b]);
    if (prompt >= kShownClips || prompt != shown_.size()) continue;
    try_to_show([&] {
      if (prompt == base_shown_.size()) base_shown_.push_back(show_base(run_, prompt));
      shown_.push_back(
          {prompt, base_shown_.at(prompt), show(run_, prompt, frames_BF3HW[static_cast<int64_t>(b)])});
    });
  }
}

void Validation::write_clips(const nlohmann::ordered_json& row) {
  const auto update = row.at("update").get<int64_t>();
  nlohmann::ordered_json evaluation = {{"note", concat("The base model and what is trained after update ",
                                                       update, ", on the same held-out prompts and noise.")},
                                       {"rows", nlohmann::ordered_json::array()}};
  for (const auto& [name, before] : base().shown) {
    const double after = row.contains(name) && row[name].is_number() ? row[name].get<double>() : NAN;
    const auto number = [](double value) {
      return std::isfinite(value) ? nlohmann::ordered_json(value) : nlohmann::ordered_json();
    };
    evaluation["rows"].push_back({{"name", name}, {"base", number(before)}, {"after", number(after)}});
  }
  char name[32];
  std::snprintf(name, sizeof name, "step-%06lld-", static_cast<long long>(update));
  write_shown(*directory_, run_, shown_, name, evaluation);
  write_file_atomically(directory_->file("evaluation.json"), evaluation.dump(2) + "\n");
  remove_shown(*directory_, "step-", name);
}

Evaluation Validation::measure(nlohmann::ordered_json& row) {
  const auto start = std::chrono::steady_clock::now();
  const run::RunConfig& c = run_.config();
  constexpr auto kStanding = nn::TrainableSet::Take::kAsTheyStand;
  ClipRecord record;
  shown_.clear();
  cannot_show_ = false;
  VelocityChange velocity(run_);
  const bool sees_frames = run_.parts().scorer.needs_frames(/*all_roles=*/true);
  const Evaluation held_out = evaluate(run_, kStanding, c.eval.seeds, c.train.batch,
                                       [&](const auto& prompts, const at::Tensor& frames) {
                                         if (!sees_frames) return;
                                         record.add(prompts, frames);
                                         if (directory_) show_clips(prompts, frames);
                                       },
                                       {0, &velocity});
  const UnseenQuestions unseen =
      ask_unseen(run_, kStanding, c.eval.seeds, c.train.batch, run::validated_with_unseen(c, run_.prompts()));
  by_prompt_ = by_prompt_of(run_, held_out, unseen);
  row["held_out_reward"] = held_out.reward.mean;
  for (const auto& [fact, estimate] : held_out.facts) row["held_out_" + fact] = estimate.mean;
  for (const auto& [name, value] : shown_of(run_, held_out, unseen)) row[name] = value;
  if (sees_frames) row["held_out_saturation"] = held_out.saturation;
  for (const auto& [figure, value] : held_out.figures) row["held_out_" + figure] = value;
  for (const auto& [name, values] : record.values()) row["held_out_" + name] = typical(values);
  if (sees_frames) row["base_distance/pixels"] = pixels_from(base(), record.overviews());
  row["base_distance/velocity"] = velocity.relative();
  if (c.train.weights == "lora") {
    double squares = 0;
    for (const models::Component& network : run_.denoiser().components())
      squares += nn::squared_adapters(*network.root);
    row["base_distance/adapters"] = std::sqrt(squares);
  }
  if (!shown_.empty()) try_to_show([&] { write_clips(row); });
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  log_info("validation", "after update ", row.at("update").get<int64_t>(), ": ",
           held_out.clips + unseen.clips, " clips in ", seconds.count(), " s");
  return held_out;
}

}  // namespace drf::train
