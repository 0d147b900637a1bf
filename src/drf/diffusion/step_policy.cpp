#include "drf/diffusion/step_policy.h"

#include <algorithm>

#include "drf/base/error.h"
#include "drf/base/random.h"

namespace drf::diffusion {

std::vector<Move> single_steps(int64_t begin, int64_t end, const std::vector<int64_t>& trained) {
  std::vector<Move> moves;
  for (int64_t level = begin; level < end; ++level) {
    moves.push_back({level, level + 1, std::binary_search(trained.begin(), trained.end(), level)});
  }
  return moves;
}

namespace {

std::vector<int64_t> last_steps(int64_t K, int64_t N) {
  std::vector<int64_t> steps;
  for (int64_t step = N - K; step < N; ++step) steps.push_back(step);
  return steps;
}

/// The same walk at every update: `trained` steps (rising) of N.
class FixedSteps : public StepPolicy {
 public:
  FixedSteps(const std::vector<int64_t>& trained, int64_t N)
      : trained_(trained),
        walk_{single_steps(0, trained.front()), single_steps(trained.front(), N, trained)} {}
  Walk walk(int64_t) const override { return walk_; }
  std::vector<int64_t> may_train() const override { return trained_; }

 private:
  std::vector<int64_t> trained_;
  Walk walk_;
};

class RandomStop : public StepPolicy {
 public:
  RandomStop(int64_t K, int64_t N, uint64_t seed) : K_(K), N_(N), seed_(seed) {}
  Walk walk(int64_t update) const override {
    RandomStream random({seed_, Purpose::kStepPolicy, 0, static_cast<uint32_t>(update)});
    const int64_t first = static_cast<int64_t>(random.next_below(static_cast<uint64_t>(N_ - K_ + 1)));
    Walk walk{single_steps(0, first), {}};
    for (int64_t level = first; level < first + K_; ++level)
      walk.gradient.push_back({level, level + 1, true});
    walk.gradient.back().to = N_;
    return walk;
  }
  std::vector<int64_t> may_train() const override { return last_steps(N_, N_); }

 private:
  int64_t K_, N_;
  uint64_t seed_;
};

class LowVariance : public StepPolicy {
 public:
  LowVariance(int64_t draws, int64_t N) : walk_{single_steps(0, N), {{N - 1, N, true}}, N - 1, draws} {}
  Walk walk(int64_t) const override { return walk_; }
  std::vector<int64_t> may_train() const override { return {walk_.gradient.front().from}; }

 private:
  Walk walk_;
};

/// The j-th of K ends the j-th of K equal parts of N.
std::vector<int64_t> spread_steps(int64_t K, int64_t N) {
  std::vector<int64_t> steps;
  for (int64_t j = 1; j <= K; ++j) steps.push_back(j * N / K - 1);
  return steps;
}

}  // namespace

const std::vector<std::string>& step_policies() {
  static const std::vector<std::string> names = {"last", "random", "uniform", "list", "low_variance"};
  return names;
}

std::unique_ptr<StepPolicy> make_step_policy(const StepPolicyOptions& o, int64_t N) {
  if (o.K < 1 || o.K > N) {
    fail(ErrorKind::kConfig, "flow.K is ", o.K, ", must be between 1 and sampling.steps = ", N);
  }
  if (o.policy == "last") return std::make_unique<FixedSteps>(last_steps(o.K, N), N);
  if (o.policy == "uniform") return std::make_unique<FixedSteps>(spread_steps(o.K, N), N);
  if (o.policy == "random") return std::make_unique<RandomStop>(o.K, N, o.seed);
  if (o.policy == "list") {
    const bool rising =
        std::adjacent_find(o.steps.begin(), o.steps.end(), std::greater_equal<>()) == o.steps.end();
    if (o.steps.empty() || !rising || o.steps.front() < 0 || o.steps.back() >= N) {
      fail(ErrorKind::kConfig, "flow.steps is ", o.steps, ", wanted rising steps from 0 to ", N - 1);
    }
    return std::make_unique<FixedSteps>(o.steps, N);
  }
  if (o.policy == "low_variance") {
    if (o.draws < 1) fail(ErrorKind::kConfig, "flow.draws is ", o.draws, ", wanted at least 1");
    return std::make_unique<LowVariance>(o.draws, N);
  }
  fail(ErrorKind::kConfig, "flow.policy is '", o.policy, "', wanted one of ", step_policies());
}

}  // namespace drf::diffusion
