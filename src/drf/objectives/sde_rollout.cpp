#include "drf/objectives/sde_rollout.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "drf/base/interrupt.h"
#include "drf/base/json.h"
#include "drf/diffusion/sampler.h"
#include "drf/diffusion/sde_step.h"
#include "drf/flow/rollout.h"
#include "drf/tensor/dry_run.h"

namespace drf::objectives {
namespace {

using nlohmann::json;

// A dry run for another device has no host.
at::Tensor to_host(const at::Tensor& x) {
  if (x.is_meta()) return stands_for_cpu(x) ? x : at::Tensor();
  return x.to(at::kCPU);
}

// What lasts of a judgement: values in float64, whatever was judged.
flow::Judgement values_of(flow::Judgement judgement) {
  judgement.x0 = judgement.frames_BF3HW = at::Tensor();
  judgement.rewards_B = judgement.rewards_B.to(at::kDouble);
  for (auto& [name, score] : judgement.by_name) {
    score.total_B = score.total_B.to(at::kDouble);
    score.tensors.clear();
  }
  return judgement;
}

at::Tensor doubles(const json& list) { return at::tensor(list.get<std::vector<double>>(), at::kDouble); }

}  // namespace

std::vector<double> numbers(const at::Tensor& values_B) {
  std::vector<double> all;
  for (const at::Tensor& value : values_B.unbind(0)) all.push_back(value.item<double>());
  return all;
}

at::Tensor SdeRollout::state(size_t k, const at::Tensor& like) const {
  const at::Tensor& x = states.at(k);
  return x.defined() ? x.to(like.options()) : at::empty_like(like);
}

SdeRollout roll_out_sde(const flow::Parts& parts, const flow::Batch& batch, const at::Tensor& start,
                        const std::vector<rewards::Sample>& keys, double noise) {
  const at::NoGradGuard no_graph;
  SdeRollout rollout;
  flow::StageClock clock = flow::clock_of(parts, rollout.costs);
  parts.parking.begin(parts.network(0), clock);
  const flow::Prepared prepared = parts.denoiser.prepare(batch.conditions, batch.unconditional,
                                                         nn::Graph::kNone, /*with_reference=*/false, &clock);
  at::Tensor x = start;
  const int64_t last = parts.schedule.steps() - 1;
  std::set<std::pair<size_t, int64_t>> walked;  // of a dry run: the first of each kind stands for all
  for (int64_t k = 0; k < last; ++k) {
    stop_if_interrupted();
    rollout.states.push_back(to_host(x));
    const double t = parts.schedule.timesteps[k];
    if (x.is_meta() && !walked.emplace(parts.denoiser.component(t), parts.denoiser.branch_count(t)).second) {
      x = at::empty_like(x);
      rollout.log_density.insert(rollout.log_density.end(), static_cast<size_t>(x.size(0)), 0.0);
      continue;
    }
    const diffusion::SdeStep step = diffusion::sde_step(parts.schedule, k, noise);
    const at::Tensor mean = step.mean(x, parts.denoiser.velocity(x, t, prepared));
    x = mean + std::sqrt(step.variance) * parts.noise.step(keys, k);
    for (const double density : numbers(step.log_density_B(x, mean))) rollout.log_density.push_back(density);
  }
  rollout.states.push_back(to_host(x));
  x = flow::roll_out(parts, prepared, x, diffusion::single_steps(last, last + 1));
  clock.lap("rollout");
  rollout.judgement = values_of(parts.scorer.values(x, batch.samples, clock));
  return rollout;
}

std::string judgement_to_text(const flow::Judgement& judgement) {
  json by_name = json::object(), prompts = json::array();
  for (const auto& [name, score] : judgement.by_name) {
    json facts = json::array();
    for (const auto& clip : score.facts) {
      json& own = facts.emplace_back(json::object());
      for (const auto& [fact, mean] : clip) own[fact] = {mean.sum, mean.count};
    }
    by_name[name] = {{"total", numbers(score.total_B)}, {"parts", score.parts}, {"facts", facts}};
  }
  for (const rewards::Sample& sample : judgement.samples) prompts.push_back(sample.prompt);
  return json{{"rewards", numbers(judgement.rewards_B)},
              {"prompts", prompts},
              {"saturation", judgement.saturation},
              {"by_name", by_name}}
      .dump();
}

flow::Judgement judgement_from_text(const std::string& text) {
  std::string problem;
  const json all = parse_json(text, problem);
  flow::Judgement judgement;
  judgement.rewards_B = doubles(all.at("rewards"));
  judgement.saturation = all.at("saturation");
  for (const int64_t prompt : all.at("prompts").get<std::vector<int64_t>>())
    judgement.samples.push_back({rewards::Split::kTrain, prompt, 0, {}});
  for (const auto& [name, own] : all.at("by_name").items()) {
    rewards::Score& score = judgement.by_name[name];
    score.total_B = doubles(own.at("total"));
    score.parts = own.at("parts").get<std::vector<std::map<std::string, double>>>();
    for (const json& clip : own.at("facts")) {
      auto& facts = score.facts.emplace_back();
      for (const auto& [fact, mean] : clip.items())
        facts[fact] = {mean.at(0).get<double>(), mean.at(1).get<int64_t>()};
    }
  }
  return judgement;
}

}  // namespace drf::objectives
