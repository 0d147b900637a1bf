#pragma once
// The built program as a user runs it: arguments in, exit code and both streams out.

#include <gtest/gtest.h>
#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace drf::testing {

struct Outcome {
  int code = -1;    ///< exit code, 128 + number for a signal as shells have it, -1 if it ran out of time
  std::string out;  ///< stdout
  std::string err;  ///< stderr
};

struct ProcessOptions {
  std::string input;             ///< stdin
  std::filesystem::path folder;  ///< where it runs; empty: the repository's root
  uint64_t largest_file = 0;     ///< bytes that one file may have, 0 = no limit
  double seconds = 120;          ///< killed after
  bool close_stdout = false;     ///< the reader of stdout is gone
  std::string stdout_file;       ///< stdout goes there instead, for example /dev/full
  std::vector<std::pair<std::string, std::string>> environment{};  ///< set on top of the caller's
  /// Called again and again while the program runs; a signal number ends the calls and is sent. 0 = not yet.
  std::function<int()> signal_when;
};

/// Runs the program with one thread.
Outcome run_drf(const std::vector<std::string>& arguments, const ProcessOptions& options = {});

/// Passes if `outcome` has exit code `code`, wrote nothing to stdout, and its stderr is one line that starts
/// with "drf: " and holds each of `parts`.
::testing::AssertionResult refused(const Outcome& outcome, int code, const std::vector<std::string>& parts);

/// Every file and folder below `folder`, relative and sorted; empty if there is no such folder.
std::vector<std::string> tree(const std::filesystem::path& folder);

}  // namespace drf::testing
