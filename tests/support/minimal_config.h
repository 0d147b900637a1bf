#pragma once
// The smallest recipe that is complete.

namespace drf::testing {

inline constexpr const char* kMinimalConfig = R"(
[generator]
path = "g"
[critic]
path = "c"
[prompts]
train = "p.txt"
)";

}  // namespace drf::testing
