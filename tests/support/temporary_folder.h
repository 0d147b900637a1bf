#pragma once
// A folder of the test's own, removed at the end.

#include <filesystem>
#include <string>

namespace drf::testing {

class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

/// Replaces (or makes) a file with `bytes`.
void write_text(const std::filesystem::path& path, const std::string& bytes);

}  // namespace drf::testing
