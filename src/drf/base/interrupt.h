#pragma once
// Ctrl-C and SIGTERM ask a long job to stop at the next good moment; a second one ends the program at once.

#include <exception>

namespace drf {

class Interrupt {
 public:
  /// From here on SIGINT and SIGTERM only set a flag, the first time; a second one exits with 128 + its
  /// number without further ado. At most one Interrupt exists at a time.
  Interrupt();
  /// Restores what the signals did before.
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  /// 130 for SIGINT, 143 for SIGTERM, 0 if none came.
  int exit_code() const;
};

/// Whether a signal came while an Interrupt exists, for code that does not own it. False without one.
bool interrupted();

/// What stop_if_interrupted() throws; main turns it into the exit code. Not an Error: nothing went wrong.
class Interrupted : public std::exception {
 public:
  explicit Interrupted(int exit_code) : exit_code_(exit_code) {}
  const char* what() const noexcept override { return "interrupted"; }
  int exit_code() const { return exit_code_; }

 private:
  int exit_code_;
};

/// For long loops with nothing to save: throws Interrupted after the first signal.
void stop_if_interrupted();

}  // namespace drf
