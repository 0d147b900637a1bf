#include "drf/templates/scene.h"

#include <algorithm>

#include "drf/templates/reader.h"
#include "drf/templates/whole_video.h"

namespace drf::templates {
namespace {

// "painted like an oil painting": the whole picture.
bool made_like(const std::string& word) {
  return word == "painted" || word == "drawn" || word == "rendered" || word == "animated" || word == "styled";
}

// "no rain", "after sunset", "until dusk": not so, or not now.
bool denied(const std::vector<Token>& tokens, size_t i) {
  static const std::set<std::string> words = {"no",   "not",  "without", "never", "after", "before", "until",
                                              "till", "than", "like",    "if",    "of",    "for",    "less"};
  for (size_t back = 1; back <= 3 && back <= i; ++back) {
    const std::string& w = word_at(tokens, i - back);
    if (w.empty()) return false;
    if (w == "of" && back > 1) continue;
    if (w == "of" && i >= 2 && is_a("framing", word_at(tokens, i - 2))) continue;
    if (w == "of" && i >= 2 && word_at(tokens, i - 2) == "style") continue;
    if (w == "like" && i > back && made_like(word_at(tokens, i - back - 1))) continue;
    if (words.count(w)) return true;
  }
  return false;
}

// A look of the video, not of a thing in it: in a piece of its own, or before a word for videos.
bool says_style(const std::vector<Token>& tokens, size_t begin, size_t end) {
  size_t first = begin, last = end;
  while (first > 0 && !word_at(tokens, first - 1).empty()) --first;
  while (!word_at(tokens, last).empty()) ++last;
  static const std::set<std::string> looks = {"style",          "styled",   "animation", "video",  "footage",
                                              "film",           "art",      "render",    "look",   "shot",
                                              "cinematography", "animated", "close-up",  "closeup"};
  if (looks.count(word_at(tokens, end))) return true;
  if (word_at(tokens, end) == "lens") return false;  // "macro lens": of some shots
  if (word_at(tokens, end + 1) == "animation" && word_at(tokens, begin).rfind("stop", 0) == 0)
    return true;  // "stop-motion felt animation"
  if (begin == 0 && word_at(tokens, end) == "of" && is_a("framing", word_at(tokens, end - 1)))
    return true;  // "claymation of"
  // "as a watercolor painting", "in the style of a pointillist painting"
  for (size_t back = 1; back <= 3 && back <= begin - first; ++back) {
    const std::string& w = word_at(tokens, begin - back);
    if (w == "as" || (w == "like" && begin > back && made_like(word_at(tokens, begin - back - 1))) ||
        (w == "of" && word_at(tokens, begin - back - 1) == "style"))
      return end >= last || end + 1 >= last;
  }
  if (last - first <= 3 && begin > 0)
    return !find_noun(word_at(tokens, end)) || find_noun(word_at(tokens, end))->category == "abstract";
  // "stop-motion clay dinosaur", "realistic video of": at the prompt's head only before a word for videos
  return false;
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
  if (i > 0 && word_at(tokens, i - 1) == "of") return false;  // "a poster of ..."
  for (size_t back = 1; back <= 8 && back <= i; ++back) {
    const Token& token = tokens[i - back];
    if (token.kind == Token::Kind::kMark && token.text != "," && token.text != ":") break;
    if (written.count(token.text) || written.count(token.text.substr(token.text.rfind(' ') + 1))) return true;
  }
  for (size_t next = i + 1; next <= i + 2; ++next) {
    const std::string& w = word_at(tokens, next);
    if (w == "written" || w == "printed" || w == "painted" || w == "sign" || w == "engraved" || w == "on")
      return w != "on" || word_at(tokens, next + 1) == "it";
  }
  return false;
}

// What a place has none of, as many: "a treeless plain", "a road empty of cars"; or "".
std::string lacking(const std::vector<Token>& tokens, size_t i, const Caption& caption) {
  const std::string& w = word_at(tokens, i);
  const NounEntry* place = nullptr;
  std::string stem;
  if (w.size() > 6 && ends_with(w, "less") && !denied(tokens, i)) {
    stem = w.substr(0, w.size() - 4);
    place = find_noun(word_at(tokens, i + 1));
  } else if ((w == "empty" || w == "devoid" || w == "free") && word_at(tokens, i + 1) == "of") {
    const NounEntry* noun = find_noun(word_at(tokens, i + 2));
    if (!noun || !noun->plural) return "";
    stem = word_at(tokens, i + 2);
    if (find_noun(word_at(tokens, i + 3))) return "";
    place = i > 0 ? find_noun(word_at(tokens, i - 1)) : nullptr;
  }
  const NounEntry* noun = find_noun(stem);
  static const std::set<std::string> wide = {"island", "hill", "mountain", "cliff", "dune", "sky", "canyon"};
  if (!noun || !place || (place->category != "place" && !wide.count(place->kin)) || !noun->visible() ||
      noun->category == "place" || noun->category == "mass" || noun->category == "body" ||
      noun->category == "part")
    return "";
  for (const Thing& t : caption.things) {
    if (t.noun && t.noun->kin == noun->kin && (!noun->plural || t.name != stem)) return "";
  }
  return noun->plural ? stem : plural_of(stem);
}

bool has_person(const Caption& caption) {
  return std::any_of(caption.facts.begin(), caption.facts.end(), [&](const Fact& fact) {
    if (fact.kind != Fact::Kind::kExists) return false;
    const Thing& t = caption.things[static_cast<size_t>(fact.thing)];
    return t.proper || (t.noun && t.noun->category == "person");
  });
}

// Whether what was named last before token i is a place.
bool in_place(size_t i, const Caption& caption) {
  const Thing* last = nullptr;
  bool other = false;
  for (const Thing& t : caption.things) {
    if (t.at >= i || t.negated) continue;
    if (!last || t.at > last->at) last = &t;
    other |= t.noun && (t.noun->category == "vehicle" || t.noun->category == "furniture");
  }
  return last && !other && last->noun && last->noun->category == "place";
}

// What one thing has none of: "a leafless oak", "a riderless horse".
Fact bare(const std::vector<Token>& tokens, size_t i, const Caption& caption) {
  static const std::map<std::string, std::string> lacks = {
      {"leafless", "leaves"},    {"armless", "arms"},        {"legless", "legs"},
      {"wingless", "wings"},     {"eyeless", "eyes"},        {"toothless", "teeth"},
      {"sleeveless", "sleeves"}, {"windowless", "windows"},  {"wheelless", "wheels"},
      {"headless", "a head"},    {"faceless", "a face"},     {"roofless", "a roof"},
      {"hatless", "a hat"},      {"shoeless", "shoes"},      {"tailless", "a tail"},
      {"hornless", "horns"},     {"doorless", "doors"},      {"handleless", "a handle"},
      {"riderless", "a rider"},  {"driverless", "a driver"}, {"branchless", "branches"},
      {"stringless", "strings"}, {"maskless", "a mask"},     {"beardless", "a beard"},
      {"hairless", "hair"},      {"noseless", "a nose"},     {"mouthless", "a mouth"},
      {"bodyless", "a body"},    {"flowerless", "flowers"},  {"seatless", "seats"},
      {"finless", "fins"}};
  Fact fact;
  const auto it = lacks.find(word_at(tokens, i));
  if (it == lacks.end() || denied(tokens, i)) return fact;
  // "a leafless tree grows leaves", "a faceless doll gets a face": not for long
  const NounEntry* lacked = find_noun(it->second.substr(it->second.rfind(' ') + 1));
  static const std::set<std::string> changes = {"until", "grow", "grows", "growing", "sprout", "sprouts",
                                                "bud",   "buds", "bloom", "blooms",  "regrows"};
  for (const Thing& t : caption.things) {
    if (lacked && t.noun && t.noun->kin == lacked->kin) return fact;
  }
  for (const std::string& w : changes) {
    if (caption.words.count(w)) return fact;
  }
  for (size_t f = 0; f < caption.facts.size(); ++f) {
    const Fact& one = caption.facts[f];
    if (one.kind != Fact::Kind::kExists) continue;
    const Thing& t = caption.things[static_cast<size_t>(one.thing)];
    if (t.proper || t.at <= i || t.at > i + 3) continue;
    for (const Thing& other : caption.things) {
      if (&other != &t && other.name == t.name) return fact;
    }
    fact.value = (t.plural ? "Are the " : "Is the ") + t.name + " without " + it->second + "?";
    fact.contrast = (t.plural ? "Do the " : "Does the ") + t.name + " have " + it->second + "?";
    return fact;
  }
  return fact;
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
    for (size_t n = 1; n <= 5 && !word_at(tokens, i + n - 1).empty() && !tokens[i + n - 1].slip; ++n) {
      text += (n > 1 ? " " : "") + word_at(tokens, i + n - 1);
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
          find_noun(word_at(tokens, i + length)) && !is_a("framing", word_at(tokens, i + length)) &&
          !entry.style && length == 1 && !ends_with(found, "less") &&
          find_noun(word_at(tokens, i + length))->category != "part" &&
          find_noun(word_at(tokens, i + length))->category != "place";  // a midnight snack, a rainy street
      // "a boat drifts on a lake with nobody in it": there may be somebody on the shore
      const bool within = found == "nobody in it" || ends_with(found, " inside");
      if (within && !in_place(i, caption)) {
        i += length - 1;
        continue;
      }
      // "sparks raining down": no weather
      static const std::set<std::string> onto = {"down", "from", "on", "onto", "upon", "over"};
      if (found == "raining" && onto.count(word_at(tokens, i + 1)) && i > 0 &&
          find_noun(word_at(tokens, i - 1))) {
        i += length - 1;
        continue;
      }
      // "monochrome blue"
      const AttributeEntry* tint =
          found == "monochrome" ? find_attribute(word_at(tokens, i + length)) : nullptr;
      if (tint && tint->kind == AttributeEntry::Kind::kColor) {
        i += length;
        continue;
      }
      // "Nobody is there. Seconds later a face appears"
      bool comes = false;
      for (const char* word : {"then", "later", "suddenly", "until", "appears", "emerges"})
        comes |= caption.words.count(word) > 0 && found.rfind("no", 0) == 0;
      const bool peopled = entry.question == "Is the scene free of people?" && (comes || has_person(caption));
      if (!denied(tokens, i) && !of_another_day(tokens, i) && !thing && !peopled &&
          !passes(tokens, i, entry.question) && !without_sky(caption, entry.question) &&
          (!entry.style || says_style(tokens, i, i + length))) {
        Fact& fact = caption.facts.emplace_back();
        fact.kind = Fact::Kind::kGlobal;
        fact.global = &entry;
        if (found == "heavy rain") {
          Fact& much = caption.facts.emplace_back();
          much.value = "Is the rain heavy?";
          much.contrast = "Is the rain no more than a light drizzle?";
        }
      }
      i += length - 1;
      continue;
    }
    // "a treeless plain", "empty of cars"
    if (const std::string gone = lacking(tokens, i, caption); !gone.empty()) {
      Fact& fact = caption.facts.emplace_back();
      fact.value = "Is the scene free of " + gone + "?";
      fact.contrast = "Are there any " + gone + "?";
      continue;
    }
    if (const Fact fact = bare(tokens, i, caption); !fact.value.empty()) caption.facts.push_back(fact);
    // "in the style of Vincent van Gogh"
    if (word_at(tokens, i) == "style" && word_at(tokens, i + 1) == "of" && i + 2 < tokens.size() &&
        !word_at(tokens, i + 2).empty() && tokens[i + 2].raw[0] >= 'A' && tokens[i + 2].raw[0] <= 'Z') {
      std::string name;
      for (size_t n = i + 2; !word_at(tokens, n).empty(); ++n)
        name += (name.empty() ? "" : " ") + tokens[n].raw;
      Fact& fact = caption.facts.emplace_back();
      fact.value = "Is the video in the style of " + name + "?";
      fact.contrast = caption.text.find("realis") == std::string::npos ? "Is the video photorealistic?" : "";
    }
  }
  // "close-up of a hand, then the camera pulls out to a wide view": each of a part of the video only
  static const std::set<std::string> sizes = {"Is it a close-up?", "Is it a wide view?",
                                              "Is it a medium shot?"};
  static const std::vector<std::string> moves = {"pull",    "pulls", "pulling", "zoom",   "zooms",
                                                 "zooming", "dolly", "dollies", "pushes", "pushing"};
  std::set<std::string> told;
  for (const Fact& fact : caption.facts) {
    if (fact.global && sizes.count(fact.global->question)) told.insert(fact.global->question);
  }
  const bool changes =
      caption.text.find("at first") != std::string::npos ||  // "The shot is wide at first"
      std::any_of(moves.begin(), moves.end(), [&](const auto& w) { return caption.words.count(w); });
  for (Fact& fact : caption.facts) {
    if (fact.global && sizes.count(fact.global->question) && (told.size() > 1 || changes)) fact.silent = true;
  }
  // "a foggy harbor; the fog clears"
  static const std::set<std::string> weathers = {"foggy",  "misty", "rainy",  "sunny", "snowy",   "stormy",
                                                 "cloudy", "dark",  "bright", "windy", "moonlit", "sunlit"};
  for (Fact& fact : caption.facts) {
    if (fact.kind != Fact::Kind::kAttribute || !weathers.count(fact.value) || fact.thing < 0) continue;
    const NounEntry* noun = caption.things[static_cast<size_t>(fact.thing)].noun;
    const bool outside = noun && (noun->category == "place" || noun->category == "part");
    for (size_t i = 0; outside && i < tokens.size(); ++i)
      fact.silent |= word_at(tokens, i) == fact.value && passes(tokens, i, "Is it " + fact.value + "?");
  }
}

}  // namespace drf::templates
