#include "drf/base/files.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include "drf/base/error.h"

namespace drf {
namespace fs = std::filesystem;

namespace {

std::string system_reason(int code) { return std::strerror(code); }

// Flushes a file or folder to disk; a folder that cannot be synced is not an error (some file systems
// refuse).
void sync_path(const fs::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY);
  if (fd < 0) return;
  ::fsync(fd);
  ::close(fd);
}

// Length of the well-formed UTF-8 sequence at s[i], 0 if there is none.
size_t utf8_sequence(const std::string& s, size_t i) {
  const auto byte = [&](size_t k) { return static_cast<unsigned char>(k < s.size() ? s[k] : 0); };
  const auto tail = [&](size_t k) { return (byte(k) & 0xC0) == 0x80; };
  const unsigned char b = byte(i);
  if (b < 0x80) return 1;
  if (b >= 0xC2 && b <= 0xDF) return tail(i + 1) ? 2 : 0;
  if (b >= 0xE0 && b <= 0xEF) {
    if (b == 0xE0 && byte(i + 1) < 0xA0) return 0;  // overlong
    if (b == 0xED && byte(i + 1) > 0x9F) return 0;  // surrogates
    return tail(i + 1) && tail(i + 2) ? 3 : 0;
  }
  if (b >= 0xF0 && b <= 0xF4) {
    if (b == 0xF0 && byte(i + 1) < 0x90) return 0;
    if (b == 0xF4 && byte(i + 1) > 0x8F) return 0;
    return tail(i + 1) && tail(i + 2) && tail(i + 3) ? 4 : 0;
  }
  return 0;
}

}  // namespace

std::string read_file(const fs::path& path) {
  std::error_code ec;
  if (!fs::exists(path, ec)) fail(ErrorKind::kInput, path, ": no such file");
  if (fs::is_directory(path, ec)) fail(ErrorKind::kInput, path, ": is a folder, wanted a file");
  std::ifstream in(path, std::ios::binary);
  std::ostringstream bytes;
  if (!in || !(bytes << in.rdbuf())) {
    if (in && fs::file_size(path, ec) == 0) return "";
    fail(ErrorKind::kInput, path, ": cannot be read: ", system_reason(errno));
  }
  return bytes.str();
}

void make_folder(const fs::path& path) {
  if (path.empty()) return;
  std::error_code ec;
  fs::create_directories(path, ec);
  if (ec) fail(ErrorKind::kResources, path, ": the folder cannot be made: ", ec.message());
  if (!fs::is_directory(path)) fail(ErrorKind::kResources, path, ": exists and is not a folder");
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
    const size_t length = utf8_sequence(bytes, i);
    if (length == 0) return false;
    i += length;
  }
  return true;
}

std::vector<std::string> read_utf8_lines(const fs::path& path) {
  std::string bytes = read_file(path);
  if (bytes.rfind("\xEF\xBB\xBF", 0) == 0) bytes.erase(0, 3);
  std::vector<std::string> lines;
  std::istringstream in(bytes);
  for (std::string line; std::getline(in, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    lines.push_back(line);
    if (!is_utf8(line)) {
      fail(ErrorKind::kInput, path, ":", lines.size(), ": the line is not UTF-8; save the file as UTF-8");
    }
  }
  return lines;
}

}  // namespace drf
