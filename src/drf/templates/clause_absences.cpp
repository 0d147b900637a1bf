// What a parsed sentence says nobody does, nobody wears, or is not running.
#include "drf/templates/clause_words.h"
#include "drf/templates/clauses.h"

namespace drf::templates {

// "nobody", "no one"
bool ClauseReader::nobody(const Sentence& s, int n) const {
  const std::string& word = at(s, n).word;
  if (word == "nobody" || word == "noone") return true;
  const int no = child(s, n, "det");
  return word == "one" && no >= 0 && at(s, no).word == "no";
}

// "on the swings", "in the kitchen": where nobody is.
std::string ClauseReader::empty_place(const Sentence& s, int p) const {
  static const std::set<std::string> where = {"in",      "on",     "at",     "inside", "behind",
                                              "under",   "near",   "around", "beside", "into",
                                              "through", "across", "down",   "up",     "along"};
  const int what = child(s, p, "pobj");
  if (!where.count(at(s, p).word) || what < 0 || what < p || !at(s, what).sure) return "";
  const int t = at(s, what).tag == "PRP" ? meant(s, what, -1) : s.things[static_cast<size_t>(what)];
  if (t < 0 || !thing(t).sure || thing(t).negated || !thing(t).noun || thing(t).noun->category == "abstract")
    return "";
  return the(t).empty() ? "" : " " + at(s, p).word + " " + the(t);
}

// "nobody is sitting on the swings", "with no one at the wheel"
void ClauseReader::nobody_does(const Sentence& s, int n) {
  for (const char* word :
       {"then", "until", "suddenly", "finally", "later", "first", "before", "after", "when", "again"}) {
    if (caption_.words.count(word)) return;  // somebody may do it in another part
  }
  const Node& node = at(s, n);
  for (const int c : children(s, n)) {  // "nobody but the cook", "no one in the crowd"
    if (c > n && (at(s, c).dep == "cc" || (at(s, c).dep == "prep" && node.dep == "nsubj"))) return;
  }
  if (n + 1 < static_cast<int>(s.nodes.size()) &&
      (at(s, n + 1).word == "but" || at(s, n + 1).word == "except"))
    return;
  std::string does;
  if (node.dep == "nsubj") {
    const int v = node.head;
    const Node& verb = at(s, v);
    for (const int c : children(s, v)) {
      const Node& part = at(s, c);
      if (part.dep == "neg" || part.tag == "MD" || part.tag == "TO") return;
      if (part.dep == "mark" && part.word != "although" && part.word != "though" && part.word != "as" &&
          part.word != "while")
        return;
    }
    if (verb.dep == "relcl" || verb.dep == "ccomp" || verb.dep == "xcomp") return;
    const bool is = verb.word == "is" || verb.word == "are";
    const std::string base = base_of(s, v);
    static const std::set<std::string> unseen = {"notice", "see",     "hear",  "know",   "care",
                                                 "answer", "believe", "speak", "listen", "watch",
                                                 "mind",   "come",    "want",  "like"};
    if (!is && (verb.tag != "VBG" || base.empty() || kNeverAsked.count(base) || is_a("unseen_verb", base) ||
                unseen.count(base)))
      return;
    if (!is) does = " " + gerund(base);
    bool read = true;
    for (const int c : children(s, v)) {
      const Node& part = at(s, c);
      if (c <= v || part.dep == "punct" || part.dep == "cc" || part.dep == "conj") continue;
      const int t = part.tag == "PRP" ? meant(s, c, -1) : s.things[static_cast<size_t>(c)];
      std::string more;
      if (is && part.dep == "advmod") return;  // "nobody is around": no people
      if (part.dep == "prt" || (part.dep == "advmod" && kParticles.count(part.word)))
        more = " " + part.word;
      else if (part.dep == "dobj" && t >= 0 && thing(t).sure && !thing(t).negated)
        more = the(t).empty() ? "" : " " + the(t);
      else if (part.dep == "prep")
        more = empty_place(s, c);
      read &= !more.empty();
      does += more;
    }
    if (!read) return;
  } else if (node.dep == "pobj" ||
             node.dep == "attr") {  // "with no one at the wheel", "there is nobody in the room"
    const Node& head = at(s, node.head);
    if (node.dep == "pobj" ? head.word != "with" : child(s, node.head, "expl") < 0) return;
    for (const int of : {n, node.head}) {
      for (const int c : children(s, of)) {
        if (c > n && at(s, c).dep == "prep" && does.empty()) does = empty_place(s, c);
      }
    }
  }
  if (does.empty()) return;
  Fact& fact = add(Fact::Kind::kPlain, -1);
  fact.value = "Is nobody" + does + "?";
  fact.contrast = "Is anybody" + does + "?";
}

// "wears no crown", "a girl not wearing shoes"; "the fountain isn't running", "the lamps are not switched on"
void ClauseReader::not_so(const Sentence& s, int v) {
  const Node& verb = at(s, v);
  const bool denied = child(s, v, "neg") >= 0 && at(s, child(s, v, "neg")).word == "not";
  const int object = child(s, v, "dobj");
  if (base_of(s, v) == "wear" && object >= 0 && at(s, object).sure) {
    const int no = child(s, object, "det");
    const bool none = no >= 0 && at(s, no).word == "no";
    const int seen = chunk_of_[static_cast<size_t>(at(s, object).token)];
    const Chunk* chunk = seen < 0 ? nullptr : &chunks_.list[static_cast<size_t>(seen)];
    const int t = none && chunk && chunk->kind == Chunk::Kind::kThing ? chunk->thing
                                                                      : s.things[static_cast<size_t>(object)];
    const bool beside_noun = verb.dep == "acl" && denied && verb.token == at(s, verb.head).token + 2;
    const int who = beside_noun ? s.things[static_cast<size_t>(verb.head)] : none ? subject_of(s, v) : -1;
    if (who < 0 || t < 0 || denied == none || !thing(who).sure || !thing(who).living() || !thing(t).noun ||
        thing(t).noun->category != "clothing" || !thing(t).attributes.empty() || the(who).empty() ||
        !real(s, none ? v : verb.head))
      return;
    for (const Fact& fact : caption_.facts) {
      if (fact.kind == Fact::Kind::kAbsent && fact.thing == t) return;
    }
    for (size_t other = 0; other < caption_.things.size(); ++other) {
      if (static_cast<int>(other) != t && thing(static_cast<int>(other)).noun == thing(t).noun) return;
    }
    add(Fact::Kind::kAbsent, t).object = who;
    return;
  }
  int subject = child(s, v, "nsubj");
  if (subject < 0) subject = child(s, v, "nsubjpass");
  const int is = child(s, v, verb.tag == "VBN" ? "auxpass" : "aux");
  if (!denied || subject < 0 || is < 0 || (at(s, is).word != "is" && at(s, is).word != "are") ||
      !at(s, subject).sure)
    return;
  if (verb.dep != "ROOT" && verb.dep != "conj" && verb.dep != "ccomp") return;
  const int t = s.things[static_cast<size_t>(subject)];
  if (t < 0 || !thing(t).sure || thing(t).living() || !thing(t).noun || the(t).empty()) return;
  for (const char* word : {"then", "until", "suddenly", "finally", "later", "first", "before", "after",
                           "when", "anymore", "yet"}) {
    if (caption_.words.count(word)) return;
  }
  const int particle = child(s, v, "prt");
  static const std::set<std::string> run = {
      "fountain",  "tap",       "faucet",        "engine", "motor",     "machine",        "shower",
      "escalator", "treadmill", "conveyor belt", "fan",    "sprinkler", "washing machine"};
  static const std::map<std::string, std::string> gives = {{"steaming", "free of steam"},
                                                           {"smoking", "free of smoke"}};
  static const std::set<std::string> turns = {"moving", "turning", "spinning", "rotating"};
  if ((verb.word == "switched" || verb.word == "turned") && particle >= 0 && at(s, particle).word == "on")
    plain(t, "", verb.word + " off", verb.word + " on");
  else if (verb.word == "running" && (run.count(thing(t).name) || run.count(thing(t).noun->kin)))
    plain(t, "", "turned off", "running");
  else if (turns.count(verb.word))
    plain(t, "", "still", verb.word);
  else if (const auto it = gives.find(verb.word); it != gives.end() && verb.tag == "VBG")
    plain(t, "", it->second, verb.word);
}

// "the carpenter isn't sawing", "the teacher is not looking at the blackboard": of verbs that the rules do
// not ask.
void ClauseReader::refrains_from(const Sentence& s, int v) {
  const Node& verb = at(s, v);
  const int who = child(s, v, "nsubj"), is = child(s, v, "aux"), no = child(s, v, "neg");
  if (verb.tag != "VBG" || !verb.base.empty() || who < 0 || who > v || is < 0 || no < 0 ||
      at(s, no).word != "not" || (at(s, is).word != "is" && at(s, is).word != "are") || !at(s, who).sure ||
      (verb.dep != "ROOT" && verb.dep != "conj" && verb.dep != "ccomp") || child(s, who, "conj") >= 0)
    return;
  for (const char* word : {"then", "until", "suddenly", "finally", "later", "first", "before", "after",
                           "again", "when", "anymore", "only", "just", "unless", "but", "longer"}) {
    if (caption_.words.count(word)) return;
  }
  const std::string base = base_of(s, v);
  const int t = s.things[static_cast<size_t>(who)];
  if (t < 0 || !thing(t).sure || !thing(t).living() || thing(t).proper || the(t).empty() || base.empty() ||
      base == "wear" || base == "work" || refrains(base) || is_a("unseen_verb", base) ||
      (kNeverAsked.count(base) && base != "look"))
    return;
  std::string rest;
  for (const int c : children(s, v)) {
    const Node& part = at(s, c);
    if (c < v || part.dep == "punct" || part.dep == "cc" || part.dep == "conj") continue;
    const std::string more = part.dep == "prt"    ? " " + part.word
                             : part.dep == "dobj" ? " " + phrase(s, c, t)
                             : part.dep == "prep" ? " " + place(s, c, t, -1)
                                                  : " ";
    if (more == " " || !part.sure) return;
    rest += more;
  }
  if (rest.empty() && (base == "look" || kWithRest.count(base))) return;
  const bool many = thing(t).plural;
  Fact& fact = add(Fact::Kind::kPlain, t);
  fact.value = (many ? "Do " : "Does ") + the(t) + " refrain from " + gerund(base) + rest + "?";
  fact.contrast = (many ? "Do " : "Does ") + the(t) + " " + base + rest + "?";
}

// "the road is free of cars"
void ClauseReader::free_of(const Sentence& s, int n) {
  const Node& node = at(s, n);
  if ((node.word != "free" && node.word != "devoid" && node.word != "void" && node.word != "bare") ||
      !node.sure)
    return;
  int place = node.dep == "acomp" ? child(s, node.head, "nsubj") : node.dep == "amod" ? node.head : -1;
  const int of = child(s, n, "prep"), what = of < 0 ? -1 : child(s, of, "pobj");
  if (place < 0 || what < 0 || at(s, of).word != "of" || child(s, node.head, "neg") >= 0 ||
      child(s, what, "amod") >= 0 || child(s, what, "prep") >= 0)
    return;
  if (node.dep == "acomp" && at(s, node.head).word != "is" && at(s, node.head).word != "are") return;
  const int scene = s.things[static_cast<size_t>(place)], t = s.things[static_cast<size_t>(what)];
  if (scene < 0 || t < 0 || !thing(scene).noun || !thing(t).noun) return;
  const Thing& absent = thing(t);
  const bool place_like = thing(scene).noun->category == "place" || thing(scene).name == "room";
  if (!place_like || !absent.noun->visible() || (!absent.plural && !absent.mass())) return;
  for (size_t other = 0; other < caption_.things.size(); ++other) {
    const Thing& o = thing(static_cast<int>(other));
    if (static_cast<int>(other) != t && o.noun &&
        (o.noun->kin == absent.noun->kin ||
         (absent.noun->category == "person" && o.noun->category == "person")))
      return;
  }
  add(Fact::Kind::kAbsent, t);
}

void ClauseReader::absences(const Sentence& s) {
  for (int n = 0; n < static_cast<int>(s.nodes.size()); ++n) {
    if (at(s, n).token < 0 && at(s, n).word != "is" && at(s, n).word != "are") continue;
    if (nobody(s, n)) nobody_does(s, n);
    if (at(s, n).tag.rfind("VB", 0) == 0) {
      not_so(s, n);
      refrains_from(s, n);
      not_touching(s, n);
    }
    if (at(s, n).dep == "dobj" && at(s, n).sure && child(s, n, "det") >= 0 &&
        at(s, child(s, n, "det")).word == "no")
      leaves_nothing(s, at(s, n).head, n, subject_node(s, at(s, n).head));
    if (at(s, n).word == "without") undone(s, n);
    if (at(s, n).dep == "pobj") by_itself(s, n);
    free_of(s, n);
  }
}

}  // namespace drf::templates
