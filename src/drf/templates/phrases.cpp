#include "drf/templates/phrases.h"

#include <set>

#include "drf/templates/denials.h"
#include "drf/templates/lexicon.h"
#include "drf/templates/phrase_reader.h"

namespace drf::templates {

size_t PhraseReader::read(bool after_subject) {
  determiner();
  number();
  const bool open = at_ > start_;
  // "the baker crowns him", "rain drums on a roof", "a farrier shoes a mare": two phrases do not stand side
  // by side
  const NounEntry* noun = find_noun(word(at_));
  const bool object = is_a("determiner", word(at_ + 1)) || is_a("pronoun", word(at_ + 1));
  if (!open && after_subject &&
      (find_verb(word(at_)) || !lexicon_verb(word(at_)).empty() || (object && noun && noun->plural)))
    return 0;
  for (size_t taken = 0; (taken = modifier()) > 0;) at_ += taken;
  head(open);
  if (names_.empty()) {
    thing_.sure = false;
    return open && at_ == start_ ? 0 : at_ - start_;
  }
  finish();
  return at_ - start_;
}

bool PhraseReader::name(size_t i) const {
  if (word(i).empty() || tokens_[i].raw[0] < 'A' || tokens_[i].raw[0] > 'Z') return false;
  if (function_word(word(i))) return false;
  const bool first = i == 0 || (tokens_[i - 1].kind == Token::Kind::kMark && tokens_[i - 1].text != ",");
  if (!first) return true;
  // "Albert Einstein rides", "Rome at night": a first word that no list has, or one that another name
  // follows
  return !is_known(word(i)) ||
         (name(i + 1) && !find_noun(word(i)) && !is_adjective(word(i)) && !find_verb(word(i)));
}

bool PhraseReader::nounish(size_t i) const {
  const std::string& w = word(i);
  if (w.empty() || function_word(w)) return false;
  // "a weight at the top swings from side to side"
  const std::string behind = word(i + 1) + " " + word(i + 2) + " " + word(i + 3);
  const VerbForm* verb = find_verb(w);
  if (verb && verb->third &&
      (behind == "from side to" || behind == "back and forth" || behind == "to and fro"))
    return false;
  if (find_noun(w)) return i > start_ || backed(i);
  if (is_adjective(w) || find_verb(w) || is_a("adverb", w) || superlative(w)) return false;
  if (only_spelled(w)) {  // of these it is not known whether they are nouns: "a salt lake"
    const std::string& next = word(i + 1);
    return find_noun(next) || (only_spelled(next) && nounish(i + 1));
  }
  return unknown(w) && !ends_with(w, "ly") && !ends_with(w, "ing") && !ends_with(w, "ed");
}

bool PhraseReader::backed(size_t i) const {
  const NounEntry* noun = find_noun(word(i));
  if (!noun->lexicon || !noun->lexicon->verb) return true;
  if (i == 0 || (tokens_[i - 1].kind == Token::Kind::kMark && tokens_[i - 1].text != ","))
    return !is_a("determiner", word(i + 1)) && !is_a("pronoun", word(i + 1));
  return is_a("preposition", word(i - 1)) && word(i - 1) != "to";
}

bool PhraseReader::phrase_goes_on(size_t i) const {
  const std::string& w = word(i);
  if (w.empty() || function_word(w)) return false;
  const VerbForm* verb = find_verb(w);
  if (singular_ && verb && verb->third && (!find_noun(w) || find_noun(w)->plural))
    return false;  // "an orange rolls"
  if (nounish(i) || is_adjective(w) || (superlative(w) && phrase_goes_on(i + 1))) return true;
  return verb && (verb->ing || verb->past) && nounish(i + 1);
}

void PhraseReader::determiner() {
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
    some_ |= w == "some" || w == "all" || w == "more" || w == "much";
    vague_ |= w == "both" || w == "all" || w == "another" || w == "each" || w == "every";
    several_ |= w == "both" || w == "several" || w == "many" || w == "few" || w == "these" || w == "those";
    ++at_;
  }
  if (word(at_) == "any") ++at_;
}

void PhraseReader::number() {
  const auto count = find_number(word(at_));
  if (!count) return;
  if (word(at_ + 1) == "of" || mark(at_ + 1, "-")) thing_.sure = false;  // "one of", "two-thirds"
  if (is_a("unit", word(at_ + 1))) thing_.sure = false;
  // "two other workers": beside those who were named
  static const std::set<std::string> besides = {"other",      "more",  "further",
                                                "additional", "extra", "remaining"};
  const bool beside = besides.count(word(at_ + 1)) > 0;
  thing_.count = vague_ || beside || *count == 1 || thing_.definite ? 0 : *count;
  many_ = *count > 1;
  singular_ |= *count == 1;
  thing_.determined = true;
  if (*count == 1 && start_ == at_ && !nounish(at_ + 1) && !is_adjective(word(at_ + 1))) thing_.sure = false;
  ++at_;
}

// "hottest", "tiniest": of an adjective
bool PhraseReader::superlative(const std::string& word) {
  if (!ends_with(word, "est") || word.size() < 6 || find_noun(word)) return false;
  const std::string stem = word.substr(0, word.size() - 3);
  const bool doubled = stem.size() > 3 && stem.back() == stem[stem.size() - 2];
  return is_adjective(stem) || is_adjective(stem + "e") ||
         (doubled && is_adjective(stem.substr(0, stem.size() - 1))) ||
         (stem.back() == 'i' && is_adjective(stem.substr(0, stem.size() - 1) + "y"));
}

size_t PhraseReader::modifier() {
  const std::string& w = word(at_);
  if (w.empty() || function_word(w) || name(at_)) return 0;
  if (superlative(w)) return phrase_goes_on(at_ + 1) ? 1 : 0;
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
  // "twin towers": two alike, no twin
  const NounEntry* alike = w == "twin" && !singular_ ? find_noun(word(at_ + 1)) : nullptr;
  if (alike && alike->plural && (!thing_.determined || !find_verb(word(at_ + 1))) &&
      !is_a("determiner", word(at_ + 2)) && !is_a("pronoun", word(at_ + 2)))
    return 1;
  const bool comma = mark(at_ + 1, ",");
  const AttributeEntry* own = find_attribute(w);
  if (own || is_adjective(w)) {
    const AttributeEntry* other = find_attribute(word(at_ + 2));
    const bool colors = own && own->kind == AttributeEntry::Kind::kColor && word(at_ + 1) == "and" && other &&
                        other->kind == AttributeEntry::Kind::kColor && phrase_goes_on(at_ + 3);
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
      // "a dimly lit room", "a half empty glass": neither the one nor its contrary
      const bool less = at_ > 0 && lessens(word(at_ - 1));
      if (own && !has(own) && !less) thing_.attributes.emplace_back(own, own->phrase);
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
    // "with braided hair"
    const bool behind = verb->past && start_ > 0 && is_a("preposition", word(start_ - 1));
    const bool goes_on =
        (verb->ing || verb->past) && phrase_goes_on(at_ + 1) && (at_ > start_ || thing_.determined || behind);
    if (goes_on && verb->ing) thing_.doing.push_back(verb->verb);
    return goes_on ? 1 : 0;
  }
  if (unknown(w) && phrase_goes_on(at_ + 1) && looks_adjective(w)) return 1;
  return 0;
}

bool PhraseReader::has(const AttributeEntry* entry) const {
  for (const auto& [known, phrase] : thing_.attributes) {
    if (known && known->kind == entry->kind && entry->kind == AttributeEntry::Kind::kColor) return true;
  }
  return false;
}

bool PhraseReader::looks_adjective(const std::string& word) {
  for (const char* end : {"ous", "ful", "ic", "ive", "less", "able", "ible", "ish", "ed", "-like", "y", "al",
                          "ary", "ant", "ent"}) {
    if (ends_with(word, end)) return true;
  }
  return word.find('-') != std::string::npos;
}

size_t read_noun_phrase(const std::vector<Token>& tokens, size_t i, bool after_subject, Thing& thing) {
  thing = Thing();
  return PhraseReader(tokens, i, thing).read(after_subject);
}

}  // namespace drf::templates
