// endpoint_driver URL MODEL CACHE KEY_ENV IDLE_S < requests.jsonl: asks a server what each line says
// ({"user", "schema", "max_tokens", "judge"}) through a cache, prints an answer a line, and ends as drf does.
// For tests of real servers (real_endpoint.py).
#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>

#include "drf/base/error.h"
#include "drf/base/interrupt.h"
#include "drf/writer/answer_cache.h"
#include "drf/writer/endpoint.h"

namespace {

using namespace drf;
using namespace drf::writer;
using nlohmann::json;

int run(char** arguments) {
  EndpointOptions options;
  options.url = arguments[1];
  options.model = arguments[2];
  options.key_env = arguments[4];
  if (const char* key = std::getenv(arguments[4])) options.key = key;
  options.parallel = 2;
  options.limits.idle_s = std::atof(arguments[5]);
  options.retry.tries = 3;
  options.retry.first_wait_s = 0.2;

  std::vector<TextRequest> write, judge;
  for (std::string text; std::getline(std::cin, text);) {
    const json line = json::parse(text);
    TextRequest request{.turns = {{"user", line["user"]}},
                        .schema = line.value("schema", ""),
                        .max_tokens = line.value("max_tokens", int64_t{64})};
    (line.value("judge", false) ? judge : write).push_back(std::move(request));
  }
  const auto model = open_endpoint(options);
  AnswerFile kept(arguments[3]);
  AnswerCache cache(*model, kept);
  const auto print = [](const json& line) {
    std::cout << line.dump(-1, ' ', false, json::error_handler_t::replace) << std::endl;
  };
  cache.write(write, [&](size_t i, const TextAnswer& answer) {
    print({{"user", write[i].turns[0].text},
           {"text", answer.text},
           {"error", answer.error},
           {"complete", answer.complete},
           {"answer_tokens", answer.answer_tokens}});
  });
  cache.judge(judge, [&](size_t i, const YesNo& answer) {
    print({{"user", judge[i].turns[0].text}, {"p_yes", answer.p_yes}, {"error", answer.error}});
  });
  print({{"found", cache.found()}, {"asked", cache.asked()}});
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 6) return 2;
  const Interrupt interrupt;
  try {
    return run(arguments);
  } catch (const Interrupted& stopped) {
    return stopped.exit_code();
  } catch (const Error& error) {
    std::cerr << "drf: " << error.what() << "\n";
    return exit_code(error.kind());
  }
}
