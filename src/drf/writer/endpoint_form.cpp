#include "drf/writer/endpoint_form.h"

#include <nlohmann/json.hpp>
#include <string_view>

#include "drf/base/error.h"
#include "drf/base/json.h"

namespace drf::writer {
namespace {

using nlohmann::ordered_json;

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

std::string chat_body(const TextRequest& request, const std::string& model, const ChatForm& form) {
  ordered_json body;
  body["model"] = model;
  body["messages"] = ordered_json::array();
  for (const TextRequest::Turn& turn : request.turns)
    body["messages"].push_back({{"role", turn.role}, {"content", turn.text}});
  body[form.completion_tokens ? "max_completion_tokens" : "max_tokens"] =
      form.top_logprobs > 0 ? 1 : request.max_tokens;
  if (form.temperature) body["temperature"] = 0;
  body["stream"] = false;
  if (form.top_logprobs > 0) {
    body["logprobs"] = true;
    body["top_logprobs"] = form.top_logprobs;
  } else if (!request.schema.empty()) {
    std::string problem;
    const ordered_json schema = parse_ordered_json(request.schema, problem);
    DRF_CHECK(schema.is_object(), "a request's schema: ", problem);
    if (form.format == AnswerFormat::kSchema) {
      body["response_format"] = {{"type", "json_schema"},
                                 {"json_schema", {{"name", "answer"}, {"strict", true}, {"schema", schema}}}};
    } else if (form.format == AnswerFormat::kObjectOf) {
      body["response_format"] = {{"type", "json_object"}, {"schema", schema}};
    } else {
      if (form.format == AnswerFormat::kObject) body["response_format"] = {{"type", "json_object"}};
      if (!body["messages"].empty()) {
        auto& last = body["messages"].back()["content"].get_ref<std::string&>();
        last += "\n\nAnswer with one JSON object that satisfies this JSON schema, and nothing else:\n" +
                request.schema;
      }
    }
  }
  return body.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

bool is_about_form(const ChatForm& form, const std::string& says) {
  if (form.top_logprobs > 0) return contains(says, "logprobs");
  return contains(says, "response_format") || contains(says, "json_schema") || contains(says, "grammar");
}

std::optional<ChatForm> simpler_form(const ChatForm& form, bool has_schema, const ChatError& error) {
  // What comes after a brace may be the request, repeated with all of its names.
  const std::string says = error.says.substr(0, error.says.find('{'));
  ChatForm next = form;
  if (contains(says, "context length") || contains(says, "context window") ||
      contains(says, "context size")) {
    return std::nullopt;
  } else if (!form.completion_tokens && contains(says, "max_completion_tokens")) {
    next.completion_tokens = true;
  } else if (form.temperature && contains(error.param.empty() ? says : error.param, "temperature")) {
    next.temperature = false;
  } else if (form.top_logprobs > 0) {
    next.top_logprobs = form.top_logprobs > 5 ? 5 : 0;  // the most that some allow
  } else if (has_schema && form.format != AnswerFormat::kPlain) {
    next.format = static_cast<AnswerFormat>(static_cast<int>(form.format) + 1);
  } else {
    return std::nullopt;
  }
  return next;
}

}  // namespace drf::writer
