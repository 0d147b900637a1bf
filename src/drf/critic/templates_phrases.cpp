#include "drf/critic/templates_phrases.h"

namespace drf::critic {
namespace {

class Reader {
 public:
  Reader(const std::vector<Token>& tokens, size_t i, Thing& thing)
      : tokens_(tokens), start_(i), at_(i), thing_(thing) {}

  size_t read(bool after_subject) {
    determiner();
    number();
    const bool open = at_ > start_;
    if (!open && after_subject && find_verb(word(at_))) return 0;
    for (size_t taken = 0; (taken = modifier()) > 0;) at_ += taken;
    head(open);
    if (names_.empty()) {
      thing_.sure = false;
      return open && at_ == start_ ? 0 : at_ - start_;
    }
    finish();
    return at_ - start_;
  }

 private:
  const std::string& word(size_t i) const {
    static const std::string none;
    return i < tokens_.size() && tokens_[i].kind == Token::Kind::kWord ? tokens_[i].text : none;
  }
  bool mark(size_t i, const char* text) const {
    return i < tokens_.size() && tokens_[i].kind == Token::Kind::kMark && tokens_[i].text == text;
  }
  // A name: a capital that no sentence's beginning explains.
  bool name(size_t i) const {
    if (word(i).empty() || tokens_[i].raw[0] < 'A' || tokens_[i].raw[0] > 'Z') return false;
    if (function_word(word(i))) return false;
    const bool first = i == 0 || (tokens_[i - 1].kind == Token::Kind::kMark && tokens_[i - 1].text != ",");
    if (!first) return true;
    // "Albert Einstein rides", "Rome at night": a first word that no list has, or one that another name
    // follows
    return !is_known(word(i)) ||
           (name(i + 1) && !find_noun(word(i)) && !is_adjective(word(i)) && !find_verb(word(i)));
  }
  static bool upper(char c) { return c >= 'A' && c <= 'Z'; }
  bool unknown(const std::string& w) const { return !w.empty() && !function_word(w) && !is_known(w); }
  // May stand inside a noun phrase and be its head.
  bool nounish(size_t i) const {
    const std::string& w = word(i);
    if (w.empty() || function_word(w)) return false;
    if (find_noun(w)) return true;
    if (is_adjective(w) || find_verb(w) || is_a("adverb", w)) return false;
    if (only_spelled(w)) {  // of these it is not known whether they are nouns: "a salt lake"
      const std::string& next = word(i + 1);
      return find_noun(next) || (only_spelled(next) && nounish(i + 1));
    }
    return unknown(w) && !ends_with(w, "ly") && !ends_with(w, "ing") && !ends_with(w, "ed");
  }
  // What may follow a modifier: another one, or a head.
  bool phrase_goes_on(size_t i) const {
    const std::string& w = word(i);
    if (w.empty() || function_word(w)) return false;
    const VerbForm* verb = find_verb(w);
    if (singular_ && verb && verb->third && (!find_noun(w) || find_noun(w)->plural))
      return false;  // "an orange rolls"
    if (nounish(i) || is_adjective(w)) return true;
    return verb && (verb->ing || verb->past) && nounish(i + 1);
  }

  void determiner() {
    if (word(at_) == "not" && (word(at_ + 1) == "a" || word(at_ + 1) == "one")) {  // "not a cloud"
      thing_.negated = thing_.determined = true;
      at_ += 2;
      if (word(at_) == "single") ++at_;
      singular_ = true;
      return;
    }
    if (word(at_) == "a" &&
        (word(at_ + 1) == "few" || word(at_ + 1) == "dozen" || word(at_ + 1) == "hundred")) {
      thing_.determined = many_ = true;
      thing_.count = word(at_ + 1) == "dozen" ? 12 : 0;
      at_ += 2;
      return;
    }
    while (is_a("determiner", word(at_)) && word(at_) != "any") {
      const std::string& w = word(at_);
      thing_.determined = true;
      thing_.definite |= !is_a("singular", w) && w != "some";
      thing_.negated |= w == "no";
      singular_ |= w == "a" || w == "an" || w == "another" || w == "each" || w == "every";
      vague_ |= w == "both" || w == "all" || w == "another" || w == "each" || w == "every";
      ++at_;
    }
    if (word(at_) == "any") ++at_;
  }

  void number() {
    const auto count = find_number(word(at_));
    if (!count) return;
    if (word(at_ + 1) == "of" || mark(at_ + 1, "-")) thing_.sure = false;  // "one of", "two-thirds"
    if (is_a("unit", word(at_ + 1))) thing_.sure = false;
    thing_.count = vague_ || *count == 1 || thing_.definite ? 0 : *count;
    many_ = *count > 1;
    singular_ |= *count == 1;
    thing_.determined = true;
    if (*count == 1 && start_ == at_ && !nounish(at_ + 1) && !is_adjective(word(at_ + 1)))
      thing_.sure = false;
    ++at_;
  }

  size_t modifier() {
    const std::string& w = word(at_);
    if (w.empty() || function_word(w) || name(at_)) return 0;
    if (tokens_[at_].slip || is_a("unseen", w)) thing_.sure = false;
    thing_.distinct |= is_a("distinct", w);
    thing_.single |= w == "lone" || w == "single" || w == "solitary" || w == "sole";
    static const std::set<std::string> shades = {"light", "dark", "bright", "pale", "deep"};
    const AttributeEntry* color = find_attribute(word(at_ + 1));
    const bool shade = shades.count(w) && color && color->kind == AttributeEntry::Kind::kColor;
    if (shade && phrase_goes_on(at_ + 2)) {
      thing_.attributes.emplace_back(color, w + " " + color->phrase);
      return 2;
    }
    const bool comma = mark(at_ + 1, ",");
    const AttributeEntry* own = find_attribute(w);
    if (own || is_a("adjective", w)) {
      const AttributeEntry* other = find_attribute(word(at_ + 2));
      const bool colors = own && own->kind == AttributeEntry::Kind::kColor && word(at_ + 1) == "and" &&
                          other && other->kind == AttributeEntry::Kind::kColor && phrase_goes_on(at_ + 3);
      if (colors && at_ > 1 && mark(at_ - 1, ",") &&
          find_attribute(word(at_ - 2))) {  // "red, yellow and blue doors": some are red
        thing_.attributes.clear();
        return 3;
      }
      if (colors) {
        thing_.attributes.emplace_back(nullptr, own->phrase + " and " + other->phrase);
        return 3;
      }
      if (phrase_goes_on(at_ + 1) ||
          (comma && is_adjective(w) && is_adjective(word(at_ + 2)) && phrase_goes_on(at_ + 3))) {
        if (own && !has(own)) thing_.attributes.emplace_back(own, own->phrase);
        return comma ? 2 : 1;
      }
      return 0;
    }
    if ((is_a("adverb", w) || ends_with(w, "ly")) && !find_noun(w) && !find_verb(w))
      return is_adjective(word(at_ + 1)) || (find_verb(word(at_ + 1)) && find_verb(word(at_ + 1))->past) ? 1
                                                                                                         : 0;
    const VerbForm* verb = find_verb(w);
    if (verb && !find_noun(w)) {
      // "a leaning tower", "a knitted cap"
      const bool goes_on =
          (verb->ing || verb->past) && phrase_goes_on(at_ + 1) && (at_ > start_ || thing_.determined);
      if (goes_on && verb->ing) thing_.doing.push_back(verb->verb);
      return goes_on ? 1 : 0;
    }
    if (unknown(w) && phrase_goes_on(at_ + 1) && looks_adjective(w)) return 1;
    return 0;
  }

  bool has(const AttributeEntry* entry) const {
    for (const auto& [known, phrase] : thing_.attributes) {
      if (known && known->kind == entry->kind && entry->kind == AttributeEntry::Kind::kColor) return true;
    }
    return false;
  }

  static bool looks_adjective(const std::string& word) {
    for (const char* end : {"ous", "ful", "ic", "ive", "less", "able", "ible", "ish", "ed", "-like", "y",
                            "al", "ary", "ant", "ent"}) {
      if (ends_with(word, end)) return true;
    }
    return word.find('-') != std::string::npos;
  }

  // The nouns, up to the head.
  void head(bool open) {
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
            (one && (is_known(word(at_ - 1)) || !clear_end())))
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

  bool ends_before(size_t i) {
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
      // "the carpenter planes a board", "the flock of sheep blocks a road"
      if (last && noun && noun->plural && (last->living() || names_.back() == plural_of(names_.back())) &&
          (is_a("determiner", word(i + 1)) || find_number(word(i + 1)) || is_a("pronoun", word(i + 1)))) {
        thing_.sure = false;
        return true;
      }
      if (last_plural && !modifies) {
        thing_.sure = false;  // two noun phrases side by side
        return true;
      }
      // "a nurse blorps across a yard"
      if (!noun && last && singular_ && !last_plural && unknown(w) && ends_with(w, "s") &&
          !ends_with(w, "ss"))
        return true;
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
      if (object_next) return true;
      if (last && last->living() && verb->verb->living) return true;
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

  bool clear_end() const {
    const std::string& next = word(at_);
    const VerbForm* verb = find_verb(next);
    return next.empty() || function_word(next) || (verb && (verb->third || verb->ing) && !find_noun(next));
  }

  // Whether a clear verb follows before the clause ends: then the word at hand is a noun.
  bool later_verb(size_t i) const {
    for (; !word(i).empty(); ++i) {
      const VerbForm* verb = find_verb(word(i));
      if (is_a("auxiliary", word(i))) return true;
      if (verb && !find_noun(word(i)) && (verb->third || verb->ing || verb->base)) return true;
      if (function_word(word(i))) return false;
    }
    return false;
  }

  void finish() {
    const std::string& last = names_.back();
    for (size_t n = 0; n < names_.size(); ++n) thing_.name += (n > 0 ? " " : "") + names_[n];
    thing_.at = at_ - 1;
    if (thing_.proper) return;
    for (size_t n = start_; n + 1 < at_; ++n) thing_.lifeless |= is_a("lifeless", word(n));
    thing_.noun = find_noun(last);
    thing_.plural =
        !singular_ && (thing_.noun ? thing_.noun->plural || (many_ && thing_.noun->category != "mass")
                                   : looks_plural(last));
    // "sheep graze": one word for one and for many
    if (thing_.noun && !thing_.determined && plural_of(last) == last && !thing_.mass() &&
        thing_.noun->living())
      thing_.plural = true;
    if (thing_.noun && thing_.noun->plural && singular_) thing_.sure = false;
    if (many_ && !thing_.plural) thing_.sure = false;
    if (!thing_.noun) {
      // An unknown head is believed between an article and a clear end of its phrase.
      const std::string& next = word(at_);
      const bool clear =
          next.empty() || is_a("preposition", next) || next == "and" || is_a("auxiliary", next) ||
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
    // "on a field wave to the crowd": rather what somebody does
    const VerbForm* deed = names_.size() > 1 ? find_verb(last) : nullptr;
    if (deed && deed->base && (word(at_) == "to" || word(at_) == "at") && !thing_.plural) thing_.sure = false;
    // "a quick pan to": of the camera
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
        (tokens_[at_].slip || only_spelled(next) || (unknown(next) && !ends_with(next, "ly"))) &&
        !name(at_) && !(find_verb(next) && find_verb(next)->ing) && !function_word(next))
      thing_.sure = false;
  }

  const std::vector<Token>& tokens_;
  const size_t start_;
  size_t at_;
  Thing& thing_;
  std::vector<std::string> names_;
  bool singular_ = false, many_ = false, vague_ = false;
};

}  // namespace

size_t read_noun_phrase(const std::vector<Token>& tokens, size_t i, bool after_subject, Thing& thing) {
  thing = Thing();
  return Reader(tokens, i, thing).read(after_subject);
}

}  // namespace drf::critic
