#include "drf/train/plan.h"

#include <ATen/ATen.h>
#include <c10/core/CachingDeviceAllocator.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <numeric>

#include "drf/base/error.h"
#include "drf/nn/lora.h"
#include "drf/train/adamw.h"
#include "drf/train/session.h"

namespace drf::train {
namespace {

/// Steps before the first that trains are alike: one stands for all. (Where a policy may train any step, or
/// every state is kept, all are walked.)
RunConfig shortened(RunConfig c) {
  if (c.flow.rule == "adjoint" && c.flow.policy == "last") {
    c.sampling.steps = std::min(c.sampling.steps, c.flow.K + 1);
  }
  return c;
}

/// Prompts whose questions take the critic most, the most demanding first: suffixes are padded to the
/// longest.
std::vector<int64_t> most_demanding(const PromptSet& set, int64_t count) {
  const auto size = [&](int64_t prompt) {
    size_t longest = 0;
    const auto& questions = set.questions[static_cast<size_t>(prompt)];
    for (const critic::Question& q : questions) longest = std::max(longest, q.text.size() + q.answer.size());
    return longest * questions.size();
  };
  std::vector<int64_t> order(set.prompts.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) { return size(a) > size(b); });
  std::vector<int64_t> chosen;
  for (int64_t i = 0; i < count; ++i) chosen.push_back(order[static_cast<size_t>(i) % order.size()]);
  return chosen;
}

int64_t longest_text(Session& session, const std::vector<int64_t>& prompts) {
  int64_t longest = session.config().sampling.guidance != 1
                        ? session.generator().text_tokens(session.config().sampling.negative)
                        : 0;
  for (const int64_t p : prompts) {
    longest = std::max(
        longest, session.generator().text_tokens(session.train_set().prompts.at(static_cast<size_t>(p))));
  }
  return longest;
}

}  // namespace

int64_t MemoryPlan::weights_allocated() const {
  return std::accumulate(weights.begin(), weights.end(), int64_t{0},
                         [](int64_t sum, const auto& w) { return sum + w.allocated; });
}

int64_t MemoryPlan::weights_mapped() const {
  return std::accumulate(weights.begin(), weights.end(), int64_t{0},
                         [](int64_t sum, const auto& w) { return sum + w.mapped; });
}

const StagePlan& MemoryPlan::worst() const {
  return *std::max_element(stages.begin(), stages.end(), [](const StagePlan& a, const StagePlan& b) {
    return a.kept + a.own < b.kept + b.own;
  });
}

MemoryPlan predict_memory(const RunConfig& config, const PlanOptions& options) {
  RunConfig settings = shortened(config);
  FlowConfig& flow_settings = settings.flow;
  if (flow_settings.recompute == "auto") flow_settings.recompute = "none";
  if (flow_settings.cfg_batch == "auto")
    flow_settings.cfg_batch = settings.sampling.guidance == 1 ? "off" : "on";

  DryRun dry(options.device);
  Session session(settings, {at::kMeta, options.dtype});
  MemoryMeter& meter = session.meter();
  MemoryPlan plan;
  plan.weights = dry.weights();
  const int64_t weights = plan.weights_allocated();
  plan.stages.push_back({"loading", 0, meter.live() - weights});

  const int64_t before = meter.live();
  std::vector<at::Tensor> parameters;
  for (const auto& [name, tensor] : nn::lora_parameters(session.generator().adapter_root()))
    parameters.push_back(tensor);
  for (const at::Tensor& p : parameters) plan.adapters += 2 * static_cast<int64_t>(p.nbytes());
  const AdamW optimizer(parameters, {});
  plan.adapters += meter.live() - before;

  std::vector<std::pair<int64_t, int64_t>> clips;
  const std::vector<int64_t> prompts =
      options.prompts.empty() ? most_demanding(session.train_set(), settings.train.batch) : options.prompts;
  for (const int64_t p : prompts) clips.emplace_back(p, 0);

  meter.reset_peak();
  const int64_t at_text = meter.live();
  const flow::FlowInput input = session.input(session.train_set(), clips, Purpose::kNoise);
  plan.stages.push_back({"text", at_text - weights, meter.peak() - at_text});

  // A long run remembers the texts of more prompts than one batch has.
  int64_t cached_later = 0;
  if (options.prompts.empty()) {
    const int64_t rows = input.text_BSE.size(0), guided = settings.sampling.guidance != 1 ? 1 : 0;
    const int64_t all = static_cast<int64_t>(session.train_set().prompts.size()) + guided;
    cached_later = std::max<int64_t>(0, std::min(Session::kCachedTexts, all) - rows - guided) *
                   static_cast<int64_t>(input.text_BSE.nbytes()) / rows;
  }

  dry.set_integer(longest_text(session, prompts));
  // A second time: frozen convolutions have packed their weights by then, and batches that are accumulated
  // find gradients in their places.
  for (int pass = 0; pass < 2; ++pass) {
    for (const at::Tensor& p : parameters) {
      if (settings.train.accumulate == 1) p.mutable_grad() = at::Tensor();
    }
    const flow::FlowResult result = session.flow().run(input, -1);
    for (const char* stage : flow::stage_names()) {
      const auto cost = result.stats.costs.find(stage);
      if (cost == result.stats.costs.end()) continue;
      const StagePlan now{stage, cost->second.begin_bytes - weights + cached_later,
                          cost->second.peak_bytes - cost->second.begin_bytes};
      auto planned = std::find_if(plan.stages.begin(), plan.stages.end(),
                                  [&](const StagePlan& s) { return s.stage == stage; });
      if (planned == plan.stages.end()) {
        plan.stages.push_back(now);
      } else if (now.kept + now.own > planned->kept + planned->own) {
        *planned = now;
      }
    }
  }
  return plan;
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

}  // namespace drf::train
