#include "drf/diffusion/step_policy.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

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

// All N steps, of which `trained` (rising) train.
Walk whole_walk(const std::vector<int64_t>& trained, int64_t N) {
  return {single_steps(0, trained.front()), single_steps(trained.front(), N, trained)};
}

RandomStream draws_of(uint64_t seed, int64_t update) {
  return RandomStream({seed, Purpose::kStepPolicy, 0, static_cast<uint32_t>(update)});
}

/// The same walk at every update: `trained` steps (rising) of N.
class FixedSteps : public StepPolicy {
 public:
  FixedSteps(const std::vector<int64_t>& trained, int64_t N)
      : trained_(trained), walk_(whole_walk(trained, N)) {}
  Walk walk(int64_t) const override { return walk_; }
  std::vector<int64_t> may_train() const override { return trained_; }

 private:
  std::vector<int64_t> trained_;
  Walk walk_;
};

/// The last K steps, K anew at each update.
class LastDrawn : public StepPolicy {
 public:
  LastDrawn(int64_t least, int64_t most, int64_t N, uint64_t seed)
      : least_(least), most_(most), N_(N), seed_(seed) {}
  Walk walk(int64_t update) const override {
    RandomStream random = draws_of(seed_, update);
    const uint64_t more = random.next_below(static_cast<uint64_t>(most_ - least_ + 1));
    return whole_walk(last_steps(least_ + static_cast<int64_t>(more), N_), N_);
  }
  std::vector<int64_t> may_train() const override { return last_steps(most_, N_); }

 private:
  int64_t least_, most_, N_;
  uint64_t seed_;
};

class RandomStop : public StepPolicy {
 public:
  /// The last of the K steps is one of the last `window`.
  RandomStop(int64_t K, int64_t N, int64_t window, uint64_t seed)
      : K_(K), N_(N), earliest_(std::max<int64_t>(0, N - window - K + 1)), seed_(seed) {}
  Walk walk(int64_t update) const override {
    RandomStream random = draws_of(seed_, update);
    const auto starts = static_cast<uint64_t>(N_ - K_ + 1 - earliest_);
    const int64_t first = earliest_ + static_cast<int64_t>(random.next_below(starts));
    Walk walk{single_steps(0, first), {}};
    for (int64_t level = first; level < first + K_; ++level)
      walk.gradient.push_back({level, level + 1, true});
    walk.gradient.back().to = N_;
    return walk;
  }
  std::vector<int64_t> may_train() const override { return last_steps(N_ - earliest_, N_); }

 private:
  int64_t K_, N_, earliest_;
  uint64_t seed_;
};

class Sparse : public StepPolicy {
 public:
  Sparse(int64_t K, int64_t N, double bias, uint64_t seed) : K_(K), N_(N), bias_(bias), seed_(seed) {}
  Walk walk(int64_t update) const override {
    RandomStream random = draws_of(seed_, update);
    std::vector<double> keys(static_cast<size_t>(N_));  // log(u) / w: in u^(1/w)'s order, without its ties
    for (size_t i = 0; i < keys.size(); ++i)
      keys[i] = std::log(random.next_uniform()) / std::pow(static_cast<double>(i + 1), bias_);
    std::vector<int64_t> steps(keys.size());
    std::iota(steps.begin(), steps.end(), 0);
    std::stable_sort(steps.begin(), steps.end(), [&](int64_t a, int64_t b) {
      return keys[static_cast<size_t>(a)] > keys[static_cast<size_t>(b)];
    });
    steps.resize(static_cast<size_t>(K_));
    std::sort(steps.begin(), steps.end());
    return whole_walk(steps, N_);
  }
  std::vector<int64_t> may_train() const override { return last_steps(N_, N_); }

 private:
  int64_t K_, N_;
  double bias_;
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

/// A policy's two steps that train, k < j, as leaps from level k to j and on to N.
class Leaps : public StepPolicy {
 public:
  Leaps(std::unique_ptr<StepPolicy> steps, int64_t N) : steps_(std::move(steps)), N_(N) {}
  Walk walk(int64_t update) const override {
    Walk walk{single_steps(0, N_), {}};
    walk.leap = true;
    for (const Move& move : steps_->walk(update).gradient)
      if (move.trains) walk.gradient.push_back({move.from, N_, true});
    walk.gradient.front().to = walk.gradient.back().from;
    return walk;
  }
  std::vector<int64_t> may_train() const override { return steps_->may_train(); }

 private:
  std::unique_ptr<StepPolicy> steps_;
  int64_t N_;
};

/// A policy's walks with one split each.
class OneNested : public StepPolicy {
 public:
  OneNested(std::unique_ptr<StepPolicy> steps, uint64_t seed) : steps_(std::move(steps)), seed_(seed) {}
  Walk walk(int64_t update) const override {
    Walk walk = steps_->walk(update);
    RandomStream random({seed_, Purpose::kStepPolicy, 1, static_cast<uint32_t>(update)});
    const size_t later = walk.gradient.size() - 1;  // before the first, nothing trains
    const size_t drawn = later > 0 ? 1 + random.next_below(later) : 0;
    walk.split = walk.gradient[drawn].from;
    return walk;
  }
  std::vector<int64_t> may_train() const override { return steps_->may_train(); }

 private:
  std::unique_ptr<StepPolicy> steps_;
  uint64_t seed_;
};

std::unique_ptr<StepPolicy> make_steps(const StepPolicyOptions& o, int64_t N) {
  if (o.K < 1 || o.K > N) {
    fail(ErrorKind::kConfig, "flow.K is ", o.K, ", must be between 1 and sampling.steps = ", N);
  }
  if (o.policy == "last" && o.K_min != 0) {
    if (o.K_min < 1 || o.K_min > o.K)
      fail(ErrorKind::kConfig, "flow.K_min is ", o.K_min, ", must be between 1 and flow.K = ", o.K);
    return std::make_unique<LastDrawn>(o.K_min, o.K, N, o.seed);
  }
  if (o.policy == "last") return std::make_unique<FixedSteps>(last_steps(o.K, N), N);
  if (o.policy == "uniform") return std::make_unique<FixedSteps>(spread_steps(o.K, N), N);
  if (o.policy == "random") {
    if (o.window < 0 || o.window > N)
      fail(ErrorKind::kConfig, "flow.window is ", o.window, ", must be between 0 and sampling.steps = ", N);
    return std::make_unique<RandomStop>(o.K, N, o.window > 0 ? o.window : N, o.seed);
  }
  if (o.policy == "sparse") {
    if (!(std::abs(o.bias) <= kMostBias))
      fail(ErrorKind::kConfig, "flow.bias is ", o.bias, ", must be between -", kMostBias, " and ", kMostBias);
    return std::make_unique<Sparse>(o.K, N, o.bias, o.seed);
  }
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

}  // namespace

const std::vector<std::string>& step_policies() {
  static const std::vector<std::string> names = {"last", "random",       "uniform",
                                                 "list", "low_variance", "sparse"};
  return names;
}

std::unique_ptr<StepPolicy> make_step_policy(const StepPolicyOptions& o, int64_t N) {
  auto steps = make_steps(o, N);
  if (o.leap) {
    if (o.K != 2 || (o.policy != "sparse" && o.policy != "list")) {
      fail(ErrorKind::kConfig, "flow.leap is true, but policy '", o.policy, "' trains ", o.K,
           " steps, wanted two of policy sparse or list");
    }
    steps = std::make_unique<Leaps>(std::move(steps), N);
  }
  if (o.one_nested) return std::make_unique<OneNested>(std::move(steps), o.seed);
  return steps;
}

}  // namespace drf::diffusion
