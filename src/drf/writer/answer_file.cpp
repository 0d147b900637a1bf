#include "drf/writer/answer_file.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <system_error>

#include "drf/base/append_file.h"
#include "drf/base/error.h"
#include "drf/base/file_lock.h"
#include "drf/base/files.h"
#include "drf/base/json.h"
#include "drf/base/log.h"

namespace drf::writer {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr size_t kLineBytes = size_t{64} << 20;  // far above a server's reply; a line of a foreign file
constexpr std::string_view kHeader = "{\"drf\":\"answers\",\"version\":1}\n";

bool has(const json& line, const char* name, bool (json::*is)() const noexcept) {
  const auto at = line.find(name);
  return at != line.end() && ((*at).*is)();
}

std::optional<TextAnswer> written_in(const json& line) {
  if (!has(line, "text", &json::is_string) || !has(line, "complete", &json::is_boolean) ||
      !has(line, "prompt_tokens", &json::is_number_integer) ||
      !has(line, "answer_tokens", &json::is_number_integer))
    return std::nullopt;
  TextAnswer answer;
  answer.text = line["text"];
  answer.complete = line["complete"];
  answer.prompt_tokens = line["prompt_tokens"];
  answer.answer_tokens = line["answer_tokens"];
  return answer;
}

std::optional<YesNo> judged_in(const json& line) {
  if (!has(line, "p_yes", &json::is_number)) return std::nullopt;
  const double p = line["p_yes"];
  if (!(p >= 0 && p <= 1)) return std::nullopt;
  return YesNo{p, ""};
}

std::optional<AnswerFile::Logprobs> logprobs_in(const json& line) {
  if (!has(line, "logprobs", &json::is_array)) return std::nullopt;
  AnswerFile::Logprobs logprobs;
  for (const json& one : line["logprobs"]) {
    if (!one.is_number() || !std::isfinite(one.get<double>())) return std::nullopt;
    logprobs.push_back(one);
  }
  return logprobs;
}

std::optional<AnswerFile::Kept> kept_in(const json& line) {
  if (const auto written = written_in(line)) return *written;
  if (const auto judged = judged_in(line)) return *judged;
  if (const auto logprobs = logprobs_in(line)) return *logprobs;
  return std::nullopt;
}

json line_of(const TextAnswer& answer) {
  return {{"text", answer.text},
          {"complete", answer.complete},
          {"prompt_tokens", answer.prompt_tokens},
          {"answer_tokens", answer.answer_tokens}};
}
json line_of(const YesNo& answer) { return {{"p_yes", answer.p_yes}}; }
json line_of(const AnswerFile::Logprobs& logprobs) { return {{"logprobs", logprobs}}; }

// Takes away what a torn write left behind the last line's end. What is somebody else's is left as it is.
void cut_torn_line(const fs::path& file) {
  const uint64_t size = InputFile(file).size();
  std::ifstream in(file, std::ios::binary);
  std::string begin(std::min<uint64_t>(size, kHeader.size()), '\0');
  in.read(begin.data(), static_cast<std::streamsize>(begin.size()));
  if (begin != kHeader.substr(0, begin.size()))
    fail(ErrorKind::kInput, file, ": is no file of kept answers (it begins otherwise); name another");
  uint64_t end = size;
  for (; end > 0; --end) {
    in.seekg(static_cast<std::streamoff>(end - 1));
    if (in.get() == '\n') break;
  }
  if (end == size) return;
  std::error_code error;
  fs::resize_file(file, end, error);
  if (error) fail(ErrorKind::kResources, file, ": cannot be written: ", error.message());
  log_warning("answers", file, ": its last line is unfinished and was taken away; it is asked again");
}

}  // namespace

AnswerFile::AnswerFile(const fs::path& file) {
  make_folder(file.parent_path());
  fs::path lock = file;
  lock += ".lock";
  lock_ = std::make_unique<FileLock>(lock, file.string(), /*needed=*/true);
  if (is_there(file)) read(file);
  const bool fresh = !is_there(file) || InputFile(file).size() == 0;
  file_ = std::make_unique<AppendFile>(file);
  if (fresh) file_->append(std::string(kHeader));
}

AnswerFile::~AnswerFile() = default;

void AnswerFile::put(const std::string& key, Kept answer) {
  json line = std::visit([](const auto& one) { return line_of(one); }, answer);
  line["key"] = key;
  file_->append(line.dump(-1, ' ', false, json::error_handler_t::replace) + "\n");
  kept_[key] = std::move(answer);
}

void AnswerFile::read(const fs::path& file) {
  cut_torn_line(file);
  std::ifstream in(file, std::ios::binary);
  int64_t number = 0, unread = 0, first_unread = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (number == 1) continue;  // the header
    std::string problem;
    const json value = line.size() > kLineBytes ? json() : parse_json(line, problem);
    if (value.is_object() && has(value, "key", &json::is_string)) {
      if (auto kept = kept_in(value)) {
        kept_[value["key"]] = std::move(*kept);
        continue;
      }
    }
    if (unread++ == 0) first_unread = number;
  }
  if (unread > 0)
    log_warning("answers", file, ":", first_unread, ": no answer can be read",
                unread > 1 ? concat(", nor in ", unread - 1, " further lines") : "",
                "; they are asked again");
}

}  // namespace drf::writer
