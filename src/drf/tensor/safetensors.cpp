#include "drf/tensor/safetensors.h"

#include <ATen/ATen.h>
#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/base/json.h"
#include "drf/tensor/model_folder.h"

namespace drf {
namespace {

constexpr uint64_t kMaxHeaderBytes = 100'000'000;  // the reference implementation's own bound

constexpr uint64_t kMaxExtent = uint64_t{1} << 48;  // so that products with a few bytes fit 64 bits
constexpr size_t kMaxDimensions = 64;               // libtorch's own bound

// Every dtype of the format, 0.6 of the reference and before; libtorch has no type for those below a byte.
struct Dtype {
  const char* name;
  at::ScalarType type;
  uint64_t bits;
};
constexpr Dtype kDtypes[] = {{"F64", at::kDouble, 64},
                             {"F32", at::kFloat, 32},
                             {"F16", at::kHalf, 16},
                             {"BF16", at::kBFloat16, 16},
                             {"F8_E4M3", at::kFloat8_e4m3fn, 8},
                             {"F8_E5M2", at::kFloat8_e5m2, 8},
                             {"F8_E8M0", at::kFloat8_e8m0fnu, 8},
                             {"F8_E4M3FNUZ", at::kFloat8_e4m3fnuz, 8},
                             {"F8_E5M2FNUZ", at::kFloat8_e5m2fnuz, 8},
                             {"F6_E2M3", at::ScalarType::Undefined, 6},
                             {"F6_E3M2", at::ScalarType::Undefined, 6},
                             {"F4", at::ScalarType::Undefined, 4},
                             {"C64", at::kComplexFloat, 64},
                             {"I64", at::kLong, 64},
                             {"I32", at::kInt, 32},
                             {"I16", at::kShort, 16},
                             {"I8", at::kChar, 8},
                             {"U64", at::kUInt64, 64},
                             {"U32", at::kUInt32, 32},
                             {"U16", at::kUInt16, 16},
                             {"U8", at::kByte, 8},
                             {"BOOL", at::kBool, 8}};

const Dtype* find_dtype(const std::string& name) {
  for (const Dtype& dtype : kDtypes) {
    if (name == dtype.name) return &dtype;
  }
  return nullptr;
}

}  // namespace

std::string safetensors_dtype_name(at::ScalarType dtype) {
  for (const Dtype& known : kDtypes) {
    if (known.type == dtype && dtype != at::ScalarType::Undefined) return known.name;
  }
  fail(ErrorKind::kInput, "dtype ", at::toString(dtype), " cannot be stored as safetensors");
}

uint64_t TensorEntry::count() const {
  uint64_t product = 1;
  for (const int64_t extent : shape) product *= static_cast<uint64_t>(extent);
  return product;
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
    if (mapping_->data != nullptr) {
      const auto* begin = static_cast<const char*>(mapping_->data);
      const std::string what = foreign_file({begin, std::min<uint64_t>(mapping_->size, 64)});
      if (!what.empty()) fail(ErrorKind::kInput, path_, ": not a safetensors file but ", what);
    }
    fail(ErrorKind::kInput, path_, ": not a valid safetensors file: ", parts...,
         "; download or copy the file again");
  };
  const InputFile file(path);
  mapping_->size = file.size();
  if (mapping_->size < 8) bad("it has ", mapping_->size, " bytes, the header alone needs 8");
  // Private and writable: a tensor that shares the bytes may be changed without touching the file.
  void* data = ::mmap(nullptr, mapping_->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE,
                      file.descriptor(), 0);
  if (data == MAP_FAILED) fail(ErrorKind::kResources, path, ": cannot be mapped: ", std::strerror(errno));
  mapping_->data = data;

  const auto* bytes = static_cast<const unsigned char*>(data);
  uint64_t header_size = 0;
  for (int i = 7; i >= 0; --i) header_size = header_size << 8 | bytes[i];
  if (header_size > kMaxHeaderBytes || header_size > mapping_->size - 8) {
    bad("the header claims ", header_size, " bytes of a file of ", mapping_->size);
  }
  const char* header_begin = reinterpret_cast<const char*>(bytes) + 8;
  std::string problem;
  const auto header = parse_json({header_begin, header_size}, problem);
  if (!header.is_object())
    bad("the header is not a JSON object", problem.empty() ? "" : concat(": ", problem));
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
    TensorEntry entry{name, value["dtype"].get<std::string>(), at::kFloat, {}, 0, 0};
    const Dtype* dtype = find_dtype(entry.dtype_name);
    if (dtype == nullptr) {
      fail(ErrorKind::kInput, path_, ": tensor '", name, "' has the dtype ", value["dtype"].dump(),
           ", which this version of drf does not know; convert it to F32 or BF16");
    }
    entry.dtype = dtype->type;
    const uint64_t begin = value["data_offsets"][0].get<uint64_t>(),
                   end = value["data_offsets"][1].get<uint64_t>();
    if (begin > end || end > data_size) {
      bad("tensor '", name, "' lies at bytes ", begin, "-", end, " of ", data_size,
          ": the file is truncated");
    }
    if (value["shape"].size() > kMaxDimensions) bad("tensor '", name, "' has too many dimensions");
    uint64_t count = 1;
    for (const auto& extent : value["shape"]) {
      if (!is_count(extent)) bad("the shape of tensor '", name, "' is malformed");
      const uint64_t n = extent.get<uint64_t>();
      if (n > kMaxExtent || (n != 0 && count > mapping_->size * 8 / dtype->bits / n))
        bad("tensor '", name, "' claims more elements than the file holds");
      count *= n;
      entry.shape.push_back(static_cast<int64_t>(n));
    }
    const uint64_t wanted = (count * dtype->bits + 7) / 8;
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
  if (entry.dtype == at::ScalarType::Undefined) {
    fail(ErrorKind::kInput, path_, ": tensor '", name, "' is ", entry.dtype_name,
         ", a dtype that is not supported; convert it to F32 or BF16");
  }
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
