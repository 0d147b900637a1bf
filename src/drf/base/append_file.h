#pragma once
// A file that grows by whole records: a disk that is full for a while never leaves half of one in the middle.

#include <filesystem>
#include <string>

namespace drf {

class AppendFile {
 public:
  /// Opens for appending; made, with its folder, if absent, emptied with `fresh`. Throws Error(kResources).
  explicit AppendFile(const std::filesystem::path& path, bool fresh = false);
  ~AppendFile();
  AppendFile(const AppendFile&) = delete;
  AppendFile& operator=(const AppendFile&) = delete;

  /// Adds all of `record`, readable at once by others. Throws Error(kResources) where that fails, for example
  /// on a full disk; what was written of it is then taken back, and the next call may succeed.
  void append(const std::string& record);

 private:
  std::filesystem::path path_;
  int fd_ = -1;
};

}  // namespace drf
