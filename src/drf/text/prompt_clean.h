#pragma once
// What diffusers' Wan pipeline does to a prompt before it is tokenised: character references are resolved
// (twice), white space is collapsed. ftfy, which diffusers runs first where it is installed, is not part of
// it (docs/tokenizers.md says what that means).

#include <string>
#include <string_view>

namespace drf::text {

/// Python's html.unescape: named references by the HTML5 table (the longest known name wins, with or without
/// semicolon as the table says), decimal and hexadecimal numbers with the standard's corrections (&#128; is
/// the euro sign, &#0; and numbers beyond Unicode become U+FFFD, other control characters vanish).
std::string html_unescape(std::string_view text);

/// diffusers' prompt_clean without ftfy: html_unescape twice; white space at the ends is dropped (as
/// Python's str.strip) and becomes one space inside (Unicode's White_Space). Throws Error(kInput) if `prompt`
/// is not UTF-8.
std::string prompt_clean(std::string_view prompt);

}  // namespace drf::text
