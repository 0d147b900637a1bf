// What a run that trains shows of itself: always what its files hold, never more work than a tenth of the
// time.
#include "drf/report/live_report.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "drf/base/error.h"
#include "drf/base/files.h"
#include "tests/support/temporary_folder.h"

namespace drf::report {
namespace {

using testing::TemporaryFolder;
using testing::write_text;

class LiveReports : public ::testing::Test {
 protected:
  Reply ask(const std::string& target) {
    now_ += step_;
    return pages_.answer(target);
  }
  std::string text(const std::string& target) {
    const Reply reply = ask(target);
    return reply.body ? *reply.body : "";
  }
  nlohmann::json parts() { return nlohmann::json::parse(text("/live")); }
  void add_line(const std::string& line) {
    lines_ += line + "\n";
    write_text(folder_ / "metrics.jsonl", lines_);
  }
  TemporaryFolder folder_;
  double now_ = 0, step_ = 100;
  LivePages pages_{folder_.path(), [this] { return now_; }};
  std::string lines_;
};

TEST_F(LiveReports, WaitForARunThatIsBeingPrepared) {
  const Reply reply = ask("/");
  EXPECT_EQ(reply.status, 200);
  EXPECT_NE(reply.body->find("http-equiv=\"refresh\""), std::string::npos);
  EXPECT_EQ(ask("/live?").status, 503);
}

TEST_F(LiveReports, FollowTheFiles) {
  write_text(folder_ / "config.toml", "seed = 7\n");
  add_line(R"({"update":1,"reward":-2.0,"seconds":1.5})");
  const Reply page = ask("/");
  EXPECT_EQ(page.status, 200);
  EXPECT_NE(page.policy.find("connect-src 'self'"), std::string::npos);
  EXPECT_NE(page.body->find(page.policy), std::string::npos);
  EXPECT_NE(page.body->find("id=\"live\""), std::string::npos);
  const auto first = parts();
  EXPECT_NE(page.body->find("data-stamp=\"" + first["stamp"].get<std::string>() + "\""), std::string::npos);
  EXPECT_EQ(first["data"]["runs"][0]["curves"]["reward"], nlohmann::json::parse("[0,[-2]]"));
  EXPECT_NE(first["cost"].get<std::string>().find("1.5"), std::string::npos);
  const std::string asked = "/live?" + first["stamp"].get<std::string>();
  EXPECT_EQ(ask(asked).status, 204);
  EXPECT_EQ(ask("/").body, page.body);  // nothing is made again

  add_line(R"({"update":2,"reward":-1.0,"seconds":1.5,"alarm/reward":-1})");
  const Reply changed = ask(asked);
  ASSERT_EQ(changed.status, 200);
  const auto second = nlohmann::json::parse(*changed.body);
  EXPECT_EQ(second["data"]["runs"][0]["curves"]["reward"], nlohmann::json::parse("[0,[-2,-1]]"));
  EXPECT_NE(second["alarms"].get<std::string>().find("out of its range"), std::string::npos);
  EXPECT_EQ(second["clips"], first["clips"]);

  write_text(folder_ / "evaluation.json", R"({"title":"<T>"})");
  EXPECT_NE(parts()["clips"], first["clips"]);
  EXPECT_NE(text("/").find("<h1>&lt;T&gt;</h1>"), std::string::npos);
}

TEST_F(LiveReports, AreNotMadeMoreOftenThanATenthOfTheTime) {
  write_text(folder_ / "config.toml", "seed = 7\n");
  add_line(R"({"update":1,"reward":1})");
  step_ = 0.25;  // the clock stands still while they are made: a second between two then
  const auto stamp = parts()["stamp"];
  add_line(R"({"update":2,"reward":1})");
  EXPECT_EQ(parts()["stamp"], stamp);
  EXPECT_EQ(parts()["stamp"], stamp);
  EXPECT_EQ(parts()["stamp"], stamp);
  EXPECT_NE(parts()["stamp"], stamp);
}

// Both share the tenth, and no browser is sent round and round between them.
TEST_F(LiveReports, ThePageIsNeverOlderThanThePartsThatSendThere) {
  write_text(folder_ / "config.toml", "seed = 7\n");
  add_line(R"({"update":1,"reward":1})");
  step_ = 0.01;
  const std::string old = text("/");
  EXPECT_EQ(ask("/live").status, 200);  // the first of its kind
  write_text(folder_ / "evaluation.json", R"({"title":"new"})");
  EXPECT_EQ(text("/"), old);
  EXPECT_NE(ask("/live").body, nullptr);
  now_ += 2;
  const auto clips = parts()["clips"];
  const std::string page = text("/");
  EXPECT_NE(page.find("data-clips=\"" + clips.get<std::string>() + "\""), std::string::npos);
  write_text(folder_ / "evaluation.json", R"({"title":"newer still"})");
  now_ += 1.5;  // the page made at once is paid for by both
  EXPECT_EQ(text("/"), page);
  now_ += 1;
  EXPECT_NE(text("/"), page);
  EXPECT_EQ(ask("/live").status, 204);  // the parts are of the page before
  now_ += 2;
  EXPECT_EQ(ask("/live").status, 200);
}

TEST_F(LiveReports, SayWhatCannotBeShownUntilItCan) {
  write_text(folder_ / "config.toml", "seed = 7\n");
  write_text(folder_ / "evaluation.json", R"({"title":"<i>","clips":[{"prompt":"p","file":"<gone>.gif"}]})");
  const Reply page = ask("/");
  EXPECT_EQ(page.status, 503);
  EXPECT_NE(page.body->find("&lt;gone&gt;.gif: no such file"), std::string::npos);
  EXPECT_NE(page.body->find("http-equiv=\"refresh\""), std::string::npos);
  write_text(folder_ / "<gone>.gif", "GIF89a");
  EXPECT_EQ(ask("/").status, 200);
}

TEST_F(LiveReports, HaveNothingElse) {
  write_text(folder_ / "config.toml", "seed = 7\n");
  for (const char* target : {"/config.toml", "/../etc/passwd", "//", "/live/", "/livex", "",
                             "http://localhost/", "/?", "/favicon.ico", "/%2e%2e/", "/.lock", "*"})
    EXPECT_EQ(ask(target).status, 404) << target;
}

}  // namespace
}  // namespace drf::report
