#pragma once
// The safetensors format: u64 little-endian header length, a JSON header, then the tensors' bytes.
// Source: huggingface/safetensors, README "Format". The reader treats the file as hostile: every offset is
// checked.

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace drf {

/// One tensor as the header describes it.
struct TensorEntry {
  std::string name;
  std::string dtype_name;  ///< as the format spells it: "F32", "F8_E8M0", "F4"
  at::ScalarType dtype;    ///< Undefined for what libtorch has no type for (F4, F6_E2M3, F6_E3M2)
  std::vector<int64_t> shape;
  uint64_t begin = 0;  ///< byte range in the file
  uint64_t end = 0;

  uint64_t count() const;  ///< elements
};

/// A memory-mapped safetensors file. Opening reads the header only.
class SafetensorsFile {
 public:
  /// Throws Error(kInput), naming the file, when it is missing, no regular file, truncated, or breaks the
  /// format in any way; where it is something else that people put there (GGUF, a pickle, a git-lfs pointer,
  /// a web page), the message says so. Every dtype of the format may be listed, also those that get() has no
  /// type for.
  explicit SafetensorsFile(const std::filesystem::path& path);

  const std::filesystem::path& path() const { return path_; }
  /// Entries in the order of their names.
  const std::map<std::string, TensorEntry>& entries() const { return entries_; }
  /// The strings under "__metadata__".
  const std::map<std::string, std::string>& metadata() const { return metadata_; }
  bool contains(const std::string& name) const { return entries_.count(name) != 0; }

  /// The tensor on the CPU in its own dtype, contiguous. It shares the mapped bytes (copy on write, kept
  /// alive by the tensor) where they are aligned, else it is a copy. Throws Error(kInput) for an unknown
  /// name, and for a dtype that libtorch has no type for.
  at::Tensor get(const std::string& name) const;

 private:
  struct Mapping;
  std::filesystem::path path_;
  std::map<std::string, TensorEntry> entries_;
  std::map<std::string, std::string> metadata_;
  std::shared_ptr<Mapping> mapping_;
};

/// Writes tensors (any device; made contiguous on the CPU) in the given order, atomically: see
/// write_file_atomically.
void write_safetensors(const std::filesystem::path& path,
                       const std::vector<std::pair<std::string, at::Tensor>>& tensors,
                       const std::map<std::string, std::string>& metadata = {});

/// "F32", "BF16", ... as the format spells dtypes. Throws Error(kInput) for a dtype the format lacks.
std::string safetensors_dtype_name(at::ScalarType dtype);

}  // namespace drf
