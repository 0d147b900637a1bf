#include "drf/critic/templates_scene.h"

#include <algorithm>

namespace drf::critic {
namespace {

const std::string& word(const std::vector<Token>& tokens, size_t i) {
  static const std::string none;
  return i < tokens.size() && tokens[i].kind == Token::Kind::kWord ? tokens[i].text : none;
}

// "no rain", "after sunset", "until dusk": not so, or not now.
bool denied(const std::vector<Token>& tokens, size_t i) {
  static const std::set<std::string> words = {"no",   "not",  "without", "never", "after", "before", "until",
                                              "till", "than", "like",    "if",    "of",    "for",    "less"};
  for (size_t back = 1; back <= 3 && back <= i; ++back) {
    const std::string& w = word(tokens, i - back);
    if (w.empty()) return false;
    if (w == "of" && back > 1) continue;
    if (w == "of" && i >= 2 && is_a("framing", word(tokens, i - 2))) continue;
    if (words.count(w)) return true;
  }
  return false;
}

// A look of the video, not of a thing in it: in a piece of its own, or before a word for videos.
bool says_style(const std::vector<Token>& tokens, size_t begin, size_t end) {
  size_t first = begin, last = end;
  while (first > 0 && !word(tokens, first - 1).empty()) --first;
  while (!word(tokens, last).empty()) ++last;
  static const std::set<std::string> looks = {"style",          "styled",  "animation", "video", "footage",
                                              "film",           "art",     "render",    "look",  "shot",
                                              "cinematography", "animated"};
  if (looks.count(word(tokens, end))) return true;
  // "as a watercolor painting", "in the style of a pointillist painting"
  for (size_t back = 1; back <= 3 && back <= begin - first; ++back) {
    const std::string& w = word(tokens, begin - back);
    if (w == "as" || (w == "of" && word(tokens, begin - back - 1) == "style"))
      return end >= last || end + 1 >= last;
  }
  if (last - first <= 3 && begin > 0)
    return !find_noun(word(tokens, end)) || find_noun(word(tokens, end))->category == "abstract";
  // "stop-motion clay dinosaur", "realistic video of": at the prompt's head only before a word for videos
  return false;
}

}  // namespace

void add_scene_facts(const std::vector<Token>& tokens, Caption& caption) {
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].kind == Token::Kind::kQuote) {
      Fact& fact = caption.facts.emplace_back();
      fact.value = "Does the text \"" + tokens[i].text + "\" appear in the video?";
      continue;
    }
    std::string text, found;
    size_t length = 0;
    for (size_t n = 1; n <= 5 && !word(tokens, i + n - 1).empty() && !tokens[i + n - 1].slip; ++n) {
      text += (n > 1 ? " " : "") + word(tokens, i + n - 1);
      if (global_phrases().count(text)) {
        length = n;
        found = text;
      }
    }
    if (length > 0) {
      const GlobalEntry& entry = global_phrases().at(found);
      const bool thing =
          find_noun(word(tokens, i + length)) && !entry.style && length == 1 &&
          find_noun(word(tokens, i + length))->category != "part" &&
          find_noun(word(tokens, i + length))->category != "place";  // a midnight snack, a rainy street
      if (!denied(tokens, i) && !thing && (!entry.style || says_style(tokens, i, i + length))) {
        Fact& fact = caption.facts.emplace_back();
        fact.kind = Fact::Kind::kGlobal;
        fact.global = &entry;
      }
      i += length - 1;
      continue;
    }
    // "in the style of Vincent van Gogh"
    if (word(tokens, i) == "style" && word(tokens, i + 1) == "of" && i + 2 < tokens.size() &&
        !word(tokens, i + 2).empty() && tokens[i + 2].raw[0] >= 'A' && tokens[i + 2].raw[0] <= 'Z') {
      std::string name;
      for (size_t n = i + 2; !word(tokens, n).empty(); ++n) name += (name.empty() ? "" : " ") + tokens[n].raw;
      Fact& fact = caption.facts.emplace_back();
      fact.value = "Is the video in the style of " + name + "?";
      fact.contrast = caption.text.find("realis") == std::string::npos ? "Is the video photorealistic?" : "";
    }
  }
}

}  // namespace drf::critic
