#include "drf/critic/templates_caption.h"

#include <algorithm>

#include "drf/critic/templates_tokens.h"

namespace drf::critic {
namespace {

bool ends(const std::string& word, const std::string& end) {
  return word.size() > end.size() + 1 && word.compare(word.size() - end.size(), end.size(), end) == 0;
}

// Unknown words before a noun that are adjectives by their endings or by the lists.
bool looks_adjective(const std::string& word) {
  for (const char* end : {"ous", "ful", "ic", "ive", "al", "less", "able", "ish", "ed", "ly", "y"}) {
    if (ends(word, end) && !find_noun(word)) return true;
  }
  return false;
}

class Parser {
 public:
  explicit Parser(const std::string& prompt) : tokens_(tokens_of(prompt)) {}

  Caption run() {
    for (const Token& token : tokens_) {
      if (token.kind == Token::Kind::kWord) caption_.words.insert(token.text);
    }
    if (!is_english(tokens_)) return {{}, {}, caption_.words};
    while (at_ < tokens_.size()) {
      if (!(boundary() || quote() || camera() || phrase() || position() || direction() || particle() ||
            preposition() || small_word() || verb() || noun_phrase())) {
        touching_ = -1;
        ++at_;
      }
    }
    return std::move(caption_);
  }

 private:
  using Kind = Fact::Kind;

  const std::string& word(size_t i) const {
    static const std::string none;
    return i < tokens_.size() && tokens_[i].kind == Token::Kind::kWord ? tokens_[i].text : none;
  }
  bool mark(size_t i, const char* text) const {
    return i < tokens_.size() && tokens_[i].kind == Token::Kind::kMark && tokens_[i].text == text;
  }
  Thing& thing(int i) { return caption_.things[static_cast<size_t>(i)]; }
  Fact& add(Kind kind, int thing) {
    Fact& fact = caption_.facts.emplace_back();
    fact.kind = kind;
    fact.thing = thing;
    return fact;
  }

  // The longest run of at most four words at `at_` that `map` holds: its text and length, 0 = none.
  template <typename Map>
  size_t longest(const Map& map, std::string& found) const {
    size_t length = 0;
    std::string text;
    for (size_t n = 1; n <= 4 && !word(at_ + n - 1).empty(); ++n) {
      text += (n > 1 ? " " : "") + word(at_ + n - 1);
      if (map.count(text)) {
        length = n;
        found = text;
      }
    }
    return length;
  }

  // Ends of clauses. After a comma a verb still belongs to the subject ("a dog, running").
  bool boundary() {
    if (tokens_[at_].kind != Token::Kind::kMark) return false;
    if (!mark(at_, ",")) {
      preposition_.clear();
      coordinated_.clear();
    }
    touching_ = action_ = -1;
    object_slot_ = false;
    ++at_;
    return true;
  }

  bool quote() {
    if (tokens_[at_].kind != Token::Kind::kQuote) return false;
    const bool said = !caption_.facts.empty() && caption_.facts.back().verb && action_ >= 0 &&
                      caption_.facts.back().verb->base == "say";
    if (said) caption_.facts.pop_back();  // "a sign says": what it says is the fact
    action_ = -1;
    add(Kind::kPlain, -1).value = "Does the text \"" + tokens_[at_].text + "\" appear in the video?";
    touching_ = -1;
    ++at_;
    return true;
  }

  // "the camera zooms in"
  bool camera() {
    size_t i = is_a("determiner", word(at_)) ? at_ + 1 : at_;
    if (word(i++) != "camera") return false;
    while (is_a("auxiliary", word(i)) || is_a("adverb", word(i)) || ends(word(i), "ly")) ++i;
    std::string best, text = move_base(word(i));
    size_t length = 0;
    for (size_t n = 1; n <= 4 && !text.empty(); ++n) {
      if (camera_moves().count(text)) {
        best = text;
        length = n;
      }
      text += " " + word(i + n);
    }
    if (length == 0) return false;
    Fact& fact = add(Kind::kPlain, -1);
    fact.value = "Does the camera " + best + "?";
    fact.contrast = "Does the camera " + camera_moves().at(best) + "?";
    subject_ = touching_ = -1;
    at_ = i + length;
    return true;
  }

  static std::string move_base(const std::string& form) {
    for (const auto& [move, contrary] : camera_moves()) {
      const std::string base = move.substr(0, move.find(' '));
      if (form == base || form == third_person(base) || form == gerund(base) ||
          form == base + base.back() + "ing")
        return base;
    }
    return "";
  }
  // Time, weather, style and framing; settings are noun phrases and are met there.
  bool phrase() {
    std::string found;
    const size_t length = longest(global_phrases(), found);
    if (length == 0) return false;
    const GlobalEntry& entry = global_phrases().at(found);
    if (entry.setting && length == 1 && find_noun(word(at_ + 1))) return false;  // a beach ball
    add(Kind::kGlobal, -1).global = &entry;
    if (preposition_.empty() && !find_noun(word(at_ + length)))
      subject_ = -1;  // "rain falls" is not the dog's
    preposition_.clear();
    touching_ = -1;
    at_ += length;
    return true;
  }

  // "on the left", of the picture
  bool position() {
    if (word(at_) != "on" || word(at_ + 1) != "the") return false;
    const std::string side = word(at_ + 2);
    if ((side != "left" && side != "right") || word(at_ + 3) == "of") return false;
    const size_t length = word(at_ + 3) == "side" ? 4 : 3;
    if (subject_ >= 0) {
      Fact& fact = add(Kind::kDirection, subject_);
      fact.value = "on the " + side;
      fact.contrast = std::string("on the ") + (side == "left" ? "right" : "left");
    }
    at_ += length;
    return true;
  }

  // Only after a verb of motion: one can look up without going there.
  bool direction() {
    std::string found;
    const size_t length = longest(directions(), found);
    if (length == 0 || word(at_ + length) == "of") return false;
    if (action_ < 0) return false;
    if (!moving() || caption_.facts[static_cast<size_t>(action_)].object >= 0) return false;
    // "left" and "up" may begin another phrase: "up a hill"
    if (length == 1 && (is_a("determiner", word(at_ + 1)) || find_noun(word(at_ + 1)))) return false;
    const std::string way = directions().at(found);
    for (const int who : actors()) {
      Fact& fact = add(Kind::kDirection, who);
      fact.value = way;
      fact.contrast = opposite_direction(way);
    }
    touching_ = -1;
    at_ += length;
    return true;
  }

  // "picks up a cube", "blows out a candle"
  bool particle() {
    static const std::set<std::string> particles = {"up", "down", "off", "out"};
    if (!object_slot_ || !particles.count(word(at_)) || moving()) return false;
    for (Fact* fact : latest_actions()) fact->value += " " + word(at_);
    ++at_;
    return true;
  }

  bool preposition() {
    std::string found;
    size_t length = longest(relations(), found);
    if (length == 0 && is_a("preposition", word(at_))) {
      found = word(at_);
      length = 1;
    }
    if (length == 0) return false;
    preposition_ = found == "of" && subject_ < 0 ? "" : found;
    touching_ = -1;
    object_slot_ = false;
    at_ += length;
    return true;
  }

  bool small_word() {
    const std::string& w = word(at_);
    if (w.empty()) return false;
    if (is_a("conjunction", w)) {
      joined_ = w == "and";
      if (!joined_) coordinated_.clear();
      if (joined_ && action_ >= 0) third_expected_ = true;  // "falls and shatters"
      preposition_.clear();
      touching_ = -1;
      object_slot_ = false;
    } else if (is_a("pronoun", w) && (touching_ >= 0 || !is_a("determiner", w) || !starts_noun(at_ + 1))) {
      pronoun(w);
      if (word(at_ + 1) == "'s") ++at_;
    } else if (is_a("auxiliary", w)) {
      touching_ = -1;  // "a man with a beard is reading": what follows is the subject's
    } else if (!is_a("adverb", w)) {
      return false;
    }
    ++at_;
    return true;
  }

  void pronoun(const std::string& w) {
    static const std::set<std::string> people = {"he", "she", "i", "we", "you"};
    if (people.count(w) && subject_ < 0) {  // nobody was named before
      subject_ = last_ = static_cast<int>(caption_.things.size());
      Thing person{"person", find_noun("person")};
      caption_.things.push_back(person);
      add(Kind::kExists, subject_);
      third_expected_ = true;
    } else if (w == "that" || w == "which" || w == "who") {
      if (last_ >= 0) subject_ = last_;
      coordinated_.clear();
      third_expected_ = true;
    } else if ((w == "it" || w == "them" || w == "him") && object_slot_ && last_ >= 0 && last_ != subject_) {
      for (Fact* fact : latest_actions()) fact->object = last_;  // "picks up a cube and drops it"
    }
    object_slot_ = false;
    touching_ = -1;
    preposition_.clear();
  }

  bool starts_noun(size_t i) const {
    return !word(i).empty() && !function_word(word(i)) && !(find_verb(word(i)) && !find_noun(word(i)));
  }

  // Those whose action the next verb is.
  std::vector<int> actors() const {
    std::vector<int> all = coordinated_;
    if (subject_ >= 0 && std::find(all.begin(), all.end(), subject_) == all.end()) all.push_back(subject_);
    return all;
  }
  // The facts of the latest verb, one for each who does it.
  std::vector<Fact*> latest_actions() {
    std::vector<Fact*> facts;
    for (int f = action_; f >= 0 && caption_.facts[static_cast<size_t>(f)].kind == Kind::kAction &&
                          action_ - f < action_count_;
         --f) {
      facts.push_back(&caption_.facts[static_cast<size_t>(f)]);
    }
    return facts;
  }
  bool moving() const {
    const VerbEntry* verb = action_ < 0 ? nullptr : caption_.facts[static_cast<size_t>(action_)].verb;
    return verb && verb->motion;
  }
  // What a relation is said of: the object of the verb just before, else the subject.
  int anchor() const {
    if (action_ >= 0 && caption_.facts[static_cast<size_t>(action_)].object >= 0)
      return caption_.facts[static_cast<size_t>(action_)].object;
    return subject_;
  }

  bool verb() {
    const std::string& w = word(at_);
    if (w.empty() || function_word(w)) return false;
    const VerbEntry* known = find_verb(w);
    const bool ing = ends(w, "ing") && w.size() > 5 && !is_a("not_verb", w);
    if (touching_ >= 0 && (known ? ing : ing && !find_noun(w))) {
      // A participle right behind a noun belongs to it: "a cat wearing a hat", "with smoke rising".
      if (touching_ != subject_ && (with_ || subject_ < 0 || thing(touching_).animate())) {
        subject_ = touching_;
        coordinated_.clear();
      }
    }
    const std::vector<int> who = actors();
    if (who.empty()) return false;
    const bool many = who.size() > 1 || thing(who[0]).plural;
    const bool third = known && w == third_person(known->base), base = known && w == known->base;
    const bool unknown_third = !known && third_expected_ && looks_plural(w) && !find_noun(w);
    if (!(ing && (known || !find_noun(w))) && !(third && !(many && find_noun(w))) && !(base && many) &&
        !unknown_third)
      return false;
    for (const int doer : who) {
      Fact& fact = add(Kind::kAction, doer);
      fact.verb = known;
      fact.value = known ? known->base : unknown_third ? base_of_third(w) : w;
      fact.participle = !known && !unknown_third;
    }
    action_ = static_cast<int>(caption_.facts.size()) - 1;
    action_count_ = static_cast<int>(who.size());
    object_slot_ = true;
    preposition_.clear();
    coordinated_.clear();
    third_expected_ = false;
    touching_ = -1;
    ++at_;
    return true;
  }

  // ---- noun phrases: [determiner] [number] modifiers head ----
  struct Phrase {
    std::vector<std::string> names;  // the words that stay in the name, the head last
    std::vector<std::pair<const AttributeEntry*, std::string>> attributes;
    std::vector<const GlobalEntry*> globals;
    const VerbEntry* doing = nullptr;  // "a running dog"
    std::string doing_word;
    bool singular = false, determined = false, collective = false;
    int64_t count = 0;
  };

  // Whether the phrase ends before the word, which is then a verb or another phrase's.
  bool ends_before(size_t i, const Phrase& p) const {
    const std::string& w = word(i);
    if (w.empty() || function_word(w) || find_number(w)) return true;
    if ((w == "next" || w == "close") && word(i + 1) == "to") return true;
    if (is_a("adverb", w) && !find_noun(w)) return true;
    if (p.names.empty()) return false;
    const NounEntry* head = find_noun(p.names.back());
    const bool one = p.singular || (head && !head->plural);
    const bool many = (head && head->plural) || p.count > 1;
    if (many && (looks_plural(p.names.back()) || (head && head->plural))) return true;
    const VerbEntry* verb = find_verb(w);
    const NounEntry* noun = find_noun(w);
    if (ends(w, "ing") && w.size() > 5 && !noun && !is_a("not_verb", w)) return true;
    if (ends(w, "ed") && !noun && !find_attribute(w)) return true;
    if (verb && w == third_person(verb->base) && one) return true;
    if (verb && w == verb->base && many) return true;
    if (looks_plural(w) && one && !(noun && p.names.empty())) return !noun || p.singular;
    if (verb && !noun && w == verb->base && head) return true;
    return find_attribute(w) != nullptr && !noun;
  }

  // Reads one modifier at i into p; returns how many tokens it took, 0 = it is none.
  size_t modifier(size_t i, Phrase& p) const {
    const std::string& w = word(i);
    if (!p.names.empty()) return 0;
    static const std::set<std::string> shades = {"light", "dark", "bright", "pale", "deep"};
    const AttributeEntry* color = find_attribute(word(i + 1));
    if (shades.count(w) && color && color->kind == AttributeEntry::Kind::kColor) {
      p.attributes.emplace_back(color, w + " " + color->phrase);
      return 2;
    }
    const AttributeEntry* own = find_attribute(w);
    const bool more = !ends_before(i + 1, Phrase{}) || mark(i + 1, ",") || word(i + 1) == "and";
    if (own && !(find_noun(w) && !more)) {
      const AttributeEntry* other = find_attribute(word(i + 2));
      if (own->kind == AttributeEntry::Kind::kColor && word(i + 1) == "and" && other &&
          other->kind == AttributeEntry::Kind::kColor) {
        p.attributes.emplace_back(own, own->phrase + " and " + other->phrase);
        return 3;
      }
      p.attributes.emplace_back(own, own->phrase);
      return mark(i + 1, ",") && other ? 1 + (find_attribute(word(i + 2)) ? 1 : 0) : 1;
    }
    const auto global = global_phrases().find(w);
    if (global != global_phrases().end() && !global->second.setting && more) {
      p.globals.push_back(&global->second);
      return 1;
    }
    // "a cute fluffy panda": what stands before an adjective is one
    const AttributeEntry* next = find_attribute(word(i + 1));
    if (!own && more && next && !find_noun(w) && !find_noun(word(i + 1))) return 1;
    const VerbEntry* verb = find_verb(w);
    if (verb && ends(w, "ing") && more) {
      p.doing = verb;
      p.doing_word = w;
      return 1;
    }
    if (more && looks_adjective(w) && !find_noun(w) && !function_word(word(i + 1)) && !mark(i + 1, ","))
      return 1;
    return 0;
  }

  bool noun_phrase() {
    Phrase p;
    size_t i = at_;
    while (is_a("determiner", word(i)) || word(i) == "'s") {
      p.determined = true;
      p.singular = is_a("singular", word(i));
      ++i;
    }
    if (i > at_) {
      const size_t start = at_;
      std::string found;
      at_ = i;
      if (longest(global_phrases(), found) > 1 && phrase()) return true;  // "a bird's eye view"
      at_ = start;
    }
    if (const auto number = find_number(word(i))) {
      p.count = *number;
      p.determined = true;
      p.singular = *number == 1;
      ++i;
    }
    for (size_t taken = 0; (taken = modifier(i, p)) > 0;) i += taken;
    while (!ends_before(i, p)) p.names.push_back(word(i++));
    if (p.names.empty()) {
      if (!p.determined && p.attributes.empty() && p.globals.empty()) return false;
      for (const GlobalEntry* global : p.globals) add(Kind::kGlobal, -1).global = global;
      at_ = std::max(i, at_ + 1);
      preposition_.clear();
      return true;
    }
    const std::string head = p.names.back();
    // "a flock of birds": the birds are what is seen
    if (word(i) == "of" && (is_a("collective", head) || is_a("framing", head))) {
      const auto view = global_phrases().find(head);
      if (view != global_phrases().end()) add(Kind::kGlobal, -1).global = &view->second;  // "a close-up of"
      joined_ = false;
      at_ = i + 1;
      return true;
    }
    const NounEntry* noun = find_noun(head);
    if (!noun && !p.determined && p.attributes.empty()) return false;
    if (!noun && (p.names.size() > 3 || is_a("adverb", head))) {
      at_ = i;
      preposition_.clear();
      return true;
    }
    at_ = i;
    place(p, noun);
    return true;
  }

  // Adds the thing and its facts, and connects it to what stood before.
  void place(const Phrase& p, const NounEntry* noun) {
    const std::string& head = p.names.back();
    for (const GlobalEntry* global : p.globals) add(Kind::kGlobal, -1).global = global;
    const auto global = global_phrases().find(head);
    if (global != global_phrases().end() && !noun) {
      add(Kind::kGlobal, -1).global = &global->second;
      preposition_.clear();
      touching_ = -1;
      return;
    }
    Thing t{"", noun};
    const bool does = p.doing && t.animate();
    if (p.doing && !does) t.name = p.doing_word;  // "a cutting board" does not cut
    for (size_t n = 0; n < p.names.size(); ++n) {
      const bool last = n + 1 == p.names.size();
      const auto place = global_phrases().find(p.names[n]);
      if (!last && !noun && place != global_phrases().end()) add(Kind::kGlobal, -1).global = &place->second;
      // Before a known noun only nouns stay in the name: "tennis ball", but "majestic horse" is a horse.
      if (!last && noun && !find_noun(p.names[n]) && looks_adjective(p.names[n])) continue;
      t.name += (t.name.empty() ? "" : " ") + p.names[n];
    }
    t.count = p.count;
    t.plural = p.count > 1 || (!p.singular && (noun ? noun->plural : looks_plural(head)));
    t.scenery = is_a("framing", head);
    const int index = static_cast<int>(caption_.things.size());
    caption_.things.push_back(t);
    if (!t.scenery) add(Kind::kExists, index);
    if (t.count > 0) add(Kind::kCount, index);
    for (const auto& [entry, phrase] : p.attributes) {
      Fact& fact = add(Kind::kAttribute, index);
      fact.attribute = entry;
      fact.value = phrase;
    }
    if (does) {
      Fact& fact = add(Kind::kAction, index);
      fact.verb = p.doing;
      fact.value = p.doing->base;
    }
    connect(index);
  }

  void connect(int index) {
    const Thing& t = thing(index);
    const std::string relation = preposition_;
    preposition_.clear();
    with_ = relation == "with";
    touching_ = index;
    const bool object = object_slot_;
    object_slot_ = false;
    if (!relation.empty()) {
      relate(relation, index);
    } else if (action_ >= 0 && (object || joins_object(t))) {
      if (!object) {
        std::vector<Fact> copies;
        for (const Fact* fact : latest_actions()) copies.push_back(*fact);
        for (const Fact& copy : copies) caption_.facts.push_back(copy);
        action_ = static_cast<int>(caption_.facts.size()) - 1;
      }
      for (Fact* fact : latest_actions()) fact->object = index;
    } else if (!t.scenery) {
      coordinated_.clear();
      if (joined_ && subject_ >= 0 && third_expected_) coordinated_ = {subject_};
      subject_ = index;
      action_ = -1;
      third_expected_ = true;
    }
    joined_ = false;
    last_ = index;
  }

  // "wears a hat and a scarf": after "and" a thing is one more object unless it has a verb of its own.
  bool joins_object(const Thing& t) const {
    const Fact& action = caption_.facts[static_cast<size_t>(action_)];
    if (!joined_ || action.object < 0 || action.object != last_ || t.animate()) return false;
    return action.value == "wear" || action.value == "wearing" || !find_verb(word(at_));
  }

  void relate(const std::string& relation, int index) {
    const Thing& t = thing(index);
    const auto contrary = relations().find(relation);
    const int of = anchor();
    if (contrary == relations().end() || of < 0 || of == index || t.scenery || thing(of).scenery) return;
    const std::string category = t.noun ? t.noun->category : "";
    static const std::set<std::string> hollow = {"shape", "furniture", "tableware", "structure",
                                                 "thing", "vehicle",   "mass"};
    if (relation == "in" && !hollow.count(category)) return;
    if (relation == "over" && moving()) return;  // who jumps over a fence is not above it for long
    Fact& fact = add(Kind::kRelation, of);
    fact.object = index;
    fact.value = relation;
    fact.contrast = contrary->second;
  }

  std::vector<Token> tokens_;
  size_t at_ = 0;
  Caption caption_;
  int subject_ = -1, last_ = -1;        // things
  int touching_ = -1;                   // the thing whose phrase ended right here
  int action_ = -1, action_count_ = 0;  // the latest verb's last fact in this clause, and how many it has
  std::vector<int> coordinated_;        // further subjects: "a cat and a dog"
  std::string preposition_;             // waiting for its noun phrase
  bool object_slot_ = false;            // a noun phrase here is the verb's object
  bool joined_ = false;                 // "and" stands before
  bool with_ = false;                   // the latest phrase hangs on "with"
  bool third_expected_ = false;         // a subject waits for its verb
};

}  // namespace

Caption parse_caption(const std::string& prompt) { return Parser(prompt).run(); }

}  // namespace drf::critic
