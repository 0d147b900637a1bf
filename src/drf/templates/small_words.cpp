// Prepositions, pronouns, conjunctions, adverbs: what stands between noun phrases and verbs.
#include "drf/templates/cutter.h"

namespace drf::templates {

bool Cutter::phrase() {
  // "Tracking shot of a fox", "Slow zoom shot of"
  if (before() == Kind::kEnd && find_verb(word(at_)) && find_verb(word(at_))->ing &&
      is_a("framing", word(at_ + 1)) && word(at_ + 2) == "of") {
    at_ += 3;
    return true;
  }
  // "time-lapse of a sunflower", "silhouette of a couple": words that are no noun phrase
  if (is_a("framing", word(at_)) && word(at_ + 1) == "of" && !find_noun(word(at_))) {
    at_ += 2;
    return true;
  }
  if (word(at_) == "as" && word(at_ + 1) == "soon" && word(at_ + 2) == "as") {
    add(Kind::kLink, 3).text = "after";
    return true;
  }
  // "as big as", "as many as"
  for (const size_t n : {2, 3}) {
    if (word(at_) == "as" && word(at_ + n) == "as") {
      add(Kind::kPreposition, n + 1).text = "like";
      return true;
    }
  }
  static const std::map<std::string, std::string> known = {{"back and forth", "adverb"},
                                                           {"up and down", "adverb"},
                                                           {"round and round", "adverb"},
                                                           {"around and around", "adverb"},
                                                           {"to and fro", "adverb"},
                                                           {"in and out", "adverb"},
                                                           {"side to side", "adverb"},
                                                           {"from side to side", "adverb"},
                                                           {"side by side", "adverb"},
                                                           {"hand in hand", "adverb"},
                                                           {"arm in arm", "adverb"},
                                                           {"face to face", "adverb"},
                                                           {"back to back", "adverb"},
                                                           {"one by one", "adverb"},
                                                           {"over and over", "adverb"},
                                                           {"step by step", "adverb"},
                                                           {"in a row", "adverb"},
                                                           {"in single file", "adverb"},
                                                           {"in formation", "adverb"},
                                                           {"in slow motion", "adverb"},
                                                           {"go of", "with"},
                                                           {"goes of", "with"},
                                                           {"in a line", "adverb"},
                                                           {"in a circle", "adverb"},
                                                           {"in circles", "adverb"},
                                                           {"in unison", "adverb"},
                                                           {"on fire", "like"},
                                                           {"instead of", "without"},
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
                                                           {"at last", "then"},
                                                           {"after that", "then"},
                                                           {"moments later", "then"},
                                                           {"a moment later", "then"},
                                                           {"seconds later", "then"},
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
  if (means == "adverb") kind = Kind::kAdverb;
  if (means == "it") kind = Kind::kOther;
  add(kind, length).text = means;
  return true;
}

bool Cutter::pronoun() {
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

bool Cutter::link() {
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
  // "Having tied the boat, he ...": after tying it
  if (w == "having" && find_verb(word(at_ + 1)) && find_verb(word(at_ + 1))->past &&
      (before() == Kind::kEnd || before() == Kind::kComma || last_is("after"))) {
    if (last_is("after")) {
      ++at_;
    } else {
      add(Kind::kLink, 1).text = "after";
    }
    return true;
  }
  if ((w == "soon" || w == "later") && (before() == Kind::kAnd || before() == Kind::kEnd) &&
      word(at_ + 1) != "after") {
    add(Kind::kLink, 1).text = "then";
    return true;
  }
  const auto it = links.find(w);
  if (it == links.end()) return false;
  add(Kind::kLink, 1).text = it->second;
  return true;
}

bool Cutter::direction() {
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

bool Cutter::small_word() {
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

}  // namespace drf::templates
