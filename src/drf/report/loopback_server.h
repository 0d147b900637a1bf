#pragma once
// A small HTTP server for this machine alone, on a thread of its own beside a training: it listens on
// 127.0.0.1, answers GET and HEAD from memory, one request a connection, and takes neither files nor anything
// else by what a request says. What others send it is bounded in bytes, connections and time
// (docs/security.md), so that it can neither block nor fill up what it stands beside.

#include <functional>
#include <memory>
#include <string>
#include <thread>

namespace drf::report {

struct Reply {
  int status = 200;
  std::string type = "text/plain; charset=utf-8";
  std::shared_ptr<const std::string> body;  ///< null: none
  std::string policy{};                     ///< Content-Security-Policy, or ""
};

/// What bounds others; smaller in tests.
struct ServerLimits {
  size_t connections = 16;  ///< at a time; more wait
  double head_s = 10;       ///< for all of a request
  double idle_s = 30;       ///< without a byte taken of the reply
  double all_s = 300;       ///< for a connection
};

class LoopbackServer {
 public:
  /// To the target of each request that read_request() takes; in the server's thread.
  using Answer = std::function<Reply(const std::string& target)>;

  /// Listens; `port` 0: any that is free. Nobody is answered before start(). Throws Error(kResources), in
  /// words for whoever named the port, where that is taken or not allowed.
  explicit LoopbackServer(int port, const ServerLimits& limits = {});
  /// Ends what is in flight.
  ~LoopbackServer();
  LoopbackServer(const LoopbackServer&) = delete;
  LoopbackServer& operator=(const LoopbackServer&) = delete;

  int port() const { return port_; }
  /// Once. Its thread takes no signals: those are the program's own. Whatever fails in it ends the server
  /// alone, with a warning.
  void start(Answer answer);

 private:
  struct Connection;
  void run(const Answer& answer);
  /// Whether it stays.
  bool serve(Connection& connection, const Answer& answer) const;

  ServerLimits limits_;
  int port_ = 0, listener_ = -1, stop_ = -1, stopped_ = -1;
  std::thread thread_;
};

}  // namespace drf::report
