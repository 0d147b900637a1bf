#include "drf/report/loopback_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <vector>

#include "drf/base/error.h"
#include "drf/base/log.h"
#include "drf/report/http_request.h"

namespace drf::report {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double kLingerSeconds = 2;  // for what a client still sends after its answer
constexpr size_t kChunk = 1 << 16;

Clock::time_point after(double seconds) {
  return Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
}

Reply refusal(int status) {
  return {status, "text/plain; charset=utf-8",
          std::make_shared<const std::string>(status_line(status) + "\n")};
}

std::string head_of(const Reply& reply) {
  std::string head = concat("HTTP/1.1 ", status_line(reply.status), "\r\n");
  if (reply.status != 204)  // which has no body to speak of
    head += concat("Content-Type: ", reply.type, "\r\nContent-Length: ", reply.body ? reply.body->size() : 0,
                   "\r\n");
  head +=
      "Connection: close\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
      "X-Frame-Options: DENY\r\nReferrer-Policy: no-referrer\r\nCross-Origin-Resource-Policy: "
      "same-origin\r\n";
  if (reply.status == 405) head += "Allow: GET, HEAD\r\n";
  if (!reply.policy.empty()) head += "Content-Security-Policy: " + reply.policy + "\r\n";
  return head + "\r\n";
}

// While it is there no signal is taken by this thread, nor by one that it starts.
class NoSignals {
 public:
  NoSignals() {
    sigset_t all;
    sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~NoSignals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  NoSignals(const NoSignals&) = delete;
  NoSignals& operator=(const NoSignals&) = delete;

 private:
  sigset_t before_;
};

}  // namespace

// A request is read, its answer written, then what is still coming read over, so that the answer is not lost
// to a reset.
struct LoopbackServer::Connection {
  int socket;
  Clock::time_point until, end;  // of what it does now, and of all it does
  std::string head{};            // of the request, then of the answer
  Reply reply{};
  size_t sent = 0;
  enum { kReads, kWrites, kLingers } state = kReads;
};

LoopbackServer::LoopbackServer(int port, const ServerLimits& limits) : limits_(limits) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int yes = 1;  // a port that a run before this one just left is free
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  int ends[2] = {-1, -1};
  if (listener_ < 0 || ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0 ||
      ::bind(listener_, any, size) != 0 || ::listen(listener_, 16) != 0 ||
      ::getsockname(listener_, any, &size) != 0 || ::pipe2(ends, O_CLOEXEC) != 0) {
    const int error = errno;
    if (listener_ >= 0) ::close(listener_);
    fail(ErrorKind::kResources, "--serve: port ", port,
         " of this machine cannot be listened on: ", std::strerror(error),
         "; name another by --port, 0 for any that is free");
  }
  stopped_ = ends[0];
  stop_ = ends[1];
  port_ = ntohs(address.sin_port);
}

LoopbackServer::~LoopbackServer() {
  ::close(stop_);
  if (thread_.joinable()) thread_.join();
  ::close(stopped_);
  ::close(listener_);
}

void LoopbackServer::start(Answer answer) {
  DRF_CHECK(!thread_.joinable());
  const NoSignals none;
  thread_ = std::thread([this, answer = std::move(answer)] {
    try {
      run(answer);
    } catch (...) {  // for want of memory: the training goes on without
      try {
        log_warning("serve",
                    "the page of this run is served no more: this machine has no memory left for it");
      } catch (...) {
      }
    }
  });
}

bool LoopbackServer::serve(Connection& c, const Answer& answer) const {
  char bytes[kChunk];
  if (c.state == Connection::kReads) {
    const ssize_t count = ::recv(c.socket, bytes, sizeof bytes, 0);
    if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)) return false;
    c.head.append(bytes, static_cast<size_t>(std::max<ssize_t>(count, 0)));
    const size_t end = c.head.find("\r\n\r\n");
    const bool too_large = std::min(end, c.head.size()) > kMostHeadBytes;
    if (end == std::string::npos && !too_large) return true;
    Request request;
    const int status = too_large ? 431 : read_request(std::string_view(c.head).substr(0, end + 4), request);
    try {
      c.reply = status == 200 ? answer(request.target) : refusal(status);
    } catch (const std::exception&) {  // out of memory for a page: training has more use for it
      c.reply = refusal(503);
    }
    c.head = head_of(c.reply);
    if (request.method == "HEAD") c.reply.body = nullptr;
    c.state = Connection::kWrites;
    c.until = std::min(after(limits_.idle_s), c.end);
  }
  if (c.state == Connection::kWrites) {
    const size_t body = c.reply.body ? c.reply.body->size() : 0;
    while (c.sent < c.head.size() + body) {
      const bool in_head = c.sent < c.head.size();
      const std::string& part = in_head ? c.head : *c.reply.body;
      const size_t at = in_head ? c.sent : c.sent - c.head.size();
      const ssize_t count =
          ::send(c.socket, part.data() + at, std::min(part.size() - at, kChunk), MSG_NOSIGNAL);
      if (count < 0) return errno == EAGAIN || errno == EINTR;
      c.sent += static_cast<size_t>(count);
      c.until = std::min(after(limits_.idle_s), c.end);
    }
    ::shutdown(c.socket, SHUT_WR);
    c.state = Connection::kLingers;
    c.until = after(kLingerSeconds);
    c.reply = {};
    return true;
  }
  const ssize_t count = ::recv(c.socket, bytes, sizeof bytes, 0);
  return count > 0 || (count < 0 && (errno == EAGAIN || errno == EINTR));
}

void LoopbackServer::run(const Answer& answer) {
  std::vector<Connection> open;
  Clock::time_point may_accept = Clock::now();
  for (;;) {
    std::vector<pollfd> polled = {{stopped_, POLLIN, 0}};
    const bool accepts = open.size() < limits_.connections && Clock::now() >= may_accept;
    polled.push_back({accepts ? listener_ : -1, POLLIN, 0});
    auto next = open.size() < limits_.connections && !accepts ? may_accept : Clock::time_point::max();
    for (const Connection& c : open) {
      polled.push_back({c.socket, static_cast<short>(c.state == Connection::kWrites ? POLLOUT : POLLIN), 0});
      next = std::min(next, c.until);
    }
    int wait = -1;
    if (next != Clock::time_point::max())
      wait = static_cast<int>(std::max<int64_t>(
          0, std::chrono::duration_cast<std::chrono::milliseconds>(next - Clock::now()).count() + 1));
    ::poll(polled.data(), polled.size(), wait);
    if (polled[0].revents != 0) break;
    std::vector<Connection> stay;
    for (size_t i = 0; i < open.size(); ++i) {
      Connection& c = open[i];
      if ((polled[i + 2].revents == 0 || serve(c, answer)) && Clock::now() < c.until)
        stay.push_back(std::move(c));
      else
        ::close(c.socket);
    }
    open = std::move(stay);
    if ((polled[1].revents & POLLIN) == 0) continue;
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (socket >= 0)
      open.push_back({socket, after(limits_.head_s), after(limits_.all_s)});
    else if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
      may_accept = after(1);  // no descriptor is left: not again and again
  }
  for (const Connection& c : open) ::close(c.socket);
}

}  // namespace drf::report
