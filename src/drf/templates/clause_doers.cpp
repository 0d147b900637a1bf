// Who can do a deed, what its verb is, and whether it has been asked.
#include <algorithm>
#include <mutex>

#include "drf/templates/clauses.h"
#include "drf/templates/lexicon.h"

namespace drf::templates {

// A verb that is asked with all that belongs to it, so that nothing of it needs to be known.
const VerbEntry* ClauseReader::plain_verb(const std::string& base) {
  static std::mutex guard;
  static std::map<std::string, VerbEntry> entries;
  const std::lock_guard lock(guard);
  return &entries.emplace(base, VerbEntry{VerbEntry::Kind::kAlone, base, "", false}).first->second;
}

std::string ClauseReader::base_of(const Sentence& s, int v) {
  const Node& node = at(s, v);
  if (!node.base.empty() || node.tag != "VBG") return node.base;
  const VerbForm* form = find_verb(node.word);
  return form && form->ing ? form->verb->base : form ? "" : lexicon_verb(node.word);
}

// Whether the rules ask the deed, in whatever words.
bool ClauseReader::asked(int who, const std::string& base, int object) const {
  return std::any_of(caption_.facts.begin(), caption_.facts.end(), [&](const Fact& fact) {
    return fact.kind == Fact::Kind::kAction && fact.thing == who && fact.verb && fact.verb->base == base &&
           !fact.silent && fact.object == object && fact.place < 0;
  });
}

// What is no living being and does what one does: a puppet, a snowman.
bool ClauseReader::figure(const Thing& thing) {
  static const std::set<std::string> figures = {
      "snowman",     "puppet",      "robot",           "doll",       "scarecrow",
      "skeleton",    "teddy",       "mannequin",       "marionette", "golem",
      "android",     "zombie",      "ghost",           "mummy",      "nutcracker",
      "toy",         "gargoyle",    "statue",          "teddy bear", "gummy bear",
      "toy soldier", "tin soldier", "gingerbread man", "rag doll",   "snow woman"};
  return figures.count(thing.name) > 0 || (thing.noun && figures.count(thing.noun->kin) > 0) ||
         figures.count(thing.name.substr(thing.name.rfind(' ') + 1)) > 0;
}

// "the tall figure of a skier appears"
bool ClauseReader::figure_of_one(const Sentence& s, int v) const {
  const int subject = child(s, top(s, v), "nsubj");
  if (subject >= 0 && at(s, subject).tag == "PRP") return true;  // who has just come
  const int of = subject < 0 || at(s, subject).word != "figure" ? -1 : child(s, subject, "prep");
  const int one = of < 0 || at(s, of).word != "of" ? -1 : child(s, of, "pobj");
  const int t = one < 0 ? -1 : s.things[static_cast<size_t>(one)];
  return t >= 0 && thing(t).living() && !thing(t).plural;
}

// Whether another one may be meant to do what an infinitive behind the verb says.
bool ClauseReader::bids(const Sentence& s, int v) const {
  static const std::set<std::string> verbs = {"order", "ask",    "tell",    "urge",    "force",  "help",
                                              "teach", "invite", "beg",     "command", "signal", "wave",
                                              "call",  "motion", "gesture", "send",    "train",  "lead",
                                              "bring", "take",   "push",    "pull",    "get",    "have"};
  if (verbs.count(base_of(s, v))) return true;
  const int object = child(s, v, "dobj");
  if (object < 0) return false;
  const int t = s.things[static_cast<size_t>(object)];
  return t < 0 || thing(t).living() || figure(thing(t));
}

// Whether a thing has turned into another one before the token.
bool ClauseReader::remade(int t, int token) const {
  static const std::set<std::string> turns = {"turn", "transform", "morph", "become", "change"};
  for (const Sentence& s : sentences_) {
    for (int v = 0; v < static_cast<int>(s.nodes.size()); ++v) {
      if (at(s, v).token < 0 || at(s, v).token >= token || !turns.count(base_of(s, v))) continue;
      bool into = at(s, v).base == "become";
      for (const int c : children(s, v)) into |= at(s, c).word == "into";
      const int object = child(s, v, "dobj");
      const int other = object < 0 ? subject_of(s, v) : s.things[static_cast<size_t>(object)];
      if (into && other == t) return true;
    }
  }
  return false;
}

}  // namespace drf::templates
