#pragma once
// One call of a server: so many requests on their way, each asked until it is answered or lost, and an end
// where no other can succeed (docs/endpoint.md).
//
// A refusal (403, or a request that is bad in every form) may be of one text, which the server moderates, or
// of all that we send. Where the server has answered something it is of the text. Else the refused wait until
// a request has told that says nothing at all: if that is refused as well, nobody is served here. So may a
// 2xx that holds no completion be of one text, or of an address where nobody completes anything; before the
// server has answered something such are lost one by one, and the last of too many asks as the refused do.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "drf/base/progress.h"
#include "drf/writer/endpoint_http.h"
#include "drf/writer/endpoint_queue.h"
#include "drf/writer/endpoint_server.h"

namespace drf::writer {

/// What write() and judge() have of their own.
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

class Exchange {
 public:
  Exchange(EndpointServer& server, const Work& work);
  /// Asks all. Throws Error(kResources) where no further request can succeed, and Interrupted.
  void run();

 private:
  void begin(Task task);
  void finish(Task task, HttpReply& reply);
  void take(Task task, const std::string& body);
  void wait(Task task, const HttpReply& reply, const std::string& why);
  void miss(const Task& task, const std::string& why);
  void refuse(const Task& task, const std::string& why);
  void serves();
  void count_lost(const std::string& why);
  void lose(const Task& task, const std::string& error);
  void end();
  bool is_probe(const Task& task) const { return task.index == work_.count; }
  TextRequest request_of(const Task& task) const;
  [[noreturn]] void stop_as_last(const std::string& why) const;
  [[noreturn]] void stop(const std::string& why) const;

  EndpointServer& e_;
  const EndpointOptions& o_;
  const Work& work_;
  RequestQueue queue_;
  std::vector<Task> flying_;  // by index; the last is the probe's
  HttpPool pool_;
  Progress progress_;
  struct Refused {
    Task task;
    std::string why;
  };
  std::vector<Refused> refused_;  // that wait for the probe
  bool probing_ = false;
  int64_t answered_ = 0, failed_ = 0;
};

}  // namespace drf::writer
