// What a parsed sentence says is left as it was on the way: "through the door without opening it", "leaving
// no tracks", "her feet not touching the floor".
#include <algorithm>

#include "drf/templates/clause_words.h"
#include "drf/templates/clauses.h"

namespace drf::templates {
namespace {

// What a deed leaves behind that can be seen.
bool left_behind(const std::string& word) {
  static const std::set<std::string> words = {
      "trace",  "traces",  "track",    "tracks", "footprint", "footprints", "mark",    "marks",  "trail",
      "print",  "prints",  "ripple",   "wake",   "ripples",   "splash",     "scratch", "shadow", "scratches",
      "shadow", "shadows", "pawprint", "dent",   "hole",      "pawprints",  "splashes"};
  return words.count(word) > 0;
}

}  // namespace

// How often the caption has the noun, be it one or many.
int64_t ClauseReader::told(const std::string& noun) const {
  return std::count_if(tokens_.begin(), tokens_.end(), [&](const Token& token) {
    return token.text == noun || token.text == plural_of(noun) || plural_of(token.text) == noun;
  });
}

// "the door", "the figure": the noun at node n as a question names it, also one that the lists do not know,
// where no other word is like it; or "".
std::string ClauseReader::named_as(const Sentence& s, int n) const {
  const Node& node = at(s, n);
  if (!node.sure || node.token < 0 || excluded(s, n)) return "";
  const int t = node.tag == "PRP" ? meant(s, n, -1) : s.things[static_cast<size_t>(n)];
  if (t >= 0 && thing(t).sure) return thing(t).negated ? "" : the(t);
  if ((node.tag != "NN" && node.tag != "NNS") || is_a("collective", node.word) || is_a("measure", node.word))
    return "";
  return told(node.word) == 1 ? "the " + node.word : "";
}

// The node that verb v's subject is, be it of the verb that v hangs on; -1 where that is open.
int ClauseReader::subject_node(const Sentence& s, int v) const {
  for (int steps = 0; v >= 0 && steps < 10; ++steps) {
    if (at(s, v).dep == "acl" && beside(s, v)) return at(s, v).head;
    for (const char* dep : {"nsubj", "nsubjpass"}) {
      const int who = child(s, v, dep);
      if (who < 0) continue;
      if (!at(s, who).sure || who > v || child(s, who, "conj") >= 0 || child(s, who, "neg") >= 0) return -1;
      return is_a("relative", at(s, who).word) ? at(s, v).dep == "relcl" ? at(s, v).head : -1 : who;
    }
    v = at(s, v).dep == "advcl" && at(s, v).tag == "VBG" && at(s, v).sure ? at(s, v).head : leader(s, v);
  }
  return -1;
}

// Whether another word of the caption tells of such a deed: it may be done all the same.
bool ClauseReader::told_elsewhere(const std::set<std::string>& bases, int but) const {
  for (size_t i = 0; i < tokens_.size(); ++i) {
    const VerbForm* form = find_verb(tokens_[i].text);
    const std::string base = form ? form->verb->base : tokens_[i].text;
    if (static_cast<int>(i) != but && bases.count(base)) return true;
  }
  return false;
}

// "leaves no tracks until it stops", "no longer", "at first": not so all along.
bool ClauseReader::for_a_part() const {
  static const std::set<std::string> words = {"until",   "till", "first",    "longer",
                                              "anymore", "yet",  "initially"};
  return std::any_of(words.begin(), words.end(), [&](const auto& w) { return caption_.words.count(w) > 0; });
}

// Of what stands before node `before` in the clause of verb v the one noun that "it" may be, the subject left
// out; or -1.
int ClauseReader::passed(const Sentence& s, int v, int before, bool several) const {
  int found = -1;
  for (int n = v + 1; n < before; ++n) {
    const Node& node = at(s, n);
    if ((node.dep != "pobj" && node.dep != "dobj") || at(s, node.head).word == "of") continue;
    if (found >= 0 || !node.sure || node.tag != (several ? "NNS" : "NN")) return -1;
    found = n;
  }
  return found;
}

// Whether the rules ask that somebody refrains from it.
bool ClauseReader::refrains(const std::string& base) const {
  return std::any_of(caption_.facts.begin(), caption_.facts.end(), [&](const Fact& fact) {
    return fact.kind == Fact::Kind::kAction && fact.negated && fact.verb && fact.verb->base == base &&
           thing(fact.thing).living() && !thing(fact.thing).proper;
  });
}

// "Does the door stay closed?", "Does the train go on without stopping?", of the noun at node n.
void ClauseReader::ask_of(const Sentence& s, int n, const std::string& value, const std::string& twin) {
  const std::string name = n < 0 ? "" : named_as(s, n);
  if (name.empty()) return;
  const std::string start = (at(s, n).tag == "NNS" || at(s, n).word == "they" ? "Do " : "Does ") + name + " ";
  Fact& fact = add(Fact::Kind::kPlain, -1);
  fact.value = start + value + "?";
  fact.contrast = start + twin + "?";
}

// "without breaking it", "without slowing down"; node p is "without".
void ClauseReader::undone(const Sentence& s, int p) {
  const int head = at(s, p).head, v = child(s, p, "pcomp");
  if (!at(s, p).sure || v < p || for_a_part() || !at(s, v).sure || at(s, v).tag != "VBG" || !real(s, head) ||
      at(s, head).tag.rfind("VB", 0) != 0)
    return;
  std::string particle;
  int object = -1;
  for (const int c : children(s, v)) {
    const Node& part = at(s, c);
    if (part.dep == "dobj" && part.sure)
      object = c;
    else if (part.dep == "prt" || (part.dep == "advmod" && part.word == "down"))
      particle = part.word;
    else if (part.dep != "prep" && part.dep != "advmod" && part.dep != "punct")
      return;
  }
  const std::string base = base_of(s, v);
  const int token = at(s, v).token;
  if (object >= 0 && left_behind(at(s, object).word)) {
    leaves_nothing(s, v, object, subject_node(s, head));
    return;
  }
  if (refrains(base)) return;
  if (object < 0) {
    const std::string deed = particle.empty() ? base : base + " " + particle;
    static const std::set<std::string> ends = {"stop", "slow",  "halt",  "pause",
                                               "rest", "stand", "brake", "park"};
    if ((deed == "stop" || deed == "slow down") && !told_elsewhere(ends, token))
      ask_of(s, subject_node(s, head),
             "go on without " + (deed == "stop" ? std::string("stopping") : "slowing down"), deed);
    return;
  }
  static const std::map<std::string, std::pair<std::string, std::string>> kept = {
      {"break", {"intact", "break"}},  {"shatter", {"intact", "shatter"}}, {"crack", {"intact", "crack"}},
      {"smash", {"intact", "break"}},  {"open", {"closed", "open"}},       {"tear", {"intact", "tear"}},
      {"damage", {"intact", "break"}}, {"move", {"still", "move"}}};
  static const std::set<std::string> broken = {"break", "shatter", "crack",    "smash",   "tear",
                                               "burst", "explode", "collapse", "crumble", "split"};
  const auto state = kept.find(base);
  if (state == kept.end() || !particle.empty() ||
      told_elsewhere(broken.count(base) ? broken : std::set<std::string>{base}, token))
    return;
  const int what = at(s, object).tag == "PRP" ? passed(s, head, p, at(s, object).word == "them") : object;
  const int t = what < 0 ? -1 : s.things[static_cast<size_t>(what)];
  if (t >= 0 && thing(t).living()) return;
  ask_of(s, what, "stay " + state->second.first, state->second.second);
}

// "leaving no tracks in the snow", "without making a ripple": verb v of its object, done by node `who`.
void ClauseReader::leaves_nothing(const Sentence& s, int v, int object, int who) {
  static const std::set<std::string> leave = {"leave", "make", "cast", "cause", "throw"};
  const std::string base = base_of(s, v), &word = at(s, object).word;
  const bool without = at(s, v).dep == "pcomp";
  if (!left_behind(word) || !at(s, v).sure || for_a_part() ||
      (!without && !real(s, at(s, v).dep == "relcl" ? at(s, v).head : v)))
    return;
  if (!leave.count(base) || child(s, object, "amod") >= 0 || child(s, object, "conj") >= 0 || told(word) > 1)
    return;
  std::string where;
  for (const int from : {v, object}) {
    for (const int c : children(s, from)) {
      if (c > object && at(s, c).dep == "prep" && (at(s, c).word == "in" || at(s, c).word == "on"))
        where = empty_place(s, c);
    }
  }
  ask_of(s, who, base + " no " + word + where,
         base + " " + (at(s, object).tag == "NNS" ? word : with_article(word)) + where);
}

// "her feet not touching the floor", "the wheels do not touch the road"
void ClauseReader::not_touching(const Sentence& s, int v) {
  const int what = child(s, v, "nsubj"), object = child(s, v, "dobj"), no = child(s, v, "neg");
  if (base_of(s, v) != "touch" || what < 0 || object < v || no < 0 || at(s, no).word != "not" ||
      !at(s, what).sure || !at(s, object).sure || at(s, what).tag == "PRP" || child(s, what, "conj") >= 0)
    return;
  const std::string& dep = at(s, v).dep;
  if (dep == "advcl" ? !real(s, at(s, v).head) : dep != "ROOT" && dep != "conj") return;
  for (const int c : children(s, v)) {
    const Node& part = at(s, c);
    if (part.tag == "MD" || part.tag == "TO" || part.dep == "xcomp" || part.dep == "conj" ||
        (part.dep == "mark" && part.word != "as" && part.word != "while"))
      return;
  }
  static const std::set<std::string> comes_down = {"land", "stand", "step", "kneel", "sink", "lower",
                                                   "drop", "sit",   "lie",  "tread", "fall", "stumble"};
  const NounEntry* noun = find_noun_beside(at(s, what).word);
  if (!noun || noun->living() || told_elsewhere(comes_down, -1) || for_a_part()) return;
  const int whose = child(s, what, "poss");
  std::string name;
  if (whose >= 0) {
    const int who = at(s, whose).tag != "PRP$" ? whose : dep == "advcl" ? subject_node(s, at(s, v).head) : -1;
    if (who >= 0 && at(s, who).tag == "NNS") return;
    const std::string owner = who < 0 ? "" : named_as(s, who);
    if (!owner.empty()) name = owner + "'s " + at(s, what).word;
  }
  if (name.empty()) name = named_as(s, what);
  const bool anything = at(s, object).word == "anything";
  const std::string of = anything ? "anything" : named_as(s, object);
  if (name.empty() || of.empty()) return;
  const std::string start = (at(s, what).tag == "NNS" ? "Do " : "Does ") + name + " ";
  Fact& fact = add(Fact::Kind::kPlain, -1);
  fact.value = start + (anything ? "hang in the air?" : "stay off " + of + "?");
  fact.contrast = start + "touch " + of + "?";
}

// "A door opens by itself", "a chairlift starts to move on its own": node n is "itself", or "own".
void ClauseReader::by_itself(const Sentence& s, int n) {
  const Node& node = at(s, n);
  const int p = node.head, whose = child(s, n, "poss");
  const bool self = (node.word == "itself" || node.word == "themselves") && at(s, p).word == "by";
  const bool own = node.word == "own" && at(s, p).word == "on" && whose >= 0 &&
                   (at(s, whose).word == "its" || at(s, whose).word == "their");
  const int v = at(s, p).head;
  if (!(self || own) || !node.sure || at(s, v).tag.rfind("VB", 0) != 0 || for_a_part()) return;
  const bool begins = at(s, v).dep == "xcomp" &&
                      (at(s, at(s, v).head).base == "start" || at(s, at(s, v).head).base == "begin");
  const int told = begins ? at(s, v).head : v;
  const std::string base = begins ? at(s, v).word : base_of(s, v);
  static const std::set<std::string> rests = {"stand", "sit", "lie", "hang", "rest", "lean", "play", "grow"};
  if (base.empty() || !real(s, told) || rests.count(base) || is_a("unseen_verb", base) ||
      kNeverAsked.count(base))
    return;
  const int who = subject_node(s, told);
  const std::string name = who < 0 ? "" : named_as(s, who);
  const int t = who < 0 ? -1 : s.things[static_cast<size_t>(who)];
  const NounEntry* noun = who < 0 ? nullptr : t >= 0 ? thing(t).noun : find_noun_beside(at(s, who).word);
  if (name.empty() || !noun || noun->living() || (t >= 0 && (figure(thing(t)) || thing(t).living()))) return;
  std::string deed = begins ? at(s, told).base + " to " + base : base;
  for (const int c : children(s, v)) {
    const Node& part = at(s, c);
    if (c < v || part.dep == "prep" || part.dep == "punct" || part.dep == "cc" || part.dep == "conj")
      continue;
    const std::string more = part.dep == "prt" ? part.word : part.dep == "dobj" ? phrase(s, c, t) : "";
    if (more.empty()) return;
    deed += " " + more;
  }
  const bool many = at(s, who).tag == "NNS";
  Fact& fact = add(Fact::Kind::kPlain, t);
  fact.value = (many ? "Do " : "Does ") + name + " " + deed + (many ? " by themselves?" : " by itself?");
  static const std::set<std::string> handled = {"open",  "close", "shut",  "move", "turn",  "roll",
                                                "swing", "rock",  "slide", "spin", "sweep", "tip",
                                                "write", "draw",  "stir",  "knit"};
  const bool anybody = std::any_of(caption_.things.begin(), caption_.things.end(),
                                   [](const Thing& one) { return one.living() || !one.noun || figure(one); });
  if (handled.count(base) && !anybody && noun->category != "vehicle")
    fact.contrast = "Is anybody touching " + name + "?";
}

}  // namespace drf::templates
