#pragma once
// Checked access to the parts of tokenizer.json. Every function throws Error(kInput): WHERE: KEY: got,
// wanted.

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace drf::text {

std::string json_text(const nlohmann::json& object, const std::string& key, const std::string& where);
const nlohmann::json& json_list(const nlohmann::json& object, const std::string& key,
                                const std::string& where);
/// A string of at most 64 bytes: what takes a character's place.
std::string json_mark(const nlohmann::json& object, const std::string& key, const std::string& where);
bool json_flag(const nlohmann::json& object, const std::string& key, bool fallback, const std::string& where);
int64_t json_integer(const nlohmann::json& object, const std::string& key, const std::string& where);
/// The value under `key`, or null where it is absent.
const nlohmann::json& json_or_null(const nlohmann::json& object, const std::string& key);

struct JsonPattern {
  bool is_regex = false;
  std::string text;
};
/// {"pattern": {"String": ...}} or {"pattern": {"Regex": ...}}.
JsonPattern json_pattern(const nlohmann::json& object, const std::string& where);

}  // namespace drf::text
