// Questions that show a second clip: asked together = asked alone, whatever the others show; looked at once.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "drf/base/error.h"
#include "drf/critic/open_critic.h"
#include "drf/media/clip.h"
#include "drf/questions/question_file.h"
#include "tests/support/expect_error.h"
#include "tests/support/golden.h"
#include "tests/support/temporary_folder.h"

namespace drf::critic {
namespace {

using questions::Aspect;
using questions::Kind;
using questions::Question;
using questions::QuestionList;
using testing::close_relative;
using testing::error_of;
using testing::says;

// Two orders of the same sums.
constexpr double kFloat64 = 1e-12;

class CriticReference : public ::testing::Test {
 protected:
  CriticReference() {
    options_.dtype = at::kDouble;
    options_.frames = 4;
    const at::Tensor ramp = at::linspace(0, 1, 5 * 3 * 24 * 24, at::kFloat).view({5, 3, 24, 24});
    media::save_clip(file("a.gif"), ramp, 8);
    media::save_clip(file("b.gif"), (1 - ramp).square(), 20);
    frames_ = at::linspace(-3, 3, 2 * 6 * 3 * 32 * 24, at::kDouble).view({2, 6, 3, 32, 24}).sin() / 2 + 0.5;
  }
  std::string file(const char* name) const { return folder_ / name; }
  std::unique_ptr<Critic> open() const {
    return open_critic(testing::source_path("assets/tiny/critic"), options_);
  }
  Question question(const char* id, const char* text, const char* answer,
                    const std::string& reference) const {
    const bool yes_no = std::string(answer) == "Yes" || std::string(answer) == "No";
    return {id, 0, Aspect::kPF, yes_no ? Kind::kYesNo : Kind::kDense, text, answer, 1, reference};
  }

  testing::TemporaryFolder folder_;
  CriticOptions options_;
  at::Tensor frames_;
};

TEST_F(CriticReference, QuestionsWithAnyReferencesTogetherEqualEachAlone) {
  const std::vector<QuestionList> lists = {
      {question("a", "Does it move so?", "Yes", file("a.gif")), question("b", "Is it red?", "No", ""),
       question("c", "How does it move?", "it moves left", file("b.gif")),
       question("d", "Is it alike?", "No", file("a.gif"))},
      {question("e", "Is it alike?", "Yes", file("b.gif")), question("f", "What is it?", "a red ball", "")}};
  const auto critic = open();
  at::Tensor x = frames_.clone().set_requires_grad(true), y = frames_.clone().set_requires_grad(true);
  const Answers together = critic->ask(x, 8, lists);
  at::Tensor sum = at::zeros({}, at::kDouble), alone_sum = sum;
  for (size_t clip = 0; clip < lists.size(); ++clip) {
    for (size_t i = 0; i < lists[clip].size(); ++i) {
      const auto row = static_cast<int64_t>(clip);
      const Answers alone = critic->ask(y.slice(0, row, row + 1), 8, {{lists[clip][i]}});
      const at::Tensor got = together.logprobs[clip][static_cast<int64_t>(i)];
      EXPECT_TRUE(close_relative(got, alone.logprobs[0][0], kFloat64)) << lists[clip][i].id;
      EXPECT_TRUE(together.p_yes[clip][static_cast<int64_t>(i)].isnan().item<bool>() ==
                  (lists[clip][i].kind == Kind::kDense));
      sum = sum + got;
      alone_sum = alone_sum + alone.logprobs[0][0];
    }
  }
  sum.backward();
  alone_sum.backward();
  EXPECT_TRUE(close_relative(x.grad(), y.grad(), kFloat64));
  // Both clips have questions, and neither the reference nor the others change what a question is told.
  EXPECT_GT(x.grad()[0].norm().item<double>(), 0);
  EXPECT_GT(x.grad()[1].norm().item<double>(), 0);
}

TEST_F(CriticReference, AKeptClipGivesTheBitsOfAFreshOne) {
  const std::vector<QuestionList> lists = {{question("a", "Is it alike?", "Yes", file("a.gif"))}};
  const at::Tensor one = frames_.slice(0, 0, 1);
  const auto critic = open();
  const at::Tensor first = critic->ask(one, 8, lists).logprobs[0];
  std::filesystem::remove(file("a.gif"));  // it is not read again
  EXPECT_TRUE(first.equal(critic->ask(one, 8, lists).logprobs[0]));
  media::save_clip(file("a.gif"), at::linspace(0, 1, 5 * 3 * 24 * 24, at::kFloat).view({5, 3, 24, 24}), 8);
  EXPECT_TRUE(first.equal(open()->ask(one, 8, lists).logprobs[0]));
  const std::vector<QuestionList> plain = {{question("a", "Is it alike?", "Yes", "")}};
  EXPECT_FALSE(first.equal(critic->ask(one, 8, plain).logprobs[0]));
}

TEST_F(CriticReference, AReferenceThatIsNotThereIsNamedBeforeAnyWork) {
  const QuestionList list = {question("q7", "Is it alike?", "Yes", file("c.gif"))};
  const auto message = error_of(ErrorKind::kInput, [&] { open()->check_texts(list, "questions.jsonl"); });
  EXPECT_TRUE(says(message, "questions.jsonl: question q7: its reference"));
  EXPECT_TRUE(says(message, "c.gif is not there"));
}

TEST_F(CriticReference, TheFileOfQuestionsKeepsIt) {
  const std::vector<Question> list = {question("a", "Is it alike?", "Yes", "clips/7.mp4"),
                                      question("b", "Is it red?", "No", "")};
  questions::write_questions(file("q.jsonl"), list);
  EXPECT_EQ(questions::read_questions(file("q.jsonl")), list);
  EXPECT_EQ(questions::to_json_line(list[1]).find("reference"), std::string::npos);
  testing::write_text(
      file("q.jsonl"),
      R"({"id":"a","prompt":0,"aspect":"PF","kind":"yes_no","text":"x","answer":"No","reference":" "})");
  EXPECT_TRUE(
      says(error_of(ErrorKind::kInput, [&] { questions::read_questions(file("q.jsonl")); }), "reference"));
}

}  // namespace
}  // namespace drf::critic
