// Frames to patches and positions equal transformers' Qwen2VLVideoProcessor and get_rope_index:
// tools/reference/qwen_processor.py and qwen.py.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/models/qwen2_5_vl/positions.h"
#include "drf/models/qwen2_5_vl/video_processor.h"
#include "tests/support/expect_error.h"
#include "tests/support/golden.h"
#include "tests/support/temporary_folder.h"

namespace drf::qwen {
namespace {

using testing::close;
using testing::close_relative;
using testing::error_of;
using testing::Golden;
using testing::says;
using testing::source_path;

// libtorch resizes in float32 with weights made in float32.
constexpr double kFloat32 = 1e-5;

struct Case {
  VisionConfig vision;
  ProcessorConfig processor;
  at::Tensor frames, patches;
  Grid grid;
};

std::vector<Case> cases() {
  const Golden golden("qwen_processor.safetensors");
  const auto settings = nlohmann::json::parse(golden.metadata("settings"));
  std::vector<Case> all;
  for (size_t i = 0; i < settings.size(); ++i) {
    const std::string at = std::to_string(i) + ".";
    Case c;
    c.vision.patch_size = settings[i]["patch_size"];
    c.vision.temporal_patch_size = settings[i]["temporal_patch_size"];
    c.vision.spatial_merge_size = settings[i]["merge_size"];
    c.processor = ProcessorConfig::read(JsonConfig(settings[i], "case " + std::to_string(i)), c.vision);
    c.frames = golden[at + "frames"];
    c.patches = golden[at + "patches"];
    const at::Tensor g = golden[at + "grid"];
    c.grid = {g[0].item<int64_t>(), g[1].item<int64_t>(), g[2].item<int64_t>()};
    all.push_back(std::move(c));
  }
  return all;
}

TEST(QwenProcessor, PatchesEqualTheReferenceBeforeItsRounding) {
  for (const Case& c : cases()) {
    const VideoInput video = process_video(c.frames, c.processor, c.vision);
    EXPECT_EQ(video.grid, c.grid);
    EXPECT_TRUE(close(video.patches_BLK, c.patches, kFloat32));
  }
}

TEST(QwenProcessor, TheGradientIsTheFiniteDifferenceInFloat64) {
  for (const Case& c : cases()) {
    const at::Tensor x = c.frames.to(at::kDouble).set_requires_grad(true);
    const at::Tensor way = x.detach().flip({0, 1, 3, 4}).contiguous();
    const auto value = [&](const at::Tensor& frames) {
      const at::Tensor patches = process_video(frames, c.processor, c.vision).patches_BLK;
      return (patches * at::linspace(-1, 1, patches.numel(), at::kDouble).view(patches.sizes())).sum();
    };
    value(x).backward();
    // Affine: the difference quotient is exact but for rounding.
    const at::Tensor quotient = (value(x.detach() + way) - value(x.detach() - way)) / 2;
    EXPECT_TRUE(close_relative((x.grad() * way).sum(), quotient, 1e-11));
  }
}

TEST(QwenProcessor, SmartResizeEqualsTheReference) {
  const auto rows = nlohmann::json::parse(read_file(source_path("tests/goldens/qwen_smart_resize.json")));
  ASSERT_EQ(rows.size(), 400u);
  for (const auto& r : rows) {
    if (r[5] == 0) {
      EXPECT_THROW(smart_resize(r[0], r[1], r[2], r[3], r[4]), Error) << r.dump();
    } else {
      const std::pair<int64_t, int64_t> want(r[5], r[6]);
      EXPECT_EQ(smart_resize(r[0], r[1], r[2], r[3], r[4]), want) << r.dump();
    }
  }
}

TEST(QwenProcessor, FramesThatCannotBeResizedAreRefused) {
  Case c = cases()[0];
  const auto run = [&](at::IntArrayRef shape) {
    return error_of(ErrorKind::kInput, [&] { process_video(at::zeros(shape), c.processor, c.vision); });
  };
  EXPECT_TRUE(says(run({1, 2, 3, 1, 201}), "200 : 1"));
  c.processor.resize = false;
  EXPECT_TRUE(says(run({1, 2, 3, 16, 20}), "become 20 x 16, wanted multiples of 8"));
}

TEST(QwenProcessor, MaxPixelsReplacesTheCheckpointsLimit) {
  const Case c = cases()[0];
  EXPECT_EQ(process_video(at::zeros({1, 1, 3, 64, 64}), c.processor, c.vision).grid, (Grid{1, 16, 16}));
  EXPECT_EQ(process_video(at::zeros({1, 1, 3, 64, 64}), c.processor, c.vision, 1100).grid, (Grid{1, 8, 8}));
}

TEST(QwenProcessor, TheSettingsAreFoundWhereTransformersLooksForThem) {
  const testing::TemporaryFolder folder;
  const std::string rest = R"("image_mean": [0, 0, 0], "image_std": [1, 1, 1])";
  const auto read = [&] { return ProcessorConfig::read(folder.path(), VisionConfig()); };
  EXPECT_TRUE(says(error_of(ErrorKind::kInput, read), "neither video_preprocessor_config.json nor"));
  testing::write_text(folder / "preprocessor_config.json",
                      "{\"min_pixels\": 3136, \"max_pixels\": 12845056, " + rest + "}");
  EXPECT_EQ(read().min_pixels, 3136);
  EXPECT_EQ(read().max_pixels, 12845056);
  testing::write_text(folder / "video_preprocessor_config.json",
                      "{\"size\": {\"shortest_edge\": 7, \"longest_edge\": 8}, " + rest + "}");
  EXPECT_EQ(read().min_pixels, 7);
  testing::write_text(folder / "processor_config.json", "{\"processor_class\": \"Qwen2_5_VLProcessor\"}");
  EXPECT_EQ(read().max_pixels, 8);
  testing::write_text(folder / "processor_config.json",
                      "{\"video_processor\": {\"min_pixels\": 9, " + rest + "}}");
  EXPECT_EQ(read().min_pixels, 9);
  testing::write_text(folder / "processor_config.json",
                      "{\"video_processor\": {\"resample\": 2, " + rest + "}}");
  EXPECT_TRUE(says(error_of(ErrorKind::kInput, read), "only 3 is supported"));
  testing::write_text(folder / "processor_config.json",
                      "{\"video_processor\": {\"patch_size\": 16, " + rest + "}}");
  EXPECT_TRUE(says(error_of(ErrorKind::kInput, read), "patch_size"));
}

// transformers 5.23's Qwen2VLVideoProcessor without a key: OPENAI_CLIP_MEAN and _STD, 1/255, its own limits.
TEST(QwenProcessor, KeysThatAreLeftOutHaveTheReferencesDefaults) {
  const auto read = [](const nlohmann::json& json, const VisionConfig& vision = {}) {
    return ProcessorConfig::read(JsonConfig(json, "preprocessor_config.json"), vision);
  };
  const ProcessorConfig p = read(nlohmann::json::object());
  EXPECT_EQ(p.mean, (std::array<double, 3>{0.48145466, 0.4578275, 0.40821073}));
  EXPECT_EQ(p.std, (std::array<double, 3>{0.26862954, 0.26130258, 0.27577711}));
  EXPECT_EQ(p.min_pixels, 128 * 28 * 28);
  EXPECT_EQ(p.max_pixels, 28 * 28 * 768);
  EXPECT_TRUE(p.resize);
  EXPECT_DOUBLE_EQ(p.scale, 1);
  const auto message = [&](const nlohmann::json& json, const VisionConfig& vision = {}) {
    return error_of(ErrorKind::kInput, [&] { read(json, vision); });
  };
  VisionConfig other;
  other.patch_size = 8;
  EXPECT_TRUE(says(message(nlohmann::json::object(), other),
                   "patch_size: is left out, which means 14; the model's is 8"));
  EXPECT_TRUE(says(message({{"image_std", {1, 0, 1}}}), "image_std: holds 0"));
  EXPECT_TRUE(says(message({{"rescale_factor", 0}}), "rescale_factor: is 0"));
  EXPECT_TRUE(says(message({{"max_pixels", -1}}), "max_pixels: is -1"));
  EXPECT_TRUE(says(message({{"size", {{"shortest_edge", 1000000000000000}}}}), "shortest_edge"));
  // Products of which would be beyond 2^63.
  EXPECT_TRUE(says(message({{"max_video_tokens", 1 << 25}}), "max_video_tokens"));
  other.patch_size = 1 << 12;
  EXPECT_TRUE(says(message({{"patch_size", 1 << 12}}, other), "merge_size: times patch_size is 2 x 4096"));
}

TEST(QwenProcessor, FramesAreTakenUniformlyHalvesToEven) {
  using Indices = std::vector<int64_t>;
  EXPECT_EQ(sample_frame_indices(17, 8), (Indices{0, 2, 5, 7, 9, 11, 14, 16}));
  EXPECT_EQ(sample_frame_indices(6, 3), (Indices{0, 2, 5}));  // 2.5 -> 2
  EXPECT_EQ(sample_frame_indices(8, 3), (Indices{0, 4, 7}));  // 3.5 -> 4
  EXPECT_EQ(sample_frame_indices(3, 5), (Indices{0, 0, 1, 2, 2}));
  EXPECT_EQ(sample_frame_indices(1, 2), (Indices{0, 0}));
  EXPECT_EQ(sample_frame_indices(9, 1), (Indices{0}));
}

TEST(QwenPositions, EqualTheReference) {
  const Golden golden("qwen_positions.safetensors");
  Config config;
  config.image_token_id = 1;
  config.video_token_id = 2;
  for (int i = 0; i < std::stoi(golden.metadata("count")); ++i) {
    const std::string at = std::to_string(i) + ".";
    const at::Tensor g = golden[at + "grid"], ids_S = golden[at + "ids"], merge = golden[at + "merge"];
    config.vision.spatial_merge_size = merge[0].item<int64_t>();
    config.vision.tokens_per_second = merge[1].item<int64_t>();
    const Grid grid{g[0].item<int64_t>(), g[1].item<int64_t>(), g[2].item<int64_t>()};
    std::vector<int64_t> ids(ids_S.data_ptr<int64_t>(), ids_S.data_ptr<int64_t>() + ids_S.numel());
    const double seconds = golden[at + "seconds"][0].item<double>();
    const Positions all = positions(ids, config, {{grid, seconds}});
    EXPECT_TRUE(all.ids_3S.equal(golden[at + "positions"])) << i;
    // Cut after the video's end token: what follows goes on from `next`.
    ids.resize(ids.size() - 3);
    EXPECT_EQ(positions(ids, config, {{grid, seconds}}).next, all.next - 3);
    EXPECT_EQ(all.ids_3S[0][-1].item<int64_t>(), all.next - 1);
  }
}

// As the model was trained; transformers 5 goes on at 3 + max(rows, columns).
TEST(QwenPositions, TextGoesOnAfterTheLargestOfAllThreeAxes) {
  Config config;
  config.image_token_id = 1;
  config.video_token_id = 2;
  config.vision.spatial_merge_size = 2;
  config.vision.tokens_per_second = 4;
  const auto next = [&](const Grid& grid, double seconds) {
    std::vector<int64_t> ids(3, 5);
    ids.insert(ids.end(), static_cast<size_t>(grid.t * grid.h * grid.w / 4), 2);
    ids.push_back(6);
    const Positions found = positions(ids, config, {{grid, seconds}});
    for (int64_t axis = 0; axis < 3; ++axis)
      EXPECT_EQ(found.ids_3S[axis][-1].item<int64_t>(), found.next - 1);
    return found.next - 1;
  };
  EXPECT_EQ(next({5, 4, 4}, 0.25), 3 + 5);    // times 0 .. 4, two rows and columns
  EXPECT_EQ(next({5, 4, 4}, 0.249), 3 + 4);   // times 0, 0, 1, 2, 3: cut off
  EXPECT_EQ(next({5, 4, 4}, 2.0), 3 + 33);    // times 0, 8, ..., 32
  EXPECT_EQ(next({2, 4, 14}, 0.25), 3 + 7);   // columns rule
  EXPECT_EQ(next({2, 18, 14}, 0.25), 3 + 9);  // rows rule
  EXPECT_EQ(next({1, 2, 2}, 9.0), 3 + 1);
}

}  // namespace
}  // namespace drf::qwen
