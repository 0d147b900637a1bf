#include "drf/templates/description.h"

#include <algorithm>

#include "drf/templates/spelling.h"
#include "drf/templates/tokens.h"
#include "drf/templates/words.h"

namespace drf::templates {
namespace {

bool small_letter(char c) { return c >= 'a' && c <= 'z'; }

// "..., sunny day plz"
std::string without_please(std::string text) {
  for (const std::string wish : {"plz", "pls", "please", "thanks", "thx"}) {
    size_t end = text.size();
    while (end > 0 && !small_letter(text[end - 1])) --end;
    if (end <= wish.size() || text.compare(end - wish.size(), wish.size(), wish) != 0) continue;
    size_t cut = end - wish.size();
    if (text[cut - 1] != ' ') continue;
    while (cut > 0 && (text[cut - 1] == ' ' || text[cut - 1] == ',')) --cut;
    text.erase(cut);
  }
  return text;
}

// "video of a cat"
std::string without_head(const std::string& text) {
  for (const std::string head :
       {"video of ", "a video of ", "vid of ", "a vid of ", "clip of ", "a clip of "}) {
    if (text.rfind(head, 0) == 0 && text.size() > head.size()) return text.substr(head.size());
  }
  return text;
}

}  // namespace

std::string description_of(const std::string& prompt) {
  const std::string text = without_head(without_please(prompt));
  const std::vector<Token> tokens = tokens_of(text);
  if (!is_english(tokens)) return text;
  const auto slips =
      std::count_if(tokens.begin(), tokens.end(), [](const Token& token) { return token.slip; });
  if (slips >= 2 && 8 * static_cast<size_t>(slips) >= tokens.size()) return "";
  std::string result = text;
  size_t from = 0;
  for (const Token& token : tokens) {
    if (token.kind != Token::Kind::kWord || token.raw.empty()) continue;
    const size_t at = result.find(token.raw, from);
    if (at == std::string::npos) continue;  // "isn't", which is two words here
    from = at + token.raw.size();
    // A word in small letters that is known for another one.
    if (!small_letter(token.raw[0]) || token.text == token.raw || token.raw.find(' ') != std::string::npos ||
        !surely_meant(token.raw, token.text))
      continue;
    result.replace(at, token.raw.size(), token.text);
    from = at + token.text.size();
  }
  return result;
}

}  // namespace drf::templates
