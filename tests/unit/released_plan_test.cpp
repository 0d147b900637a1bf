// What the released models would take by plan: Wan 2.1 T2V 1.3B and 14B and Wan 2.2 T2V A14B under
// Qwen2.5-VL-7B at 832 x 480, for CUDA. Pinned are the worst stage, what fits into 24, 40 and 80 GiB (a plan
// may fill nine tenths), and that the peak does not rise. After a change that lowers it, take the new numbers
// from what this test prints.
#include <gtest/gtest.h>

#include <cstdio>
#include <set>

#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/plan/plan.h"
#include "drf/run/run.h"
#include "tests/support/golden.h"
#include "tests/support/released_models.h"
#include "tests/support/temporary_folder.h"

namespace drf::plan {
namespace {

constexpr double kGiB = 1 << 30;

/// configs/wan2.1-t2v-1.3b.toml at its leanest: both branches of guidance, the anchor, 16 critic frames of
/// 100,352 pixels, 8 questions, and two steps that train: under "block" more cost no memory but their states.
run::RunConfig recipe(const std::filesystem::path& folder, int64_t frames, const char* park) {
  run::RunConfig c;
  c.generator.path = (folder / "generator").string();
  c.critic.path = (folder / "critic").string();
  c.critic.max_pixels = 100'352;
  c.prompts.train = (folder / "prompts.txt").string();
  c.questions.file = (folder / "questions.jsonl").string();
  c.sampling.frames = frames;
  c.flow.K = 2;
  c.flow.recompute = "block";
  c.flow.cfg_batch = "off";
  c.train.anchor = 1e-6;
  c.memory.park = park;
  return c;
}

struct Pin {
  const char* size;
  int64_t frames;
  const char* park;
  const char* worst;
  double gib;  ///< peak
  bool fits_24, fits_40, fits_80;
};

class Released : public ::testing::TestWithParam<Pin> {};

TEST_P(Released, TakesWhatIsPinned) {
  const Pin pin = GetParam();
  const testing::TemporaryFolder folder;
  testing::write_released(folder.path(), pin.size);
  testing::write_text(folder / "prompts.txt", "a red ball moves left on a black background\n");
  std::string questions;
  for (int i = 0; i < 8; ++i) {
    questions +=
        concat(R"({"id":"q)", i, R"(","prompt":0,"aspect":"TA","kind":"yes_no","text":"Is ball number )", i,
               R"( red?","answer":"Yes"})", "\n");
  }
  testing::write_text(folder / "questions.jsonl", questions);
  const run::RunConfig config = recipe(folder.path(), pin.frames, pin.park);
  const MemoryPlan plan = predict_memory(config, run::read_prompts(config), {at::kCUDA, {}});
  std::printf("%s, %d frames, park %s:", pin.size, static_cast<int>(pin.frames), pin.park);
  for (const StagePlan& s : plan.stages)
    std::printf(" %s %.2f", s.stage.c_str(), static_cast<double>(s.peak()) / kGiB);
  std::printf("; worst %s %.2f GiB, %.2f s of parking\n", plan.worst().stage.c_str(),
              static_cast<double>(plan.peak()) / kGiB, park_seconds(plan));
  EXPECT_EQ(plan.worst().stage, pin.worst);
  EXPECT_LT(static_cast<double>(plan.peak()), pin.gib * kGiB * 1.01);
  for (const auto& [gib, fits] : {std::pair{24.0, pin.fits_24}, {40.0, pin.fits_40}, {80.0, pin.fits_80}})
    EXPECT_EQ(static_cast<double>(plan.peak()) <= kUsableShare * gib * kGiB, fits) << gib << " GiB";
}

INSTANTIATE_TEST_SUITE_P(Models, Released,
                         ::testing::Values(Pin{"1.3b", 17, "off", "pull_decode", 25.60, false, true, true},
                                           Pin{"1.3b", 17, "on", "pull_critic", 17.40, true, true, true},
                                           Pin{"1.3b", 81, "off", "pull_decode", 47.13, false, false, true},
                                           Pin{"1.3b", 81, "on", "pull_decode", 29.03, false, true, true},
                                           Pin{"14b", 17, "off", "pull_decode", 50.91, false, false, true},
                                           Pin{"14b", 17, "on", "pull_steps", 34.31, false, true, true},
                                           Pin{"14b", 81, "off", "pull_decode", 72.44, false, false, false},
                                           Pin{"14b", 81, "on", "pull_steps", 50.49, false, false, true},
                                           Pin{"a14b", 17, "off", "pull_decode", 77.66, false, false, false},
                                           Pin{"a14b", 17, "on", "pull_steps", 35.08, false, true, true},
                                           Pin{"a14b", 81, "on", "pull_steps", 53.49, false, false, true}));

// Wan 2.2 A14B: two networks of one shape, each Wan 2.1 14B's.
TEST(ReleasedA14B, BothNetworksHaveTheReleasedNamesAndShapes) {
  const testing::TemporaryFolder folder;
  testing::write_released(folder.path(), "a14b");
  const DryRun dry(at::kCUDA);
  models::ModelOptions options;
  options.load.device = at::kMeta;
  const auto model = models::open_generator(folder / "generator", options);
  const auto lines = read_utf8_lines(testing::source_path("tests/goldens/names_wan_14b.txt"));
  const auto networks = model.denoiser->components();
  ASSERT_EQ(networks.size(), 2u);
  for (const models::Component& network : networks) {
    std::set<std::string> own;
    int64_t numbers = 0;
    for (const auto& p : network.root->named_parameters()) {
      std::string shape;
      for (const int64_t extent : p.tensor->sizes())
        shape += (shape.empty() ? "" : ",") + std::to_string(extent);
      own.insert(p.name + " " + shape);
      numbers += p.tensor->numel();
    }
    EXPECT_EQ(own, (std::set<std::string>{lines.begin(), lines.end()})) << network.name;
    EXPECT_EQ(own.size(), 1095u);
    EXPECT_EQ(numbers, 14288491584);
  }
  // Levels of the recipes: shift 12 has 26 of 40 above the boundary, and 6 of 8; shift 3 has 12 of 40.
  for (const auto& [shift, steps, first] : {std::tuple{12.0, 40, 26}, {12.0, 8, 6}, {3.0, 40, 12}}) {
    int64_t own = 0;
    for (const float t : model.denoiser->schedule({diffusion::EulerLevels::kFlow, steps, shift}).timesteps)
      own += model.denoiser->component(t) == 0;
    EXPECT_EQ(own, first) << shift << " " << steps;
  }
}

}  // namespace
}  // namespace drf::plan
