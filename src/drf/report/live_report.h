#pragma once
// The report of a run that trains, on this machine's own address: `drf train --serve`. It reads the run's
// folder, on a thread of its own, when somebody asks, and at most a tenth of the time.

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "drf/report/loopback_server.h"
#include "drf/report/page.h"

namespace drf::report {

/// Whatever a browser may ask for:
///   /             the page, or one that says that the run is being prepared, or why it cannot be made
///   /live?STAMP   live_parts() (page.h); status 204 while STAMP is theirs, or the page is newer than they
///   are
class LivePages {
 public:
  /// `clock` in seconds.
  explicit LivePages(std::filesystem::path run, std::function<double()> clock = {});
  /// Throws nothing but for want of memory.
  Reply answer(const std::string& target);

 private:
  /// The last of its kind, remade where files have changed and all that is made costs less than a tenth of
  /// the time.
  struct Made {
    Stamps of;
    Reply reply{};
    int64_t number = 0;  ///< of all makings
  };
  /// `at_once`: whatever the last ones cost; it is made up for later.
  void remake(Made& made, bool at_once, const std::function<Reply(const Stamps&)>& make);

  std::filesystem::path run_;
  std::function<double()> clock_;
  double not_before_ = 0;
  int64_t makings_ = 0;
  Made page_, parts_;
};

class LiveReport {
 public:
  /// Listens; see LoopbackServer.
  LiveReport(const std::filesystem::path& run, int port) : pages_(run), server_(port) {}
  /// Answers from here on, until it is gone.
  void start() {
    server_.start([this](const std::string& target) { return pages_.answer(target); });
  }
  std::string address() const { return "http://127.0.0.1:" + std::to_string(server_.port()) + "/"; }

 private:
  LivePages pages_;
  LoopbackServer server_;  // goes first
};

}  // namespace drf::report
