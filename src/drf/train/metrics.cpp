#include "drf/train/metrics.h"

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "drf/base/error.h"
#include "drf/base/files.h"

namespace drf::train {
namespace {

// The lines up to update `done`.
std::string kept(const std::filesystem::path& path, int64_t done) {
  const std::string text = read_file(path);
  std::string result;
  int64_t number = 0;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = text.find('\n', begin);
    if (end == std::string::npos) break;  // half-written
    const std::string line = text.substr(begin, end - begin);
    begin = end + 1;
    ++number;
    const auto values = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!values.is_object() || !values.contains("update") || !values["update"].is_number_integer()) {
      fail(ErrorKind::kInput, path, ":", number,
           ": wanted a JSON object with a number \"update\"; the file is not drf's");
    }
    if (values["update"].get<int64_t>() <= done) result += line + "\n";
  }
  return result;
}

}  // namespace

MetricsFile::MetricsFile(const std::filesystem::path& file, int64_t done) : path_(file) {
  std::error_code ec;
  if (std::filesystem::exists(path_, ec)) write_file_atomically(path_, kept(path_, done));
  make_folder(path_.parent_path());
  errno = 0;
  out_.open(path_, std::ios::binary | std::ios::app);
  if (!out_) fail(ErrorKind::kResources, path_, ": cannot be written: ", std::strerror(errno));
}

void MetricsFile::append(const nlohmann::ordered_json& values) {
  DRF_CHECK(values.is_object() && values.contains("update"));
  errno = 0;
  out_ << values.dump() + "\n" << std::flush;
  if (!out_)
    fail(ErrorKind::kResources, path_, ": cannot be written: ", std::strerror(errno ? errno : ENOSPC));
}

}  // namespace drf::train
