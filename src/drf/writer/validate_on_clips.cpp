#include "drf/writer/validate_on_clips.h"

#include <algorithm>
#include <cmath>

#include "drf/base/progress.h"
#include "drf/writer/ask_critic.h"

namespace drf::writer {
namespace {

// Mean and variance of what was answered to one draft over its prompt's clips.
struct Spread {
  int64_t clips = 0;
  double sum = 0, squares = 0, twin_sum = 0, twin_squares = 0;
  void add(const Answered& p) {
    ++clips;
    sum += p.question, squares += p.question * p.question;
    twin_sum += p.twin, twin_squares += p.twin * p.twin;
  }
  double n() const { return static_cast<double>(clips); }
  double mean() const { return sum / n(); }
  double twin_mean() const { return twin_sum / n(); }
  double variance() const { return told(squares / n() - mean() * mean()); }
  double twin_variance() const { return told(twin_squares / n() - twin_mean() * twin_mean()); }
  static double told(double variance) { return variance > kLeastVariance ? variance : 0; }
};

// Of each draft; without clips where its prompt has none.
std::vector<Spread> ask_on_clips(const std::vector<Draft>& drafts, critic::Critic& critic,
                                 const ClipSource& clips, const std::string& what) {
  std::map<int64_t, std::vector<size_t>> of_prompt;
  for (size_t i = 0; i < drafts.size(); ++i) of_prompt[drafts[i].question.prompt].push_back(i);
  int64_t all = 0, done = 0;
  for (const auto& [prompt, files] : clips.files) all += static_cast<int64_t>(files.size());
  std::vector<Spread> spreads(drafts.size());
  if (all == 0) return spreads;
  Progress progress(what, all);
  for (const auto& [prompt, files] : clips.files) {
    std::vector<const Draft*> asked;
    for (const size_t i : of_prompt[prompt]) asked.push_back(&drafts[i]);
    for (const std::filesystem::path& file : files) {
      if (!asked.empty()) {
        const ClipSource::Clip clip = clips.read(file);
        const std::vector<Answered> answers = ask_critic(critic, clip.frames_F3HW, clip.fps, asked);
        for (size_t k = 0; k < answers.size(); ++k) spreads[of_prompt[prompt][k]].add(answers[k]);
      }
      progress.update(++done);
    }
  }
  return spreads;
}

// Four digits are more than some clips can tell, and a file that people read.
double rounded(double weight) { return std::round(1e4 * weight) / 1e4; }

}  // namespace

void check_on_clips(std::vector<Draft>& drafts, critic::Critic& critic, const ClipSource& clips,
                    Ledger& ledger) {
  const std::vector<Spread> spreads = ask_on_clips(drafts, critic, clips, "asking about real clips");
  size_t i = 0;
  drop_where(drafts, ledger, "calibration", [&](const Draft& draft) -> std::optional<Verdict> {
    const Spread& spread = spreads[i++];
    if (spread.clips == 0 || draft.question.kind == questions::Kind::kDense) return std::nullopt;
    std::map<std::string, double> numbers = {{"p_clips", spread.mean()}, {"clips", spread.n()}};
    if (!draft.twin.empty()) numbers["p_clips_twin"] = spread.twin_mean();
    if (spread.mean() > kCalibrated && (draft.twin.empty() || spread.twin_mean() > kCalibrated))
      return std::nullopt;
    return Verdict{"wrong on real clips", "", numbers};
  });
}

int64_t weigh_by_variance(std::vector<Draft>& drafts, critic::Critic& critic, const ClipSource& clips) {
  const std::vector<Spread> spreads =
      ask_on_clips(drafts, critic, clips, "asking about the base model's clips");
  std::map<std::pair<int64_t, questions::Aspect>, std::vector<size_t>> groups;
  std::map<int64_t, bool> untold;
  for (size_t i = 0; i < drafts.size(); ++i) {
    const questions::Question& q = drafts[i].question;
    if (spreads[i].clips < 2) {
      untold[q.prompt] = true;
    } else {
      groups[{q.prompt, q.aspect}].push_back(i);
    }
  }
  for (const auto& [key, members] : groups) {
    double before = 0, after = 0;
    for (const size_t i : members) {
      const bool twin = drafts[i].asks_twin();
      before += drafts[i].question.weight + (twin ? drafts[i].twin_weight : 0);
      after += drafts[i].question.weight * spreads[i].variance() +
               (twin ? drafts[i].twin_weight * spreads[i].twin_variance() : 0);
    }
    const double scale = after > 0 ? before / after : 0;
    if (scale <= 0) continue;
    for (const size_t i : members) {
      drafts[i].question.weight = rounded(drafts[i].question.weight * spreads[i].variance() * scale);
      if (drafts[i].asks_twin())
        drafts[i].twin_weight = rounded(drafts[i].twin_weight * spreads[i].twin_variance() * scale);
    }
  }
  return static_cast<int64_t>(untold.size());
}

}  // namespace drf::writer
