#include "drf/writer/endpoint_chat.h"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <string_view>

#include "drf/base/blank.h"
#include "drf/base/error.h"
#include "drf/base/json.h"
#include "drf/base/letters.h"
#include "drf/base/printable.h"

namespace drf::writer {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr size_t kShownBytes = 200;  // of a text of the server's in a message

std::string shown(std::string_view text) { return printable(trimmed(text), kShownBytes); }

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

// The field if `object` is an object that has it, else null.
const json& field(const json& object, const char* name) {
  static const json kNothing;
  if (!object.is_object()) return kNothing;
  const auto at = object.find(name);
  return at == object.end() ? kNothing : *at;
}

std::string text_or_nothing(const json& value) {
  return value.is_string() ? value.get<std::string>() : std::string();
}

// choices[0], or why there is none.
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

json parsed(const std::string& body, std::string& problem) {
  json reply = parse_json(body, problem);
  if (reply.is_discarded()) problem = concat("the server's reply is no JSON: ", problem, ": ", shown(body));
  return reply;
}

// The JSON object in `text`: all of it, or from its first brace to its last one where words or a fence stand
// around it. "" with the reason.
std::string document_in(const std::string& text, std::string& problem) {
  const json whole = parse_json(text, problem);
  if (whole.is_object()) return text;
  if (whole.is_discarded()) {
    std::string inner;
    const size_t begin = text.find('{'), end = text.rfind('}');
    if (begin != std::string::npos && end != std::string::npos && begin < end)
      inner = text.substr(begin, end - begin + 1);
    std::string ignored;
    if (!inner.empty() && parse_json(inner, ignored).is_object()) return inner;
  } else {
    problem = concat("an object was wanted, got ", whole.type_name());
  }
  return "";
}

// Without the thoughts that some models write first: all up to </think>, which may stand without its
// beginning, where the chat template wrote that, and is no end within a document that quotes it. False while
// they are not at an end.
bool cut_thoughts(std::string& text) {
  constexpr std::string_view kBegin = "<think>", kEnd = "</think>";
  constexpr int kMostEnds = 8;  // that are looked at one by one
  text = trimmed(text);
  if (text.starts_with(kBegin)) {
    const size_t end = text.find(kEnd);
    text = end == std::string::npos ? "" : trimmed(text.substr(end + kEnd.size()));
    if (end == std::string::npos) return false;
  }
  std::string ignored;
  for (int ends = 0; contains(text, kEnd) && !contains(document_in(text, ignored), kEnd); ++ends) {
    const size_t end = ends < kMostEnds ? text.find(kEnd) : text.rfind(kEnd);
    text = trimmed(text.substr(end + kEnd.size()));
  }
  return true;
}

// The HTTP status that an error's code is, or means.
long status_of(const json& number, const std::string& code) {
  if (number.is_number_unsigned()) {
    const auto status = number.get<uint64_t>();
    return status >= 400 && status < 600 ? static_cast<long>(status) : 0;
  }
  if (contains(code, "rate_limit")) return 429;
  return contains(code, "overloaded") || contains(code, "server_error") ? 503 : 0;
}

// A token as a small word. Some servers show the blank before it as their tokenizer does.
std::string word_of(const std::string& token) {
  std::string_view word = token;
  for (const std::string_view blank : {"\xE2\x96\x81", "\xC4\xA0"}) {
    if (word.starts_with(blank)) word.remove_prefix(blank.size());
  }
  return lower(trimmed(word));
}

int64_t count_of(const json& value) { return value.is_number_unsigned() ? value.get<int64_t>() : 0; }

}  // namespace

const char* const kYesNoSchema =
    R"({"type": "object", "properties": {"answer": {"type": "string", "enum": ["Yes", "No"]}}, )"
    R"("required": ["answer"], "additionalProperties": false})";

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

namespace {

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
  const json reply = parsed(body, error.says);
  if (!error.says.empty()) return error;
  static_cast<void>(first_choice(reply, error.says));
  if (error.says.empty()) return std::nullopt;
  return field(reply, "error").is_null() ? error : error_in(reply, body);
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

TextAnswer read_chat_answer(const std::string& body, const TextRequest& request) {
  TextAnswer answer;
  const json reply = parsed(body, answer.error);
  if (!answer.error.empty()) return answer;
  const json& choice = first_choice(reply, answer.error);
  if (!answer.error.empty()) return answer;
  const json& usage = field(reply, "usage");
  answer.prompt_tokens = count_of(field(usage, "prompt_tokens"));
  answer.answer_tokens = count_of(field(usage, "completion_tokens"));
  const std::string why = text_or_nothing(field(choice, "finish_reason"));
  answer.complete = why != "length";

  const json& message = field(choice, "message");
  if (const std::string refusal = text_or_nothing(field(message, "refusal")); !refusal.empty()) {
    answer.error = "the model refuses: " + shown(refusal);
    return answer;
  }
  if (why == "content_filter") {
    answer.error = "the server's content filter holds the answer back";
    return answer;
  }
  const json& content = field(message, "content");
  if (!content.is_string() && !content.is_null()) {
    answer.error = concat("the reply's content is no text but ", content.type_name());
    return answer;
  }
  std::string text = text_or_nothing(content);
  const bool thought = cut_thoughts(text);
  const std::string cut = concat("cut at ", request.max_tokens, " tokens: allow it more");
  if (text.empty()) {
    answer.error = !answer.complete ? "the answer is empty and " + cut
                   : thought        ? "the answer is empty"
                                    : "the answer is empty: only thoughts, which do not end";
  } else if (!request.schema.empty()) {
    std::string problem;
    std::string document = document_in(text, problem);
    if (document.empty() && !answer.complete) {
      answer.error = "the answer is " + cut;
    } else if (document.empty()) {
      answer.error = concat("the answer is not the JSON that was asked for: ", problem, ": ", shown(text));
    } else {
      answer.complete = true;  // a whole document: nothing that counts was cut
    }
    text = std::move(document);
  }
  if (answer.error.empty()) answer.text = std::move(text);
  return answer;
}

Likeliest read_yes_probability(const std::string& body) {
  YesNo result;
  result.p_yes = std::numeric_limits<double>::quiet_NaN();
  const json reply = parsed(body, result.error);
  if (!result.error.empty()) return {true, result};
  const json& choice = first_choice(reply, result.error);
  if (!result.error.empty()) return {true, result};
  const json& content = field(field(choice, "logprobs"), "content");
  if (!content.is_array() || content.empty()) return {};
  const json& likeliest = field(content[0], "top_logprobs");
  if (!likeliest.is_array() || likeliest.empty()) return {};
  double yes = 0, no = 0;
  for (const json& token : likeliest) {
    const json& logprob = field(token, "logprob");
    if (!logprob.is_number()) continue;
    const double p = std::exp(logprob.get<double>());
    const std::string word = word_of(text_or_nothing(field(token, "token")));
    if (!std::isfinite(p)) continue;
    if (word == "yes") yes += p;
    if (word == "no") no += p;
  }
  if (!(yes + no > 0)) return {true, std::nullopt};
  result.p_yes = yes / (yes + no);
  return {true, result};
}

YesNo read_yes_answer(const std::string& body, const TextRequest& request) {
  TextRequest free = request;
  free.schema.clear();
  const TextAnswer answer = read_chat_answer(body, free);
  YesNo result;
  result.p_yes = std::numeric_limits<double>::quiet_NaN();
  result.error = answer.error;
  if (!result.error.empty()) return result;
  std::string problem;
  const std::string document = document_in(answer.text, problem);
  std::string word = answer.text;
  if (!document.empty()) word = text_or_nothing(field(parse_json(document, problem), "answer"));
  word = lower(word.substr(0, word.find_first_of(" .,;:!\n")));
  if (word == "yes" || word == "no") {
    result.p_yes = word == "yes" ? 1 : 0;
  } else {
    result.error = "the answer is neither yes nor no: " + shown(answer.text);
  }
  return result;
}

}  // namespace drf::writer
