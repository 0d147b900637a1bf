#pragma once
// How far something is and how long it will take: a bar that redraws itself on a terminal, a line now and
// then in a log.

#include <chrono>
#include <cstdint>
#include <string>

namespace drf {

class Progress {
 public:
  /// `total` > 0 steps of `what` ("sampling"). Writes to stderr. `done_before` steps were done earlier (a
  /// resumed run) and do not count for the speed.
  Progress(std::string what, int64_t total, int64_t done_before = 0);
  /// Ends the bar's line.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// `done` steps are done; `note` ("reward -0.31") follows the bar.
  void update(int64_t done, const std::string& note = {});

 private:
  friend class ProgressPause;
  void draw();
  void erase();
  double seconds() const;

  std::string what_, note_;
  int64_t total_, done_, done_before_;
  bool terminal_, shown_ = false;
  std::chrono::steady_clock::time_point start_, last_line_;
};

/// Takes the bar away while another line is written.
class ProgressPause {
 public:
  ProgressPause();
  ~ProgressPause();
};

/// "sampling  [=========>          ]  15/30  50%  12 s left  reward -0.31"; without the bar for a log. Time
/// is left out while it cannot be told (nothing done).
std::string format_progress(const std::string& what, int64_t done, int64_t total, int64_t done_before,
                            double seconds, const std::string& note, bool bar);

/// "45 s", "3 min 05 s", "2 h 07 min", "3 d 4 h".
std::string format_duration(double seconds);

}  // namespace drf
