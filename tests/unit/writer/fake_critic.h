#pragma once
// A critic by script.

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "drf/critic/critic.h"

namespace drf::writer {

/// Answers by the question and by the brightness of the clip: p(yes).
class FakeCritic : public critic::Critic {
 public:
  std::function<double(const std::string&, double)> p_yes;
  std::function<void()> before_ask;  ///< may throw
  int64_t asked = 0;

  critic::Answers ask(const at::Tensor& frames_BF3HW, double,
                      const std::vector<questions::QuestionList>& lists) override {
    EXPECT_EQ(frames_BF3HW.size(0), 1);
    if (before_ask) before_ask();
    std::vector<double> logprobs;
    for (const questions::Question& q : lists[0]) {
      const double yes = p_yes(q.text, frames_BF3HW.mean().item<double>());
      logprobs.push_back(std::log(q.answer == "No" ? 1 - yes : yes));
      ++asked;
    }
    critic::Answers answers;
    answers.logprobs = {at::tensor(logprobs, at::kDouble)};
    return answers;
  }
};

}  // namespace drf::writer
