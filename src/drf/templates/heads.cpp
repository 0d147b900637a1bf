// The nouns of a phrase, and whether it can be trusted.
#include <set>

#include "drf/templates/lexicon.h"
#include "drf/templates/phrase_reader.h"

namespace drf::templates {

void PhraseReader::head(bool open) {
  if (name(at_)) {
    while (name(at_) || (word(at_) == "van" && name(at_ + 1) && !names_.empty()) ||
           ((word(at_) == "of" || word(at_) == "the") && false)) {
      names_.push_back(tokens_[at_].raw);
      ++at_;
    }
    thing_.proper = true;
    // "the Eiffel Tower", "a Persian cat": a common noun in or behind a name is no name
    if (nounish(at_)) thing_.sure = false;
    if (thing_.determined) {  // "the Eiffel Tower"
      const std::string& article = word(start_);
      const bool one = names_.size() == 1;
      if (at_ - names_.size() != start_ + 1 ||
          (article != "the" && !(one && (article == "a" || article == "an"))) ||
          (one && (is_listed(word(at_ - 1)) || !clear_end())))
        thing_.sure = false;
      names_.insert(names_.begin(), article == "the" ? "the" : article);
    }
    // A first word may have its capital from there, and letters like POV are no name.
    const bool first =
        start_ == 0 || (tokens_[start_ - 1].kind == Token::Kind::kMark && tokens_[start_ - 1].text != ",");
    const VerbForm* verb = find_verb(word(at_));
    if (first && names_.size() == 1 && !(verb && (verb->third || verb->ing)) &&
        !is_a("auxiliary", word(at_)) && word(at_) != "and")
      thing_.sure = false;
    for (const std::string& part : names_) {
      if (part.size() > 1 && upper(part[0]) && upper(part[1])) thing_.sure = false;
    }
    while (nounish(at_)) ++at_;
    return;
  }
  while (!ends_before(at_)) {
    if (tokens_[at_].slip) thing_.sure = false;
    if (name(at_)) thing_.sure = false;
    names_.push_back(word(at_));
    ++at_;
  }
  if (!names_.empty()) return;
  if (open && !word(at_).empty() && !function_word(word(at_))) {
    thing_.sure = false;  // "the old", "a shot"
  }
}

bool PhraseReader::ends_before(size_t i) {
  const std::string& w = word(i);
  if (w.empty() || function_word(w) || find_number(w)) return true;
  if ((w == "next" || w == "close") && word(i + 1) == "to") return true;
  const NounEntry* noun = find_noun(w);
  const VerbForm* verb = find_verb(w);
  if (names_.empty()) return !nounish(i);
  const NounEntry* last = find_noun(names_.back());
  const bool last_plural = last ? last->plural : looks_plural(names_.back());
  const bool modifies = is_a("plural_modifier", names_.back());
  if (!nounish(i)) return true;
  if (many_ && last_plural && !modifies) return true;
  if (!verb) {
    if (is_a("adverb", w) && !noun) return true;
    // "the carpenter planes a board", "soot clouds the roof", "embers pepper the floor": no agreeing number
    const std::string& next = word(i + 1);
    const bool object_next = is_a("determiner", next) || is_a("object_pronoun", next) || find_number(next);
    const bool verb_s = noun ? noun->plural : looks_plural(w) && !ends_with(w, "ss");
    if (object_next && !modifies && (last_plural ? !verb_s : verb_s)) return true;
    if (last_plural && !modifies) {
      thing_.sure = false;  // two noun phrases side by side
      return true;
    }
    // "rain drums on a roof"
    if (noun && noun->plural && last && last->category == "mass" && last->group != "stuff" &&
        names_.size() == 1 && !thing_.determined && is_a("preposition", word(i + 1)) &&
        !lexicon_verb(w).empty() && noun->category != "structure" && noun->category != "place")
      return true;
    // "a nurse blorps across a yard"
    if (!noun && last && singular_ && !last_plural && unknown(w) && ends_with(w, "s") && !ends_with(w, "ss"))
      return true;
    // "the engine stalls and the lights go out": a verb that may be a noun, and no object
    if (noun && noun->plural && last && !last_plural && !modifies && thing_.determined && !many_ &&
        !lexicon_verb(w).empty() && !find_noun(names_.back() + " " + w) &&
        (next.empty() || next == "and" || next == "but" || is_a("adverb", next) || ends_with(next, "ly"))) {
      if (singular_) return true;
      thing_.sure = false;
    }
    if (!noun && last) thing_.sure = false;  // an unknown word behind a known head
    return false;
  }
  // A noun that is a verb's form as well.
  if (names_.back() == "camera" && (verb->third || verb->ing)) return true;  // "the camera pans"
  if (verb->third && noun->plural) {
    if (singular_ && !last_plural) return true;
    if (last_plural && !modifies) return true;  // cannot agree either way: left to the verbs
    const bool object_next =
        is_a("determiner", word(i + 1)) || is_a("pronoun", word(i + 1)) || find_number(word(i + 1));
    // "the stage lights up"
    static const std::set<std::string> particles = {"up", "down", "out", "off", "away"};
    if (object_next || particles.count(word(i + 1))) return true;
    // "the librarian stands up", but "the horse races"
    static const std::set<std::string> also_named = {"races", "rides", "calls", "tracks",
                                                     "shows", "hugs",  "runs"};
    if (last && last->living() && (verb->verb->living || (names_.size() == 1 && !also_named.count(w))))
      return true;
    if (later_verb(i + 1)) return false;
    // "the car turns left", "smoke rises": what happens, not a kind of turns
    const bool event = noun->category == "abstract" && last &&
                       (last->visible() || last->category == "body") && !last_plural && !nounish(i + 1);
    if (!event) thing_.sure = false;
    return true;
  }
  if (verb->base && (last_plural || many_) && !modifies &&
      (last_plural || is_a("determiner", word(i + 1)) || is_a("pronoun", word(i + 1))))
    return true;
  if (verb->ing && last && last->living()) return true;
  return false;
}

bool PhraseReader::clear_end() const {
  const std::string& next = word(at_);
  const VerbForm* verb = find_verb(next);
  return next.empty() || function_word(next) || (verb && (verb->third || verb->ing) && !find_noun(next));
}

bool PhraseReader::later_verb(size_t i) const {
  for (; !word(i).empty(); ++i) {
    const VerbForm* verb = find_verb(word(i));
    if (is_a("auxiliary", word(i))) return true;
    if (verb && !find_noun(word(i)) && (verb->third || verb->ing || verb->base)) return true;
    if (function_word(word(i))) return false;
  }
  return false;
}

void PhraseReader::finish() {
  const std::string& last = names_.back();
  for (size_t n = 0; n < names_.size(); ++n) thing_.name += (n > 0 ? " " : "") + names_[n];
  thing_.at = at_ - 1;
  if (thing_.proper) return;
  for (size_t n = start_; n + 1 < at_; ++n) thing_.lifeless |= is_a("lifeless", word(n));
  thing_.noun = find_noun(last);
  // "a bronze smith", "an ice skater": what they work at, or on
  static const std::set<std::string> works = {"smith",  "mason",  "worker", "cutter", "carver",
                                              "skater", "seller", "baker",  "miner",  "dealer",
                                              "potter", "maker",  "caster", "founder"};
  if (works.count(last) && thing_.noun && thing_.noun->category == "person") thing_.lifeless = false;
  thing_.plural =
      !singular_ &&
      (thing_.noun ? thing_.noun->plural || (many_ && thing_.noun->category != "mass") : looks_plural(last));
  // "sheep graze": one word for one and for many
  if (thing_.noun && !thing_.determined && plural_of(last) == last && !thing_.mass() && thing_.noun->living())
    thing_.plural = true;
  if (thing_.noun && thing_.noun->plural && singular_) thing_.sure = false;
  if (many_ && !thing_.plural) thing_.sure = false;
  // "they both watch the sunrise"
  if (several_ && thing_.noun && !thing_.noun->plural && find_verb(last)) thing_.sure = false;
  thing_.one = singular_;
  thing_.bare |= some_ && !singular_ && !thing_.plural && thing_.noun && thing_.noun->category == "food";
  if (thing_.noun && thing_.noun->lexicon) trust_lexicon();
  if (!thing_.noun || thing_.noun->group == "open") doubt_unknown();
  // "on a field wave to the crowd": rather what somebody does
  const VerbForm* deed = names_.size() > 1 ? find_verb(last) : nullptr;
  if (deed && deed->base && (word(at_) == "to" || word(at_) == "at") && !thing_.plural) thing_.sure = false;
  // "small silver fish dart around": one word for one fish and for many
  const std::string before = names_.size() > 1 ? names_[names_.size() - 2] : "";
  const NounEntry* many = before.empty() ? nullptr : find_noun(before);
  if (deed && deed->base && !thing_.determined && many && many->living() && plural_of(before) == before)
    thing_.sure = false;
  // "..., nurses it": rather what somebody does
  const bool object = is_a("determiner", word(at_)) || is_a("pronoun", word(at_));
  if (object && at_ == start_ + 1 && thing_.plural && !lexicon_verb(last).empty()) thing_.sure = false;
  doubt_camera();
  doubt_neighbours();
}

void PhraseReader::doubt_unknown() {
  const std::string& last = names_.back();
  const std::string& next = word(at_);
  const bool clear =
      next.empty() || is_a("preposition", next) || next == "and" || is_a("auxiliary", next) ||
      (thing_.noun && singular_ && find_verb(next) && find_verb(next)->third) ||
      (find_verb(next) && (find_verb(next)->third || find_verb(next)->ing) && !find_noun(next));
  static const char* const endings[] = {"tion", "sion", "ness",  "ment", "ity", "ance", "ence",
                                        "ism",  "ship", "hood",  "ing",  "ed",  "ly",   "ous",
                                        "able", "ible", "wards", "less", "age", "ure",  "ful"};
  for (const char* end : endings) {
    if (ends_with(last, end)) thing_.sure = false;
  }
  if (!clear || !thing_.determined || last.size() < 3 || last.find('-') != std::string::npos ||
      names_.size() > 2)
    thing_.sure = false;
  for (const char c : last) {
    if (c < 'a' || c > 'z') thing_.sure = false;
  }
}

void PhraseReader::doubt_camera() {
  const std::string& last = names_.back();
  static const std::set<std::string> moves = {"pan", "tilt", "zoom", "dolly", "track", "fade", "cut"};
  static const std::set<std::string> paces = {"slow", "quick",  "fast",   "smooth",
                                              "whip", "gentle", "steady", "sudden"};
  const VerbForm* move = find_verb(last);
  static const std::set<std::string> ways = {"left", "right", "up",     "down",   "away",
                                             "back", "to",    "toward", "towards"};
  static const std::set<std::string> also = {"crane", "boom",   "truck", "arc",
                                             "orbit", "circle", "sweep", "pull"};
  const bool shot = ends_with(last, "s") && (also.count(last.substr(0, last.size() - 1)) > 0 ||
                                             (move && move->third && moves.count(move->verb->base)));
  if (shot && names_.size() == 1 && start_ + 1 == at_ && ways.count(word(at_)))
    thing_.sure = false;  // "..., then pans left"
  if (moves.count(last)) {
    for (size_t n = start_; n + 1 < at_; ++n) thing_.sure = thing_.sure && !paces.count(word(n));
    if (word(at_) == "to" || word(at_) == "left" || word(at_) == "right" || word(at_) == "up")
      thing_.sure = false;
  }
}

void PhraseReader::doubt_neighbours() {
  const std::string& last = names_.back();
  if (!thing_.noun && (ends_with(last, "ae") || ends_with(last, "i"))) thing_.sure = false;  // antennae
  if (last == "glass" && thing_.definite && word(start_) == "the") thing_.sure = false;      // of a window?
  if (names_.size() > 3) thing_.sure = false;
  for (const std::string& name : names_) {
    if (unknown(name) && name.size() < 4) thing_.sure = false;
    // "a pixel art knight", "a stop-motion clay dinosaur": a look, not a kind
    if (names_.size() > 1 && name != last && name != "cartoon" && (is_a("framing", name) || name == "art"))
      thing_.sure = false;
  }
  const VerbForm* behind = find_verb(word(at_));
  if (behind && behind->base && !behind->third && !behind->past && !behind->ing && !thing_.plural)
    thing_.sure = false;  // "a bus stop"
  // An unknown word right behind may be the head.
  const std::string& next = word(at_);
  const bool verb_form =
      thing_.noun && unknown(next) && !tokens_[at_].slip &&
      (ends_with(next, "ed") || ends_with(next, "ing") ||
       (ends_with(next, "s") && !ends_with(next, "ss") && singular_ && !thing_.plural)) &&
      (word(at_ + 1).empty() || function_word(word(at_ + 1)) || is_a("adverb", word(at_ + 1)));
  if (!next.empty() && !verb_form &&
      (tokens_[at_].slip || only_spelled(next) || (unknown(next) && !ends_with(next, "ly"))) && !name(at_) &&
      !(find_verb(next) && find_verb(next)->ing) && !function_word(next))
    thing_.sure = false;
}

void PhraseReader::trust_lexicon() {
  const std::string& before = start_ > 0 ? tokens_[start_ - 1].text : "";
  const bool open = start_ == 0 || tokens_[start_ - 1].kind == Token::Kind::kMark || before == "and";
  const bool bare = !thing_.determined && thing_.attributes.empty();
  if (thing_.noun->lexicon->verb && bare && !(is_a("preposition", before) && before != "to"))
    thing_.sure = false;
  if (thing_.plural) return;
  // "a bowl of couscous", "the mortar": what may be no single piece is named without an article. Of a food
  // only the caption's own article tells: "hummus", but "the crumpet".
  const bool some = !thing_.determined || word(start_) == "some";
  if ((thing_.noun->lexicon->stuff || (thing_.noun->lexicon->food && some)) && !singular_) thing_.bare = true;
  if (!thing_.determined && !thing_.mass() && !open) thing_.sure = false;
}

}  // namespace drf::templates
