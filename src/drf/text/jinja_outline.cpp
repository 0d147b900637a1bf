#include "drf/text/jinja_outline.h"

#include <cctype>

#include "drf/base/error.h"

namespace drf::text {
namespace {

using Kind = OutlineStep::Kind;
using Tokens = std::vector<std::string>;

bool is_space(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }
bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

void trim_right(std::string& text) {
  while (!text.empty() && is_space(text.back())) text.pop_back();
}

// lstrip_blocks: blanks between the start of a line and a block vanish.
void trim_indent(std::string& text, bool starts_line) {
  size_t end = text.size();
  while (end > 0 && (text[end - 1] == ' ' || text[end - 1] == '\t')) --end;
  if (end == 0 ? starts_line : text[end - 1] == '\n') text.resize(end);
}

// Position of `close` at or after `begin`, not inside quotes; npos if there is none.
size_t find_close(std::string_view program, size_t begin, std::string_view close) {
  char quote = 0;
  for (size_t i = begin; i < program.size(); ++i) {
    const char c = program[i];
    if (quote != 0) {
      if (c == '\\') ++i;
      if (c == quote) quote = 0;
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (program.compare(i, close.size(), close) == 0) {
      return i;
    }
  }
  return std::string_view::npos;
}

// Strings keep a leading quote and lose their escapes: 'a\n' becomes a quote, "a" and a line end.
Tokens tokenize(std::string_view code) {
  Tokens tokens;
  for (size_t i = 0; i < code.size();) {
    const char c = code[i];
    if (is_space(c)) {
      ++i;
    } else if (c == '\'' || c == '"') {
      std::string text = "'";
      for (++i; i < code.size() && code[i] != c; ++i) {
        if (code[i] == '\\' && i + 1 < code.size()) {
          const char escaped = code[++i];
          text += escaped == 'n' ? '\n' : escaped == 't' ? '\t' : escaped;
        } else {
          text += code[i];
        }
      }
      ++i;
      tokens.push_back(text);
    } else if (is_word(c)) {
      const size_t begin = i;
      while (i < code.size() && is_word(code[i])) ++i;
      tokens.emplace_back(code.substr(begin, i - begin));
    } else {
      const bool two = i + 1 < code.size() && code[i + 1] == '=' &&
                       std::string_view("=!<>").find(c) != std::string_view::npos;
      tokens.emplace_back(code.substr(i, two ? 2 : 1));
      i += two ? 2 : 1;
    }
  }
  return tokens;
}

std::string spell(const Tokens& tokens) {
  std::string out;
  for (size_t i = 0; i < tokens.size(); ++i) {
    std::string token = tokens[i];
    if (token.front() == '\'') token += '\'';
    const bool attribute = token == "." && i > 0 && i + 1 < tokens.size() &&
                           (tokens[i - 1] == "message" || tokens[i - 1] == "content");
    if (attribute) token = concat("[ '", tokens[++i], "' ]");
    out += (out.empty() ? "" : " ") + token;
  }
  return out;
}

class Outline {
 public:
  void literal(const std::string& text) {
    if (text.empty() || skipping_ > 0) return;
    if (!steps_.empty() && steps_.back().kind == Kind::kLiteral) {
      steps_.back().text += text;
    } else {
      steps_.push_back({Kind::kLiteral, text});
    }
  }

  // The terms of a sum one by one.
  void expression(const Tokens& tokens) {
    Tokens term;
    int depth = 0;
    const auto finish = [&] {
      if (term.size() == 1 && term[0].front() == '\'') {
        literal(term[0].substr(1));
      } else if (!term.empty() && skipping_ == 0) {
        steps_.push_back({Kind::kExpression, spell(term)});
      }
      term.clear();
    };
    for (const std::string& token : tokens) {
      depth += token == "(" || token == "[" ? 1 : token == ")" || token == "]" ? -1 : 0;
      if (token == "+" && depth == 0) {
        finish();
      } else {
        term.push_back(token);
      }
    }
    finish();
  }

  void statement(const Tokens& tokens) {
    if (tokens.empty() || tokens[0] == "set") return;
    const std::string text = spell(tokens);
    const bool opens_if = tokens[0] == "if", closes_if = tokens[0] == "endif";
    if (skipping_ > 0) {
      skipping_ += opens_if ? 1 : closes_if ? -1 : 0;
    } else if (text == "if add_vision_id") {
      skipping_ = 1;
    } else {
      steps_.push_back({Kind::kStatement, text});
    }
  }

  std::vector<OutlineStep> take() { return std::move(steps_); }

 private:
  std::vector<OutlineStep> steps_;
  int skipping_ = 0;  // depth of ifs inside a part that is left out
};

// Jinja reads \r\n and \r as line ends and puts \n in their place before anything else. A byte-order mark
// belongs to the file, not to the prompt.
std::string normal_line_ends(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
    out += text[i] == '\r' ? '\n' : text[i];
  }
  return out;
}

}  // namespace

std::vector<OutlineStep> jinja_outline(std::string_view given, const std::string& where) {
  const std::string source = normal_line_ends(given);
  std::string_view program = source;
  if (program.ends_with('\n')) program.remove_suffix(1);  // Jinja's default
  Outline outline;
  bool starts_line = true;  // the literal that begins here starts a line
  for (size_t i = 0; i < program.size();) {
    size_t open = i;
    while (open < program.size() &&
           !(program[open] == '{' && open + 1 < program.size() &&
             std::string_view("{%#").find(program[open + 1]) != std::string_view::npos)) {
      ++open;
    }
    std::string text(program.substr(i, open - i));
    if (open >= program.size()) {
      outline.literal(text);
      break;
    }
    const char kind = program[open + 1];
    const std::string close = kind == '{' ? "}}" : kind == '%' ? "%}" : "#}";
    size_t begin = open + 2;
    const size_t end = kind == '#' ? program.find(close, begin) : find_close(program, begin, close);
    if (end == std::string_view::npos) {
      fail(ErrorKind::kInput, where, ": the chat template's tag at ", program.substr(open, 20),
           " does not end");
    }
    if (program[begin] == '-') {
      trim_right(text);
      ++begin;
    } else if (kind != '{') {
      trim_indent(text, starts_line);
    }
    outline.literal(text);
    const bool trims = end > begin && program[end - 1] == '-';
    const Tokens tokens = tokenize(program.substr(begin, end - (trims ? 1 : 0) - begin));
    if (kind == '{') outline.expression(tokens);
    if (kind == '%') outline.statement(tokens);
    i = end + 2;
    starts_line = false;
    if (trims) {
      while (i < program.size() && is_space(program[i])) ++i;
    } else if (kind != '{' && i < program.size() && program[i] == '\n') {
      ++i;  // trim_blocks
      starts_line = true;
    }
  }
  return outline.take();
}

}  // namespace drf::text
