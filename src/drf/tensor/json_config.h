#pragma once
// Reading other people's config.json: unknown keys are let be, every key that is used is required (or has the
// reference's own default) and has the right type. Messages name file, key, got and wanted.

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace drf {

class JsonConfig {
 public:
  /// Parses a file. Throws Error(kInput) if it is missing or no JSON object.
  static JsonConfig read(const std::filesystem::path& file);
  /// `where` stands for the file in messages.
  JsonConfig(nlohmann::json value, std::string where);

  bool has(const std::string& key) const;  ///< present and not null
  /// The object under `key`. Throws Error(kInput) if absent.
  JsonConfig object(const std::string& key) const;

  int64_t integer(const std::string& key) const;
  int64_t integer(const std::string& key, int64_t fallback) const;
  /// How many layers, from 1 to 1000: every one costs memory before a weight is read.
  int64_t layers(const std::string& key) const;
  double number(const std::string& key) const;
  double number(const std::string& key, double fallback) const;
  bool boolean(const std::string& key, bool fallback) const;
  std::string text(const std::string& key) const;
  std::string text(const std::string& key, const std::string& fallback) const;
  std::vector<int64_t> integers(const std::string& key) const;
  std::vector<int64_t> integers(const std::string& key, std::vector<int64_t> fallback) const;
  std::vector<double> numbers(const std::string& key) const;
  std::vector<bool> booleans(const std::string& key) const;

  /// Throws Error(kInput) unless `key` is absent or equals `wanted`: for variants that are not supported.
  void require_absent_or(const std::string& key, const nlohmann::json& wanted) const;

  const nlohmann::json& json() const { return value_; }
  const std::string& where() const { return where_; }
  /// Throws Error(kInput): WHERE: KEY: MESSAGE.
  [[noreturn]] void reject(const std::string& key, const std::string& message) const;

 private:
  template <typename T>
  T as(const std::string& key, bool (*is)(const nlohmann::json&), const char* wanted) const;
  nlohmann::json value_;
  std::string where_;
};

}  // namespace drf
