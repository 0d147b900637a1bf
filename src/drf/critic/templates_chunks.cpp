#include "drf/critic/templates_chunks.h"

#include <algorithm>
#include <set>

namespace drf::critic {
namespace {

using Kind = Chunk::Kind;

class Cutter {
 public:
  explicit Cutter(const std::vector<Token>& tokens) : tokens_(tokens) {}

  Chunks run() {
    while (at_ < tokens_.size()) {
      if (!(mark() || quote() || phrase() || pronoun() || link() || direction() || verb_group() || thing() ||
            small_word())) {
        add(Kind::kOther, 1);
      }
    }
    return std::move(chunks_);
  }

 private:
  const std::string& word(size_t i) const {
    static const std::string none;
    return i < tokens_.size() && tokens_[i].kind == Token::Kind::kWord ? tokens_[i].text : none;
  }
  Chunk& add(Kind kind, size_t length) {
    Chunk chunk;
    chunk.kind = kind;
    chunk.begin = at_;
    at_ += length;
    chunk.end = at_;
    if (length > 0) chunk.text = tokens_[chunk.begin].text;
    chunks_.list.push_back(chunk);
    return chunks_.list.back();
  }
  // What stands before, adverbs left out.
  Kind before() const {
    for (auto it = chunks_.list.rbegin(); it != chunks_.list.rend(); ++it) {
      if (it->kind != Kind::kAdverb) return it->kind;
    }
    return Kind::kEnd;
  }
  bool finite_before() const {
    for (auto it = chunks_.list.rbegin(); it != chunks_.list.rend() && it->kind != Kind::kEnd; ++it) {
      if (it->kind == Kind::kVerb && it->finite()) return true;
    }
    return false;
  }
  bool noun_starts(size_t i) const {
    const std::string& w = word(i);
    if (w.empty()) return false;
    if (is_a("determiner", w) || find_number(w) || is_adjective(w) || find_noun(w)) return true;
    return !function_word(w) && !is_a("adverb", w) && !find_verb(w);
  }

  bool mark() {
    if (tokens_[at_].kind != Token::Kind::kMark) return false;
    const std::string& m = tokens_[at_].text;
    add(m == ","                                              ? Kind::kComma
        : std::string(".;:!?()").find(m) != std::string::npos ? Kind::kEnd
                                                              : Kind::kOther,
        1);
    return true;
  }

  bool quote() {
    if (tokens_[at_].kind != Token::Kind::kQuote) return false;
    add(Kind::kQuote, 1);
    return true;
  }

  // Prepositions of several words, and those that mean that something is not so.
  bool phrase() {
    static const std::map<std::string, std::string> known = {{"instead of", "without"},
                                                             {"rather than", "without"},
                                                             {"in place of", "without"},
                                                             {"free of", "without"},
                                                             {"devoid of", "without"},
                                                             {"empty of", "without"},
                                                             {"out of", "from"},
                                                             {"made of", "like"},
                                                             {"such as", "with"},
                                                             {"because of", "like"},
                                                             {"in the style of", "style"},
                                                             {"in the shape of", "like"},
                                                             {"in the form of", "like"},
                                                             {"dressed as", "like"},
                                                             {"disguised as", "like"},
                                                             {"shaped like", "like"},
                                                             {"full of", "full"},
                                                             {"covered in", "with"},
                                                             {"covered with", "with"},
                                                             {"filled with", "full"},
                                                             {"made from", "like"},
                                                             {"as if", "if"},
                                                             {"as though", "if"},
                                                             {"so that", "if"},
                                                             {"in order", "if"},
                                                             {"about to", "if"},
                                                             {"up to", "to"},
                                                             {"along with", "with"},
                                                             {"together with", "with"},
                                                             {"dressed in", "in"},
                                                             {"clad in", "in"},
                                                             {"wrapped in", "wrapped"},
                                                             {"looks like", "like"},
                                                             {"look like", "like"},
                                                             {"looking like", "like"},
                                                             {"but no", "without"},
                                                             {"with no", "without"},
                                                             {"in the middle of", "amid"},
                                                             {"at the end", "then"},
                                                             {"in the end", "then"},
                                                             {"but not", "if"},
                                                             {"and not", "if"},
                                                             {"not only", "if"},
                                                             {"no longer", "if"},
                                                             {"by the time", "if"},
                                                             {"as well as", "and"},
                                                             {"one another", "it"},
                                                             {"each other", "it"},
                                                             {"no one", "if"},
                                                             {"for a", "like"}};
    std::string text, found, means;
    size_t length = 0;
    for (size_t n = 1; n <= 5 && !word(at_ + n - 1).empty(); ++n) {
      text += (n > 1 ? " " : "") + word(at_ + n - 1);
      const auto spelled = spelled_relations().find(text);
      const bool relation = n > 1 && relations().count(text) > 0;
      const auto it = known.find(text);
      if (spelled == spelled_relations().end() && !relation && it == known.end()) continue;
      length = n;
      found = text;
      means = relation ? text : it != known.end() ? it->second : spelled->second;
    }
    if (length == 0) return false;
    Kind kind = Kind::kPreposition;
    if (means == "if" || means == "then") kind = Kind::kLink;
    if (means == "and") kind = Kind::kAnd;
    if (means == "it") kind = Kind::kOther;
    add(kind, length).text = means;
    return true;
  }

  bool pronoun() {
    const std::string& w = word(at_);
    if (w == "there" && (word(at_ + 1) == "is" || word(at_ + 1) == "are") && word(at_ + 2) != "not") {
      at_ += 2;  // what follows is the phrase itself
      return true;
    }
    static const std::set<std::string> also_determiners = {"her", "that", "this", "these", "those",
                                                           "all", "both", "his",  "some"};
    if (w == "that" && (before() == Kind::kThing || before() == Kind::kComma) && !chunks_.list.empty() &&
        (find_verb(word(at_ + 1)) || is_a("auxiliary", word(at_ + 1)) || is_a("modal", word(at_ + 1)) ||
         is_a("pronoun", word(at_ + 1)))) {
      add(Kind::kRelative, 1);
      return true;
    }
    if (is_a("relative", w) && w != "that") {
      add(Kind::kRelative, 1);
      return true;
    }
    if (also_determiners.count(w)
            ? !noun_starts(at_ + 1) && !(find_verb(word(at_ + 1)) && find_verb(word(at_ + 1))->ing)
            : is_a("pronoun", w) && !(w == "one" && noun_starts(at_ + 1))) {
      add(Kind::kPronoun, 1);
      return true;
    }
    return false;
  }

  bool link() {
    const std::string& w = word(at_);
    static const std::map<std::string, std::string> links = {
        {"then", "then"},       {"finally", "then"},   {"afterwards", "then"}, {"afterward", "then"},
        {"eventually", "then"}, {"before", "before"},  {"after", "after"},     {"until", "until"},
        {"till", "until"},      {"while", "while"},    {"as", "as"},           {"when", "when"},
        {"where", "where"},     {"because", "if"},     {"if", "if"},           {"although", "if"},
        {"though", "if"},       {"so", "if"},          {"once", "after"},      {"since", "if"},
        {"whenever", "if"},     {"unless", "if"},      {"neither", "if"},      {"nobody", "if"},
        {"nothing", "if"},      {"meanwhile", "while"}};
    if (w == "first" && (before() == Kind::kEnd || before() == Kind::kComma) &&
        (is_a("determiner", word(at_ + 1)) || word(at_ + 1).empty())) {
      add(Kind::kLink, 1).text = "first";
      return true;
    }
    if (w == "next" && (before() == Kind::kEnd || before() == Kind::kAnd) && tokens_.size() > at_ + 1 &&
        tokens_[at_ + 1].text == ",") {
      add(Kind::kLink, 1).text = "then";
      return true;
    }
    const auto it = links.find(w);
    if (it == links.end()) return false;
    add(Kind::kLink, 1).text = it->second;
    return true;
  }

  // Only behind a verb of motion: one can look up without going there.
  bool direction() {
    if (chunks_.list.empty() || before() != Kind::kVerb) return false;
    std::string text, found;
    size_t length = 0;
    for (size_t n = 1; n <= 4 && !word(at_ + n - 1).empty(); ++n) {
      text += (n > 1 ? " " : "") + word(at_ + n - 1);
      if (directions().count(text)) {
        length = n;
        found = text;
      }
    }
    if (length == 0 || word(at_ + length) == "of" || noun_starts(at_ + length)) return false;
    Chunk& chunk = add(Kind::kAdverb, length);
    chunk.text = directions().at(found);
    chunk.direction = true;
    return true;
  }

  // "is not holding", "does not run", "slowly rises", "to cry"
  bool verb_group() {
    size_t i = at_;
    Chunk group;
    group.kind = Kind::kVerb;
    if (word(i) == "to" && find_verb(word(i + 1)) && find_verb(word(i + 1))->base &&
        !noun_phrase_after_to(i + 1)) {
      group.infinitive = true;
      ++i;
    }
    while (is_a("auxiliary", word(i)) || is_a("modal", word(i)) || word(i) == "not" || word(i) == "never" ||
           (i > at_ && (is_a("adverb", word(i)) || ends_with(word(i), "ly")) && !find_verb(word(i)) &&
            !find_noun(word(i)))) {
      if (is_a("auxiliary", word(i)) &&
          (group.auxiliary.empty() || word(i) == "being" || word(i) == "been")) {
        group.auxiliary = group.auxiliary.empty() ? word(i) : group.auxiliary;
      }
      group.modal |= is_a("modal", word(i));
      group.negated |= word(i) == "not" || word(i) == "never";
      ++i;
    }
    const VerbForm* form = find_verb(word(i));
    const bool helped = !group.auxiliary.empty() || group.modal || group.infinitive;
    if (i > at_ && !form) {
      if (group.auxiliary.empty()) {  // "not", "will" alone
        if (group.negated) {
          add(Kind::kLink, i - at_).text = "if";
          return true;
        }
        return false;
      }
      group.third = group.base = false;
      group.sure = !group.modal;
      push(group, i);
      return true;
    }
    if (!form) return false;
    const NounEntry* noun = find_noun(word(i));
    if (helped || group.negated) {
      // "is cut", "has a park": behind "is" or "has" a noun is one if nothing else makes it a verb
      if (!group.auxiliary.empty() && noun && !form->ing && !form->past && group.auxiliary[0] != 'd') {
        push(group, i);
        return true;
      }
    } else if (!verb_here(i, *form, noun)) {
      return false;
    }
    group.verb = form->verb;
    group.third = form->third;
    group.base = form->base && !group.infinitive;
    group.ing = form->ing;
    group.past = form->past;
    group.participle = form->participle;
    group.sure = !tokens_[i].slip && !undecided_;
    undecided_ = false;
    push(group, i + 1);
    return true;
  }

  bool noun_phrase_after_to(size_t i) const {
    const VerbForm* form = find_verb(word(i));
    return find_noun(word(i)) && form->base && !is_a("determiner", word(i + 1)) && !find_noun(word(i + 1)) &&
           before() == Kind::kVerb && chunks_.list.back().verb &&
           chunks_.list.back().verb->kind == VerbEntry::Kind::kMotion;  // "walks to work"
  }

  void push(Chunk group, size_t end) {
    group.begin = at_;
    group.end = end;
    group.text = word(end - 1);
    at_ = end;
    chunks_.list.push_back(group);
  }

  // Whether a word that is some verb's form is a verb here.
  bool verb_here(size_t i, const VerbForm& form, const NounEntry* noun) {
    const Kind prior = before();
    const std::string& next = word(i + 1);
    const bool adjective = is_adjective(word(i));
    if (prior == Kind::kThing || prior == Kind::kPronoun || prior == Kind::kRelative ||
        prior == Kind::kQuote) {
      if (prior == Kind::kThing && form.past && adjective && noun_starts(i + 1)) return false;
      return true;
    }
    if (prior == Kind::kPreposition) {  // "without touching", "of running water"
      if (!form.ing || noun) return false;
      return is_a("determiner", next) || is_a("pronoun", next) || !noun_starts(i + 1) || !last_is("of");
    }
    if (prior == Kind::kAnd || prior == Kind::kComma || prior == Kind::kLink) {
      if (form.ing)
        return !noun && (is_a("determiner", next) || is_a("pronoun", next) || !noun_starts(i + 1) ||
                         prior != Kind::kComma);
      if (!noun) {
        if (adjective && noun_starts(i + 1) && form.past) return false;
        if (form.past) undecided_ = true;
        return form.third || form.base || form.past;
      }
      if (is_a("determiner", next) || is_a("pronoun", next))
        return (form.third || form.base) && finite_before();
      if (form.third && noun->plural) {
        if (noun_starts(i + 1) || find_verb(next) || !finite_before()) return false;
        // "off the table and breaks": a bare plural beside a phrase that has its article
        const Thing* last = chunks_.things.empty() ? nullptr : &chunks_.things.back();
        undecided_ = !(last && last->determined && !last->plural);
        return true;
      }
      if (form.base && finite_before() && !noun_starts(i + 1) && !find_verb(next)) {
        undecided_ = true;
        return true;
      }
      return false;
    }
    if (prior == Kind::kVerb) return form.ing && !noun;  // "starts running"
    if (form.ing && !noun && !noun_starts(i + 1)) return true;
    return false;
  }
  bool last_is(const char* text) const { return !chunks_.list.empty() && chunks_.list.back().text == text; }

  bool thing() {
    Thing thing;
    const bool after_subject = before() == Kind::kThing || before() == Kind::kPronoun;
    size_t length = read_noun_phrase(tokens_, at_, after_subject, thing);
    if (length == 0) return false;
    if (thing.name.empty()) {
      add(Kind::kOther, length);
      return true;
    }
    const std::string head = word(thing.at);
    if (word(at_ + length) == "of" && of_phrase(thing, head, length)) return true;
    place(thing, length);
    if (word(at_) == "'s") {  // "the girl's hat"
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

  // "a flock of birds", "a close-up of a cup": the birds, the cup.
  bool of_phrase(Thing& thing, const std::string& last, size_t length) {
    // "slices of", "cups of"
    const std::string head =
        thing.noun && thing.noun->plural && !is_a("measure", last) ? thing.noun->kin : last;
    static const std::set<std::string> pictures = {"painting", "drawing",    "sketch",  "illustration",
                                                   "photo",    "photograph", "picture", "image",
                                                   "portrait", "cartoon"};
    const bool first = chunks_.list.empty();
    if (pictures.count(head) && !first) {
      thing.sure = false;
      place(thing, length);
      add(Kind::kPreposition, 1).text = "like";
      return true;
    }
    if (is_a("framing", head)) {
      at_ += length + 1;
      return true;
    }
    const bool group = is_a("collective", head);
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
      inner.bare = !inner.determined && !inner.plural;  // "a slice of pizza"
      inner.determined = true;
      inner.count = 0;
      inner.negated |= thing.negated;
      collective_ = group && !thing.plural;
      at_ = start;
      place(inner, more);
      return true;
    }
    place(thing, length);
    add(Kind::kPreposition, 1).text = "with";  // "a cup of coffee"
    return true;
  }

  void place(const Thing& thing, size_t length) {
    int index = -1;
    if (thing.definite) {
      for (size_t t = 0; t < chunks_.things.size(); ++t) {
        if (chunks_.things[t].name == thing.name && !chunks_.things[t].negated && !thing.negated)
          index = static_cast<int>(t);
      }
    }
    if (index < 0) {
      index = static_cast<int>(chunks_.things.size());
      chunks_.things.push_back(thing);
    }
    Chunk& chunk = add(Kind::kThing, length);
    chunk.thing = index;
    chunk.text = thing.name;
    chunk.sure = thing.sure;
    if (collective_) chunk.auxiliary = "collective";
    collective_ = false;
  }

  bool small_word() {
    const std::string& w = word(at_);
    if (w.empty()) return false;
    if (w == "and" || w == "or" || w == "nor" || w == "but") {
      add(Kind::kAnd, 1);
      return true;
    }
    if (is_a("preposition", w)) {
      const bool adverb = is_a("adverb", w) && !noun_starts(at_ + 1) && !is_a("pronoun", word(at_ + 1));
      add(adverb ? Kind::kAdverb : Kind::kPreposition, 1);
      return true;
    }
    if (is_adjective(w) || (find_verb(w) && find_verb(w)->participle)) {
      add(Kind::kQuality, 1);
      return true;
    }
    if (is_a("adverb", w) || ends_with(w, "ly")) {
      add(Kind::kAdverb, 1);
      return true;
    }
    return false;
  }

  const std::vector<Token>& tokens_;
  size_t at_ = 0;
  bool undecided_ = false, collective_ = false;
  Chunks chunks_;
};

}  // namespace

Chunks chunks_of(const std::vector<Token>& tokens) { return Cutter(tokens).run(); }

}  // namespace drf::critic
