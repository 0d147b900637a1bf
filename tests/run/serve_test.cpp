// drf train --serve, from outside: it answers from before the models are read to the end, refuses what it
// should, and changes no number of the run, whoever asks whatever.
#include "tests/run/tiny_train.h"
#include "tests/support/loopback_client.h"

namespace drf::testing {
namespace {

using Client = LoopbackClient;

// One that was free a moment ago.
std::string free_port(int& number) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  EXPECT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
  ::close(listener);
  number = ntohs(address.sin_port);
  return std::to_string(number);
}

std::string status_of(const std::string& reply) { return reply.substr(0, reply.find("\r\n")); }

TEST(Serve, ShowsTheRunAndChangesNoNumberOfIt) {
  const TemporaryFolder folder;
  const Arguments settings = {"train.updates=12", "train.eval_every=6", "eval.prompts=1"};
  ASSERT_EQ(train(folder / "plain", settings).code, 0);
  int port = 0;
  const std::string name = free_port(port);
  std::vector<std::unique_ptr<Client>> slow;  // who say half of what they want, and stay
  int prepared = 0, pages = 0, parts = 0, asked = 0;
  ProcessOptions options;
  options.signal_when = [&] {
    auto quiet = std::make_unique<Client>(port, "GET / HTTP/1.1\r\nHo");
    if (!quiet->connected()) return 0;
    ++asked;
    // As many as leave room for one who speaks: all places taken, nobody is answered until they have been
    // dropped.
    if (slow.size() == 8) slow.clear();
    slow.push_back(std::move(quiet));
    const std::string page = Client(port, get_request("/")).rest();
    if (page.empty()) return 0;  // it has ended meanwhile
    EXPECT_TRUE(status_of(page) == "HTTP/1.1 200 OK" || status_of(page) == "HTTP/1.1 503 Service Unavailable")
        << page;
    prepared += page.find("being prepared") != std::string::npos;
    pages += page.find("id=\"live\"") != std::string::npos;
    const std::string live = Client(port, get_request("/live?0")).rest();
    parts += live.find("\"data\":{\"runs\":[") != std::string::npos;
    for (const char* target : {"/../../../../etc/passwd", "/config.toml", "/.lock", "//etc/passwd"}) {
      const std::string other = Client(port, get_request(target)).rest();
      EXPECT_TRUE(other.empty() || status_of(other) == "HTTP/1.1 404 Not Found") << other;
    }
    const std::string foreign = Client(port, get_request("/", "example.com:" + name)).rest();
    EXPECT_TRUE(foreign.empty() || status_of(foreign) == "HTTP/1.1 403 Forbidden") << foreign;
    const std::string post =
        Client(port, "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nseed=1234").rest();
    EXPECT_TRUE(post.empty() || status_of(post) == "HTTP/1.1 405 Method Not Allowed") << post;
    Client large(port, "GET / HTTP/1.1\r\nHost: localhost\r\nX: ");
    large.send(std::string(1 << 20, 'x'));
    return 0;
  };
  const Outcome served = train(folder / "served", settings, {"--serve", "--port", name}, options);
  ASSERT_EQ(served.code, 0) << served.err;
  EXPECT_NE(served.err.find("serve] http://127.0.0.1:" + name + "/ shows this run on this machine"),
            std::string::npos)
      << served.err;
  EXPECT_GT(prepared, 0) << asked;
  EXPECT_GT(pages, 0) << asked;
  EXPECT_GT(parts, 0) << asked;
  expect_same_run(folder / "plain", folder / "served", 12);
  EXPECT_FALSE(Client(port).connected());
}

TEST(Serve, APortThatIsTakenIsSaidBeforeAnythingIsWritten) {
  const TemporaryFolder folder;
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(listener, 1), 0);
  ASSERT_EQ(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
  const std::string port = std::to_string(ntohs(address.sin_port));
  EXPECT_TRUE(refused(train(folder / "run", {}, {"--serve", "--port", port}), 5,
                      {"--serve: port " + port, "name another by --port"}));
  ::close(listener);
  EXPECT_FALSE(fs::exists(folder / "run"));
}

TEST(Serve, APortWithoutAServerOrThatIsNoneIsRefused) {
  const TemporaryFolder folder;
  EXPECT_TRUE(refused(train(folder / "run", {}, {"--port", "8600"}), 2, {"--port", "--serve"}));
  for (const char* port : {"65536", "-1", "http"})
    EXPECT_TRUE(refused(train(folder / "run", {}, {"--serve", "--port", port}), 2, {"--port"})) << port;
  EXPECT_FALSE(fs::exists(folder / "run"));
}

}  // namespace
}  // namespace drf::testing
