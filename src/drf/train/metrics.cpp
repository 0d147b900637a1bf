#include "drf/train/metrics.h"

#include <nlohmann/json.hpp>

#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/base/json.h"

namespace drf::train {
namespace {

// The lines up to update `done`.
std::string kept(const std::filesystem::path& path, int64_t done) {
  const std::string text = read_file(path);
  std::string result, problem;
  int64_t number = 0;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = text.find('\n', begin);
    if (end == std::string::npos) break;  // half-written
    const std::string line = text.substr(begin, end - begin);
    begin = end + 1;
    ++number;
    const auto values = parse_json(line, problem);
    if (!values.is_object() || !values.contains("update") || !values["update"].is_number_integer()) {
      fail(ErrorKind::kInput, path, ":", number,
           ": wanted a JSON object with a number \"update\"; the file is not drf's");
    }
    if (values["update"].get<int64_t>() <= done) result += line + "\n";
  }
  return result;
}

// `path`, once it holds nothing else.
const std::filesystem::path& cleaned(const std::filesystem::path& path, int64_t done) {
  std::error_code ec;
  if (std::filesystem::exists(path, ec)) write_file_atomically(path, kept(path, done));
  return path;
}

}  // namespace

MetricsFile::MetricsFile(const std::filesystem::path& file, int64_t done) : out_(cleaned(file, done)) {}

void MetricsFile::append(const nlohmann::ordered_json& values) {
  DRF_CHECK(values.is_object() && values.contains("update"));
  out_.append(values.dump() + "\n");
}

}  // namespace drf::train
