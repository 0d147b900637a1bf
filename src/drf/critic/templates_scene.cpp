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
  if (begin == 0 && word(tokens, end) == "of" && is_a("framing", word(tokens, end - 1)))
    return true;  // "claymation of"
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

// Said of one shot of several, or of what lies behind.
bool of_a_part(const std::string& question, const Caption& caption) {
  const auto has = [&](const char* words) { return caption.text.find(words) != std::string::npos; };
  const bool view = question.rfind("Is the scene seen", 0) == 0 || question.rfind("Is it a ", 0) == 0 ||
                    question.rfind("Does the camera", 0) == 0 || question.rfind("Is it ", 0) == 0;
  if (view && (has(" cuts to ") || has(" cut to ") || has(" opens on ") || has(" opens with ") ||
               has(" begins with ") || has(" starts with ") || has(" transition") || has(" interior ") ||
               has(" the scene changes ") || has(" next shot ") || has(" second shot ") ||
               has(" from day to ") || has(" to night ") || has(" cuts ")))
    return true;
  return question == "Is the picture blurry?" &&
         (has(" behind ") || has(" background ") || has(" foreground "));
}

// A quote that is written somewhere, not spoken, and no title.
bool is_written(const std::vector<Token>& tokens, size_t i) {
  static const std::set<std::string> written = {
      "sign",      "signs",      "text",      "word",       "words",       "letter",     "letters",
      "lettering", "caption",    "captioned", "titled",     "labeled",     "labelled",   "label",
      "slogan",    "banner",     "board",     "chalkboard", "blackboard",  "whiteboard", "billboard",
      "poster",    "signpost",   "neon",      "logo",       "graffiti",    "message",    "note",
      "card",      "screen",     "headline",  "shirt",      "t-shirt",     "mug",        "plaque",
      "placard",   "tattoo",     "engraved",  "inscribed",  "inscription", "written",    "writes",
      "writing",   "spelled",    "spelling",  "spells",     "printed",     "painted",    "storefront",
      "marquee",   "gravestone", "tombstone", "mailbox",    "sticker",     "stickers",   "flag",
      "display",   "displays",   "phrase",    "marked",     "subtitle",    "title",      "bumper",
      "license"};
  if (i > 0 && word(tokens, i - 1) == "of") return false;  // "a poster of ..."
  for (size_t back = 1; back <= 8 && back <= i; ++back) {
    const Token& token = tokens[i - back];
    if (token.kind == Token::Kind::kMark && token.text != "," && token.text != ":") break;
    if (written.count(token.text) || written.count(token.text.substr(token.text.rfind(' ') + 1))) return true;
  }
  for (size_t next = i + 1; next <= i + 2; ++next) {
    const std::string& w = word(tokens, next);
    if (w == "written" || w == "printed" || w == "painted" || w == "sign" || w == "engraved" || w == "on")
      return w != "on" || word(tokens, next + 1) == "it";
  }
  return false;
}

}  // namespace

void add_scene_facts(const std::vector<Token>& tokens, Caption& caption) {
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].kind == Token::Kind::kQuote) {
      if (!is_written(tokens, i)) continue;
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
      if (of_a_part(entry.question, caption)) {
        i += length - 1;
        continue;
      }
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
