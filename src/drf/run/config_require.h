#pragma once
// How a rule of the configuration refuses: the key, what it is and what is wanted.

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "drf/base/error.h"
#include "drf/base/nearest.h"

namespace drf::run {

template <typename T, typename... Wanted>
void require(bool holds, const char* key, const T& value, const Wanted&... wanted) {
  if (!holds) fail(ErrorKind::kConfig, key, " is ", value, ", wanted ", wanted...);
}

template <typename T>
void at_least(const char* key, T value, T least) {
  require(value >= least, key, value, "at least ", least);
}

// The upper bounds are far above what anyone runs: they catch slips of the hand before memory is asked for.
inline void within(const char* key, int64_t value, int64_t least, int64_t most) {
  at_least<int64_t>(key, value, least);
  require(value <= most, key, value, "at most ", most);
}

inline void one_of(const char* key, const std::string& value, const std::vector<std::string>& names) {
  if (std::find(names.begin(), names.end(), value) != names.end()) return;
  const auto close = nearest(value, names, 1);
  fail(ErrorKind::kConfig, key, " is \"", value, "\", wanted one of ", names,
       close.empty() ? "" : "; did you mean \"" + close.front() + "\"?");
}

inline void given(const char* key, const std::string& value, const char* what) {
  if (value.empty()) fail(ErrorKind::kConfig, key, " is not set, wanted ", what);
}

}  // namespace drf::run
