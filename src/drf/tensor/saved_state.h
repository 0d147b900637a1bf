#pragma once
// A walk over state (state.h) into a folder and back: numbers and texts in state.json, tensors in files
// beside it.

#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "drf/tensor/json_config.h"
#include "drf/tensor/safetensors.h"
#include "drf/tensor/state.h"

namespace drf {

/// The state at one moment. Numbers are copied, tensors are not: one that is filled in place while this lives
/// changes it.
class StateImage : public StateVisitor {
 public:
  bool reads() const override { return false; }
  void file(const std::string& stem) override { stem_ = stem; }
  void operator()(const std::string& name, int64_t& value) override { values_[name] = value; }
  void operator()(const std::string& name, int64_t& value, int64_t absent) override;
  void operator()(const std::string& name, std::string& text) override;
  void operator()(const std::string& name, std::vector<double>& values) override;
  void operator()(const std::string& name, at::Tensor& fixed) override;
  void operator()(const std::string& name, std::vector<at::Tensor>& list) override;
  [[noreturn]] void reject(const std::string& name, const std::string& problem) override;

  /// Writes the tensors' files into a folder that is there. Throws Error(kResources).
  void write_tensors(const std::filesystem::path& folder) const;
  /// What state.json holds of it.
  const nlohmann::ordered_json& values() const { return values_; }

 private:
  using Named = std::pair<std::string, at::Tensor>;
  std::string stem_;
  nlohmann::ordered_json values_ = nlohmann::ordered_json::object();
  std::map<std::string, std::vector<Named>> files_;  // by stem
};

/// Reads what a StateImage wrote. What is missing or of another shape or dtype is Error(kInput).
class StateReader : public StateVisitor {
 public:
  /// Throws Error(kInput) where folder/state.json is none.
  explicit StateReader(const std::filesystem::path& folder);

  bool reads() const override { return true; }
  void file(const std::string& stem) override { stem_ = stem; }
  void operator()(const std::string& name, int64_t& value) override;
  void operator()(const std::string& name, int64_t& value, int64_t absent) override;
  void operator()(const std::string& name, std::string& text) override;
  void operator()(const std::string& name, std::vector<double>& values) override;
  void operator()(const std::string& name, at::Tensor& fixed) override;
  void operator()(const std::string& name, std::vector<at::Tensor>& list) override;
  [[noreturn]] void reject(const std::string& name, const std::string& problem) override;

  const JsonConfig& json() const { return json_; }
  /// The walk is over: throws Error(kInput) for a visited file with tensors that nobody asked for, else
  /// fills.
  void finish();

 private:
  SafetensorsFile& opened();

  std::filesystem::path folder_;
  JsonConfig json_;
  std::string stem_;
  std::map<std::string, std::unique_ptr<SafetensorsFile>> files_;  // by stem
  std::map<std::string, size_t> asked_;                            // tensors of them
  std::vector<std::pair<at::Tensor, at::Tensor>> to_fill_;         // with what
};

}  // namespace drf
