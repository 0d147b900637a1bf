#pragma once
// TEMPORARY stand-in by the lead until the text helper's version lands.
#include <string>
namespace drf::text { inline std::string prompt_clean(const std::string& s) { return s; } }
