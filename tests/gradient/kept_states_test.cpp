// flow.rollouts: a batch that comes again begins at the state that its rollout came to, and what it gives is
// what rolling out again would give.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "drf/objectives/objective.h"
#include "tests/support/flow_case.h"
#include "tests/support/slope.h"

namespace drf {
namespace {

using testing::direction;
using testing::FlowCase;

void keep_states(run::RunConfig& config) {
  config.flow.K = 1;
  config.lora.steps = "trained";
  config.flow.rollouts = 4;
}

void move(FlowCase& c, double h) {
  const at::NoGradGuard no_graph;
  uint32_t i = 0;
  for (const auto& [name, tensor] : c.adapters()) tensor.add_(direction(i++, tensor), h);
}

struct Pass {
  objectives::Outcome outcome;
  std::map<std::string, at::Tensor> gradients;
};

Pass pass(FlowCase& c, objectives::Objective& objective, const flow::Batch& batch) {
  c.take_gradients();
  Pass result{objective.accumulate(batch, 1), {}};
  objective.commit(/*skipped=*/false);
  for (const auto& [name, tensor] : c.adapters()) result.gradients[name] = tensor.grad().clone();
  c.take_gradients();
  return result;
}

void expect_same(const Pass& got, const Pass& want) {
  EXPECT_TRUE(got.outcome.x_K.equal(want.outcome.x_K));
  EXPECT_TRUE(got.outcome.judgement.x0.equal(want.outcome.judgement.x0));
  for (const auto& [name, gradient] : want.gradients)
    EXPECT_TRUE(got.gradients.at(name).equal(gradient)) << name;
}

TEST(KeptStates, GiveWhatRollingOutAgainGives) {
  for (const char* name : {"plain", "guided"}) {
    SCOPED_TRACE(name);
    FlowCase c(name);
    const flow::Batch batch = c.batch();
    flow::Batch other = batch;  // not of this noise: a kept state does not ask for it
    other.noise_BCTHW = direction(77, batch.noise_BCTHW);
    const auto kept = c.engine(keep_states);
    const Pass first = pass(c, kept->objective(), batch);
    move(c, 0.05);
    const Pass again = pass(c, kept->objective(), other);
    EXPECT_TRUE(again.outcome.x_K.equal(first.outcome.x_K));
    EXPECT_FALSE(again.outcome.judgement.x0.equal(first.outcome.judgement.x0)) << "nothing moved";
    expect_same(again, pass(c, c.engine(keep_states)->objective(), batch));
  }
}

TEST(KeptStates, AreThoseOfTheClip) {
  FlowCase c("plain");
  const flow::Batch batch = c.batch();
  flow::Batch other = batch;
  for (rewards::Sample& clip : other.samples) ++clip.draw;
  other.noise_BCTHW = direction(77, batch.noise_BCTHW);
  const auto engine = c.engine(keep_states);
  const Pass first = pass(c, engine->objective(), batch), second = pass(c, engine->objective(), other);
  EXPECT_FALSE(second.outcome.x_K.equal(first.outcome.x_K));
  expect_same(pass(c, engine->objective(), batch), first);
}

TEST(KeptStates, AreForgottenWhereOtherModelsWouldMakeOthers) {
  FlowCase c("plain");
  const flow::Batch batch = c.batch();
  flow::Batch other = batch;
  other.noise_BCTHW = direction(77, batch.noise_BCTHW);
  const auto engine = c.engine(keep_states);
  const Pass first = pass(c, engine->objective(), batch);
  engine->objective().forget_clips();
  EXPECT_FALSE(pass(c, engine->objective(), other).outcome.x_K.equal(first.outcome.x_K));
}

TEST(KeptStates, AreNotKeptUnlessAskedFor) {
  FlowCase c("plain");
  const flow::Batch batch = c.batch();
  flow::Batch other = batch;
  other.noise_BCTHW = direction(77, batch.noise_BCTHW);
  const auto engine = c.engine([](run::RunConfig& config) {
    keep_states(config);
    config.flow.rollouts = 0;
  });
  const Pass first = pass(c, engine->objective(), batch);
  EXPECT_FALSE(pass(c, engine->objective(), other).outcome.x_K.equal(first.outcome.x_K));
}

}  // namespace
}  // namespace drf
