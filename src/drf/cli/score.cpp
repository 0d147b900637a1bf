// drf score: what the critic answers about a video.

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <iostream>
#include <nlohmann/json.hpp>

#include "drf/base/error.h"
#include "drf/base/printable.h"
#include "drf/cli/command.h"
#include "drf/critic/open_critic.h"
#include "drf/media/clip.h"
#include "drf/questions/question_file.h"
#include "drf/rewards/weigh_answers.h"
#include "drf/tensor/safetensors.h"

namespace drf::cli {
namespace {

struct ScoreOptions {
  CommonOptions common;
  std::string critic, video, frames, questions;
  double fps = 0;
  int64_t critic_frames = 0, max_pixels = 0;
  bool json = false, end_token = false;
};

int run(const ScoreOptions& o) {
  const at::Device device = apply(o.common);
  if (o.video.empty() == o.frames.empty()) fail(ErrorKind::kConfig, "give one of --video and --frames");
  const std::vector<questions::Question> questions = questions::read_questions(o.questions);
  const bool open_answers = std::any_of(questions.begin(), questions.end(), [](const questions::Question& q) {
    return q.kind == questions::Kind::kDense;
  });
  if (o.end_token && !open_answers)
    fail(ErrorKind::kConfig, "--end-token would be ignored: ", o.questions, " has no dense question");

  at::Tensor frames_F3HW;
  double fps = o.fps > 0 ? o.fps : 16;
  if (o.video.empty()) {
    frames_F3HW = media::read_frames(o.frames);
  } else {
    const media::Clip clip = media::read_video(o.video);
    frames_F3HW = clip.frames;
    if (o.fps <= 0) fps = clip.fps;
    if (!(fps >= 0.01 && fps <= 1000)) {
      fail(ErrorKind::kInput, o.video, ": claims ", fps, " frames a second; say how fast it plays by --fps");
    }
  }

  critic::CriticOptions options;
  options.device = device;
  options.dtype = o.common.dtype.empty() ? at::kFloat : parse_dtype(o.common.dtype);
  options.frames = o.critic_frames > 0 ? o.critic_frames : std::min<int64_t>(16, frames_F3HW.size(0));
  options.max_pixels = o.max_pixels;
  options.count_end_token = o.end_token;
  const auto critic = critic::open_critic(o.critic, options);
  critic->check_texts(questions, o.questions);

  const at::NoGradGuard no_graph;
  const auto dtype = options.dtype == at::kDouble ? at::kDouble : at::kFloat;
  const critic::Answers answers = critic->ask(frames_F3HW.unsqueeze(0).to(device, dtype), fps, {questions});
  const at::Tensor logprobs = answers.logprobs[0].to(at::kDouble).to(at::kCPU),
                   p_yes = answers.p_yes[0].to(at::kDouble).to(at::kCPU);
  if (!o.json)
    std::cout << std::left << std::setw(12) << "id"
              << "aspect  logprob  p(answer)  p(yes)  question -> answer\n";
  for (size_t i = 0; i < questions.size(); ++i) {
    const questions::Question& q = questions[i];
    const double logprob = logprobs[static_cast<int64_t>(i)].item<double>(),
                 yes = p_yes[static_cast<int64_t>(i)].item<double>();
    if (o.json) {
      nlohmann::ordered_json row = {
          {"id", q.id},
          {"aspect", questions::to_string(q.aspect)},
          {"kind", questions::to_string(q.kind)},
          {"logprob", logprob},
          {"p_yes", std::isnan(yes) ? nlohmann::ordered_json() : nlohmann::ordered_json(yes)}};
      std::cout << row.dump() << "\n";
      continue;
    }
    std::cout << std::left << std::setw(12) << printable(q.id) << std::setw(6)
              << questions::to_string(q.aspect) << std::right << std::fixed << std::setprecision(3)
              << std::setw(9) << logprob << std::setw(11) << std::exp(logprob);
    if (std::isnan(yes)) {
      std::cout << std::setw(8) << "-";
    } else {
      std::cout << std::setw(8) << yes;
    }
    std::cout << "  " << printable(q.text) << " -> " << printable(q.answer) << "\n";
  }
  if (!o.json) {
    const rewards::WeighedAnswers reward = rewards::weigh_answers(answers.logprobs[0], questions, {});
    std::cout << "reward " << reward.value.item<double>();
    for (const auto& [aspect, value] : reward.by_aspect)
      std::cout << "  " << questions::to_string(aspect) << " " << value;
    std::cout << "\n";
  }
  return 0;
}

}  // namespace

Command add_score(CLI::App& app) {
  auto options = std::make_shared<ScoreOptions>();
  ScoreOptions& o = *options;
  app.add_option("--critic", o.critic, "critic folder in transformers' layout")->required();
  app.add_option("--video", o.video, "video file");
  app.add_option("--frames", o.frames, "safetensors file with 'frames' [F,3,H,W] in [0,1]");
  app.add_option("--questions", o.questions, "questions (JSONL)")->required();
  app.add_option("--fps", o.fps, "frames a second of the clip (default: the video's own, 16 for --frames)")
      ->check(number_from(0.01, 1000));
  app.add_option("--critic-frames", o.critic_frames,
                 "frames the critic sees (default: 16, or all of a shorter clip)")
      ->check(CLI::Range(1, 100000));
  app.add_option("--max-pixels", o.max_pixels, "pixels a frame at most (default: the checkpoint's limit)")
      ->check(number_from(1, 4294967296.0));
  app.add_flag("--end-token", o.end_token, "count the end token of dense answers");
  app.add_flag("--json", o.json, "one JSON object a question");
  add_common_options(app, o.common);
  return [options] { return run(*options); };
}

}  // namespace drf::cli
