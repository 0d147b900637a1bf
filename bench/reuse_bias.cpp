// How biased flow.reuse is: the mean gradient of replayed updates against the mean exact one, at the same
// adapters, over the same prompts.
//   ninja -C build reuse_bias
//   build/bench/reuse_bias CONFIG BATCHES [key=value ...]
// A replay noises the finished clip again instead of keeping the state that the sampler went through. Both
// means are noisy; how much is told by the two halves of the exact gradients: their cosine is what two
// unbiased means of half the batches reach.

#include <ATen/ATen.h>

#include <cmath>
#include <iomanip>
#include <iostream>

#include "drf/plan/plan.h"
#include "drf/run/run.h"

namespace drf {
namespace {

/// The adapters' gradient of one pass as one vector; forgets it.
at::Tensor take_gradient(run::Run& run) {
  std::vector<at::Tensor> parts;
  for (const auto& [name, tensor] : run.trained().parameters()) {
    parts.push_back(tensor.grad().flatten().to(at::kDouble));
    tensor.mutable_grad() = at::Tensor();
  }
  return at::cat(parts);
}

double cosine(const at::Tensor& a, const at::Tensor& b) {
  return (at::dot(a, b) / (a.norm() * b.norm())).item<double>();
}

/// sqrt((|a + b|^2 - |a - b|^2) / 4) for two independent means: the norm without what the noise adds to it.
double norm_without_noise(const at::Tensor& a, const at::Tensor& b) {
  return std::sqrt(std::max(0.0, at::dot(a, b).item<double>()));
}

int bench(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "usage: reuse_bias CONFIG BATCHES [key=value ...]\n";
    return 2;
  }
  const int64_t batches = std::max(2, std::atoi(argv[2]));
  std::vector<std::string> sets(argv + 3, argv + argc);
  sets.push_back("flow.reuse=2");
  const run::RunConfig given = run::load_config(argv[1], sets, run::known_policies());
  const run::PromptSets all = run::read_prompts(given);
  run::Run run(plan::resolve(given, all, at::kCPU, ""), all, {});
  const int64_t batch = run.config().train.batch,
                prompts = static_cast<int64_t>(run.prompts().train.prompts.size());

  at::Tensor exact[2], replayed[2];
  double reward_exact = 0, reward_replayed = 0;
  for (int64_t u = 0; u < batches; ++u) {
    std::vector<std::pair<int64_t, int64_t>> clips;
    for (int64_t i = 0; i < batch; ++i) clips.emplace_back((u * batch + i) % prompts, u);
    const flow::Batch input = run.batches().of(rewards::Split::kTrain, clips, Purpose::kNoise, 2 * u);
    objectives::Objective& objective = run.objective();
    const flow::Judgement first = objective.accumulate(input, 1.0 / static_cast<double>(batch)).judgement;
    objective.commit(/*skipped=*/false);
    const at::Tensor g = take_gradient(run);
    flow::Batch replayed_input = input;
    ++replayed_input.update;
    const flow::Judgement again =
        objective.accumulate(replayed_input, 1.0 / static_cast<double>(batch)).judgement;
    objective.commit(/*skipped=*/false);
    const at::Tensor h = take_gradient(run);
    at::Tensor &g_half = exact[u % 2], &h_half = replayed[u % 2];
    g_half = g_half.defined() ? g_half + g : g;
    h_half = h_half.defined() ? h_half + h : h;
    reward_exact += first.rewards_B.mean().item<double>() / static_cast<double>(batches);
    reward_replayed += again.rewards_B.mean().item<double>() / static_cast<double>(batches);
  }
  const at::Tensor g = exact[0] + exact[1], h = replayed[0] + replayed[1];
  std::cout << std::fixed << std::setprecision(3) << "batches " << batches << " of " << batch << ", K "
            << run.config().flow.K << " of " << run.config().sampling.steps << "\n"
            << "cosine of the mean gradients, replayed to exact      " << cosine(g, h) << "\n"
            << "  exact to exact, halves                             " << cosine(exact[0], exact[1]) << "\n"
            << "  replayed to replayed, halves                       " << cosine(replayed[0], replayed[1])
            << "\n"
            << "  replayed to exact, halves of different batches     "
            << (cosine(exact[0], replayed[1]) + cosine(exact[1], replayed[0])) / 2 << "\n"
            << "norm of the mean without its noise, replayed / exact "
            << norm_without_noise(replayed[0], replayed[1]) / norm_without_noise(exact[0], exact[1]) << "\n"
            << "reward, exact and replayed                           " << reward_exact << " "
            << reward_replayed << "\n";
  return 0;
}

}  // namespace
}  // namespace drf

int main(int argc, char** argv) { return drf::bench(argc, argv); }
