#include "drf/run/spill_file.h"

#include <ATen/ATen.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "drf/base/error.h"

namespace drf::run {

SpillFile::SpillFile(const std::filesystem::path& folder, std::string what, std::string key)
    : folder_(folder), what_(std::move(what)), key_(std::move(key)) {
  file_ = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (file_ < 0) {  // a file system that knows no nameless files
    std::string name = (folder / ".spill-XXXXXX").string();
    file_ = ::mkostemp(name.data(), O_CLOEXEC);
    if (file_ >= 0) ::unlink(name.c_str());
  }
  if (file_ < 0)
    fail(ErrorKind::kResources, folder_, ": no file can be made there for ", what_, ": ",
         std::strerror(errno));
}

SpillFile::~SpillFile() {
  if (file_ >= 0) ::close(file_);
}

int64_t SpillFile::append(const at::Tensor& tensor) {
  const auto* bytes = static_cast<const char*>(tensor.const_data_ptr());
  const auto count = static_cast<int64_t>(tensor.nbytes());
  for (int64_t done = 0; done < count;) {
    const ssize_t wrote = ::pwrite(file_, bytes + done, static_cast<size_t>(count - done), end_ + done);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) {
      fail(ErrorKind::kResources, folder_, ": the disk cannot hold ", what_, " (", (end_ + done) >> 20,
           " MiB so far): ", std::strerror(wrote == 0 ? ENOSPC : errno), "; free some, or raise ", key_);
    }
    done += wrote;
  }
  end_ += count;
  return end_ - count;
}

at::Tensor SpillFile::read(int64_t begin, at::IntArrayRef sizes, at::ScalarType dtype) const {
  at::Tensor tensor = at::empty(sizes, dtype);
  auto* bytes = static_cast<char*>(tensor.data_ptr());
  const auto count = static_cast<int64_t>(tensor.nbytes());
  for (int64_t done = 0; done < count;) {
    const ssize_t got = ::pread(file_, bytes + done, static_cast<size_t>(count - done), begin + done);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) {
      fail(ErrorKind::kResources, folder_, ": ", what_,
           " cannot be read back: ", got == 0 ? "the file ends early" : std::strerror(errno));
    }
    done += got;
  }
  return tensor;
}

}  // namespace drf::run
