// Answers outlive the run that asked for them; SHA-256, which names them.
#include "drf/writer/answer_cache.h"

#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <fstream>
#include <limits>

#include "drf/base/files.h"
#include "drf/base/interrupt.h"
#include "drf/base/sha256.h"
#include "tests/support/expect_error.h"
#include "tests/support/file_size_limit.h"
#include "tests/support/temporary_folder.h"

// A file system without locks.
static bool no_locks = false;
extern "C" int flock(int file, int operation) noexcept {
  if (!no_locks) return static_cast<int>(::syscall(SYS_flock, file, operation));
  errno = ENOLCK;
  return -1;
}

namespace drf::testing {
namespace {

using namespace writer;
namespace fs = std::filesystem;

// Says what it was asked; what is "broken" fails, and after `most` answers comes a signal.
class Echo final : public TextModel {
 public:
  std::string name = "echo 1", company;
  size_t asked = 0, most = std::numeric_limits<size_t>::max();

  std::vector<TextAnswer> write(const std::vector<TextRequest>& requests, const Done& done) override {
    std::vector<TextAnswer> answers;
    for (const TextRequest& request : requests) {
      company += request.turns.back().text + ";";
      if (request.answered) {
        answers.emplace_back();
        continue;
      }
      if (asked++ == most) throw Interrupted(130);
      TextAnswer answer{.text = "",
                        .error = "",
                        .complete = request.max_tokens > 5,
                        .prompt_tokens = 3,
                        .answer_tokens = 4};
      const std::string& text = request.turns.back().text;
      (text.find("broken") == std::string::npos ? answer.text : answer.error) = "said: " + text;
      answers.push_back(answer);
      done(answers.size() - 1, answer);
    }
    return answers;
  }
  std::vector<YesNo> judge(const std::vector<TextRequest>& requests, const Judged& done) override {
    std::vector<YesNo> answers;
    for (const TextRequest& request : requests) {
      if (request.answered) {
        answers.emplace_back();
        continue;
      }
      ++asked;
      answers.push_back(request.turns.back().text == "broken"
                            ? YesNo{std::nan(""), "broken"}
                            : YesNo{1.0 / static_cast<double>(asked + 2), ""});
      done(answers.size() - 1, answers.back());
    }
    return answers;
  }
  std::string identity() const override { return name; }
};

// A cache with its file.
struct Kept {
  Kept(TextModel& model, const fs::path& path) : file(path), cache(model, file) {}
  auto write(const std::vector<TextRequest>& asked, const TextModel::Done& done) {
    return cache.write(asked, done);
  }
  auto judge(const std::vector<TextRequest>& asked, const TextModel::Judged& done) {
    return cache.judge(asked, done);
  }
  int64_t found() const { return cache.found(); }
  int64_t asked() const { return cache.asked(); }
  std::string identity() const { return cache.identity(); }

 private:
  AnswerFile file;
  AnswerCache cache;
};

TextRequest request(const std::string& text) {
  return {.turns = {{"system", "Echo."}, {"user", text}}, .schema = "{}", .max_tokens = 9};
}

std::vector<TextRequest> requests(const std::vector<std::string>& texts) {
  std::vector<TextRequest> all;
  for (const std::string& text : texts) all.push_back(request(text));
  return all;
}

TEST(Sha256, IsThatOfTheStandardsExamples) {
  EXPECT_EQ(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha256(std::string(1000000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(AnswerCache, ASecondRunAsksNothingAndGetsTheSame) {
  const TemporaryFolder folder;
  const fs::path file = folder / "deep/answers.jsonl";
  Echo model;
  std::vector<TextAnswer> first;
  std::vector<YesNo> judged;
  {
    Kept cache(model, file);
    first = cache.write(requests({"a\n\"b\"", "\xC3\xA9t\xC3\xA9", "c"}), nullptr);
    judged = cache.judge(requests({"Is it?", "c"}), nullptr);
    EXPECT_EQ(cache.asked(), 5);
  }
  EXPECT_EQ(model.asked, 5u);
  Kept cache(model, file);
  std::vector<size_t> order;
  const auto second = cache.write(requests({"c", "a\n\"b\"", "\xC3\xA9t\xC3\xA9"}),
                                  [&](size_t i, const TextAnswer&) { order.push_back(i); });
  EXPECT_EQ(order, (std::vector<size_t>{0, 1, 2}));
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(second[i].text, first[(i + 2) % 3].text);
    EXPECT_TRUE(second[i].complete);
    EXPECT_EQ(second[i].prompt_tokens, 3);
    EXPECT_EQ(second[i].answer_tokens, 4);
  }
  EXPECT_EQ(cache.judge(requests({"Is it?"}), nullptr)[0].p_yes, judged[0].p_yes);  // 1/6: to the last bit
  EXPECT_EQ(model.asked, 5u);
  EXPECT_EQ(cache.found(), 4);
  EXPECT_EQ(cache.identity(), "echo 1");
}

TEST(AnswerCache, WhateverIsOtherInARequestIsAnotherQuestion) {
  const TemporaryFolder folder;
  Echo model;
  Kept cache(model, folder / "answers.jsonl");
  const auto asks = [&](const TextRequest& r) {
    const size_t before = model.asked;
    cache.write({r}, nullptr);
    return model.asked > before;
  };
  TextRequest r = request("a");
  EXPECT_TRUE(asks(r));
  EXPECT_FALSE(asks(r));
  r.max_tokens = 10;
  EXPECT_TRUE(asks(r));
  r.schema = "";
  EXPECT_TRUE(asks(r));
  r.turns[0].role = "user";
  EXPECT_TRUE(asks(r));
  r.turns[0].text = "Echo. ";
  EXPECT_TRUE(asks(r));
  r.turns = {{"system", "Echo. user"}, {"", "a"}};
  EXPECT_TRUE(asks(r));
  model.name = "echo 2";
  EXPECT_TRUE(asks(r));
  const size_t before = model.asked;
  cache.judge({r}, nullptr);
  EXPECT_EQ(model.asked, before + 1);
  r.max_tokens = 1;  // not read by judge()
  cache.judge({r}, nullptr);
  EXPECT_EQ(model.asked, before + 1);
}

TEST(AnswerCache, ErrorsAreAskedAgainAndOneBrokenOfFiveThousandHoldsNobodyUp) {
  const TemporaryFolder folder;
  Echo model;
  std::vector<std::string> texts;
  for (int i = 0; i < 5000; ++i) texts.push_back((i == 777 ? "broken " : "ball ") + std::to_string(i));
  for (const size_t asked : {5000u, 5001u, 5002u}) {
    Kept cache(model, folder / "answers.jsonl");
    const auto answers = cache.write(requests(texts), nullptr);
    for (size_t i = 0; i < texts.size(); ++i) {
      EXPECT_EQ(answers[i].text.empty(), i == 777);
      EXPECT_EQ(answers[i].error.empty(), i != 777);
    }
    EXPECT_EQ(model.asked, asked);
  }
  Kept cache(model, folder / "answers.jsonl");
  cache.judge(requests({"broken"}), nullptr);
  cache.judge(requests({"broken"}), nullptr);
  EXPECT_EQ(model.asked, 5004u);
}

TEST(AnswerCache, WhatIsAskedTwiceAtOnceIsAskedOnce) {
  const TemporaryFolder folder;
  Echo model;
  Kept cache(model, folder / "answers.jsonl");
  std::vector<size_t> order;
  const auto answers =
      cache.write(requests({"a", "b", "a"}), [&](size_t i, const TextAnswer&) { order.push_back(i); });
  EXPECT_EQ(model.asked, 2u);
  EXPECT_EQ(order, (std::vector<size_t>{0, 2, 1}));
  EXPECT_EQ(answers[2].text, "said: a");
}

TEST(AnswerCache, AnInterruptedRunGoesOnWhereItWas) {
  const TemporaryFolder folder;
  Echo model;
  model.most = 3;
  std::vector<std::string> texts = {"a", "b", "c", "d", "e"};
  {
    Kept cache(model, folder / "answers.jsonl");
    EXPECT_THROW(cache.write(requests(texts), nullptr), Interrupted);
  }
  model.most = 100;
  model.asked = 0;
  model.company = "";
  Kept cache(model, folder / "answers.jsonl");
  EXPECT_EQ(cache.write(requests(texts), nullptr)[4].text, "said: e");
  EXPECT_EQ(model.asked, 2u);
  EXPECT_EQ(model.company, "a;b;c;d;e;") << "who else was asked does not depend on the interruption";
}

TEST(AnswerCache, ATornLineIsTakenAwayAndASpoiltOneAskedAgain) {
  const TemporaryFolder folder;
  const fs::path file = folder / "answers.jsonl";
  Echo model;
  const std::vector<std::string> texts = {"a", "b", "c"};
  { Kept(model, file).write(requests(texts), nullptr); }
  const std::string whole = read_file(file);
  // Wherever it was torn, the header too: what is asked again completes the file.
  for (size_t bytes = 0; bytes < whole.size(); bytes += 3) {
    write_text(file, whole.substr(0, bytes));
    Kept(model, file).write(requests(texts), nullptr);
    EXPECT_EQ(read_file(file), whole) << bytes;
  }
  const size_t second = whole.find("\n", whole.find("said: a")) + 1;
  for (const std::string line :
       {"7", "{", "{\"key\":3}", "{\"key\":\"k\",\"p_yes\":2}", "[[[[", "\xFF\xFE", ""}) {
    write_text(file, whole.substr(0, second) + line + "\n" + whole.substr(whole.find('\n', second) + 1));
    const size_t before = model.asked;
    Kept cache(model, file);
    EXPECT_EQ(cache.write(requests(texts), nullptr)[1].text, "said: b");
    EXPECT_EQ(model.asked, before + 1) << line;
  }
}

TEST(AnswerFile, KeepsWhatACriticSaidToTheLastBit) {
  const TemporaryFolder folder;
  const fs::path file = folder / "answers.jsonl";
  const AnswerFile::Logprobs said = {-1.0 / 3, -1e-300, 0};
  AnswerFile(file).put("k", said);
  const AnswerFile kept(file);
  ASSERT_NE(kept.find<AnswerFile::Logprobs>("k"), nullptr);
  EXPECT_EQ(*kept.find<AnswerFile::Logprobs>("k"), said);
  EXPECT_EQ(kept.find<YesNo>("k"), nullptr) << "of another kind";
  EXPECT_EQ(kept.find<AnswerFile::Logprobs>("other"), nullptr);
}

TEST(AnswerCache, AFileThatIsSomethingElseIsRefusedAndLeftAsItIs) {
  const TemporaryFolder folder;
  Echo model;
  for (const std::string bytes :
       {"a ball rolls\na cat", "{\"prompt\": \"a\"}\n", "{\"drf\":\"answers\",\"version\":2}\n"}) {
    write_text(folder / "prompts.txt", bytes);
    EXPECT_TRUE(
        says(error_of(ErrorKind::kInput, [&] { Kept(model, folder / "prompts.txt"); }), "prompts.txt"));
    EXPECT_EQ(read_file(folder / "prompts.txt"), bytes);
  }
  EXPECT_TRUE(says(error_of(ErrorKind::kInput, [&] { Kept(model, folder.path()); }), "folder"));
}

TEST(AnswerCache, TwoRunsDoNotShareAFile) {
  const TemporaryFolder folder;
  Echo model;
  const fs::path file = folder / "answers.jsonl";
  {
    const Kept cache(model, file);
    EXPECT_TRUE(says(error_of(ErrorKind::kConfig, [&] { Kept(model, file); }), "answers.jsonl is in use by"));
  }
  const Kept cache(model, file);
}

TEST(AnswerCache, WhereNoFileCanBeLockedNoneIsKept) {
  const TemporaryFolder folder;
  Echo model;
  no_locks = true;
  const std::string message = error_of(ErrorKind::kResources, [&] { Kept(model, folder / "answers.jsonl"); });
  no_locks = false;
  EXPECT_TRUE(says(message, "answers.jsonl.lock: this file system has no locks"));
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST(AnswerCache, AFullDiskIsSaidAndLeavesWholeLines) {
  const TemporaryFolder folder;
  const fs::path file = folder / "answers.jsonl";
  Echo model;
  std::vector<std::string> texts;
  for (int i = 0; i < 50; ++i) texts.push_back("ball " + std::to_string(i));
  {
    Kept cache(model, file);
    const FileSizeLimit limit(2000);
    EXPECT_TRUE(says(error_of(ErrorKind::kResources, [&] { cache.write(requests(texts), nullptr); }),
                     "answers.jsonl"));
  }
  EXPECT_TRUE(read_file(file).ends_with("}\n"));
  Kept cache(model, file);
  EXPECT_EQ(cache.write(requests(texts), nullptr)[49].text, "said: ball 49");
}

}  // namespace
}  // namespace drf::testing
