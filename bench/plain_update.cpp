// Updates by the plain flow (tests/support/plain_flow.h): the same operations as drf's, in one ordinary
// autograd graph, nothing shared between steps and nothing recomputed. compare.py times it beside drf.
//   ninja -C build plain_update
//   build/bench/plain_update CONFIG [updates 2] [threads 2]
// The last line on stdout is a JSON object like the peer's; the first update warms up. Rule adjoint only.

#include <ATen/Parallel.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>

#include "drf/base/error.h"
#include "drf/nn/adamw.h"
#include "drf/plan/plan.h"
#include "drf/run/prompt_order.h"
#include "drf/run/run.h"
#include "drf/tensor/machine.h"
#include "drf/train/clip_norm.h"
#include "tests/support/plain_flow.h"

namespace drf {
namespace {

/// What Trainer::update does, with the plain flow's gradient.
class PlainTrainer {
 public:
  explicit PlainTrainer(run::Run& run) : run_(run), flow_(run, run.config()) {
    for (const auto& [name, tensor] : run.trained().parameters()) adapters_.push_back(tensor);
    const run::TrainConfig& c = run.config().train;
    optimizer_ = std::make_unique<nn::AdamW>(run.trained().parameters(),
                                             nn::AdamWOptions{c.beta1, c.beta2, c.eps, c.weight_decay});
  }

  /// Mean reward before the update.
  double update(int64_t u) {
    const run::TrainConfig& c = run_.config().train;
    const auto prompts = static_cast<int64_t>(run_.prompts().train.prompts.size());
    const flow::Batch batch = run_.batches().of(
        rewards::Split::kTrain, run::clips_of_update(run_.config(), prompts, u, 0), Purpose::kNoise, u);
    const auto policy =
        diffusion::make_step_policy(run::step_policy(run_.config()), run_.config().sampling.steps);
    const auto result = flow_.run(batch, policy->walk(u), -1.0 / static_cast<double>(c.batch));
    for (size_t i = 0; i < adapters_.size(); ++i) adapters_[i].mutable_grad() = result.gradients[i];
    train::clip_grad_norm(adapters_, c.clip);
    optimizer_->step(c.lr);
    return result.rewards_B.mean().item<double>();
  }

 private:
  run::Run& run_;
  testing::PlainFlow flow_;
  std::vector<at::Tensor> adapters_;
  std::unique_ptr<nn::AdamW> optimizer_;
};

int bench(int argc, char** argv) {
  const int64_t updates = argc > 2 ? std::atoll(argv[2]) : 2;
  const int threads = argc > 3 ? std::atoi(argv[3]) : 2;
  if (argc < 2 || updates < 2 || threads < 1) {
    std::cerr << "usage: plain_update CONFIG [updates, at least 2] [threads]\n";
    return 2;
  }
  at::set_num_threads(threads);
  const run::RunConfig config = run::load_config(
      argv[1], {"flow.recompute=none", "train.accumulate=1", concat("train.updates=", updates)},
      run::known_policies());
  const run::PromptSets prompts = run::read_prompts(config);
  const run::RunConfig resolved = plan::resolve(config, prompts, at::kCPU, "");
  run::Run run(resolved, prompts, {.texts = run::prompts_to_come(resolved, prompts, 0)});
  PlainTrainer trainer(run);
  read_mapped_checkpoints();
  if (!reset_peak_resident()) fail(ErrorKind::kResources, "this system does not tell a process's peak");
  const int64_t loaded = resident_bytes().value();

  std::vector<double> seconds;
  double reward = 0;
  for (int64_t u = 0; u < updates; ++u) {
    const auto begin = std::chrono::steady_clock::now();
    const double before = trainer.update(u);
    seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
    if (u == 0) reward = before;
  }
  seconds.erase(seconds.begin());
  const int64_t peak = peak_resident_bytes().value();
  std::cout << nlohmann::ordered_json{{"threads", threads},
                                      {"update_s", seconds},
                                      {"loaded_rss", loaded},
                                      {"peak_rss", peak},
                                      {"peak_above_weights", peak - loaded},
                                      {"reward", reward}}
                   .dump()
            << "\n";
  return 0;
}

}  // namespace
}  // namespace drf

int main(int argc, char** argv) {
  try {
    return drf::bench(argc, argv);
  } catch (const drf::Error& e) {
    std::cerr << "plain_update: " << e.what() << "\n";
    return drf::exit_code(e.kind());
  }
}
