#pragma once
// Reading other people's config.json: unknown keys are let be; a key that is left out has the default of the
// reference's class, which saves only what differs from it (where there is none, it is required); what is
// there has the right type and makes sense. Messages name file, key, got and wanted.

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace drf {

class JsonConfig {
 public:
  static constexpr int64_t kMostExtent = 1 << 20;

  /// Parses a file. Throws Error(kInput) if it is missing or no JSON object.
  static JsonConfig read(const std::filesystem::path& file);
  /// `where` stands for the file in messages.
  JsonConfig(nlohmann::json value, std::string where);

  bool has(const std::string& key) const;      ///< present and not null
  bool is_null(const std::string& key) const;  ///< present and null, which is not always what absent means
  /// The object under `key`. Throws Error(kInput) if absent.
  JsonConfig object(const std::string& key) const;

  int64_t integer(const std::string& key) const;
  int64_t integer(const std::string& key, int64_t fallback) const;
  /// How many layers, from 1 to 1000: every one costs memory before a weight is read. Null is no number.
  int64_t layers(const std::string& key, int64_t fallback) const;
  /// A width, a count or the like, from 1 to `most`: far above any model, and products of a few stay below
  /// 2^63.
  int64_t size(const std::string& key, int64_t fallback, int64_t most = kMostExtent) const;
  double number(const std::string& key) const;
  double number(const std::string& key, double fallback) const;
  bool boolean(const std::string& key, bool fallback) const;
  /// Above 0.
  double positive(const std::string& key, double fallback) const;
  std::string text(const std::string& key) const;
  std::string text(const std::string& key, const std::string& fallback) const;
  std::vector<int64_t> integers(const std::string& key) const;
  std::vector<int64_t> integers(const std::string& key, std::vector<int64_t> fallback) const;
  std::vector<double> numbers(const std::string& key) const;
  std::vector<double> numbers(const std::string& key, std::vector<double> fallback) const;
  std::vector<bool> booleans(const std::string& key, std::vector<bool> fallback) const;

  /// Throws Error(kInput) unless `key` is absent or equals `wanted`: for variants that are not supported.
  void require_absent_or(const std::string& key, const nlohmann::json& wanted) const;

  /// Throws Error(kInput), naming the method and the way out, for the config of a quantised checkpoint.
  void refuse_quantised() const;

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
