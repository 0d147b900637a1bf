#pragma once
// A language model behind any server that speaks OpenAI's chat completions: asks several things at once,
// waits where the server is busy, asks again what failed for a while, and finds out which parts of the
// protocol the server takes. What is sent, retried and refused stands in docs/endpoint.md.

#include <cstdint>
#include <memory>
#include <string>

#include "drf/writer/endpoint_http.h"
#include "drf/writer/endpoint_queue.h"
#include "drf/writer/text_model.h"

namespace drf::writer {

struct EndpointOptions {
  std::string url;    ///< the base: "https://api.openai.com/v1", "http://127.0.0.1:8080/v1"
  std::string model;  ///< as the server calls it
  /// Sent to the server, and never logged, written or put into a message; "" = none. Whoever has the
  /// environment reads it there: this room reads none.
  std::string key;
  std::string key_env;   ///< the name of the key's variable, for messages; "" where there is no key
  int64_t parallel = 4;  ///< requests in flight, 1 to 256
  int64_t requests_per_minute = 0;  ///< begun at most, counted evenly; 0 = no limit
  HttpLimits limits;
  RetryPolicy retry;
};

/// Whether this build has libcurl.
bool have_endpoint();

/// Does not ask the server anything yet. Throws Error(kConfig) for what cannot work: an address that is none,
/// a password in it, a key with blanks or control characters, numbers out of range, a build without libcurl.
///
/// write() and judge() ask requests in their order, `parallel` at once. A request that fails for good has its
/// error; Error(kResources) is thrown where no other can succeed: the server cannot be reached, is not
/// trusted, does not take the key, knows no such model, has no credit left, or asks to come back much later.
/// A signal (base/interrupt) ends them at once by Interrupted. What was answered by then, done() has.
/// judge() reads probabilities of the first token where the server gives them, else a written Yes or No as 1
/// or 0; which, is logged once.
std::unique_ptr<TextModel> open_endpoint(const EndpointOptions& options);

}  // namespace drf::writer
