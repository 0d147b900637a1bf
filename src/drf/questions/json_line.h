#pragma once
// One JSON object of a prompt or question file: its keys, and complaints that name where it stands.

#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "drf/base/error.h"
#include "drf/questions/prompt_file.h"

namespace drf::questions {

/// Throws Error(kInput) beginning with `where` if `text` has more than `most` bytes or control characters
/// other than tab and line end; `what` is what it is called.
void require_plain_text(const std::string& text, const std::string& what, const std::string& where,
                        size_t most = kMaxTextBytes);

class JsonLine {
 public:
  /// Throws Error(kInput) if the line is no JSON object (base/json.h).
  JsonLine(const std::filesystem::path& path, size_t number, const std::string& line);
  /// An object parsed already.
  JsonLine(const std::string& where, nlohmann::json object);

  template <typename... Parts>
  [[noreturn]] void reject(const Parts&... parts) const {
    fail(ErrorKind::kInput, where_, ": ", parts...);
  }

  void require_known_keys(const std::vector<std::string>& keys) const;
  /// The value of `key`, or null.
  const nlohmann::json* find(const std::string& key) const;
  /// Throws Error(kInput) if there is none.
  const nlohmann::json& at(const std::string& key) const;
  /// A whole number from `least` up.
  int64_t integer(const std::string& key, int64_t least) const;
  /// A plain text that is not blank.
  std::string text(const std::string& key) const;
  /// The same of a value that stands under `key` in some other form, as in a list.
  std::string text_of(const nlohmann::json& value, const std::string& key) const;
  /// The object under `key`, whose complaints name the same place.
  JsonLine object(const std::string& key) const;

 private:
  std::string where_;
  nlohmann::json object_;
};

/// Calls `visit` with each line of a file's text that is not blank, and its number from 1. Throws
/// Error(kInput) with file and line for one that is not UTF-8 or no JSON object.
void for_each_json_line(const std::filesystem::path& path, std::string_view text,
                        const std::function<void(size_t number, const JsonLine& line)>& visit);

}  // namespace drf::questions
