#include "drf/critic/templates_denials.h"

#include <set>
#include <string>
#include <utility>

#include "drf/critic/templates_words.h"

namespace drf::critic {
namespace {

class Denials {
 public:
  explicit Denials(const std::vector<Token>& tokens) : tokens_(tokens) {}

  std::vector<Token> run() {
    for (size_t at = 0; at < tokens_.size();) {
      const size_t taken = not_one(at) + neither(at) + none_of(at);
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

  size_t neither(size_t i) {
    if (word(i) != "with" || word(i + 1) != "neither") return 0;
    size_t nor = i + 2;
    while (!word(nor).empty() && word(nor) != "nor") ++nor;
    if (word(nor).empty()) return 0;
    push("without");
    for (size_t n = i + 2; n < nor; ++n) result_.push_back(tokens_[n]);
    push("or");
    return nor + 1 - i;
  }

  size_t none_of(size_t i) {
    static const std::set<std::string> all = {"the", "his", "her", "its", "their", "these", "those"};
    if (word(i) != "none" || word(i + 1) != "of" || !all.count(word(i + 2))) return 0;
    size_t verb = i + 3;
    while (!word(verb).empty() && !find_verb(word(verb)) && !is_a("auxiliary", word(verb)) && verb < i + 7)
      ++verb;
    const NounEntry* noun = find_noun(word(verb - 1));
    if (verb == i + 3 || !(noun ? noun->plural : looks_plural(word(verb - 1)))) return 0;
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

}  // namespace drf::critic
