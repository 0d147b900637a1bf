// Inputs from the field through the command line: what is cut, without effect or shown twice is said once,
// and no name of a file is too strange.

#include <ATen/ATen.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/tensor/safetensors.h"
#include "tests/run/tiny_run.h"
#include "tests/support/temporary_folder.h"

namespace drf::testing {
namespace {

constexpr int kConfigCode = 2, kInputCode = 3;

size_t count(const std::string& text, const std::string& part) {
  size_t n = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

const std::string kLong =
    "a red ball moves left on a black background and a blue square moves up and a green triangle moves right";

TEST(CutPrompts, SampleSaysHowManyTokensAreCut) {
  TemporaryFolder folder;
  const auto sample = [&](const Arguments& more) {
    const Outcome outcome =
        run_drf(joined({"sample", "--model", generator(), "--prompt",
                        "a red ball moves left on a black background", "--frames", "5", "--size", "16x16",
                        "--steps", "1", "--save-latents", (folder / "x.safetensors").string()},
                       more));
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    return outcome.err;
  };
  EXPECT_EQ(count(sample({"--guidance", "1"}), "cut"), 0u);
  const std::string cut = sample({"--guidance", "1", "--text-length", "8"});
  EXPECT_EQ(count(cut, "--prompt: the text is cut: "), 1u) << cut;
  EXPECT_EQ(count(cut, "raise --text-length"), 1u) << cut;
  const std::string negative = sample({"--text-length", "24", "--negative", kLong});
  EXPECT_EQ(count(negative, "--prompt:"), 0u) << negative;
  EXPECT_EQ(count(negative, "--negative: the text is cut: "), 1u) << negative;
}

TEST(CutPrompts, RunsSayItOnceForAllOfAFile) {
  TemporaryFolder folder;
  std::string prompts = "a red ball moves left on a black background\n";
  for (int i = 0; i < 50; ++i) prompts += concat(kLong, i == 7 ? " and a cross and a ring" : "", "\n");
  write_text(folder / "p.txt", prompts);
  write_text(folder / "h.txt", kLong + "\n" + kLong + "\n");
  const Arguments more = {"prompts.train=" + (folder / "p.txt").string(),
                          "prompts.held_out=" + (folder / "h.txt").string(),
                          "output.dir=" + (folder / "run").string(),
                          "generator.text_length=24",
                          "train.updates=1",
                          "sampling.guidance=2",
                          "sampling.negative=" + kLong,
                          "train.batch=1"};
  const Outcome outcome =
      run_drf(joined(tiny_config("gradient", more), {"-o", (folder / "g.safetensors").string()}));
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(count(outcome.err, "cut"), 3u) << outcome.err;
  EXPECT_EQ(count(outcome.err, "prompts.train: 50 of 51 prompts are cut: "), 1u) << outcome.err;
  EXPECT_EQ(count(outcome.err, "(prompt 8)"), 1u) << "the longest is named\n" << outcome.err;
  EXPECT_EQ(count(outcome.err, "prompts.held_out: 2 of 2 prompts are cut"), 1u) << outcome.err;
  EXPECT_EQ(count(outcome.err, "sampling.negative: the text is cut"), 1u) << outcome.err;
}

class Score : public ::testing::Test {
 protected:
  Outcome score(const Arguments& more, const at::Tensor& frames = at::full({5, 3, 32, 32}, 0.5)) {
    write_text(folder_ / "q.jsonl",
               "{\"id\":\"a\",\"prompt\":0,\"aspect\":\"TA\",\"kind\":\"yes_no\",\"text\":\"Is the ball "
               "red?\",\"answer\":\"Yes\"}\n");
    write_safetensors(folder_ / "f.safetensors", {{"frames", frames}});
    return run_drf(joined({"score", "--critic", critic(), "--questions", (folder_ / "q.jsonl").string(),
                           "--frames", (folder_ / "f.safetensors").string()},
                          more));
  }
  TemporaryFolder folder_;
};

TEST_F(Score, ALimitThatTheProcessorCannotKeepIsRefusedWithTheLeast) {
  EXPECT_TRUE(refused(score({"--max-pixels", "100"}), kConfigCode,
                      {"max_pixels is 100", "at least 256 pixels a frame"}));
  EXPECT_TRUE(refused(score({"--max-pixels", "255"}), kConfigCode, {"at least 256"}));
  EXPECT_EQ(score({"--max-pixels", "256"}).code, 0);
  // A long frame cannot be shown with as few pixels as a square one.
  const Outcome strip = score({"--max-pixels", "256"}, at::full({5, 3, 16, 256}, 0.5));
  EXPECT_TRUE(refused(strip, kConfigCode, {"max_pixels is 256, but frames of 256x16 are shown with"}));
  EXPECT_TRUE(refused(
      run_drf(tiny_config("train", {"critic.max_pixels=100", "output.dir=" + (folder_ / "run").string()})),
      kConfigCode, {"max_pixels is 100", "at least 256"}));
}

TEST_F(Score, FramesThatTheClipDoesNotHaveAreSaid) {
  const Outcome few = score({"--critic-frames", "8"});
  EXPECT_EQ(few.code, 0);
  EXPECT_EQ(count(few.err, "8 frames are asked for, the clip has 5: some are shown more than once"), 1u)
      << few.err;
  EXPECT_EQ(score({"--critic-frames", "5"}).err, "");
}

TEST_F(Score, NumbersThatMakeNoSenseAreRefused) {
  for (const char* fps : {"nan", "inf", "-inf", "0", "1e-300", "1e300", "-3", "x"})
    EXPECT_TRUE(refused(score({"--fps", fps}), kConfigCode, {"--fps"})) << fps;
  for (const char* pixels : {"0", "-1", "99999999999999999999"})
    EXPECT_TRUE(refused(score({"--max-pixels", pixels}), kConfigCode, {"--max-pixels"})) << pixels;
  const auto sample = [&](const Arguments& more) {
    return run_drf(joined({"sample", "--model", generator(), "--prompt", "a red ball", "--frames", "5",
                           "--size", "16x16", "--steps", "1", "--save-latents", (folder_ / "x").string()},
                          more));
  };
  // What an option needs is there: the number is what is refused.
  for (const auto& [option, needed] : std::vector<std::pair<std::string, Arguments>>{
           {"--fps", {"-o", (folder_ / "x.gif").string()}},
           {"--shift", {}},
           {"--guidance", {}},
           {"--lora-scale", {"--lora", source_path("tests/goldens/flow_plain_lora.safetensors").string()}}}) {
    for (const char* value : {"nan", "inf"}) {
      EXPECT_TRUE(refused(sample(joined(needed, {option, value})), kConfigCode,
                          {option == "--guidance" ? "--guidance is " : "number from", option}))
          << option << " " << value;
    }
  }
  for (const char* set : {"sampling.fps=1e-300", "sampling.shift=1e300", "sampling.guidance=1e300"})
    EXPECT_TRUE(refused(run_drf(tiny_config("plan", {set})), kConfigCode, {"sampling."})) << set;
}

TEST_F(Score, TooManyTokensForOneClipAreRefused) {
  std::string questions;
  for (int i = 0; i < 60; ++i) {
    questions += concat("{\"id\":\"", i, "\",\"prompt\":0,\"aspect\":\"TA\",\"kind\":\"yes_no\",\"text\":\"");
    for (int word = 0; word < 3000; ++word) questions += "red ";
    questions += "\",\"answer\":\"Yes\"}\n";
  }
  score({});
  write_text(folder_ / "many.jsonl", questions);
  const Outcome outcome =
      run_drf({"score", "--critic", critic(), "--questions", (folder_ / "many.jsonl").string(), "--frames",
               (folder_ / "f.safetensors").string()});
  EXPECT_TRUE(refused(outcome, kInputCode, {"60 questions about one clip have more than 65536 tokens"}));
  // A run says it before it begins, not when the clip's turn comes.
  write_text(folder_ / "p.txt", "a red ball\n");
  const Outcome run =
      run_drf(tiny_config("train", {"prompts.train=" + (folder_ / "p.txt").string(), "train.batch=1",
                                    "questions.templates=", "questions.dense=true",
                                    "questions.file=" + (folder_ / "many.jsonl").string(),
                                    "output.dir=" + (folder_ / "run").string()}));
  EXPECT_TRUE(refused(run, kInputCode, {"many.jsonl: the 60 questions about one clip"}));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "run/config.toml"));
}

TEST(FileNames, NeedNotBeUtf8) {
  TemporaryFolder folder;
  const std::string name = "\xC4\xE3\xBA\xC3.safetensors";
  write_safetensors(folder / name, {{"t", at::zeros({2, 3})}});
  const Outcome json = run_drf({"inspect", (folder / name).string(), "--json"});
  ASSERT_EQ(json.code, 0) << json.err;
  EXPECT_EQ(nlohmann::json::parse(json.out).at("tensors"), 1);
  EXPECT_EQ(run_drf({"inspect", (folder / name).string()}).code, 0);
  const Outcome absent = run_drf({"inspect", (folder / "\xC4\xE3").string(), "--json"});
  EXPECT_TRUE(refused(absent, kInputCode, {"no such file"}));
}

}  // namespace
}  // namespace drf::testing
