#pragma once
// What a validation measures, prompt by prompt: two validations are of the same prompts and noise, so their
// difference is known far better than either.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "drf/train/mean_of.h"

namespace drf::train {

/// By measure, a key of metrics.jsonl at validations: the mean over each prompt's clips, prompts in the order
/// of their indices. A prompt without a value (it has no such question) is left out.
using PromptMeans = std::map<std::string, std::vector<double>>;

inline double mean_over_prompts(const std::vector<double>& values) {
  MeanOf mean;
  for (const double value : values) mean.add(value);
  return mean.estimate().mean;
}

class PromptRecord {
 public:
  void add(const std::string& measure, int64_t prompt, double value) { all_[measure][prompt].add(value); }
  PromptMeans means() const {
    PromptMeans means;
    for (const auto& [measure, prompts] : all_)
      for (const auto& [prompt, mean] : prompts) means[measure].push_back(mean.estimate().mean);
    return means;
  }

 private:
  std::map<std::string, std::map<int64_t, MeanOf>> all_;
};

}  // namespace drf::train
