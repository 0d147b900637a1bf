#include "drf/templates/chunks.h"

#include <algorithm>

#include "drf/templates/cutter.h"

namespace drf::templates {

namespace {

// "the blue ball" is no "red ball".
bool may_be(const Thing& known, const Thing& thing) {
  using Quality = AttributeEntry::Kind;
  for (const auto& [entry, phrase] : thing.attributes) {
    if (!entry) continue;
    bool had = false, other = false;
    for (const auto& [of_known, text] : known.attributes) {
      if (!of_known || of_known->kind != entry->kind) continue;
      had |= of_known->kin == entry->kin;
      other |= of_known->kind == Quality::kColor && of_known->kin != entry->kin;
    }
    if (other && !had) return false;
  }
  return true;
}

}  // namespace

Chunks Cutter::run() {
  while (at_ < tokens_.size()) {
    if (!(mark() || quote() || phrase() || pronoun() || link() || direction() || verb_group() || thing() ||
          small_word())) {
      add(Kind::kOther, 1);
    }
  }
  return std::move(chunks_);
}

bool Cutter::mark() {
  if (tokens_[at_].kind != Token::Kind::kMark) return false;
  const std::string& m = tokens_[at_].text;
  add(m == "," ? Kind::kComma : ends_sentence(tokens_, at_) ? Kind::kEnd : Kind::kOther, 1);
  return true;
}

bool Cutter::quote() {
  if (tokens_[at_].kind != Token::Kind::kQuote) return false;
  add(Kind::kQuote, 1);
  return true;
}

bool Cutter::thing() {
  Thing thing;
  const bool after_subject = before() == Kind::kThing || before() == Kind::kPronoun;
  size_t length = read_noun_phrase(tokens_, at_, after_subject, thing);
  if (length == 0) return false;
  // "a queen crowns the winner", "embers pepper the floor": a deed that no list knows as one
  const bool beside = !chunks_.list.empty() && chunks_.list.back().kind == Kind::kThing;
  const std::string& behind = word(at_ + length);
  if (beside && length == 1 && !thing.proper &&
      (is_a("determiner", behind) || is_a("object_pronoun", behind) || find_number(behind))) {
    add(Kind::kOther, 1);
    return true;
  }
  if (thing.name.empty()) {
    add(Kind::kOther, length);
    return true;
  }
  // "red, orange and yellow": the color, not the fruit
  const AttributeEntry* color = length == 1 ? find_attribute(thing.name) : nullptr;
  if (color && color->kind == AttributeEntry::Kind::kColor) {
    add(Kind::kQuality, length);
    return true;
  }
  const std::string head = word(thing.at);
  if (word(at_ + length) == "of" && of_phrase(thing, head, length)) return true;
  // "a train of camels", "a tower of cards": no train, no tower
  if (word(at_ + length) == "of" && !thing.proper && thing.noun && thing.noun->visible()) {
    const std::string& next = word(at_ + length + 1);
    const bool holds = thing.living() || thing.noun->category == "tableware" ||
                       thing.noun->group == "carry" || thing.noun->category == "place";
    if (!holds && !is_a("determiner", next) && !next.empty()) thing.sure = false;
  }
  place(thing, length);
  if (word(at_) == "'s") {  // "the girl's hat"
    if (named_after(thing)) return true;
    Thing owned;
    const size_t more = read_noun_phrase(tokens_, at_ + 1, false, owned);
    chunks_.list.pop_back();
    if (more > 0 && !owned.name.empty()) {
      owned.determined = owned.definite = true;
      ++at_;
      place(owned, more);
    } else {
      ++at_;
      add(Kind::kOther, 0);
    }
  }
  return true;
}

// "a Newton's cradle", "a Rubik's cube": one thing with a name, of which the article is; at_ is at the "'s".
bool Cutter::named_after(const Thing& owner) {
  const size_t start = chunks_.list.back().begin;
  if (!owner.proper || (word(start) != "a" && word(start) != "an")) return false;
  std::vector<Token> rest(tokens_.begin() + static_cast<long>(at_), tokens_.end());
  rest[0].text = rest[0].raw = "a";
  Thing whole;
  size_t length = read_noun_phrase(rest, 0, false, whole);
  const std::string& next = word(at_ + 1);
  if ((length < 2 || whole.name.empty()) && find_noun_beside(next) && tokens_[at_ + 1].raw == next) {
    whole = Thing();  // "cradle", a verb by the lists
    whole.name = next;
    whole.determined = whole.one = true;
    whole.at = 1;
    length = 2;
  }
  if (length < 2 || whole.name.empty() || !whole.sure || whole.proper || whole.plural) return false;
  std::string name;
  for (size_t i = start + 1; i < at_; ++i) name += tokens_[i].raw + (i + 1 < at_ ? " " : "'s ");
  whole.name = name + whole.name;
  whole.noun = nullptr;  // no cradle
  whole.at += at_;
  const size_t taken = at_ - start + length;
  chunks_.list.pop_back();
  chunks_.things.pop_back();
  at_ = start;
  place(whole, taken);
  return true;
}

// "A painting of a ship hangs above a fireplace": the painting does, and no ship; token i is behind "of".
bool Cutter::picture_acts(size_t i) const {
  static const std::set<std::string> deeds = {"hangs", "hang",   "hung",  "leans", "adorns", "decorates",
                                              "sits",  "stands", "rests", "lies",  "is",     "are"};
  for (; !word(i).empty(); ++i) {
    if (deeds.count(word(i))) return true;
    const VerbForm* form = find_verb(word(i));
    const bool clause = is_a("relative", word(i)) || (is_a("conjunction", word(i)) && word(i) != "and");
    if (clause || (form && (form->ing || form->third) && !find_noun(word(i)))) return false;
  }
  return false;
}

bool Cutter::of_phrase(Thing& thing, const std::string& last, size_t length) {
  // "slices of", "cups of"
  const std::string head =
      thing.noun && thing.noun->plural && !is_a("measure", last) ? thing.noun->kin : last;
  static const std::set<std::string> pictures = {"painting", "drawing",    "sketch",  "illustration",
                                                 "photo",    "photograph", "picture", "image",
                                                 "portrait", "cartoon"};
  const bool first = chunks_.list.empty();
  if (pictures.count(head) && (!first || picture_acts(at_ + length + 1))) {
    thing.sure = false;
    place(thing, length);
    add(Kind::kPreposition, 1).text = "like";
    return true;
  }
  if (is_a("framing", head)) {
    at_ += length + 1;
    return true;
  }
  const bool group = is_a("collective", head) || head == "couple";
  const bool hollow = is_a("measure", head) && thing.noun &&
                      (thing.noun->category == "tableware" || thing.noun->group == "carry");
  if (!group && !is_a("measure", head) && !(thing.noun && thing.noun->category == "abstract")) return false;
  if (group || !hollow) {
    Thing inner;
    const size_t start = at_ + length + 1;
    const size_t more = read_noun_phrase(tokens_, start, false, inner);
    if (more == 0 || inner.name.empty()) return false;
    // "a flock of birds flies": the verb's number is the flock's
    if (!group && !is_a("measure", head)) inner.sure = false;
    const std::string& unit = word(inner.at);  // "a couple of seconds"
    if (is_a("unit", unit) || (ends_with(unit, "s") && is_a("unit", unit.substr(0, unit.size() - 1))))
      inner.sure = false;
    inner.bare = !inner.determined && !inner.plural;  // "a slice of pizza"
    inner.determined = true;
    if (!group || thing.plural) inner.count = 0;  // "a convoy of three trucks"
    inner.negated |= thing.negated;
    collective_ = group && !thing.plural;
    at_ = start;
    place(inner, more);
    return true;
  }
  place(thing, length);
  add(Kind::kPreposition, 1).text = "holding";  // "a cup of coffee"
  return true;
}

void Cutter::place(const Thing& thing, size_t length) {
  int index = -1;
  bool several = false;
  if (thing.definite && !thing.distinct) {
    for (size_t t = 0; t < chunks_.things.size(); ++t) {
      const std::string& known = chunks_.things[t].name;
      // "a street musician ... the musician"
      const bool same = known == thing.name ||
                        (thing.name.find(' ') == std::string::npos && ends_with(known, " " + thing.name));
      if (!same || chunks_.things[t].negated || thing.negated || !may_be(chunks_.things[t], thing)) continue;
      several = index >= 0;
      index = static_cast<int>(t);
    }
  }
  if (index < 0 || several) {  // "a red ball and a blue ball. The ball ...": either
    index = static_cast<int>(chunks_.things.size());
    chunks_.things.push_back(thing);
    if (several) chunks_.things.back().sure = false;
  }
  Chunk& chunk = add(Kind::kThing, length);
  chunk.thing = index;
  chunk.text = thing.name;
  chunk.sure = thing.sure;
  if (collective_) chunk.auxiliary = "collective";
  collective_ = false;
}

Chunks chunks_of(const std::vector<Token>& tokens) { return Cutter(tokens).run(); }

}  // namespace drf::templates
