#include "drf/base/log.h"

#include <ctime>
#include <iostream>

#include "drf/base/printable.h"
#include "drf/base/progress.h"

namespace drf {

std::string format_log_line(char level, const std::string& clock, const std::string& topic,
                            const std::string& message) {
  return concat(level, " ", clock, " ", topic, "] ", message);
}

void log_line(char level, const std::string& topic, const std::string& message) {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  char clock[16];
  std::strftime(clock, sizeof(clock), "%H:%M:%S", &local);
  const ProgressPause pause;
  std::cerr << format_log_line(level, clock, topic, printable(message)) + "\n" << std::flush;
}

}  // namespace drf
