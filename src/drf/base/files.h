#pragma once
// Reading whole small files and writing files so that a crash, a full disk or an interrupt never leaves half
// of one.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace drf {

/// What read_file takes at most where a caller names no other limit; each limit stands in docs/security.md.
constexpr uint64_t kMaxFileBytes = uint64_t{256} << 20;

/// A regular file, open to read and closed with the object. Whatever else a name may stand for (a folder, a
/// pipe, a device, a link to itself) is refused at once: it could be read for ever, or never answer.
class InputFile {
 public:
  /// Throws Error(kInput) naming `path` and the system's reason: missing, not a regular file, unreadable, a
  /// name that is too long, or more than `most` bytes.
  explicit InputFile(const std::filesystem::path& path, uint64_t most = UINT64_MAX);
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;
  int descriptor() const { return descriptor_; }
  uint64_t size() const { return size_; }  ///< when it was opened

 private:
  int descriptor_ = -1;
  uint64_t size_ = 0;
};

/// The whole file as bytes. Throws Error(kInput) as InputFile does, also where it grows beyond `most` while
/// it is read.
std::string read_file(const std::filesystem::path& path, uint64_t most = kMaxFileBytes);

/// Whether the name is taken, be it by a link that leads nowhere: a file that may be left out is then read,
/// and what is wrong with it named. Never throws.
bool is_there(const std::filesystem::path& path);
/// Whether the name stands for a folder or a link to one. Never throws.
bool is_folder(const std::filesystem::path& path);

/// Writes beside `path` (same folder), flushes to disk, then renames over it: readers see the old file or the
/// new one. `write` fills the stream. Throws Error(kResources) with the system's reason (read-only folder,
/// disk full); `path` is then unchanged and the temporary removed. Parent folders are created. A device or
/// pipe (/dev/stdout) is written to as it is; Error(kConfig) if `path` is a folder.
void write_file_atomically(const std::filesystem::path& path,
                           const std::function<void(std::ostream&)>& write);
void write_file_atomically(const std::filesystem::path& path, const std::string& bytes);

/// Renames a finished file or folder into place. Throws Error(kResources).
void rename_into_place(const std::filesystem::path& from, const std::filesystem::path& to);

/// Creates a folder and its parents. Throws Error(kResources) with the reason, for example a read-only file
/// system.
void make_folder(const std::filesystem::path& path);

/// Throws Error(kResources) unless files can be created in `folder` (created if missing). Called before long
/// work.
void require_writable_folder(const std::filesystem::path& folder);

/// True if `bytes` are well-formed UTF-8 (no surrogates, no overlong forms, at most U+10FFFF).
bool is_utf8(const std::string& bytes);

/// A UTF-8 text file without its byte-order mark. Throws Error(kInput) naming the file, and the encoding
/// where a mark says that it is UTF-16 or UTF-32.
std::string read_text_file(const std::filesystem::path& path, uint64_t most = kMaxFileBytes);

/// Calls `visit` with each line of `text` without its end (LF or CRLF), and its number from 1.
void for_each_line(std::string_view text,
                   const std::function<void(size_t number, const std::string& line)>& visit);

/// Lines of a UTF-8 text file without line ends (LF or CRLF, BOM dropped). Throws Error(kInput), naming file
/// and line, for bytes that are not UTF-8.
std::vector<std::string> read_utf8_lines(const std::filesystem::path& path, uint64_t most = kMaxFileBytes);

}  // namespace drf
