// The bundled generator of fields: what it draws equals diffusers' transformer under Euler on the flow
// levels, and a folder whose parts do not fit is refused. tools/fields/goldens.py.
#include "drf/models/wan/field_pipeline.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "tests/support/expect_error.h"
#include "tests/support/golden.h"
#include "tests/support/temporary_folder.h"

namespace drf::wan {
namespace {

namespace fs = std::filesystem;
using testing::close_relative;
using testing::error_of;
using testing::Golden;
using testing::says;

const fs::path& bundled() {
  static const fs::path folder = testing::source_path("assets/fields");
  return folder;
}

at::Tensor sample(models::Denoiser& denoiser, at::Tensor x, int64_t steps) {
  const at::NoGradGuard no_graph;
  diffusion::ScheduleOptions options;
  options.steps = steps;
  options.shift = 1;
  const auto schedule = denoiser.schedule(options);
  const models::Condition nothing = denoiser.prepare({denoiser.encode("")}, {});
  for (size_t k = 0; k < schedule.timesteps.size(); ++k)
    x = x + (static_cast<double>(schedule.sigmas[k + 1]) - schedule.sigmas[k]) *
                denoiser.velocity(x, schedule.timesteps[k], nothing, {});
  return x;
}

// Ten steps of float32 each way; two orders of summation differ by a few ulp a layer, and the levels by one.
TEST(FieldPipeline, DrawsWhatTheReferenceDraws) {
  const Golden golden("field_pipeline.safetensors");
  const models::Generator model = open_field_pipeline(bundled(), {});
  EXPECT_FALSE(model.decoder);
  EXPECT_EQ(model.scheduler.shift, 1);
  EXPECT_EQ(model.denoiser->latent_shape({1, 32, 24}), (std::vector<int64_t>{2, 1, 32, 24}));
  EXPECT_TRUE(close_relative(sample(*model.denoiser, golden["noise"], 10), golden["latents"], 1e-4));
}

TEST(FieldPipeline, TheFloat64TransformerEqualsTheLiftedReference) {
  const Golden golden("field_pipeline.safetensors");
  models::ModelOptions options;
  options.load.dtype = at::kDouble;
  const models::Generator model = open_field_pipeline(bundled(), options);
  const at::NoGradGuard no_graph;
  // A row for each sample, or one that serves all.
  const models::Condition row = model.denoiser->encode("");
  for (const auto& rows : {std::vector{row}, std::vector{row, row}}) {
    const models::Condition nothing = model.denoiser->prepare(rows, {});
    EXPECT_TRUE(close_relative(model.denoiser->velocity(golden["noise"].to(at::kDouble), 371.25, nothing, {}),
                               golden["velocity"], 1e-9));
  }
}

TEST(FieldPipeline, WhatItCannotDrawIsRefused) {
  const models::Generator model = open_field_pipeline(bundled(), {});
  const auto shape = [&](int64_t frames, int64_t height, int64_t width) {
    const std::string message = error_of(ErrorKind::kConfig, [&] {
      model.denoiser->latent_shape({frames, height, width});
    });
    EXPECT_NO_THROW(model.denoiser->latent_shape(model.denoiser->nearest({frames, height, width})));
    return message;
  };
  EXPECT_TRUE(says(shape(5, 32, 32), "frames is 5, a field is one frame"));
  EXPECT_TRUE(
      says(shape(1, 30, 32), "height is 30, must be a multiple of the patch of 4, 256 at most: use 28"));
  EXPECT_TRUE(says(shape(1, 32, 1 << 20), "use 256"));
  EXPECT_TRUE(says(shape(1, 32, 0), "width is 0"));
  EXPECT_TRUE(says(error_of(ErrorKind::kConfig, [&] { model.denoiser->encode("a red ball"); }),
                   "reads no text, got the prompt \"a red ball\""));
}

// A copy of the bundled folder in which one file is changed; weights are linked.
class FieldFolder : public ::testing::Test {
 protected:
  FieldFolder() {
    fs::create_directories(folder_ / "transformer");
    fs::create_directories(folder_ / "scheduler");
    for (const char* name :
         {"model_index.json", "fields.json", "transformer/config.json", "scheduler/scheduler_config.json"})
      fs::copy_file(bundled() / name, folder_ / name);
    const char* weights = "transformer/diffusion_pytorch_model.safetensors";
    fs::create_symlink(bundled() / weights, folder_ / weights);
  }

  std::string refusal(const std::string& file, const std::function<void(nlohmann::json&)>& change) {
    std::ifstream in(folder_ / file);
    const std::string before{std::istreambuf_iterator<char>(in), {}};
    nlohmann::json json = nlohmann::json::parse(before);
    change(json);
    testing::write_text(folder_ / file, json.dump());
    const std::string message = error_of(ErrorKind::kInput, [&] { open_field_pipeline(folder_.path(), {}); });
    testing::write_text(folder_ / file, before);
    return message;
  }

  testing::TemporaryFolder folder_;
};

TEST_F(FieldFolder, PartsThatDoNotFitAreRefused) {
  EXPECT_NO_THROW(open_field_pipeline(folder_.path(), {}));
  EXPECT_TRUE(says(refusal("model_index.json", [](auto& json) { json["_class_name"] = "WanPipeline"; }),
                   "_class_name: is WanPipeline, wanted WanFieldPipeline"));
  EXPECT_TRUE(
      says(refusal("fields.json",
                   [](auto& json) {
                     json = {{"equation", "burgers"}, {"channels", {"u"}}, {"mean", {0}}, {"std", {1}}};
                   }),
           "fields.json has 1 channels, the transformer 2"));
  EXPECT_TRUE(
      says(refusal("fields.json", [](auto& json) { json["equation"] = "darcy"; }), R"(["log_a","u"])"));
  EXPECT_TRUE(says(
      refusal("transformer/config.json", [](auto& json) { json["in_channels"] = json["out_channels"] = 3; }),
      "3"));
  EXPECT_TRUE(says(refusal("transformer/config.json",
                           [](auto& json) {
                             json["patch_size"] = {2, 4, 2};
                           }),
                   "patch"));
}

}  // namespace
}  // namespace drf::wan
