#include "drf/writer/endpoint_reply.h"

#include <cmath>
#include <limits>
#include <string_view>

#include "drf/base/blank.h"
#include "drf/base/error.h"
#include "drf/base/json.h"
#include "drf/base/letters.h"
#include "drf/writer/endpoint_json.h"

namespace drf::writer {
namespace {

using nlohmann::json;

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

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

TextAnswer read_chat_answer(const std::string& body, const TextRequest& request) {
  TextAnswer answer;
  const json reply = parse_reply(body, answer.error);
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
  const json reply = parse_reply(body, result.error);
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
