#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include <regex>

#include "drf/base/interrupt.h"
#include "drf/base/log.h"
#include "drf/base/progress.h"

namespace drf {
namespace {

TEST(Log, ALineHasLevelTimeAndTopic) {
  EXPECT_EQ(format_log_line('I', "12:03:44", "train", "step 1"), "I 12:03:44 train] step 1");
  ::testing::internal::CaptureStderr();
  log_info("train", "step ", 3, " of ", 4.5);
  log_warning("critic", "slow");
  const std::string got = ::testing::internal::GetCapturedStderr();
  EXPECT_TRUE(std::regex_match(got, std::regex("I \\d\\d:\\d\\d:\\d\\d train\\] step 3 of 4.5\n"
                                               "W \\d\\d:\\d\\d:\\d\\d critic\\] slow\n")))
      << got;
}

TEST(Progress, DurationsAreReadable) {
  EXPECT_EQ(format_duration(0.4), "0 s");
  EXPECT_EQ(format_duration(59.6), "1 min 00 s");
  EXPECT_EQ(format_duration(185), "3 min 05 s");
  EXPECT_EQ(format_duration(2 * 3600 + 7 * 60 + 5), "2 h 07 min");
  EXPECT_EQ(format_duration(3 * 86400 + 4 * 3600), "3 d 4 h");
}

TEST(Progress, TheLineTellsShareTimeLeftAndNote) {
  EXPECT_EQ(format_progress("sampling", 15, 30, 0, 12, "reward -0.31", true),
            "sampling  [============>           ]  15/30  50%  12 s left  reward -0.31");
  EXPECT_EQ(format_progress("sampling", 0, 30, 0, 0, "", false), "sampling  0/30  0%");
  EXPECT_EQ(format_progress("sampling", 30, 30, 0, 61, "", true),
            "sampling  [========================]  30/30  100%  took 1 min 01 s");
  // Resumed at 20: two steps took 10 s, eight are left.
  EXPECT_EQ(format_progress("training", 22, 30, 20, 10, "", false), "training  22/30  73%  40 s left");
}

TEST(Progress, ALogGetsNoLineForQuickWork) {
  ::testing::internal::CaptureStderr();
  {
    Progress progress("quick", 3);
    for (int i = 1; i <= 3; ++i) progress.update(i);
  }
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

// stderr on a terminal of our own.
class Terminal {
 public:
  Terminal() {
    master_ = ::posix_openpt(O_RDWR | O_NOCTTY);
    ::grantpt(master_);
    ::unlockpt(master_);
    const int slave = ::open(::ptsname(master_), O_RDWR | O_NOCTTY);
    termios settings{};
    ::tcgetattr(slave, &settings);
    ::cfmakeraw(&settings);
    ::tcsetattr(slave, TCSANOW, &settings);
    saved_ = ::dup(STDERR_FILENO);
    ::dup2(slave, STDERR_FILENO);
    ::close(slave);
  }
  std::string finish() {
    std::string text;
    pollfd waiting{master_, POLLIN, 0};
    char buffer[4096];
    // The terminal hands bytes over in its own time; nothing within 200 ms means that all are here.
    while (::poll(&waiting, 1, 200) > 0) {
      const auto size = ::read(master_, buffer, sizeof(buffer));
      if (size <= 0) break;
      text.append(buffer, static_cast<size_t>(size));
    }
    ::dup2(saved_, STDERR_FILENO);
    ::close(saved_);
    ::close(master_);
    return text;
  }

 private:
  int master_, saved_;
};

TEST(Progress, ATerminalGetsOneBarThatLogLinesDoNotTear) {
  Terminal terminal;
  {
    Progress progress("outer", 2);
    Progress silent("inner", 5);
    silent.update(4);
    progress.update(1);
    log_info("x", "hello");
    progress.update(2, "note");
  }
  const std::string got = terminal.finish();
  EXPECT_EQ(got.find("inner"), std::string::npos) << got;
  EXPECT_NE(got.find("\r\x1b[KI "), std::string::npos) << got;            // bar away, then the line
  EXPECT_NE(got.find("x] hello\n\router  ["), std::string::npos) << got;  // and the bar again
  EXPECT_NE(got.find("2/2  100%"), std::string::npos) << got;
  EXPECT_EQ(got.substr(got.size() - 8), "note\x1b[K\n") << got;
}

TEST(Interrupt, TheFirstSignalIsAFlagWithItsExitCode) {
  for (const auto& [number, code] : {std::pair{SIGINT, 130}, {SIGTERM, 143}}) {
    const Interrupt interrupt;
    EXPECT_FALSE(interrupted());
    EXPECT_EQ(interrupt.exit_code(), 0);
    ::raise(number);
    EXPECT_TRUE(interrupted());
    EXPECT_EQ(interrupt.exit_code(), code);
  }
  EXPECT_FALSE(interrupted());
}

TEST(InterruptDeathTest, TheSecondSignalEndsTheProgram) {
  const auto twice = [](int first, int second) {
    const Interrupt interrupt;
    ::raise(first);
    ::raise(second);
  };
  EXPECT_EXIT(twice(SIGINT, SIGINT), ::testing::ExitedWithCode(130), "stopping");
  EXPECT_EXIT(twice(SIGINT, SIGTERM), ::testing::ExitedWithCode(143), "stopping");
}

TEST(InterruptDeathTest, AfterwardsASignalDoesWhatItDidBefore) {
  EXPECT_EXIT(
      {
        { const Interrupt interrupt; }
        ::raise(SIGTERM);
      },
      ::testing::KilledBySignal(SIGTERM), "");
}

}  // namespace
}  // namespace drf
