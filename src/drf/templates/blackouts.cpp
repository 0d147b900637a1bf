#include "drf/templates/blackouts.h"

namespace drf::templates {
namespace {

class Blackouts {
 public:
  explicit Blackouts(const std::vector<Token>& tokens) : tokens_(tokens) {}

  /// "dark", "completely dark", "white", "nothing" where token i begins to say so, or "".
  std::string at(size_t i) const {
    if (doubted(i)) return "";
    if (const std::string what = picture(i); !what.empty()) return what;
    if (const std::string what = time_of(i); !what.empty()) return what;
    return nothing(i);
  }

 private:
  std::string word(size_t i) const {
    return i < tokens_.size() && tokens_[i].kind == Token::Kind::kWord ? tokens_[i].text : "";
  }
  bool ends(size_t i) const {
    static const std::set<std::string> next = {"and", "then", "for", "before", "as", "while", "but", "again"};
    return word(i).empty() || next.count(word(i)) > 0;
  }

  // whole: said to be so from side to side
  static std::string shade(const std::string& w, bool whole) {
    if (w == "dark") return whole ? "completely dark" : "dark";
    if (w == "black" || w == "darkness" || w == "blackness") return "completely dark";
    return w == "white" || w == "whiteness" ? "white" : "";
  }
  static bool wholly(const std::string& w) {
    return w == "completely" || w == "entirely" || w == "totally" || w == "pitch" || w == "fully" ||
           w == "utterly";
  }

  // "if the screen goes black", "before everything turns dark": not in the clip, or not for sure
  bool doubted(size_t i) const {
    static const std::set<std::string> words = {"if",     "before", "until", "like", "almost", "nearly",
                                                "unless", "never",  "not",   "no",   "than",   "after"};
    for (size_t back = 1; back <= i && !word(i - back).empty(); ++back) {
      if (words.count(word(i - back)) && !(word(i - back) == "after" && counts(i - back + 1))) return true;
    }
    return false;
  }

  // "a few seconds", "one moment", "two seconds"
  bool counts(size_t i) const {
    static const std::set<std::string> times = {"moment", "moments", "second", "seconds", "instant"};
    for (size_t n = i; n < i + 5 && !word(n).empty(); ++n) {
      if (times.count(word(n))) return true;
    }
    return false;
  }

  // Whether its clause, or the next word, says that it is for a time alone.
  bool for_a_time(size_t i) const {
    size_t from = i, to = i;
    while (from > 0 && (!word(from - 1).empty() || tokens_[from - 1].text == ",")) --from;
    while (!word(to).empty()) ++to;
    for (size_t n = from; n < to; ++n) {
      if (word(n) == "briefly" || word(n) == "momentarily" || (word(n) == "for" && counts(n + 1)))
        return true;
    }
    return false;
  }

  // "the screen goes completely black", "the picture is entirely white for a second"
  std::string picture(size_t i) const {
    static const std::set<std::string> whole = {"picture", "screen", "image", "frame", "footage", "video"};
    const bool all = word(i) == "everything";
    if (!all && !(whole.count(word(i)) && i > 0 && word(i - 1) == "the")) return "";
    static const std::set<std::string> turns = {"goes", "turns", "becomes"};
    static const std::set<std::string> rests = {"is", "stays", "remains"};
    size_t n = i + 1;
    while (word(n) == "then" || word(n) == "suddenly" || word(n) == "briefly") ++n;
    const bool turn = turns.count(word(n)) > 0;
    if (!turn && !rests.count(word(n))) return "";
    bool whole_of_it = false;
    for (++n; wholly(word(n)) || word(n) == "briefly" || word(n) == "all"; ++n)
      whole_of_it |= wholly(word(n));
    const std::string what = shade(word(n), whole_of_it);
    if (what.empty() || !ends(n + 1) || (word(n + 1) == "and" && word(n + 2) == "white")) return "";
    if (all && what == "white") return "";  // of snow
    return (turn || whole_of_it || word(i + 1) == "stays") && (turn || for_a_time(i)) ? what : "";
  }

  // "After a few seconds of complete darkness", not at the head of the prompt, where it may lie before the
  // clip
  std::string time_of(size_t i) const {
    static const std::set<std::string> wholes = {"complete", "total", "utter", "pure"};
    bool first = true;
    for (size_t n = 0; n < i; ++n) first &= tokens_[n].text != ".";
    if (first || word(i) != "of" || !(counts(i - 1) || counts(i - 2)) || !wholes.count(word(i + 1)))
      return "";
    return word(i + 2) == "darkness" || word(i + 2) == "blackness" ? "completely dark" : "";
  }

  // "there is only blackness", "nothing is visible", "nothing can be seen but darkness"
  std::string nothing(size_t i) const {
    if (!for_a_time(i)) return "";
    if (word(i) == "there" && word(i + 1) == "is") {
      size_t n = i + 2;
      const bool none = word(n) == "nothing";
      if (!none && word(n) != "only") return "";
      while (n < i + 8 && !word(n).empty() && word(n) != "but" && word(n) != "only") ++n;
      ++n;
      while (wholly(word(n)) || word(n) == "complete" || word(n) == "total" || word(n) == "utter") ++n;
      return ends(n + 1) ? shade(word(n), true) : "";
    }
    if (word(i) != "nothing") return "";
    size_t n = i + 1;
    if (word(n) == "is" && word(n + 1) == "visible")
      n += 2;
    else if (word(n) == "can" && word(n + 1) == "be" && (word(n + 2) == "seen" || word(n + 2) == "made"))
      n += word(n + 2) == "made" ? 4 : 3;
    else
      return "";
    if (word(n) == "at" && word(n + 1) == "all") n += 2;
    if (word(n) == "but") return shade(word(n + 1), true);
    return word(n).empty() || word(n) == "and" ? "nothing" : "";
  }

  const std::vector<Token>& tokens_;
};

}  // namespace

void add_blackouts(const std::vector<Token>& tokens, Caption& caption) {
  const Blackouts blackouts(tokens);
  for (size_t i = 0; i < tokens.size(); ++i) {
    const std::string what = blackouts.at(i);
    if (what.empty()) continue;
    Fact& fact = caption.facts.emplace_back();
    fact.value = what == "nothing" ? "Is there a time when nothing can be seen?"
                 : what == "white" ? "Does the picture turn white for a time?"
                                   : "Does the picture go " + what + " for a time?";
    if (what != "dark") fact.contrast = "Can something be seen at every moment of the video?";
    return;
  }
}

}  // namespace drf::templates
