#include "drf/text/pre_tokenizer.h"

#include <nlohmann/json.hpp>

#include "drf/base/error.h"
#include "drf/text/byte_alphabet.h"
#include "drf/text/split_pattern.h"
#include "drf/text/text_limit.h"
#include "drf/text/tokenizer_json.h"
#include "drf/text/unicode.h"

namespace drf::text {
namespace {

// The pattern of a ByteLevel step with use_regex (GPT-2).
constexpr char kByteLevelPattern[] =
    "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";
constexpr char kMetaspace[] = "\xE2\x96\x81";  // U+2581

constexpr size_t kMostSteps = 100;

void add(std::string_view piece, Pieces& out) {
  if (!piece.empty()) out.emplace_back(piece);
}

// The text between matches and, unless `removed`, the matches, each a piece of its own. `invert` swaps the
// two roles.
void split(const SplitPattern& pattern, bool removed, bool invert, std::string_view text, Pieces& out) {
  size_t position = 0;
  pattern.for_each_match(text, [&](size_t begin, size_t end) {
    if (!removed || !invert) add(text.substr(position, begin - position), out);
    if (!removed || invert) add(text.substr(begin, end - begin), out);
    position = end;
  });
  if (!removed || !invert) add(text.substr(position), out);
}

void split_white_space(std::string_view text, Pieces& out) {
  size_t word = 0;
  for (size_t i = 0; i < text.size();) {
    const size_t start = i;
    if (!is_white_space(next_code_point(text, i))) continue;
    add(text.substr(word, start - word), out);
    word = i;
  }
  add(text.substr(word), out);
}

void split_metaspace(const std::string& mark, bool prepend, bool split, std::string_view text, Pieces& out) {
  std::string marked;
  for (const char c : text) c == ' ' ? marked += mark : marked += c;
  if (prepend && marked.compare(0, mark.size(), mark) != 0) marked.insert(0, mark);
  size_t begin = 0;
  for (size_t next; split && (next = marked.find(mark, begin + 1)) != std::string::npos; begin = next) {
    add(std::string_view(marked).substr(begin, next - begin), out);
  }
  add(std::string_view(marked).substr(begin), out);
}

std::string escape(const std::string& literal) {
  std::string out;
  for (const char c : literal) {
    if (std::ispunct(static_cast<unsigned char>(c))) out += '\\';
    out += c;
  }
  return out;
}

}  // namespace

PreTokenizer PreTokenizer::from_json(const nlohmann::json& value, const std::string& where) {
  PreTokenizer result;
  if (!value.is_null()) result.append(value, where);
  return result;
}

PreTokenizer PreTokenizer::t5() {
  PreTokenizer result;
  result.steps_.push_back(split_white_space);
  result.steps_.push_back([](std::string_view text, Pieces& out) {
    split_metaspace(kMetaspace, /*prepend=*/true, /*split=*/true, text, out);
  });
  return result;
}

void PreTokenizer::append(const nlohmann::json& value, const std::string& where) {
  const std::string type = json_text(value, "type", where);
  if (steps_.size() >= kMostSteps)
    fail(ErrorKind::kInput, where, ": its pre-tokenizer has more than ", kMostSteps, " steps");
  if (type == "Sequence") {
    for (const auto& step : json_list(value, "pretokenizers", where)) append(step, where);
  } else if (type == "WhitespaceSplit") {
    steps_.push_back(split_white_space);
  } else if (type == "Split") {
    const std::string behavior = json_text(value, "behavior", where);
    if (behavior != "Isolated" && behavior != "Removed") {
      fail(ErrorKind::kInput, where, ": pre-tokenizer Split with behavior '", behavior,
           "' is not supported (Isolated and Removed are)");
    }
    const JsonPattern pattern = json_pattern(value, where);
    const SplitPattern regex(pattern.is_regex ? pattern.text : escape(pattern.text), where);
    const bool invert = json_flag(value, "invert", false, where);
    steps_.push_back([regex, removed = behavior == "Removed", invert](std::string_view text, Pieces& out) {
      split(regex, removed, invert, text, out);
    });
  } else if (type == "ByteLevel") {
    if (json_flag(value, "add_prefix_space", true, where)) {
      steps_.push_back([](std::string_view text, Pieces& out) {
        add(text.substr(0, 1) == " " ? std::string(text) : " " + std::string(text), out);
      });
    }
    if (json_flag(value, "use_regex", true, where)) {
      steps_.push_back([regex = SplitPattern(kByteLevelPattern, where)](std::string_view text, Pieces& out) {
        split(regex, /*removed=*/false, /*invert=*/false, text, out);
      });
    }
    steps_.push_back([](std::string_view text, Pieces& out) { add(bytes_to_alphabet(text), out); });
  } else if (type == "Metaspace") {
    const auto& scheme = json_or_null(value, "prepend_scheme");
    const bool legacy_prefix = json_flag(value, "add_prefix_space", true, where);
    const std::string prepend =
        scheme.is_string() ? scheme.get<std::string>() : (legacy_prefix ? "always" : "never");
    if (prepend != "always" && prepend != "never") {
      fail(ErrorKind::kInput, where, ": pre-tokenizer Metaspace with prepend_scheme '", prepend,
           "' is not supported (always and never are)");
    }
    const std::string mark = json_mark(value, "replacement", where);
    const bool cut = json_flag(value, "split", true, where);
    steps_.push_back([mark, prefix = prepend == "always", cut](std::string_view text, Pieces& out) {
      split_metaspace(mark, prefix, cut, text, out);
    });
  } else {
    fail(ErrorKind::kInput, where, ": pre-tokenizer '", type,
         "' is not supported (Split, ByteLevel, WhitespaceSplit, Metaspace, Sequence are)");
  }
}

Pieces PreTokenizer::apply(std::string_view text) const {
  Pieces pieces;
  add(text, pieces);
  for (const Step& step : steps_) {
    Pieces next;
    next.reserve(pieces.size());
    size_t bytes = 0;  // each ByteLevel step may double a text
    for (const std::string& piece : pieces) {
      step(piece, next);
      bytes += piece.size();
    }
    require_short(bytes, "pre-tokenizer");
    pieces = std::move(next);
  }
  return pieces;
}

}  // namespace drf::text
