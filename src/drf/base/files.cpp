#include "drf/base/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "drf/base/error.h"
#include "drf/base/letters.h"

namespace drf {
namespace fs = std::filesystem;

namespace {

std::string system_reason(int code) { return std::strerror(code); }

// What a name stands for that is neither file nor folder.
const char* kind_of(mode_t mode) {
  if (S_ISFIFO(mode)) return "is a pipe, wanted a regular file";
  if (S_ISSOCK(mode)) return "is a socket, wanted a regular file";
  return "is a device, wanted a regular file";
}

// Flushes a file or folder to disk; a folder that cannot be synced is not an error (some file systems
// refuse).
void sync_path(const fs::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY);
  if (fd < 0) return;
  ::fsync(fd);
  ::close(fd);
}

}  // namespace

InputFile::InputFile(const fs::path& path, uint64_t most) {
  const auto refuse = [&](const auto&... parts) { fail(ErrorKind::kInput, path, ": ", parts...); };
  const auto require_regular = [&](const struct stat& info) {
    if (S_ISREG(info.st_mode)) return;
    refuse(S_ISDIR(info.st_mode) ? "is a folder, wanted a file" : kind_of(info.st_mode));
  };
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) {
    if (errno == ENOENT && !is_there(path)) refuse("no such file");
    refuse("cannot be opened: ", errno == ENOENT ? "the link leads nowhere" : system_reason(errno));
  }
  require_regular(info);  // before it is opened: some devices act when they are
  // Between the two looks the name may have changed hands; without waiting, a pipe is seen as one.
  descriptor_ = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (descriptor_ < 0) refuse("cannot be opened: ", system_reason(errno));
  try {
    if (::fstat(descriptor_, &info) != 0) refuse("cannot be read: ", system_reason(errno));
    require_regular(info);
    size_ = static_cast<uint64_t>(info.st_size);
    if (size_ > most) refuse("has ", size_, " bytes, files of its kind have ", most, " at most");
  } catch (...) {
    ::close(descriptor_);
    throw;
  }
}

InputFile::~InputFile() { ::close(descriptor_); }

std::string read_file(const fs::path& path, uint64_t most) {
  const InputFile file(path, most);
  std::string bytes;
  // One byte more than the size it gave, so that the end is seen; files of /proc give none.
  bytes.resize(file.size() + 1);
  size_t done = 0;
  for (;;) {
    if (done == bytes.size()) bytes.resize(2 * bytes.size());
    const ssize_t got = ::read(file.descriptor(), bytes.data() + done, bytes.size() - done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail(ErrorKind::kInput, path, ": cannot be read: ", system_reason(errno));
    if (got == 0) break;
    done += static_cast<size_t>(got);
    if (done > most)
      fail(ErrorKind::kInput, path, ": has more than ", most, " bytes, the most for a file of its kind");
  }
  bytes.resize(done);
  return bytes;
}

bool is_there(const fs::path& path) {
  struct stat info {};
  return ::lstat(path.c_str(), &info) == 0;
}

bool is_folder(const fs::path& path) {
  std::error_code ec;
  return fs::is_directory(path, ec);
}

void make_folder(const fs::path& path) {
  if (path.empty()) return;
  std::error_code ec;
  fs::create_directories(path, ec);
  if (ec) fail(ErrorKind::kResources, path, ": the folder cannot be made: ", ec.message());
  if (!is_folder(path)) fail(ErrorKind::kResources, path, ": exists and is not a folder");
}

void write_file_atomically(const fs::path& given, const std::function<void(std::ostream&)>& write) {
  make_folder(given.parent_path());
  std::error_code ec;
  if (fs::is_directory(given, ec)) fail(ErrorKind::kConfig, given, ": is a folder, wanted a file to write");
  // A device or a pipe is written to, never replaced; so is what a link stands for.
  const bool special = fs::exists(given, ec) && !fs::is_regular_file(given, ec);
  const fs::path path =
      !special && fs::is_symlink(given, ec) && fs::exists(given, ec) ? fs::canonical(given) : given;
  fs::path temporary = path;
  if (!special) temporary += concat(".part", ::getpid());
  const auto give_up = [&](int code) {
    std::error_code ignored;
    if (!special) fs::remove(temporary, ignored);
    fail(ErrorKind::kResources, path, ": cannot be written: ", system_reason(code),
         "; free space or choose another folder (earlier files are untouched)");
  };
  errno = 0;
  std::ofstream out(temporary, std::ios::binary | std::ios::trunc);
  if (!out) give_up(errno);
  try {
    write(out);
  } catch (...) {
    out.close();
    std::error_code ignored;
    if (!special) fs::remove(temporary, ignored);
    throw;
  }
  out.close();
  if (out.fail()) give_up(errno ? errno : ENOSPC);
  if (special) return;
  sync_path(temporary);
  rename_into_place(temporary, path);
}

void write_file_atomically(const fs::path& path, const std::string& bytes) {
  write_file_atomically(
      path, [&](std::ostream& out) { out.write(bytes.data(), static_cast<std::streamsize>(bytes.size())); });
}

void rename_into_place(const fs::path& from, const fs::path& to) {
  std::error_code ec;
  fs::rename(from, to, ec);
  if (ec) fail(ErrorKind::kResources, to, ": cannot be put in place: ", ec.message());
  sync_path(to.parent_path().empty() ? fs::path(".") : to.parent_path());
}

void require_writable_folder(const fs::path& folder) {
  make_folder(folder);
  const fs::path probe = folder / concat(".drf-probe-", ::getpid());
  errno = 0;
  {
    std::ofstream out(probe);
    if (!out) fail(ErrorKind::kResources, folder, ": the folder is not writable: ", system_reason(errno));
  }
  std::error_code ignored;
  fs::remove(probe, ignored);
}

bool is_utf8(const std::string& bytes) {
  for (size_t i = 0; i < bytes.size();) {
    const auto letter = letter_at(bytes, i);
    if (!letter) return false;
    i += letter->bytes;
  }
  return true;
}

std::string read_text_file(const fs::path& path, uint64_t most) {
  std::string bytes = read_file(path, most);
  if (bytes.starts_with("\xEF\xBB\xBF")) {
    bytes.erase(0, 3);
  } else if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF") ||
             bytes.starts_with(std::string_view("\0\0\xFE\xFF", 4))) {
    const bool wide = bytes[0] == '\0' || bytes.compare(2, 2, std::string_view("\0\0", 2)) == 0;
    fail(ErrorKind::kInput, path, ": is ", wide ? "UTF-32" : "UTF-16", " text; save the file as UTF-8");
  }
  return bytes;
}

void for_each_line(std::string_view text, const std::function<void(size_t, const std::string&)>& visit) {
  size_t number = 0;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    std::string line(text.substr(begin, end - begin));
    if (line.ends_with('\r')) line.pop_back();
    visit(++number, line);
    begin = end + 1;
  }
}

std::vector<std::string> read_utf8_lines(const fs::path& path, uint64_t most) {
  std::vector<std::string> lines;
  for_each_line(read_text_file(path, most), [&](size_t number, const std::string& line) {
    if (!is_utf8(line))
      fail(ErrorKind::kInput, path, ":", number, ": the line is not UTF-8; save the file as UTF-8");
    lines.push_back(line);
  });
  return lines;
}

}  // namespace drf
