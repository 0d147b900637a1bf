#pragma once
// HTML5's named character references as one string.

namespace drf::text {

/// "NAME=HEX[+HEX] " for each of the 2125 names, sorted; "*NAME" is also recognised without its semicolon.
extern const char* const kHtmlEntities;

}  // namespace drf::text
