#include "drf/templates/tokens.h"

#include <algorithm>
#include <set>

#include "drf/templates/words.h"

namespace drf::templates {
namespace {

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
}

bool word_byte(char c) {
  const auto b = static_cast<unsigned char>(c);
  return b >= 0x80 || (b >= '0' && b <= '9') || (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z');
}

std::string small(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

bool upper(char c) { return c >= 'A' && c <= 'Z'; }
bool digit(char c) { return c >= '0' && c <= '9'; }

// "1girl" of tag lists is "1 girl".
void push_word(std::vector<Token>& tokens, const std::string& raw) {
  size_t digits = 0;
  while (digits < raw.size() && digit(raw[digits])) ++digits;
  const std::string rest = small(raw.substr(digits));
  if (digits > 0 && !rest.empty() && find_noun(rest) && find_noun(rest)->category == "person") {
    tokens.push_back({Token::Kind::kWord, raw.substr(0, digits), raw.substr(0, digits)});
    tokens.push_back({Token::Kind::kWord, rest, rest});
  } else {
    tokens.push_back({Token::Kind::kWord, small(raw), raw});
  }
}

// "the stage lights up", "lava flows down": no stage lights, no lava flows.
bool happens(const std::vector<Token>& tokens, size_t i) {
  static const std::set<std::string> particles = {"up", "down", "out", "off", "away", "over", "back", "into"};
  const VerbForm* form = find_verb(tokens[i].text);
  return form && form->third && i + 1 < tokens.size() && particles.count(tokens[i + 1].text) > 0;
}

// "a lime green scooter", "is navy blue"; not "the sky blue and clear", "steps off white sand", "Snow White".
bool one_color(const std::vector<Token>& tokens, size_t i) {
  const Token &shade = tokens[i], &color = tokens[i + 1];
  if (!find_attribute(shade.text + " " + color.text)) return false;
  const std::string last = i > 0 ? tokens[i - 1].text : ".";
  const bool phrase =
      i + 2 < tokens.size() && tokens[i + 2].kind == Token::Kind::kWord && !function_word(tokens[i + 2].text);
  const bool determined = is_a("determiner", last);
  if (upper(shade.raw[0]) && upper(color.raw[0])) return false;
  if (shade.text == "off")
    return determined || last == "in" || last == "is" || last == "are" || i == 0 || (phrase && last == ",");
  return phrase || !determined;
}

// Joins the words of compound nouns and of colors, and finds slips of the pen.
std::vector<Token> joined(const std::vector<Token>& tokens) {
  std::vector<Token> result;
  for (size_t i = 0; i < tokens.size(); ++i) {
    Token token = tokens[i];
    if (token.kind == Token::Kind::kWord) {
      if (i + 1 < tokens.size() && tokens[i + 1].kind == Token::Kind::kWord) {
        const std::string both = token.text + " " + tokens[i + 1].text;
        const bool third = i + 2 < tokens.size() && tokens[i + 2].kind == Token::Kind::kWord;
        const auto compound = [](const std::string& words, const std::string& first,
                                 const std::string& last) {
          const NounEntry* noun = find_noun(words);
          // "an egg rolls", "a red fox": what a compound of the lexicon may be besides
          return noun && (!noun->lexicon || (!find_attribute(first) && !(noun->plural && find_verb(last))));
        };
        const std::string& next = tokens[i + 1].text;
        if (one_color(tokens, i)) {
          token.text = both;
          token.raw += " " + tokens[i + 1].raw;
          ++i;
        } else if (token.text == "upside" && next == "down" && word_at(tokens, i + 2) != "shot") {
          // "walks upside down along the cable": not down along it
          token.raw += " " + tokens[i + 1].raw;
          ++i;
        } else if (next == "colored" || next == "coloured") {
          if (find_attribute(token.text)) ++i;  // "cream colored pants"
        } else if (third && compound(both + " " + tokens[i + 2].text, token.text, tokens[i + 2].text)) {
          token.text = both + " " + tokens[i + 2].text;
          token.raw += " " + tokens[i + 1].raw + " " + tokens[i + 2].raw;
          i += 2;
        } else if (compound(both, token.text, next) && !happens(tokens, i + 1)) {
          token.text = both;
          token.raw += " " + tokens[i + 1].raw;
          ++i;
        }
      }
      const std::string other = upper(token.raw[0]) ? "" : meant(token.text);
      if (!other.empty()) {
        // A short word is one slip away from too many: it is only not trusted.
        token.slip = !surely_meant(token.text, other);
        if (token.text.size() != 4) token.text = other;
      }
    }
    result.push_back(token);
  }
  return result;
}

}  // namespace

std::vector<Token> tokens_of(std::string text) {
  for (const char* mark : {"\xE2\x80\x98", "\xE2\x80\x99"}) replace_all(text, mark, "'");
  for (const char* mark : {"\xE2\x80\x9C", "\xE2\x80\x9D", "\xC2\xAB", "\xC2\xBB"})
    replace_all(text, mark, "\"");
  for (const char* mark : {"\xE2\x80\x93", "\xE2\x80\x94"}) replace_all(text, mark, " ; ");
  std::vector<Token> tokens;
  const auto followed_by = [&](size_t i, const std::string& what) {
    return small(text.substr(i, what.size())) == what &&
           (i + what.size() == text.size() || !word_byte(text[i + what.size()]));
  };
  for (size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (word_byte(c)) {
      std::string word;
      while (i < text.size() &&
             (word_byte(text[i]) || (text[i] == '-' && i + 1 < text.size() && word_byte(text[i + 1]))))
        word += text[i++];
      const bool negated = word.size() > 1 && followed_by(i, "'t") && small(word).back() == 'n';
      if (negated) {  // "isn't", "can't"
        word.pop_back();
        if (small(word) == "ca") word += "n";
        if (small(word) == "wo") word = "will";
      }
      push_word(tokens, word);
      if (!negated) continue;
      tokens.push_back({Token::Kind::kWord, "not", "not"});
      i += 2;
    } else if (c == '\'' && followed_by(i + 1, "s")) {
      tokens.push_back({Token::Kind::kWord, "'s", "'s"});
      i += 2;
    } else if (c == '"' && text.find('"', i + 1) != std::string::npos) {
      const size_t close = text.find('"', i + 1);
      if (close > i + 1) tokens.push_back({Token::Kind::kQuote, text.substr(i + 1, close - i - 1), ""});
      i = close + 1;
    } else {
      if (c != ' ' && c != '\t' && c != '\n') tokens.push_back({Token::Kind::kMark, std::string(1, c), ""});
      ++i;
    }
  }
  return joined(tokens);
}

namespace {

// "Could a penguin surf?" -> "a penguin surfs": behind its "could" the verb has no form that agrees.
void agree(std::vector<Token>& tokens) {
  for (size_t i = 1; i < tokens.size() && tokens[i].kind == Token::Kind::kWord; ++i) {
    const VerbForm* form = find_verb(tokens[i].text);
    const NounEntry* before = find_noun(tokens[i - 1].text);
    const bool object = i + 1 < tokens.size() && is_a("determiner", tokens[i + 1].text);
    if (i == 1 || !form || !form->base || function_word(tokens[i - 1].text) ||
        (is_adjective(tokens[i].text) && !(before && object)))
      continue;
    if (before && before->plural) return;
    if (is_adjective(tokens[i - 1].text) && !before) continue;
    tokens[i].text = tokens[i].raw = third_person(form->verb->base);
    return;
  }
}

}  // namespace

std::vector<Token> without_request(std::vector<Token> tokens, bool& was_request) {
  was_request = false;
  const auto word = [&](size_t i) {
    return i < tokens.size() && tokens[i].kind == Token::Kind::kWord ? tokens[i].text : std::string();
  };
  static const std::set<std::string> asks = {
      "please",  "can",     "could",   "would",  "you",       "generate", "create", "make", "produce",
      "show",    "give",    "i",       "want",   "need",      "like",     "to",     "see",  "me",
      "us",      "animate", "imagine", "render", "visualize", "what",     "does",   "it",   "look",
      "happens", "happen",  "how",     "let",    "'s",        "picture",  "think"};
  size_t i = 0;
  bool asked = false;
  // A wish begins with a verb or a pronoun that no caption begins with.
  static const std::set<std::string> first = {
      "please",  "can",     "could", "would", "i",         "generate", "create", "make", "what",
      "produce", "imagine", "show",  "give",  "visualize", "animate",  "how",    "let"};
  if (first.count(word(0)) && !find_noun(word(1))) {
    while (asks.count(word(i))) ++i;
    was_request = i > 0;
    asked = i > 0 && (is_a("modal", word(i - 1)) || word(i - 1) == "does" || word(i - 1) == "did") &&
            is_a("singular", word(i));
    if (was_request && (word(i) == "if" || word(i) == "when" || word(i) == "that")) ++i;
  }
  // "a short video of", "this clip shows", "a 10 second clip in which"
  size_t j = i;
  if (is_a("determiner", word(j))) ++j;
  size_t head = tokens.size();
  for (size_t k = j; k < tokens.size() && k < j + 7 && !word(k).empty(); ++k) {
    if (is_a("framing", word(k)) && !is_a("framing", word(k + 1))) {
      head = k;
      break;
    }
    if (function_word(word(k))) break;
  }
  if (head < tokens.size()) {
    const std::string after = word(head + 1);
    size_t length = 0;
    if (is_a("shows", after)) length = 1;
    if (after == "of" || after == "where" || after == "with") length = after == "with" ? 0 : 1;
    if (after == "in" && word(head + 2) == "which") length = 2;
    if ((after == "that" || after == "which") && is_a("shows", word(head + 2))) length = 2;
    // Only words for videos are empty: a drawing of a house may hang on a wall, but not at a prompt's head.
    if (length > 0) {
      if (was_request || is_a("shows", after)) i = head + 1 + length;
    }
  }
  if (i >= tokens.size()) {
    was_request = i > 0;
    return {};
  }
  tokens.erase(tokens.begin(), tokens.begin() + static_cast<long>(i));
  // "What would a snail look like if it wore a hat?": the snail, and what it does
  for (size_t n = 1; asked && n + 2 < tokens.size(); ++n) {
    if (word(n) != "look" || word(n + 1) != "like" || (word(n + 2) != "if" && word(n + 2) != "when"))
      continue;
    tokens[n] = {Token::Kind::kMark, ";", ""};
    tokens.erase(tokens.begin() + static_cast<long>(n) + 1, tokens.begin() + static_cast<long>(n) + 3);
    asked = false;
  }
  if (asked) agree(tokens);
  return tokens;
}

const std::string& word_at(const std::vector<Token>& tokens, size_t i) {
  static const std::string none;
  return i < tokens.size() && tokens[i].kind == Token::Kind::kWord ? tokens[i].text : none;
}

bool ends_sentence(const std::vector<Token>& tokens, size_t i) {
  static const std::string ends = ".;:!?()";
  return i >= tokens.size() ||
         (tokens[i].kind == Token::Kind::kMark && ends.find(tokens[i].text) != std::string::npos);
}

bool function_word(const std::string& word) {
  for (const char* word_class :
       {"determiner", "pronoun", "relative", "auxiliary", "modal", "conjunction", "preposition"}) {
    if (is_a(word_class, word)) return true;
  }
  return word == "'s" || word == "not" || word == "never";
}

bool tells_to_do(const std::vector<Token>& tokens, size_t i) {
  const std::string& next = word_at(tokens, i + 1);
  return !base_form(word_at(tokens, i)).empty() &&
         (is_a("determiner", next) || is_a("object_pronoun", next) || find_number(next).has_value());
}

bool is_english(const std::vector<Token>& tokens) {
  int64_t words = 0, known = 0, function = 0, foreign = 0;
  for (const Token& token : tokens) {
    if (token.kind != Token::Kind::kWord) continue;
    ++words;
    known += function_word(token.text) || is_plain(token.text);
    function += function_word(token.text);
    foreign += is_a("foreign", token.text);
  }
  return words > 0 && 2 * known >= words && foreign <= function;
}

bool is_tag_list(const std::vector<Token>& tokens) {
  int64_t pieces = 1, longest = 0, length = 0, finite = 0;
  for (const Token& token : tokens) {
    const bool comma = token.kind == Token::Kind::kMark && token.text == ",";
    if (comma) ++pieces;
    length = comma ? 0 : length + 1;
    longest = std::max(longest, length);
    finite += token.kind == Token::Kind::kMark && token.text == ".";
  }
  return pieces >= 4 && longest <= 5 && finite <= 1;
}

}  // namespace drf::templates
