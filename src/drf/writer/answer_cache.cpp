#include "drf/writer/answer_cache.h"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string_view>
#include <system_error>

#include "drf/base/append_file.h"
#include "drf/base/error.h"
#include "drf/base/file_lock.h"
#include "drf/base/files.h"
#include "drf/base/json.h"
#include "drf/base/log.h"
#include "drf/base/sha256.h"

namespace drf::writer {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr size_t kLineBytes = size_t{64} << 20;  // far above a server's reply; a line of a foreign file
constexpr std::string_view kHeader = "{\"drf\":\"answers\",\"version\":1}\n";

std::string line_of(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

// What an answer depends on, with nothing that could be read in two ways.
std::string key_of(const char* kind, const std::string& identity, const TextRequest& request) {
  json turns = json::array();
  for (const TextRequest::Turn& turn : request.turns) turns.push_back({turn.role, turn.text});
  json all = {kind, identity, turns};
  if (std::string_view(kind) == "write") all.insert(all.end(), {request.schema, request.max_tokens});
  return sha256(line_of(all));
}

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

template <>
struct AnswerCache::Kind<TextAnswer> {
  static constexpr const char* kName = "write";
  static auto& kept(AnswerCache& cache) { return cache.written_; }
  static auto ask(TextModel& model, const std::vector<TextRequest>& requests, const Done& done) {
    return model.write(requests, done);
  }
  static json line(const std::string& key, const TextAnswer& answer) {
    return {{"key", key},
            {"text", answer.text},
            {"complete", answer.complete},
            {"prompt_tokens", answer.prompt_tokens},
            {"answer_tokens", answer.answer_tokens}};
  }
};

template <>
struct AnswerCache::Kind<YesNo> {
  static constexpr const char* kName = "judge";
  static auto& kept(AnswerCache& cache) { return cache.judged_; }
  static auto ask(TextModel& model, const std::vector<TextRequest>& requests, const Judged& done) {
    return model.judge(requests, done);
  }
  static json line(const std::string& key, const YesNo& answer) {
    return {{"key", key}, {"p_yes", answer.p_yes}};
  }
};

AnswerCache::AnswerCache(TextModel& model, const fs::path& file) : model_(model) {
  make_folder(file.parent_path());
  fs::path lock = file;
  lock += ".lock";
  lock_ = std::make_unique<FileLock>(lock, file.string(), /*needed=*/true);
  if (is_there(file)) read(file);
  const bool fresh = !is_there(file) || InputFile(file).size() == 0;
  file_ = std::make_unique<AppendFile>(file);
  if (fresh) file_->append(std::string(kHeader));
}

AnswerCache::~AnswerCache() = default;

std::string AnswerCache::identity() const { return model_.identity(); }

void AnswerCache::read(const fs::path& file) {
  cut_torn_line(file);
  std::ifstream in(file, std::ios::binary);
  int64_t number = 0, unread = 0, first_unread = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (number == 1) continue;  // the header
    std::string problem;
    const json value = line.size() > kLineBytes ? json() : parse_json(line, problem);
    if (value.is_object() && has(value, "key", &json::is_string)) {
      const std::string key = value["key"];
      if (const auto written = written_in(value)) {
        written_[key] = *written;
        continue;
      }
      if (const auto judged = judged_in(value)) {
        judged_[key] = *judged;
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

template <typename Answer>
std::vector<Answer> AnswerCache::answer(const std::vector<TextRequest>& requests,
                                        const std::function<void(size_t, const Answer&)>& done) {
  using K = Kind<Answer>;
  auto& kept = K::kept(*this);
  std::vector<Answer> answers(requests.size());
  const auto give = [&](size_t i, const Answer& answer) {
    answers[i] = answer;
    if (done) done(i, answer);
  };
  std::vector<std::string> keys;  // of what is asked
  std::vector<TextRequest> missing;
  std::unordered_map<std::string, std::vector<size_t>> of;  // which requests have that key
  const std::string identity = model_.identity();
  for (size_t i = 0; i < requests.size(); ++i) {
    const std::string key = key_of(K::kName, identity, requests[i]);
    if (const auto at = kept.find(key); at != kept.end()) {
      ++found_;
      give(i, at->second);
      continue;
    }
    std::vector<size_t>& same = of[key];
    same.push_back(i);
    if (same.size() > 1) continue;
    keys.push_back(key);
    missing.push_back(requests[i]);
  }
  if (missing.empty()) return answers;
  if (missing.size() < requests.size())
    log_info("answers", requests.size() - missing.size(), " of ", requests.size(),
             " answers are there; asking for ", missing.size());
  asked_ += static_cast<int64_t>(missing.size());
  K::ask(model_, missing, [&](size_t j, const Answer& answer) {
    if (answer.error.empty()) {
      kept[keys[j]] = answer;
      file_->append(line_of(K::line(keys[j], answer)));
    }
    for (const size_t i : of[keys[j]]) give(i, answer);
  });
  return answers;
}

std::vector<TextAnswer> AnswerCache::write(const std::vector<TextRequest>& requests, const Done& done) {
  return answer<TextAnswer>(requests, done);
}

std::vector<YesNo> AnswerCache::judge(const std::vector<TextRequest>& requests, const Judged& done) {
  return answer<YesNo>(requests, done);
}

}  // namespace drf::writer
