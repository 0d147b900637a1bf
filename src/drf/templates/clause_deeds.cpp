// What is done, asked in the words of the caption with all that belongs to it.
#include <algorithm>

#include "drf/templates/clause_words.h"
#include "drf/templates/clauses.h"
#include "drf/templates/lexicon.h"
#include "drf/templates/subjects.h"

namespace drf::templates {

// "back and forth"; "back" is that token.
static bool forth(const std::vector<Token>& tokens, size_t back) {
  return back + 2 < tokens.size() && tokens[back + 1].text == "and" && tokens[back + 2].text == "forth";
}

void ClauseReader::deed(const Sentence& s, int v) {
  const Node& node = at(s, v);
  if (node.token < 0) return;
  std::string base = node.base;
  const int aux = child(s, v, "aux"), aux_passive = child(s, v, "auxpass");
  const auto is = [&](int a) { return a >= 0 && (at(s, a).word == "is" || at(s, a).word == "are"); };
  const std::string link = time_link(s, v);
  if (base.empty() && (is(aux) || beside(s, v) || node.dep == "pcomp")) base = base_of(s, v);
  static const std::set<std::string> tricks = {"handstand", "headstand", "somersault", "cartwheel",
                                               "backflip",  "flip",      "pirouette",  "twirl",
                                               "dance",     "trick"};
  const int trick = node.word == "does" || node.word == "do" ? child(s, v, "dobj") : -1;
  const bool performs = trick > v && node.tag.rfind("VB", 0) == 0 && tricks.count(at(s, trick).word) > 0;
  if (performs) base = "do";
  const bool passive = node.tag == "VBN" && (is(aux_passive) || beside(s, v));
  if (passive) base = node.word;
  if (base.empty() || !(link.empty() ? real(s, v) : told_in_time(s, v)) ||
      (node.dep == "advcl" && !node.sure))
    return;
  if (node.tag.rfind("VB", 0) != 0) return;
  const bool begins = base == "begin" || base == "start";
  const bool appears = base == "appear" || (base == "form" && child(s, v, "dobj") < 0);
  const int let = base == "let" ? let_go(s, v) : -1;
  const bool starts = begins && child(s, v, "dobj") > v;  // "starts the engine"
  if (!begins && !appears && !performs && let < 0 && (kNeverAsked.count(base) || is_a("unseen_verb", base)))
    return;
  const int who = subject_of(s, v);
  if (who < 0 || thing(who).name == "size" || (passive && child(s, v, "agent") >= 0)) return;
  // "turns into a tortoise and crawls under a bench": told of when the turning is
  const bool changed = remade(who, node.token);
  static const std::set<std::string> turning = {"turn", "transform", "morph", "change"};
  const int former = leader(s, v);
  if (changed && (former < 0 || passive || !turning.count(base_of(s, former)))) return;
  const std::vector<int> all = subjects_of_both(s, v);
  if (all.empty()) return;
  const Thing& subject = thing(who);
  // "grows legs and walks"
  const std::string before = former < 0 ? "" : base_of(s, former);
  const bool able = changed || before == "sprout" || before == "grow";
  const bool both = !subject.noun && !subject.proper;  // "they", of two
  const bool acts = able || both || subject.name == "figure" || figure(subject) ||
                    (base == "pull" && subject.noun && subject.noun->category == "vehicle");
  if (!subject.sure || subject.negated || subject.name == "camera" || is_film(subject.name) ||
      the(who).empty())
    return;
  if (subject.noun && (subject.noun->category == "abstract" || subject.noun->category == "place") &&
      !figure_of_one(s, v))
    return;
  if (subject.name == "light" || subject.name == "wind" || subject.name == "breeze") return;
  if (!agrees(s, v, all)) return;
  const VerbForm* listed = passive ? nullptr : find_verb(base);
  if (listed && listed->verb->living && !subject.living() && !acts && !(base == "run" && subject.mass()))
    return;
  if (stands_still(subject, base) || (base == "die" && !subject.living())) return;  // "the lamp dies"
  const int chunk = chunk_of_[static_cast<size_t>(node.token)];
  if (chunk >= 0) {
    const std::vector<int>& others = subjects_[static_cast<size_t>(chunk)];
    if (!others.empty() && others != all) return;
  }
  for (const int c : children(s, v)) {  // "orders a sailor to drop the anchor": not the sailor
    const auto infinitive = [&](int n) {
      const int to = child(s, n, "aux");
      return to >= 0 && at(s, to).word == "to";
    };
    // ... but "dives to save a penalty", "opens the gate to let the dog in": what it is done for
    if (at(s, c).dep == "advcl" && infinitive(c) && bids(s, v)) return;
    for (const int inner : children(s, c)) {
      if (at(s, c).dep == "dobj" && at(s, inner).dep == "acl" && infinitive(inner)) return;
    }
  }
  if (let >= 0 && all.size() == 1) {
    const std::string what = phrase(s, let, who);
    const NounEntry* noun = thing(s.things[static_cast<size_t>(let)]).noun;
    if (what.empty() || (noun && noun->category == "body")) return;  // whose hand?
    Deed deed{&s, v, who, s.things[static_cast<size_t>(let)], "let go of " + what};
    deed.link = link;
    if (!link.empty()) deed.of = node.dep == "pcomp" ? at(s, node.head).head : node.head;
    deed.ends = deed.goal = true;
    if (link.empty()) {
      Fact& fact = add(Fact::Kind::kAction, who);
      fact.value = deed.value;
      fact.phrased = true;
      fact.verb = plain_verb(base);
    }
    deeds_.push_back(deed);
    return;
  }
  if ((begins && !starts) || appears || turns_color(s, v)) {
    comes_to(s, v, who);
    return;
  }
  Deed deed{&s, v, who, -1, base};
  deed.link = link;
  if (!link.empty()) deed.of = node.dep == "pcomp" ? at(s, node.head).head : node.head;
  std::vector<std::pair<int, std::string>> places;
  bool bare = true, pronoun = false, given = false;
  bool says = false;                      // enough, whatever was left out
  bool unasked = starts || able || both;  // by itself: told of when another deed is
  // "dives to save a penalty"
  static const std::set<std::string> goes_to_do = {"dive",  "run",  "jump",  "leap",
                                                   "kneel", "bend", "climb", "lunge"};
  using VerbKind = VerbEntry::Kind;
  for (const int c : children(s, v)) {
    const Node& part = at(s, c);
    if (c < v) continue;
    if (part.dep == "prt" || (part.dep == "advmod" && kParticles.count(part.word))) {
      if (!part.sure || child(s, c, "pobj") >= 0) return;
      // "buried up to its neck"
      if (passive && part.word == "up" && c + 1 < static_cast<int>(s.nodes.size()) &&
          at(s, c + 1).word == "to")
        return;
      for (int k = v + 1; k < c && child(s, v, "dobj") < 0; ++k) {  // "lands on a flower, close up"
        if (at(s, k).tag.rfind("NN", 0) == 0 || at(s, k).tag == "IN") return;
      }
      // "a cat rolls up a carpet": perhaps its own way
      const bool person = subject.proper || (subject.noun && subject.noun->category == "person");
      if (listed && listed->verb->kind == VerbKind::kMotion && base != "climb" && !person &&
          child(s, v, "dobj") >= 0)
        return;
      // "picks it up", but "waves him through"
      static const std::set<std::string> before = {"up", "out", "off", "down", "away", "back", "apart"};
      if (pronoun && before.count(part.word))
        deed.value.insert(base.size(), " " + part.word);
      else
        deed.value +=
            " " + part.word +
            (part.word == "back" && forth(tokens_, static_cast<size_t>(part.token)) ? " and forth" : "");
      bare = false;
    } else if (part.dep == "dobj") {
      if (part.word == "way") return;  // "wind their way": only as a whole
      // "sniffs the wheel, arctic, cold light": a tag behind the sentence
      for (int k = v + 1; k < c; ++k) {
        if (at(s, k).word == ",") return;
      }
      for (int k = v + 1; k < c; ++k) {  // nothing is left out between them
        int up = k;
        while (up != c && up != v && at(s, up).head != up) up = at(s, up).head;
        const bool small = at(s, k).head == v && (at(s, k).dep == "prt" || at(s, k).dep == "advmod");
        if (up != c && !small && !(at(s, up).head == v && at(s, up).dep == "dative") && !given) return;
      }
      std::string what = performs ? with_article(part.word) : phrase(s, c, who, given);
      unasked |= performs;
      // "takes a nap", "gives a speech": no thing
      static const std::set<std::string> light = {"take", "give", "get",  "pay",
                                                  "tell", "say",  "hold", "play"};
      if (what.empty() && !light.count(base)) {
        what = own_words(s, c);
        unasked = deed.own_words = true;
      }
      if (what.empty() || deed.object >= 0) return;
      pronoun = part.tag == "PRP";
      deed.object = part.tag == "PRP" ? meant(s, c, who) : s.things[static_cast<size_t>(c)];
      deed.value += " " + what;
      for (const int p : children(s, c)) {
        if (at(s, p).dep == "prep" && at(s, p).word != "of") places.emplace_back(p, "");
      }
    } else if (part.dep == "prep" && c > 0 && at(s, c - 1).word == ",") {
      continue;  // "are weathered, with stained walls": the walls are no part of it
    } else if (part.dep == "dative" && part.tag == "NN" && base == "give" && deed.value == base) {
      const std::string whom = phrase(s, c, who);  // "gives the rabbit a carrot"
      if (whom.empty()) return;
      deed.value += " " + whom;
      given = true;
    } else if (part.dep == "dative" && part.tag == "PRP" && base == "hand" && deed.value == base) {
      deed.value += " over";  // "hands her his sword"
      unasked = given = true;
    } else if (part.dep == "prep" || (part.dep == "dative" && part.tag == "IN")) {
      const int mood = child(s, c, "pobj");
      if (base == "fall" && mood >= 0 && at(s, mood).word == "love") return;
      places.emplace_back(c, "");
    } else if (part.dep == "advmod") {
      if (!ends_with(part.word, "ly") && !kHow.count(part.word)) return;
    } else if (part.dep == "npadvmod") {
      const bool by_one =
          part.word == "one" && c + 1 < static_cast<int>(s.nodes.size()) && at(s, c + 1).word == "by";
      if (!kHow.count(part.word) && !by_one) return;
    } else if (part.dep == "xcomp" && (deed.object >= 0 || goes_to_do.count(base)) &&
               child(s, c, "aux") == c - 1 && at(s, c - 1).word == "to" && !bids(s, v)) {
      continue;  // "splices the rope to mend the net"
    } else if (part.dep == "dep" && leader(s, c) == v) {
      continue;  // the next one of a list
    } else if (part.dep != "punct" && part.dep != "cc" && part.dep != "conj" && part.dep != "advcl") {
      return;
    }
  }
  const auto ask = [&](const std::string& value) {
    if (!link.empty() || unasked) return;
    if (value == deed.value && value.find(' ') != std::string::npos && asked(who, base, deed.object)) {
      deed.fact = -2;
    } else {
      for (const int one : all) {
        Fact& fact = add(passive ? Fact::Kind::kPassive : Fact::Kind::kAction, one);
        fact.value = value;
        fact.phrased = value != base;
        fact.verb = value == base && listed ? listed->verb : plain_verb(base);
        deed.fact = static_cast<int>(caption_.facts.size()) - 1;
        if (value == deed.value && !passive && all.size() == 1) {
          for (const int c : children(s, v)) {
            const std::string& how = at(s, c).word;
            if (at(s, c).dep != "advmod" || (how != "slowly" && how != "quickly")) continue;
            const bool told =
                std::any_of(caption_.facts.begin(), caption_.facts.end(), [&](const Fact& other) {
                  return other.thing == who && !other.manner.empty() && other.verb &&
                         other.verb->base == base;
                });
            if (told) continue;
            Fact paced = caption_.facts.back();
            paced.manner = how;
            caption_.facts.push_back(paced);
          }
        }
      }
    }
  };
  bool torn = ((kWithRest.count(base) > 0 && bare) || child(s, v, "dative") >= 0) && !given;
  const int object = child(s, v, "dobj");
  if (kAlone.count(base) && object < 0) torn = false;
  if (base == "take" && object >= 0 && child(s, object, "poss") >= 0 && places.empty()) torn = false;
  if (base == "reach" && object >= 0) torn = false;
  for (auto& [p, text] : places) {
    text = at(s, p).sure ? place(s, p, who, passive ? -2 : deed.object) : "";
    const std::string& how = at(s, p).word;
    // "a barge loaded with gravel slides under a bridge": where it slides
    for (int n = v + 1; passive && aux_passive < 0 && n < p; ++n) {
      const VerbForm* form = find_verb(at(s, n).word);
      if (form && form->third) text.clear();
    }
    // "walks onto the pitch"
    static const std::set<std::string> ways = {"onto", "to",     "through", "across",
                                               "over", "toward", "towards", "past"};
    const int end = child(s, p, "pobj");
    if (text.empty() && deed.object < 0 && deed.value == base && ways.count(how) && at(s, p).sure &&
        end > p && s.things[static_cast<size_t>(end)] < 0) {
      text = own_words(s, end);
      if (!text.empty()) text = how + " " + text;
      unasked |= !text.empty();
      deed.own_words |= !text.empty();
    }
    const bool turns = how == "off" || how == "into" || how == "out" || how == "apart" || how == "of" ||
                       (how == "from" && kOff.count(base));
    // "lifts the plant out of a pot", of several pots: it is lifted all the same
    static const std::set<std::string> anyway = {"lift", "pull", "push", "carry", "drag", "throw", "toss"};
    if (turns && text.empty() && deed.object >= 0 && anyway.count(base) && (how == "out" || how == "into"))
      continue;
    // "collapses into a lump"
    static const std::set<std::string> breaks = {"collapse", "crumble",   "burst",   "shatter",
                                                 "explode",  "split",     "break",   "fade",
                                                 "vanish",   "disappear", "dissolve"};
    if (turns && text.empty() && how == "into" && deed.object < 0 && breaks.count(base)) {
      unasked = true;
      says = true;
      continue;
    }
    if (turns && text.empty()) {
      becomes(deed);
      return;
    }
    const int inner = text.empty() ? -1 : last_thing(s, p);
    const std::string category = inner >= 0 && thing(inner).noun ? thing(inner).noun->category : "";
    // "runs out of flour", "turns into a driveway"
    if (base == "run" && how == "out" && category != "place" && category != "structure" &&
        category != "vehicle")
      return;
    const bool drives = subject.noun && subject.noun->category == "vehicle";
    if (base == "turn" && how == "into" && (drives || category == "place" || category == "part")) return;
    if (turns) {
      deed.value += " " + text;
      text.clear();
      torn = false;
      bare = false;
    }
  }
  const bool alone = deed.value == base;
  // "takes off"
  const bool flies = deed.value == "take off" && subject.noun &&
                     (subject.noun->category == "vehicle" || subject.noun->category == "animal");
  if (base == "take" && deed.object < 0 && !flies) return;
  const bool says_enough =
      says || !alone || (!passive && kAlone.count(base)) ||
      (!passive && places.empty() &&
       (!listed || !is_listed(base) ||
        (listed->verb->kind != VerbKind::kLight && listed->verb->kind != VerbKind::kObject)));
  // "chips flakes off a block": something of it was not read
  const std::string behind = v + 1 < static_cast<int>(s.nodes.size()) ? at(s, v + 1).tag : "";
  if (alone && !passive &&
      (behind.rfind("NN", 0) == 0 || behind == "DT" || behind == "PRP" || behind == "PRP$" ||
       behind.rfind("JJ", 0) == 0 || behind == "CD"))
    return;
  bool there = false;
  for (const auto& [p, text] : places) there |= !text.empty();
  if (!torn && says_enough && (deed.object >= 0 || !there)) ask(deed.value);
  if (places.size() > 1 && alone) torn = false;
  for (const auto& [p, text] : places) {
    if (text.empty()) continue;
    const bool rests = (passive || (listed && listed->verb->kind == VerbKind::kPosture)) &&
                       std::any_of(caption_.facts.begin(), caption_.facts.end(), [&](const Fact& fact) {
                         return fact.kind == Fact::Kind::kRelation && fact.thing == who &&
                                text.rfind(fact.value + " ", 0) == 0;
                       });
    const int where = last_thing(s, p);
    const bool placed = std::any_of(caption_.facts.begin(), caption_.facts.end(), [&](const Fact& fact) {
      return fact.kind == Fact::Kind::kAction && fact.thing == who && fact.verb && fact.verb->base == base &&
             fact.place >= 0 && fact.place == where;
    });
    if (!rests && !placed) ask(deed.value + " " + text);
  }
  if (passive || all.size() > 1) return;
  const bool needs_place = torn || !says_enough || deed.object < 0;
  if ((torn || !says_enough) && !there) return;
  deed.ends = !kGoesOn.count(base) && (deed.object >= 0 || !alone || there);
  const auto first =
      std::find_if(places.begin(), places.end(), [](const auto& one) { return !one.second.empty(); });
  if (needs_place && there) deed.value += " " + first->second;
  for (const auto& [p, text] : places) {
    const std::string& how = at(s, p).word;
    deed.goal |=
        how == "into" || how == "onto" || how == "out" || how == "off" || how == "to" || how == "from";
    deed.ends |=
        deed.value.find(" into ") != std::string::npos || how == "onto" || how == "out" || how == "off";
    if (deed.place < 0) deed.place = last_thing(s, p);
  }
  deeds_.push_back(deed);
}

}  // namespace drf::templates
