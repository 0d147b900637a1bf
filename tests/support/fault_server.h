#pragma once
// tests/run/fault_server.py beside a test: a server of chat completions on loopback that goes wrong on
// request.

#include <sys/types.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/temporary_folder.h"

namespace drf::testing {

class FaultServer {
 public:
  /// Started and listening. With `tls`, a certificate that nobody vouches for, made by openssl.
  explicit FaultServer(bool tls = false);
  ~FaultServer();
  FaultServer(const FaultServer&) = delete;
  FaultServer& operator=(const FaultServer&) = delete;

  /// The base address at which it goes wrong in that way.
  std::string url(const std::string& way) const;
  /// What it was asked in that way so far, in order: {"text", "body", "key", "time"}.
  std::vector<nlohmann::json> asked(const std::string& way) const;
  /// No longer there; its port stays free for a while.
  void stop();

 private:
  TemporaryFolder folder_;
  std::string scheme_ = "http";
  int port_ = 0, stdin_ = -1;
  pid_t process_ = -1;
};

}  // namespace drf::testing
