#pragma once
// The file in which answers are kept as they come, each under a key that names what was asked
// (answer_cache.h, critic_cache.h).
//
// It holds JSON lines: {"drf":"answers","version":1}, then {"key","text","complete","prompt_tokens",
// "answer_tokens"} of what a language model wrote, {"key","p_yes"} of what it judged and {"key","logprobs"}
// of what a critic said about a clip. A last line that a kill or a full disk left unfinished is taken away.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "drf/writer/text_model.h"

namespace drf {
class AppendFile;
class FileLock;
}  // namespace drf

namespace drf::writer {

class AnswerFile {
 public:
  /// Log-probabilities of the right answers to some questions about one clip, in their order.
  using Logprobs = std::vector<double>;

  /// Reads `file`, made if absent, and holds it (FILE.lock) until destroyed. Throws Error(kInput) if `file`
  /// is something else than kept answers, Error(kConfig) if another process holds it, Error(kResources) if it
  /// cannot be written, or its file system has no locks.
  explicit AnswerFile(const std::filesystem::path& file);
  ~AnswerFile();
  AnswerFile(const AnswerFile&) = delete;
  AnswerFile& operator=(const AnswerFile&) = delete;

  /// What was put under `key`, null if there is none of that type.
  template <typename Answer>
  const Answer* find(const std::string& key) const {
    const auto at = kept_.find(key);
    return at == kept_.end() ? nullptr : std::get_if<Answer>(&at->second);
  }
  using Kept = std::variant<TextAnswer, YesNo, Logprobs>;
  /// Adds a line. Throws Error(kResources) where that fails.
  void put(const std::string& key, Kept answer);

 private:
  void read(const std::filesystem::path& file);

  std::unique_ptr<FileLock> lock_;
  std::unique_ptr<AppendFile> file_;
  std::unordered_map<std::string, Kept> kept_;
};

}  // namespace drf::writer
