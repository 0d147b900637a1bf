#pragma once
// metrics.jsonl: what every update did, one JSON object a line, for people and programs.

#include <filesystem>
#include <nlohmann/json_fwd.hpp>

#include "drf/base/append_file.h"

namespace drf::run {

class MetricsFile {
 public:
  /// Opens for appending. Lines beyond update `done` (of an interrupted run that is resumed from an earlier
  /// checkpoint) and a half-written last line are dropped first, and damaged lines with a warning that counts
  /// them. Throws Error(kResources) when it cannot be written, Error(kInput) when no line in it is ours.
  MetricsFile(const std::filesystem::path& file, int64_t done);

  /// Adds one line, whole or not at all. `values` is an object with a number "update"; NaN and infinities
  /// become null. Throws Error(kResources), for example when the disk is full; the next line may succeed.
  void append(const nlohmann::ordered_json& values);

 private:
  AppendFile out_;
};

}  // namespace drf::run
