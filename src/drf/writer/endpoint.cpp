#include "drf/writer/endpoint.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <limits>
#include <map>
#include <string_view>
#include <utility>

#include "drf/base/error.h"
#include "drf/base/interrupt.h"
#include "drf/base/log.h"
#include "drf/base/printable.h"
#include "drf/base/progress.h"
#include "drf/writer/endpoint_address.h"
#include "drf/writer/endpoint_chat.h"
#include "drf/writer/endpoint_retry.h"

namespace drf::writer {
namespace {

constexpr double kLook_s = 0.1;       // between looks at signals
constexpr int64_t kLostPatience = 8;  // requests in a row that failed to their last try; then one try each
constexpr int64_t kMostLost = 4 * kLostPatience;        // in a row: nobody answers there
constexpr uint64_t kBytesAtOnce = uint64_t{256} << 20;  // of all replies
constexpr size_t kSecretBytes = 12;     // a key from here on is no word that an answer may hold
constexpr int64_t kTopLogprobs = 20;    // the most that OpenAI gives
constexpr int64_t kYesNoTokens = 1024;  // thoughts too, of models that think
/// Part of the identity by which answers are kept: another number where the same request is sent or its
/// answer read in another way.
constexpr int64_t kProtocol = 1;
constexpr std::string_view kPath = "/chat/completions";

// The base, of an address that may be spelt in several ways.
std::string base_of(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  if (url.ends_with(kPath)) url.resize(url.size() - kPath.size());
  return url;
}

void validate(const EndpointOptions& o) {
  check_address(o.url);
  if (o.model.empty()) fail(ErrorKind::kConfig, "writer.model is empty, wanted the model's name at ", o.url);
  for (const unsigned char c : o.key) {
    if (c <= 0x20 || c >= 0x7F)
      fail(ErrorKind::kConfig, "the key in ", o.key_env,
           " holds a blank, a line's end or a letter that is not ASCII, which no key has; set it anew");
  }
  if (o.parallel < 1 || o.parallel > 256)
    fail(ErrorKind::kConfig, "writer.parallel is ", o.parallel, ", wanted 1 to 256");
  if (o.requests_per_minute < 0)
    fail(ErrorKind::kConfig, "writer.requests_per_minute is ", o.requests_per_minute,
         ", wanted 0 (no limit) or more");
  DRF_CHECK(o.retry.tries >= 1);
}

bool is_good(const HttpReply& reply) {
  return reply.failure == HttpReply::Failure::kNone && reply.status / 100 == 2;
}

double now_s() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

class Endpoint final : public TextModel {
 public:
  explicit Endpoint(const EndpointOptions& options) : o_(options) {
    validate(o_);
    o_.url = base_of(o_.url);
    o_.limits.reply_bytes =
        std::min(o_.limits.reply_bytes, kBytesAtOnce / static_cast<uint64_t>(o_.parallel));
    known_.top_logprobs = kTopLogprobs;
    if (!o_.key.empty() && o_.url.starts_with("http://") && !is_this_machine(o_.url))
      log_warning("writer", "the key in ", o_.key_env, " goes to ", o_.url,
                  " unencrypted: https:// hides it");
  }

  std::vector<TextAnswer> write(const std::vector<TextRequest>& requests, const Done& done) override;
  std::vector<YesNo> judge(const std::vector<TextRequest>& requests, const Judged& done) override;
  std::string identity() const override {
    return concat("chat completions of ", o_.model, " at ", o_.url, ", protocol ", kProtocol);
  }

 private:
  friend class Exchange;
  ChatForm first_form(const TextRequest& request, bool judging) const;
  /// What worked is taken from then on. Once it did, one request that needs less says nothing of the others.
  void learn(const TextRequest& request, const ChatForm& form, bool judging);
  void learn_logprobs(int64_t top);
  void warn_of_temperature();
  std::string hidden(std::string text, size_t shortest) const;

  EndpointOptions o_;
  // What the server was found to be like.
  ChatForm known_;
  std::map<std::string, AnswerFormat> format_of_;  // by schema
  bool basics_known_ = false, logprobs_known_ = false, warned_of_format_ = false,
       warned_of_temperature_ = false, reached_ = false;
  int64_t lost_in_a_row_ = 0;
};

// What write() and judge() have of their own.
struct Work {
  std::string title;
  size_t count = 0;
  bool judging = false;
  std::function<TextRequest(size_t)> request;
  struct Taken {
    bool works = false;             ///< the form brought an answer
    std::optional<ChatForm> other;  ///< if this request must be asked again in that
  };
  std::function<Taken(size_t, const ChatForm&, const std::string& body)> take;
  std::function<void(size_t, const std::string& error)> lose;
};

// One call of either.
class Exchange {
 public:
  Exchange(Endpoint& endpoint, const Work& work)
      : e_(endpoint),
        o_(endpoint.o_),
        work_(work),
        queue_(work.count, o_.parallel, o_.requests_per_minute),
        flying_(work.count),
        pool_(concat(o_.url, kPath), o_.key, o_.limits),
        progress_(work.title, static_cast<int64_t>(work.count)) {}

  void run() {
    while (answered_ + failed_ < static_cast<int64_t>(work_.count)) {
      stop_if_interrupted();
      while (const std::optional<Task> task = queue_.next(now_s())) begin(*task);
      const double until = std::clamp(queue_.next_time() - now_s(), 0.001, kLook_s);
      std::vector<HttpPool::Finished> finished = pool_.wait(until);
      // What is answered first: one of the others may end the run.
      std::stable_partition(finished.begin(), finished.end(),
                            [](const auto& one) { return is_good(one.reply); });
      for (HttpPool::Finished& one : finished) finish(flying_[one.tag], one.reply);
    }
  }

 private:
  void begin(Task task) {
    const TextRequest request = work_.request(task.index);
    if (!task.form) task.form = e_.first_form(request, work_.judging);
    flying_[task.index] = task;
    pool_.post(task.index, chat_body(request, o_.model, *task.form));
  }

  void finish(Task task, HttpReply& reply) {
    const bool whole = reply.failure == HttpReply::Failure::kNone;
    bool good = is_good(reply);
    if (whole) e_.reached_ = true;
    reply.body = e_.hidden(std::move(reply.body), good ? kSecretBytes : 1);
    ChatError error = whole && !good ? read_chat_error(reply.body) : ChatError{};
    bool no_completion = false;  // though it came with 2xx
    if (const auto none = good ? why_no_completion(reply.body) : std::nullopt) {
      error = *none;
      good = false;
      no_completion = true;
      if (error.status > 0) reply.status = error.status;
    }
    error.says =
        e_.hidden(std::move(error.says), 1);  // again: in the body it may have been spelt with escapes
    const std::string why = good ? "" : describe(reply, error.code, error.says, o_.key_env);
    Verdict verdict = verdict_of(reply, error.code, e_.reached_);
    if (no_completion && verdict == Verdict::kTake) verdict = Verdict::kGiveUp;
    if ((verdict == Verdict::kAgain || no_completion) && whole && is_about_form(*task.form, error.says))
      verdict = Verdict::kOtherForm;
    switch (verdict) {
      case Verdict::kTake:
        return take(task, reply.body);
      case Verdict::kOtherForm: {
        const bool has_schema = !work_.request(task.index).schema.empty();
        const bool cooled = task.form->temperature;
        task.form = simpler_form(*task.form, has_schema, error);
        if (!task.form) return give_up(task, why, no_completion);
        if (cooled && !task.form->temperature) e_.warn_of_temperature();
        return queue_.again(task, 0);
      }
      case Verdict::kAgain:
        return wait(task, reply, why);
      case Verdict::kGiveUp:
        return give_up(task, why, no_completion);
      case Verdict::kStop:
        stop(why);
    }
  }

  void take(Task task, const std::string& body) {
    e_.lost_in_a_row_ = 0;
    const Work::Taken taken = work_.take(task.index, *task.form, body);
    if (taken.other) {
      task.form = taken.other;
      task.apart = true;
      return queue_.again(task, 0);
    }
    if (taken.works && !task.apart) e_.learn(work_.request(task.index), *task.form, work_.judging);
    ++answered_;
    end();
  }

  void wait(Task task, const HttpReply& reply, const std::string& why) {
    if (reply.retry_after_s > o_.retry.longest_asked_s)
      stop(concat(why, "; it asks to come back in ", format_duration(reply.retry_after_s),
                  ": run the same again then"));
    ++task.tries;
    if (task.tries < o_.retry.tries && e_.lost_in_a_row_ < kLostPatience) {
      const double wait_s = wait_before_retry(o_.retry, task.index, task.tries, reply.retry_after_s);
      if (reply.retry_after_s > 0) queue_.hold(now_s() + reply.retry_after_s);
      return queue_.again(task, now_s() + wait_s);
    }
    if (reply.failure == HttpReply::Failure::kUnreachable) stop(why);
    lose(task, concat(why, " (", task.tries, task.tries == 1 ? " try)" : " tries)"));
    count_lost(why);
  }

  void give_up(const Task& task, const std::string& why, bool no_completion) {
    lose(task, why);
    if (no_completion) count_lost(why);
  }

  void count_lost(const std::string& why) {
    if (++e_.lost_in_a_row_ < kMostLost) return;
    stop(concat(
        why, ", as the last of ", e_.lost_in_a_row_,
        " requests in a row without an answer: see to the server (is writer.url right? it mostly ends in "
        "/v1), and run the same again"));
  }

  void lose(const Task& task, const std::string& error) {
    ++failed_;
    work_.lose(task.index, printable(error));
    end();
  }

  void end() {
    queue_.done();
    progress_.update(answered_ + failed_, failed_ > 0 ? concat(failed_, " failed") : "");
  }

  [[noreturn]] void stop(const std::string& why) const {
    fail(ErrorKind::kResources, "writer.url ", o_.url, ": ", why, "; ", answered_, " of ", work_.count,
         " requests were answered");
  }

  Endpoint& e_;
  const EndpointOptions& o_;
  const Work& work_;
  RequestQueue queue_;
  std::vector<Task> flying_;  // by index
  HttpPool pool_;
  Progress progress_;
  int64_t answered_ = 0, failed_ = 0;
};

// Servers repeat what they were sent.
std::string Endpoint::hidden(std::string text, size_t shortest) const {
  constexpr std::string_view kInstead = "[key]";
  if (o_.key.empty() || o_.key.size() < shortest) return text;
  for (size_t at = 0; (at = text.find(o_.key, at)) != std::string::npos; at += kInstead.size())
    text.replace(at, o_.key.size(), kInstead);
  return text;
}

ChatForm Endpoint::first_form(const TextRequest& request, bool judging) const {
  ChatForm form = known_;
  if (!judging) form.top_logprobs = 0;
  const auto known = format_of_.find(request.schema);
  if (known != format_of_.end()) form.format = known->second;
  return form;
}

void Endpoint::learn_logprobs(int64_t top) {
  if (std::exchange(logprobs_known_, true)) return;
  known_.top_logprobs = top;
  log_info("writer", "yes and no are ",
           top > 0 ? "read from the probabilities of the first token"
                   : "taken as written, as 1 and 0: the server gives no probabilities");
}

void Endpoint::warn_of_temperature() {
  if (std::exchange(warned_of_temperature_, true)) return;
  log_warning("writer", o_.url,
              " does not take temperature 0, so none is sent: answers differ from run to run");
}

void Endpoint::learn(const TextRequest& request, const ChatForm& form, bool judging) {
  if (!std::exchange(basics_known_, true)) {
    known_.completion_tokens = form.completion_tokens;
    known_.temperature = form.temperature;
  }
  if (judging) learn_logprobs(form.top_logprobs);
  if (form.top_logprobs > 0 || request.schema.empty()) return;
  if (!format_of_.emplace(request.schema, form.format).second) return;
  if (form.format == AnswerFormat::kSchema || std::exchange(warned_of_format_, true)) return;
  log_warning("writer", o_.url, " does not take response_format json_schema; ",
              form.format == AnswerFormat::kObjectOf ? "json_object with the schema in it is sent instead"
              : form.format == AnswerFormat::kObject
                  ? "json_object is sent instead and the schema told in words: more answers will be invalid"
                  : "the schema is told in words alone: more answers will be invalid");
}

std::vector<TextAnswer> Endpoint::write(const std::vector<TextRequest>& requests, const Done& done) {
  std::vector<TextAnswer> answers(requests.size());
  const auto give = [&](size_t i, TextAnswer answer) {
    answer.error = hidden(std::move(answer.error), 1);
    answer.text = hidden(std::move(answer.text), kSecretBytes);
    answers[i] = std::move(answer);
    if (done) done(i, answers[i]);
  };
  Work work;
  work.title = "asking " + printable(o_.model);
  work.count = requests.size();
  work.request = [&](size_t i) { return requests[i]; };
  work.take = [&](size_t i, const ChatForm&, const std::string& body) -> Work::Taken {
    give(i, read_chat_answer(body, requests[i]));
    return {answers[i].error.empty(), std::nullopt};
  };
  work.lose = [&](size_t i, const std::string& error) {
    TextAnswer answer;
    answer.error = error;
    give(i, answer);
  };
  if (!requests.empty()) Exchange(*this, work).run();
  return answers;
}

std::vector<YesNo> Endpoint::judge(const std::vector<TextRequest>& requests, const Judged& done) {
  std::vector<YesNo> answers(requests.size());
  const auto give = [&](size_t i, YesNo answer) {
    answer.error = hidden(std::move(answer.error), 1);
    answers[i] = answer;
    if (done) done(i, answer);
  };
  Work work;
  work.title = "judging by " + printable(o_.model);
  work.count = requests.size();
  work.judging = true;
  work.request = [&](size_t i) {
    TextRequest request = requests[i];
    request.schema = kYesNoSchema;
    request.max_tokens = kYesNoTokens;
    return request;
  };
  work.take = [&](size_t i, const ChatForm& form, const std::string& body) -> Work::Taken {
    const Likeliest likeliest = form.top_logprobs > 0 ? read_yes_probability(body) : Likeliest{};
    if (likeliest.yes || form.top_logprobs == 0) {
      give(i, likeliest.yes ? *likeliest.yes : read_yes_answer(body, work.request(i)));
      return {answers[i].error.empty(), std::nullopt};
    }
    if (!likeliest.offered) learn_logprobs(0);
    ChatForm written = form;
    written.top_logprobs = 0;
    return {false, written};
  };
  work.lose = [&](size_t i, const std::string& error) {
    give(i, {std::numeric_limits<double>::quiet_NaN(), error});
  };
  if (!requests.empty()) Exchange(*this, work).run();
  return answers;
}

}  // namespace

bool have_endpoint() { return true; }

std::unique_ptr<TextModel> open_endpoint(const EndpointOptions& options) {
  return std::make_unique<Endpoint>(options);
}

}  // namespace drf::writer
