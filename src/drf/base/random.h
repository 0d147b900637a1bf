#pragma once
// Random numbers that depend on nothing but their key: the same on any machine, process count and thread
// count, and independent of what was drawn before. A counter-based generator, Philox4x32-10 (Salmon et al.,
// SC 2011, "Parallel random numbers: as easy as 1, 2, 3"). The normals use additions, products, divisions and
// square roots only, which IEEE 754 rounds alike everywhere; no library's log or cos is involved.

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace drf {

/// What numbers are for. Two purposes never share numbers. The values are part of every run's results: append
/// only.
enum class Purpose : uint32_t {
  kNoise = 1,        ///< where a training rollout starts
  kPromptOrder = 2,  ///< shuffles
  kStepPolicy = 3,   ///< which steps carry gradient
  kAdapterInit = 4,
  kEvalNoise = 5,
  kSampleNoise = 6,  ///< drf sample
  kRenoise = 7,      ///< noise added again to a finished clip
  kDirection = 8,    ///< random directions of finite differences
  kTwins = 9,        ///< values of negated twin questions
  kSurrogateWeights = 10,
  kSurrogatePairs = 11,  ///< which pairs of clips a surrogate learns from
  kSurrogateNoise = 12,  ///< where the clips start that only its teacher sees
  kBackOff = 13,         ///< how long a request to a server waits before it is sent again
  kJudgedPrompts = 15,   ///< drf questions --judge --sample
  kRolloutOrder = 16,    ///< in which kept rollouts come again
  kStepNoise = 17,       ///< what a step adds that is one of an SDE
  kShownFrames = 18,     ///< which frames a reward is shown while it trains
  kShownResolution = 19,
  kAskedQuestions = 20,  ///< which questions count then
};

struct RandomKey {
  uint64_t seed = 0;  ///< the run's
  Purpose purpose = Purpose::kNoise;
  uint32_t index = 0;   ///< for example the prompt's
  uint32_t update = 0;  ///< for example the update's, or the clip's
};

/// The bijection itself: ten rounds over four words with a key of two.
std::array<uint32_t, 4> philox4x32(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key);

/// The words of one key, one after another.
class RandomStream {
 public:
  explicit RandomStream(const RandomKey& key);
  uint32_t next_word();
  /// Uniform in [0, 1) with 53 random bits.
  double next_uniform();
  /// Uniform in [0, bound), without bias; bound > 0.
  uint64_t next_below(uint64_t bound);

 private:
  std::array<uint32_t, 4> counter_;
  std::array<uint32_t, 2> key_;
  std::array<uint32_t, 4> block_{};
  size_t used_ = 4;
};

/// n standard normals, formed in double and rounded once. A longer request begins with the shorter one's
/// numbers.
std::vector<float> normal(const RandomKey& key, size_t n);
/// n numbers uniform in [low, high).
std::vector<double> uniform(const RandomKey& key, size_t n, double low = 0, double high = 1);
/// 0 .. n-1 in random order.
std::vector<int64_t> shuffle(const RandomKey& key, int64_t n);

/// A 64-bit hash of text (FNV-1a), to key a stream by a name.
uint64_t hash_text(const std::string& text);

}  // namespace drf
