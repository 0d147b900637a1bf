#pragma once
// A server's reply as JSON of whatever shape it has: nothing here throws for what it holds.

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace drf::writer {

/// For messages: trimmed, printable, 200 bytes at most.
std::string shown(std::string_view text);
/// The field if `object` is an object that has it, else null.
const nlohmann::json& field(const nlohmann::json& object, const char* name);
/// "" where `value` is no text.
std::string text_or_nothing(const nlohmann::json& value);
/// The reply's body; discarded, with the problem in words, where it is no JSON.
nlohmann::json parse_reply(const std::string& body, std::string& problem);
/// choices[0], or why there is none.
const nlohmann::json& first_choice(const nlohmann::json& reply, std::string& problem);

}  // namespace drf::writer
