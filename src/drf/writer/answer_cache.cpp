#include "drf/writer/answer_cache.h"

#include <nlohmann/json.hpp>
#include <string_view>
#include <unordered_map>

#include "drf/base/log.h"
#include "drf/base/sha256.h"

namespace drf::writer {
namespace {

using nlohmann::json;

// What an answer depends on, with nothing that could be read in two ways.
std::string key_of(const char* kind, const std::string& identity, const TextRequest& request) {
  json turns = json::array();
  for (const TextRequest::Turn& turn : request.turns) turns.push_back({turn.role, turn.text});
  json all = {kind, identity, turns};
  if (std::string_view(kind) == "write") all.insert(all.end(), {request.schema, request.max_tokens});
  return sha256(all.dump(-1, ' ', false, json::error_handler_t::replace) + "\n");
}

}  // namespace

template <>
struct AnswerCache::Kind<TextAnswer> {
  static constexpr const char* kName = "write";
  static auto ask(TextModel& model, const std::vector<TextRequest>& requests, const Done& done) {
    return model.write(requests, done);
  }
};

template <>
struct AnswerCache::Kind<YesNo> {
  static constexpr const char* kName = "judge";
  static auto ask(TextModel& model, const std::vector<TextRequest>& requests, const Judged& done) {
    return model.judge(requests, done);
  }
};

std::string AnswerCache::identity() const { return model_.identity(); }

template <typename Answer>
std::vector<Answer> AnswerCache::answer(const std::vector<TextRequest>& requests,
                                        const std::function<void(size_t, const Answer&)>& done) {
  using K = Kind<Answer>;
  std::vector<Answer> answers(requests.size());
  const auto give = [&](size_t i, const Answer& answer) {
    answers[i] = answer;
    if (done) done(i, answer);
  };
  // Each once, also those that are there: who else is asked must not depend on what was kept before.
  std::vector<TextRequest> asked;
  std::vector<std::string> keys;
  std::unordered_map<std::string, std::vector<size_t>> of;  // which requests have that key
  const std::string identity = model_.identity();
  size_t missing = 0, there = 0;
  for (size_t i = 0; i < requests.size(); ++i) {
    const std::string key = key_of(K::kName, identity, requests[i]);
    std::vector<size_t>& same = of[key];
    same.push_back(i);
    const Answer* const kept = file_.find<Answer>(key);
    if (same.size() == 1) {
      keys.push_back(key);
      asked.push_back(requests[i]);
      asked.back().answered = kept != nullptr;
      missing += kept == nullptr;
    }
    if (!kept) continue;
    ++there;
    give(i, Answer(*kept));
  }
  found_ += static_cast<int64_t>(there);
  if (missing == 0) return answers;
  if (there > 0)
    log_info("answers", there, " of ", requests.size(), " answers are there; asking for ", missing);
  asked_ += static_cast<int64_t>(missing);
  K::ask(model_, asked, [&](size_t j, const Answer& answer) {
    if (answer.error.empty()) file_.put(keys[j], answer);
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
