#include "drf/writer/endpoint_queue.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "drf/base/random.h"

namespace drf::writer {

double wait_before_retry(const RetryPolicy& policy, size_t request, int64_t tries, double asked_s) {
  RandomStream stream(
      {policy.seed, Purpose::kBackOff, static_cast<uint32_t>(request), static_cast<uint32_t>(tries)});
  const double whole =
      std::min(policy.longest_wait_s, policy.first_wait_s * std::exp2(static_cast<double>(tries - 1)));
  const double own = whole * (0.5 + 0.5 * stream.next_uniform());
  // Those that the server sent away together are spread over one more short wait.
  return asked_s > 0 ? std::max(own, asked_s + policy.first_wait_s * stream.next_uniform()) : own;
}

bool Task::operator>(const Task& other) const {
  return std::pair(due, index) > std::pair(other.due, other.index);
}

RequestQueue::RequestQueue(size_t count, int64_t parallel, int64_t requests_per_minute)
    : count_(count),
      places_(static_cast<size_t>(parallel)),
      between_s_(requests_per_minute > 0 ? 60.0 / static_cast<double>(requests_per_minute) : 0) {}

double RequestQueue::next_time() const {
  if (begun_ < count_ && open_ < places_) return next_begin_;
  if (!waiting_.empty()) return std::max(waiting_.top().due, next_begin_);
  return std::numeric_limits<double>::infinity();
}

std::optional<Task> RequestQueue::next(double now) {
  if (next_time() > now) return std::nullopt;
  Task task;
  if (!waiting_.empty() && waiting_.top().due <= now) {
    task = waiting_.top();
    waiting_.pop();
  } else {
    task.index = begun_++;
    ++open_;
  }
  if (between_s_ > 0) next_begin_ = std::max(next_begin_, now) + between_s_;
  return task;
}

void RequestQueue::again(Task task, double due) {
  task.due = due;
  waiting_.push(std::move(task));
}

void RequestQueue::done() { --open_; }

void RequestQueue::hold(double until) { next_begin_ = std::max(next_begin_, until); }

}  // namespace drf::writer
