// What a thing does, or has done to it, by the word right behind it.
#include "drf/templates/clause_words.h"
#include "drf/templates/fragment_reader.h"
#include "drf/templates/lexicon.h"

namespace drf::templates {
namespace {

using Words = std::set<std::string>;

// "seen from above", "made of clay", "built in 1850": of the picture, asked by others, or done before the
// clip.
const Words kNotDone = {
    "build",  "found", "close", "open",  "conduct", "sell",    "knock",      "dedicate",   "make",
    "call",   "name",  "set",   "see",   "shoot",   "film",    "base",       "inspire",    "take",
    "use",    "know",  "fill",  "cover", "light",   "dress",   "clothe",     "arm",        "compose",
    "render", "draw",  "style", "view",  "capture", "record",  "illuminate", "photograph", "paint",
    "sculpt", "write", "lose",  "leave", "limit",   "consist", "suppose",    "meet"};

// Not seen by itself, or not without knowing what it is for.
const Words kNotSeen = {
    "care",     "apply",   "ask",     "threaten",  "long",     "fall",    "specialize", "belong",  "work",
    "practice", "prepare", "compete", "celebrate", "train",    "learn",   "teach",      "study",   "live",
    "travel",   "visit",   "shop",    "commute",   "explore",  "search",  "hunt",       "come",    "go",
    "get",      "win",     "face",    "say",       "read",     "include", "show",       "feature", "depict",
    "act",      "mean",    "watch",   "symbolize", "overlook", "follow",  "turn",       "change",  "melt",
    "burn",     "grow",    "die",     "miss",      "remain",   "stay",    "play"};

bool is_particle(const std::string& w) {
  static const Words all = {"up", "down", "away", "back", "out", "off", "together", "around"};
  return all.count(w) > 0;
}

}  // namespace

// The base of what thing t does or has done to it, by the word at p; "" for none that is asked.
std::string FragmentReader::deed(const Thing& t, size_t p, size_t end, bool finite) const {
  if (tokens_[p].slip) return "";
  return ends_with(word(p), "ing") ? doing(t, p, end) : p + 1 < end ? done(t, p, end, finite) : "";
}

std::string FragmentReader::doing(const Thing& t, size_t p, size_t end) const {
  const VerbForm* form = find_verb(word(p));
  const std::string base = form && form->ing ? form->verb->base : form ? "" : lexicon_verb(word(p));
  if (base.empty() || kNeverAsked.count(base) || is_a("unseen_verb", base) || kNotSeen.count(base)) return "";
  if (p + 1 >= end) return base;
  const std::string& next = word(p + 1);
  // "a city sleeping under snow", "a sunset painting the sky": said of what cannot
  const bool acts = t.living() || (t.noun && t.noun->category == "vehicle");
  if (!acts && ((form && form->verb->living) || is_a("determiner", next))) return "";
  const NounEntry* noun = find_noun(next);
  const bool bare =
      noun && (noun->plural || noun->category == "mass");  // "feeding pigeons", but "fishing rod"
  const bool follows = is_a("determiner", next) || is_a("preposition", next) || find_number(next) || bare ||
                       kParticles.count(next);
  return follows ? base : "";
}

std::string FragmentReader::done(const Thing& t, size_t p, size_t end, bool finite) const {
  static const Words where = {"on",     "in",     "to",     "from", "over",  "under", "against",
                              "around", "behind", "beside", "near", "next",  "at",    "inside",
                              "into",   "onto",   "across", "by",   "above", "below"};
  if (!where.count(word(p + 1)) || (!finite && t.living())) return "";  // "a boy painted": did he?
  const VerbForm* form = find_verb(word(p));
  const std::string base = form ? form->verb->base : ends_with(word(p), "ed") ? lexicon_verb(word(p)) : "";
  if (kNotDone.count(base) || kNeverAsked.count(base) || phrase_end(p + 2, end, true, t) == 0) return "";
  using Kind = VerbEntry::Kind;
  const bool to_something = !form || (form->participle && !form->ing && !form->verb->living &&
                                      (form->verb->kind == Kind::kObject || form->verb->kind == Kind::kBoth));
  return to_something ? base : "";
}

bool FragmentReader::needs_object(size_t p) const {
  const VerbForm* form = find_verb(word(p));
  return ends_with(word(p), "ing") && (!form || form->verb->kind == VerbEntry::Kind::kObject);
}

// Whether a fact says so already, or one that an event of the caption changes.
bool FragmentReader::asked(const Thing& t, const std::string& base, const std::string& rest) const {
  for (const Fact& fact : caption_.facts) {
    const bool deed = fact.kind == Fact::Kind::kAction || fact.kind == Fact::Kind::kPassive;
    if (deed && (first_word(fact.value) == base || (fact.verb && fact.verb->base == base))) {
      if (names(fact.object, t)) return true;  // "Does the ball break the window?"
      const bool posture = fact.verb && fact.verb->kind == VerbEntry::Kind::kPosture;
      const bool more = fact.place >= 0 || fact.object >= 0 || fact.phrased || rest.empty();
      if (names(fact.thing, t) && (!posture || more)) return true;
    }
    const auto has = [&](const std::string& words) {
      return fact.value.find(" " + words) != std::string::npos;
    };
    if (fact.kind == Fact::Kind::kPlain && has(t.name + " ") && (has(base) || has(gerund(base)))) return true;
    const bool relates = deed || fact.kind == Fact::Kind::kRelation;
    if (relates && names(fact.thing, t) && fact.object >= 0 &&
        rest.find(name_of(fact.object)) != std::string::npos)
      return true;
  }
  return false;
}

// What follows the verb, up to its second phrase of place; none where it is open.
std::optional<std::string> FragmentReader::rest_of(const Thing& t, size_t from, size_t end) const {
  static const Words cuts = {"who",     "which", "that",   "while",  "where",   "when",
                             "because", "until", "before", "after",  "during",  "then",
                             "with",    "for",   "amid",   "amidst", "despite", "through"};
  static const Words torn = {"the", "a",  "an", "of",   "to",   "and", "in",
                             "on",  "at", "by", "from", "into", "onto"};
  static const Words besides = {"while", "during", "amid", "amidst"};
  static const Words opens = {"or", "between", "both", "than", "other", "others"};
  std::string words;
  size_t phrases = 0, count = 0;
  for (size_t i = from; i < end; ++i) {
    const std::string& w = word(i);
    if (w.empty() || tokens_[i].slip || opens.count(w) || ++count > 10) return std::nullopt;
    const bool noun_before = i > from && find_noun_beside(word(i - 1));
    if (w == "and" && !noun_before) return std::nullopt;
    if (w == "with" && i == from) return std::nullopt;
    if (may_tell(i, t)) return std::nullopt;  // "two women pushing a cart shout"
    const VerbForm* form = find_verb(w);
    const VerbForm* purpose = w == "to" ? find_verb(word(i + 1)) : nullptr;
    const bool to_do = purpose && purpose->base && !find_noun_beside(word(i + 1));
    const bool where =
        is_a("preposition", w) && w != "of" && !is_particle(w) && !(w == "to" && word(i - 1) == "next");
    if (is_particle(w) && word(i + 1) == "of") return std::nullopt;       // "running out of fuel"
    const bool refused = where && phrase_end(i + 1, end, false, t) == 0;  // "in slow motion"
    // "a man on a bench reading"
    if (w == "and" || cuts.count(w) || to_do || refused || (form && form->ing && noun_before)) {
      if (i == from && !besides.count(w)) return std::nullopt;  // "falling in love", "caring for a patient"
      break;
    }
    if (where && ++phrases > 1 && i > from) break;
    const bool fits = w == "their" ? t.plural
                      : w == "its" ? !t.plural && !(t.noun && t.noun->category == "person")
                                   : !t.plural && t.living();
    if (his(w) ? !fits : is_a("pronoun", w)) return std::nullopt;
    words += (w == "'s" ? "" : " ") + raw(i);
  }
  if (torn.count(words.substr(words.rfind(' ') + 1))) return std::nullopt;
  return words;
}

}  // namespace drf::templates
