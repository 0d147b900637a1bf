#include "tests/support/plain_flow.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "drf/base/error.h"
#include "drf/rewards/weigh_answers.h"

namespace drf::testing {
namespace {

template <typename T>
T& part(nn::Module& root, const std::string& wanted) {
  T* found = nullptr;
  root.visit([&](const std::string& path, nn::Module& module) {
    if (path == wanted) found = dynamic_cast<T*>(&module);
  });
  EXPECT_NE(found, nullptr) << wanted;
  return *found;
}

}  // namespace

wan::TextReading read_every_row(wan::Transformer& transformer, const at::Tensor& text_BSE) {
  const at::Tensor text_BSD =
      part<wan::ConditionEmbedder>(transformer, "condition_embedder").embed_text(text_BSE);
  wan::TextReading reading;
  for (int64_t i = 0; i < transformer.config().num_layers; ++i) {
    reading.blocks.push_back(
        part<wan::TransformerBlock>(transformer, concat("blocks.", i)).read_text(text_BSD));
  }
  return reading;
}

PlainFlow::PlainFlow(run::Run& run, const run::RunConfig& config)
    : run_(run),
      config_(config),
      schedule_(run.denoiser().schedule(
          {diffusion::parse_euler_levels(config.sampling.schedule, "sampling.schedule"),
           config.sampling.steps, config.sampling.shift})) {
  for (const models::Component& network : run.denoiser().components())
    transformers_.push_back(dynamic_cast<wan::Transformer*>(network.root));
  const nn::TrainableSet& trained = run.trained();
  variables_ = trained.standing(nn::TrainableSet::Take::kAsTheyStand);
  constants_ = trained.standing(nn::TrainableSet::Take::kDetached);
  base_ = trained.standing(nn::TrainableSet::Take::kReference);
  for (size_t i = 0; i < base_.size(); ++i)  // an adapter of zeros adds nothing
    if (!base_[i].defined()) base_[i] = at::zeros_like(constants_[i]);
}

at::Tensor PlainFlow::branch(const at::Tensor& x, double timestep, const at::Tensor& text) {
  wan::Transformer& transformer = *transformers_.at(run_.denoiser().component(timestep));
  const auto time = transformer.read_time(at::full({1}, timestep, x.options()), x.scalar_type());
  return transformer.forward(x, time, read_every_row(transformer, text));
}

double PlainFlow::guidance(double timestep) const {
  const run::SamplingConfig& c = config_.sampling;
  return run_.denoiser().component(timestep) == 0 || c.guidance_2 == 0 ? c.guidance : c.guidance_2;
}

PlainFlow::Velocity PlainFlow::velocity(const at::Tensor& x, double timestep, const at::Tensor& text,
                                        const at::Tensor& free, const std::vector<at::Tensor>& adapters) {
  const auto scope = run_.trained().with(adapters);
  const at::Tensor conditional = branch(x, timestep, text);
  const double w = guidance(timestep);
  if (w == 1) return {conditional, {conditional}};
  const at::Tensor unconditional = branch(x, timestep, free);
  at::Tensor guided = (1 - w) * unconditional + w * conditional;
  if (config_.flow.cfg_grad == "cond") guided = guided.detach() + conditional - conditional.detach();
  return {guided, {conditional, unconditional}};
}

at::Tensor PlainFlow::step(const at::Tensor& x, const at::Tensor& v, const diffusion::Move& move) const {
  const float dt = schedule_.sigmas[move.to] - schedule_.sigmas[move.from];
  return x + v * static_cast<double>(dt);
}

at::Tensor PlainFlow::padded(const models::Condition& condition) const {
  const at::Tensor rows = condition.get("text");
  return at::constant_pad_nd(rows, {0, 0, 0, run_.config().generator.text_length - rows.size(1)});
}

at::Tensor PlainFlow::guided(const flow::Batch& batch, int64_t b, const at::Tensor& x, int64_t level, As as) {
  const at::Tensor free = config_.sampling.guidance == 1 ? at::Tensor() : padded(batch.unconditional);
  const auto& adapters = as == As::kVariables ? variables_ : as == As::kConstants ? constants_ : base_;
  return velocity(x, schedule_.timesteps[level], padded(batch.conditions.at(static_cast<size_t>(b))), free,
                  adapters)
      .guided;
}

double PlainFlow::shown_reward(const flow::Batch& batch, int64_t b, const at::Tensor& x0) {
  const at::NoGradGuard no_graph;
  const at::Tensor frames = run_.decoder()->decode(x0, nn::Graph::kNone);
  const at::Tensor shown = ((frames.clamp(0, 1) * 255).to(at::kFloat).round() / 255).to(frames.scalar_type());
  const rewards::Sample& sample = batch.samples.at(static_cast<size_t>(b));
  const auto& questions = run_.questions().at(sample.split)->at(static_cast<size_t>(sample.prompt));
  const critic::Answers answers = run_.critic().ask(shown, run_.vlm_options().fps, {questions});
  return rewards::weigh_answers(answers.logprobs[0], questions, run_.vlm_options().weigh)
      .value.item<double>();
}

std::vector<at::Tensor> PlainFlow::take_gradients() {
  std::vector<at::Tensor> gradients;
  for (const at::Tensor& adapter : variables_) {
    gradients.push_back(adapter.grad());
    adapter.mutable_grad() = at::Tensor();
  }
  return gradients;
}

PlainFlow::Graph PlainFlow::graph(const flow::Batch& batch, const diffusion::Walk& walk,
                                  const at::Tensor& finished_BCTHW, const std::vector<at::Tensor>& trained,
                                  const at::Tensor& shift) {
  const bool replay = finished_BCTHW.defined();
  const int64_t level = replay ? walk.gradient.front().from : walk.renoise_to;
  const int64_t draws = walk.renoise_to >= 0 ? walk.draws : 1;
  const auto trains = static_cast<double>(std::count_if(walk.gradient.begin(), walk.gradient.end(),
                                                        [](const auto& move) { return move.trains; }));
  Graph g;
  std::vector<at::Tensor> values, penalties, weights;
  for (int64_t b = 0; b < static_cast<int64_t>(batch.conditions.size()); ++b) {
    const auto row = [b](const at::Tensor& t) { return t.narrow(0, t.size(0) == 1 ? 0 : b, 1); };
    const at::Tensor text = padded(batch.conditions[static_cast<size_t>(b)]),
                     free = config_.sampling.guidance == 1 ? at::Tensor() : padded(batch.unconditional);
    const auto velocity_at = [&](const at::Tensor& x, int64_t from, const std::vector<at::Tensor>& adapters) {
      return velocity(x, schedule_.timesteps[from], text, free, adapters);
    };
    std::vector<at::Tensor> truth;  // of leaps: where they begin, then the clip
    at::Tensor rolled = row(replay ? finished_BCTHW : batch.noise_BCTHW);
    if (!replay) {
      const at::NoGradGuard no_graph;
      for (const diffusion::Move& move : walk.rollout) {
        for (const diffusion::Move& leap : walk.gradient)
          if (walk.leap && leap.from == move.from) truth.push_back(rolled);
        rolled = step(rolled, velocity_at(rolled, move.from, constants_).guided, move);
      }
      truth.push_back(rolled);
    }
    at::Tensor x;
    double missed = 0;
    for (int64_t draw = 0; draw < draws; ++draw) {
      at::Tensor x_K = walk.leap ? truth.front() : rolled;
      if (level >= 0) {
        const double sigma = schedule_.sigmas[level];
        const at::Tensor fresh = run_.parts().noise.again(batch.samples, batch.update * draws + draw);
        x_K = rolled * (1 - sigma) + row(fresh) * sigma;
      }
      if (shift.defined()) x_K = x_K + row(shift);
      x_K = x_K.detach().set_requires_grad(true);
      if (draw == draws - 1) g.x_K.push_back(x_K);
      x = x_K;
      for (const diffusion::Move& move : walk.gradient) {
        const double nested = walk.split >= 0 && walk.split != move.from ? 0 : config_.flow.nested;
        const at::Tensor seen = x.detach() + nested * (x - x.detach());
        const Velocity v = velocity_at(seen, move.from, move.trains ? trained : constants_);
        if (config_.train.anchor > 0 && move.trains) {
          const Velocity base = velocity_at(seen, move.from, base_);
          const double weight =
              config_.train.anchor / trains / static_cast<double>(draws * v.branches.size());
          for (size_t i = 0; i < v.branches.size(); ++i)
            penalties.push_back((v.branches[i] - base.branches[i]).square().sum() * weight);
        }
        x = step(x, v.guided, move);
        if (!walk.leap) continue;
        const at::Tensor value = move == walk.gradient.front() ? truth.at(1) : truth.at(2);
        missed += std::max(0.1, (x - value).abs().mean().item<double>());
        x = value + x - x.detach();
      }
      const rewards::Sample& sample = batch.samples[static_cast<size_t>(b)];
      const auto& questions = run_.questions().at(sample.split)->at(static_cast<size_t>(sample.prompt));
      const critic::Answers answers = run_.critic().ask(
          run_.decoder()->decode(x, at::GradMode::is_enabled() ? nn::Graph::kKept : nn::Graph::kNone),
          run_.vlm_options().fps, {questions});
      values.push_back(
          rewards::weigh_answers(answers.logprobs[0], questions, run_.vlm_options().weigh).value);
    }
    g.x0.push_back(x);
    weights.push_back(at::full({}, walk.leap ? 1 / missed : 1.0, x.options()));
  }
  g.rewards_B = at::stack(values).view({-1, draws}).mean(1);
  g.penalty = penalties.empty() ? at::zeros({}, g.rewards_B.options()) : at::stack(penalties).sum();
  double all = 0, trained_way = 0;
  for (int64_t level = 0; level < schedule_.steps(); ++level)
    all += double{schedule_.sigmas[level]} - double{schedule_.sigmas[level + 1]};
  for (const diffusion::Move& move : walk.gradient)
    if (move.trains) trained_way += double{schedule_.sigmas[move.from]} - double{schedule_.sigmas[move.to]};
  g.objective = (g.rewards_B * at::stack(weights)).sum() * std::pow(all / trained_way, config_.flow.rescale) -
                g.penalty;
  return g;
}

PlainFlow::Result PlainFlow::run(const flow::Batch& batch, const diffusion::Walk& walk, double scale,
                                 const at::Tensor& finished_BCTHW) {
  Graph g = graph(batch, walk, finished_BCTHW, variables_, {});
  (g.objective * scale).backward();
  Result result{g.rewards_B.detach(),
                g.penalty.item<double>() / static_cast<double>(g.x0.size()),
                at::cat(g.x0).detach(),
                at::cat(g.x_K).detach(),
                {},
                {}};
  std::vector<at::Tensor> d_xK;
  for (const at::Tensor& x : g.x_K) d_xK.push_back(x.grad());
  result.d_xK = at::cat(d_xK);
  result.gradients = take_gradients();
  return result;
}

double PlainFlow::reward(const flow::Batch& batch, const diffusion::Walk& walk,
                         const std::vector<at::Tensor>& adapters, const at::Tensor& shift) {
  const at::NoGradGuard no_graph;
  return graph(batch, walk, {}, adapters, shift).rewards_B.sum().item<double>();
}

}  // namespace drf::testing
