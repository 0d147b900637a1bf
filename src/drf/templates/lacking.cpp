#include "drf/templates/lacking.h"

#include <algorithm>

namespace drf::templates {
namespace {

using Words = std::set<std::string>;

class Lacking {
 public:
  Lacking(const std::vector<Token>& tokens, Caption& caption) : tokens_(tokens), caption_(caption) {}

  void run() {
    // It may be otherwise before or behind.
    for (const char* w :
         {"then", "until", "till", "before", "after", "suddenly", "finally", "later", "first", "when",
          "again", "anymore", "once", "soon", "eventually", "if", "reverse", "not", "never"}) {
      if (caption_.words.count(w)) return;
    }
    for (size_t i = 1; i < tokens_.size(); ++i) {
      if (word(i) == "missing") missing(i);
      if (word(i) == "nothing") nothing_on(i);
      if (word(i + 1) == "of") empty_of(i);
    }
  }

 private:
  const std::string& word(size_t i) const { return word_at(tokens_, i); }
  bool ends(size_t i) const {
    static const Words links = {"and", "but", "while", "as"};
    return i >= tokens_.size() || tokens_[i].kind == Token::Kind::kMark || links.count(word(i)) > 0;
  }

  // The one thing that is named at token i, and is not to be taken for another; -1 where there is none.
  int named_at(size_t i) const {
    int found = -1;
    for (size_t t = 0; t < caption_.things.size(); ++t) {
      const Thing& thing = caption_.things[t];
      if (thing.negated || thing.proper || !thing.sure) continue;
      if (thing.at == i) found = static_cast<int>(t);
    }
    for (size_t t = 0; found >= 0 && t < caption_.things.size(); ++t) {
      const Thing &one = caption_.things[static_cast<size_t>(found)], &other = caption_.things[t];
      if (static_cast<int>(t) != found && one.noun && other.noun && one.noun->kin == other.noun->kin)
        return -1;
    }
    return found;
  }
  const Thing& thing(int t) const { return caption_.things[static_cast<size_t>(t)]; }

  // "a doll with a missing arm", "a sailor missing a front tooth": what is missing is one of several.
  void missing(size_t i) {
    static const std::map<std::string, std::string> several = {
        {"tooth", "teeth"}, {"arm", "arms"},     {"leg", "legs"},       {"eye", "eyes"},
        {"ear", "ears"},    {"wing", "wings"},   {"hand", "hands"},     {"foot", "feet"},
        {"shoe", "shoes"},  {"wheel", "wheels"}, {"button", "buttons"}, {"string", "strings"},
        {"horn", "horns"},  {"tusk", "tusks"},   {"finger", "fingers"}, {"sleeve", "sleeves"},
        {"key", "keys"},    {"claw", "claws"},   {"glove", "gloves"},   {"sock", "socks"}};
    static const Words pairs = {"arm",  "eye",    "ear",   "hand", "foot", "wing",
                                "shoe", "sleeve", "glove", "sock", "horn", "tusk"};
    static const Words mends = {"replaces", "attaches", "glues",    "sews",  "grows",  "finds",
                                "screws",   "puts",     "searches", "fixes", "repairs"};
    for (const std::string& w : mends) {
      if (caption_.words.count(w)) return;
    }
    static const Words articles = {"a", "an", "one", "its", "his", "her", "their"};
    size_t owner = 0, from = 0;
    std::string article;
    if (articles.count(word(i - 1)) && i >= 3 && word(i - 2) == "with") {
      owner = i - 3;
      article = word(i - 1);
      from = i + 1;
    } else if (articles.count(word(i + 1))) {
      owner = word(i - 1) == "is" ? i - 2 : i - 1;
      article = word(i + 1);
      from = i + 2;
    } else {
      return;
    }
    const int who = named_at(owner);
    if (who < 0 || thing(who).plural) return;
    static const Words which = {"front", "back", "left", "right", "hind", "rear", "top"};
    const std::string side = which.count(word(from)) ? word(from) + " " : "";
    const std::string& part = word(from + !side.empty());
    if (!several.count(part)) return;
    const bool legs = part == "leg" && thing(who).noun && thing(who).noun->category == "person";
    const bool both = side.empty() && (pairs.count(part) || legs);
    const std::string its = thing(who).noun && thing(who).noun->category == "person" ? "their " : "its ";
    const std::string a = article == "one" || article == "a" || article == "an"
                              ? with_article(side.empty() ? part : side + part)
                              : article + " " + side + part;
    Fact& fact = caption_.facts.emplace_back();
    fact.value = "Is the " + thing(who).name + " missing " + a + "?";
    const bool the_one = !side.empty() && article != "a" && article != "an" && article != "one";
    if (the_one) {  // "its front wheel"
      fact.contrast = "Does the " + thing(who).name + " have " + article + " " + side + part + "?";
      return;
    }
    fact.contrast = "Does the " + thing(who).name + " have " + (both ? "both " : "all of " + its + side) +
                    several.at(part) + "?";
  }

  // "a table with nothing on it", "the fridge has nothing in it"
  void nothing_on(size_t i) {
    static const Words where = {"on", "in", "inside"}, has = {"with", "has", "have"};
    if (!where.count(word(i + 1)) || (word(i + 2) != "it" && word(i + 2) != "them") || !ends(i + 3) ||
        word(i + 3) == "but" || i < 2 || !has.count(word(i - 1)))
      return;
    const int t = named_at(i - 2);
    if (t < 0 || thing(t).plural != (word(i + 2) == "them")) return;
    for (const Fact& fact : caption_.facts) {
      if ((fact.object == t && fact.kind == Fact::Kind::kRelation) || fact.place == t) return;
    }
    Fact& fact = caption_.facts.emplace_back();
    fact.value = "Is there nothing " + word(i + 1) + " the " + thing(t).name + "?";
    fact.contrast = "Is there anything " + word(i + 1) + " the " + thing(t).name + "?";
  }

  // "a stage bare of any props", "the shelves are empty of books"
  void empty_of(size_t i) {
    static const Words none = {"empty", "bare", "devoid", "free", "void", "stripped", "cleared"},
                       all = {"any", "all"};
    if (!none.count(word(i)) || i < 1) return;
    size_t what = i + 2;
    what += all.count(word(what));
    const NounEntry* noun = find_noun_beside(word(what));
    const bool is = word(i - 1) == "is" || word(i - 1) == "are";
    const int owner = i < 2 && is ? -1 : named_at(is ? i - 2 : i - 1);
    if (is && owner >= 0) {  // "the box on the shelf is empty": the box
      size_t article = i - 2;
      while (article > 0 && !is_a("determiner", word(article)) && !is_a("preposition", word(article)) &&
             !word(article).empty())
        --article;
      if (is_a("preposition", word(article))) return;
      if (article > 0 && is_a("preposition", word(article - 1))) return;
    }
    if (owner < 0 || !noun || !noun->visible() || noun->category == "place" || !ends(what + 1)) return;
    const bool many = noun->plural || looks_plural(word(what));
    for (const Thing& other : caption_.things) {
      if (other.at != what && other.noun && other.noun->kin == noun->kin) return;
    }
    for (const Fact& fact : caption_.facts) {
      if (fact.kind == Fact::Kind::kAbsent && thing(fact.thing).at == what) return;
    }
    const Thing& place = thing(owner);
    Fact& fact = caption_.facts.emplace_back();
    if (place.noun && place.noun->category == "place") {
      fact.value = "Is the scene free of " + word(what) + "?";
      fact.contrast = (many ? "Are there any " : "Is there any ") + word(what) + "?";
    } else {
      fact.value = (place.plural ? "Are the " : "Is the ") + place.name + " without " + word(what) + "?";
      fact.contrast = (place.plural ? "Do the " : "Does the ") + place.name + " have " + word(what) + "?";
    }
  }

  const std::vector<Token>& tokens_;
  Caption& caption_;
};

}  // namespace

void add_lacking(const std::vector<Token>& tokens, Caption& caption) { Lacking(tokens, caption).run(); }

}  // namespace drf::templates
