// Greedy writing that is held to a schema equals transformers' generate() with a mask of its own:
// tools/reference/generate_held.py.
#include "drf/writer/held_writing.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "drf/models/qwen2_5_vl/model.h"
#include "tests/support/golden.h"

namespace drf::writer {
namespace {

using models::Generation;
using models::Prompt;
using models::Written;
using testing::Golden;

struct Held {
  explicit Held(at::ScalarType dtype) : model(qwen::Config::read(golden.config()), /*vision=*/false) {
    golden.load(model, dtype);
    for (const auto& hex : nlohmann::json::parse(golden.metadata("tokens"))) {
      std::string bytes;
      const auto text = hex.get<std::string>();
      for (size_t i = 0; i < text.size(); i += 2)
        bytes += static_cast<char>(std::stoi(text.substr(i, 2), nullptr, 16));
      tokens.push_back(bytes);
    }
    ends = nlohmann::json::parse(golden.metadata("ends")).get<std::vector<int64_t>>();
    for (const auto& ids : nlohmann::json::parse(golden.metadata("prompts")))
      prompts.push_back({ids.get<std::vector<int64_t>>(), std::stol(golden.metadata("most"))});
  }
  std::string text(const Written& written) const {
    std::string out;
    for (const int64_t id : written.ids) out += tokens[static_cast<size_t>(id)];
    return out;
  }

  Golden golden{"generate_held.safetensors"};
  qwen::Model model;
  std::vector<std::string> tokens;
  std::vector<int64_t> ends;
  std::vector<Prompt> prompts;
};

class HeldTo : public ::testing::TestWithParam<at::ScalarType> {
 protected:
  std::vector<Written> write(const std::vector<Prompt>& prompts, std::vector<bool>& cut) const {
    const TokenMask mask(held.tokens, held.ends, "golden");
    const JsonSchema schema = JsonSchema::parse(held.golden.metadata("schema"), "golden");
    std::vector<HeldWriting::Row> rows;
    for (const Prompt& prompt : prompts) rows.push_back({&schema, prompt.max_tokens});
    HeldWriting holding(mask, rows);
    Generation how;
    how.end_ids = held.ends;
    how.steer = [&](const auto& open, const auto& so_far, at::Tensor& logits) {
      holding.steer(open, so_far, logits);
    };
    auto written = held.model.generate(prompts, how);
    for (size_t i = 0; i < prompts.size(); ++i) cut.push_back(holding.was_cut(i));
    return written;
  }
  const Held held{GetParam()};
};

TEST_P(HeldTo, EveryTokenEqualsTheReferencesWithAMaskOfItsOwn) {
  std::vector<bool> cut;
  const auto written = write(held.prompts, cut);
  const auto answers = nlohmann::json::parse(held.golden.metadata("answers"));
  for (size_t row = 0; row < written.size(); ++row) {
    auto want = answers[row].get<std::vector<int64_t>>();
    want.pop_back();  // the end token
    EXPECT_EQ(written[row].ids, want) << held.text(written[row]);
    EXPECT_TRUE(written[row].ended);
    EXPECT_FALSE(cut[row]);
  }
}

TEST_P(HeldTo, WithAnyNumberOfTokensTheAnswerIsADocumentAndTheSameUntilItMustEnd) {
  std::vector<bool> whole_cut;
  const auto whole = write(held.prompts, whole_cut);
  const std::string schema_text = held.golden.metadata("schema");
  const JsonSchema schema = JsonSchema::parse(schema_text, "golden");
  const int64_t least = schema.missing_bytes(schema.begin());
  for (int64_t limit = least; limit < 200; limit += 7) {
    auto prompts = held.prompts;
    for (size_t row = 0; row < prompts.size(); ++row)
      prompts[row].max_tokens = limit + static_cast<int64_t>(row);
    std::vector<bool> cut;
    const auto written = write(prompts, cut);
    for (size_t row = 0; row < prompts.size(); ++row) {
      const auto& ids = written[row].ids;
      EXPECT_LE(static_cast<int64_t>(ids.size()), prompts[row].max_tokens);
      const auto parsed = nlohmann::json::parse(held.text(written[row]), nullptr, false);
      EXPECT_FALSE(parsed.is_discarded()) << held.text(written[row]);
      EXPECT_GE(parsed["q"].size(), 1u);
      EXPECT_EQ(cut[row], ids != whole[row].ids) << "limit " << limit;
      // What a document lacks is counted in bytes: no sooner than so many before the end is it closed.
      const auto apart = std::mismatch(ids.begin(), ids.end(), whole[row].ids.begin(), whole[row].ids.end());
      if (cut[row]) {
        EXPECT_GE(apart.first - ids.begin() + 60, prompts[row].max_tokens);
      }
    }
  }
}

TEST(HeldToAnything, AModelWithFewerTokensThanTheTokenizerIsNotWrittenBeyond) {
  std::vector<std::string> tokens;
  for (int byte = 0; byte < 256; ++byte) tokens.emplace_back(1, static_cast<char>(byte));
  const TokenMask mask(tokens, {255}, "here");
  const JsonSchema schema = JsonSchema::parse(R"({"type": "boolean"})", "here");
  HeldWriting holding(mask, {{&schema, 5}, {nullptr, 5}});
  for (const int64_t columns : {130, 300}) {
    at::Tensor logits = at::zeros({2, columns});
    holding.steer({0, 1}, {{}, {}}, logits);
    EXPECT_EQ((logits[0] == 0).sum().item<int64_t>(), 2);  // t and f
    EXPECT_EQ((logits[1] == 0).sum().item<int64_t>(), std::min<int64_t>(columns, 256));
  }
}

INSTANTIATE_TEST_SUITE_P(Types, HeldTo, ::testing::Values(at::kDouble, at::kFloat));

}  // namespace
}  // namespace drf::writer
