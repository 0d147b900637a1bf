#pragma once
// What a server was found to be like while it was asked: which forms it takes, whether it can be reached,
// whether it serves us at all. Shared by all calls of one endpoint.

#include <map>
#include <string>

#include "drf/writer/endpoint.h"
#include "drf/writer/endpoint_form.h"

namespace drf::writer {

/// A key from here on is no word that an answer may hold.
constexpr size_t kSecretBytes = 12;

class EndpointServer {
 public:
  /// Throws Error(kConfig) as open_endpoint. Warns of a key that goes out unencrypted.
  explicit EndpointServer(const EndpointOptions& options);

  const EndpointOptions& options() const { return o_; }
  std::string address() const;

  /// The form in which to send a request first.
  ChatForm first_form(const TextRequest& request, bool judging) const;
  /// What worked is taken from then on. Once it did, one request that needs less says nothing of the others.
  void learn(const TextRequest& request, const ChatForm& form, bool judging);
  void learn_logprobs(int64_t top);
  void warn_of_temperature();

  /// `text` with [key] in place of the key, if that is `shortest` bytes or more: servers repeat what they
  /// were sent.
  std::string hidden(std::string text, size_t shortest) const;

  bool reached = false;       ///< it answered anything
  bool serves = false;        ///< it answered well, and did not refuse kMostRefused requests in a row since
  int64_t lost_in_a_row = 0;  ///< requests without a chat completion
  int64_t refused_in_a_row = 0;

 private:
  EndpointOptions o_;
  ChatForm known_;
  std::map<std::string, AnswerFormat> format_of_;  // by schema
  bool basics_known_ = false, logprobs_known_ = false, warned_of_format_ = false,
       warned_of_temperature_ = false;
};

}  // namespace drf::writer
