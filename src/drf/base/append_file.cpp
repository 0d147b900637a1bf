#include "drf/base/append_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "drf/base/error.h"
#include "drf/base/files.h"

namespace drf {

AppendFile::AppendFile(const std::filesystem::path& path, bool fresh) : path_(path) {
  make_folder(path.parent_path());
  fd_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | (fresh ? O_TRUNC : 0), 0644);
  if (fd_ < 0) fail(ErrorKind::kResources, path, ": cannot be written: ", std::strerror(errno));
}

AppendFile::~AppendFile() { ::close(fd_); }

void AppendFile::append(const std::string& record) {
  const off_t before = ::lseek(fd_, 0, SEEK_END);  // -1 for a pipe, which keeps what it got
  for (size_t done = 0; done < record.size();) {
    const ssize_t count = ::write(fd_, record.data() + done, record.size() - done);
    if (count > 0) {
      done += static_cast<size_t>(count);
      continue;
    }
    if (count < 0 && errno == EINTR) continue;
    const int reason = count < 0 ? errno : ENOSPC;
    const bool taken_back = before < 0 || ::ftruncate(fd_, before) == 0;
    fail(ErrorKind::kResources, path_, ": cannot be written: ", std::strerror(reason),
         taken_back ? "" : "; its last line is cut off");
  }
}

}  // namespace drf
