// A model behind a server, and all that can go wrong on the way there: against a server that does it on
// request (fault_server.py). tests/run/real_endpoint.py asks a real one.
#include "drf/writer/endpoint.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <new>
#include <set>
#include <thread>

#include "drf/base/interrupt.h"
#include "tests/support/expect_error.h"
#include "tests/support/fault_server.h"

// Memory that is not there for whoever wants more than this at once.
static std::atomic<size_t> most_at_once = std::numeric_limits<size_t>::max();
[[gnu::noinline]] void* operator new(size_t bytes) {
  void* memory = bytes > most_at_once ? nullptr : std::malloc(bytes > 0 ? bytes : 1);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, size_t) noexcept { std::free(memory); }

namespace drf::testing {
namespace {

using writer::EndpointOptions;
using writer::TextAnswer;
using writer::TextModel;
using writer::TextRequest;
using writer::YesNo;

const char* const kSchema =
    R"({"type": "object", "properties": {"said": {"type": "string"}}, "required": ["said"], )"
    R"("additionalProperties": false})";
const char* const kKey = "sk-very-secret-0123456789";

FaultServer& server() {
  static FaultServer one;
  return one;
}

EndpointOptions options_for(const std::string& way) {
  EndpointOptions options;
  options.url = server().url(way);
  options.model = "small";
  options.limits.idle_s = 10;  // of a machine that does much else
  options.limits.total_s = 30;
  options.limits.reply_bytes = 1 << 20;
  options.retry.tries = 3;
  options.retry.first_wait_s = 0.02;
  return options;
}

std::vector<TextRequest> requests_for(const std::vector<std::string>& texts,
                                      const std::string& schema = kSchema) {
  std::vector<TextRequest> requests;
  for (const std::string& text : texts)
    requests.push_back(
        {.turns = {{"system", "Say it again."}, {"user", text}}, .schema = schema, .max_tokens = 77});
  return requests;
}

TextAnswer ask(const EndpointOptions& options, const std::string& text, const std::string& schema = kSchema) {
  size_t calls = 0;
  const auto answers = writer::open_endpoint(options)->write(requests_for({text}, schema),
                                                             [&](size_t, const TextAnswer&) { ++calls; });
  EXPECT_EQ(calls, 1u);
  const TextAnswer answer = answers.at(0);
  EXPECT_EQ(answer.error.find('\n'), std::string::npos) << answer.error;
  EXPECT_NE(answer.text.empty(), answer.error.empty());
  return answer;
}

TextAnswer ask(const std::string& way, const std::string& text, const std::string& schema = kSchema) {
  return ask(options_for(way), text, schema);
}

YesNo judge(const std::string& way, const std::string& text) {
  return writer::open_endpoint(options_for(way))->judge(requests_for({text}, ""), nullptr).at(0);
}

struct Variable {
  std::string name;
  Variable(const std::string& its_name, const std::string& value) : name(its_name) {
    ::setenv(name.c_str(), value.c_str(), 1);
  }
  ~Variable() { ::unsetenv(name.c_str()); }
};

std::string said(const std::string& text) { return R"({"said": ")" + text + "\"}"; }

TEST(Endpoint, EachAnswerGoesToItsRequestHoweverManyAreAskedAtOnce) {
  std::vector<std::string> texts;
  for (int i = 0; i < 40; ++i) texts.push_back("a ball, number " + std::to_string(i));
  EndpointOptions options = options_for("ok");
  options.parallel = 8;
  std::set<size_t> done;
  const auto model = writer::open_endpoint(options);
  const auto answers = model->write(requests_for(texts), [&](size_t i, const TextAnswer& answer) {
    EXPECT_TRUE(done.insert(i).second) << i;
    EXPECT_EQ(answer.text, said(texts[i]));
  });
  EXPECT_EQ(done.size(), texts.size());
  for (size_t i = 0; i < texts.size(); ++i) EXPECT_EQ(answers.at(i).text, said(texts[i]));
  EXPECT_TRUE(answers[0].complete);
  EXPECT_EQ(answers[0].prompt_tokens, 7);
  EXPECT_EQ(answers[0].answer_tokens, 5);
  EXPECT_EQ(server().asked("ok").size(), texts.size());
  EXPECT_TRUE(model->write({}, nullptr).empty());
}

TEST(Endpoint, TheRequestIsTheProtocolsAndTheKeyStandsInItsHeaderAlone) {
  EndpointOptions options = options_for("slow");
  options.key = kKey;
  options.key_env = "MY_KEY";
  options.url += "/";  // as people write it
  const auto model = writer::open_endpoint(options);
  model->write(requests_for({"a key"}), nullptr);
  EXPECT_EQ(model->identity().find(kKey), std::string::npos);
  EXPECT_TRUE(says(model->identity(), "small"));
  EXPECT_TRUE(says(model->identity(), "protocol 1"));  // of the code that asks: its answers are told apart
  EXPECT_TRUE(says(model->identity(), server().url("slow")));
  const auto asked = server().asked("slow");
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_EQ(asked[0]["path"], "/slow/v1/chat/completions");
  EXPECT_EQ(asked[0]["key"], std::string("Bearer ") + kKey);
  EXPECT_EQ(asked[0]["body"].dump().find(kKey), std::string::npos);
  EXPECT_EQ(asked[0]["body"]["model"], "small");
  EXPECT_EQ(asked[0]["body"]["max_tokens"], 77);
  EXPECT_EQ(asked[0]["body"]["temperature"], 0);
  EXPECT_EQ(asked[0]["body"]["messages"],
            nlohmann::json::parse(
                R"([{"role": "system", "content": "Say it again."}, {"role": "user", "content": "a key"}])"));
  EXPECT_EQ(asked[0]["body"]["response_format"]["json_schema"]["schema"], nlohmann::json::parse(kSchema));
}

TEST(Endpoint, WhereTheServerRepeatsTheKeyItIsNotShown) {
  EndpointOptions options = options_for("repeats_key");
  options.key = kKey;
  EXPECT_EQ(ask(options, "my key?", "").text, "You sent Bearer [key]");
  EXPECT_EQ(ask(options, "my key?").error.find(kKey), std::string::npos);
  options.key = "short";  // a word, as local servers take: an answer may hold it
  EXPECT_EQ(ask(options, "my key?", "").text, "You sent Bearer short");
}

TEST(Endpoint, TheProxyIsThatOfTheEnvironment) {
  EndpointOptions options = options_for("ok");
  const std::string proxy = server().url("ok").substr(0, server().url("ok").find("/ok"));
  options.url = "http://no-such-host.invalid/ok/v1";
  const Variable variable("http_proxy", proxy);
  const TextAnswer answer = ask(options, "through a proxy");
  EXPECT_EQ(answer.text, said("through a proxy"));
  EXPECT_EQ(server().asked("ok").back()["path"], "http://no-such-host.invalid/ok/v1/chat/completions");
}

TEST(Endpoint, ThePasswordOfAProxyIsNotShown) {
  EndpointOptions options = options_for("ok");
  options.url = "http://no-such-host.invalid/v1";
  for (const char* proxy :
       {"http://me:hu/sh@h:1", "what://me:hush@h:1", "http://me:hush@no-such-proxy.invalid:1"}) {
    const Variable variable("http_proxy", proxy);
    const std::string message = error_of(ErrorKind::kResources, [&] { ask(options, "a ball"); });
    EXPECT_TRUE(says(message, "cannot be reached"));
    EXPECT_TRUE(says(message, "http_proxy"));
    for (const char* secret : {"me:", "hu/sh", "hush"})
      EXPECT_EQ(message.find(secret), std::string::npos) << message;
  }
}

TEST(Endpoint, AServerOnThisMachineIsAskedWithoutAProxy) {
  EndpointOptions options = options_for("ok");
  options.key = kKey;
  const std::string port = options.url.substr(options.url.rfind(':'));
  for (const char* name : {"http_proxy", "all_proxy"}) {
    const Variable variable(name, "http://127.0.0.1:1");  // nobody listens there
    for (const char* host : {"http://127.0.0.1", "http://LocalHost"}) {
      options.url = host + port;
      EXPECT_EQ(ask(options, "without a proxy").text, said("without a proxy"));
    }
  }
}

TEST(Endpoint, AKeyThatLeavesThisMachineInClearIsWarnedOf) {
  const auto is_warned = [](const char* url) {
    EndpointOptions options = options_for("ok");
    options.url = url;
    options.key = kKey;
    options.key_env = "MY_KEY";
    ::testing::internal::CaptureStderr();
    writer::open_endpoint(options);
    return says(::testing::internal::GetCapturedStderr(), "MY_KEY goes to");
  };
  for (const char* url :
       {"http://far.example/v1", "http://127.example.com/v1", "http://localhost.evil.net:80/v1",
        "http://127.0.0.1.nip.io", "http://[::2]:8080/v1", "http://[::1]evil/v1", "http://10.0.0.1"})
    EXPECT_TRUE(is_warned(url)) << url;
  for (const char* url : {"https://far.example/v1", "http://localhost/v1", "http://LOCALHOST:8080",
                          "http://127.9.8.7:1/v1", "http://[::1]:8080/v1", "http://[::ffff:127.0.0.1]/v1"})
    EXPECT_FALSE(is_warned(url)) << url;
}

TEST(Endpoint, WithoutASchemaTheAnswerIsFreeText) {
  EXPECT_EQ(ask("ok", "hello", "").text, "You said: hello");
  EXPECT_EQ(ask("thinks", "hello", "").text, said("done"));
}

TEST(Endpoint, WhatPassesIsAskedAgain) {
  for (const char* way : {"fails_once", "slow_once", "cuts_once"}) {
    EndpointOptions options = options_for(way);
    options.limits.idle_s = 2;
    EXPECT_EQ(ask(options, "a ball").text, said("a ball")) << way;
    EXPECT_EQ(server().asked(way).size(), 2u) << way;
  }
}

TEST(Endpoint, AServerThatIsBusyIsLeftAloneForAsLongAsItAsks) {
  EXPECT_EQ(ask("busy_once", "a ball").text, said("a ball"));
  const auto asked = server().asked("busy_once");
  ASSERT_EQ(asked.size(), 2u);
  EXPECT_GE(asked[1]["time"].get<double>() - asked[0]["time"].get<double>(), 0.99);

  // By all requests: only the two that were sent at once come before it is over.
  EndpointOptions options = options_for("busy_for_first");
  options.parallel = 2;
  writer::open_endpoint(options)->write(requests_for({"one", "two", "three", "four"}), nullptr);
  const auto all = server().asked("busy_for_first");
  ASSERT_EQ(all.size(), 5u);
  for (size_t i = 2; i < all.size(); ++i)
    EXPECT_GE(all[i]["time"].get<double>() - all[0]["time"].get<double>(), 0.99) << all[i]["text"];
}

TEST(Endpoint, WhatDoesNotPassIsAnErrorAfterSoManyTries) {
  const std::pair<const char*, const char*> cases[] = {
      {"fails", "answers 503 (out of breath) (2 tries)"},
      {"stops", "does not answer in time: no byte for 0.5 seconds"},
      {"drips", "does not answer in time"},
      {"no_http", "breaks off"}};
  for (const auto& [way, part] : cases) {
    EndpointOptions options = options_for(way);
    options.retry.tries = 2;
    if (std::string(way) == "drips") options.limits.total_s = 0.5;
    if (std::string(way) == "stops") options.limits.idle_s = 0.5;
    EXPECT_TRUE(says(ask(options, "a ball").error, part));
    EXPECT_EQ(server().asked(way).size(), 2u) << way;
  }
  EXPECT_TRUE(says(ask("hangs_up", "a ball").error, "breaks off"));
  EXPECT_GE(server().asked("hangs_up").size(), 3u);
}

TEST(Endpoint, AnAnswerThatIsNoneIsAnErrorOfThatAnswerAndIsNotAskedAgain) {
  const std::pair<const char*, const char*> cases[] = {
      {"nonsense", "is no JSON: a fault at byte 1"},
      {"big", "more than 1048576 bytes"},
      {"deep", "nested deeper than 64"},
      {"deep_content", "nested deeper than 64"},
      {"shape", "no choices"},
      {"content_list", "no text but array"},
      {"cut_short", "cut at 77 tokens"},
      {"refuses", "refuses: I cannot help\\nwith that"},
      {"filtered", "content filter"},
      {"empty", "is empty"},
      {"thinks_on", "is empty and cut at 77 tokens"},
      {"error_in_200", "the model fell over"},
      {"other_json", "an object was wanted, got array"},
  };
  for (const auto& [way, part] : cases) {
    const TextAnswer answer = ask(way, "a ball");
    EXPECT_TRUE(says(answer.error, part)) << way;
    EXPECT_EQ(answer.error.find('\x1b'), std::string::npos) << way;
    EXPECT_EQ(server().asked(way).size(), 1u) << way;
  }
}

TEST(Endpoint, AnErrorInA200IsTakenAsTheErrorThatItIs) {
  EXPECT_EQ(ask("limit_in_200_once", "a ball").text, said("a ball"));
  EXPECT_EQ(server().asked("limit_in_200_once").size(), 2u);
  EXPECT_TRUE(
      says(error_of(ErrorKind::kResources, [] { ask("no_credit_in_200", "a ball"); }), "no credit left"));
  EndpointOptions options = options_for("no_format_in_200");
  options.parallel = 1;
  const auto answers = writer::open_endpoint(options)->write(requests_for({"one", "two"}), nullptr);
  EXPECT_EQ(answers[0].text, said("one"));
  EXPECT_EQ(answers[1].text, said("two"));
  EXPECT_EQ(server().asked("no_format_in_200").size(), 3u) << "what did not work was learnt";
}

TEST(Endpoint, AnAnswerThatIsNoneTeachesNothing) {
  EndpointOptions options = options_for("stumbles_on");
  options.parallel = 1;
  writer::open_endpoint(options)->write(requests_for({"broken", "whole"}), nullptr);
  const auto asked = server().asked("stumbles_on");
  ASSERT_EQ(asked.size(), 3u);
  EXPECT_EQ(asked.back()["body"]["response_format"]["type"], "json_schema");
}

TEST(Endpoint, ThoughtsFencesAndWordsAroundTheDocumentAreCut) {
  EXPECT_EQ(ask("thinks", "a ball").text, said("done"));
  EXPECT_EQ(ask("fences", "a ball").text, said("done"));
}

TEST(Endpoint, OneBrokenRequestLeavesTheOthersAnswered) {
  for (const char* way : {"too_long_for_some", "fails_for_some"}) {
    std::vector<std::string> texts;
    for (int i = 0; i < 30; ++i) texts.push_back((i == 11 ? "broken " : "whole ") + std::to_string(i));
    const auto answers = writer::open_endpoint(options_for(way))->write(requests_for(texts), nullptr);
    for (size_t i = 0; i < texts.size(); ++i)
      EXPECT_EQ(answers[i].error.empty(), i != 11) << answers[i].error;
  }
  EXPECT_EQ(server().asked("too_long_for_some").size(), 30u);
  EXPECT_EQ(server().asked("fails_for_some").size(), 32u);
  // Many may be broken, as long as others are answered.
  EndpointOptions options = options_for("fails_for_some");
  options.parallel = 1;
  options.retry.first_wait_s = 0.001;
  std::vector<std::string> texts;
  for (int i = 0; i < 24; ++i)
    texts.push_back((i % 2 == 0 ? "broken too " : "whole too ") + std::to_string(i));
  writer::open_endpoint(options)->write(requests_for(texts), nullptr);
  EXPECT_EQ(server().asked("fails_for_some").size(), 32u + 12 + 3 * 12);
}

TEST(Endpoint, AServerThatStallsOnAConnectionUsedBeforeIsStillThere) {
  EndpointOptions options = options_for("stops_for_some");
  options.parallel = 1;
  options.retry.tries = 1;
  options.limits.idle_s = 0.5;
  const auto answers =
      writer::open_endpoint(options)->write(requests_for({"whole", "broken", "whole too"}), nullptr);
  EXPECT_TRUE(says(answers[1].error, "does not answer in time"));
  EXPECT_EQ(answers[2].text, said("whole too"));
}

TEST(Endpoint, AServerThatOnlyFailsIsLeftAfterAWhile) {
  std::vector<std::string> texts;
  for (int i = 0; i < 60; ++i) texts.push_back("ball " + std::to_string(i));
  const auto stops = [&](const std::string& way, const std::string& why) {
    const size_t before = server().asked(way).size();
    EndpointOptions options = options_for(way);
    if (way == "stops") options.limits.idle_s = 0.2;
    size_t lost = 0;
    const std::string message = error_of(ErrorKind::kResources, [&] {
      writer::open_endpoint(options)->write(requests_for(texts), [&](size_t, const TextAnswer& answer) {
        ++lost;
        EXPECT_TRUE(says(answer.error, why));
      });
    });
    EXPECT_TRUE(says(message, why));
    EXPECT_TRUE(says(message, "32 requests in a row"));
    // Without a completion the last waits for a request that says nothing.
    EXPECT_EQ(lost, way == "fails" || way == "stops" ? 32u : 31u);
    return server().asked(way).size() - before;
  };
  for (const auto& [way, why] :
       {std::pair("fails", "out of breath"), std::pair("stops", "no byte for 0.2 seconds")}) {
    // Three tries for eight, and for those begun by then; one for the others, four of which may be on their
    // way.
    const size_t asked = stops(way, why);
    EXPECT_GE(asked, 32u + 2 * 8) << way;
    EXPECT_LE(asked, 32u + 2 * (8 + 3) + 4) << way;
  }
  EXPECT_LE(stops("nonsense", "is no JSON"), 32u + 4);
  EXPECT_LE(stops("error_in_200", "the model fell over"), 32u + 4);
  EXPECT_LE(stops("shape", "no choices"), 32u + 4);
}

TEST(Endpoint, WhereNoRequestCanSucceedOneLineSaysWhy) {
  struct Case {
    const char *way, *part, *remedy;
  };
  for (const Case& c : {Case{"wrong_key", "answers 401 (Incorrect key: Bearer [key])", "the key in MY_KEY"},
                        Case{"no_model", "answers 404 (no model small)", "correct writer.model"},
                        Case{"nowhere", "answers 404", "writer.url"},
                        Case{"no_credit", "exceeded your current quota", "no credit left"},
                        Case{"busy_for_hours", "answers 429 (slowly)", "come back in 2 h 00 min"},
                        Case{"moved", "answers 301", "set writer.url"}}) {
    EndpointOptions options = options_for(c.way);
    options.key = kKey;
    options.key_env = "MY_KEY";
    options.parallel = 1;
    const size_t elsewhere = server().asked("ok").size();
    const std::string message = error_of(ErrorKind::kResources, [&] {
      writer::open_endpoint(options)->write(requests_for({"one", "two", "three"}), nullptr);
    });
    EXPECT_TRUE(says(message, c.part));
    EXPECT_TRUE(says(message, c.remedy));
    EXPECT_TRUE(says(message, "0 of 3 requests were answered"));
    EXPECT_EQ(message.find(kKey), std::string::npos);
    EXPECT_EQ(server().asked(c.way).size(), 1u) << c.way;
    EXPECT_EQ(server().asked("ok").size(), elsewhere) << "the key went along";
  }
  EXPECT_TRUE(says(error_of(ErrorKind::kResources, [] { ask("wrong_key", "without"); }), "writer.key_env"));
}

// One text that a server moderates is that text's matter, be it the first one; a server that refuses whatever
// it is asked is left at once.
TEST(Endpoint, ARefusalIsOfOneTextWhereTheServerServesUs) {
  for (const char* broken : {"broken", "badly broken"}) {
    for (const size_t parallel : {1u, 4u}) {
      EndpointOptions options = options_for("moderates");
      options.parallel = static_cast<int64_t>(parallel);
      std::vector<std::string> texts;
      for (int i = 0; i < 60; ++i)
        texts.push_back(concat(i < 9 || i > 15 ? broken : "whole", " ", i, " of ", parallel));
      const auto model = writer::open_endpoint(options);
      const auto answers = model->write(requests_for(texts), nullptr);
      for (size_t i = 0; i < texts.size(); ++i) {
        EXPECT_EQ(answers[i].error.empty(), i >= 9 && i <= 15) << i << answers[i].error;
        EXPECT_TRUE(i >= 9 || says(answers[i].error, "(Input flagged)"));
      }
      // And where it is judged, by the same model.
      const auto judged = model->judge(requests_for(texts), nullptr);
      for (size_t i = 0; i < texts.size(); ++i) EXPECT_EQ(judged[i].error.empty(), i >= 9 && i <= 15) << i;
    }
  }
  EXPECT_TRUE(says(ask("moderates_and_says_so", "broken").error, "answers 400 (filtered)"));
  EXPECT_EQ(server().asked("moderates_and_says_so").size(), 1u) << "no other form mends that";
  for (const char* way : {"forbidden", "bad_request"}) {
    EndpointOptions options = options_for(way);
    options.key_env = "MY_KEY";
    const std::string message = error_of(ErrorKind::kResources, [&] {
      writer::open_endpoint(options)->write(
          requests_for({"one", "two", "three", "four", "five", "six", "seven"}, ""), nullptr);
    });
    EXPECT_TRUE(says(message, std::string(way) == "forbidden" ? "answers 403 (Not yours); the key in MY_KEY"
                                                              : "answers 400 (No)"));
    EXPECT_TRUE(says(message, "0 of 7 requests were answered"));
    const auto asked = server().asked(way);
    EXPECT_LE(asked.size(), 5u) << "those on their way, and one that says nothing";
    EXPECT_EQ(
        std::count_if(asked.begin(), asked.end(), [](const auto& r) { return r["text"] == "Say yes."; }), 1);
  }
}

// Routers tell of a text that they do not pass on with 200: no failure of the server, however many in a row.
TEST(Endpoint, A200WithoutACompletionIsOfOneTextWhereTheServerServesUs) {
  for (const char* way : {"moderates_in_200", "moderates_in_silence"}) {
    for (const int64_t parallel : {1, 4, 64}) {
      for (const int64_t first : {0, 1}) {  // before any other, as in a run that goes on; after one
        EndpointOptions options = options_for(way);
        options.parallel = parallel;
        options.retry.tries = 2;
        std::vector<std::string> texts;
        for (int64_t i = 0; i < 70; ++i)
          texts.push_back(
              concat(i < first || i >= 50 ? "whole" : "broken", " ", i, " ", parallel, " ", first));
        texts[55] = "late " + texts[55];
        const auto answers = writer::open_endpoint(options)->write(requests_for(texts), nullptr);
        for (size_t i = 0; i < texts.size(); ++i)
          EXPECT_EQ(answers[i].error.empty(), texts[i].find("broken") == std::string::npos)
              << way << " " << texts[i] << answers[i].error;
      }
    }
  }
  // Nor does it take the tries of those that come after.
  for (const char* way : {"moderates_in_200", "moderates_in_silence"}) {
    EndpointOptions options = options_for(way);
    options.parallel = 1;
    std::vector<std::string> texts = {"whole again"};
    for (int i = 0; i < 12; ++i) texts.push_back(concat("broken again ", i));
    texts.push_back("late again");
    EXPECT_EQ(writer::open_endpoint(options)->write(requests_for(texts), nullptr).back().error, "") << way;
  }
}

TEST(Endpoint, AServerThatIsNotThereIsSaidAtOnceAndOneThatLeavesAfterAWhile) {
  FaultServer leaves;
  EndpointOptions options = options_for("ok");
  options.url = leaves.url("ok");
  options.parallel = 1;
  options.retry.tries = 2;
  size_t answered = 0;
  const std::string message = error_of(ErrorKind::kResources, [&] {
    writer::open_endpoint(options)->write(requests_for({"one", "two", "three"}),
                                          [&](size_t, const TextAnswer&) {
                                            if (++answered == 2) leaves.stop();
                                          });
  });
  EXPECT_TRUE(says(message, "cannot be reached"));
  EXPECT_TRUE(says(message, "2 of 3"));
  EXPECT_EQ(answered, 2u);
  options.retry.first_wait_s = 1e6;  // no wait
  EXPECT_TRUE(says(error_of(ErrorKind::kResources, [&] { ask(options, "a ball"); }), "start the server"));
  options.url = "http://no-such-host.invalid/v1";
  EXPECT_TRUE(says(error_of(ErrorKind::kResources, [&] { ask(options, "a ball"); }), "no-such-host.invalid"));
}

TEST(Endpoint, ACertificateThatNobodyVouchesForIsNotTrusted) {
  const FaultServer tls(/*tls=*/true);
  EndpointOptions options = options_for("ok");
  options.url = tls.url("ok");
  options.key = kKey;
  EXPECT_TRUE(says(error_of(ErrorKind::kResources, [&] { ask(options, "a ball"); }), "cannot be trusted"));
  EXPECT_TRUE(tls.asked("ok").empty());
}

TEST(Endpoint, WhatTheServerDoesNotTakeIsSaidInAnotherForm) {
  const auto model = writer::open_endpoint(options_for("no_schema"));
  ::testing::internal::CaptureStderr();
  const auto answers = model->write(requests_for({"one", "two", "three", "four", "five", "six"}), nullptr);
  const std::string log = ::testing::internal::GetCapturedStderr();
  EXPECT_TRUE(says(log, "json_object with the schema in it is sent instead"));
  EXPECT_EQ(log.find("does not take"), log.rfind("does not take")) << log;
  for (const TextAnswer& answer : answers) EXPECT_TRUE(says(answer.text, "said"));
  size_t refused = 0;
  for (const auto& request : server().asked("no_schema")) {
    const nlohmann::json& format = request["body"]["response_format"];
    refused += format["type"] == "json_schema";
    if (format["type"] == "json_object") {
      EXPECT_EQ(format["schema"], nlohmann::json::parse(kSchema));
    }
  }
  EXPECT_EQ(refused, 4u);  // those that were asked at once, before one was answered
  EXPECT_EQ(server().asked("no_schema").size(), 10u);
  ::testing::internal::CaptureStderr();
  model->write(requests_for({"another"}, R"({"type": "object"})"), nullptr);
  EXPECT_EQ(::testing::internal::GetCapturedStderr().find("does not take"), std::string::npos)
      << "said twice";

  EndpointOptions one_by_one = options_for("stumbles");
  one_by_one.parallel = 1;
  writer::open_endpoint(one_by_one)->write(requests_for({"one", "broken", "three"}), nullptr);
  const auto asked = server().asked("stumbles");
  ASSERT_EQ(asked.size(), 4u);
  EXPECT_EQ(asked.back()["body"]["response_format"]["type"], "json_schema") << "one refusal changed them all";

  EXPECT_EQ(ask("no_format", "a ball").text, said("a ball"));
  const std::string told = server().asked("no_format").back()["text"];
  EXPECT_TRUE(says(told, kSchema));

  EXPECT_EQ(ask("new_names", "a ball").text, said("a ball"));
  const nlohmann::json body = server().asked("new_names").back()["body"];
  EXPECT_EQ(body["max_completion_tokens"], 77);
  EXPECT_FALSE(body.contains("max_tokens"));
  EXPECT_FALSE(body.contains("temperature"));
}

TEST(Endpoint, ARefusalThatRepeatsTheRequestTakesNoTemperatureFromIt) {
  for (const char* way : {"repeats_as_fastapi", "repeats_in_words"}) {
    EXPECT_EQ(ask(way, "a ball").text, said("a ball")) << way;
    for (const auto& request : server().asked(way))
      EXPECT_EQ(request["body"].value("temperature", -1), 0) << way;
  }
  // Where it is taken away, that is said once, and never claimed.
  const auto model = writer::open_endpoint(options_for("new_names"));
  ::testing::internal::CaptureStderr();
  model->write(requests_for({"one", "two", "three", "four", "five"}), nullptr);
  const std::string log = ::testing::internal::GetCapturedStderr();
  EXPECT_TRUE(says(log, "does not take temperature 0"));
  EXPECT_EQ(log.find("temperature"), log.rfind("temperature")) << log;
  EXPECT_EQ(model->identity().find("temperature"), std::string::npos);
}

TEST(Endpoint, YesIsReadFromProbabilitiesOrElseAsWritten) {
  EXPECT_NEAR(judge("ok", "Is it red?").p_yes, 0.6 / 0.8, 1e-12);
  const nlohmann::json body = server().asked("ok").back()["body"];
  EXPECT_EQ(body["max_tokens"], 1);
  EXPECT_EQ(body["top_logprobs"], 20);
  EXPECT_FALSE(body.contains("response_format"));

  EXPECT_NEAR(judge("few_logprobs", "Is it red?").p_yes, 0.6 / 0.8, 1e-12);
  EXPECT_EQ(judge("no_logprobs", "Is it red?").p_yes, 1);
  EXPECT_EQ(judge("no_logprobs", "Is it green?").p_yes, 0);
  EXPECT_EQ(judge("logprobs_fail", "Is it red?").p_yes, 0);
  const YesNo failed = judge("fails", "Is it red?");
  EXPECT_TRUE(std::isnan(failed.p_yes));
  EXPECT_TRUE(says(failed.error, "out of breath"));
  EXPECT_TRUE(std::isnan(judge("shape", "Is it red?").p_yes));
}

TEST(Endpoint, OneQuestionWithoutAYesAmongTheTokensDoesNotTakeTheOthersProbabilities) {
  EndpointOptions options = options_for("unsure");
  options.parallel = 1;
  const auto answers =
      writer::open_endpoint(options)->judge(requests_for({"Is it green?", "Is it red?"}, ""), nullptr);
  EXPECT_EQ(answers[0].p_yes, 0);
  EXPECT_NEAR(answers[1].p_yes, 0.75, 1e-12);
  EXPECT_EQ(server().asked("unsure").size(), 3u);
}

TEST(Endpoint, WhatIsWithheldDoesNotTakeTheOthersProbabilities) {
  EndpointOptions options = options_for("withholds_some");
  options.parallel = 1;
  const auto answers = writer::open_endpoint(options)->judge(
      requests_for({"Is it green?", "Is it blue?", "Is it gray?", "Is it red?"}, ""), nullptr);
  for (size_t i = 0; i < 3; ++i) EXPECT_FALSE(answers[i].error.empty());
  EXPECT_NEAR(answers[3].p_yes, 0.75, 1e-12);
}

TEST(Endpoint, NoMoreRequestsBeginInAMinuteThanAllowed) {
  EndpointOptions options = options_for("ok");
  options.requests_per_minute = 300;
  const size_t before = server().asked("ok").size();
  writer::open_endpoint(options)->write(requests_for({"r1", "r2", "r3", "r4"}), nullptr);
  const auto asked = server().asked("ok");
  ASSERT_EQ(asked.size(), before + 4);
  EXPECT_GE(asked[before + 3]["time"].get<double>() - asked[before]["time"].get<double>(), 0.55);
}

TEST(Endpoint, ASignalEndsItAtOnceAndWhatWasAnsweredIsKnown) {
  EndpointOptions options = options_for("ok");
  options.parallel = 2;
  options.limits.idle_s = 60;
  options.limits.total_s = 60;
  const std::vector<TextRequest> requests = requests_for({"one", "two", "three", "four", "five", "six"});
  {
    const Interrupt interrupt;
    size_t answered = 0;
    EXPECT_THROW(writer::open_endpoint(options)->write(requests,
                                                       [&](size_t, const TextAnswer&) {
                                                         if (++answered == 3) ::raise(SIGINT);
                                                       }),
                 Interrupted);
    EXPECT_GE(answered, 3u);
    EXPECT_LT(answered, 6u);
  }
  const Interrupt interrupt;
  options.url = server().url("stops");  // nothing comes for 30 s
  const size_t before = server().asked("stops").size();
  std::thread impatient([&] {
    while (server().asked("stops").size() == before)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    ::kill(::getpid(), SIGINT);
  });
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_THROW(writer::open_endpoint(options)->write(requests, nullptr), Interrupted);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(15));
  impatient.join();
}

TEST(Endpoint, ReplyWithoutMemoryEndsItAndNoParallelismFillsIt) {
  EndpointOptions options = options_for("big");  // 3 MiB
  options.limits.reply_bytes = 8 << 20;
  const size_t before = server().asked("big").size();
  most_at_once = 1 << 20;
  const std::string message = error_of(ErrorKind::kResources, [&] { ask(options, "a ball", ""); });
  most_at_once = std::numeric_limits<size_t>::max();
  EXPECT_TRUE(says(message, "no memory for a reply"));
  EXPECT_EQ(server().asked("big").size(), before + 1);
  EXPECT_EQ(ask(options, "a ball", "").text.size(), size_t{3} << 20);
  options.parallel = 256;
  EXPECT_TRUE(says(ask(options, "a ball", "").error, "more than 1048576 bytes"));
}

TEST(Endpoint, WhatTheCallbackThrowsEndsTheCall) {
  EXPECT_THROW(writer::open_endpoint(options_for("ok"))
                   ->write(requests_for({"one", "two", "three"}),
                           [](size_t, const TextAnswer&) { throw std::runtime_error("full disk"); }),
               std::runtime_error);
}

TEST(Endpoint, SettingsThatCannotWorkAreRefusedWithoutShowingASecret) {
  const auto message = [](const std::function<void(EndpointOptions&)>& change) {
    EndpointOptions options = options_for("ok");
    options.key_env = "MY_KEY";
    change(options);
    return error_of(ErrorKind::kConfig, [&] { writer::open_endpoint(options); });
  };
  EXPECT_TRUE(says(message([](auto& o) { o.url = "127.0.0.1:8080/v1"; }), "http://HOST"));
  EXPECT_TRUE(says(message([](auto& o) { o.url = "file:///etc/passwd"; }), "http://HOST"));
  EXPECT_TRUE(says(message([](auto& o) { o.url = "http:///v1"; }), "http://HOST"));
  EXPECT_TRUE(says(message([](auto& o) { o.url = "http://host/v1?key=7"; }), "nothing behind"));
  const std::string inside = message([](auto& o) { o.url = "https://me:hush@host/v1"; });
  EXPECT_TRUE(says(inside, "writer.key_env"));
  EXPECT_EQ(inside.find("hush"), std::string::npos);
  for (const char* url :
       {"me:hush@10.0.0.1:8000/v1", "https://me:p#hush@host/v1", "https://me:p?hush@host/v1",
        "ftp://me:hush@host/v1", "https://host/v1?api-key=hush", "host/v1#hush"}) {
    const std::string refusal = message([&](auto& o) { o.url = url; });
    EXPECT_TRUE(says(refusal, "writer.url"));
    EXPECT_EQ(refusal.find("hush"), std::string::npos) << refusal;
  }
  EXPECT_TRUE(says(message([](auto& o) { o.url = "http://:8080/v1"; }), "http://HOST"));
  EXPECT_TRUE(says(message([](auto& o) { o.model = ""; }), "writer.model"));
  EXPECT_TRUE(says(message([](auto& o) { o.parallel = 0; }), "1 to 256"));
  EXPECT_TRUE(says(message([](auto& o) { o.requests_per_minute = -1; }), "wanted 0"));
  const std::string folded = message([](auto& o) { o.key = "hush\r\nX-Evil: 1"; });
  EXPECT_TRUE(says(folded, "MY_KEY"));
  EXPECT_EQ(folded.find("hush"), std::string::npos);
}

}  // namespace
}  // namespace drf::testing
