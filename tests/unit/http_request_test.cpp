// What a server of this machine's own page takes for a request, and what it refuses.
#include "drf/report/http_request.h"

#include <gtest/gtest.h>

namespace drf::report {
namespace {

int status(const std::string& head) {
  Request request;
  return read_request(head, request);
}

std::string with_host(const std::string& host) { return "GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n"; }

TEST(HttpRequest, ItsTargetIsTakenAsItIsSent) {
  Request request;
  EXPECT_EQ(
      read_request("GET /live?1.2_-%2e HTTP/1.1\r\nHost: localhost:8600\r\nAccept: */*\r\n\r\n", request),
      200);
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.target, "/live?1.2_-%2e");
  EXPECT_EQ(read_request("HEAD /../etc/passwd HTTP/1.0\r\nhOsT:[::1]\r\n\r\n", request), 200);
  EXPECT_EQ(request.method, "HEAD");
  EXPECT_EQ(request.target, "/../etc/passwd");  // names nothing: it is compared, never opened
}

TEST(HttpRequest, OnlyThisMachinesOwnNamesAreHosts) {
  for (const char* host :
       {"localhost", "LOCALHOST:1", "127.0.0.1", "127.0.0.1:65535", "[::1]", "[::1]:8600", " localhost\t"})
    EXPECT_EQ(status(with_host(host)), 200) << host;
  for (const char* host : {"example.com",
                           "example.com:8600",
                           "localhost.example.com",
                           "127.0.0.1.example.com",
                           "localhost:",
                           "localhost:80a",
                           "localhost:123456",
                           "localhost:8600:1",
                           "::1",
                           "[::1",
                           "[::2]",
                           "127.0.0.2",
                           "0.0.0.0",
                           "127.1",
                           "",
                           "localhost, example.com",
                           "user@localhost",
                           "localhost/",
                           "xn--localhost",
                           "localhost."})
    EXPECT_EQ(status(with_host(host)), 403) << host;
}

TEST(HttpRequest, OtherMethodsAreRefused) {
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS", "CONNECT", "TRACE", "get", "G"})
    EXPECT_EQ(status(std::string(method) + " / HTTP/1.1\r\nHost: localhost\r\n\r\n"), 405) << method;
}

TEST(HttpRequest, WhatIsNoRequestIsRefused) {
  for (const std::string& head :
       {std::string("\r\n"), std::string("\r\n\r\n"), std::string("GET / HTTP/1.1\r\n\r\n"),
        std::string("GET /\r\nHost: localhost\r\n\r\n"),
        std::string("GET HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        std::string("GET  HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        std::string("GET / HTTP/2\r\nHost: localhost\r\n\r\n"),
        std::string("GET / x HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        std::string("GET /\x01 HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        std::string("GET /\xc3\xa9 HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        std::string("GET / HTTP/1.1\nHost: localhost\n\r\n"),
        std::string("GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n"),
        std::string("GET / HTTP/1.1\r\nHost : localhost\r\n\r\n"),
        std::string("GET / HTTP/1.1\r\n Host: localhost\r\n\r\n"),
        std::string("GET / HTTP/1.1\r\nHost: localhost\r\nnothing\r\n\r\n"),
        std::string("GET / HTTP/1.1\r\nHost: localhost\r\n: x\r\n\r\n"),
        std::string("GET / HTTP/1.1\r\nHost: localhost\r\nA: b\0c\r\n\r\n", 43),
        std::string("\x16\x03\x01\x02\r\n\r\n")})
    EXPECT_EQ(status(head), 400) << head;
}

}  // namespace
}  // namespace drf::report
