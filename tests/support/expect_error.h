#pragma once
// What a call throws, for tests of messages.

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "drf/base/error.h"

namespace drf::testing {

/// Runs `run`, expects a drf::Error of `kind` and returns its message.
inline std::string error_of(ErrorKind kind, const std::function<void()>& run) {
  try {
    run();
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), kind) << e.what();
    return e.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return "";
}

/// Passes if `message` holds `part`.
inline ::testing::AssertionResult says(const std::string& message, const std::string& part) {
  if (message.find(part) != std::string::npos) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << "\"" << message << "\" does not say \"" << part << "\"";
}

}  // namespace drf::testing
