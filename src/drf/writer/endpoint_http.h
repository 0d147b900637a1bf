#pragma once
// POSTs to one address, several beside each other, by libcurl's multi interface: JSON there, a whole reply
// back. What a reply means and what is asked again is not decided here (endpoint_reply.h, endpoint_retry.h).
// Certificates are verified, redirects are not followed (the key would go along), proxies are those of
// libcurl's environment variables (http_proxy, https_proxy, no_proxy), but for servers on this machine none.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace drf::writer {

struct HttpLimits {
  double connect_s = 20;
  double idle_s = 300;  ///< without a byte; a server sends none before its answer is written
  double total_s = 900;
  uint64_t reply_bytes =
      uint64_t{8} << 20;  ///< of each; an endpoint takes less where it asks for very many at once
};

struct HttpReply {
  enum class Failure {
    kNone,
    kUnreachable,  ///< no such host, nobody listens, no connection in time
    kInsecure,     ///< the certificate is not to be trusted, or no TLS is spoken
    kTimeout,      ///< idle or in all
    kCut,          ///< the connection ended in the middle, or what came is no HTTP
    kTooLarge,
  };
  Failure failure = Failure::kNone;
  std::string problem;  ///< of a failure, in words that follow a colon
  long status = 0;      ///< where there is no failure
  std::string body;
  double retry_after_s = 0;  ///< what a Retry-After header asks for, in seconds or as a date; 0 = nothing
};

class HttpPool {
 public:
  /// `key` goes as "Authorization: Bearer KEY" and nowhere else; "" = none. The key holds printable ASCII.
  HttpPool(std::string url, const std::string& key, const HttpLimits& limits);
  /// Ends what is in flight.
  ~HttpPool();
  HttpPool(const HttpPool&) = delete;
  HttpPool& operator=(const HttpPool&) = delete;

  /// Begins to send `body`; its reply comes from wait() under `tag`. Throws Error(kResources) without memory.
  void post(size_t tag, std::string body);
  size_t in_flight() const;

  struct Finished {
    size_t tag;
    HttpReply reply;
  };
  /// Whatever is finished after at most `seconds`; returns at once when something is. With nothing in flight
  /// it sleeps. Who is idle too long is found here. Throws Error(kResources) where a reply finds no memory.
  std::vector<Finished> wait(double seconds);

 private:
  struct Transfer;
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace drf::writer
