#include "drf/base/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
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

constexpr size_t kMostBytes = 320;  // a number and a name of 255 letters

std::string text_of(int fd) {
  char bytes[kMostBytes + 1] = "";
  const ssize_t count = ::pread(fd, bytes, sizeof(bytes), 0);
  return std::string(bytes, count > 0 ? static_cast<size_t>(count) : 0);
}

// Empty, or a number, and perhaps one word on a line of its own.
bool is_holders(const std::string& text) {
  if (text.empty()) return true;
  const size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  if (digits == 0 || digits == text.size() || text[digits] != '\n' || text.size() > kMostBytes) return false;
  const size_t end = text.find('\n', digits + 1);
  return digits + 1 == text.size() || end == text.size() - 1;
}

// "process 1234" or "process 1234 on node7", from what the holder wrote. It may have had no time to.
std::string holder(int fd) {
  std::istringstream in(text_of(fd));
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

FileLock::FileLock(const std::filesystem::path& file, const std::string& what, bool needed) : file_(file) {
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
      std::error_code ignored;
      std::filesystem::remove(file, ignored);
      const std::string why = concat(file, ": this file system has no locks (", std::strerror(reason),
                                     "): nothing keeps a second process out of ", what);
      if (needed)
        fail(ErrorKind::kResources, why, ", and two would spoil it; keep it on another file system");
      log_warning("lock", why);
      return;
    }
    if (!is_named(fd, file)) {
      ::close(fd);
    } else if (is_holders(text_of(fd))) {
      fd_ = fd;
    } else {
      ::close(fd);
      fail(ErrorKind::kConfig, file, ": is not drf's, which would lock ", what,
           " by it; move it away, or choose another folder");
    }
  }
  // For the message of whoever comes next; the lock does not depend on it.
  const std::string text = concat(::getpid(), "\n", host_name(), "\n");
  if (::ftruncate(fd_, 0) != 0 || ::pwrite(fd_, text.data(), text.size(), 0) < 0) return;
}

bool FileLock::is_ours(const std::filesystem::path& file) {
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd < 0) return false;
  struct stat info {};
  const bool ours = ::fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && is_holders(text_of(fd));
  ::close(fd);
  return ours;
}

FileLock::~FileLock() {
  if (fd_ < 0) return;
  if (is_named(fd_, file_)) ::unlink(file_.c_str());  // while it is held: never somebody else's
  ::close(fd_);
}

}  // namespace drf
