// The protocol's texts, the verdicts on replies, and who is sent when: without a server and without a clock.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "drf/writer/endpoint.h"
#include "drf/writer/endpoint_form.h"
#include "drf/writer/endpoint_queue.h"
#include "drf/writer/endpoint_reply.h"
#include "drf/writer/endpoint_retry.h"
#include "tests/support/expect_error.h"

namespace drf::testing {
namespace {

using namespace writer;
using nlohmann::json;

TextRequest request(const std::string& schema = "") {
  return {.turns = {{"user", "What is red?"}}, .schema = schema, .max_tokens = 9};
}

const char* const kSchema =
    R"({"type": "object", "properties": {"b": {"type": "string"}, "a": {"type": "string"}}})";

json body(const ChatForm& form, const std::string& schema = kSchema) {
  return json::parse(chat_body(request(schema), "m", form));
}

std::string reply(const std::string& content, const std::string& finish = "stop") {
  return json{{"choices", {{{"message", {{"content", content}}}, {"finish_reason", finish}}}}}.dump();
}

TEST(ChatForm, EachFormSaysWhatTheServerIsToHold) {
  EXPECT_EQ(body({})["response_format"]["type"], "json_schema");
  EXPECT_EQ(body({})["response_format"]["json_schema"]["strict"], true);
  EXPECT_EQ(body({.format = AnswerFormat::kObjectOf})["response_format"]["schema"], json::parse(kSchema));
  EXPECT_EQ(body({.format = AnswerFormat::kObject})["response_format"], json({{"type", "json_object"}}));
  EXPECT_FALSE(body({.format = AnswerFormat::kPlain}).contains("response_format"));
  for (const AnswerFormat told : {AnswerFormat::kObject, AnswerFormat::kPlain})
    EXPECT_TRUE(says(body({.format = told})["messages"][0]["content"], kSchema));
  EXPECT_EQ(body({})["messages"][0]["content"], "What is red?");
  EXPECT_FALSE(body({}, "").contains("response_format"));
  // A grammar follows the order of the properties.
  const std::string text = chat_body(request(kSchema), "m", {});
  EXPECT_LT(text.find("\"b\""), text.find("\"a\""));
  EXPECT_EQ(error_of(ErrorKind::kBug, [] { chat_body(request("{"), "m", {}); }).empty(), false);
}

TEST(ChatForm, WhatAServerRefusesIsLeftOutStepByStep) {
  const auto simpler_form = [](const ChatForm& from, bool has_schema, const std::string& body) {
    return writer::simpler_form(from, has_schema, read_chat_error(body));
  };
  std::vector<AnswerFormat> formats;
  std::optional<ChatForm> form = ChatForm{};
  while ((form = simpler_form(*form, /*has_schema=*/true, "no"))) formats.push_back(form->format);
  EXPECT_EQ(formats, (std::vector{AnswerFormat::kObjectOf, AnswerFormat::kObject, AnswerFormat::kPlain}));
  EXPECT_FALSE(simpler_form({}, /*has_schema=*/false, "no"));
  EXPECT_FALSE(simpler_form({}, true, "maximum context length is 8192"));
  EXPECT_TRUE(simpler_form({}, true, "use max_completion_tokens")->completion_tokens);
  EXPECT_FALSE(simpler_form({.completion_tokens = true}, false, "max_completion_tokens is too large"));
  EXPECT_FALSE(simpler_form({}, true, "temperature must be 1")->temperature);
  EXPECT_FALSE(
      simpler_form({}, true, R"({"error": {"message": "no", "param": "temperature"}})")->temperature);
  EXPECT_FALSE(
      simpler_form({}, true, R"({"detail": [{"loc": ["body", "temperature"], "msg": "no"}]})")->temperature);
  // What is about something else may repeat all of the request.
  for (const char* body :
       {R"({"detail": [{"loc": ["body", "x", 0], "msg": "no", "input": {"temperature": 0}}]})",
        R"({"error": {"message": "no schema at temperature 0", "param": "response_format"}})",
        R"({"error": {"message": "bad request: {\"temperature\": 0}"}})"}) {
    const std::optional<ChatForm> next = simpler_form({}, true, body);
    ASSERT_TRUE(next) << body;
    EXPECT_TRUE(next->temperature) << body;
    EXPECT_EQ(next->format, AnswerFormat::kObjectOf) << body;
  }
  EXPECT_EQ(simpler_form({.top_logprobs = 20}, true, "no")->top_logprobs, 5);
  EXPECT_EQ(simpler_form({.top_logprobs = 5}, true, "no")->top_logprobs, 0);
}

TEST(ChatAnswer, TheTextIsWhatRemainsWithoutThoughtsAndBlanks) {
  const auto text = [](const std::string& content, const std::string& schema = "") {
    return read_chat_answer(reply(content), request(schema)).text;
  };
  EXPECT_EQ(text("  a ball \n"), "a ball");
  EXPECT_EQ(text("<think>hm</think> a ball"), "a ball");
  EXPECT_EQ(text("hm\n</think>\n\na ball"), "a ball");  // the template wrote <think>
  EXPECT_EQ(text("<thinking> is hard"), "<thinking> is hard");
  EXPECT_EQ(text(R"(<think>{"a": 1}</think>{"b": "c"})", kSchema), R"({"b": "c"})");
  EXPECT_EQ(text("Sure! {\"b\": {}} Bye.", kSchema), "{\"b\": {}}");
  EXPECT_EQ(text("<think>still at it"), "");
  // An end that a document quotes is none.
  const std::string quotes = R"({"said": "a </think> sign"})";
  EXPECT_EQ(text(quotes, kSchema), quotes);
  EXPECT_EQ(text("Sure! " + quotes + " Bye.", kSchema), quotes);
  EXPECT_EQ(text("<think>a {draft}</think>" + quotes, kSchema), quotes);
  EXPECT_EQ(text("<think>I end by </think>, so {</think>" + quotes, kSchema), quotes);
  EXPECT_EQ(text("I could say {\"b\": 1}.</think>a ball"), "a ball");
  std::string many;
  for (int i = 0; i < 200000; ++i) many += "</think>";
  EXPECT_EQ(text(many + "a ball"), "a ball");
  EXPECT_EQ(text("Perhaps {\"b\": 1}?</think>{\"b\": \"c\"}", kSchema), "{\"b\": \"c\"}");
}

TEST(ChatAnswer, ACutAnswerIsSaidToBeCutAndOneThatIsWholeAllTheSameIsNot) {
  TextAnswer answer = read_chat_answer(reply("a ball and", "length"), request());
  EXPECT_EQ(answer.text, "a ball and");
  EXPECT_FALSE(answer.complete);
  answer = read_chat_answer(reply("{\"a\": ", "length"), request(kSchema));
  EXPECT_EQ(answer.text, "");
  EXPECT_TRUE(says(answer.error, "cut at 9 tokens"));
  EXPECT_TRUE(read_chat_answer(reply("{}", "length"), request(kSchema)).complete);
}

TEST(ChatAnswer, RepliesOfAnyShapeAreErrorsAndNoCrash) {
  for (const char* bytes :
       {"", "null", "[]", "7", "{}", R"({"choices": []})", R"({"choices": [7]})", R"({"choices": [{}]})",
        R"({"choices": [{"message": 3}]})", R"({"choices": [{"message": {"content": {}}}]})",
        R"({"choices": [{"message": {"content": null, "tool_calls": []}}]})", R"({"choices": {"0": {}}})",
        R"({"error": "no"})", R"({"error": {"message": 7}})",
        R"({"choices": [{"message": {"content": "a"}}])",
        R"({"choices": [{"message": {"content": "\ud800"}}]})", R"({"choices": 1, "choices": 2})"}) {
    const TextAnswer answer = read_chat_answer(bytes, request(kSchema));
    EXPECT_FALSE(answer.error.empty()) << bytes;
    EXPECT_TRUE(answer.text.empty()) << bytes;
    const Likeliest likeliest = read_yes_probability(bytes);
    EXPECT_TRUE(!likeliest.yes || std::isnan(likeliest.yes->p_yes)) << bytes;
  }
  const std::string odd_usage =
      R"({"choices": [{"message": {"content": "a"}}], "usage": {"prompt_tokens": -1}})";
  EXPECT_EQ(read_chat_answer(odd_usage, request()).prompt_tokens, 0);
}

TEST(ChatAnswer, YesAndNoCountInEverySpelling) {
  const auto p = [](const json& tokens) {
    return read_yes_probability(
        json{{"choices", {{{"logprobs", {{"content", {{{"top_logprobs", tokens}}}}}}}}}}.dump());
  };
  const auto token = [](const char* text, double probability) {
    return json{{"token", text}, {"logprob", std::log(probability)}};
  };
  const Likeliest all = p({token("YES", .3),
                           token(" yes", .2),
                           token("\xE2\x96\x81No", .05),
                           token("no", .1),
                           token("yesterday", .2),
                           {{"token", "no"}},
                           {{"token", "no"}, {"logprob", "high"}}});
  ASSERT_TRUE(all.yes);
  EXPECT_NEAR(all.yes->p_yes, .5 / .65, 1e-12);
  EXPECT_NEAR(p(json::array({token("no", .9)})).yes->p_yes, 0, 1e-12);
  EXPECT_TRUE(p(json::array({token("The", .9)})).offered);
  EXPECT_FALSE(p(json::array({token("The", .9)})).yes);
  EXPECT_FALSE(p(json::array()).offered);
  EXPECT_FALSE(read_yes_probability(reply("Yes")).offered);
  EXPECT_EQ(read_yes_answer(reply(R"({"answer": "No"})"), request()).p_yes, 0);
  EXPECT_EQ(read_yes_answer(reply("Yes, it is."), request()).p_yes, 1);
  EXPECT_TRUE(says(read_yes_answer(reply("Perhaps"), request()).error, "neither yes nor no: Perhaps"));
}

TEST(ChatError, TheServersWordsAreFoundWhereverTheyStand) {
  EXPECT_EQ(read_chat_error(R"({"error": {"message": "too\nlong", "code": "c"}})").says, "too\nlong");
  EXPECT_EQ(read_chat_error(R"({"error": {"message": "m", "code": 7, "type": "t"}})").code, "t");
  EXPECT_EQ(read_chat_error(R"({"error": "plain"})").says, "plain");
  EXPECT_EQ(read_chat_error(R"({"message": "vLLM's"})").says, "vLLM's");
  EXPECT_EQ(read_chat_error(R"({"detail": "Not Found"})").says, "Not Found");
  EXPECT_EQ(read_chat_error("<html>").says, "<html>");
  EXPECT_EQ(read_chat_error(R"({"detail": [{"loc": ["body", 3], "msg": "m"}, 7, {"msg": "n"}]})").says,
            "body.3: m; n");
  for (const char* body :
       {R"({"detail": [7]})", R"({"detail": {}})", R"({"detail": [{"loc": 3, "msg": []}]})"})
    EXPECT_FALSE(read_chat_error(body).says.empty()) << body;
  HttpReply reply;
  reply.status = 418;
  EXPECT_EQ(describe(reply, "", "a\npot", ""), "answers 418 (a\\npot)");
  EXPECT_LT(describe(reply, "", read_chat_error(std::string(100000, '[')).says, "").size(), 300u);
}

TEST(ChatError, WhatIsNoCompletionSaysWhyAndAnErrorsCodeIsItsStatus) {
  EXPECT_FALSE(why_no_completion(reply("Yes")));
  EXPECT_FALSE(why_no_completion(reply("")));
  EXPECT_TRUE(says(why_no_completion("<html>")->says, "is no JSON"));
  EXPECT_TRUE(says(why_no_completion("{}")->says, "no choices"));
  EXPECT_EQ(why_no_completion(R"({"error": {"message": "m", "code": 429}})")->says, "m");
  const auto status = [](const std::string& error) {
    return why_no_completion("{\"error\": " + error + "}")->status;
  };
  EXPECT_EQ(status(R"({"code": 429})"), 429);
  EXPECT_EQ(status(R"({"type": "rate_limit_error"})"), 429);
  EXPECT_EQ(status(R"({"code": "rate_limit_exceeded"})"), 429);
  EXPECT_EQ(status(R"({"type": "overloaded_error"})"), 503);
  for (const char* other : {R"("no")", "7", "[]", R"({"code": 200})", R"({"code": -429})",
                            R"({"code": 1e300})", R"({"type": "invalid_request_error"})"})
    EXPECT_EQ(status(other), 0) << other;
}

TEST(Retry, EachReplyHasItsVerdict) {
  const auto of = [](long status, const std::string& code = "") {
    HttpReply reply;
    reply.status = status;
    return fate_of(reply, code, true);
  };
  EXPECT_EQ(of(200), Fate::kTake);
  for (const long status : {400, 422, 501}) EXPECT_EQ(of(status), Fate::kOtherForm) << status;
  for (const long status : {408, 425, 429, 500, 502, 503, 504, 529})
    EXPECT_EQ(of(status), Fate::kAgain) << status;
  for (const long status : {301, 308, 401, 402, 404, 405, 407}) EXPECT_EQ(of(status), Fate::kStop) << status;
  for (const long status : {409, 413, 418}) EXPECT_EQ(of(status), Fate::kGiveUp) << status;
  EXPECT_EQ(of(429, "insufficient_quota"), Fate::kStop);
  EXPECT_EQ(of(403, ""), Fate::kRefused);  // of this text, or of all
  for (const char* code : {"content_filter", "content_policy_violation", "moderation"}) {
    EXPECT_EQ(of(403, code), Fate::kGiveUp) << code;
    EXPECT_EQ(of(400, code), Fate::kGiveUp) << code;
  }
  EXPECT_EQ(of(400, "model_not_found"), Fate::kStop);
  EXPECT_EQ(of(200, "insufficient_quota"), Fate::kStop);
  HttpReply gone;
  gone.failure = HttpReply::Failure::kUnreachable;
  EXPECT_EQ(fate_of(gone, "", false), Fate::kStop);
  EXPECT_EQ(fate_of(gone, "", true), Fate::kAgain);
}

TEST(Retry, WaitsDoubleWithAKeyedJitterAndNeverUndercutTheServer) {
  const RetryPolicy policy{.first_wait_s = 1, .longest_wait_s = 20};
  std::set<double> seen;
  for (size_t request = 0; request < 50; ++request) {
    for (int64_t tries = 1; tries <= 8; ++tries) {
      const double wait = wait_before_retry(policy, request, tries, 0),
                   whole = std::min(20.0, std::exp2(tries - 1));
      EXPECT_GE(wait, whole / 2);
      EXPECT_LT(wait, whole);
      EXPECT_EQ(wait, wait_before_retry(policy, request, tries, 0));
      seen.insert(wait / whole);
      EXPECT_GE(wait_before_retry(policy, request, tries, 7), 7);
    }
  }
  EXPECT_EQ(seen.size(), 400u);
}

TEST(RequestQueue, ThoseThatWaitKeepTheirPlace) {
  RequestQueue queue(5, 2, 0);
  EXPECT_EQ(queue.next(0)->index, 0u);
  const Task failed = *queue.next(0);
  EXPECT_EQ(failed.index, 1u);
  EXPECT_FALSE(queue.next(0));
  EXPECT_EQ(queue.next_time(), std::numeric_limits<double>::infinity());
  queue.again(failed, 3);
  EXPECT_FALSE(queue.next(2));  // 2 is not begun while 1 waits
  EXPECT_EQ(queue.next_time(), 3);
  queue.done();  // 0
  EXPECT_EQ(queue.next(2)->index, 2u);
  EXPECT_EQ(queue.next(3)->index, 1u);
  EXPECT_FALSE(queue.next(9));
  queue.done();
  queue.done();
  queue.hold(12);
  EXPECT_FALSE(queue.next(11));
  EXPECT_EQ(queue.next_time(), 12);
  EXPECT_EQ(queue.next(12)->index, 3u);
  EXPECT_EQ(queue.next(12)->index, 4u);
}

TEST(RequestQueue, BeginningsAreSpreadOverTheMinute) {
  RequestQueue queue(10, 4, 30);
  EXPECT_TRUE(queue.next(100));
  EXPECT_FALSE(queue.next(101.9));
  EXPECT_EQ(queue.next_time(), 102);
  const std::optional<Task> second = queue.next(102);
  ASSERT_TRUE(second);
  queue.again(*second, 102);
  EXPECT_FALSE(queue.next(103));  // tries count too
  EXPECT_EQ(queue.next(104)->index, 1u);
}

}  // namespace
}  // namespace drf::testing
