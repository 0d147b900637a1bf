#pragma once
// Reading whole small files and writing files so that a crash, a full disk or an interrupt never leaves half
// of one.

#include <filesystem>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

namespace drf {

/// The whole file as bytes. Throws Error(kInput) naming `path` when it is missing, a folder or unreadable.
std::string read_file(const std::filesystem::path& path);

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

/// Lines of a UTF-8 text file without line ends (LF or CRLF, BOM dropped). Throws Error(kInput), naming file
/// and line, for bytes that are not UTF-8.
std::vector<std::string> read_utf8_lines(const std::filesystem::path& path);

}  // namespace drf
