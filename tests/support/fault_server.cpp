#include "tests/support/fault_server.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "drf/base/error.h"

namespace drf::testing {

FaultServer::FaultServer(bool tls) {
  // Those of whoever runs the tests lead away from loopback.
  for (const char* name : {"http_proxy", "https_proxy", "all_proxy", "HTTPS_PROXY", "ALL_PROXY"})
    ::unsetenv(name);
  const std::string certificate = folder_ / "certificate.pem", key = folder_ / "key.pem",
                    log = folder_ / "log";
  if (tls) {
    scheme_ = "https";
    const std::string command =
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext "
        "subjectAltName=IP:127.0.0.1 -keyout " +
        key + " -out " + certificate + " >/dev/null 2>&1";
    DRF_CHECK(std::system(command.c_str()) == 0, "openssl made no certificate");
  }
  int to[2], from[2];
  DRF_CHECK(::pipe2(to, O_CLOEXEC) == 0 && ::pipe2(from, O_CLOEXEC) == 0);
  const std::string script = std::string(DRF_SOURCE_DIR) + "/tests/run/fault_server.py";
  std::vector<std::string> words = {DRF_PYTHON3, script, "--log", log};
  if (tls) words.insert(words.end(), {"--tls", certificate, key});
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  process_ = ::fork();
  if (process_ == 0) {
    ::dup2(to[0], STDIN_FILENO);
    ::dup2(from[1], STDOUT_FILENO);
    ::execv(DRF_PYTHON3, arguments.data());
    ::_exit(127);
  }
  ::close(to[0]);
  ::close(from[1]);
  stdin_ = to[1];
  std::string said;
  char letter = 0;
  while (::read(from[0], &letter, 1) == 1 && letter != '\n') said += letter;
  ::close(from[0]);
  std::istringstream(said) >> said >> port_;
  DRF_CHECK(port_ > 0, "the server did not start");
}

FaultServer::~FaultServer() { stop(); }

void FaultServer::stop() {
  if (process_ <= 0) return;
  ::close(stdin_);
  ::waitpid(process_, nullptr, 0);
  process_ = -1;
}

std::string FaultServer::url(const std::string& way) const {
  return concat(scheme_, "://127.0.0.1:", port_, "/", way, "/v1");
}

std::vector<nlohmann::json> FaultServer::asked(const std::string& way) const {
  std::vector<nlohmann::json> lines;
  std::ifstream in(folder_ / "log");
  for (std::string line; std::getline(in, line) && !in.eof();) {  // what has no end yet is being written
    nlohmann::json request = nlohmann::json::parse(line);
    if (request["way"] == way) lines.push_back(std::move(request));
  }
  return lines;
}

}  // namespace drf::testing
