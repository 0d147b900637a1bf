// What pulling the steps of a rollout takes.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "tests/support/small_flow.h"

namespace drf {
namespace {

using flow::Batch;
using run::RunConfig;
using Small = testing::SmallFlow;
using Change = std::function<void(RunConfig&)>;

// Three latent channels for pixels, and their mean for an answer: what costs memory and time here are the
// steps.
class ChannelDecoder : public models::Decoder {
 public:
  at::Tensor decode(const at::Tensor& latents, nn::Graph) override {
    return latents.narrow(1, 0, 3).transpose(1, 2);
  }
  models::Flops flops(at::IntArrayRef) const override { return {}; }
};
class MeanReward : public rewards::Reward {
 public:
  bool sees_frames() const override { return true; }
  rewards::Score score(const at::Tensor& frames, const std::vector<rewards::Sample>& samples) override {
    rewards::Score score;
    score.total_B = frames.flatten(1).mean(1);
    score.parts.resize(samples.size());
    return score;
  }
};

// Bytes that pulling the steps adds at its worst moment.
double pulled_bytes(Small& s, const Change& change) {
  ChannelDecoder decoder;
  MeanReward reward;
  const auto engine = s.flow_case().engine(
      [&](RunConfig& c) {
        c.flow.policy = "last";
        c.flow.K = 2;
        c.sampling.guidance = 1;
        change(c);
      },
      {{"mean", 1, &reward}}, &decoder);
  Batch batch = s.batch();
  batch.exact_d_xK = false;
  const flow::StageCost cost = engine->objective().accumulate(batch, -1).costs.at("pull_steps");
  return static_cast<double>(cost.peak_bytes - cost.begin_bytes);
}

TEST(FlowMemory, PullsKeepOneBranchsGraphAtATime) {
  for (const char* recompute : {"stage", "block"}) {
    Small s(recompute, [](run::RunConfig& c) {  // more of video than of text, whose gradients gather
      c.sampling.width = c.sampling.height = 48;
      c.sampling.steps = c.flow.K = 2;
    });
    pulled_bytes(s, [](RunConfig&) {});  // adapters have their gradients, tables are made
    const double alone = pulled_bytes(s, [](RunConfig&) {});
    EXPECT_GT(alone, 1e5);
    const auto times_alone = [&](const Change& change) { return pulled_bytes(s, change) / alone; };
    const auto guide = [](bool one_batch, double anchor) {
      return [=](RunConfig& c) {
        c.sampling.guidance = 3;
        c.flow.cfg_batch = one_batch ? "on" : "off";
        c.train.anchor = anchor;
      };
    };
    EXPECT_LT(times_alone(guide(false, 0)), 1.15) << recompute << ": one branch's graph beside the other's";
    EXPECT_LT(times_alone(guide(false, 0.3)), 1.15) << recompute << ": the base velocity's graph beside it";
    EXPECT_GT(times_alone(guide(true, 0)), 1.5) << recompute << ": the numbers above say nothing";
  }
}

TEST(FlowMemory, MoreStepsThatTrainCostNextToNothing) {
  // A meter counts while it is the thread's newest: this run's is.
  Small s("block");
  const Batch batch = s.batch();
  std::map<int64_t, double> peaks;
  for (const int64_t K : {int64_t{1}, testing::kSmallSteps}) {
    const auto engine = s.flow_case().engine([&](RunConfig& c) {
      c.flow.policy = "last";
      c.flow.K = K;
    });
    engine->objective().accumulate(batch, 1);  // adapters have their gradients, tables are made
    const auto before = static_cast<double>(s.opened().meter().live());
    const auto costs = engine->objective().accumulate(batch, 1).costs;
    for (const auto& [stage, cost] : costs)
      peaks[K] = std::max(peaks[K], static_cast<double>(cost.peak_bytes) - before);
    EXPECT_EQ(costs.size(), flow::stage_names().size());
    RecordProperty(concat("peak_bytes_K", K), concat(peaks[K]));
  }
  EXPECT_GT(peaks[1], 1e5);
  EXPECT_LT(peaks[testing::kSmallSteps], 1.05 * peaks[1]);
}

}  // namespace
}  // namespace drf
