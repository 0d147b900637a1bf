#include "drf/writer/endpoint_json.h"

#include "drf/base/blank.h"
#include "drf/base/error.h"
#include "drf/base/json.h"
#include "drf/base/printable.h"

namespace drf::writer {
namespace {

constexpr size_t kShownBytes = 200;  // of a text of the server's in a message

}  // namespace

using nlohmann::json;

std::string shown(std::string_view text) { return printable(trimmed(text), kShownBytes); }

const json& field(const json& object, const char* name) {
  static const json kNothing;
  if (!object.is_object()) return kNothing;
  const auto at = object.find(name);
  return at == object.end() ? kNothing : *at;
}

std::string text_or_nothing(const json& value) {
  return value.is_string() ? value.get<std::string>() : std::string();
}

const json& first_choice(const json& reply, std::string& problem) {
  static const json kNothing;
  if (const json& error = field(reply, "error"); !error.is_null()) {
    problem = "the server says: " +
              shown(error.is_string() ? error.get<std::string>() : text_or_nothing(field(error, "message")));
    return kNothing;
  }
  const json& choices = field(reply, "choices");
  if (choices.is_array() && !choices.empty() && choices[0].is_object()) return choices[0];
  problem = "the server's reply holds no choices: it is no chat completion";
  return kNothing;
}

json parse_reply(const std::string& body, std::string& problem) {
  json reply = parse_json(body, problem);
  if (reply.is_discarded()) problem = concat("the server's reply is no JSON: ", problem, ": ", shown(body));
  return reply;
}

}  // namespace drf::writer
