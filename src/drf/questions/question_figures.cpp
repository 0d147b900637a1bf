#include "drf/questions/question_figures.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace drf::questions {
namespace {

constexpr double kZ = 1.959963984540054;  // the normal distribution's 97.5 % point

using Counts = std::vector<std::pair<int64_t, int64_t>>;

// What is assumed of clustering while few prompts show any: how alike two questions of one prompt are (their
// correlation; docs/questions.md says where .3 is from), worth two prompts.
constexpr double kCorrelation = 0.3, kWorth = 2;

double design_effect(const Counts& prompts, double p, double n) {
  double counted = 0, squares = 0, sizes = 0, with_hit = 0, with_miss = 0;
  for (const auto& [hits, of] : prompts) {
    if (of == 0) continue;
    ++counted;
    with_hit += hits > 0;
    with_miss += hits < of;
    squares += std::pow(static_cast<double>(hits) - p * static_cast<double>(of), 2);
    sizes += static_cast<double>(of) * static_cast<double>(of) / n;
  }
  if (counted == 1) return n;
  const double seen = p > 0 && p < 1 ? counted / (counted - 1) * squares / n / (p * (1 - p)) : 1;
  const double correlation = kCorrelation * kWorth / (kWorth + std::min(with_hit, with_miss));
  return std::max(seen, 1 + correlation * (sizes - 1));
}

}  // namespace

Share share_by_prompt(const Counts& prompts) {
  Share share;
  for (const auto& [hits, of] : prompts) {
    share.hits += hits;
    share.of += of;
  }
  if (share.of == 0) return share;
  const double p = share.value(), n = static_cast<double>(share.of);
  share.design_effect = design_effect(prompts, p, n);
  const double draws = n / share.design_effect, z2 = kZ * kZ / draws;
  const double middle = (p + z2 / 2) / (1 + z2);
  const double half = kZ * std::sqrt(p * (1 - p) / draws + z2 / (4 * draws)) / (1 + z2);
  // The formula gives these exactly, but for rounding.
  share.low = share.hits == 0 ? 0 : std::max(0.0, middle - half);
  share.high = share.hits == share.of ? 1 : std::min(1.0, middle + half);
  return share;
}

Figures figures_of(const JudgedFiles& files, const Marks& marks) {
  Figures figures;
  figures.sample = marks.sample;
  figures.verdicts.resize(std::size(kVerdicts));
  const size_t num_prompts = files.prompts.size();
  std::vector<bool> drawn(num_prompts, !marks.sample);
  if (marks.sample) {
    for (const int64_t prompt : sampled_prompts(*marks.sample)) drawn[static_cast<size_t>(prompt)] = true;
  }
  figures.prompts = std::count(drawn.begin(), drawn.end(), true);

  // Visits the questions of drawn prompts: (question, its mark or null).
  const auto each = [&](const std::function<void(const Question&, const Mark*)>& visit) {
    for (size_t i = 0; i < files.questions.size(); ++i) {
      const std::optional<Mark>& mark = marks.of_question[i];
      if (drawn[static_cast<size_t>(files.questions[i].prompt)])
        visit(files.questions[i], mark ? &*mark : nullptr);
    }
  };
  std::vector<int64_t> asked(num_prompts), questions(num_prompts), judged(num_prompts);
  bool any_fact = false;
  each([&](const Question& q, const Mark* mark) {
    const auto prompt = static_cast<size_t>(q.prompt);
    any_fact |= q.aspect == Aspect::kTA && q.kind == Kind::kYesNo;
    ++figures.questions;
    ++questions[prompt];
    if (!mark) return;
    ++figures.judged;
    ++judged[prompt];
    ++figures.verdicts[static_cast<size_t>(mark->verdict)];
    if (counts_as_fact(q, *mark)) ++asked[prompt];
  });

  const auto row = [&](const std::string& name, const std::function<bool(const Question&)>& belongs) {
    Counts all(num_prompts), yes(num_prompts), no(num_prompts), wrong;
    std::vector<int64_t> open(num_prompts), there(num_prompts);
    each([&](const Question& q, const Mark* mark) {
      const auto prompt = static_cast<size_t>(q.prompt);
      if (!belongs(q)) return;
      ++there[prompt];
      if (!mark) {
        ++open[prompt];
        return;
      }
      const auto count = [&](Counts& counts) {
        ++counts[prompt].second;
        counts[prompt].first += mark->verdict == Verdict::kValid;
      };
      count(all);
      if (q.kind == Kind::kYesNo) count(q.answer == "Yes" ? yes : no);
    });
    if (std::all_of(there.begin(), there.end(), [](int64_t n) { return n == 0; })) return;
    for (size_t i = 0; i < num_prompts; ++i)
      if (there[i] > 0 && open[i] == 0) wrong.emplace_back(all[i].first < all[i].second, 1);
    figures.rows.push_back(
        {name, share_by_prompt(all), share_by_prompt(yes), share_by_prompt(no), share_by_prompt(wrong)});
  };
  for (const Aspect aspect : {Aspect::kTA, Aspect::kPF, Aspect::kVQ})
    row(to_string(aspect), [&](const Question& q) { return q.aspect == aspect && q.kind == Kind::kYesNo; });
  row("all", [](const Question& q) { return q.kind == Kind::kYesNo; });
  row("dense", [](const Question& q) { return q.kind == Kind::kDense; });

  Counts facts;
  for (size_t i = 0; i < num_prompts; ++i) {
    if (!drawn[i] || judged[i] < questions[i]) continue;
    figures.judged_prompts += questions[i] > 0;
    if (!marks.of_prompt[i].whole) continue;
    ++figures.whole_prompts;
    facts.emplace_back(asked[i], asked[i] + static_cast<int64_t>(marks.of_prompt[i].facts.size()));
  }
  if (any_fact && figures.whole_prompts > 0) figures.recall = share_by_prompt(facts);
  return figures;
}

}  // namespace drf::questions
