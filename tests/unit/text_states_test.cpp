// Which texts are encoded, when, and when the encoder goes.
#include "drf/train/text_states.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "drf/base/error.h"

namespace drf::train {
namespace {

constexpr int64_t kLength = 7, kWidth = 3;

// A prompt has a token a letter; a row of its states is the letter.
class Letters : public models::Generator {
 public:
  int64_t encoded = 0;
  bool encoder_there = true;

  at::Tensor encode_text(const std::vector<std::string>& prompts) override {
    encoder_there = true;
    const at::Tensor states = at::zeros({static_cast<int64_t>(prompts.size()), kLength, kWidth}, at::kHalf);
    for (size_t b = 0; b < prompts.size(); ++b) {
      ++encoded;
      for (size_t i = 0; i < prompts[b].size(); ++i)
        states[static_cast<int64_t>(b)][static_cast<int64_t>(i)].fill_(prompts[b][i]);
    }
    return states;
  }
  void release_text_encoder() override { encoder_there = false; }
  int64_t text_tokens(const std::string& prompt) const override {
    return static_cast<int64_t>(prompt.size());
  }
  models::TextContext read_text(const at::Tensor&) override { return {}; }
  at::Tensor velocity(const at::Tensor& x, double, const models::TextContext&,
                      const models::RunBlock&) override {
    return x;
  }
  std::vector<int64_t> latent_shape(int64_t, int64_t, int64_t) const override { return {}; }
  nn::Module& adapter_root() override { return root_; }
  nn::LayerNames adapter_names() const override { return {}; }

 private:
  struct Root : nn::Module {
  } root_;
};

TEST(TextStates, AreTheEncodersWithTheirPadding) {
  Letters letters;
  TextStates states(letters, at::kCPU);
  states.prepare({"abc", "", "abcdefg", "abc"});
  for (const char* prompt : {"abc", "", "abcdefg", "new"}) {
    Letters fresh;
    const at::Tensor want = fresh.encode_text({prompt}), got = states.of(prompt);
    EXPECT_EQ(got.scalar_type(), at::kHalf);
    EXPECT_TRUE(at::equal(got, want)) << prompt;
  }
}

TEST(TextStates, AreEncodedOnceAndTheEncoderGoes) {
  Letters letters;
  TextStates states(letters, at::kCPU);
  states.prepare({"a", "b", "a"});
  EXPECT_EQ(letters.encoded, 2);
  EXPECT_FALSE(letters.encoder_there);
  states.of("b");
  states.prepare({"b"});
  EXPECT_EQ(letters.encoded, 2);
  EXPECT_FALSE(letters.encoder_there);
  states.of("c");  // nobody said so before
  EXPECT_EQ(letters.encoded, 3);
  EXPECT_TRUE(letters.encoder_there);
  states.prepare({"c", "d"});
  EXPECT_EQ(letters.encoded, 4);
  EXPECT_FALSE(letters.encoder_there);
}

TEST(TextStates, OfMorePromptsThanAreRememberedLeaveTheEncoderWhereItIs) {
  Letters letters;
  TextStates states(letters, at::kCPU);
  std::vector<std::string> many;
  for (size_t i = 0; i <= TextStates::kMost; ++i) many.push_back(std::to_string(i));
  states.prepare(many);
  EXPECT_EQ(letters.encoded, 0);
  EXPECT_TRUE(letters.encoder_there);
  for (const std::string& prompt : many) states.of(prompt);
  const int64_t once = letters.encoded;
  states.of(many.back());  // remembered
  EXPECT_EQ(letters.encoded, once);
  states.of(many.front());  // given up for the last one
  EXPECT_EQ(letters.encoded, once + 1);
}

}  // namespace
}  // namespace drf::train
