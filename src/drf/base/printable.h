#pragma once
// Text from outside made fit for a terminal. Names, values and file contents that a message repeats may hold
// escape sequences or megabytes; what prints messages (cli/main.cpp, base/log.cpp) passes them through here,
// so that who throws an Error need not think of it.

#include <cstddef>
#include <string>
#include <string_view>

namespace drf {

/// Bytes of a message that are shown at most, before escapes: the beginning says where, the end the remedy.
inline constexpr size_t kMessageBytes = 1500;

/// One line: control characters (line ends too), direction marks and bytes that are no UTF-8 become \n, \t,
/// \x1b or \u202e. Of a text of more than `most` bytes the middle is left out, with how many bytes that were.
std::string printable(std::string_view text, size_t most = kMessageBytes);

}  // namespace drf
