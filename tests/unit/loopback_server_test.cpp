// The server beside a training, over real sockets of loopback: what it answers, what it refuses, whom it does
// not wait for.
#include "drf/report/loopback_server.h"

#include <gtest/gtest.h>

#include <atomic>

#include "drf/report/http_request.h"
#include "tests/support/expect_error.h"
#include "tests/support/loopback_client.h"

namespace drf::report {
namespace {

using Client = testing::LoopbackClient;
using testing::error_of;
using testing::get_request;
using testing::says;

class Loopback : public ::testing::Test {
 protected:
  void start(const ServerLimits& limits = {}) {
    server_ = std::make_unique<LoopbackServer>(0, limits);
    server_->start([this](const std::string& target) -> Reply {
      ++answered_;
      if (target == "/throws") throw std::bad_alloc();
      if (target == "/nothing") return {204, "text/plain", nullptr};
      return {200, "text/html", std::make_shared<const std::string>(target + std::string(page_, 'x')),
              "default-src 'none'"};
    });
  }
  std::string ask(const std::string& request) { return Client(server_->port(), request).rest(); }
  std::unique_ptr<LoopbackServer> server_;
  std::atomic<int> answered_ = 0;
  size_t page_ = 0;
};

TEST_F(Loopback, AnswersWholePagesOfAnySize) {
  page_ = 3'000'000;
  start();
  const std::string reply = ask(get_request("/a"));
  EXPECT_EQ(reply.rfind("HTTP/1.1 200 OK\r\n", 0), 0u);
  EXPECT_TRUE(says(reply, "\r\nContent-Length: 3000002\r\n") &&
              says(reply, "\r\nContent-Security-Policy: default-src 'none'\r\n"));
  EXPECT_TRUE(reply.ends_with("\r\n\r\n/a" + std::string(page_, 'x')));
  const std::string head = ask("HEAD /a HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_TRUE(says(head, "Content-Length: 3000002\r\n") && head.ends_with("\r\n\r\n"));
  const std::string nothing = ask(get_request("/nothing"));
  EXPECT_EQ(nothing.rfind("HTTP/1.1 204 No Content\r\n", 0), 0u);
  EXPECT_FALSE(says(nothing, "Content-Length"));
  EXPECT_EQ(ask(get_request("/throws")).rfind("HTTP/1.1 503 Service Unavailable\r\n", 0), 0u);
}

TEST_F(Loopback, RefusesWithoutAskingAnybody) {
  start();
  EXPECT_EQ(ask(get_request("/", "example.com")).rfind("HTTP/1.1 403 Forbidden\r\n", 0), 0u);
  // What is posted is read over, so that the refusal arrives.
  const std::string post =
      "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n" + std::string(1'000'000, 'p');
  EXPECT_EQ(ask(post).rfind("HTTP/1.1 405 Method Not Allowed\r\n", 0), 0u);
  EXPECT_EQ(ask("nonsense\r\n\r\n").rfind("HTTP/1.1 400 Bad Request\r\n", 0), 0u);
  for (const std::string& name : {std::string("X: "), std::string("Host: localhost\r\nX: ")}) {
    Client client(server_->port(), "GET / HTTP/1.1\r\n" + name);
    client.send(std::string(1'000'000, 'a'));  // may be cut off
    client.send("\r\n\r\n");
    EXPECT_EQ(client.rest().rfind("HTTP/1.1 431 ", 0), 0u);
  }
  EXPECT_EQ(ask(get_request("/" + std::string(kMostHeadBytes, 'a'))).rfind("HTTP/1.1 431 ", 0), 0u);
  EXPECT_EQ(answered_, 0);
}

TEST_F(Loopback, WhoIsSlowIsLeftAndNobodyWaitsForHim) {
  page_ = 20'000'000;  // more than sockets hold
  ServerLimits limits;
  limits.connections = 4;
  limits.head_s = limits.idle_s = 0.3;
  start(limits);
  const Client silent(server_->port()), half(server_->port(), "GET / HT"),
      deaf(server_->port(), get_request("/"));
  EXPECT_TRUE(says(ask(get_request("/")), "200 OK"));  // beside them
  std::vector<std::unique_ptr<Client>> crowd;
  for (int i = 0; i < 12; ++i) crowd.push_back(std::make_unique<Client>(server_->port(), "GET"));
  EXPECT_TRUE(says(ask(get_request("/")), "200 OK"));  // once they are left
  for (const auto& client : crowd) EXPECT_EQ(client->rest(), "");
}

TEST_F(Loopback, EndsAtOnceWhateverIsOpen) {
  page_ = 20'000'000;
  start();
  Client silent(server_->port()), deaf(server_->port(), get_request("/"));
  EXPECT_TRUE(says(ask(get_request("/")), "200 OK"));
  const int port = server_->port();
  server_.reset();
  EXPECT_EQ(silent.rest(), "");
  EXPECT_FALSE(Client(port).connected());
}

TEST_F(Loopback, APortThatIsTakenIsSaid) {
  start();
  const std::string message =
      error_of(ErrorKind::kResources, [&] { LoopbackServer another(server_->port()); });
  EXPECT_TRUE(says(message, "--serve: port ") && says(message, "--port"));
  EXPECT_EQ(message.find('\n'), std::string::npos);
}

}  // namespace
}  // namespace drf::report
