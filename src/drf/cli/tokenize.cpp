// drf tokenize: lines of text to token ids, and back.

#include <iostream>
#include <nlohmann/json.hpp>

#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/base/json.h"
#include "drf/cli/command.h"
#include "drf/text/tokenizer.h"

namespace drf::cli {
namespace {

constexpr size_t kMaxLineBytes = 1 << 20;  // docs/security.md

struct TokenizeOptions {
  std::string tokenizer;
  bool json = false, decode = false;
};

// A line of ids: {"ids":[...]}, or numbers separated by blanks or commas.
std::vector<int64_t> parse_ids(const std::string& line, int64_t line_number) {
  const auto bad = [&] {
    fail(ErrorKind::kInput, "stdin:", line_number, ": wanted token ids, got '", line, "'");
  };
  std::string problem;
  const auto json = parse_json(line, problem);
  const nlohmann::json& list = json.is_object() && json.contains("ids") ? json["ids"] : json;
  std::vector<int64_t> ids;
  if (list.is_array()) {
    for (const auto& id : list) {
      if (!id.is_number_integer()) bad();
      ids.push_back(id.get<int64_t>());
    }
    return ids;
  }
  std::istringstream words(line);
  for (std::string word; words >> word;) {
    if (word.find_first_not_of("0123456789") != std::string::npos || word.size() > 9) bad();
    ids.push_back(std::stoll(word));
  }
  return ids;
}

// The next line of stdin without its end; false at the end of the input.
bool read_line(std::string& line, int64_t line_number) {
  line.clear();
  for (int c = 0; (c = std::cin.rdbuf()->sbumpc()) != std::char_traits<char>::eof();) {
    if (c == '\n') return true;
    if (line.size() == kMaxLineBytes)
      fail(ErrorKind::kInput, "stdin:", line_number, ": the line has more than ", kMaxLineBytes, " bytes");
    line += static_cast<char>(c);
  }
  return !line.empty();
}

int run(const TokenizeOptions& o) {
  const auto tokenizer = text::open_tokenizer(o.tokenizer);
  int64_t number = 0;
  for (std::string line; read_line(line, number + 1);) {
    ++number;
    if (o.decode) {
      const std::string text = tokenizer->decode(parse_ids(line, number));
      std::cout << (o.json ? nlohmann::json{{"text", text}}.dump() : text) << "\n";
      continue;
    }
    if (!is_utf8(line)) fail(ErrorKind::kInput, "stdin:", number, ": the line is not UTF-8");
    const std::vector<int64_t> ids = tokenizer->encode(line);
    if (o.json) {
      std::cout << nlohmann::json{{"ids", ids}}.dump() << "\n";
    } else {
      for (size_t i = 0; i < ids.size(); ++i) std::cout << (i ? " " : "") << ids[i];
      std::cout << "\n";
    }
  }
  return 0;
}

}  // namespace

Command add_tokenize(CLI::App& app) {
  auto options = std::make_shared<TokenizeOptions>();
  app.add_option("--tokenizer", options->tokenizer, "tokenizer folder, or a model folder that holds one")
      ->required();
  app.add_flag("--json", options->json, "one JSON object a line: {\"ids\":[...]}");
  app.add_flag("--decode", options->decode, "ids to text: a line of numbers or of {\"ids\":[...]}");
  app.footer("Reads lines from stdin.");
  return [options] { return run(*options); };
}

}  // namespace drf::cli
