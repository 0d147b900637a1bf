#pragma once
// The head of an HTTP/1.1 request, as far as a server of one page to this machine's own browser needs it, and
// read strictly: it may come from any program here, or through a browser from any page of the web.

#include <string>
#include <string_view>

namespace drf::report {

/// Bytes of a head at most (docs/security.md).
inline constexpr size_t kMostHeadBytes = 8192;

struct Request {
  std::string method;  ///< GET or HEAD
  std::string target;  ///< as it was sent: "/live?7"
};

/// `head` ends with an empty line. Fills `request` and returns 200, or what to refuse it with:
///   400  it is none of HTTP/1.0 or 1.1, or names no host or several
///   403  its Host is neither localhost, 127.0.0.1 nor [::1], with any port (one that ssh forwards has
///   another):
///        another name for this machine is how a page of the web reads what is served here (DNS rebinding)
///   405  another method
int read_request(std::string_view head, Request& request);

/// The status line's words: "200 OK".
std::string status_line(int status);

}  // namespace drf::report
