#include "drf/templates/denials.h"

#include <map>
#include <set>
#include <string>
#include <utility>

#include "drf/templates/words.h"

namespace drf::templates {
namespace {

class Denials {
 public:
  explicit Denials(const std::vector<Token>& tokens) : tokens_(tokens) {}

  std::vector<Token> run() {
    for (size_t at = 0; at < tokens_.size();) {
      const size_t taken = not_one(at) + zero(at) + holds_no(at) + lacks(at) + with_neither(at) + none_of(at);
      if (taken == 0) result_.push_back(tokens_[at]);
      at += taken == 0 ? 1 : taken;
    }
    return std::move(result_);
  }

 private:
  std::string word(size_t i) const {
    return i < tokens_.size() && tokens_[i].kind == Token::Kind::kWord ? tokens_[i].text : "";
  }
  void push(const std::string& word) { result_.push_back({Token::Kind::kWord, word, word}); }

  // "not a single", "not one single", "not any"; "and not" would be read as one
  size_t not_one(size_t i) {
    if (word(i) != "not") return 0;
    const bool single = (word(i + 1) == "a" || word(i + 1) == "one") && word(i + 2) == "single";
    if (!single && word(i + 1) != "any") return 0;
    push("no");
    return single ? 3 : 2;
  }

  // "zero cars"; not what a scale or a name says: "at zero", "ground zero", "zero gravity"
  size_t zero(size_t i) {
    static const std::set<std::string> scale = {"at", "to", "below", "above", "from", "under", "near"};
    if ((word(i) != "zero" && word(i) != "0") || word(i + 1).empty() || function_word(word(i + 1))) return 0;
    const std::string last = i > 0 ? word(i - 1) : "";
    const bool decimal = i > 0 && last.empty() && word(i) == "0" && tokens_[i - 1].text == ".";
    if (decimal || scale.count(last) || find_noun(last) || word(i + 1) == "gravity" ||
        is_a("unit", word(i + 1)) || is_a("preposition", word(i + 1)))
      return 0;
    push("no");
    return 1;
  }

  // "the tank holds no water"
  size_t holds_no(size_t i) {
    static const std::map<std::string, std::string> forms = {
        {"holds", "has"}, {"contains", "has"}, {"hold", "have"}, {"contain", "have"}};
    const auto form = forms.find(word(i));
    const NounEntry* who = i > 0 ? find_noun(word(i - 1)) : nullptr;
    if (form == forms.end() || word(i + 1) != "no" || !who || who->living()) return 0;
    push(form->second);
    return 1;
  }

  // "lacks a hat" has none; what is said by "does not lack" or of "a lack" is another matter
  size_t lacks(size_t i) {
    static const std::set<std::string> forms = {"lack", "lacks", "lacked", "lacking"};
    const std::string form = word(i);
    if (!forms.count(form) || word(i + 1).empty() || word(i + 1) == "of") return 0;
    const std::string last = i > 0 ? tokens_[i - 1].text : "";
    const bool other = !result_.empty() && result_.back().text != last;  // "None of them is lacking a hat"
    if (other || last == "not" || last == "never" || last == "to" || is_a("modal", last)) return 0;
    static const std::set<std::string> whose = {"a", "an", "any", "the", "its", "his", "her", "their", "all"};
    size_t next = i + 1;
    if (form == "lacking" && word(next) == "in") ++next;
    if (whose.count(word(next))) ++next;
    if (word(next).empty() || (function_word(word(next)) && !is_a("determiner", word(next)))) return 0;
    if (form == "lacking" && (last == "is" || last == "are")) {
      result_.back().text = result_.back().raw = last == "is" ? "has" : "have";
      push("no");
    } else if (form == "lacking") {
      push("without");
    } else {
      push(form == "lacks" ? "has" : form == "lack" ? "have" : "had");
      push("no");
    }
    return next - i;
  }

  size_t with_neither(size_t i) {
    if (word(i) != "with" || word(i + 1) != "neither") return 0;
    size_t nor = i + 2;
    while (!word(nor).empty() && word(nor) != "nor") ++nor;
    if (word(nor).empty()) return 0;
    push("without");
    for (size_t n = i + 2; n < nor; ++n) result_.push_back(tokens_[n]);
    push("or");
    return nor + 1 - i;
  }

  // "none of the cooks smiles", "neither of the two boys is running"
  size_t none_of(size_t i) {
    static const std::set<std::string> all = {"the", "his", "her", "its", "their", "these", "those"};
    if ((word(i) != "none" && word(i) != "neither") || word(i + 1) != "of" || !all.count(word(i + 2)))
      return 0;
    size_t verb = i + 4;  // "neither of his hands holds"
    while (!word(verb).empty() && !find_verb(word(verb)) && !is_a("auxiliary", word(verb)) && verb < i + 7)
      ++verb;
    const NounEntry* noun = find_noun(word(verb - 1));
    if (!(noun ? noun->plural : looks_plural(word(verb - 1)))) return 0;
    const VerbForm* form = find_verb(word(verb));
    const bool is = word(verb) == "is" || word(verb) == "are";
    if (!is && !(form && (form->third || form->base))) return 0;
    for (size_t n = i + 2; n < verb; ++n) result_.push_back(tokens_[n]);
    push(is ? "are" : "do");
    push("not");
    if (!is) push(form->verb->base);
    return verb + 1 - i;
  }

  const std::vector<Token>& tokens_;
  std::vector<Token> result_;
};

}  // namespace

std::vector<Token> with_plain_denials(const std::vector<Token>& tokens) { return Denials(tokens).run(); }

bool lessens(const std::string& word) {
  static const std::set<std::string> words = {
      "dimly",  "faintly",   "barely",   "hardly", "scarcely", "poorly",   "weakly", "half",
      "partly", "partially", "slightly", "semi",   "almost",   "somewhat", "nearly", "sparsely"};
  return words.count(word) > 0;
}

std::string denied_quality(const std::string& quality) {
  static const std::map<std::string, std::string> either = {
      {"lit", "unlit"},     {"unlit", "lit"},       {"open", "closed"},         {"closed", "open"},
      {"broken", "intact"}, {"folded", "unfolded"}, {"full", "less than full"}, {"wet", "dry"}};
  const auto it = either.find(quality);
  return it == either.end() ? "" : it->second;
}

}  // namespace drf::templates
