// Updates that go on with a rollout of rule matching, against one plain graph of its states.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/tensor/saved_state.h"
#include "tests/support/matching_rule.h"
#include "tests/support/temporary_folder.h"

namespace drf::objectives {
namespace {

// Updates that go on with a rollout (flow.reuse), with a pull to the velocities that it was made with.
class KeptMatching : public MatchingRule {
 protected:
  static constexpr int64_t kSteps = 4;
  KeptMatching() {
    text = 1;
    set({1.0, -0.8}, {0.9, 0.4, -0.7});
  }
  void set(const std::vector<double>& a, const std::vector<double>& b) {
    const at::NoGradGuard no_graph;
    denoiser.tilt().lora_A().copy_(at::tensor(a, at::kDouble).view({1, 2}));
    denoiser.tilt().lora_B().copy_(at::tensor(b, at::kDouble).view({kD, 1}));
  }
  static MatchingOptions kept(double trust) {
    MatchingOptions o = options();
    o.trust = trust;
    o.reuse = 3;
    o.batch = 2;
    return o;
  }
  std::vector<at::Tensor> gradients() {
    std::vector<at::Tensor> all;
    for (at::Tensor tensor : denoiser.trained.standing(flow::Take::kAsTheyStand)) {
      all.push_back(tensor.grad().clone());
      tensor.mutable_grad() = at::Tensor();
    }
    return all;
  }
  // Of one state, by what the plain graph says: the branches, as variables.
  std::vector<at::Tensor> branches(const diffusion::Schedule& schedule, const at::Tensor& x, size_t k) {
    std::vector<at::Tensor> all;
    for (const double of : {1.0, 0.0}) {
      if (of == 0 && denoiser.scale == 1) break;
      all.push_back(denoiser.velocity(x, schedule.timesteps[k],
                                      {{{"text", at::full({2, 1, 1}, of, at::kDouble)}}}, {}));
    }
    return all;
  }
  // What is held to something of them.
  std::vector<at::Tensor> matched(const std::vector<at::Tensor>& v, bool guided) const {
    if (v.size() == 1 || !guided) return v;
    return {denoiser.scale * v[0] + (1 - denoiser.scale) * v[1].detach()};
  }
  struct Rolled {
    std::vector<at::Tensor> x;
    std::vector<std::vector<at::Tensor>> v;  // as matched() has them
  };
  Rolled roll_out(const diffusion::Schedule& schedule, at::Tensor x, bool guided) {
    const at::NoGradGuard no_graph;
    Rolled rolled;
    for (size_t k = 0; k < kSteps; ++k) {
      const auto v = branches(schedule, x, k);
      rolled.x.push_back(x);
      rolled.v.push_back(matched(v, guided));
      const double h = static_cast<double>(schedule.sigmas[k + 1]) - static_cast<double>(schedule.sigmas[k]);
      x = x + h * (v.size() == 1 ? v[0] : denoiser.scale * v[0] + (1 - denoiser.scale) * v[1]);
    }
    return rolled;
  }
  static double eta(Eta which, double sigma) {
    return which == Eta::kConstant ? 1 : which == Eta::kLinear ? 1 - sigma : (1 - sigma) * (1 - sigma);
  }
  struct Losses {
    at::Tensor target, trust;  // sums over clips, means over steps and what is matched
  };
  Losses losses(const diffusion::Schedule& schedule, const MatchingOptions& o, const Rolled& rolled) {
    Losses sums{at::zeros({}, at::kDouble), at::zeros({}, at::kDouble)};
    for (size_t k = 0; k < kSteps; ++k) {
      const auto v = matched(branches(schedule, rolled.x[k], k), o.guided);
      const double told = schedule.timesteps[k] / 1000.0;
      const at::Tensor base = slope(told) * (rolled.x[k] - (1 - told) * mu()) - mu();
      for (size_t i = 0; i < v.size(); ++i) {
        const double share = 1.0 / static_cast<double>(kSteps * v.size());
        const at::Tensor target = base - o.beta * eta(o.eta, schedule.sigmas[k]) * c();
        sums.target = sums.target + share * (v[i] - target).square().sum();
        sums.trust = sums.trust + share * o.trust * (v[i] - rolled.v[k][i]).square().sum();
      }
    }
    return sums;
  }
  void expect_update(Matched& objective, const MatchingOptions& o, const Rolled& rolled,
                     const flow::Batch& in, const std::string& what) {
    const Outcome outcome = objective.objective.accumulate(in, -0.5);
    const std::vector<at::Tensor> got = gradients();
    const Losses want = losses(objective.schedule, o, rolled);
    ((want.target + want.trust) * 0.5).backward();
    const std::vector<at::Tensor> plain = gradients();
    const double target = want.target.item<double>() / 2, trust = want.trust.item<double>() / 2;
    EXPECT_NEAR(outcome.penalties.at("matching_loss"), target, 1e-9 * target) << what;
    EXPECT_EQ(outcome.penalties.count("trust"), o.trust > 0 ? 1u : 0u) << what;
    if (o.trust > 0) {
      EXPECT_NEAR(outcome.penalties.at("trust"), trust, 1e-9 * std::max(trust, 1e-3)) << what;
    }
    for (size_t i = 0; i < plain.size(); ++i) {
      EXPECT_LT((got[i] - plain[i]).abs().max().item<double>(), 1e-9 * plain[i].abs().max().item<double>())
          << what << " " << i;
      EXPECT_GT(plain[i].abs().max().item<double>(), 1e-3) << what;
    }
    objective.objective.commit(/*skipped=*/false);
  }
};

TEST_F(KeptMatching, EveryUpdateOnARolloutIsThatOfThePlainGraph) {
  struct Way {
    const char* name;
    double scale;
    bool guided, one_batch;
    Eta eta;
    double trust;
  };
  for (const Way& way : {Way{"unguided", 1, false, false, Eta::kLinear, 0.6},
                         {"each branch", 3, false, false, Eta::kQuadratic, 0.6},
                         {"each branch, one batch", 3, false, true, Eta::kConstant, 2},
                         {"the guided velocity", 3, true, false, Eta::kLinear, 0.6},
                         {"the guided velocity, one batch", 3, true, true, Eta::kConstant, 0.6},
                         {"without trust", 3, false, false, Eta::kLinear, 0}}) {
    set({1.0, -0.8}, {0.9, 0.4, -0.7});
    denoiser.scale = way.scale;
    MatchingOptions o = kept(way.trust);
    o.guided = way.guided;
    o.eta = way.eta;
    Matched objective(*this, kSteps, o, {diffusion::GuidanceGradient::kBoth, way.one_batch});
    flow::Batch in = input(2, 3);
    const Rolled rolled = roll_out(objective.schedule, in.noise_BCTHW, way.guided);
    expect_update(objective, o, rolled, in, way.name);
    for (const int64_t update : {1, 2}) {  // on states and with a gradient of before
      set({1.0 + 0.1 * static_cast<double>(update), -0.6}, {0.7, 0.5, -0.2 * static_cast<double>(update)});
      in.update = update;
      reward.scored = 0;
      expect_update(objective, o, rolled, in, way.name);
      EXPECT_EQ(reward.scored, 0) << "what it gave is known";
    }
    in.update = 3;
    expect_update(objective, o, roll_out(objective.schedule, in.noise_BCTHW, way.guided), in, way.name);
    EXPECT_EQ(reward.scored, 1) << way.name << ": the next rollout";
    set({1.0, -0.8}, {0.3, 0.4, -0.7});
    in.update = 4;
    objective.objective.accumulate(in, -0.5);
    EXPECT_EQ(reward.scored, 1) << way.name;
    gradients();
  }
}

TEST_F(KeptMatching, GoesOnFromACheckpointToTheSameBits) {
  denoiser.scale = 3;
  for (const bool guided : {false, true}) {
    MatchingOptions o = kept(0.6);
    o.guided = guided;
    o.accumulate = 2;
    o.steps = 3;
    o.quantile = 0.5;
    const auto of = [&](int64_t update, int64_t micro) {
      flow::Batch in = input(2, static_cast<uint32_t>(3 + micro));
      in.update = update;
      in.micro = micro;
      return in;
    };
    const auto update_of = [&](Matched& matched, int64_t update) {
      std::vector<double> said;
      for (int64_t micro = 0; micro < 2; ++micro) {
        const Outcome outcome = matched.objective.accumulate(of(update, micro), -0.5);
        said.push_back(outcome.judgement.rewards_B.sum().item<double>());
        for (const auto& [name, value] : outcome.penalties) said.push_back(value);
      }
      matched.objective.commit(false);
      return said;
    };
    Matched before(*this, kSteps, o);
    update_of(before, 0);
    gradients();
    drf::testing::TemporaryFolder folder;
    StateImage image;
    before.objective.state(image, 1);
    image.write_tensors(folder.path());
    write_file_atomically(folder / "state.json", image.values().dump());
    EXPECT_EQ(before.objective.held_bytes(of(0, 0)),
              static_cast<int64_t>(of(0, 0).noise_BCTHW.nbytes()) * (kSteps + 1 + (guided ? 1 : 2) * kSteps));

    set({1.2, -0.6}, {0.7, 0.5, -0.2});
    const std::vector<double> said = update_of(before, 1);
    const std::vector<at::Tensor> want = gradients();
    Matched after(*this, kSteps, o);
    StateReader reader(folder.path());
    after.objective.state(reader, 1);
    reader.finish();
    EXPECT_EQ(update_of(after, 1), said);
    const std::vector<at::Tensor> got = gradients();
    for (size_t i = 0; i < want.size(); ++i) EXPECT_TRUE(got[i].equal(want[i])) << i;

    // Where the rollout is over nothing is kept; one that is damaged is refused.
    update_of(before, 2);
    gradients();
    StateImage over;
    before.objective.state(over, 3);
    EXPECT_FALSE(over.values().contains("judged"));
    MatchingOptions longer = o;
    longer.accumulate = 3;
    MatchingOptions without = o;
    without.trust = 0;
    for (const MatchingOptions& other : {longer, without}) {
      StateReader damaged(folder.path());
      EXPECT_THROW(Matched(*this, kSteps, other).objective.state(damaged, 1), Error);
    }
    nlohmann::ordered_json edited = image.values();
    edited.erase("judged");
    write_file_atomically(folder / "state.json", edited.dump());
    StateReader damaged(folder.path());
    EXPECT_THROW(Matched(*this, kSteps, o).objective.state(damaged, 1), Error);
    set({1.0, -0.8}, {0.9, 0.4, -0.7});
  }
}

TEST_F(KeptMatching, ClipsOfASkippedUpdateAreGivenUp) {
  Matched matched(*this, kSteps, kept(0.5));
  const auto rewards = [&](int64_t update) {
    flow::Batch in = input(2, 3);
    in.update = update;
    return matched.objective.accumulate(in, -0.5).judgement.rewards_B;
  };
  const at::Tensor first = rewards(0);
  matched.objective.commit(/*skipped=*/true);
  const at::Tensor second = rewards(1);
  EXPECT_FALSE(second.equal(first)) << "other noise";
  matched.objective.commit(false);
  EXPECT_TRUE(rewards(2).equal(second));
  EXPECT_TRUE(matched.objective.forget_clips());
  EXPECT_FALSE(matched.objective.forget_clips());
  EXPECT_FALSE(rewards(2).equal(second));
  gradients();
}

}  // namespace
}  // namespace drf::objectives
