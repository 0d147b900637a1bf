#include "drf/cli/demo_verdict.h"

#include <map>

#include "drf/base/error.h"
#include "drf/train/clip_measures.h"
#include "drf/train/student.h"

namespace drf::cli {
namespace {

constexpr int64_t kEvalBatch = 24;
constexpr size_t kShownClips = 12;
constexpr size_t kLeastPrompts = 5;  // an interval of fewer is too wide to say anything
constexpr double kQuantile = 0.975;

Columns in_order(const std::map<std::string, train::MeanOf>& means, const std::vector<std::string>& columns) {
  Columns result;
  for (const std::string& name : columns) {
    const auto mean = means.find(name);
    if (mean != means.end()) result.emplace_back(name, mean->second.estimate().mean);
  }
  return result;
}

// Calls visit(column, clip, before, after) for each column of each clip.
template <typename Visit>
void each_mark(const Verdict& before, const Verdict& after, const Visit& visit) {
  DRF_CHECK(before.prompts == after.prompts);
  for (size_t i = 0; i < before.marks.size(); ++i) {
    DRF_CHECK(before.marks[i].size() == after.marks[i].size());
    for (size_t c = 0; c < before.marks[i].size(); ++c)
      visit(before.marks[i][c].first, i, before.marks[i][c].second, after.marks[i][c].second);
  }
}

}  // namespace

Columns Verdict::means() const {
  std::map<std::string, train::MeanOf> sums;
  for (const Columns& clip : marks) {
    for (const auto& [name, value] : clip) sums[name].add(value);
  }
  return in_order(sums, columns);
}

Verdict judge(const ClipWorld& world, run::Run& run, nn::TrainableSet::Take take) {
  Verdict verdict;
  verdict.columns = world.columns;
  train::ClipRecord record;
  const auto& prompts = run.prompts().held_out.prompts;
  verdict.evaluation =
      train::evaluate(run, take, world.draws, kEvalBatch,
                      [&](const std::vector<int64_t>& indices, const at::Tensor& frames_BF3HW) {
                        record.add(indices, frames_BF3HW);
                        for (size_t b = 0; b < indices.size(); ++b) {
                          const at::Tensor clip = frames_BF3HW[static_cast<int64_t>(b)];
                          verdict.marks.push_back(world.mark(prompts[static_cast<size_t>(indices[b])], clip));
                          verdict.prompts.push_back(indices[b]);
                          if (verdict.shown.size() < kShownClips) verdict.shown.push_back(clip);
                        }
                      });
  train::MeanOf diversity;
  const auto values = record.values();
  for (const std::vector<double>& of_prompt : values.at("diversity")) {
    train::MeanOf pairs;
    for (const double distance : of_prompt) pairs.add(distance);
    diversity.add(pairs.estimate().mean);
  }
  verdict.diversity = diversity.estimate().mean;
  return verdict;
}

Columns interval_of_change(const Verdict& before, const Verdict& after) {
  std::map<std::string, std::map<int64_t, train::MeanOf>> changes;
  each_mark(before, after, [&](const std::string& column, size_t clip, double one, double other) {
    changes[column][before.prompts[clip]].add(other - one);
  });
  Columns result;
  for (const std::string& column : before.columns) {
    const auto& of_prompts = changes[column];
    if (of_prompts.size() < kLeastPrompts) continue;
    train::MeanOf all;
    for (const auto& [prompt, change] : of_prompts) all.add(change.estimate().mean);
    result.emplace_back(column,
                        train::student_quantile(kQuantile, static_cast<int64_t>(of_prompts.size()) - 1) *
                            all.estimate().error);
  }
  return result;
}

Columns made_wrong(const Verdict& before, const Verdict& after) {
  std::map<std::string, train::MeanOf> shares;
  each_mark(before, after, [&](const std::string& column, size_t, double one, double other) {
    shares[column].add(one == 1 && other < 1 ? 1 : 0);
  });
  return in_order(shares, before.columns);
}

}  // namespace drf::cli
