#include "drf/plan/plan.h"

#include <ATen/ATen.h>
#include <c10/core/CachingDeviceAllocator.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <numeric>

#include "drf/base/byte_size.h"
#include "drf/base/error.h"
#include "drf/critic/open_critic.h"
#include "drf/diffusion/step_policy.h"
#include "drf/flow/rollout.h"
#include "drf/nn/adamw.h"
#include "drf/run/average.h"
#include "drf/run/prompt_order.h"
#include "drf/run/run.h"
#include "drf/train/lessons.h"
#include "drf/writer/critic_text_model.h"

namespace drf::plan {
namespace {

/// Prompts whose questions take the critic most, the most demanding first, each `group` times: suffixes are
/// padded to the longest.
std::vector<int64_t> most_demanding(const run::PromptSet& set, int64_t count, int64_t group) {
  const auto size = [&](int64_t prompt) {
    size_t longest = 0;
    if (set.questions.empty())  // no reward asks any: the generator's own text counts
      return set.prompts[static_cast<size_t>(prompt)].size();
    const auto& questions = set.questions[static_cast<size_t>(prompt)];
    for (const questions::Question& q : questions)
      longest = std::max(longest, q.text.size() + q.answer.size());
    return longest * questions.size();
  };
  std::vector<int64_t> order(set.prompts.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) { return size(a) > size(b); });
  std::vector<int64_t> chosen;
  for (int64_t i = 0; i < count; ++i) chosen.push_back(order[static_cast<size_t>(i / group) % order.size()]);
  return chosen;
}

/// Where steps are drawn: the update of the first few whose gradient goes through the most of them.
int64_t longest_update(const run::RunConfig& c) {
  constexpr int64_t kSeen = 64;
  if (c.flow.rule == "matching") return 0;
  const auto steps = diffusion::make_step_policy(run::step_policy(c), c.sampling.steps);
  int64_t longest = 0, most = 0;
  for (int64_t update = 0; update < kSeen; ++update) {
    const diffusion::Walk walk = steps->walk(update);
    const int64_t moves = std::count_if(
        walk.gradient.begin(), walk.gradient.end(),
        [&](const diffusion::Move& move) { return move.trains || walk.nested(move, c.flow.nested) != 0; });
    if (moves > most) longest = update;
    most = std::max(most, moves);
  }
  return longest;
}

constexpr const char *kQuestions = "questions", *kLoading = "loading", *kText = "text",
                     *kValidation = "validation";

/// The critic while it writes: its language model, and what it remembers of as many requests as it takes at
/// once, beside what it takes to read them and for its widened head.
StagePlan questions_stage(const run::RunConfig& config, at::DeviceType device) {
  constexpr int64_t kReadTokens = 3000, kWrittenTokens = 4000;  // of the longest of configs/writer
  DryRun dry(device);
  models::VisionLanguageOptions options;
  options.dtype = run::scalar_type(config.critic.dtype, "critic.dtype");
  options.device = at::kMeta;
  options.vision = false;
  const auto model = critic::open_vision_language(config.critic.path, options);
  std::vector<models::Prompt> requests;
  int64_t bytes = 0;
  while (requests.size() < writer::kRequestsAtOnce) {
    requests.push_back({std::vector<int64_t>(kReadTokens), kWrittenTokens});
    const int64_t more = model->generation_bytes(requests);
    if (requests.size() > 1 && more > writer::kRememberedBytes) break;
    bytes = more;
  }
  bytes += model->writing_bytes(static_cast<int64_t>(writer::kTokensAtOnce));
  const DryRun::Weights weights = dry.weights_alive();
  return {kQuestions, weights.allocated, weights.mapped, 0, bytes};
}

/// Text states of the run's other prompts, which the host will remember.
int64_t bytes_of_others(run::Run& run, const std::vector<std::string>& all,
                        const std::vector<std::string>& here, const models::Condition& first) {
  int64_t token = 0;  // bytes
  for (const auto& [name, tensor] : first.tensors) token += static_cast<int64_t>(tensor.nbytes());
  token /= std::max<int64_t>(1, run.denoiser().text_tokens(here.front()));
  const int64_t most = *parse_byte_size(run.config().memory.text_states);  // the rest lies in a file
  int64_t bytes = 0;
  for (const std::string& prompt : all) {
    if (bytes >= most) return most;
    if (std::find(here.begin(), here.end(), prompt) == here.end())
      bytes += run.denoiser().text_tokens(prompt) * token;
  }
  return std::min(bytes, most);
}

}  // namespace

const StagePlan& MemoryPlan::worst() const {
  return *std::max_element(stages.begin(), stages.end(),
                           [](const StagePlan& a, const StagePlan& b) { return a.peak() < b.peak(); });
}

int64_t MemoryPlan::metered_peak() const {
  int64_t most = 0;
  for (const StagePlan& s : stages) {
    if (s.stage != kQuestions && s.stage != kLoading && s.stage != kText && s.stage != kValidation)
      most = std::max(most, s.metered_peak());
  }
  return most;
}

MemoryPlan predict_memory(const run::RunConfig& config, const run::PromptSets& sets,
                          const PlanOptions& options) {
  run::RunConfig settings = config;
  run::FlowConfig& flow_settings = settings.flow;
  if (flow_settings.recompute == "auto") flow_settings.recompute = "none";
  if (flow_settings.cfg_batch == "auto")
    flow_settings.cfg_batch = settings.sampling.guidance == 1 ? "off" : "on";
  if (settings.memory.park == "auto") settings.memory.park = "off";

  MemoryPlan plan;
  if (settings.questions.written() && settings.questions.source == "critic")
    plan.stages.push_back(questions_stage(settings, options.device));
  DryRun dry(options.device);
  std::vector<int64_t> prompts = options.prompts;
  if (prompts.empty()) prompts = most_demanding(sets.train, settings.train.batch, settings.group());
  std::vector<std::string> texts;
  for (const int64_t p : prompts) texts.push_back(sets.train.prompts.at(static_cast<size_t>(p)));
  const std::vector<std::string> all_texts = run::prompts_to_come(settings, sets, 0);
  run::Run run(settings, sets, {.device = at::kMeta, .texts = texts});
  MemoryMeter& meter = run.meter();
  const run::SamplingConfig& clip = settings.sampling;
  plan.fewer_frames = run.denoiser().nearest({(clip.frames + 1) / 2, clip.height, clip.width}).frames;
  plan.smaller_frames = run.denoiser().nearest({clip.frames, clip.height * 3 / 4, clip.width * 3 / 4});
  plan.weights = dry.weights();
  const DryRun::Weights weights = dry.weights_alive();
  const auto stage_of = [](const char* name, int64_t allocated, int64_t mapped, int64_t begin, int64_t peak) {
    return StagePlan{name, allocated, mapped, begin - allocated, peak - begin};
  };
  plan.stages.push_back(
      stage_of(kLoading, weights.allocated, weights.mapped, weights.allocated, meter.peak()));

  const int64_t before = meter.live();
  std::vector<at::Tensor> parameters;
  for (const auto& [name, leaf] : run.trained().parameters()) parameters.push_back(leaf);
  for (const at::Tensor& p : parameters) plan.adapters += 2 * static_cast<int64_t>(p.nbytes());
  const nn::AdamW optimizer(run.trained().parameters(), {});
  std::optional<run::Average> average;
  if (settings.train.ema > 0) average.emplace(run.trained(), settings.train.ema);
  std::vector<at::Tensor> unmoved;  // what train::MovedParameters goes back to
  if (settings.robust.adapters > 0)
    for (const at::Tensor& p : parameters) unmoved.push_back(at::empty_like(p));
  plan.adapters += meter.live() - before;

  std::vector<std::pair<int64_t, int64_t>> clips;
  for (const int64_t p : prompts) clips.emplace_back(p, 0);

  meter.reset_peak();
  const int64_t at_text = meter.live();
  flow::Batch batch = run.batches().of(rewards::Split::kTrain, clips, Purpose::kNoise);
  batch.exact_d_xK = false;  // as in training
  for (rewards::Sample& sample : batch.samples) sample.view = 0;
  batch.update = longest_update(settings);
  plan.stages.push_back(stage_of(kText, weights.allocated, weights.mapped, at_text, meter.peak()));
  int64_t others = options.prompts.empty() && options.device == at::kCPU
                       ? bytes_of_others(run, all_texts, texts, batch.conditions.front())
                       : 0;
  if (options.device == at::kCPU)
    others += (settings.train.accumulate - 1) * run.objective().held_bytes(batch);

  const auto book = [&](const char* stage, const flow::StageCost& c) {
    const StagePlan now =
        stage_of(stage, c.weights_allocated, c.weights_mapped, c.begin_bytes + others, c.peak_bytes + others);
    const auto planned = std::find_if(plan.stages.begin(), plan.stages.end(),
                                      [&](const StagePlan& s) { return s.stage == stage; });
    if (planned == plan.stages.end()) {
      plan.stages.push_back(now);
    } else if (now.peak() > planned->peak()) {
      *planned = now;
    }
  };
  // A second time: frozen convolutions have packed their weights by then, and batches that are accumulated
  // find gradients in their places.
  for (int pass = 0; pass < 2; ++pass) {
    for (const at::Tensor& p : parameters) {
      if (settings.train.accumulate == 1) p.mutable_grad() = at::Tensor();
    }
    const int64_t returned = run.parts().parking.returned_bytes();
    objectives::Outcome outcome = run.objective().accumulate(batch, -1);
    train::show_teachers(run, outcome.judgement, /*update=*/-1, outcome.costs);
    train::let_learn(run, outcome.costs);
    plan.returned = (run.parts().parking.returned_bytes() - returned) * settings.train.accumulate;
    std::vector<const char*> stages = flow::stage_names();
    stages.push_back("learn");
    for (const char* stage : stages) {
      const auto cost = outcome.costs.find(stage);
      if (cost == outcome.costs.end()) continue;
      book(stage, cost->second);
    }
  }
  // Without a judge a validation needs less than an update: it keeps no graph.
  const bool judged = std::any_of(settings.rewards.begin(), settings.rewards.end(),
                                  [](const run::RewardTermConfig& term) { return term.judge; });
  if (judged && settings.train.eval_every > 0) {
    const flow::Evaluated shown = flow::evaluate(run.parts(), batch, flow::Pixels::kAsTheyAre);
    for (const auto& [stage, cost] : shown.costs) book(kValidation, cost);
  }
  return plan;
}

double park_seconds(const MemoryPlan& plan) {
  return static_cast<double>(plan.returned) / kParkBytesPerSecond;
}

int64_t available_memory(at::Device device) {
  if (device.is_cpu()) {
    std::ifstream file("/proc/meminfo");
    std::string key, unit;
    int64_t kib = 0;
    while (file >> key >> kib) {
      std::getline(file, unit);
      if (key == "MemAvailable:") return kib * 1024;
    }
    fail(ErrorKind::kResources, "/proc/meminfo does not say how much memory is available");
  }
  const auto index = device.has_index() ? device.index() : c10::DeviceIndex{0};
  return static_cast<int64_t>(c10::getDeviceAllocator(device.type())->getMemoryInfo(index).first);
}

std::string readable_bytes(int64_t bytes) {
  char text[32];
  const double mib = static_cast<double>(bytes) / (1 << 20);
  if (mib >= 1024) {
    std::snprintf(text, sizeof text, "%.2f GiB", mib / 1024);
  } else {
    std::snprintf(text, sizeof text, "%.1f MiB", mib);
  }
  return text;
}

}  // namespace drf::plan
