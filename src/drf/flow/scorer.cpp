#include "drf/flow/scorer.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <utility>

#include "drf/base/error.h"
#include "drf/media/layout.h"

namespace drf::flow {

namespace {
/// Share of values outside [0, 1]; frame by frame, since a clip's worth of temporaries would count here.
double saturation(const at::Tensor& frames_BF3HW) {
  at::Tensor outside = at::zeros({}, frames_BF3HW.options().dtype(at::kDouble));
  for (const at::Tensor& frame : frames_BF3HW.unbind(1)) {
    outside += frame.lt(0).logical_or_(frame.gt(1)).to(at::kDouble).sum();
  }
  return outside.item<double>() / static_cast<double>(frames_BF3HW.numel());
}

/// c * mean of (distance from [0, 1])^2, and minus its gradient times each clip's weight added to d_frames: a
/// penalty. Frame by frame, as above. Returns its mean over clips.
double penalise_out_of_range(const at::Tensor& frames_BF3HW, double c, const at::Tensor& weight_B,
                             at::Tensor& d_frames) {
  const auto clips = static_cast<double>(frames_BF3HW.size(0));
  const double values = static_cast<double>(frames_BF3HW.numel()) / clips;
  at::Tensor sum = at::zeros({}, frames_BF3HW.options().dtype(at::kDouble));
  for (int64_t f = 0; f < frames_BF3HW.size(1); ++f) {
    const at::Tensor frame = frames_BF3HW.select(1, f), off = frame - frame.clamp(0, 1);
    sum += off.square().sum(at::kDouble);
    for (int64_t b = 0; b < off.size(0); ++b)
      d_frames[b][f].sub_(off[b], 2 * c * weight_B[b].item<double>() / values);
  }
  return c * sum.item<double>() / values / clips;
}

bool sees_frames(const std::vector<Term>& terms) {
  return std::any_of(terms.begin(), terms.end(), [](const Term& term) { return term.reward->sees_frames(); });
}

bool has_views(const std::vector<rewards::Sample>& samples) {
  return std::any_of(samples.begin(), samples.end(), [](const auto& sample) { return sample.view >= 0; });
}

nn::Residence* first_network(const std::vector<Term>& terms) {
  for (const Term& term : terms)
    if (nn::Residence* network = term.reward->residence()) return network;
  return nullptr;
}
}  // namespace

Scorer::Scorer(models::Decoder* decoder, std::vector<Term> terms, const ScorerOptions& options,
               const Parking& parking)
    : decoder_(decoder), terms_(std::move(terms)), options_(options), parking_(parking) {
  DRF_CHECK(decoder_ || !needs_frames(/*all_roles=*/true), "a reward sees frames, but nothing decodes them");
}

bool Scorer::needs_frames(bool all_roles) const {
  return sees_frames(all_roles ? terms_ : with(Role::kTrains));
}

std::vector<Term> Scorer::with(Role role) const {
  std::vector<Term> terms = terms_;
  std::erase_if(terms, [&](const Term& term) { return term.role != role; });
  return terms;
}

at::Tensor Scorer::sum(const Judgement& judgement, bool by_teachers) const {
  at::Tensor sum;
  for (const Term& term : with(Role::kTrains)) {
    const rewards::Learner* learner = by_teachers ? term.reward->learner() : nullptr;
    const at::Tensor& total = judgement.by_name.at(learner ? learner->teacher() : term.name).total_B;
    const at::Tensor own = term.weight == 1 ? total : total * term.weight;
    sum = sum.defined() ? sum + own : own;
  }
  return sum;
}

Judgement Scorer::score(const at::Tensor& x0, const std::vector<rewards::Sample>& samples, Pixels pixels,
                        StageClock& clock) const {
  return score_by(terms_, x0, samples, pixels, clock);
}

Judgement Scorer::values(const at::Tensor& x0, const std::vector<rewards::Sample>& samples,
                         StageClock& clock) const {
  const Pixels pixels =
      x0.is_meta() ? Pixels::kAsTheyAre : Pixels::kAsShown;  // a dry run has no numbers to round
  return score_by(with(Role::kTrains), x0, samples, pixels, clock);
}

Judgement Scorer::score_by(const std::vector<Term>& terms, const at::Tensor& x0,
                           const std::vector<rewards::Sample>& samples, Pixels pixels,
                           StageClock& clock) const {
  const at::NoGradGuard no_graph;
  const std::vector<rewards::Sample> as_they_are = without_views(samples);
  Judgement judgement{samples};
  judgement.x0 = x0;
  if (sees_frames(terms)) {
    parking_.begin(nullptr, clock, first_network(terms));
    judgement.frames_BF3HW = decoder_->decode(x0, nn::Graph::kNone);
    clock.count(decoder_->flops(x0.sizes()), /*pulled=*/false);
    judgement.saturation = saturation(judgement.frames_BF3HW);
    if (pixels == Pixels::kAsShown) judgement.frames_BF3HW = media::as_shown(judgement.frames_BF3HW);
    clock.lap("decode");
  }
  for (const Term& term : terms) {
    if (const rewards::Learner* learner = term.reward->learner(); learner && !learner->has_learnt()) continue;
    parking_.begin(term.reward->residence(), clock);
    rewards::Score score =
        term.reward->score(term.reward->sees_frames() ? judgement.frames_BF3HW : x0, as_they_are);
    clock.count(score.flops, /*pulled=*/false);
    judgement.by_name.emplace(term.name, std::move(score));
    clock.lap("critic");
  }
  judgement.rewards_B = sum(judgement, /*by_teachers=*/true);
  return judgement;
}

Judgement Scorer::pull(const at::Tensor& x0, const std::vector<rewards::Sample>& samples,
                       const at::Tensor& weight_B, nn::Residence* next, StageClock& clock) {
  Judgement judgement{samples};
  judgement.x0 = x0;
  // A decoder that recomputes keeps little of its own accord, and need not decode a third time.
  const Recompute kept = options_.recompute == Recompute::kBlock ? Recompute::kNone : options_.recompute;
  Stage decode(
      [&](const Stage::Tensors& in, nn::Graph graph) -> Stage::Tensors {
        clock.count(decoder_->flops(in[0].sizes()), /*pulled=*/true);
        return {decoder_->decode(in[0], graph)};
      },
      kept, &clock);
  if (needs_frames(/*all_roles=*/false)) {
    parking_.begin(nullptr, clock, first_network(with(Role::kTrains)));
    judgement.frames_BF3HW = decode.forward({x0})[0];
    judgement.saturation = saturation(judgement.frames_BF3HW);
    clock.lap("decode");
  }
  // Gives the gradient in what the reward sees; `told`: and what it says of it.
  const auto pull_term = [&](const Term& term, const at::Tensor& seen, bool told) {
    parking_.begin(term.reward->residence(), clock);
    rewards::Score score;
    Stage stage(
        [&](const Stage::Tensors& in, nn::Graph) -> Stage::Tensors {
          const bool on_frames = term.reward->sees_frames();
          score = term.reward->score(on_frames ? jittered(in[0], samples, options_.jitter) : in[0], samples);
          clock.count(score.flops, /*pulled=*/true);
          return {score.total_B};
        },
        Recompute::kNone, &clock);
    stage.forward({seen});
    const double steepness = score.steepness;
    score.total_B = score.total_B.detach();
    if (told) judgement.by_name.emplace(term.name, std::move(score));
    clock.lap("critic");
    const at::Tensor grad = term.weight == 1 ? weight_B : weight_B * term.weight;
    // A reward that counts nothing of these samples passes nothing.
    at::Tensor own =
        stage.passes_gradient(0) ? stage.pull({grad}, HalfTypes{{}, steepness})[0] : at::zeros_like(seen);
    clock.lap("pull_critic");
    return own;
  };
  const auto add = [](at::Tensor& sum, const at::Tensor& own) { sum = sum.defined() ? sum + own : own; };
  at::Tensor d_latents;
  for (const Term& term : with(Role::kTrains)) {
    const bool on_frames = term.reward->sees_frames();
    add(on_frames ? judgement.d_frames : d_latents,
        pull_term(term, on_frames ? judgement.frames_BF3HW : x0, /*told=*/true));
  }
  if (needs_frames(/*all_roles=*/false)) {
    if (options_.pixels > 0 && has_views(samples)) {
      const at::Tensor moved = moved_down(judgement.frames_BF3HW, std::exchange(judgement.d_frames, {}),
                                          weight_B, samples, options_.pixels);
      for (const Term& term : with(Role::kTrains))
        if (term.reward->sees_frames()) add(judgement.d_frames, pull_term(term, moved, /*told=*/false));
    }
    if (options_.out_of_range > 0) {
      const at::NoGradGuard no_graph;
      judgement.out_of_range =
          penalise_out_of_range(judgement.frames_BF3HW, options_.out_of_range, weight_B, judgement.d_frames);
      clock.lap("pull_critic");
    }
    parking_.begin(nullptr, clock, next);
    judgement.d_x0 = decode.pull({judgement.d_frames})[0];
    clock.lap("pull_decode");
  }
  if (d_latents.defined()) judgement.d_x0 = judgement.d_x0.defined() ? judgement.d_x0 + d_latents : d_latents;
  judgement.rewards_B = sum(judgement, /*by_teachers=*/false);
  if (!learners().empty()) seen_.push_back({samples, judgement.by_name});
  return judgement;
}

std::vector<rewards::Learner*> Scorer::learners() const {
  std::vector<rewards::Learner*> all;
  for (const Term& term : terms_)
    if (rewards::Learner* learner = term.reward->learner()) all.push_back(learner);
  return all;
}

Judgement Scorer::observe(const at::Tensor& x0, const std::vector<rewards::Sample>& samples,
                          StageClock& clock) {
  const at::NoGradGuard no_graph;
  const std::vector<Term> teachers = with(Role::kTeaches);
  Judgement judgement{samples};
  judgement.x0 = x0;
  at::Tensor frames;
  if (sees_frames(teachers)) {
    parking_.begin(nullptr, clock, first_network(teachers));
    frames = decoder_->decode(x0, nn::Graph::kNone);
    if (!frames.is_meta()) frames = media::as_shown(frames);  // a dry run has no numbers to round
    clock.count(decoder_->flops(x0.sizes()), /*pulled=*/false);
  }
  for (const Term& term : teachers) {
    parking_.begin(term.reward->residence(), clock);
    rewards::Score score =
        term.reward->score(term.reward->sees_frames() ? frames : x0, without_views(samples));
    clock.count(score.flops, /*pulled=*/false);
    judgement.by_name.emplace(term.name, std::move(score));
  }
  clock.lap("learn");
  seen_.push_back(judgement);
  return judgement;
}

void Scorer::commit() {
  for (rewards::Learner* learner : learners()) learner->learn(seen_);
  forget();
}

std::map<std::string, double> Scorer::figures(const std::vector<Judgement>* clips) const {
  std::map<std::string, double> all;
  for (const Term& term : terms_) {
    const rewards::Learner* learner = term.reward->learner();
    if (!learner) continue;
    for (const auto& [name, value] : clips ? learner->figures_of(*clips) : learner->figures())
      all[name + "/" + term.name] = value;
  }
  return all;
}

void Scorer::state(StateVisitor& v) {
  for (size_t i = 0; i < terms_.size(); ++i) {
    rewards::Learner* learner = terms_[i].reward->learner();
    if (!learner) continue;
    v.file(concat("reward-", i));
    learner->state(v);
  }
}

double Scorer::sum_of_frames(const at::Tensor& x0, const at::Tensor& frames_BF3HW,
                             const std::vector<rewards::Sample>& samples) const {
  const at::NoGradGuard no_graph;
  double sum = 0;
  for (const Term& term : with(Role::kTrains)) {
    parking_.begin(term.reward->residence());
    const at::Tensor total =
        term.reward->score(term.reward->sees_frames() ? frames_BF3HW : x0, samples).total_B;
    sum += term.weight * total.to(at::kDouble).sum().item<double>();
  }
  if (options_.out_of_range > 0 && frames_BF3HW.defined()) {  // part of what the gradient is of
    const at::Tensor off = (frames_BF3HW - frames_BF3HW.clamp(0, 1)).to(at::kDouble);
    sum -= options_.out_of_range * off.square().mean().item<double>() *
           static_cast<double>(frames_BF3HW.size(0));
  }
  return sum;
}

double Scorer::sum_of(const at::Tensor& x0, const std::vector<rewards::Sample>& samples) const {
  const at::NoGradGuard no_graph;
  if (!needs_frames(/*all_roles=*/false)) return sum_of_frames(x0, {}, samples);
  parking_.begin(nullptr);
  return sum_of_frames(x0, decoder_->decode(x0, nn::Graph::kNone), samples);
}

}  // namespace drf::flow
