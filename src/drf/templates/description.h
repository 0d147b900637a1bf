#pragma once
// What "Describe the video." is to be answered with.

#include <string>

namespace drf::templates {

/// The prompt, with the slips of the pen put right that can be one word only, and without "video of" at
/// its head and "please" at its end; "" where too many words are slips that may have been meant for more than
/// one word.
std::string description_of(const std::string& prompt);

}  // namespace drf::templates
