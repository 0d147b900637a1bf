// Greedy writing equals transformers' generate(): tools/reference/generate.py.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <csignal>
#include <nlohmann/json.hpp>

#include "drf/base/error.h"
#include "drf/base/interrupt.h"
#include "drf/models/qwen/question_pass.h"
#include "drf/models/qwen2_5_vl/model.h"
#include "drf/models/qwen3_vl/model.h"
#include "drf/tensor/memory_meter.h"
#include "tests/support/expect_error.h"
#include "tests/support/golden.h"

namespace drf::qwen {
namespace {

TEST(Speak, AHeadThatIsWidenedOnceGivesTheSameBits) {
  at::manual_seed(7);
  for (const at::ScalarType dtype : {at::kBFloat16, at::kHalf, at::kFloat, at::kDouble}) {
    const at::Tensor head = at::randn({40'000, 24}).to(dtype);  // of several slices
    for (const int64_t rows : {1, 5}) {
      const at::Tensor hidden = at::randn({rows, 24}).to(dtype), want = speak(hidden, head);
      EXPECT_TRUE(at::equal(speak(hidden, widen(head)), want)) << dtype << " " << rows;
      EXPECT_EQ(want.scalar_type(), dtype == at::kDouble ? at::kDouble : at::kFloat);
    }
  }
}

using models::Generation;
using models::Prompt;
using models::Written;
using testing::error_of;
using testing::Golden;
using testing::says;

/// A language model by its golden, whichever generation it is of.
struct Writer {
  explicit Writer(const std::string& name, at::ScalarType dtype) : golden(name + ".safetensors") {
    prompts = as_prompts("prompts");
    answers = nlohmann::json::parse(golden.metadata("answers"));
    how.end_ids = nlohmann::json::parse(golden.metadata("ends")).get<std::vector<int64_t>>();
    if (golden.config().text("model_type") == "qwen3_vl") {
      later = std::make_unique<qwen3::Model>(qwen3::Config::read(golden.config()), /*vision=*/false);
      golden.load(*later, dtype);
    } else {
      earlier = std::make_unique<Model>(Config::read(golden.config()), /*vision=*/false);
      golden.load(*earlier, dtype);
    }
  }
  std::vector<Prompt> as_prompts(const std::string& key) const {
    std::vector<Prompt> out;
    for (const auto& ids : nlohmann::json::parse(golden.metadata(key)))
      out.push_back({ids.get<std::vector<int64_t>>(), std::stol(golden.metadata("most"))});
    return out;
  }
  std::vector<Written> write(const std::vector<Prompt>& which, const Generation& with) const {
    return later ? later->generate(which, with) : earlier->generate(which, with);
  }
  std::vector<Written> write() const { return write(prompts, how); }
  const TextConfig& config() const { return later ? later->config().text : earlier->config().text; }
  /// What the golden says that `row` becomes; the end token is not part of ours.
  void expect(size_t row, const Written& got) const {
    auto want = answers[row].get<std::vector<int64_t>>();
    const bool ended = std::count(how.end_ids.begin(), how.end_ids.end(), want.back()) > 0;
    if (ended) want.pop_back();
    EXPECT_EQ(got.ids, want) << "prompt " << row;
    EXPECT_EQ(got.ended, ended) << "prompt " << row;
  }

  Golden golden;
  std::unique_ptr<Model> earlier;
  std::unique_ptr<qwen3::Model> later;
  std::vector<Prompt> prompts;
  nlohmann::json answers;
  Generation how;
};

class Generate : public ::testing::TestWithParam<std::tuple<const char*, at::ScalarType>> {
 protected:
  const Writer writer{std::get<0>(GetParam()), std::get<1>(GetParam())};
};

TEST_P(Generate, EveryTokenEqualsTheReferences) {
  const auto written = writer.write();
  ASSERT_EQ(written.size(), writer.prompts.size());
  for (size_t row = 0; row < written.size(); ++row) writer.expect(row, written[row]);
}

TEST_P(Generate, APromptGivesTheSameAloneAndInAnyCompany) {
  for (size_t row = 0; row < writer.prompts.size(); ++row) {
    const Prompt& prompt = writer.prompts[row];
    writer.expect(row, writer.write({prompt}, writer.how)[0]);
    const auto twins = writer.write({prompt, {{11}, 3}, prompt}, writer.how);
    writer.expect(row, twins[0]);
    writer.expect(row, twins[2]);
    // The same again, and one that it begins or goes on with.
    Prompt longer = prompt;
    longer.ids.insert(longer.ids.end(), {9, 12});
    const auto nested = writer.write({longer, prompt, prompt, longer}, writer.how);
    writer.expect(row, nested[1]);
    writer.expect(row, nested[2]);
    EXPECT_EQ(nested[0].ids, nested[3].ids);
  }
}

TEST_P(Generate, EachPromptStopsAtItsOwnLimit) {
  auto prompts = writer.prompts;
  for (size_t row = 0; row < prompts.size(); ++row)
    prompts[row].max_tokens = 1 + 3 * static_cast<int64_t>(row);
  std::vector<size_t> finished;
  Generation how = writer.how;
  how.finished = [&](size_t prompt, const Written&) { finished.push_back(prompt); };
  const auto written = writer.write(prompts, how);
  for (size_t row = 0; row < prompts.size(); ++row) {
    auto want = writer.answers[row].get<std::vector<int64_t>>();
    want.resize(std::min<size_t>(want.size(), static_cast<size_t>(prompts[row].max_tokens)));
    auto got = written[row].ids;
    if (written[row].ended) got.push_back(want.back());
    EXPECT_EQ(got, want);
  }
  std::sort(finished.begin(), finished.end());
  for (size_t row = 0; row < prompts.size(); ++row) EXPECT_EQ(finished.at(row), row);
}

TEST_P(Generate, SteeringSeesTheLogitsOfTheWholeTextAndHasTheLastWord) {
  const at::ScalarType dtype = std::get<1>(GetParam());
  const double tolerance = dtype == at::kDouble ? 1e-9 : 2e-5;
  Generation how = writer.how;
  int64_t seen = 0;
  how.steer = [&](const std::vector<size_t>& open, const std::vector<Written>& written, at::Tensor& logits) {
    EXPECT_EQ(logits.sizes(),
              (at::IntArrayRef{static_cast<int64_t>(open.size()), writer.config().vocab_size}));
    for (size_t row = 0; row < open.size(); ++row) {
      // The same text read anew, without a cache.
      auto ids = writer.prompts[open[row]].ids;
      const auto& more = written[open[row]].ids;
      ids.insert(ids.end(), more.begin(), more.end());
      at::Tensor whole;
      const auto none = at::zeros({1, 0, writer.config().hidden_size}, logits.options().dtype(dtype));
      if (writer.later) {
        whole = writer.later->logits({none}, {}, ids);
      } else {
        whole = writer.earlier->logits(none, {}, ids);
      }
      EXPECT_TRUE(testing::close_relative(logits[static_cast<int64_t>(row)], whole[0][-1], tolerance));
      ++seen;
    }
    logits.narrow(1, 0, 7).fill_(-INFINITY);  // neither an end nor a clip
    logits.narrow(1, 20, logits.size(1) - 20).fill_(-INFINITY);
  };
  for (const Written& text : writer.write(writer.prompts, how)) {
    EXPECT_FALSE(text.ended);
    for (const int64_t id : text.ids) EXPECT_TRUE(id >= 7 && id < 20);
  }
  EXPECT_GT(seen, static_cast<int64_t>(writer.prompts.size()));
}

INSTANTIATE_TEST_SUITE_P(Configs, Generate,
                         ::testing::Combine(::testing::Values("generate_shared", "generate_tied",
                                                              "generate_alone", "generate_interleaved"),
                                            ::testing::Values(at::kDouble, at::kFloat)));

TEST(GenerateAsIs, HalfWeightsWriteWithoutACrashAndMostlyTheSame) {
  const Writer writer("generate_shared", at::kBFloat16);
  int64_t same = 0;
  for (size_t row = 0; const Written& text : writer.write())
    same += text.ids.at(0) == writer.answers[row++][0];
  EXPECT_GE(same, 4);  // of five first tokens; rounding may turn a later one, and then all that follow
}

TEST(GenerateAsIs, WhatItRemembersIsCounted) {
  const Writer writer("generate_shared", at::kFloat);
  // 3 layers, keys and values of 2 heads of 6 numbers of 4 bytes; 7 tokens in common, five rows of 22 + 22.
  EXPECT_EQ(generation_bytes(writer.config(), writer.prompts, at::kFloat), 3 * 2 * 2 * 6 * 4 * (7 + 5 * 44));
  EXPECT_EQ(generation_bytes(writer.config(), {writer.prompts[0]}, at::kHalf), 3 * 2 * 2 * 6 * 2 * (8 + 22));
  EXPECT_EQ(generation_bytes(writer.config(), {}, at::kHalf), 0);
}

// Against what a meter shows.
TEST(Generate, ThePlannersBytesAreAboutThoseThatAreTaken) {
  for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16}) {
    const Writer writer("generate_shared", dtype);
    std::vector<Prompt> prompts;
    int64_t tokens = 0;
    for (int64_t i = 0; i < 24; ++i) {
      Prompt prompt{std::vector<int64_t>(200, 3 + i), 3};
      tokens += 200;
      prompts.push_back(prompt);
    }
    const MemoryMeter meter(at::kCPU);
    writer.write(prompts, writer.how);
    const int64_t planned =
        generation_bytes(writer.config(), prompts, dtype) + writing_bytes(writer.config(), tokens, dtype);
    EXPECT_GT(planned, meter.peak() / 2);
    EXPECT_LT(planned, 2 * meter.peak());
  }
}

TEST(GenerateAsIs, AnInterruptEndsItBetweenTwoTokens) {
  const Writer writer("generate_alone", at::kFloat);
  const Interrupt interrupt;
  Generation how = writer.how;
  int64_t steps = 0;
  how.steer = [&](const auto&, const auto&, at::Tensor&) {
    if (++steps == 3) std::raise(SIGINT);
  };
  EXPECT_THROW(writer.write(writer.prompts, how), Interrupted);
  EXPECT_EQ(steps, 3);
}

TEST(GenerateAsIs, WhatCannotBeGoneOnWithIsRefused) {
  const Writer writer("generate_alone", at::kFloat);
  const auto refused = [&](ErrorKind kind, const std::vector<Prompt>& prompts, const Generation& how) {
    return error_of(kind, [&] { writer.write(prompts, how); });
  };
  EXPECT_TRUE(says(refused(ErrorKind::kInput, {{{8, 9}, 2}, {{}, 2}}, writer.how), "without tokens"));
  EXPECT_TRUE(says(refused(ErrorKind::kInput, {{{8, 37}, 2}}, writer.how), "vocabulary of 37"));
  Generation how;
  how.steer = [](const auto&, const auto&, at::Tensor& logits) { logits.fill_(NAN); };
  EXPECT_TRUE(says(refused(ErrorKind::kNumerics, {{{8}, 2}}, how), "not finite"));
  EXPECT_TRUE(writer.write({}, how).empty());
}

}  // namespace
}  // namespace drf::qwen
