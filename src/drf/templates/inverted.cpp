#include "drf/templates/inverted.h"

#include <set>
#include <string>

#include "drf/templates/lexicon.h"
#include "drf/templates/words.h"

namespace drf::templates {
namespace {

using Words = std::set<std::string>;

class Upright {
 public:
  explicit Upright(const std::vector<Token>& tokens) : tokens_(tokens) {}

  std::vector<Token> run() {
    for (size_t i = 0; i < tokens_.size();) {
      size_t taken = starts(i) ? sooner(i) : 0;
      if (taken == 0 && starts(i)) taken = not_until(i);
      if (taken == 0) {
        result_.push_back(tokens_[i]);
        taken = 1;
      }
      i += taken;
    }
    return result_;
  }

 private:
  const std::string& word(size_t i) const { return word_at(tokens_, i); }
  bool starts(size_t i) const { return i == 0 || (tokens_[i - 1].kind == Token::Kind::kMark && end(i - 1)); }
  bool end(size_t i) const {
    static const std::string ends = ".;:!?";
    return i >= tokens_.size() ||
           (tokens_[i].kind == Token::Kind::kMark && ends.find(tokens_[i].text) != std::string::npos);
  }
  void push(const std::string& text) {
    result_.push_back({text == "," ? Token::Kind::kMark : Token::Kind::kWord, text, text, false});
  }
  void copy(size_t from, size_t to) {
    for (size_t i = from; i < to; ++i) result_.push_back(tokens_[i]);
  }
  static std::string of_participle(const std::string& w) {
    const VerbForm* form = find_verb(w);
    return form && form->participle ? form->verb->base : lexicon_verb(w);
  }

  // The verb behind the subject at i, before `to`: "the bell ring", "he smile"; 0 where it is not certain.
  size_t verb_of(size_t i, size_t to, bool participle) const {
    static const Words ones = {"he", "she", "it", "they"};
    const size_t first = ones.count(word(i)) ? i + 1 : is_a("determiner", word(i)) ? i + 2 : to;
    for (size_t v = first; v < to && v < i + 6 && !word(v).empty(); ++v) {
      const bool verb = participle ? !of_participle(word(v)).empty() && word(v) != base_form(word(v))
                                   : !base_form(word(v)).empty();
      if (!verb) {
        if (is_a("preposition", word(v)) || word(v) == "and") return 0;
        continue;
      }
      const bool goes_on = v + 1 < to && !base_form(word(v + 1)).empty() && !function_word(word(v + 1)) &&
                           !is_a("preposition", word(v + 1));  // "the water drop fall"
      if (!goes_on) return v;
    }
    return 0;
  }
  static bool joined(const std::string& w) { return w == "and" || w == "but" || w == "or"; }

  // "No sooner does the bell ring than ...", "... has the bell rung than ..."
  size_t sooner(size_t i) {
    if (word(i) != "no" || word(i + 1) != "sooner") return 0;
    const std::string& aux = word(i + 2);
    const bool does = aux == "does" || aux == "do", has = aux == "has" || aux == "have";
    if (!does && !has) return 0;
    size_t than = i + 3;
    while (!end(than) && word(than) != "than") ++than;
    if (word(than) != "than") return 0;
    const size_t verb = verb_of(i + 3, than, has);
    if (verb == 0) return 0;
    const std::string one = has ? of_participle(word(verb)) : base_form(word(verb));
    push("once");
    copy(i + 3, verb);
    push(aux == "do" || aux == "have" ? one : third_person(one));
    copy(verb + 1, than);
    push(",");
    return than + 1 - i;
  }

  // "Not until the curtain falls does the crowd clap", "Only after washing her hands does the nurse eat"
  size_t not_until(size_t i) {
    const bool until = word(i) == "not" && (word(i + 1) == "until" || word(i + 1) == "till");
    const bool only =
        word(i) == "only" && (word(i + 1) == "after" || word(i + 1) == "when" || word(i + 1) == "once");
    if ((!until && !only) || word(i + 2) == "that" || word(i + 2) == "this" || word(i + 2) == "then")
      return 0;
    size_t aux = i + 3;
    while (!end(aux) && word(aux) != "does" && word(aux) != "do") ++aux;
    if (end(aux)) return 0;
    size_t last = aux + 1;
    while (!end(last)) ++last;
    const size_t verb = verb_of(aux + 1, last, false);
    if (verb == 0 || joined(word(aux - 1))) return 0;
    push(word(i + 1) == "after" ? "after" : "once");
    copy(i + 2, tokens_[aux - 1].kind == Token::Kind::kMark ? aux - 1 : aux);
    push(",");
    copy(aux + 1, verb);
    push(word(aux) == "do" ? word(verb) : third_person(base_form(word(verb))));
    return verb + 1 - i;
  }

  const std::vector<Token>& tokens_;
  std::vector<Token> result_;
};

}  // namespace

std::vector<Token> with_plain_order(const std::vector<Token>& tokens) { return Upright(tokens).run(); }

}  // namespace drf::templates
