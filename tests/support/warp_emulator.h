#pragma once
// CUDA source of one-warp-a-row kernels compiled for the CPU: each thread of a block is a thread here, and a
// shuffle a meeting of its warp. Slow, for a few rows. Include it, then the source, with DRF_EMULATED
// defined.

#include <array>
#include <barrier>
#include <bit>
#include <cmath>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#define DRF_EMULATED
#define __device__
#define __global__
#define __forceinline__ inline

namespace drf::testing::warp {

struct Index {
  int x = 0;
};
inline thread_local Index threadIdx, blockIdx;
inline constexpr int kThreads = 64;
inline constexpr Index blockDim{kThreads};

struct Warp {
  std::barrier<> meeting{32};
  std::array<float, 32> values{};
};
inline std::array<std::unique_ptr<Warp>, kThreads / 32> warps;

inline float __shfl_xor_sync(unsigned, float value, int lanes) {
  Warp& warp = *warps[threadIdx.x / 32];
  const int lane = threadIdx.x % 32;
  warp.values[lane] = value;
  warp.meeting.arrive_and_wait();
  const float other = warp.values[lane ^ lanes];
  warp.meeting.arrive_and_wait();
  return other;
}
inline float __uint_as_float(uint32_t bits) { return std::bit_cast<float>(bits); }

/// The kernel on `blocks` blocks, one after the other.
template <typename Kernel>
void launch(int64_t blocks, const Kernel& kernel) {
  for (int64_t block = 0; block < blocks; ++block) {
    for (auto& warp : warps) warp = std::make_unique<Warp>();
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&, i] {
        threadIdx.x = i;
        blockIdx.x = static_cast<int>(block);
        kernel();
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
}

}  // namespace drf::testing::warp
