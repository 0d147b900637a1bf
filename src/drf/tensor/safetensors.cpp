#include "drf/tensor/safetensors.h"

#include <ATen/ATen.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <nlohmann/json.hpp>

#include "drf/base/error.h"
#include "drf/base/files.h"

namespace drf {
namespace {

constexpr uint64_t kMaxHeaderBytes = 100'000'000;  // the reference implementation's own bound

const std::vector<std::pair<const char*, at::ScalarType>>& dtype_names() {
  static const std::vector<std::pair<const char*, at::ScalarType>> names = {{"F64", at::kDouble},
                                                                            {"F32", at::kFloat},
                                                                            {"F16", at::kHalf},
                                                                            {"BF16", at::kBFloat16},
                                                                            {"F8_E4M3", at::kFloat8_e4m3fn},
                                                                            {"F8_E5M2", at::kFloat8_e5m2},
                                                                            {"I64", at::kLong},
                                                                            {"I32", at::kInt},
                                                                            {"I16", at::kShort},
                                                                            {"I8", at::kChar},
                                                                            {"U8", at::kByte},
                                                                            {"BOOL", at::kBool}};
  return names;
}

}  // namespace

std::string safetensors_dtype_name(at::ScalarType dtype) {
  for (const auto& [name, type] : dtype_names()) {
    if (type == dtype) return name;
  }
  fail(ErrorKind::kInput, "dtype ", at::toString(dtype), " cannot be stored as safetensors");
}

struct SafetensorsFile::Mapping {
  void* data = nullptr;
  uint64_t size = 0;
  ~Mapping() {
    if (data) ::munmap(data, size);
  }
};

SafetensorsFile::SafetensorsFile(const std::filesystem::path& path)
    : path_(path), mapping_(std::make_shared<Mapping>()) {
  const auto bad = [&](const auto&... parts) {
    fail(ErrorKind::kInput, path_, ": not a valid safetensors file: ", parts...,
         "; download or copy the file again");
  };
  std::error_code ec;
  if (!std::filesystem::exists(path, ec)) fail(ErrorKind::kInput, path, ": no such file");
  if (std::filesystem::is_directory(path, ec))
    fail(ErrorKind::kInput, path, ": is a folder, wanted a safetensors file");
  const int fd = ::open(path.c_str(), O_RDONLY);
  if (fd < 0) fail(ErrorKind::kInput, path, ": cannot be opened: ", std::strerror(errno));
  struct stat info {};
  ::fstat(fd, &info);
  mapping_->size = static_cast<uint64_t>(info.st_size);
  if (mapping_->size < 8) {
    ::close(fd);
    bad("it has ", mapping_->size, " bytes, the header alone needs 8");
  }
  // Private and writable: a tensor that shares the bytes may be changed without touching the file.
  void* data = ::mmap(nullptr, mapping_->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE, fd, 0);
  ::close(fd);
  if (data == MAP_FAILED) fail(ErrorKind::kResources, path, ": cannot be mapped: ", std::strerror(errno));
  mapping_->data = data;

  const auto* bytes = static_cast<const unsigned char*>(data);
  uint64_t header_size = 0;
  for (int i = 7; i >= 0; --i) header_size = header_size << 8 | bytes[i];
  if (header_size > kMaxHeaderBytes || header_size > mapping_->size - 8) {
    bad("the header claims ", header_size, " bytes of a file of ", mapping_->size);
  }
  const char* header_begin = reinterpret_cast<const char*>(bytes) + 8;
  const auto header =
      nlohmann::json::parse(header_begin, header_begin + header_size, nullptr, /*allow_exceptions=*/false);
  if (!header.is_object()) bad("the header is not a JSON object");
  const uint64_t data_begin = 8 + header_size;
  const uint64_t data_size = mapping_->size - data_begin;

  std::vector<std::pair<uint64_t, uint64_t>> ranges;
  for (const auto& [name, value] : header.items()) {
    if (name == "__metadata__") {
      if (!value.is_object()) bad("__metadata__ is not an object");
      for (const auto& [key, text] : value.items()) {
        if (!text.is_string()) bad("__metadata__ '", key, "' is not a string");
        metadata_[key] = text.get<std::string>();
      }
      continue;
    }
    const auto is_count = [](const nlohmann::json& v) { return v.is_number_unsigned(); };
    if (!value.is_object() || !value.contains("dtype") || !value["dtype"].is_string() ||
        !value.contains("shape") || !value["shape"].is_array() || !value.contains("data_offsets") ||
        !value["data_offsets"].is_array() || value["data_offsets"].size() != 2 ||
        !is_count(value["data_offsets"][0]) || !is_count(value["data_offsets"][1])) {
      bad("the entry of tensor '", name, "' is malformed");
    }
    TensorEntry entry{name, at::kFloat, {}, 0, 0};
    bool known = false;
    for (const auto& [dtype_name, dtype] : dtype_names()) {
      if (value["dtype"] == dtype_name) entry.dtype = dtype, known = true;
    }
    if (!known) bad("tensor '", name, "' has the unknown dtype ", value["dtype"].dump());
    uint64_t count = 1;
    for (const auto& extent : value["shape"]) {
      if (!is_count(extent)) bad("the shape of tensor '", name, "' is malformed");
      const uint64_t n = extent.get<uint64_t>();
      if (n != 0 && count > mapping_->size / n)
        bad("tensor '", name, "' claims more elements than the file holds");
      count *= n;
      entry.shape.push_back(static_cast<int64_t>(n));
    }
    const uint64_t begin = value["data_offsets"][0].get<uint64_t>(),
                   end = value["data_offsets"][1].get<uint64_t>();
    const uint64_t wanted = count * c10::elementSize(entry.dtype);
    if (begin > end || end > data_size) {
      bad("tensor '", name, "' lies at bytes ", begin, "-", end, " of ", data_size,
          ": the file is truncated");
    }
    if (end - begin != wanted)
      bad("tensor '", name, "' has ", end - begin, " bytes, its shape and dtype need ", wanted);
    entry.begin = data_begin + begin;
    entry.end = data_begin + end;
    ranges.emplace_back(begin, end);
    entries_[name] = entry;
  }
  std::sort(ranges.begin(), ranges.end());
  uint64_t at_byte = 0;
  for (const auto& [begin, end] : ranges) {
    if (begin != at_byte) bad("the tensors overlap or leave a hole at byte ", std::min(begin, at_byte));
    at_byte = end;
  }
  if (at_byte != data_size) bad("its last ", data_size - at_byte, " bytes belong to no tensor");
}

at::Tensor SafetensorsFile::get(const std::string& name) const {
  const auto found = entries_.find(name);
  if (found == entries_.end()) fail(ErrorKind::kInput, path_, ": no tensor '", name, "'");
  const TensorEntry& entry = found->second;
  char* begin = static_cast<char*>(mapping_->data) + entry.begin;
  const auto options = at::TensorOptions().dtype(entry.dtype);
  if (entry.begin == entry.end) return at::empty(entry.shape, options);
  if (entry.begin % c10::elementSize(entry.dtype) == 0) {
    return at::from_blob(
        begin, entry.shape, [keep = mapping_](void*) {}, options);
  }
  at::Tensor copy = at::empty(entry.shape, options);
  std::memcpy(copy.data_ptr(), begin, entry.end - entry.begin);
  return copy;
}

void write_safetensors(const std::filesystem::path& path,
                       const std::vector<std::pair<std::string, at::Tensor>>& tensors,
                       const std::map<std::string, std::string>& metadata) {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();  // no tensors: {}, not null
  if (!metadata.empty()) header["__metadata__"] = metadata;
  uint64_t offset = 0;
  for (const auto& [name, tensor] : tensors) {
    const uint64_t bytes = tensor.numel() * tensor.element_size();
    DRF_CHECK(!header.contains(name), "tensor '", name, "' written twice");
    header[name] = {{"dtype", safetensors_dtype_name(tensor.scalar_type())},
                    {"shape", tensor.sizes().vec()},
                    {"data_offsets", {offset, offset + bytes}}};
    offset += bytes;
  }
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');  // keeps the data aligned
  write_file_atomically(path, [&](std::ostream& out) {
    uint64_t size = text.size();
    char prefix[8];
    for (char& byte : prefix) byte = static_cast<char>(size & 0xFF), size >>= 8;
    out.write(prefix, 8);
    out.write(text.data(), static_cast<std::streamsize>(text.size()));
    for (const auto& [name, tensor] : tensors) {
      const at::Tensor plain = tensor.detach().to(at::kCPU).contiguous();
      out.write(static_cast<const char*>(plain.data_ptr()),
                static_cast<std::streamsize>(plain.numel() * plain.element_size()));
    }
  });
}

}  // namespace drf
