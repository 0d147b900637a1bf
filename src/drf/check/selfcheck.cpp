#include "drf/check/selfcheck.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "drf/base/error.h"
#include "drf/check/slope_check.h"
#include "drf/nn/lora.h"
#include "drf/nn/residence.h"
#include "drf/objectives/replay.h"

namespace drf::check {
namespace {

using nn::NamedLinear;

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g", value);
  return text;
}
std::string percent(double share) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f %%", 100 * share);
  return text;
}
const char* name_of(at::ScalarType dtype) {
  return dtype == at::kDouble ? "float64" : dtype == at::kFloat ? "float32" : "a half type";
}

// Other values for the adapters while it lives: those given, or, for adapters that are fresh, B's of about a
// hundredth of their layer's weights. Then the same bits as before, and no gradients.
class Adapters {
 public:
  explicit Adapters(const nn::TrainableSet& trained) {
    for (const auto& [name, tensor] : trained.parameters())
      before_.emplace_back(tensor, tensor.detach().clone());
    clear_gradients();
  }
  ~Adapters() {
    const at::NoGradGuard no_graph;
    for (auto& [tensor, value] : before_) tensor.copy_(value);
    clear_gradients();
  }
  Adapters(const Adapters&) = delete;
  Adapters& operator=(const Adapters&) = delete;

  /// How many of a network's were fresh. Reads its layers' weights.
  int64_t move_fresh(nn::Module& root) {
    const at::NoGradGuard no_graph;
    int64_t fresh = 0;
    for (const NamedLinear& layer : nn::adapters_of(root)) {
      at::Tensor& B = layer.linear->lora_B();
      if (B.any().item<bool>()) continue;
      const auto rms = [](const at::Tensor& t) {
        return t.to(at::kDouble).square().mean().sqrt().item<double>();
      };
      const double size = 0.01 * rms(layer.linear->weight()) /
                          (rms(layer.linear->lora_A()) * std::sqrt(static_cast<double>(B.size(1))) *
                               std::abs(layer.linear->lora_scale()) +
                           1e-30);
      const RandomKey key{1, Purpose::kDirection, static_cast<uint32_t>(hash_text(layer.path)), 0};
      const std::vector<float> values = normal(key, static_cast<size_t>(B.numel()));
      B.copy_(at::tensor(values).view(B.sizes()) * size);
      ++fresh;
    }
    return fresh;
  }
  void set(const std::vector<at::Tensor>& values) {
    const at::NoGradGuard no_graph;
    for (size_t i = 0; i < before_.size(); ++i) before_[i].first.copy_(values.at(i));
  }
  GradientSample sample(double reward) const {
    GradientSample result{reward, {}, {}};
    for (const auto& [tensor, value] : before_) {
      result.adapters.push_back(tensor.detach().to(at::kCPU, at::kDouble));
      const at::Tensor& g = tensor.grad();
      result.gradients.push_back(g.defined() ? g.to(at::kCPU, at::kDouble)
                                             : at::zeros_like(result.adapters.back()));
    }
    return result;
  }

 private:
  void clear_gradients() {
    for (auto& [tensor, value] : before_) tensor.mutable_grad() = at::Tensor();
  }
  std::vector<std::pair<at::Tensor, at::Tensor>> before_;
};

// What makes .grad the plain gradient of the plain reward of one clip.
run::RunConfig plain(run::RunConfig config) {
  config.train.anchor = 0;
  config.flow.draws = 1;
  config.flow.reuse = 1;
  config.flow.rescale = 0;
  return config;
}

std::unique_ptr<run::Engine> engine_of(const CheckedFlow& c) {
  return std::make_unique<run::Engine>(plain(c.config), c.denoiser, c.trained, c.sigma_max, c.decoder,
                                       c.rewards, c.noise, nullptr);
}

/// One slope: the reward at a distance h, and what an approximation says of it.
struct Slopes {
  std::function<double(double h)> reward;     ///< itself
  std::function<double(double h)> surrogate;  ///< what the gradient claims to be of; empty = the reward
  std::string claim;                          ///< in words
};

CheckRow slope_row(const char* place, const Slopes& slopes, double reward, double analytic,
                   const SlopeRule& rule, const char* remedy) {
  const std::string check = concat("slope along ", place);
  if (!std::isfinite(analytic) || analytic == 0) {
    return {check, Verdict::kFail, concat("the gradient is ", analytic == 0 ? "zero" : "not finite"), remedy};
  }
  const Slope slope =
      measure_slope(slopes.surrogate ? slopes.surrogate : slopes.reward, reward, analytic, rule);
  const bool holds = slope.error <= rule.tolerance;
  std::string found =
      concat(number(slope.measured), " measured, ", number(slope.analytic), " by the gradient: off by ",
             number(slope.error), ", at most ", number(rule.tolerance));
  if (slopes.surrogate) {
    SlopeRule once = rule;
    once.changes.resize(1);
    found += concat(" (", slopes.claim, "; the reward itself: ",
                    number(measure_slope(slopes.reward, reward, analytic, once).measured), ")");
  }
  return {check, holds ? Verdict::kPass : Verdict::kFail, found, holds ? "" : remedy};
}

void check_slopes(const CheckedFlow& c, run::Engine& engine, const objectives::Outcome& outcome,
                  const std::vector<at::Tensor>& adapter_gradients, const OnRow& on_row) {
  const SlopeRule rule = slope_rule(c.dtype);
  const flow::Judgement& result = outcome.judgement;
  const double value = result.rewards_B.sum().item<double>();
  const flow::Scorer& scorer = engine.parts().scorer;
  const std::vector<rewards::Sample>& samples = c.batch.samples;
  const auto along = [&](const char* place, const at::Tensor& gradient,
                         const std::function<double(const at::Tensor& shift)>& at, const char* remedy) {
    const Direction d = make_direction({gradient}, rule.random);
    on_row(slope_row(place, {[&](double h) { return at(d.parts[0] * h); }, {}, ""}, value, d.slope, rule,
                     remedy));
  };
  if (result.d_frames.defined())
    along(
        "the pixels", result.d_frames,
        [&](const at::Tensor& shift) {
          return scorer.sum_of_frames(result.x0, result.frames_BF3HW + shift, samples);
        },
        "the critic's gradient is wrong or lost in rounding: try --dtype float32 or float64; if it stays, "
        "report it");
  along(
      "the clip", result.d_x0,
      [&](const at::Tensor& shift) { return scorer.sum_of(result.x0 + shift, samples); },
      "if the pixels passed, the decoder's gradient is wrong or lost in rounding: try a wider --dtype");
  // An approximation is compared with what it claims; how far that is from the reward stands beside it.
  const std::string claim = engine.objective().inexact();
  const objectives::Replay* replay = engine.objective().replay();
  if (!replay) {
    on_row({"slope along the adapters", Verdict::kNote, "not taken", claim});
    return;
  }
  using Held = objectives::Held;
  const Held held = claim.empty() ? Held() : replay->held_from(c.batch, outcome.x_K);
  const auto slopes = [&](const std::function<double(double h, const Held*)>& at) {
    Slopes s{[at](double h) { return at(h, nullptr); }, {}, claim};
    if (!claim.empty()) s.surrogate = [at, &held](double h) { return at(h, &held); };
    return s;
  };
  const Direction state = make_direction({outcome.d_xK}, rule.random);
  on_row(slope_row(
      "the first state", slopes([&](double h, const Held* constant) {
        return scorer.sum_of(replay->clip(c.batch, outcome.x_K + state.parts[0] * h, {}, constant), samples);
      }),
      value, state.slope, rule,
      "if the clip passed, the steps' gradient is wrong or lost in rounding: try a wider --dtype, or fewer "
      "steps (flow.K)"));
  const Direction d = make_direction(adapter_gradients, rule.random);
  on_row(slope_row(
      "the adapters", slopes([&](double h, const Held* constant) {
        const std::vector<at::Tensor> values = moved(c.trained, d.parts, h);
        return scorer.sum_of(replay->clip(c.batch, outcome.x_K, values, constant), samples);
      }),
      value, d.slope, rule,
      "if the first state passed, adapters are left out or counted twice: see the next line, else report "
      "it"));
}

void check_reach(const CheckedFlow& c, const objectives::Outcome& outcome, const OnRow& on_row) {
  std::vector<std::string> missing;
  double least = 1e300, most = 0;
  const auto& adapters = c.trained.parameters();
  for (const auto& [name, tensor] : adapters) {
    const double norm = tensor.grad().defined() ? tensor.grad().to(at::kDouble).norm().item<double>() : 0;
    if (!std::isfinite(norm) || norm == 0) {
      missing.push_back(concat(name, std::isfinite(norm) ? "" : " (not finite)"));
      continue;
    }
    least = std::min(least, norm);
    most = std::max(most, norm);
  }
  if (adapters.empty()) missing.emplace_back("any adapter");
  const size_t shown = std::min<size_t>(missing.size(), 3);
  on_row(
      missing.empty()
          ? CheckRow{"gradient reaches the adapters", Verdict::kPass,
                     concat("all ", adapters.size(), " tensors, norms ", number(least), " to ", number(most)),
                     ""}
          : CheckRow{"gradient reaches the adapters", Verdict::kFail,
                     concat("none for ", missing.size(), " of ", adapters.size(), " tensors: ",
                            std::vector<std::string>(missing.begin(),
                                                     missing.begin() + static_cast<int64_t>(shown)),
                            missing.size() > shown ? " ..." : ""),
                     "these would never learn: leave their layers out of lora.targets, or report it"});

  const std::vector<double>& norms = outcome.norms.d_x;
  if (norms.empty()) return;  // it goes back to no state
  std::string list;
  for (const double norm : norms) list += (list.empty() ? "" : ", ") + number(norm);
  const bool reached =
      std::all_of(norms.begin(), norms.end(), [](double norm) { return std::isfinite(norm) && norm > 0; });
  const bool even = *std::max_element(norms.begin(), norms.end()) <= 1e3 * norms.front();
  on_row({"gradient reaches the steps",
          !reached ? Verdict::kFail
          : even   ? Verdict::kPass
                   : Verdict::kNote,
          concat("norms from the last step back: ", list),
          !reached ? "the steps before it learn nothing: train fewer (flow.K), or use a wider dtype"
          : even   ? ""
                   : "it grows more than a thousandfold on its way: early steps will rule the update; train "
                     "fewer (flow.K), or keep train.clip"});
}

// Beyond these shares little gradient is left, and beyond the second too little to train on.
constexpr double kMuchPixels = 0.05, kMostPixels = 0.5, kMuchAnswers = 0.5, kMostAnswers = 0.95;

CheckRow saturation_row(const char* check, double share, double much, double most, const std::string& found,
                        const char* remedy) {
  const Verdict verdict = share > most ? Verdict::kFail : share > much ? Verdict::kNote : Verdict::kPass;
  return {check, verdict, found, verdict == Verdict::kPass ? "" : remedy};
}

void check_saturation(const flow::Judgement& result, const OnRow& on_row) {
  if (result.frames_BF3HW.defined())
    on_row(saturation_row(
        "pixels in range", result.saturation, kMuchPixels, kMostPixels,
        concat(percent(result.saturation), " outside [0, 1]"),
        "such pixels look the same to a viewer however far out they are: lower sampling.guidance, "
        "check sampling.shift and that the generator's folder is whole"));
  double certain = 0;
  int64_t asked = 0;
  for (const auto& [name, score] : result.by_name) {
    for (const auto& clip : score.facts) {
      for (const auto& [fact, mean] : clip) {
        if (fact != "certain" && fact.rfind("certain/", 0) != 0) continue;  // of one critic among several
        certain += mean.sum;
        asked += mean.count;
      }
    }
  }
  if (asked == 0) return;
  on_row(saturation_row("answers undecided", certain / static_cast<double>(asked), kMuchAnswers, kMostAnswers,
                        concat(certain, " of ", asked, " yes/no answers with p above 0.99 or below 0.01"),
                        "a certain critic pushes little or blindly: ask harder or other questions "
                        "(questions.file), or try another prompt"));
}

}  // namespace

CheckedFlow checked_flow(run::Run& run, int64_t prompt) {
  const run::RunConfig& c = run.config();
  at::ScalarType narrowest = run::scalar_type(c.generator.dtype, "generator.dtype");
  const auto narrow = [&](at::ScalarType dtype) {
    if (c10::elementSize(dtype) < c10::elementSize(narrowest)) narrowest = dtype;
  };
  const std::vector<run::RewardTermConfig> configured = c.terms();
  for (const run::RewardTermConfig& term : configured) {
    if (term.judge) continue;  // no part of the gradient
    if (term.asks_critic()) narrow(run::scalar_type(c.critic.dtype, "critic.dtype"));
    if (term.reads("dtype")) narrow(run::scalar_type(term.dtype, "rewards.dtype"));
  }
  std::vector<flow::Term> terms = run.parts().scorer.terms();
  std::vector<std::shared_ptr<rewards::Reward>> plain;
  rewards::WeighOptions weigh = run.vlm_options().weigh;
  if (weigh.steers()) {  // what is climbed is not the value
    weigh.focus = weigh.odds = false;
    for (size_t i = 0; i < terms.size(); ++i) {
      if (!configured[i].asks_questions()) continue;
      plain.push_back(run.with_weights(i, weigh));
      terms[i].reward = plain.back().get();
    }
  }
  return {run.denoiser(),
          run.trained(),
          run.decoder(),
          std::move(terms),
          c,
          run.parts().noise,
          run.batches().of(rewards::Split::kTrain, {{prompt, 0}}, Purpose::kNoise),
          narrowest,
          plain,
          run.sigma_max()};
}

GradientSample check_flow(const CheckedFlow& c, const OnRow& on_row) {
  Adapters adapters(c.trained);
  const auto engine = engine_of(c);
  int64_t fresh = 0;
  for (const models::Component& network : c.denoiser.components()) {
    engine->parts().parking.begin(network.residence);  // its weights are looked at
    fresh += adapters.move_fresh(*network.root);
  }
  if (fresh > 0) {
    on_row({"adapters", Verdict::kNote, concat(fresh, " are fresh (B = 0)"),
            "their A has no gradient yet: for the checks B was moved by a hundredth of the layer's weights, "
            "and put back"});
  }
  const objectives::Outcome outcome = engine->objective().accumulate(c.batch, /*scale=*/1);
  const flow::Judgement& result = outcome.judgement;
  const double reward = result.rewards_B.sum().item<double>();
  GradientSample sample = adapters.sample(reward);
  for (const auto& [found, step_remedy] : engine->objective().step_warnings())
    on_row({"size of the steps", Verdict::kNote, found, step_remedy});
  const bool finite = std::isfinite(reward) && std::isfinite(outcome.norms.d_x0);
  on_row(
      {"reward", finite ? Verdict::kPass : Verdict::kFail,
       concat(number(reward), ", its gradient ",
              result.d_frames.defined() ? number(outcome.norms.d_frames) + " in the pixels, " : "",
              number(outcome.norms.d_x0), " in the clip"),
       finite ? "" : "a model gives numbers that are not finite: try a wider --dtype, or check its folder"});
  if (!finite) return sample;
  check_slopes(c, *engine, outcome, sample.gradients, on_row);
  check_reach(c, outcome, on_row);
  check_saturation(result, on_row);
  return sample;
}

GradientSample gradient_at(const CheckedFlow& c, const GradientSample& like) {
  Adapters adapters(c.trained);
  adapters.set(like.adapters);
  return adapters.sample(
      engine_of(c)->objective().accumulate(c.batch, 1).judgement.rewards_B.sum().item<double>());
}

void check_agreement(const GradientSample& own, const GradientSample& wide, at::ScalarType dtype,
                     const OnRow& on_row) {
  const bool half = dtype != at::kFloat;
  const double reward_limit = half ? 0.2 : 1e-3, cosine_limit = half ? 0.9 : 0.9999,
               ratio_limit = half ? 0.25 : 0.01;
  const char* remedy = half ? "the models' dtype keeps too little: set generator.dtype or critic.dtype to "
                              "float32 (to find out which, one at a time)"
                            : "rounding rules this gradient: train fewer steps (flow.K), or report it";
  const double change = std::abs(own.reward - wide.reward) / std::max(1.0, std::abs(wide.reward));
  const bool same_reward = change <= reward_limit;
  on_row({"dtype: the reward", same_reward ? Verdict::kPass : Verdict::kFail,
          concat(number(own.reward), " in ", name_of(dtype), ", ", number(wide.reward),
                 " in a wider one: off by ", number(change), ", at most ", number(reward_limit)),
          same_reward ? "" : remedy});
  double dot = 0, own_square = 0, wide_square = 0;
  for (size_t i = 0; i < own.gradients.size(); ++i) {
    dot += (own.gradients[i] * wide.gradients.at(i)).sum().item<double>();
    own_square += own.gradients[i].square().sum().item<double>();
    wide_square += wide.gradients[i].square().sum().item<double>();
  }
  const double cosine = dot / std::sqrt(own_square * wide_square),
               ratio = std::sqrt(own_square / wide_square);
  const bool same = cosine >= cosine_limit && std::abs(ratio - 1) <= ratio_limit;
  on_row({"dtype: the gradient", same ? Verdict::kPass : Verdict::kFail,
          concat("cosine ", number(cosine), ", at least ", cosine_limit, "; ratio of norms ", number(ratio),
                 ", 1 within ", ratio_limit),
          same ? "" : remedy});
}

}  // namespace drf::check
