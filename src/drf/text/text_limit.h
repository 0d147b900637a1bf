#pragma once
// How far the steps that a tokenizer's files bring along may make a text grow: not until it fills the memory.

#include <cstddef>

#include "drf/base/error.h"

namespace drf::text {

constexpr size_t kMostTextBytes = size_t{1} << 24;  // docs/security.md

/// Throws Error(kInput) if `bytes` are more. `part` names the step: "normalizer".
inline void require_short(size_t bytes, const char* part) {
  if (bytes <= kMostTextBytes) return;
  fail(ErrorKind::kInput, "the tokenizer's ", part, " makes more than ", kMostTextBytes,
       " bytes of a text; is tokenizer.json damaged?");
}

}  // namespace drf::text
