// Whom the pronouns of a parsed sentence mean.
#include <algorithm>

#include "drf/templates/clause_words.h"
#include "drf/templates/clauses.h"
#include "drf/templates/pronouns.h"

namespace drf::templates {

// "lifts a box and opens it", "drops a spoon and it bounces": what the deed before was done to, where nothing
// but what it was done with stands between them.
int ClauseReader::parallel(const Sentence& s, int n) const {
  const Node& node = at(s, n);
  const bool subject = node.dep == "nsubj";
  if ((node.dep != "dobj" && !subject) || (node.word != "it" && node.word != "them") || !node.sure) return -1;
  int before = n - 1;
  while (before >= 0 && at(s, before).base.empty()) --before;
  if (!subject && before == node.head) --before;
  while (before >= 0 && at(s, before).base.empty()) --before;
  if (before < 0 || at(s, before).dep == "relcl") return -1;
  if (!subject && subject_of(s, before) != subject_of(s, node.head)) return -1;
  if (subject) {  // "a dog sees a cat and it barks": either
    const int who = subject_of(s, before);
    if (who < 0 || !thing(who).noun || thing(who).noun->category != "person" || figure(thing(who))) return -1;
  }
  static const std::set<std::string> sought = {"find", "spot", "see", "discover", "notice", "reach", "meet"};
  const int let = base_of(s, before) == "let" ? let_go(s, before) : -1;
  const int object = let >= 0 ? let : child(s, before, "dobj");
  if (object < 0 || !at(s, object).sure || child(s, object, "conj") >= 0 ||
      sought.count(base_of(s, node.head)))
    return -1;
  if (object > n) return -1;  // "throws, before it falls, it over the wall"
  // "flips the lid, fills it": what has the lid
  static const std::set<std::string> parts = {"lid",  "cap",  "cork",   "top",   "cover",
                                              "flap", "hood", "button", "switch"};
  const int article = child(s, object, "det");
  if (parts.count(at(s, object).word) && article >= 0 && at(s, article).word == "the") return -1;
  const int t = at(s, object).tag == "PRP" ? parallel(s, object) : s.things[static_cast<size_t>(object)];
  if (t < 0 || thing(t).plural != (node.word == "them") ||
      (thing(t).living() && thing(t).noun && thing(t).noun->category == "person"))
    return -1;
  // "lifts a gear with a pair of tweezers and sets it": no "them"
  const auto several = [&](const Sentence& in, int tool) {
    const NounEntry* noun = find_noun(at(in, tool).word);
    return node.word == "it" &&
           (at(in, tool).tag == "NNS" || at(in, tool).word == "pair" || (noun && noun->category == "body"));
  };
  // "hits a drum with a stick and it breaks": either
  static const std::set<std::string> of_tools = {"break", "snap", "crack", "bend",
                                                 "split", "fall", "glow",  "shatter"};
  const bool open = subject && of_tools.count(base_of(s, node.head)) > 0;
  bool with = false;
  for (int k = object + 1; k < n; ++k) {
    if (at(s, k).dep == "prep" && !(with && at(s, k).word == "of")) {  // "with his wand", "with a needle"
      const int tool = child(s, k, "pobj");
      with = at(s, k).word == "with" && tool >= 0 && !open &&
             (child(s, tool, "poss") >= 0 || at(s, object).tag == "PRP" || several(s, tool) ||
              kSmallDeeds.count(base_of(s, before)));
      if (!with && at(s, k).head == object) return -1;
    }
    if (at(s, k).word == "and" || at(s, k).word == ",") with = false;
    if ((at(s, k).tag.rfind("NN", 0) == 0 || at(s, k).tag == "PRP") && !with) return -1;
  }
  return t;
}

// "A puppet stands on a barrel. It bows": the one creature so far, of which the sentence before ends by
// telling, does what creatures alone do.
int ClauseReader::told_on(const Sentence& s, int n) const {
  const Node& node = at(s, n);
  if (node.word != "it" || node.dep != "nsubj" || !node.sure || &s == sentences_.data()) return -1;
  for (int k = 0; k < n; ++k) {
    if (at(s, k).tag != "RB" && at(s, k).word != ",") return -1;
  }
  const VerbForm* form = find_verb(base_of(s, node.head));
  const int object = child(s, node.head, "dobj");
  const NounEntry* noun = object < 0 ? nullptr : find_noun(at(s, object).word);
  const bool own = object >= 0 && child(s, object, "poss") >= 0 && noun && noun->category == "body";
  static const std::set<std::string> alive = {"bow",   "kneel",  "nod",  "wave",
                                              "sniff", "tiptoe", "yawn", "sneeze"};
  if (!(form && form->verb->living) && !own && !alive.count(base_of(s, node.head))) return -1;
  const Sentence& last = *(&s - 1);
  const int end = last.nodes.empty() ? -1 : at(last, static_cast<int>(last.nodes.size()) - 1).token;
  const int start = at(s, 0).token;
  if (end < 0 || start < 0 || start - end > 2) return -1;
  int verb = static_cast<int>(last.nodes.size()) - 1;
  while (verb >= 0 && at(last, verb).base.empty() &&
         !(at(last, verb).tag == "VBG" && child(last, verb, "aux") >= 0 && child(last, verb, "nsubj") >= 0))
    --verb;
  const int who = verb < 0 ? -1 : subject_of(last, verb);
  if (who < 0) return -1;
  const auto creature = [&](const Thing& t) {
    return !t.plural &&
           (figure(t) || (t.noun && (t.noun->category == "animal" || t.noun->category == "beast")) ||
            (t.noun && (t.noun->kin == "baby" || t.noun->kin == "creature")));
  };
  if (!creature(thing(who)) || !thing(who).sure) return -1;
  for (size_t t = 0; t < caption_.things.size(); ++t) {
    const Thing& other = caption_.things[t];
    if (static_cast<int>(t) != who && other.at < static_cast<size_t>(node.token) && other.name != "?" &&
        (creature(other) || (other.noun && other.noun->category == "vehicle" && !other.plural)))
      return -1;
  }
  return who;
}

// "... a tall figure appears on a seat. It glides through the wall": the one who has just come.
int ClauseReader::newcomer(const Sentence& s, int n) const {
  const Node& node = at(s, n);
  static const std::set<std::string> comes = {"appear", "form",  "emerge", "rise", "materialize",
                                              "step",   "climb", "start",  "reach"};
  static const std::set<std::string> goes = {"glide", "float", "drift", "fly",   "walk",   "drive",
                                             "roll",  "hop",   "crawl", "pass",  "swim",   "step",
                                             "climb", "run",   "sail",  "march", "tiptoe", "pick"};
  if (node.dep != "nsubj" || !node.sure || &s == sentences_.data() || !goes.count(base_of(s, node.head)))
    return -1;
  for (int k = 0; k < n; ++k) {
    if (at(s, k).tag != "RB" && at(s, k).word != ",") return -1;
  }
  const Sentence& last = *(&s - 1);
  const int end = last.nodes.empty() ? -1 : at(last, static_cast<int>(last.nodes.size()) - 1).token;
  if (end < 0 || at(s, 0).token - end > 2) return -1;
  int verb = static_cast<int>(last.nodes.size()) - 1;
  while (verb >= 0 && at(last, verb).base.empty()) --verb;
  if (verb < 0 || !comes.count(base_of(last, verb))) return -1;
  const int subject = child(last, verb, "nsubj");
  const int article = subject < 0 ? -1 : child(last, subject, "det");
  const int who = article < 0 ? -1 : subject_of(last, verb);  // of a noun, so that no pronoun leads on and on
  if (who < 0 || thing(who).plural || !thing(who).sure) return -1;
  const std::string& det = at(last, article).word;
  const Thing& one = thing(who);
  const bool shape = one.name == "figure" || figure(one);
  const bool person = one.noun && one.noun->category == "person";
  const bool it = node.word == "it";
  if (!(det == "a" || det == "an" || (shape && det == "the"))) return -1;
  if (it ? person && !shape : !shape || !(node.word == "he" || node.word == "she")) return -1;
  for (size_t t = 0; t < caption_.things.size(); ++t) {  // another one that may be meant
    const Thing& other = caption_.things[t];
    if (static_cast<int>(t) == who || other.plural || other.name == "?" ||
        other.at > static_cast<size_t>(node.token))
      continue;
    // "the figure of a skier"
    const bool of_it = other.at > one.at && other.at < static_cast<size_t>(at(last, verb).token);
    const bool before = other.at < static_cast<size_t>(at(last, 0).token);
    const bool animal = other.noun && (other.noun->category == "animal" || other.noun->category == "beast");
    const bool moves = figure(other) || (it && other.noun && other.noun->category == "vehicle");
    if (!of_it && (before ? (it ? animal : other.living()) : other.living() || moves)) return -1;
  }
  return who;
}

// Whom a pronoun means, where that is one thing alone; or -1.
int ClauseReader::meant(const Sentence& s, int n, int apart) const {
  const Node& node = at(s, n);
  if (node.token < 0) return -1;
  const int c = chunk_of_[static_cast<size_t>(node.token)];
  if (c < 0 || chunks_.list[static_cast<size_t>(c)].kind != Chunk::Kind::kPronoun) return -1;
  if (const int same = parallel(s, n); same >= 0) return same;
  if (const int same = told_on(s, n); same >= 0) return same;
  if (const int same = newcomer(s, n); same >= 0) return same;
  const int who = meant_by(chunks_, static_cast<size_t>(c), node.word, apart);
  if ((node.word == "it" || node.word == "them") && another_meant(s, n, who)) return -1;
  const bool person = node.word == "he" || node.word == "she" || node.word == "him" || node.word == "her";
  for (size_t t = 0; t < caption_.things.size(); ++t) {  // what the rules did not see may be meant as well
    const Thing& other = caption_.things[t];
    const bool fresh = t >= chunks_.things.size() || !chunks_.things[t].sure;
    if (!fresh || other.name == "?" || other.at > static_cast<size_t>(node.token)) continue;
    if (person ? other.living() || !other.noun : !other.noun || other.noun->visible()) return -1;
  }
  return who;
}

// "A robot adopts a kitten, and together they build a rocket": the only two so far who may be meant.
void ClauseReader::find_pair(const Sentence& s, int n) {
  const Node& node = at(s, n);
  if (node.word != "they" || node.dep != "nsubj" || !node.sure || node.token < 0) return;
  std::vector<int> two;
  for (size_t t = 0; t < caption_.things.size(); ++t) {
    const Thing& one = caption_.things[t];
    const bool pair = std::any_of(pairs_.begin(), pairs_.end(),
                                  [&](const auto& known) { return known.second == static_cast<int>(t); });
    if (pair) continue;
    const bool doer = one.living() || figure(one) || !one.noun || one.noun->category == "vehicle";
    if (one.name == "?" || one.at >= static_cast<size_t>(node.token) || !(doer || one.plural)) continue;
    // "a kitten and some boxes ... they": either
    if (one.plural || one.proper || one.negated || !one.sure || !one.noun || the(static_cast<int>(t)).empty())
      return;
    if (one.noun->category != "vehicle") two.push_back(static_cast<int>(t));
  }
  if (two.size() != 2) return;
  const std::string name = thing(two[0]).name + " and the " + thing(two[1]).name;
  for (size_t t = 0; t < caption_.things.size(); ++t) {
    if (caption_.things[t].name == name) pairs_[node.token] = static_cast<int>(t);
  }
  if (pairs_.count(node.token)) return;
  Thing& both = caption_.things.emplace_back();
  both.name = name;
  both.sure = both.determined = both.definite = both.plural = true;
  both.at = static_cast<size_t>(node.token);
  pairs_[node.token] = static_cast<int>(caption_.things.size()) - 1;
}

}  // namespace drf::templates
