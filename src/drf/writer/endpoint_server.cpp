#include "drf/writer/endpoint_server.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "drf/base/error.h"
#include "drf/base/log.h"
#include "drf/writer/endpoint_address.h"

namespace drf::writer {
namespace {

constexpr uint64_t kBytesAtOnce = uint64_t{256} << 20;  // of all replies
constexpr int64_t kTopLogprobs = 20;                    // the most that OpenAI gives
constexpr std::string_view kPath = "/chat/completions";

// The base, of an address that may be spelt in several ways.
std::string base_of(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  if (url.ends_with(kPath)) url.resize(url.size() - kPath.size());
  return url;
}

void validate(const EndpointOptions& o) {
  check_address(o.url);
  if (o.model.empty()) fail(ErrorKind::kConfig, "writer.model is empty, wanted the model's name at ", o.url);
  for (const unsigned char c : o.key) {
    if (c <= 0x20 || c >= 0x7F)
      fail(ErrorKind::kConfig, "the key in ", o.key_env,
           " holds a blank, a line's end or a letter that is not ASCII, which no key has; set it anew");
  }
  if (o.parallel < 1 || o.parallel > 256)
    fail(ErrorKind::kConfig, "writer.parallel is ", o.parallel, ", wanted 1 to 256");
  if (o.requests_per_minute < 0)
    fail(ErrorKind::kConfig, "writer.requests_per_minute is ", o.requests_per_minute,
         ", wanted 0 (no limit) or more");
  DRF_CHECK(o.retry.tries >= 1);
}

}  // namespace

EndpointServer::EndpointServer(const EndpointOptions& options) : o_(options) {
  validate(o_);
  o_.url = base_of(o_.url);
  o_.limits.reply_bytes = std::min(o_.limits.reply_bytes, kBytesAtOnce / static_cast<uint64_t>(o_.parallel));
  known_.top_logprobs = kTopLogprobs;
  if (!o_.key.empty() && o_.url.starts_with("http://") && !is_this_machine(o_.url))
    log_warning("writer", "the key in ", o_.key_env, " goes to ", o_.url, " unencrypted: https:// hides it");
}

std::string EndpointServer::address() const { return concat(o_.url, kPath); }

std::string EndpointServer::hidden(std::string text, size_t shortest) const {
  constexpr std::string_view kInstead = "[key]";
  if (o_.key.empty() || o_.key.size() < shortest) return text;
  for (size_t at = 0; (at = text.find(o_.key, at)) != std::string::npos; at += kInstead.size())
    text.replace(at, o_.key.size(), kInstead);
  return text;
}

ChatForm EndpointServer::first_form(const TextRequest& request, bool judging) const {
  ChatForm form = known_;
  if (!judging) form.top_logprobs = 0;
  const auto known = format_of_.find(request.schema);
  if (known != format_of_.end()) form.format = known->second;
  return form;
}

void EndpointServer::learn_logprobs(int64_t top) {
  if (std::exchange(logprobs_known_, true)) return;
  known_.top_logprobs = top;
  log_info("writer", "yes and no are ",
           top > 0 ? "read from the probabilities of the first token"
                   : "taken as written, as 1 and 0: the server gives no probabilities");
}

void EndpointServer::warn_of_temperature() {
  if (std::exchange(warned_of_temperature_, true)) return;
  log_warning("writer", o_.url,
              " does not take temperature 0, so none is sent: answers differ from run to run");
}

void EndpointServer::learn(const TextRequest& request, const ChatForm& form, bool judging) {
  if (!std::exchange(basics_known_, true)) {
    known_.completion_tokens = form.completion_tokens;
    known_.temperature = form.temperature;
  }
  if (judging) learn_logprobs(form.top_logprobs);
  if (form.top_logprobs > 0 || request.schema.empty()) return;
  if (!format_of_.emplace(request.schema, form.format).second) return;
  if (form.format == AnswerFormat::kSchema || std::exchange(warned_of_format_, true)) return;
  log_warning("writer", o_.url, " does not take response_format json_schema; ",
              form.format == AnswerFormat::kObjectOf ? "json_object with the schema in it is sent instead"
              : form.format == AnswerFormat::kObject
                  ? "json_object is sent instead and the schema told in words: more answers will be invalid"
                  : "the schema is told in words alone: more answers will be invalid");
}

}  // namespace drf::writer
