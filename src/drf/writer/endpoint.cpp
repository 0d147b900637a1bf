#include "drf/writer/endpoint.h"

#include <functional>
#include <limits>
#include <utility>

#include "drf/base/error.h"
#include "drf/base/printable.h"
#include "drf/writer/endpoint_exchange.h"
#include "drf/writer/endpoint_reply.h"
#include "drf/writer/endpoint_server.h"

namespace drf::writer {
namespace {

constexpr int64_t kYesNoTokens = 1024;  // thoughts too, of models that think
/// Part of the identity by which answers are kept: another number where the same request is sent or its
/// answer read in another way.
constexpr int64_t kProtocol = 1;

class Endpoint final : public TextModel {
 public:
  explicit Endpoint(const EndpointOptions& options) : server_(options) {}

  std::vector<TextAnswer> write(const std::vector<TextRequest>& requests, const Done& done) override;
  std::vector<YesNo> judge(const std::vector<TextRequest>& requests, const Judged& done) override;
  std::string identity() const override {
    const EndpointOptions& o = server_.options();
    return concat("chat completions of ", o.model, " at ", o.url, ", protocol ", kProtocol);
  }

 private:
  EndpointServer server_;
};

// Each request stands for itself here: those that are answered are not sent.
std::vector<size_t> wanted_of(const std::vector<TextRequest>& requests) {
  std::vector<size_t> wanted;
  for (size_t i = 0; i < requests.size(); ++i)
    if (!requests[i].answered) wanted.push_back(i);
  return wanted;
}

std::vector<TextAnswer> Endpoint::write(const std::vector<TextRequest>& requests, const Done& done) {
  std::vector<TextAnswer> answers(requests.size());
  const auto give = [&](size_t i, TextAnswer answer) {
    answer.error = server_.hidden(std::move(answer.error), 1);
    answer.text = server_.hidden(std::move(answer.text), kSecretBytes);
    answers[i] = std::move(answer);
    if (done) done(i, answers[i]);
  };
  Work work;
  work.title = "asking " + printable(server_.options().model);
  const std::vector<size_t> wanted = wanted_of(requests);
  work.count = wanted.size();
  work.request = [&](size_t k) { return requests[wanted[k]]; };
  work.take = [&](size_t k, const ChatForm&, const std::string& body) -> Work::Taken {
    give(wanted[k], read_chat_answer(body, requests[wanted[k]]));
    return {answers[wanted[k]].error.empty(), std::nullopt};
  };
  work.lose = [&](size_t k, const std::string& error) {
    TextAnswer answer;
    answer.error = error;
    give(wanted[k], answer);
  };
  if (!wanted.empty()) Exchange(server_, work).run();
  return answers;
}

std::vector<YesNo> Endpoint::judge(const std::vector<TextRequest>& requests, const Judged& done) {
  std::vector<YesNo> answers(requests.size());
  const auto give = [&](size_t i, YesNo answer) {
    answer.error = server_.hidden(std::move(answer.error), 1);
    answers[i] = answer;
    if (done) done(i, answer);
  };
  Work work;
  work.title = "judging by " + printable(server_.options().model);
  const std::vector<size_t> wanted = wanted_of(requests);
  work.count = wanted.size();
  work.judging = true;
  work.request = [&](size_t k) {
    TextRequest request = requests[wanted[k]];
    request.schema = kYesNoSchema;
    request.max_tokens = kYesNoTokens;
    return request;
  };
  work.take = [&](size_t k, const ChatForm& form, const std::string& body) -> Work::Taken {
    const size_t i = wanted[k];
    const Likeliest likeliest = form.top_logprobs > 0 ? read_yes_probability(body) : Likeliest{};
    if (likeliest.yes || form.top_logprobs == 0) {
      give(i, likeliest.yes ? *likeliest.yes : read_yes_answer(body, work.request(k)));
      return {answers[i].error.empty(), std::nullopt};
    }
    // What is withheld, be it by a filter, comes without probabilities from any server.
    if (!likeliest.offered && read_chat_answer(body, {}).error.empty()) server_.learn_logprobs(0);
    ChatForm written = form;
    written.top_logprobs = 0;
    return {false, written};
  };
  work.lose = [&](size_t k, const std::string& error) {
    give(wanted[k], {std::numeric_limits<double>::quiet_NaN(), error});
  };
  if (!wanted.empty()) Exchange(server_, work).run();
  return answers;
}

}  // namespace

bool have_endpoint() { return true; }

std::unique_ptr<TextModel> open_endpoint(const EndpointOptions& options) {
  return std::make_unique<Endpoint>(options);
}

}  // namespace drf::writer
