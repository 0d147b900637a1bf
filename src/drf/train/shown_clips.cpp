#include "drf/train/shown_clips.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/base/interrupt.h"
#include "drf/flow/rollout.h"
#include "drf/media/clip.h"
#include "drf/media/gif.h"
#include "drf/media/layout.h"
#include "drf/media/png.h"
#include "drf/questions/questions.h"
#include "drf/run/learners.h"
#include "drf/train/critic_look.h"

namespace drf::train {
namespace {

using nlohmann::ordered_json;

constexpr int64_t kGap = 2;            // between before and after
constexpr int64_t kShades = 32;        // of a map: more are noise that a page would carry
constexpr int64_t kLeastPixels = 128;  // a side of a GIF, where the clip's pixels are enlarged to

const questions::QuestionList& asked(const run::Run& run, size_t prompt) {
  static const questions::QuestionList none;
  return run.config().asks_questions() ? run.prompts().held_out.questions.at(prompt) : none;
}

// How much of the critic's reward an update climbs: 0 where none pulls its gradient, for which memory is then
// not planned either.
double climbed(const run::RunConfig& config) {
  const run::RewardTermConfig term = config.terms().at(config.main_critic());
  const bool trains =
      run::role_of(config, term) == flow::Role::kTrains && config.flow.rule != "policy_gradient";
  return trains ? term.weight : 0;
}

at::Tensor made_small(const at::Tensor& frames_F3HW, int64_t every) {
  at::Tensor small = frames_F3HW.slice(0, 0, frames_F3HW.size(0), every).to(at::kCPU, at::kFloat);
  const int64_t H = small.size(2), W = small.size(3), longest = std::max(H, W);
  if (longest > kMostPixels) {
    const auto side = [&](int64_t pixels) { return std::max<int64_t>(1, pixels * kMostPixels / longest); };
    small = at::adaptive_avg_pool2d(small, {side(H), side(W)});
  }
  return media::as_shown(small).contiguous();
}

at::Tensor side_by_side(const ShownPair& pair) {
  return media::side_by_side({pair.before.frames_F3HW, pair.after.frames_F3HW}, kGap);
}

double largest(const at::Tensor& cells) { return cells.max().item<double>(); }

// The square root of each cell's share of the largest one, in gray: what is a hundredth of it is still seen.
std::string map_of(const at::Tensor& before, const at::Tensor& after, double most) {
  const at::Tensor both = at::cat({before, after}, 2);                           // [F,h,2w]
  const at::Tensor strip = both.permute({1, 0, 2}).reshape({both.size(1), -1});  // [h, F 2w]
  const at::Tensor gray =
      (strip / most).sqrt().mul(kShades - 1).round().mul(255.0 / (kShades - 1)).round().to(at::kByte);
  return media::encode_png(gray.unsqueeze(2).expand({-1, -1, 3}).contiguous());
}

ordered_json finite(double value) { return std::isfinite(value) ? ordered_json(value) : ordered_json(); }

// What is right of each yes/no question, the mean over a prompt's clips.
void add_questions(const run::Run& run, const std::vector<ShownPair>& pairs, ordered_json& evaluation) {
  std::map<size_t, std::vector<const ShownPair*>> by_prompt;
  for (const ShownPair& pair : pairs) by_prompt[pair.prompt].push_back(&pair);
  for (const auto& [prompt, clips] : by_prompt) {
    const questions::QuestionList& questions = asked(run, prompt);
    for (size_t q = 0; q < questions.size(); ++q) {
      if (questions[q].kind != questions::Kind::kYesNo) continue;
      double before = 0, after = 0;
      for (const ShownPair* clip : clips) {
        before += clip->before.p_right.at(q) / static_cast<double>(clips.size());
        after += clip->after.p_right.at(q) / static_cast<double>(clips.size());
      }
      evaluation["questions"].push_back({{"prompt", run.prompts().held_out.prompts.at(prompt)},
                                         {"text", questions[q].text},
                                         {"aspect", questions::to_string(questions[q].aspect)},
                                         {"answer", questions[q].answer},
                                         {"base", finite(before)},
                                         {"after", finite(after)}});
    }
  }
}

std::string for_markdown(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '<') {
      out += "&lt;";
      continue;
    }
    if (std::string("\\`*_{}[]>#|").find(c) != std::string::npos) out += '\\';
    out += c;
  }
  return out;
}

}  // namespace

Shown show(run::Run& run, size_t prompt, const at::Tensor& frames_F3HW) {
  const at::NoGradGuard no_graph;
  const int64_t every = (frames_F3HW.size(0) + kMostFrames - 1) / kMostFrames;
  Shown shown{made_small(frames_F3HW, every), run.config().sampling.fps / static_cast<double>(every), {}, {}};
  const questions::QuestionList& questions = asked(run, prompt);
  if (questions.empty()) return shown;
  const CriticLook look(run.critic(), run.vlm_options(), run.parts().parking);
  const at::Tensor frames = frames_F3HW.to(run.device());
  const CriticLook::Answers answers = look.ask(frames, questions);
  for (const double logprob : answers.logprobs) shown.p_right.push_back(std::exp(logprob));
  const double weight = climbed(run.config());
  if (weight == 0) return shown;
  for (size_t q = 0; q < std::min(questions.size(), kMostLookedAt); ++q) {
    stop_if_interrupted();
    const double slope = weight * answers.slopes[q];
    shown.cells_Fhw.push_back(cells_of(look.gradient(frames, questions[q], slope), every));
  }
  return shown;
}

Shown show_base(run::Run& run, size_t prompt) {
  const auto scope = run.trained().with(run.trained().standing(nn::TrainableSet::Take::kReference));
  const flow::Batch batch =
      run.batches().of(rewards::Split::kHeldOut, {{static_cast<int64_t>(prompt), 0}}, Purpose::kEvalNoise);
  const at::NoGradGuard no_graph;
  const flow::Judgement made = flow::evaluate(run.parts(), batch, flow::Pixels::kAsShown).judgement;
  if (!made.frames_BF3HW.isfinite().all().item<bool>())
    fail(ErrorKind::kNumerics, "evaluation: the generator made non-finite frames");
  return show(run, prompt, made.frames_BF3HW[0]);
}

Picture ShownPair::gif() const {
  const at::Tensor& frames = before.frames_F3HW;
  const int64_t side = std::max(frames.size(2), frames.size(3));
  const at::Tensor pair = media::upscale(side_by_side(*this), std::max<int64_t>(1, kLeastPixels / side));
  return {media::encode_gif(media::to_bytes(pair), before.fps), pair.size(2), pair.size(3)};
}

void write_shown(const run::RunDirectory& directory, const run::Run& run, const std::vector<ShownPair>& pairs,
                 const std::string& name, ordered_json& evaluation) {
  for (size_t i = 0; i < pairs.size(); ++i) {
    const ShownPair& pair = pairs[i];
    const std::string stem = concat("samples/", name, i < 10 ? "0" : "", i);
    const at::Tensor both = side_by_side(pair);
    write_file_atomically(directory.file(stem + ".gif"), pair.gif().bytes);
    media::save_clip(directory.file(stem + ".png"), media::film_strip(both, 0, both.size(0) * both.size(3)),
                     pair.before.fps);
    ordered_json clip = {{"prompt", run.prompts().held_out.prompts.at(pair.prompt)},
                         {"file", stem + ".gif"},
                         {"strip", stem + ".png"},
                         {"frames", both.size(0)},
                         {"fps", pair.before.fps},
                         {"gap", kGap}};
    const questions::QuestionList& questions = asked(run, pair.prompt);
    for (size_t q = 0; q < pair.before.cells_Fhw.size(); ++q) {
      const at::Tensor &before = pair.before.cells_Fhw[q], &after = pair.after.cells_Fhw[q];
      const double most = std::max(largest(before), largest(after));
      if (!(most > 0) || !std::isfinite(most)) continue;
      const std::string file = concat(stem, "-look-", q, ".png");
      write_file_atomically(directory.file(file), map_of(before, after, most));
      clip["looks"].push_back({{"text", questions.at(q).text},
                               {"aspect", questions::to_string(questions[q].aspect)},
                               {"file", file},
                               {"before", finite(before.sum().item<double>())},
                               {"after", finite(after.sum().item<double>())}});
    }
    evaluation["clips"].push_back(clip);
  }
  add_questions(run, pairs, evaluation);
}

void remove_shown(const run::RunDirectory& directory, const std::string& prefix, const std::string& newest) {
  namespace fs = std::filesystem;
  std::vector<fs::path> old;
  std::error_code ec;
  for (fs::directory_iterator at(directory.file("samples"), ec), end; !ec && at != end; at.increment(ec)) {
    const std::string name = at->path().filename().string();
    const bool half = name.find(".part") != std::string::npos;  // what a kill has left
    if (name.rfind(prefix, 0) == 0 && (half || newest.empty() || name.rfind(newest, 0) != 0))
      old.push_back(at->path());
  }
  for (const fs::path& file : old) fs::remove(file, ec);
}

std::string in_words(const run::Run& run, const ShownPair& pair) {
  std::string text = "**" + for_markdown(run.prompts().held_out.prompts.at(pair.prompt)) + "**\n";
  const questions::QuestionList& questions = asked(run, pair.prompt);
  if (questions.empty()) return text;
  text += "\n| question | right answer | p before | p after |\n|---|---|---|---|\n";
  const auto cell = [](double p) { return concat(std::round(p * 1000) / 1000); };
  for (size_t q = 0; q < questions.size(); ++q)
    text += concat("| ", for_markdown(questions[q].text), " | ", for_markdown(questions[q].answer), " | ",
                   cell(pair.before.p_right[q]), " | ", cell(pair.after.p_right[q]), " |\n");
  return text;
}

}  // namespace drf::train
