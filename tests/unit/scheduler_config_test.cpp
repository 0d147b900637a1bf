// scheduler_config.json: what is left out has diffusers' own default, and is refused where that is not flow
// matching.
#include "drf/models/scheduler_config.h"

#include <gtest/gtest.h>

#include "tests/support/expect_error.h"
#include "tests/support/temporary_folder.h"

namespace drf::models {
namespace {

using drf::testing::error_of;
using drf::testing::says;

class Scheduler : public ::testing::Test {
 public:
  SchedulerConfig read(const std::string& json) {
    testing::write_text(folder_ / "scheduler_config.json", json);
    return SchedulerConfig::read(folder_ / "scheduler_config.json");
  }
  std::string refusal(const std::string& json) {
    return error_of(ErrorKind::kInput, [&] { read(json); });
  }

 private:
  testing::TemporaryFolder folder_;
};

TEST_F(Scheduler, AnEulerConfigOfNothingButItsNameIsUnshifted) {
  const SchedulerConfig config = read(R"({"_class_name": "FlowMatchEulerDiscreteScheduler"})");
  EXPECT_EQ(config.sampler, "euler");
  EXPECT_EQ(config.shift, 1.0);
  EXPECT_EQ(config.num_train_timesteps, 1000);
}

TEST_F(Scheduler, AUniPCConfigMustSayThatItIsFlowMatching) {
  const std::string flow = R"("prediction_type": "flow_prediction", "use_flow_sigmas": true)";
  const SchedulerConfig config = read(R"({"_class_name": "UniPCMultistepScheduler", )" + flow + "}");
  EXPECT_EQ(config.sampler, "unipc");
  EXPECT_EQ(config.shift, 1.0);
  EXPECT_EQ(config.solver_order, 2);
  // diffusers would take these for a model that predicts noise.
  EXPECT_TRUE(says(refusal(R"({"_class_name": "UniPCMultistepScheduler", "use_flow_sigmas": true})"),
                   "prediction_type: is left out, for which diffusers takes \"epsilon\""));
  EXPECT_TRUE(
      says(refusal(R"({"_class_name": "UniPCMultistepScheduler", "prediction_type": "flow_prediction"})"),
           "use_flow_sigmas: is left out, for which diffusers takes false"));
  EXPECT_TRUE(says(refusal(R"({"_class_name": "UniPCMultistepScheduler"})"), "only \"flow_prediction\""));
  EXPECT_TRUE(says(refusal(R"({"_class_name": "UniPCMultistepScheduler", "prediction_type": "epsilon",
                              "use_flow_sigmas": true})"),
                   "is \"epsilon\""));
}

TEST_F(Scheduler, WhatChangesTheLevelsIsRefusedByName) {
  const auto with = [](const std::string& more) {
    return R"({"_class_name": "FlowMatchEulerDiscreteScheduler", )" + more + "}";
  };
  EXPECT_TRUE(says(refusal(with(R"("use_dynamic_shifting": true)")), "use_dynamic_shifting"));
  EXPECT_TRUE(says(refusal(with(R"("invert_sigmas": true)")), "invert_sigmas"));
  EXPECT_TRUE(says(refusal(with(R"("shift_terminal": 0.1)")), "shift_terminal"));
  EXPECT_TRUE(says(refusal(with(R"("shift": 0)")), "must be positive"));
  EXPECT_TRUE(says(refusal(R"({"_class_name": "DDIMScheduler"})"), "DDIMScheduler"));
}

}  // namespace
}  // namespace drf::models
