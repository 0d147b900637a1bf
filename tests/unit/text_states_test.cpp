// Which texts are encoded, when, and when the encoder goes.
#include "drf/run/text_states.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "drf/base/error.h"
#include "tests/support/expect_error.h"
#include "tests/support/file_size_limit.h"
#include "tests/support/temporary_folder.h"

namespace drf::run {
namespace {

constexpr int64_t kWidth = 3;

// A prompt has a token a letter; a row of its states is the letter.
class Letters : public models::Denoiser {
 public:
  int64_t encoded = 0;
  bool encoder_there = true;

  models::Condition encode(const std::string& prompt) override {
    encoder_there = true;
    ++encoded;
    const at::Tensor states = at::zeros({1, text_tokens(prompt), kWidth}, at::kHalf);
    for (size_t i = 0; i < prompt.size(); ++i) states[0][static_cast<int64_t>(i)].fill_(prompt[i]);
    return {{{"text", states}}};
  }
  void release_encoders() override { encoder_there = false; }
  int64_t text_tokens(const std::string& prompt) const override {
    return static_cast<int64_t>(prompt.size());
  }
  models::Condition prepare(const std::vector<models::Condition>&, const nn::BlockRunner&, size_t) override {
    return {};
  }
  at::Tensor velocity(const at::Tensor& x, double, const models::Condition&,
                      const nn::BlockRunner&) override {
    return x;
  }
  models::Flops velocity_flops(at::IntArrayRef, double, const models::Condition&) const override {
    return {};
  }
  diffusion::Schedule schedule(const diffusion::ScheduleOptions& options) const override {
    return diffusion::euler_schedule(options);
  }
  std::vector<int64_t> latent_shape(const models::Size&) const override { return {}; }
  models::Size nearest(const models::Size& size) const override { return size; }
  std::vector<models::Component> components() override { return {}; }
};

TEST(TextStates, AreTheEncodersRows) {
  Letters letters;
  TextStates states(letters, at::kCPU, 1 << 20, "");
  states.prepare({"abc", "", "abcdefg", "abc"});
  for (const char* prompt : {"abc", "", "abcdefg", "new"}) {
    Letters fresh;
    const at::Tensor want = fresh.encode(prompt).get("text"), got = states.of(prompt).get("text");
    EXPECT_EQ(got.scalar_type(), at::kHalf);
    EXPECT_TRUE(at::equal(got, want)) << prompt;
  }
}

TEST(TextStates, AreEncodedOnceAndTheEncoderGoes) {
  Letters letters;
  TextStates states(letters, at::kCPU, 1 << 20, "");
  states.prepare({"a", "b", "a"});
  EXPECT_EQ(letters.encoded, 2);
  EXPECT_FALSE(letters.encoder_there);
  states.of("b");
  states.prepare({"b"});
  EXPECT_EQ(letters.encoded, 2);
  EXPECT_FALSE(letters.encoder_there);
  states.of("c");  // nobody said so before
  EXPECT_EQ(letters.encoded, 3);
  EXPECT_FALSE(letters.encoder_there);
  states.prepare({"c", "d"});
  EXPECT_EQ(letters.encoded, 4);
  EXPECT_FALSE(letters.encoder_there);
}

// 5,000 captions, the number that the paper trains on: each letter of a state takes two bytes.
TEST(TextStates, OfManyPromptsLieInAFileBeyondTheBudgetAndTheEncoderGoes) {
  const testing::TemporaryFolder folder;
  Letters letters;
  constexpr int64_t kBudget = 10'000;
  std::vector<std::string> many;
  int64_t bytes = 0;
  for (int64_t i = 0; i < 5000; ++i) {
    many.push_back(std::to_string(i));
    bytes += static_cast<int64_t>(many.back().size()) * kWidth * 2;
  }
  {
    TextStates states(letters, at::kCPU, kBudget, folder.path());
    states.prepare(many);
    EXPECT_EQ(letters.encoded, 5000);
    EXPECT_FALSE(letters.encoder_there);
    EXPECT_LE(states.bytes_in_memory(), kBudget);
    EXPECT_GT(states.bytes_in_memory(), kBudget * 9 / 10);
    EXPECT_EQ(states.bytes_in_memory() + states.bytes_in_file(), bytes);  // without padding
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));  // the file has no name to leave behind
    Letters fresh;
    for (const std::string& prompt : many) {
      if (!at::equal(states.of(prompt).get("text"), fresh.encode(prompt).get("text"))) FAIL() << prompt;
    }
    EXPECT_EQ(letters.encoded, 5000);
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(TextStates, OnAFullDiskSayWhatToDo) {
  const testing::TemporaryFolder folder;
  Letters letters;
  TextStates states(letters, at::kCPU, 1, folder.path());
  const testing::FileSizeLimit full(20);
  const std::string message = testing::error_of(ErrorKind::kResources, [&] {
    states.prepare({"abc", "abcd", "abcde"});
  });
  EXPECT_TRUE(testing::says(message, folder.path().string())) << message;
  EXPECT_TRUE(testing::says(message, "memory.text_states"));
  EXPECT_EQ(message.find('\n'), std::string::npos);
}

TEST(TextStates, InAFolderThatIsNotThereSayWhere) {
  Letters letters;
  TextStates states(letters, at::kCPU, 1, "/no/such/folder");
  const std::string message = testing::error_of(ErrorKind::kResources, [&] { states.prepare({"abc"}); });
  EXPECT_TRUE(testing::says(message, "/no/such/folder")) << message;
}

}  // namespace
}  // namespace drf::run
