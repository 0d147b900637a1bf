// How two models differ in an oracle's verdict: means over the clips that have a column, an interval in which
// a prompt counts once, and what was right and is not any more.

#include "drf/cli/demo_verdict.h"

#include <gtest/gtest.h>

#include <cmath>

namespace drf::cli {
namespace {

// Two clips of each prompt, the draws one after the other; only odd prompts have a relation.
Verdict verdict(const std::vector<double>& color, double relation) {
  Verdict v;
  v.columns = {"color", "relation", "bg"};
  const int64_t prompts = static_cast<int64_t>(color.size()) / 2;
  for (size_t i = 0; i < color.size(); ++i) {
    const int64_t prompt = static_cast<int64_t>(i) % prompts;
    Columns marks = {{"color", color[i]}};
    if (prompt % 2 == 1) marks.emplace_back("relation", relation);
    marks.emplace_back("bg", 1);
    v.marks.push_back(marks);
    v.prompts.push_back(prompt);
  }
  return v;
}

double of(const Columns& columns, const std::string& name) {
  for (const auto& [column, value] : columns)
    if (column == name) return value;
  return std::nan("");
}

const std::vector<double> kBefore = {1, 1, 0, 0, 1, 0, /**/ 1, 0, 0, 0, 1, 0.5};
const std::vector<double> kAfter = {1, 0, 1, 1, 1, 1, /**/ 1, 1, 1, 0, 0.5, 1};

TEST(DemoVerdict, MeansAreOverTheClipsThatHaveAColumn) {
  const Columns means = verdict(kBefore, 0.25).means();
  ASSERT_EQ(means.size(), 3u);
  EXPECT_EQ(means[1].first, "relation");
  EXPECT_DOUBLE_EQ(of(means, "color"), 5.5 / 12);
  EXPECT_DOUBLE_EQ(of(means, "relation"), 0.25);
  EXPECT_DOUBLE_EQ(of(means, "bg"), 1);
}

TEST(DemoVerdict, APromptCountsOnceInTheInterval) {
  const Columns half = interval_of_change(verdict(kBefore, 0), verdict(kAfter, 1));
  // Mean changes of the six prompts: 0, 0, 1, .5, -.25, .75; t(5 degrees of freedom, .975) = 2.5706.
  const double mean = 2.0 / 6;
  double squares = 0;
  for (const double change : {0.0, 0.0, 1.0, 0.5, -0.25, 0.75}) squares += std::pow(change - mean, 2);
  EXPECT_NEAR(of(half, "color"), 2.5706 * std::sqrt(squares / 5 / 6),
              0.01 * 2.5706 * std::sqrt(squares / 30));
  EXPECT_TRUE(std::isnan(of(half, "relation")));  // three prompts have one
  EXPECT_EQ(of(half, "bg"), 0);
}

TEST(DemoVerdict, WhatWasRightAndIsNotAnyMoreIsCounted) {
  const Columns wrong = made_wrong(verdict(kBefore, 1), verdict(kAfter, 0.5));
  EXPECT_DOUBLE_EQ(of(wrong, "color"), 2.0 / 12);  // one of them to a half; a half that falls was not right
  EXPECT_DOUBLE_EQ(of(wrong, "relation"), 1);
  EXPECT_DOUBLE_EQ(of(wrong, "bg"), 0);
}

}  // namespace
}  // namespace drf::cli
