#include "drf/tensor/saved_state.h"

#include <ATen/ATen.h>

#include "drf/base/error.h"

namespace drf {
namespace fs = std::filesystem;
namespace {

std::string numbered(const std::string& name, size_t i) { return concat(name, ".", i); }
constexpr const char* kOthers = "; the state is of a run that trains something else";

}  // namespace

void StateImage::operator()(const std::string& name, int64_t& value, int64_t absent) {
  if (value != absent) values_[name] = value;
}

void StateImage::operator()(const std::string& name, std::string& text) {
  if (!text.empty()) values_[name] = text;
}

void StateImage::operator()(const std::string& name, std::vector<double>& values) {
  if (!values.empty()) values_[name] = values;
}

void StateImage::operator()(const std::string& name, at::Tensor& fixed) {
  files_[stem_].emplace_back(name, fixed.detach());
}

void StateImage::operator()(const std::string& name, std::vector<at::Tensor>& list) {
  for (size_t i = 0; i < list.size(); ++i) files_[stem_].emplace_back(numbered(name, i), list[i]);
}

void StateImage::reject(const std::string& name, const std::string& problem) {
  fail(ErrorKind::kBug, name, ": ", problem);
}

void StateImage::write_tensors(const fs::path& folder) const {
  for (const auto& [stem, tensors] : files_) write_safetensors(folder / (stem + ".safetensors"), tensors);
}

StateReader::StateReader(const fs::path& folder)
    : folder_(folder), json_(JsonConfig::read(folder / "state.json")) {}

void StateReader::operator()(const std::string& name, int64_t& value) { value = json_.integer(name); }

void StateReader::operator()(const std::string& name, int64_t& value, int64_t absent) {
  value = json_.integer(name, absent);
}

void StateReader::operator()(const std::string& name, std::string& text) { text = json_.text(name, ""); }

void StateReader::operator()(const std::string& name, std::vector<double>& values) {
  values = json_.numbers(name, {});
}

void StateReader::operator()(const std::string& name, at::Tensor& fixed) {
  const SafetensorsFile& file = opened();
  if (!file.contains(name)) fail(ErrorKind::kInput, file.path(), ": tensor '", name, "' is missing", kOthers);
  const at::Tensor saved = file.get(name);
  if (saved.sizes() != fixed.sizes() || saved.scalar_type() != fixed.scalar_type()) {
    fail(ErrorKind::kInput, file.path(), ": tensor '", name, "' is ",
         safetensors_dtype_name(saved.scalar_type()), " ", saved.sizes().vec(), ", wanted ",
         safetensors_dtype_name(fixed.scalar_type()), " ", fixed.sizes().vec(), kOthers);
  }
  ++asked_[stem_];
  to_fill_.emplace_back(fixed, saved);
}

void StateReader::operator()(const std::string& name, std::vector<at::Tensor>& list) {
  list.clear();
  std::error_code none;
  if (!fs::exists(folder_ / (stem_ + ".safetensors"), none)) return;
  const SafetensorsFile& file = opened();
  while (file.contains(numbered(name, list.size())))
    list.push_back(file.get(numbered(name, list.size())).clone());
  asked_[stem_] += list.size();
}

void StateReader::reject(const std::string& name, const std::string& problem) { json_.reject(name, problem); }

SafetensorsFile& StateReader::opened() {
  auto& file = files_[stem_];
  if (!file) file = std::make_unique<SafetensorsFile>(folder_ / (stem_ + ".safetensors"));
  return *file;
}

void StateReader::finish() {
  for (const auto& [stem, file] : files_) {
    if (asked_[stem] != file->entries().size()) {
      fail(ErrorKind::kInput, file->path(), ": holds ", file->entries().size(), " tensors, wanted ",
           asked_[stem], kOthers);
    }
  }
  const at::NoGradGuard no_graph;
  for (auto& [to, from] : to_fill_) to.copy_(from);  // in place: an optimiser holds them
}

}  // namespace drf
