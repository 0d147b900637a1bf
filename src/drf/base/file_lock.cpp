#include "drf/base/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <sstream>

#include "drf/base/error.h"
#include "drf/base/log.h"

namespace drf {
namespace {

std::string host_name() {
  char name[256] = "";
  ::gethostname(name, sizeof(name) - 1);
  return name;
}

// "process 1234" or "process 1234 on node7", from what the holder wrote. It may have had no time to.
std::string holder(int fd) {
  char bytes[320] = "";
  const ssize_t count = ::pread(fd, bytes, sizeof(bytes) - 1, 0);
  std::istringstream in(std::string(bytes, count > 0 ? static_cast<size_t>(count) : 0));
  long long pid = 0;
  std::string host;
  if (!(in >> pid) || pid <= 0) return "another process";
  in >> host;
  const bool plain =
      host.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_") ==
      std::string::npos;
  return concat("process ", pid, host.empty() || !plain || host == host_name() ? "" : " on " + host);
}

// Whether `file` still names the open file: its last holder may have taken the name away in between.
bool is_named(int fd, const std::filesystem::path& file) {
  struct stat open_file {
  }, named{};
  return ::fstat(fd, &open_file) == 0 && ::stat(file.c_str(), &named) == 0 &&
         open_file.st_ino == named.st_ino && open_file.st_dev == named.st_dev;
}

}  // namespace

FileLock::FileLock(const std::filesystem::path& file, const std::string& what) : file_(file) {
  while (fd_ < 0) {
    const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (fd < 0) fail(ErrorKind::kResources, file, ": cannot be made: ", std::strerror(errno));
    int locked = 0;
    do locked = ::flock(fd, LOCK_EX | LOCK_NB);
    while (locked != 0 && errno == EINTR);
    if (locked != 0) {
      const int reason = errno;
      const std::string who = reason == EWOULDBLOCK ? holder(fd) : "";
      ::close(fd);
      if (reason == EWOULDBLOCK) {
        fail(ErrorKind::kConfig, what, " is in use by ", who, " (", file,
             "); wait until it ends, or choose another folder");
      }
      log_warning("lock", file, ": this file system has no locks (", std::strerror(reason),
                  "): nothing keeps a second process out of ", what);
      std::error_code ignored;
      std::filesystem::remove(file, ignored);
      return;
    }
    if (is_named(fd, file)) {
      fd_ = fd;
    } else {
      ::close(fd);
    }
  }
  // For the message of whoever comes next; the lock does not depend on it.
  const std::string text = concat(::getpid(), "\n", host_name(), "\n");
  if (::ftruncate(fd_, 0) != 0 || ::pwrite(fd_, text.data(), text.size(), 0) < 0) return;
}

FileLock::~FileLock() {
  if (fd_ < 0) return;
  if (is_named(fd_, file_)) ::unlink(file_.c_str());  // while it is held: never somebody else's
  ::close(fd_);
}

}  // namespace drf
