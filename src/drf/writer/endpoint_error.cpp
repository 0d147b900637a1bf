#include "drf/writer/endpoint_error.h"

#include <string_view>

#include "drf/base/blank.h"
#include "drf/base/error.h"
#include "drf/base/json.h"
#include "drf/writer/endpoint_json.h"

namespace drf::writer {
namespace {

using nlohmann::json;

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

// The HTTP status that an error's code is, or means.
long status_of(const json& number, const std::string& code) {
  if (number.is_number_unsigned()) {
    const auto status = number.get<uint64_t>();
    return status >= 400 && status < 600 ? static_cast<long>(status) : 0;
  }
  if (contains(code, "rate_limit")) return 429;
  return contains(code, "overloaded") || contains(code, "server_error") ? 503 : 0;
}

// FastAPI's: words, or where each problem is and what. The whole request, which it repeats, is left out.
std::string detail_in(const json& detail) {
  if (detail.is_null()) return "";
  if (detail.is_string()) return detail.get<std::string>();
  std::string says;
  for (const json& one : detail.is_array() ? detail : json::array()) {
    if (!one.is_object()) continue;
    std::string where;
    for (const json& part : field(one, "loc")) {
      if (!part.is_string() && !part.is_number_integer()) continue;
      where += (where.empty() ? "" : ".") + (part.is_string() ? part.get<std::string>() : part.dump());
    }
    says += concat(says.empty() ? "" : "; ", where, where.empty() ? "" : ": ",
                   text_or_nothing(field(one, "msg")));
  }
  return says.empty() ? detail.dump(-1, ' ', false, json::error_handler_t::replace) : says;
}

ChatError error_in(const json& reply, const std::string& body) {
  ChatError error;
  if (reply.is_object()) {
    const json& inner = field(reply, "error");
    error.code = text_or_nothing(field(inner, "code"));
    if (error.code.empty()) error.code = text_or_nothing(field(inner, "type"));
    error.status = status_of(field(inner, "code"), error.code);
    error.says = text_or_nothing(inner.is_string() ? inner : field(inner, "message"));
    if (error.says.empty()) error.says = text_or_nothing(field(reply, "message"));
    if (error.says.empty()) error.says = detail_in(field(reply, "detail"));
    error.param = text_or_nothing(field(inner, "param"));
  }
  if (error.says.empty()) error.says = trimmed(body);
  return error;
}

}  // namespace

ChatError read_chat_error(const std::string& body) {
  std::string problem;
  return error_in(parse_json(body, problem), body);
}

std::optional<ChatError> why_no_completion(const std::string& body) {
  ChatError error;
  const json reply = parse_reply(body, error.says);
  if (!error.says.empty()) return error;
  static_cast<void>(first_choice(reply, error.says));
  if (error.says.empty()) return std::nullopt;
  return field(reply, "error").is_null() ? error : error_in(reply, body);
}

}  // namespace drf::writer
