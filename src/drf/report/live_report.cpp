#include "drf/report/live_report.h"

#include <sys/stat.h>

#include <algorithm>
#include <exception>

#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/base/printable.h"
#include "drf/report/html.h"
#include "drf/report/run_folder.h"

namespace drf::report {
namespace {

constexpr const char* kHtml = "text/html; charset=utf-8";

// Which state of a file it is: another one whenever it was written to, or replaced.
std::string state_of(const std::filesystem::path& file) {
  struct stat s {};
  if (::stat(file.c_str(), &s) != 0) return "-";
  return concat(s.st_ino, ".", s.st_size, ".", s.st_mtim.tv_sec, ".", s.st_mtim.tv_nsec);
}

Stamps stamps_of(const std::filesystem::path& run) {
  const std::string clips = concat(state_of(run / "config.toml"), "_", state_of(run / "evaluation.json"));
  return {concat(clips, "_", state_of(run / "metrics.jsonl")), clips};
}

Reply reply(int status, const char* type, std::string body, bool live = false) {
  return {status, type, std::make_shared<const std::string>(std::move(body)), live ? page_policy(true) : ""};
}

// A page that opens itself again.
Reply waiting(int status, const std::string& text) {
  return reply(
      status, kHtml,
      concat(kPageBegin,
             "><html lang=\"en\"><meta charset=\"utf-8\"><meta http-equiv=\"refresh\" content=\"3\">",
             "<link rel=\"icon\" href=\"data:,\"><title>drf</title><p>", escape_html(text), "</p></html>\n"));
}

double steady_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

LivePages::LivePages(std::filesystem::path run, std::function<double()> clock)
    : run_(std::move(run)), clock_(clock ? std::move(clock) : steady_seconds) {}

void LivePages::remake(Made& made, bool at_once, const std::function<Reply(const Stamps&)>& make) {
  constexpr double kLeastSeconds = 1, kTimes = 9;
  const double now = clock_();
  const Stamps stamps = stamps_of(run_);
  if (made.reply.body && (made.of.all == stamps.all || (now < not_before_ && !at_once))) return;
  const auto count = [&] {
    const double end = clock_();
    not_before_ = std::max(not_before_, end) + std::max(kLeastSeconds, kTimes * (end - now));
    made.number = ++makings_;
  };
  try {
    try {
      made.reply = make(stamps);
    } catch (
        const Error&) {  // clips that a validation replaced while they were read: now all of them are there
      made.reply = make(stamps);
    }
    made.of = stamps;
    count();
  } catch (const std::exception& e) {
    count();
    made.of = {};
    made.reply = waiting(503, "The page cannot be made now: " + printable(e.what()));
  }
}

Reply LivePages::answer(const std::string& target) {
  if (target != "/" && target.rfind("/live?", 0) != 0 && target != "/live")
    return reply(404, "text/plain; charset=utf-8", "404 Not Found\n");
  if (!is_there(run_ / "config.toml"))
    return waiting(target == "/" ? 200 : 503, "The run is being prepared: models and texts are read first.");
  if (target == "/") {
    // A browser that parts sent here must not find what it had before, and be sent again.
    remake(page_, parts_.number > page_.number && parts_.of.all != page_.of.all,
           [&](const Stamps& stamps) { return reply(200, kHtml, page_of(open_runs({run_}), stamps), true); });
    return page_.reply;
  }
  remake(parts_, false, [&](const Stamps& stamps) {
    return reply(200, "application/json", live_parts(RunFolder(run_), stamps));
  });
  const bool behind = parts_.number < page_.number && parts_.of.all != page_.of.all;  // of the page
  if (parts_.reply.status == 200 && (behind || target == "/live?" + parts_.of.all))
    return {204, "text/plain", nullptr};
  return parts_.reply;
}

}  // namespace drf::report
