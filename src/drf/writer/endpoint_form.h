#pragma once
// The chat-completions protocol that OpenAI, vLLM, llama.cpp, Ollama, LM Studio and others speak: what is
// sent for a request, in the form that a server takes. No network here; replies are read in endpoint_reply.h.

#include <optional>
#include <string>

#include "drf/writer/endpoint_error.h"
#include "drf/writer/text_model.h"

namespace drf::writer {

/// How an answer is held to a schema, from the strictest on. Where the server does not hold it, the schema is
/// told in words, and the answer read leniently.
enum class AnswerFormat {
  kSchema,    ///< response_format json_schema: OpenAI, vLLM, llama-server
  kObjectOf,  ///< response_format json_object with the schema in it: llama-cpp-python, Together
  kObject,    ///< response_format json_object
  kPlain,     ///< words alone
};

/// The form of a request that a server takes; what it refuses is found out by asking (simpler_form).
struct ChatForm {
  AnswerFormat format = AnswerFormat::kSchema;  ///< read only where there is a schema
  int64_t top_logprobs = 0;        ///< > 0: one token is asked for, and its likeliest alternatives
  bool completion_tokens = false;  ///< max_completion_tokens takes the place of max_tokens
  bool temperature = true;         ///< temperature 0 is sent
  bool operator==(const ChatForm&) const = default;
};

/// The body of the POST.
std::string chat_body(const TextRequest& request, const std::string& model, const ChatForm& form);

/// The form to try after the server did not take `form` and said `error`; nothing where no other is left, or
/// what it says is about something else (the length of the prompt).
std::optional<ChatForm> simpler_form(const ChatForm& form, bool has_schema, const ChatError& error);
/// Whether what the server says is about a part of the form: some answer 500 to what they do not have.
bool is_about_form(const ChatForm& form, const std::string& says);

}  // namespace drf::writer
