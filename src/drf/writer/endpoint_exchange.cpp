#include "drf/writer/endpoint_exchange.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "drf/base/error.h"
#include "drf/base/interrupt.h"
#include "drf/base/printable.h"
#include "drf/writer/endpoint_retry.h"

namespace drf::writer {
namespace {

constexpr double kLook_s = 0.1;       // between looks at signals
constexpr int64_t kLostPatience = 8;  // requests in a row that failed to their last try; then one try each
constexpr int64_t kMostLost = 4 * kLostPatience;  // in a row: nobody answers there
constexpr int64_t kMostRefused = 32;              // in a row; then it is asked anew whether it serves us

bool is_good(const HttpReply& reply) {
  return reply.failure == HttpReply::Failure::kNone && reply.status / 100 == 2;
}

double now_s() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Says nothing that anybody could mind.
TextRequest probe() { return {.turns = {{"user", "Say yes."}}, .schema = "", .max_tokens = 16}; }

}  // namespace

Exchange::Exchange(EndpointServer& server, const Work& work)
    : e_(server),
      o_(server.options()),
      work_(work),
      queue_(work.count, o_.parallel, o_.requests_per_minute),
      flying_(work.count + 1),
      pool_(server.address(), o_.key, o_.limits),
      progress_(work.title, static_cast<int64_t>(work.count)) {}

TextRequest Exchange::request_of(const Task& task) const {
  return is_probe(task) ? probe() : work_.request(task.index);
}

void Exchange::run() {
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

void Exchange::begin(Task task) {
  const TextRequest request = request_of(task);
  if (!task.form) task.form = e_.first_form(request, work_.judging && !is_probe(task));
  flying_[task.index] = task;
  pool_.post(task.index, chat_body(request, o_.model, *task.form));
}

void Exchange::finish(Task task, HttpReply& reply) {
  const bool whole = reply.failure == HttpReply::Failure::kNone;
  bool good = is_good(reply);
  if (whole) e_.reached = true;
  reply.body = e_.hidden(std::move(reply.body), good ? kSecretBytes : 1);
  ChatError error = whole && !good ? read_chat_error(reply.body) : ChatError{};
  bool no_completion = false;  // though it came with 2xx
  if (const auto none = good ? why_no_completion(reply.body) : std::nullopt) {
    error = *none;
    good = false;
    no_completion = true;
    if (error.status > 0) reply.status = error.status;
  }
  error.says = e_.hidden(std::move(error.says), 1);  // again: in the body it may have been spelt with escapes
  const std::string why = good ? "" : describe(reply, error.code, error.says, o_.key_env);
  Fate verdict = fate_of(reply, error.code, e_.reached);
  if (no_completion && verdict == Fate::kTake) verdict = Fate::kRefused;
  if ((verdict == Fate::kAgain || no_completion) && whole && is_about_form(*task.form, error.says))
    verdict = Fate::kOtherForm;
  switch (verdict) {
    case Fate::kTake:
      return take(task, reply.body);
    case Fate::kOtherForm: {
      const bool has_schema = !request_of(task).schema.empty();
      const bool cooled = task.form->temperature;
      task.form = simpler_form(*task.form, has_schema, error);
      if (!task.form) return no_completion ? miss(task, why) : refuse(task, why);
      if (cooled && !task.form->temperature) e_.warn_of_temperature();
      return queue_.again(task, 0);
    }
    case Fate::kAgain:
      return wait(task, reply, why);
    case Fate::kGiveUp:
      return lose(task, why);
    case Fate::kRefused:
      return no_completion ? miss(task, why) : refuse(task, why);
    case Fate::kStop:
      stop(why);
  }
}

void Exchange::take(Task task, const std::string& body) {
  e_.lost_in_a_row = 0;
  serves();
  if (is_probe(task)) return;
  const Work::Taken taken = work_.take(task.index, *task.form, body);
  if (taken.other) {
    task.form = taken.other;
    task.apart = true;
    return queue_.again(task, 0);
  }
  if (taken.works && !task.apart) e_.learn(request_of(task), *task.form, work_.judging);
  ++answered_;
  end();
}

void Exchange::wait(Task task, const HttpReply& reply, const std::string& why) {
  if (reply.retry_after_s > o_.retry.longest_asked_s)
    stop(concat(why, "; it asks to come back in ", format_duration(reply.retry_after_s),
                ": run the same again then"));
  ++task.tries;
  if (task.tries < o_.retry.tries && e_.lost_in_a_row < kLostPatience) {
    const double wait_s = wait_before_retry(o_.retry, task.index, task.tries, reply.retry_after_s);
    if (reply.retry_after_s > 0) queue_.hold(now_s() + reply.retry_after_s);
    return queue_.again(task, now_s() + wait_s);
  }
  if (reply.failure == HttpReply::Failure::kUnreachable) stop(why);
  lose(task, concat(why, " (", task.tries, task.tries == 1 ? " try)" : " tries)"));
  count_lost(why);
}

void Exchange::miss(const Task& task, const std::string& why) {
  if (is_probe(task) || e_.serves || probing_ || ++e_.lost_in_a_row >= kMostLost) return refuse(task, why);
  lose(task, why);
}

void Exchange::refuse(const Task& task, const std::string& why) {
  if (is_probe(task) || (e_.serves && ++e_.refused_in_a_row < kMostRefused)) return lose(task, why);
  e_.serves = false;
  refused_.push_back({task, why});
  if (std::exchange(probing_, true)) return;
  Task probe;
  probe.index = work_.count;
  begin(probe);
}

void Exchange::serves() {
  e_.serves = true;
  e_.refused_in_a_row = 0;
  probing_ = false;
  for (const Refused& one : std::exchange(refused_, {})) lose(one.task, one.why);
}

void Exchange::count_lost(const std::string& why) {
  if (++e_.lost_in_a_row >= kMostLost && !probing_) stop_as_last(why);
}

void Exchange::lose(const Task& task, const std::string& error) {
  if (is_probe(task)) {
    if (refused_.empty()) return;
    if (e_.lost_in_a_row >= kMostLost) stop_as_last(refused_.front().why);
    stop(refused_.front().why);
  }
  ++failed_;
  work_.lose(task.index, printable(error));
  end();
}

void Exchange::end() {
  queue_.done();
  progress_.update(answered_ + failed_, failed_ > 0 ? concat(failed_, " failed") : "");
}

void Exchange::stop_as_last(const std::string& why) const {
  stop(concat(
      why, ", as the last of ", e_.lost_in_a_row,
      " requests in a row without an answer: see to the server (is writer.url right? it mostly ends in "
      "/v1), and run the same again"));
}

void Exchange::stop(const std::string& why) const {
  fail(ErrorKind::kResources, "writer.url ", o_.url, ": ", why, "; ", answered_, " of ", work_.count,
       " requests were answered");
}

}  // namespace drf::writer
