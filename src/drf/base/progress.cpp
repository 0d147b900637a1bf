#include "drf/base/progress.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <mutex>

#include "drf/base/error.h"

namespace drf {
namespace {

constexpr double kLogInterval_s = 30;  // between lines of a log
constexpr int64_t kBarWidth = 24;

std::recursive_mutex output_mutex;
Progress* on_terminal = nullptr;  // the bar that is on the screen

}  // namespace

std::string format_duration(double seconds) {
  const auto s = static_cast<int64_t>(std::llround(std::max(0.0, seconds)));
  const auto two = [](int64_t value) { return (value < 10 ? "0" : "") + std::to_string(value); };
  if (s < 60) return concat(s, " s");
  if (s < 3600) return concat(s / 60, " min ", two(s % 60), " s");
  if (s < 86400) return concat(s / 3600, " h ", two(s / 60 % 60), " min");
  return concat(s / 86400, " d ", s / 3600 % 24, " h");
}

std::string format_progress(const std::string& what, int64_t done, int64_t total, int64_t done_before,
                            double seconds, const std::string& note, bool bar) {
  std::string line = what + "  ";
  if (bar) {
    const int64_t filled = total > 0 ? kBarWidth * done / total : kBarWidth;
    line += "[" + std::string(static_cast<size_t>(filled), '=');
    if (filled < kBarWidth) line += ">" + std::string(static_cast<size_t>(kBarWidth - filled - 1), ' ');
    line += "]  ";
  }
  line += concat(done, "/", total, "  ", total > 0 ? 100 * done / total : 100, "%");
  if (const int64_t now = done - done_before; now > 0) {
    const double each = seconds / static_cast<double>(now);
    line += done < total ? "  " + format_duration(each * static_cast<double>(total - done)) + " left"
                         : "  took " + format_duration(seconds);
  }
  return note.empty() ? line : line + "  " + note;
}

Progress::Progress(std::string what, int64_t total, int64_t done_before)
    : what_(std::move(what)),
      total_(total),
      done_(done_before),
      done_before_(done_before),
      terminal_(::isatty(STDERR_FILENO) == 1),
      start_(std::chrono::steady_clock::now()),
      last_line_(start_) {
  if (!terminal_) return;
  const std::lock_guard lock(output_mutex);
  if (on_terminal == nullptr) on_terminal = this;  // a bar inside another's step stays silent
  draw();
}

Progress::~Progress() {
  const std::lock_guard lock(output_mutex);
  if (on_terminal != this) return;
  if (shown_) std::cerr << std::endl;
  on_terminal = nullptr;
}

double Progress::seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
}

void Progress::update(int64_t done, const std::string& note) {
  const std::lock_guard lock(output_mutex);
  done_ = done;
  note_ = note;
  if (terminal_) {
    draw();
    return;
  }
  const auto now = std::chrono::steady_clock::now();
  const double waited = std::chrono::duration<double>(now - last_line_).count();
  if (waited < kLogInterval_s && !(done_ == total_ && seconds() >= 1)) return;
  last_line_ = now;
  std::cerr << format_progress(what_, done_, total_, done_before_, seconds(), note_, /*bar=*/false) + "\n"
            << std::flush;
}

void Progress::draw() {
  if (on_terminal != this) return;
  // "\r" to the start of the line, then the text, then clear what an older, longer text left.
  std::cerr << "\r" + format_progress(what_, done_, total_, done_before_, seconds(), note_, /*bar=*/true) +
                   "\x1b[K"
            << std::flush;
  shown_ = true;
}

void Progress::erase() {
  if (shown_) std::cerr << "\r\x1b[K";
  shown_ = false;
}

ProgressPause::ProgressPause() {
  output_mutex.lock();
  if (on_terminal != nullptr) on_terminal->erase();
}

ProgressPause::~ProgressPause() {
  if (on_terminal != nullptr) on_terminal->draw();
  output_mutex.unlock();
}

}  // namespace drf
