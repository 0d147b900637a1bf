// Verbs with their auxiliaries, and whether a word that may be a verb is one.
#include <algorithm>

#include "drf/templates/cutter.h"

namespace drf::templates {

bool Cutter::verb_group() {
  size_t i = at_;
  if (word(i) == "not" && (word(i + 1) == "a" || word(i + 1) == "one") && before() != Kind::kVerb)
    return false;
  Chunk group;
  group.kind = Kind::kVerb;
  if (word(i) == "to" && find_verb(word(i + 1)) && find_verb(word(i + 1))->base &&
      !noun_phrase_after_to(i + 1)) {
    group.infinitive = true;
    ++i;
  }
  while (is_a("auxiliary", word(i)) || is_a("modal", word(i)) || word(i) == "not" || word(i) == "never" ||
         (i > at_ && (is_a("adverb", word(i)) || ends_with(word(i), "ly")) && !find_verb(word(i)) &&
          !find_noun(word(i)))) {
    if (is_a("auxiliary", word(i)) && (group.auxiliary.empty() || word(i) == "being" || word(i) == "been")) {
      group.auxiliary = group.auxiliary.empty() ? word(i) : group.auxiliary;
    }
    group.modal |= is_a("modal", word(i));
    group.negated |= word(i) == "not" || word(i) == "never";
    ++i;
  }
  const VerbForm* form = find_verb(word(i));
  const bool helped = !group.auxiliary.empty() || group.modal || group.infinitive;
  if (i > at_ && !form) {
    if (group.auxiliary.empty()) {  // "not", "will" alone
      if (group.negated) {
        add(Kind::kLink, i - at_).text = "if";
        return true;
      }
      return false;
    }
    group.third = group.base = false;
    group.sure = !group.modal;
    push(group, i);
    return true;
  }
  if (!form) return false;
  const NounEntry* noun = find_noun(word(i));
  if (helped || group.negated) {
    // "the shop is open": a quality that may be a verb elsewhere
    const std::string& be = group.auxiliary;
    if ((be == "is" || be == "are" || be == "was" || be == "were") && !group.infinitive && form->base &&
        !form->ing && !form->past && !form->participle && is_adjective(word(i))) {
      group.sure = !group.modal;
      push(group, i);
      return true;
    }
    // "is cut", "has a park": behind "is" or "has" a noun is one if nothing else makes it a verb
    if (!group.auxiliary.empty() && noun && !form->ing && !form->past && group.auxiliary[0] != 'd') {
      push(group, i);
      return true;
    }
  } else if (!(at_ > 0 && word(at_ - 1) == "having" && form->past) && !verb_here(i, *form, noun)) {
    return false;
  }
  group.verb = form->verb;
  group.third = form->third;
  group.base = form->base && !group.infinitive;
  // "having tied": "tying", over before what is told
  const bool had = i == at_ && at_ > 0 && word(at_ - 1) == "having";
  group.ing = form->ing || had;
  group.past = form->past && !had;
  group.participle = form->participle && !had;
  // "without touching it"
  group.negated |= form->ing && i == at_ && before() == Kind::kPreposition && last_is("without");
  group.sure = !tokens_[i].slip && !undecided_;
  undecided_ = false;
  push(group, i + 1);
  return true;
}

bool Cutter::noun_phrase_after_to(size_t i) const {
  const VerbForm* form = find_verb(word(i));
  return find_noun(word(i)) && form->base && !is_a("determiner", word(i + 1)) && !find_noun(word(i + 1)) &&
         before() == Kind::kVerb && chunks_.list.back().verb &&
         chunks_.list.back().verb->kind == VerbEntry::Kind::kMotion;  // "walks to work"
}

void Cutter::push(Chunk group, size_t end) {
  group.begin = at_;
  group.end = end;
  group.text = word(end - 1);
  at_ = end;
  chunks_.list.push_back(group);
}

bool Cutter::of_camera() const {
  bool camera = false;
  for (auto it = chunks_.list.rbegin(); it != chunks_.list.rend() && it->kind != Kind::kEnd; ++it) {
    if (it->kind == Kind::kAdverb) continue;
    if (camera)
      return it->kind == Kind::kThing && chunks_.things[static_cast<size_t>(it->thing)].name == "camera";
    if (it->kind == Kind::kVerb) {
      // "zooms in and tilts up, then": one camera's moves
      const auto before =
          std::find_if(it + 1, chunks_.list.rend(), [](const Chunk& c) { return c.kind != Kind::kAdverb; });
      camera = before != chunks_.list.rend() && before->kind == Kind::kThing;
    }
  }
  return false;
}

bool Cutter::verb_here(size_t i, const VerbForm& form, const NounEntry* noun) {
  const Kind prior = before();
  const std::string& next = word(i + 1);
  if (form.third && form.verb->base == "fall" && next == "asleep") return true;
  const bool adjective = is_adjective(word(i));
  if (prior == Kind::kThing || prior == Kind::kPronoun || prior == Kind::kRelative || prior == Kind::kQuote) {
    if (prior == Kind::kThing && form.past && adjective && noun_starts(i + 1)) return false;
    return true;
  }
  if (prior == Kind::kPreposition) {  // "without touching", "of running water"
    if (!form.ing || noun) return false;
    return is_a("determiner", next) || is_a("pronoun", next) || !noun_starts(i + 1) || !last_is("of");
  }
  if (prior == Kind::kAnd || prior == Kind::kComma || prior == Kind::kLink) {
    if (form.ing)
      return !noun && (is_a("determiner", next) || is_a("pronoun", next) || !noun_starts(i + 1) ||
                       prior != Kind::kComma);
    if (!noun) {
      if (adjective && noun_starts(i + 1) && form.past) return false;
      if (form.past) undecided_ = true;
      return form.third || form.base || form.past;
    }
    if (is_a("determiner", next) || is_a("pronoun", next))
      return (form.third || form.base) && finite_before();
    // "zooms in on a bell, then pans left"
    if (form.third && (camera_moves().count(form.verb->base) || form.verb->base == "turn") && of_camera())
      return true;
    if (form.third && noun->plural) {
      // "drops the oars, stands up, and"
      static const std::set<std::string> particles = {"up", "down", "away", "off", "out"};
      if (particles.count(next) && !noun_starts(i + 2) && finite_before()) return true;
      if (noun_starts(i + 1) || find_verb(next) || !finite_before()) return false;
      // "off the table and breaks": a bare plural beside a phrase that has its article
      const Thing* last = chunks_.things.empty() ? nullptr : &chunks_.things.back();
      undecided_ = !(last && last->determined && !last->plural);
      return true;
    }
    if (form.base && finite_before() && !noun_starts(i + 1) && !find_verb(next)) {
      undecided_ = true;
      return true;
    }
    return false;
  }
  if (prior == Kind::kVerb) return form.ing && !noun;  // "starts running"
  if (form.ing && !noun && !noun_starts(i + 1)) return true;
  return false;
}

}  // namespace drf::templates
