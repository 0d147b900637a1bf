#include "drf/rewards/surrogate_reward.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "drf/base/error.h"
#include "drf/base/interrupt.h"
#include "drf/base/log.h"
#include "drf/base/progress.h"
#include "drf/tensor/dry_run.h"

namespace drf::rewards {
namespace {

constexpr int64_t kPairs = 64;  // a step
constexpr double kLearningRate = 1e-3, kRunning = 0.99, kBound = 3;
constexpr int64_t kHeldOutOf = 5;                       // groups before the start: one is not learnt from
constexpr size_t kRecent = 128, kEnough = 32;           // pairs that rank_accuracy speaks of
constexpr int64_t kMostActivations = int64_t{1} << 25;  // elements of the first layer's output at a time

/// Clips that run through the network together, so that their activations stay small whatever their size.
size_t clips_at_a_time(at::IntArrayRef latents_CTHW) {
  const int64_t clip = 32 * latents_CTHW[1] * latents_CTHW[2] * latents_CTHW[3];
  return static_cast<size_t>(std::max<int64_t>(2, kMostActivations / clip));
}

/// Weights are constants but while the network learns: pulling its reward leaves nothing in their .grad.
class Learning {
 public:
  explicit Learning(const SurrogateNetwork& network) : network_(network) { set(true); }
  ~Learning() { set(false); }
  Learning(const Learning&) = delete;
  Learning& operator=(const Learning&) = delete;

 private:
  void set(bool on) {
    for (const auto& [name, leaf] : network_.parameters()) {
      leaf.mutable_grad() = at::Tensor();
      leaf.set_requires_grad(on);
    }
  }
  const SurrogateNetwork& network_;
};

std::vector<double> numbers_of(const at::Tensor& values) {
  const at::Tensor plain = values.detach().to(at::kCPU, at::kDouble).contiguous();
  return {plain.data_ptr<double>(), plain.data_ptr<double>() + plain.numel()};
}

}  // namespace

at::Tensor mean_states(const models::Condition& condition) {
  std::vector<at::Tensor> means;
  for (const auto& [name, states] : condition.tensors) {
    if (states.defined())
      means.push_back(states.to(at::kFloat).reshape({-1, states.size(states.dim() - 1)}).mean(0));
  }
  return means.empty() ? at::zeros({0}) : at::cat(means);
}

SurrogateReward::SurrogateReward(SurrogateOptions options)
    : options_(std::move(options)), replay_(options_.buffer), held_out_(options_.start_clips) {}

const SurrogateNetwork& SurrogateReward::network(int64_t text_width) {
  if (!network_) {
    network_ = std::make_unique<SurrogateNetwork>(
        SurrogateShape{options_.latents_CTHW.at(0), options_.latents_CTHW.at(1), text_width},
        options_.seed ^ hash_text(options_.name), options_.tensors);
    optimizer_ = std::make_unique<nn::AdamW>(network_->parameters(), nn::AdamWOptions{});
  }
  return *network_;
}

at::Tensor SurrogateReward::score_of(const at::Tensor& latents_BCTHW, const at::Tensor& text_BE) {
  return network(text_BE.size(1)).score(latents_BCTHW, text_BE);
}

at::Tensor SurrogateReward::texts_of(const std::vector<Sample>& samples) {
  std::vector<at::Tensor> rows;
  for (const Sample& sample : samples) {
    at::Tensor& text = texts_[sample.text];
    if (!text.defined()) text = options_.text_of(sample.text);
    rows.push_back(text);
  }
  return at::stack(rows).to(options_.tensors.device());
}

Score SurrogateReward::score(const at::Tensor& latents_BCTHW, const std::vector<Sample>& samples) {
  const at::Tensor s_B = score_of(latents_BCTHW, texts_of(samples));
  Score score;
  // Not clamp() alone: its backward has no form on the meta device.
  const at::Tensor free_B = (s_B - mean_) / std::sqrt(variance_);
  score.total_B = at::where(free_B.abs().lt(kBound), free_B, free_B.detach().clamp(-kBound, kBound));
  score.tensors["s"] = s_B.detach().unbind(0);
  score.parts.resize(samples.size());
  score.facts.resize(samples.size());
  score.flops = network_->flops(latents_BCTHW.sizes());
  return score;
}

void SurrogateReward::learn(const std::vector<Judgement>& seen) {
  if (options_.tensors.device().is_meta()) return walk();
  const at::NoGradGuard no_graph;
  std::vector<Ranked> fresh;  // with the teacher's values
  std::vector<double> ranked;
  std::vector<std::pair<at::Tensor, at::Tensor>> clips;
  std::vector<double> trained_on;
  for (const Judgement& judgement : seen) {
    if (const auto own = judgement.by_name.find(options_.name); own != judgement.by_name.end()) {
      for (const at::Tensor& s : own->second.tensors.at("s")) trained_on.push_back(s.item<double>());
    }
    const auto taught = judgement.by_name.find(options_.teacher);
    if (taught == judgement.by_name.end()) continue;
    const std::vector<double> values = numbers_of(taught->second.total_B);
    const at::Tensor texts = texts_of(judgement.samples);
    const std::vector<double> s = numbers_of(score_of(judgement.x0, texts));
    for (size_t b = 0; b < values.size(); ++b) {
      const Sample& sample = judgement.samples[b];
      const int64_t row = static_cast<int64_t>(b);
      if (!std::isfinite(values[b]) || !std::isfinite(s[b])) continue;
      if (!judgement.x0[row].to(at::kHalf).isfinite().all().item<bool>()) continue;  // as it would be kept
      if (!has_learnt()) {
        if (clips_seen_ + row >= options_.start_clips) continue;  // another wants more
        const int64_t group = sample.draw / kClipsAPrompt;
        if (group % kHeldOutOf == kHeldOutOf - 1) {
          held_out_.add(judgement.x0[row], texts[row], {group, values[b]});
          continue;
        }
      }
      fresh.push_back({sample.prompt, values[b]});
      ranked.push_back(s[b]);
      clips.emplace_back(judgement.x0[row], texts[row]);
    }
    if (!has_learnt()) clips_seen_ += static_cast<int64_t>(values.size());
  }
  if (has_learnt()) examine(fresh, ranked);  // before anything is learnt from them
  for (size_t i = 0; i < fresh.size(); ++i) replay_.add(clips[i].first, clips[i].second, fresh[i]);
  if (!has_learnt()) return;
  if (!fresh.empty())
    for (int64_t i = 0; i < options_.learn_steps; ++i) step(/*half_recent=*/true);
  if (trained_on.empty()) return;
  double sum = 0, squares = 0;
  const auto count = static_cast<double>(trained_on.size());
  for (const double s : trained_on) sum += s;
  mean_ = kRunning * mean_ + (1 - kRunning) * sum / count;
  for (const double s : trained_on) squares += (s - mean_) * (s - mean_);
  variance_ = kRunning * variance_ + (1 - kRunning) * squares / count;
}

void SurrogateReward::start() {
  if (has_learnt()) return;
  if (options_.tensors.device().is_meta()) return walk();
  Progress progress(options_.name + " learns from " + options_.teacher,
                    std::max<int64_t>(1, options_.start_steps), steps_);
  while (steps_ < options_.start_steps) {
    stop_if_interrupted();
    step(/*half_recent=*/false);
    progress.update(steps_);
  }
  const auto [right, pairs] = examine(held_out_.ranked(), scores_of(held_out_));
  const double share = pairs > 0 ? static_cast<double>(right) / static_cast<double>(pairs) : 0;
  const std::string found = concat(right, " of ", pairs, " held-out pairs as ", options_.teacher, " does");
  if (options_.start_accuracy > 0 && (pairs == 0 || share < options_.start_accuracy)) {
    fail(
        ErrorKind::kNumerics, options_.name, ": having learnt from ", replay_.size(), " clips it ranks ",
        found, ", wanted a share of ", options_.start_accuracy,
        " (start_accuracy): training would climb something else. More start_clips or start_steps may help; a "
        "teacher that has a gradient can be trained on itself");
  }
  const std::vector<double> s = scores_of(replay_);
  double sum = 0, squares = 0;
  for (const double value : s) sum += value;
  mean_ = sum / static_cast<double>(s.size());
  for (const double value : s) squares += (value - mean_) * (value - mean_);
  variance_ = std::max(squares / static_cast<double>(s.size()), 1e-12);
  held_out_ = Replay(0);
  recent_.clear();  // from here on it is of fresh clips
  started_ = 1;
  log_info("reward", options_.name, " ranks ", found, ", having learnt from ", replay_.size(), " clips");
}

std::vector<double> SurrogateReward::scores_of(const Replay& replay) {
  const at::NoGradGuard no_graph;
  std::vector<double> all;
  const size_t most = clips_at_a_time(options_.latents_CTHW);
  for (size_t begin = 0; begin < replay.size(); begin += most) {
    std::vector<size_t> positions;
    for (size_t i = begin; i < std::min(replay.size(), begin + most); ++i) positions.push_back(i);
    const Replay::Batch batch = replay.at(positions, options_.tensors.device());
    for (const double s : numbers_of(score_of(batch.latents_BCTHW, batch.text_BE))) all.push_back(s);
  }
  return all;
}

std::pair<int64_t, int64_t> SurrogateReward::examine(const std::vector<Ranked>& clips,
                                                     const std::vector<double>& s) {
  int64_t right = 0, count = 0;
  for (const Pair& pair : all_pairs(clips, gap())) {
    const bool ranked_right = s[pair.winner] > s[pair.loser];
    right += ranked_right ? 1 : 0;
    ++count;
    if (recent_.size() == kRecent) recent_.erase(recent_.begin());
    recent_.push_back(ranked_right ? 1 : 0);
  }
  return {right, count};
}

void SurrogateReward::step(bool half_recent) {
  RandomStream stream(
      {options_.seed ^ hash_text(options_.name), Purpose::kSurrogatePairs, 0, static_cast<uint32_t>(steps_)});
  ++steps_;
  const PairDraw draw(replay_.ranked(), gap());
  std::vector<size_t> winners, losers;
  for (int64_t i = 0; i < kPairs; ++i) {
    if (const auto pair = draw.draw(stream, half_recent && i % 2 == 0)) {
      winners.push_back(pair->winner);
      losers.push_back(pair->loser);
    }
  }
  if (winners.empty()) return;  // no two clips that the teacher tells apart
  const at::AutoGradMode with_graph(true);
  const Learning learning(network(replay_.text_width()));
  const size_t most = clips_at_a_time(options_.latents_CTHW) / 2;
  pair_loss_ = 0;
  for (size_t begin = 0; begin < winners.size(); begin += most) {
    const size_t end = std::min(winners.size(), begin + most);
    const auto part = [&](const std::vector<size_t>& all) {
      return replay_.at({all.begin() + static_cast<int64_t>(begin), all.begin() + static_cast<int64_t>(end)},
                        options_.tensors.device());
    };
    const at::Tensor loss = loss_of(part(winners), part(losers)) *
                            (static_cast<double>(end - begin) / static_cast<double>(winners.size()));
    loss.backward();
    pair_loss_ += loss.item<double>();
  }
  if (std::isfinite(pair_loss_)) optimizer_->step(kLearningRate);
}

at::Tensor SurrogateReward::loss_of(const Replay::Batch& winners, const Replay::Batch& losers) {
  const at::Tensor s = score_of(at::cat({winners.latents_BCTHW, losers.latents_BCTHW}),
                                at::cat({winners.text_BE, losers.text_BE}));
  const std::vector<at::Tensor> halves = s.chunk(2);
  return pair_loss(halves[0], halves[1]);
}

void SurrogateReward::walk() {
  if (!network_) return;  // nothing was scored: there is nothing to learn for
  const at::TensorOptions meta = options_.tensors.dtype(at::kHalf);
  const auto clips = [&](int64_t count) {
    std::vector<int64_t> sizes = options_.latents_CTHW;
    sizes.insert(sizes.begin(), count);
    return at::empty(sizes, meta);
  };
  if (!walked_replay_.defined() && stands_for_cpu(clips(1))) walked_replay_ = clips(options_.buffer);
  const int64_t pairs = std::min(kPairs, static_cast<int64_t>(clips_at_a_time(options_.latents_CTHW) / 2));
  const Replay::Batch batch{clips(pairs), at::empty({pairs, network_->shape().text}, meta.dtype(at::kFloat))};
  const at::AutoGradMode with_graph(true);
  const Learning learning(*network_);
  loss_of(batch, batch).backward();  // the optimiser's step is in place, and has no form on this device
}

std::map<std::string, double> SurrogateReward::figures() const {
  std::map<std::string, double> figures;
  if (!has_learnt()) return figures;
  figures["pair_loss"] = pair_loss_;
  if (recent_.size() >= kEnough) {
    double right = 0;
    for (const double one : recent_) right += one;
    figures["rank_accuracy"] = right / static_cast<double>(recent_.size());
  }
  return figures;
}

std::map<std::string, double> SurrogateReward::figures_of(const std::vector<Judgement>& seen) const {
  std::vector<Ranked> clips;
  std::vector<double> s;
  for (const Judgement& judgement : seen) {
    const auto own = judgement.by_name.find(options_.name), taught = judgement.by_name.find(options_.teacher);
    if (own == judgement.by_name.end() || taught == judgement.by_name.end()) continue;
    const std::vector<double> values = numbers_of(taught->second.total_B);
    for (size_t b = 0; b < values.size(); ++b) {
      clips.push_back({judgement.samples[b].prompt, values[b]});
      s.push_back(own->second.tensors.at("s")[b].item<double>());
    }
  }
  const std::vector<Pair> pairs = all_pairs(clips, gap());
  if (pairs.empty()) return {};
  const auto right = std::count_if(pairs.begin(), pairs.end(),
                                   [&](const Pair& pair) { return s[pair.winner] > s[pair.loser]; });
  return {{"rank_accuracy", static_cast<double>(right) / static_cast<double>(pairs.size())}};
}

void SurrogateReward::state(StateVisitor& v) {
  const std::string at = options_.name + ".";
  v(at + "started", started_);
  if (!has_learnt()) return;
  int64_t text_width = network_ ? network_->shape().text : 0;
  v(at + "text_width", text_width);
  v(at + "steps", steps_);
  std::vector<double> scale{mean_, variance_, pair_loss_};
  v(at + "scale", scale);
  if (v.reads()) {
    if (scale.size() != 3 || !(scale[1] > 0))
      v.reject(at + "scale", "is damaged, wanted a mean, a variance above 0 and a loss");
    if (text_width < 0 || text_width > (1 << 16)) v.reject(at + "text_width", "is no width of text states");
    if (network_ && network_->shape().text != text_width)
      network_.reset();  // of a checkpoint that was damaged
  }
  mean_ = scale[0], variance_ = scale[1], pair_loss_ = scale[2];
  v(at + "recent", recent_);
  for (const auto& [name, leaf] : network(text_width).parameters()) {
    at::Tensor values = leaf;
    v(name, values);
  }
  optimizer_->state(v);
  replay_.state(v, at, {options_.latents_CTHW, text_width});
}

}  // namespace drf::rewards
