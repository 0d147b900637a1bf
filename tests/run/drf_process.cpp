#include "tests/run/drf_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <thread>

#include "drf/base/files.h"
#include "tests/support/temporary_folder.h"

namespace drf::testing {
namespace fs = std::filesystem;
namespace {

void redirect(const fs::path& file, int flags, int to) {
  const int fd = ::open(file.c_str(), flags, 0644);
  if (fd < 0 || ::dup2(fd, to) < 0) ::_exit(127);
  ::close(fd);
}

// In the child: never returns.
[[noreturn]] void become_drf(const std::vector<std::string>& arguments, const ProcessOptions& options,
                             const fs::path& io) {
  redirect(io / "in", O_RDONLY, STDIN_FILENO);
  redirect(options.stdout_file.empty() ? io / "out" : fs::path(options.stdout_file), O_WRONLY | O_CREAT,
           STDOUT_FILENO);
  redirect(io / "err", O_WRONLY | O_CREAT, STDERR_FILENO);
  if (options.close_stdout) {
    int ends[2];
    if (::pipe(ends) != 0) ::_exit(127);
    ::close(ends[0]);
    ::dup2(ends[1], STDOUT_FILENO);
    ::close(ends[1]);
  }
  ::setenv("OMP_NUM_THREADS", "1", 1);
  ::setenv("OMP_WAIT_POLICY", "passive", 1);
  for (const auto& [name, value] : options.environment) ::setenv(name.c_str(), value.c_str(), 1);
  ::signal(SIGPIPE, SIG_DFL);
  ::signal(SIGXFSZ, SIG_DFL);
  if (options.largest_file > 0) {
    const rlimit limit{options.largest_file, options.largest_file};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  // Built on one machine, run on another (scripts/gpu_suite.sh):
  const char* root = std::getenv("DRF_TEST_ROOT");
  const fs::path folder = options.folder.empty() ? fs::path(root ? root : DRF_SOURCE_DIR) : options.folder;
  if (::chdir(folder.c_str()) != 0) ::_exit(127);
  const char* built = std::getenv("DRF_TEST_BINARY");
  const char* binary = built ? built : DRF_BINARY;
  std::vector<char*> argv = {const_cast<char*>(binary)};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  ::execv(binary, argv.data());
  ::_exit(127);
}

}  // namespace

Outcome run_drf(const std::vector<std::string>& arguments, const ProcessOptions& options) {
  const TemporaryFolder io;
  write_text(io / "in", options.input);
  const pid_t child = ::fork();
  if (child == 0) become_drf(arguments, options, io.path());
  EXPECT_GT(child, 0);

  const auto start = std::chrono::steady_clock::now();
  int status = 0;
  bool signalled = false, too_long = false;
  while (::waitpid(child, &status, WNOHANG) == 0) {
    if (!signalled && options.signal_when) {
      if (const int number = options.signal_when(); number != 0) {
        ::kill(child, number);
        signalled = true;
      }
    }
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - start;
    if (!too_long && passed.count() > options.seconds) {
      ::kill(child, SIGKILL);
      too_long = true;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  Outcome outcome;
  outcome.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  if (too_long) outcome.code = -1;
  std::error_code ec;
  if (fs::exists(io / "out", ec)) outcome.out = read_file(io / "out");
  outcome.err = read_file(io / "err");
  return outcome;
}

::testing::AssertionResult refused(const Outcome& outcome, int code, const std::vector<std::string>& parts) {
  const auto failure = [&](const std::string& what) {
    return ::testing::AssertionFailure() << what << "\nexit code " << outcome.code
                                         << "\nstdout: " << outcome.out << "\nstderr: " << outcome.err;
  };
  if (outcome.code != code) return failure("wanted exit code " + std::to_string(code));
  if (!outcome.out.empty()) return failure("wanted nothing on stdout");
  const std::string& err = outcome.err;
  if (err.rfind("drf: ", 0) != 0 || std::count(err.begin(), err.end(), '\n') != 1 || err.back() != '\n')
    return failure("wanted one line that starts with 'drf: '");
  for (const std::string& part : parts) {
    if (err.find(part) == std::string::npos) return failure("wanted the words '" + part + "'");
  }
  return ::testing::AssertionSuccess();
}

std::vector<std::string> tree(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code ec;
  for (fs::recursive_directory_iterator it(folder, ec), end; !ec && it != end; it.increment(ec))
    names.push_back(fs::relative(it->path(), folder).string());
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace drf::testing
