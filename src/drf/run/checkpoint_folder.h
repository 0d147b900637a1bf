#pragma once
// The folder of a run's checkpoints: each is a folder that appears under its name only when it is whole, and
// at every moment, whatever kills the program, each name holds the old one or the new one.
//
// A name that starts with a dot is never a checkpoint: ".part-*" is half of one or what is left of one that
// was taken away, ".replaced-NAME" what NAME was a moment ago.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace drf::run {

/// What lies in a folder, in no order; nothing where it cannot be read.
std::vector<std::filesystem::path> entries_of(const std::filesystem::path& folder);

class CheckpointFolder {
 public:
  explicit CheckpointFolder(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// "step-000100".
  static std::string name_of(int64_t update);
  /// The update of a whole checkpoint's folder, -1 for anything else.
  static int64_t update_of(const std::filesystem::path& folder);

  const std::filesystem::path& path() const { return folder_; }
  /// Whole checkpoints of updates, the newest first.
  std::vector<std::filesystem::path> whole() const;

  /// `fill` writes into a folder aside, which then becomes `name`; one that is there already is replaced, in
  /// one step where the file system can (renameat2), else so that repair() finds the old or the new one.
  /// Whatever `fill` throws leaves everything as it was. Throws Error(kResources).
  void put(const std::string& name, const std::function<void(const std::filesystem::path& aside)>& fill);
  /// Takes away the checkpoints of updates beyond the newest `count`; 0 keeps all.
  void keep(int64_t count);
  /// Renames a whole checkpoint to "damaged-NAME", which counts no more.
  void set_aside(const std::filesystem::path& checkpoint);
  /// What a killed program left: an old checkpoint whose replacement did not come gets its name back, halves
  /// are removed.
  void repair();

 private:
  std::filesystem::path folder_;
};

}  // namespace drf::run
