#pragma once
// The smallest training runs, and how two of them are compared.

#include <ATen/ATen.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "drf/base/files.h"
#include "drf/tensor/safetensors.h"
#include "tests/run/tiny_run.h"
#include "tests/support/temporary_folder.h"

namespace drf::testing {

namespace fs = std::filesystem;

/// drf train of the smallest run, into `run`.
inline Outcome train(const fs::path& run, const Arguments& assignments = {}, const Arguments& more = {},
                     const ProcessOptions& options = {}) {
  return run_drf(joined(tiny_config("train", joined({"output.dir=" + run.string()}, assignments)), more),
                 options);
}

inline fs::path checkpoint(const fs::path& run, int step, const char* file = "adapters.safetensors") {
  char name[32];
  std::snprintf(name, sizeof(name), "step-%06d", step);
  return run / "checkpoints" / name / file;
}

inline std::vector<nlohmann::json> metrics(const fs::path& run) {
  std::vector<nlohmann::json> rows;
  for (const std::string& line : read_utf8_lines(run / "metrics.jsonl"))
    rows.push_back(nlohmann::json::parse(line));
  return rows;
}

/// Update numbers 1 to `last`, each once.
inline void expect_each_update_once(const fs::path& run, int last) {
  const auto rows = metrics(run);
  ASSERT_EQ(rows.size(), static_cast<size_t>(last));
  for (int i = 0; i < last; ++i) EXPECT_EQ(rows[static_cast<size_t>(i)]["update"], i + 1);
}

/// Adapters, optimiser and the metrics that do not measure time are the same.
inline void expect_same_run(const fs::path& a, const fs::path& b, int step) {
  for (const char* file : {"adapters.safetensors", "optimizer.safetensors"})
    EXPECT_TRUE(read_file(checkpoint(a, step, file)) == read_file(checkpoint(b, step, file))) << file;
  const auto left = metrics(a), right = metrics(b);
  ASSERT_EQ(left.size(), right.size());
  for (size_t i = 0; i < left.size(); ++i) {
    for (const char* key : {"update", "reward", "p_right", "grad_norm", "lr", "d_frames_norm", "d_xK_norm"})
      EXPECT_EQ(left[i][key], right[i][key]) << "update " << i + 1 << " " << key;
  }
}

/// Makes all numbers of one weight of a model NaN, and leaves the header as it is.
inline void spoil(const fs::path& model, const std::string& weights, const std::string& tensor) {
  const fs::path file = model / weights;
  const SafetensorsFile original(file);
  ASSERT_TRUE(original.contains(tensor));
  const TensorEntry& entry = original.entries().at(tensor);
  std::string bytes = read_file(file);
  for (uint64_t i = entry.begin; i < entry.end; ++i) bytes[i] = '\xFF';  // NaN in every floating type
  fs::remove(file);
  write_text(file, bytes);
}

}  // namespace drf::testing
