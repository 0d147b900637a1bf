#pragma once
// One process at a time: a lock file that the kernel lets go of when its holder dies, however it dies.

#include <filesystem>
#include <string>

namespace drf {

/// Holds FILE, an empty file but for who holds it, until destroyed; then FILE is gone. A holder that is
/// killed leaves FILE, and the next one takes it. flock(2): open files inherited by a child count, readers of
/// other files in the folder do not. Not copied, not moved.
class FileLock {
 public:
  /// Throws Error(kConfig) saying "is in use by process PID" (and ON HOST, if another) while another holder
  /// lives or if FILE is another program's (then it is left as it is), Error(kResources) if FILE cannot be
  /// made. `what` stands for what is locked in messages. On a file system that has no locks a warning is
  /// logged and nothing is held; with `needed`, that is Error(kResources).
  FileLock(const std::filesystem::path& file, const std::string& what, bool needed = false);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

  /// Whether `file` is empty or holds what a holder writes. False where it cannot be read.
  static bool is_ours(const std::filesystem::path& file);

 private:
  std::filesystem::path file_;
  int fd_ = -1;
};

}  // namespace drf
