// Sizes, patches, timestamps and the prompt's tokens equal transformers' Qwen3-VL processor:
// tools/reference/qwen3_processor.py.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/models/qwen3_vl/positions.h"
#include "drf/models/qwen3_vl/video_processor.h"
#include "drf/text/chat_template.h"
#include "drf/text/tokenizer.h"
#include "tests/support/expect_error.h"
#include "tests/support/golden.h"

namespace drf::qwen3 {
namespace {

using testing::close;
using testing::close_relative;
using testing::error_of;
using testing::Golden;
using testing::says;
using testing::source_path;

// libtorch resizes in float32 with weights made in float32.
constexpr double kFloat32 = 1e-5;

nlohmann::json read(const std::string& name) {
  return nlohmann::json::parse(read_file(source_path("tests/goldens/" + name)));
}

qwen::PatchSizes patch_sizes(int64_t patch, int64_t temporal, int64_t merge) {
  return {patch, temporal, merge};
}

TEST(Qwen3Processor, PatchesEqualTheReferenceBeforeItsRounding) {
  const Golden golden("qwen3_processor.safetensors");
  const auto settings = nlohmann::json::parse(golden.metadata("settings"));
  for (size_t i = 0; i < settings.size(); ++i) {
    const std::string at = std::to_string(i) + ".";
    const auto& s = settings[i];
    const auto models = patch_sizes(s["patch_size"], s["temporal_patch_size"], s["merge_size"]);
    const auto processor = qwen::ProcessorConfig::read(JsonConfig(s, at), models, kProcessor);
    const qwen::VideoInput video = process_video(golden[at + "frames"], processor, models);
    const at::Tensor grid = golden[at + "grid"];
    EXPECT_EQ(video.grid,
              (qwen::Grid{grid[0].item<int64_t>(), grid[1].item<int64_t>(), grid[2].item<int64_t>()}))
        << i;
    EXPECT_TRUE(close(video.patches_BLK, golden[at + "patches"], kFloat32)) << i;

    // Affine: the difference quotient is exact but for rounding.
    const at::Tensor x = golden[at + "frames"].to(at::kDouble).set_requires_grad(true);
    const at::Tensor way = x.detach().flip({0, 1, 3, 4}).contiguous();
    const auto value = [&](const at::Tensor& frames) {
      const at::Tensor patches = process_video(frames, processor, models).patches_BLK;
      return (patches * at::linspace(-1, 1, patches.numel(), at::kDouble).view(patches.sizes())).sum();
    };
    value(x).backward();
    const at::Tensor quotient = (value(x.detach() + way) - value(x.detach() - way)) / 2;
    EXPECT_TRUE(close_relative((x.grad() * way).sum(), quotient, 1e-11)) << i;
  }
}

TEST(Qwen3Processor, SizesEqualTheReference) {
  size_t refused = 0;
  const auto rows = read("qwen3_sizes.json");
  ASSERT_EQ(rows.size(), 502u);
  for (const auto& r : rows) {
    const auto models = patch_sizes(r[4], r[3], 1);
    qwen::ProcessorConfig p;
    p.min_pixels = r[5];
    p.max_pixels = r[6];
    p.share_pixels = r[7] != 0;
    if (p.share_pixels) p.max_video_tokens = r[7];
    if (r[8] == 0) {
      ++refused;
      EXPECT_THROW(frame_size(r[0], r[1], r[2], p, models, 0), Error) << r.dump();
    } else {
      EXPECT_EQ(frame_size(r[0], r[1], r[2], p, models, 0), (std::pair<int64_t, int64_t>(r[8], r[9])))
          << r.dump();
    }
  }
  EXPECT_GT(refused, 0u);
}

TEST(Qwen3Processor, MaxPixelsIsACountedFramesAndNeverRaisesTheLimit) {
  qwen::ProcessorConfig p;
  p.min_pixels = 4096;
  p.max_pixels = 25165824;
  const auto models = patch_sizes(16, 2, 2);
  using Size = std::pair<int64_t, int64_t>;
  EXPECT_EQ(frame_size(16, 480, 832, p, models, 0), (Size{480, 832}));
  EXPECT_EQ(frame_size(16, 480, 832, p, models, 100000), (Size{224, 416}));
  EXPECT_EQ(frame_size(16, 480, 832, p, models, 1 << 30), (Size{480, 832}));
  // What the least size enforces is no one's wish: it is named.
  p.min_pixels = 1 << 22;
  EXPECT_TRUE(says(error_of(ErrorKind::kConfig, [&] { frame_size(16, 32, 32, p, models, 2000); }),
                   "max_pixels is 2000, but frames of 32x32 are shown with 262144 pixels"));
  p.min_pixels = 4096;
  // A clip shorter than a temporal patch counts as one: its frame is repeated.
  EXPECT_EQ(frame_size(1, 480, 832, p, models, 100000), frame_size(2, 480, 832, p, models, 100000));
}

TEST(Qwen3Processor, KeysThatAreLeftOutHaveTheReferencesDefaults) {
  const auto read_with = [](const nlohmann::json& json) {
    return qwen::ProcessorConfig::read(JsonConfig(json, "video_preprocessor_config.json"),
                                       patch_sizes(16, 2, 2), kProcessor);
  };
  const qwen::ProcessorConfig p = read_with(nlohmann::json::object());
  EXPECT_EQ(p.mean, (std::array<double, 3>{0.5, 0.5, 0.5}));
  EXPECT_EQ(p.std, (std::array<double, 3>{0.5, 0.5, 0.5}));
  EXPECT_EQ(p.min_pixels, 131072);
  EXPECT_EQ(p.max_pixels, 786432);
  EXPECT_EQ(p.max_video_tokens, 768);
  EXPECT_FALSE(p.share_pixels);
  EXPECT_FALSE(read_with({{"cap_pixels_per_frame", nullptr}}).share_pixels);
  EXPECT_TRUE(says(error_of(ErrorKind::kInput,
                            [&] {
                              read_with({{"patch_size", 14}});
                            }),
                   "patch_size: is 14; the model's is 16"));
}

TEST(Qwen3Prompt, TokensEqualThe457LayoutAndPositionsHoldInBoth) {
  const auto tokenizer = text::open_tokenizer(source_path("assets/tiny/critic"));
  Config config;
  config.image_token_id = 406;
  config.video_token_id = 407;
  for (const auto& row : read("qwen3_prompts.json")) {
    const auto indices = row["indices"].get<std::vector<int64_t>>();
    config.vision.temporal_patch_size = row["temporal"];
    config.vision.spatial_merge_size = 1;
    const auto seconds = group_seconds(indices, row["fps"], config.vision.temporal_patch_size);
    const std::vector<qwen::Grid> grids = {{static_cast<int64_t>(seconds.size()), 1, row["tokens"]}};
    const std::string prefix = text::ChatTemplate::without_system().opening() + video_text(seconds);
    std::vector<int64_t> ids =
        qwen::repeat_pads(tokenizer->encode(prefix), config.video_token_id, video_runs(config, grids));
    for (const int64_t id : tokenizer->encode(row["tail"].get<std::string>())) ids.push_back(id);
    EXPECT_EQ(ids, row["ids"].get<std::vector<int64_t>>()) << row["text"];
    // The library's outer pair is two tokens of text: everything behind its start is one further on.
    const auto other = row["ids_5"].get<std::vector<int64_t>>();
    const qwen::Positions ours = positions(ids, config, grids), library = positions(other, config, grids);
    EXPECT_EQ(library.next, ours.next + 2);
    for (size_t i = 0; i < ours.videos.size(); ++i) {
      EXPECT_EQ(library.ids_3S[1][library.videos[i].begin].item<int64_t>() -
                    ours.ids_3S[1][ours.videos[i].begin].item<int64_t>(),
                library.videos[i].begin - ours.videos[i].begin);
    }
  }
}

TEST(Qwen3Prompt, SecondsAreTheWholeClipsAndRoundAsPrintfDoes) {
  EXPECT_EQ(group_seconds({0, 1, 2}, 4, 2), (std::vector<double>{0.125, 0.5}));   // the last is repeated
  EXPECT_EQ(group_seconds({0, 8, 16}, 16, 2), (std::vector<double>{0.25, 1.0}));  // not at the sampled rate
  EXPECT_EQ(video_text({0.125}).substr(0, 13), "<0.1 seconds>");
  EXPECT_EQ(video_text({0.25}).substr(0, 13), "<0.2 seconds>");  // a tie: to even
  EXPECT_EQ(video_text({0.75}).substr(0, 13), "<0.8 seconds>");
}

}  // namespace
}  // namespace drf::qwen3
