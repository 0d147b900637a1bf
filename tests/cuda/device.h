#pragma once
// The device of tests labelled `cuda`, and a word where there is none.

#include <ATen/Context.h>
#include <gtest/gtest.h>

namespace drf::testing {

/// Built with CUDA, and a device is there.
inline bool has_cuda() { return at::globalContext().hasCUDA(); }

/// A suite of it skips all its tests on machines without a GPU.
class OnCuda : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!has_cuda()) GTEST_SKIP() << "no CUDA device here: what runs on one is not checked";
  }
  const at::Device device_{at::kCUDA, 0};
};

}  // namespace drf::testing
