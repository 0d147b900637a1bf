#include "drf/run/metrics.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>

#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/base/json.h"
#include "drf/base/log.h"

namespace drf::run {
namespace {

constexpr size_t kMostLine = 1 << 20;  // far beyond any of ours

// The whole lines of a file, a part of it at a time: a long run's may be larger than what is read at once. Of
// a line beyond kMostLine only its beginning is held.
class Lines {
 public:
  explicit Lines(const std::filesystem::path& path) : path_(path), file_(path) {}

  // False at the end; what follows the last line's end is half-written and left out.
  bool next(std::string& line) {
    line.clear();
    for (;;) {
      const size_t end = std::min(buffer_.find('\n', at_), buffer_.size());
      if (line.size() <= kMostLine) line.append(buffer_, at_, end - at_);
      at_ = end + 1;
      if (end < buffer_.size()) return true;
      if (!fill()) return false;
    }
  }

 private:
  bool fill() {
    buffer_.resize(kMostLine);
    ssize_t count = 0;
    do count = ::read(file_.descriptor(), buffer_.data(), buffer_.size());
    while (count < 0 && errno == EINTR);
    if (count < 0) fail(ErrorKind::kInput, path_, ": cannot be read: ", std::strerror(errno));
    buffer_.resize(static_cast<size_t>(count));
    at_ = 0;
    return count > 0;
  }

  std::filesystem::path path_;
  InputFile file_;
  std::string buffer_;
  size_t at_ = 0;
};

// The update that a line is of, or nothing if it is none of ours.
std::optional<int64_t> update_of(const std::string& line) {
  std::string problem;
  if (line.size() > kMostLine) return std::nullopt;
  const auto values = parse_json(line, problem);
  if (!values.is_object() || !values.contains("update") || !values["update"].is_number_integer())
    return std::nullopt;
  return values["update"].get<int64_t>();
}

// Writes the lines up to update `done` to `out`.
void keep_lines(const std::filesystem::path& path, int64_t done, std::ostream& out) {
  Lines lines(path);
  std::string line;
  int64_t number = 0, ours = 0, others = 0, first = 0;
  while (lines.next(line)) {
    ++number;
    if (const auto update = update_of(line)) {
      ++ours;
      if (*update <= done) out << line << "\n";
    } else if (others++ == 0) {
      first = number;
    }
  }
  if (others == 0) return;
  if (ours == 0) {
    fail(ErrorKind::kInput, path, ":", first,
         ": wanted a JSON object with a number \"update\"; the file is not drf's, move it away");
  }
  log_warning("metrics", path, ":", first, ": ", others,
              others == 1 ? " line that is not an update's is dropped"
                          : " lines that are not an update's are dropped");
}

// `path`, once it holds nothing else.
const std::filesystem::path& cleaned(const std::filesystem::path& path, int64_t done) {
  if (is_there(path)) write_file_atomically(path, [&](std::ostream& out) { keep_lines(path, done, out); });
  return path;
}

}  // namespace

MetricsFile::MetricsFile(const std::filesystem::path& file, int64_t done) : out_(cleaned(file, done)) {}

void MetricsFile::append(const nlohmann::ordered_json& values) {
  DRF_CHECK(values.is_object() && values.contains("update"));
  out_.append(values.dump() + "\n");
}

}  // namespace drf::run
