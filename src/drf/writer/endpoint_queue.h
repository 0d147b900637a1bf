#pragma once
// Which request is sent when: so many at once, so many a minute, and those that failed again after a while.
// Clocks are the caller's, in seconds.

#include <cstdint>
#include <optional>
#include <queue>
#include <vector>

#include "drf/writer/endpoint_form.h"

namespace drf::writer {

struct RetryPolicy {
  int64_t tries = 6;             ///< of one request, >= 1
  double first_wait_s = 1;       ///< doubles from try to try
  double longest_wait_s = 60;    ///< of our own
  double longest_asked_s = 600;  ///< a server that asks to come back later than this is left
  uint64_t seed = 0;             ///< of the jitter
};

/// Seconds until try number `tries` + 1 of a request, after `tries` >= 1: first_wait_s, doubled from try to
/// try, times a number in [0.5, 1) that depends on seed, request and `tries` only, so that requests that
/// failed together do not come back together. Never earlier than the `asked_s` that the server asks for.
double wait_before_retry(const RetryPolicy& policy, size_t request, int64_t tries, double asked_s);

/// A request on its way.
struct Task {
  size_t index = 0;
  int64_t tries = 0;             ///< that failed
  std::optional<ChatForm> form;  ///< nothing before it was asked
  bool apart = false;            ///< its form says nothing of the others'
  double due = 0;
  bool operator>(const Task& other) const;
};

class RequestQueue {
 public:
  /// Requests 0 to count - 1. At most `parallel` >= 1 are begun and not yet done: one that waits to be asked
  /// again keeps its place, so that a server in trouble is asked less and not the whole list once.
  RequestQueue(size_t count, int64_t parallel, int64_t requests_per_minute);

  /// The one to send now; nothing while none may be.
  std::optional<Task> next(double now);
  /// When next() may have one, if nothing else happens until then; infinity where that cannot be told.
  double next_time() const;
  /// A request that next() gave is to be sent again, from `due` on.
  void again(Task task, double due);
  /// One that next() gave is done with.
  void done();
  /// Nothing is sent before `until`.
  void hold(double until);

 private:
  std::priority_queue<Task, std::vector<Task>, std::greater<>> waiting_;
  size_t count_, begun_ = 0, open_ = 0, places_;
  double between_s_, next_begin_ = 0;
};

}  // namespace drf::writer
