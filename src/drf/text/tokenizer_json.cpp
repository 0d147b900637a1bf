#include "drf/text/tokenizer_json.h"

#include <nlohmann/json.hpp>

#include "drf/base/error.h"

namespace drf::text {
namespace {

const nlohmann::json kNull;

[[noreturn]] void reject(const std::string& where, const std::string& key, const nlohmann::json& got,
                         const char* wanted) {
  // Half a surrogate or broken bytes in the file must not turn a message into another exception.
  const std::string text = got.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  fail(ErrorKind::kInput, where, ": '", key, "' is ", text.substr(0, 60), ", wanted ", wanted);
}

}  // namespace

const nlohmann::json& json_or_null(const nlohmann::json& object, const std::string& key) {
  if (!object.is_object()) return kNull;
  const auto found = object.find(key);
  return found == object.end() ? kNull : *found;
}

std::string json_text(const nlohmann::json& object, const std::string& key, const std::string& where) {
  const auto& value = json_or_null(object, key);
  if (!value.is_string()) reject(where, key, value, "a string");
  return value.get<std::string>();
}

std::string json_mark(const nlohmann::json& object, const std::string& key, const std::string& where) {
  constexpr size_t kMostBytes = 64;
  const std::string text = json_text(object, key, where);
  if (text.size() > kMostBytes)
    fail(ErrorKind::kInput, where, ": '", key, "' has ", text.size(), " bytes, wanted at most ", kMostBytes);
  return text;
}

const nlohmann::json& json_list(const nlohmann::json& object, const std::string& key,
                                const std::string& where) {
  const auto& value = json_or_null(object, key);
  if (!value.is_array()) reject(where, key, value, "a list");
  return value;
}

bool json_flag(const nlohmann::json& object, const std::string& key, bool fallback,
               const std::string& where) {
  const auto& value = json_or_null(object, key);
  if (value.is_null()) return fallback;
  if (!value.is_boolean()) reject(where, key, value, "true or false");
  return value.get<bool>();
}

int64_t json_integer(const nlohmann::json& object, const std::string& key, const std::string& where) {
  const auto& value = json_or_null(object, key);
  if (!value.is_number_integer()) reject(where, key, value, "an integer");
  return value.get<int64_t>();
}

JsonPattern json_pattern(const nlohmann::json& object, const std::string& where) {
  const auto& pattern = json_or_null(object, "pattern");
  for (const char* kind : {"Regex", "String"}) {
    const auto& text = json_or_null(pattern, kind);
    if (text.is_string()) return {kind == std::string("Regex"), text.get<std::string>()};
  }
  reject(where, "pattern", pattern, "{\"Regex\": ...} or {\"String\": ...}");
}

}  // namespace drf::text
