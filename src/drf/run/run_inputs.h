#pragma once
// What a run reads, as it was when the run began: whether a continuation would read the same. Of texts every
// line is remembered, of checkpoints the headers (names, types and shapes of the tensors, sizes of the
// files), of long side files, adapters and noise a digest as well. The numbers of a checkpoint are not.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "drf/run/config.h"

namespace drf::run {

class RunInputs {
 public:
  /// The files behind prompts.*, questions.*, generator.path, critic.path, lora.init_from and sampling.noise
  /// of a configuration. Keys without a value are left out, and so are files that are not there: who opens
  /// them says so. Throws Error(kInput) for those that cannot be read.
  static RunInputs read(const RunConfig& config);
  /// What to_json() wrote, or nothing if there is no such file. Throws Error(kInput) if it was damaged.
  static std::optional<RunInputs> load(const std::filesystem::path& file);
  std::string to_json() const;
  /// Whether a file is one that to_json() filled.
  static bool is_ours(const std::filesystem::path& file);

  /// One line a file that differs, with the first difference: "p.txt (prompts.train): line 3 was 'a', is now
  /// 'b'". A key whose path is another one now is not compared.
  std::vector<std::string> differences(const RunInputs& now) const;
  /// Digest of what lies behind the keys that are not texts: models, adapters and noise.
  std::string models_digest() const;
  /// Keys whose paths differ.
  std::vector<std::string> moved(const RunInputs& now) const;

 private:
  struct File {
    std::string name;  ///< below the key's path; empty: the path itself
    std::string kind;  ///< "text", "header" or "digest": what its lines are
    std::vector<std::string> lines;
  };
  struct Input {
    std::string key, path;
    std::vector<File> files;
  };
  const Input* find(const std::string& key) const;
  std::vector<Input> inputs_;
};

/// The first difference of two texts: "line 3 was 'a', is now 'b'" (shortened, escaped), or "" if there is
/// none.
std::string first_difference(const std::vector<std::string>& before, const std::vector<std::string>& now);

}  // namespace drf::run
