#include "drf/templates/progressive.h"

#include <set>

#include "drf/templates/lexicon.h"
#include "drf/templates/words.h"

namespace drf::templates {
namespace {

// The base of a word that may be a verb's third person, or "".
std::string third_base(const std::string& word) {
  if (!ends_with(word, "s") || ends_with(word, "ss")) return "";
  const VerbForm* form = find_verb(word);
  if (form) return form->third ? form->verb->base : "";
  return lexicon_verb(word);
}

// Of a word that must be a verb, whatever the lists have it for.
std::string guessed_base(const std::string& word) {
  if (!ends_with(word, "s") || ends_with(word, "ss") || word.size() < 4) return "";
  if (ends_with(word, "ies")) return word.substr(0, word.size() - 3) + "y";
  for (const char* end : {"shes", "ches", "xes", "sses", "zzes"}) {
    if (ends_with(word, end)) return word.substr(0, word.size() - 2);
  }
  return word.substr(0, word.size() - 1);
}

class Verbs {
 public:
  Verbs(std::vector<Piece>& pieces, const std::vector<Node>& nodes) : pieces_(pieces), nodes_(nodes) {}

  bool run() {
    std::vector<std::string> bases(pieces_.size());
    for (size_t i = 0; i < pieces_.size(); ++i) {
      const Is what = is(i, bases[i]);
      if (what == Is::kOpen) return false;
      if (what != Is::kVerb) bases[i].clear();
      finite_ |= what == Is::kVerb || what == Is::kOther;
    }
    std::vector<Piece> all;
    bool begun = finite_;
    for (size_t i = 0; i < pieces_.size(); ++i) {
      // "four blacksmiths hammering a bar": what a sentence without a finite verb tells of its subject
      const bool first = !begun && i > 0 &&
                         (nodes_[i].tag == "VBG" || (pieces_[i].known == 'v' && ends_with(word(i), "ing"))) &&
                         tells(i);
      begun |= first;
      if (!bases[i].empty() || first) {
        Piece& be = all.emplace_back();
        be.text = be.word = (first ? many_ : !pieces_[i].singular) ? "are" : "is";
      }
      all.push_back(pieces_[i]);
      if (!bases[i].empty()) {
        all.back().base = bases[i];
        all.back().text = gerund(bases[i]);
      } else if (first) {
        all.back().base = base_of_ing(pieces_[i].word);
        if (all.back().base.empty()) return false;
        all.back().singular = !many_;
      }
    }
    pieces_ = std::move(all);
    return true;
  }

 private:
  enum class Is { kNone, kVerb, kOther, kOpen };

  const std::string& word(size_t i) const {
    static const std::string none;
    return i < pieces_.size() && !pieces_[i].mark ? pieces_[i].word : none;
  }
  bool noun(size_t i) const { return nodes_[i].tag.rfind("NN", 0) == 0; }
  bool adverb(size_t i) const { return is_a("adverb", word(i)) || ends_with(word(i), "ly"); }
  bool object_next(size_t i) const {
    return is_a("determiner", word(i + 1)) || is_a("object_pronoun", word(i + 1)) ||
           (find_number(word(i + 1)) && !word(i + 1).empty());
  }
  bool clause_ends(size_t i) const {
    const std::string& next = word(i + 1);
    return next.empty() || next == "and" || next == "but" || is_a("preposition", next) ||
           is_a("conjunction", next) || is_a("adverb", next) || ends_with(next, "ly") || next == "as" ||
           next == "twice";
  }

  static std::string base_of_ing(const std::string& word) {
    const VerbForm* form = find_verb(word);
    return form && form->ing ? form->verb->base : form ? "" : lexicon_verb(word);
  }

  // Whether piece i, an -ing form, tells what the phrase that the sentence begins with does.
  bool tells(size_t i) {
    if (nodes_[i].dep == "amod" || nodes_[i].dep == "compound" || nodes_[i].dep == "pcomp") return false;
    if (!noun(i - 1)) return false;
    size_t nouns = 0;
    bool lives = false, other_lives = false;
    many_ = false;
    bool inner = false;  // behind a preposition
    for (size_t k = 0; k < i; ++k) {
      inner |= nodes_[k].tag == "IN";
      if (word(k) == "and" && !inner) many_ = true;
      const NounEntry* entry = noun(k) ? find_noun(word(k)) : nullptr;
      if (entry && entry->living()) (inner ? other_lives : lives) = true;
      if (nouns == 0 && noun(k) && (k + 1 == i || !noun(k + 1)))
        many_ |= nodes_[k].tag == "NNS" || nodes_[k].tag == "NNPS";
      nouns += noun(k);
      if (pieces_[k].mark) return false;
    }
    return nouns > 0 && !other_lives && (lives || !inner);  // "a woman with a girl reading": either
  }

  Is is(size_t i, std::string& base) {
    const std::string& w = word(i);
    const std::string& tag = nodes_[i].tag;
    if (w.empty()) return Is::kNone;
    if (is_a("auxiliary", w) || is_a("modal", w)) return Is::kOther;
    if (pieces_[i].known == 'n' && noun(i)) return Is::kNone;
    if (pieces_[i].known == 'v') {
      const VerbForm* form = find_verb(w);
      if (form && (form->third || form->base)) {
        base = form->verb->base;
        pieces_[i].singular = form->third;
        return Is::kVerb;
      }
      if (form && form->ing) return Is::kNone;
    }
    if (tag == "VBP" || (tag == "VB" && i > 0 && nodes_[i - 1].tag == "NNS")) {
      base = base_form(w);
      return base.empty() ? Is::kOpen : Is::kVerb;
    }
    // "roll a tyre to a car and fit it"
    const bool joined = i > 0 && (word(i - 1) == "and" || word(i - 1) == "," || pieces_[i - 1].mark);
    if (tag == "VB" && joined && nodes_[i].dep == "conj" &&
        nodes_[static_cast<size_t>(nodes_[i].head)].tag == "VBP") {
      base = base_form(w);
      return base.empty() ? Is::kOpen : Is::kVerb;
    }
    if (tag == "VBD") {  // "the meltwater drips": a verb, whatever its time is taken for
      base = i > 0 && noun(i - 1) && nodes_[i - 1].tag != "NNS" && find_verb(w) ? third_base(w) : "";
      pieces_[i].singular = true;
      return base.empty() ? Is::kOther : Is::kVerb;
    }
    base = third_base(w);
    pieces_[i].singular = true;
    if (base.empty()) {  // a noun by the lists: only where no noun may stand
      base = guessed_base(w);
      const bool sure =
          !base.empty() && is_known(base) && ((tag == "VBZ" && object_next(i)) || (noun(i) && behind_one(i)));
      if (!sure && tag == "VBZ") return Is::kOpen;
      if (!sure) return Is::kNone;
      return find_lexicon(word(i - 1) + " " + w) ? Is::kOpen : Is::kVerb;
    }
    return third(i, tag == "VBZ");
  }

  // "a whale surfaces": no number would agree
  bool behind_one(size_t i) const {
    if (i < 2 || !noun(i - 1) || nodes_[i - 1].tag == "NNS") return false;
    size_t start = i - 1;
    while (start > 0 && (noun(start - 1) || nodes_[start - 1].tag.rfind("JJ", 0) == 0)) --start;
    return start > 0 && (word(start - 1) == "a" || word(start - 1) == "an");
  }

  // Of a word in -s that may be a verb: `so_read`, the parser has it for one.
  Is third(size_t i, bool so_read) const {
    const std::string& w = word(i);
    if (i == 0) return so_read ? Is::kOpen : Is::kNone;
    size_t before = i - 1;
    while (before > 0 && adverb(before) && !noun(before)) --before;
    const std::string& prior = word(before);
    const NounEntry* as_noun = find_noun(w);
    static const std::set<std::string> subjects = {"he", "she", "it", "who", "which", "that"};
    if (subjects.count(prior)) return Is::kVerb;
    if (pieces_[before].mark || prior == "and" || prior == "but" || prior == "then") {
      if (!as_noun) return Is::kVerb;
      // "unlocks the gate and steps into the garden"
      static const std::set<std::string> way = {"into", "onto", "off", "away", "toward", "towards", "back"};
      if (finite_ && prior != "but" && way.count(word(i + 1)) && find_verb(w)) return Is::kVerb;
      // "kneels, brushes sand off a mask": no plural stands before a noun; "and then dives to save"
      if (finite_ && find_verb(w) && i + 1 < pieces_.size() && noun(i + 1) && nodes_[i + 1].tag != "NNS" &&
          !pieces_[i + 1].mark)
        return Is::kVerb;
      if (prior == "then" && finite_ && find_verb(w) && (clause_ends(i) || word(i + 1) == "to"))
        return Is::kVerb;
      // "claps twice and dives": no noun is joined to that
      if (prior == "and" && finite_ && before > 0 && word(before - 1) == "twice" && find_verb(w))
        return Is::kVerb;
      // "kicks it and rolls over"
      if (prior == "and" && finite_ && before > 0 && is_a("object_pronoun", word(before - 1)) &&
          find_verb(w) && clause_ends(i))
        return Is::kVerb;
      if (object_next(i)) return so_read || seen_ ? Is::kVerb : Is::kOpen;
      if (so_read && clause_ends(i)) return Is::kVerb;
      if (before + 1 < i && ends_with(word(i - 1), "ly") && clause_ends(i)) return Is::kVerb;
      static const std::set<std::string> second = {"out", "up", "off", "away", "down"};
      const bool vague =
          as_noun->category == "abstract" || as_noun->category == "part" || second.count(word(i + 1));
      if (!so_read && vague && clause_ends(i) && finite_) return Is::kVerb;
      if (!so_read && !(as_noun->category == "abstract" && before + 1 < i)) {
        const LexiconWord* known = find_lexicon(w);
        return known && known->verb == 0          ? Is::kNone
               : as_noun->lexicon || find_verb(w) ? Is::kOpen
                                                  : Is::kNone;
      }
      return Is::kVerb;
    }
    if (noun(before) && nodes_[before].tag != "NNS") {
      if (find_lexicon(prior + " " + w)) return so_read ? Is::kOpen : Is::kNone;
      if (!as_noun) return Is::kVerb;
      size_t start = before;
      while (start > 0 && (noun(start - 1) || nodes_[start - 1].tag.rfind("JJ", 0) == 0 ||
                           nodes_[start - 1].tag == "VBN" || nodes_[start - 1].tag == "VBG"))
        --start;
      const std::string article = start > 0 ? word(start - 1) : "";
      static const std::set<std::string> one = {"a", "an", "one", "each", "every", "another", "this"};
      if (one.count(article)) return Is::kVerb;
      // "a jellyfish made of light rises"
      if (article == "of")
        return start > 1 && word(start - 2) == "made" && find_verb(w) ? Is::kVerb : Is::kOpen;
      if (so_read) return Is::kVerb;
      // "..., and the melted butter drips onto the tray": a clause, and nothing else is its verb
      const NounEntry* stuff = find_noun(prior);
      const bool joined = start > 2 && word(start - 2) == "and" && pieces_[start - 3].mark;
      if (finite_ && joined && article == "the" && stuff && stuff->category == "mass" && find_verb(w) &&
          clause_ends(i))
        return Is::kVerb;
      if (is_a("determiner", article) && clause_ends(i))
        return as_noun->category == "abstract" ? Is::kVerb : Is::kOpen;
      if (is_a("determiner", article) && object_next(i)) return Is::kVerb;
      return Is::kNone;
    }
    // "an alien snaps its fingers": of one, and no noun stands before "its"
    if (before == i - 1 && i >= 2 && (word(i - 2) == "a" || word(i - 2) == "an") && find_verb(w) &&
        object_next(i))
      return Is::kVerb;
    if (!so_read && noun(before) && third_base(prior).empty() && as_noun && clause_ends(i))
      return Is::kOpen;  // "full of bricks tips over"
    return so_read ? Is::kVerb : Is::kNone;
  }

  std::vector<Piece>& pieces_;
  const std::vector<Node>& nodes_;
  bool finite_ = false, many_ = false, seen_ = true;
};

}  // namespace

std::vector<Piece> pieces_of(const std::vector<Token>& tokens, size_t begin, size_t end) {
  std::vector<Piece> pieces;
  for (size_t i = begin; i < end; ++i) {
    Piece& piece = pieces.emplace_back();
    const Token& token = tokens[i];
    // "a sphere the size of a car": as big as that
    if (i > begin && i + 4 < end && token.text == "the" && tokens[i + 1].text == "size" &&
        tokens[i + 2].text == "of" && (tokens[i + 3].text == "a" || tokens[i + 3].text == "an") &&
        find_noun(tokens[i - 1].text) && find_noun(tokens[i + 4].text)) {
      pieces.pop_back();
      i += 4;
      continue;
    }
    piece.token = static_cast<int>(i);
    piece.word = token.text;
    if (token.text == "as" && i + 2 < end && tokens[i + 1].text == "soon" && tokens[i + 2].text == "as") {
      piece.word = "once";
      piece.text = i == begin ? "Once" : "once";
      i += 2;
      continue;
    }
    piece.mark = token.kind == Token::Kind::kMark;
    piece.text = token.kind == Token::Kind::kQuote ? "\"text\""
                 : token.slip || token.raw.empty() ? token.text
                                                   : token.raw;
    if (token.kind == Token::Kind::kQuote) piece.word = "\"";
  }
  return pieces;
}

bool in_progressive(std::vector<Piece>& pieces, const std::vector<Node>& nodes) {
  return Verbs(pieces, nodes).run();
}

}  // namespace drf::templates
