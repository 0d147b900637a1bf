#pragma once
// The chat-completions protocol that OpenAI, vLLM, llama.cpp, Ollama, LM Studio and others speak, as texts:
// what is sent for a request, and what an answer's bytes mean. No network here.

#include <optional>
#include <string>

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

struct ChatError {
  std::string says;   ///< as the server wrote it; "" = nothing
  std::string code;   ///< "insufficient_quota"
  std::string param;  ///< the part of the request that it is about: "temperature"; "" where it does not say
  long status = 0;    ///< what the code means in HTTP, for errors that come with 200; 0 = unknown
};
/// The message in an error's body; its beginning where it is none that we know.
ChatError read_chat_error(const std::string& body);

/// Why the body of a 2xx is no chat completion: an error that some servers send with 200 (routers, of limits
/// and of what they do not have), a page of something else. Nothing if it is one, whatever its answer.
std::optional<ChatError> why_no_completion(const std::string& body);

/// The form to try after the server did not take `form` and said `error`; nothing where no other is left, or
/// what it says is about something else (the length of the prompt).
std::optional<ChatForm> simpler_form(const ChatForm& form, bool has_schema, const ChatError& error);
/// Whether what the server says is about a part of the form: some answer 500 to what they do not have.
bool is_about_form(const ChatForm& form, const std::string& says);

/// The answer in a reply's body. Its text has no surrounding blanks and no <think> part; with a schema it is
/// a JSON document, freed from what stands around it, which may quote a </think>. Its `error` says: not JSON,
/// wrong shape, refused, cut, empty.
TextAnswer read_chat_answer(const std::string& body, const TextRequest& request);

/// What a reply to a form with top_logprobs says: p(yes) / (p(yes) + p(no)) over the spellings of both among
/// the first token's likeliest.
struct Likeliest {
  bool offered = false;      ///< the reply holds tokens with their probabilities
  std::optional<YesNo> yes;  ///< nothing where neither a yes nor a no is among them; or its error, as above
};
Likeliest read_yes_probability(const std::string& body);

/// What holds the answer to yes or no where probabilities are not to be had. It is read from a reply's body
/// as 1 or 0, also where it came as a bare word.
extern const char* const kYesNoSchema;
YesNo read_yes_answer(const std::string& body, const TextRequest& request);

}  // namespace drf::writer
