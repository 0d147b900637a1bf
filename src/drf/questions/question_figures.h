#pragma once
// How good the questions of a file are, by a person's marks: how many are valid, how many of the stated facts
// they ask, each with the interval in which it lies for prompts of the same kind.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "drf/questions/question_marks.h"

namespace drf::questions {

/// A share with its 95 % interval. The questions of one prompt are right or wrong together (one phrase read
/// wrongly makes several wrong ones), so that n of them say as much as n / design_effect independent ones.
struct Share {
  int64_t hits = 0, of = 0;
  double low = 0, high = 1;  ///< 0 and 1 where `of` is 0
  double design_effect = 1;  ///< >= 1
  double value() const { return of > 0 ? static_cast<double>(hits) / static_cast<double>(of) : 0; }
};

/// The share of all prompts together, of each one's (hits, of): Wilson's interval at n / design_effect. The
/// design effect is the variance of the ratio between prompts, m / (m - 1) sum (hits - p of)^2 / n^2, over
/// that of n independent draws, p (1 - p) / n. Few prompts with a miss show it badly, and none not at all, so
/// it is at least 1 + r (sum of^2 / n - 1) with r = .3 * 2 / (2 + b), where b prompts have a miss (or a hit,
/// if those are fewer). It is n where there is one prompt alone. Prompts with `of` = 0 do not count.
Share share_by_prompt(const std::vector<std::pair<int64_t, int64_t>>& prompts);

struct Figures {
  std::optional<PromptSample> sample;
  int64_t prompts = 0, questions = 0;  ///< to be judged
  int64_t judged = 0;                  ///< questions with a mark
  int64_t judged_prompts = 0;          ///< prompts each of whose questions has one
  struct Row {
    std::string name;          ///< "TA", "PF", "VQ": yes/no questions; "all": those together; "dense"
    Share all, yes, no;        ///< valid ones of the judged; by target, which dense ones do not have
    Share prompts_with_wrong;  ///< of the prompts whose questions of this row are all judged
  };
  std::vector<Row> rows;          ///< those that have a question
  std::optional<Share> recall;    ///< facts asked of facts stated, in whole prompts (question_marks.h)
  int64_t whole_prompts = 0;      ///< judged prompts whose missed facts are said to be all
  std::vector<int64_t> verdicts;  ///< by kVerdicts, of all kinds of questions
};

/// No recall where no yes/no question of text alignment was asked or no prompt is whole.
Figures figures_of(const JudgedFiles& files, const Marks& marks);

}  // namespace drf::questions
