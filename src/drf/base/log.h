#pragma once
// Messages to people, on stderr: "I 12:03:44 train] saved runs/first/checkpoints/step-000100". Results never
// go here.

#include <string>

#include "drf/base/error.h"

namespace drf {

/// Writes one line: level ('I', 'W' or 'E'), local time, topic, message. Safe from any thread. A progress bar
/// on the same terminal is taken away first and drawn again.
void log_line(char level, const std::string& topic, const std::string& message);

template <typename... Parts>
void log_info(const std::string& topic, const Parts&... parts) {
  log_line('I', topic, concat(parts...));
}
template <typename... Parts>
void log_warning(const std::string& topic, const Parts&... parts) {
  log_line('W', topic, concat(parts...));
}

/// The line log_line writes, without its end.
std::string format_log_line(char level, const std::string& clock, const std::string& topic,
                            const std::string& message);

}  // namespace drf
