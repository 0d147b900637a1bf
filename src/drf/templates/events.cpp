// Who does what, what the camera does, and in which order, as far as the caption leaves no doubt.
#include <algorithm>

#include "drf/templates/denials.h"
#include "drf/templates/pronouns.h"
#include "drf/templates/reader.h"
#include "drf/templates/subjects.h"

namespace drf::templates {

void Reader::verb(size_t k) {
  const Chunk& v = chunks_.list[k];
  if (v.sure && !irreal_) subjects_[k] = subjects_of(chunks_, k, subjects_);
  // "imagines an elephant on a ball": what follows is in his head alone
  static const std::set<std::string> thoughts = {"imagine",   "envision",  "envisage",  "dream",
                                                 "visualize", "visualise", "fantasize", "daydream"};
  if (v.verb && thoughts.count(v.verb->base) && !v.negated) irreal_ = true;
  const std::vector<int>& who = subjects_[k];
  for (const int one : who) {
    if (transformed_.count(one)) return;
  }
  transforms(k);
  // "spins, and the circle of kids around him claps": who does is not the one told of before
  static const std::set<std::string> objective = {"him", "her", "them", "me", "us", "it"};
  if (k >= 3 && before(k) == ChunkKind::kPronoun && objective.count(at(k - 1)->text) &&
      kind(k - 2) == ChunkKind::kPreposition && v.finite())
    return;
  if (!v.sure || irreal_ || v.modal || who.empty() || doubted(k)) return;
  if (named(who[0]).name == "drone" && named(who[0]).attributes.empty()) return;  // the one that films
  if (is_film(named(who[0]).name)) return;
  if (named(who[0]).name == "camera") {
    camera(k);
    return;
  }
  if (lacks(k)) return;
  if (!v.verb) {
    copula(k);
    return;
  }
  using VerbKind = VerbEntry::Kind;
  // Voices have a mouth that is seen: a dog barks, a river does not.
  static const std::set<std::string> voices = {"roar", "howl",  "sing", "scream", "whisper", "shout",
                                               "moan", "groan", "meow", "murmur", "talk",    "bark"};
  if (is_a("unseen_verb", v.verb->base) || (voices.count(v.verb->base) && !named(who[0]).living())) return;
  becomes(k);
  turns_color(k);
  // "steam bursts upward", "the rain falls upwards": not what the verb says by itself
  if (v.verb->kind == VerbKind::kAlone && at(k + 1) && at(k + 1)->kind == ChunkKind::kAdverb &&
      (ends_with(at(k + 1)->text, "ward") || ends_with(at(k + 1)->text, "wards") ||
       (v.end < tokens_.size() && (tokens_[v.end].text == "upward" || tokens_[v.end].text == "upwards"))))
    return;
  const bool passive = (v.past && !v.auxiliary.empty()) ||
                       (v.participle && v.auxiliary.empty() && !v.base && !v.third && !v.ing);
  const bool begun = v.infinitive && k > 0 && kind(k - 1) == ChunkKind::kVerb;
  // "is blown out"
  static const std::set<std::string> second = {"out", "off", "up", "down", "apart", "away", "over", "aside"};
  const Chunk* behind_it = at(k + 1);
  const std::string small = behind_it && behind_it->kind == ChunkKind::kAdverb && !behind_it->direction &&
                                    second.count(behind_it->text)
                                ? " " + behind_it->text
                                : "";
  // "is dimly lit": the adverb may be what is told
  std::string qualified;
  for (size_t i = v.begin; passive && i + 1 < v.end; ++i) {
    if (ends_with(tokens_[i].text, "ly") || tokens_[i].text == "half") qualified += tokens_[i].text + " ";
  }
  // "the air is filled with smoke": says nothing without the smoke
  static const std::set<std::string> by_what = {
      "filled",  "covered", "surrounded", "lined",  "topped",   "adorned",  "dotted",
      "flanked", "framed",  "packed",     "bathed", "shrouded", "wrapped",  "loaded",
      "coated",  "laden",   "enveloped",  "made",   "attached", "connected"};
  if (v.participle && by_what.count(v.text) && kind(k + 1) == ChunkKind::kPreposition) return;
  if (v.participle && (v.auxiliary == "is" || v.auxiliary == "are") && v.verb->kind == VerbKind::kObject &&
      !v.negated) {
    for (const int whom : who) {
      Fact& fact = add(Kind::kPassive, whom);
      fact.verb = v.verb;
      fact.value = qualified + v.text + small;
    }
  }
  // "the lamp is not lit"
  const std::string other =
      passive && v.negated && qualified.empty() && v.auxiliary != "was" && v.auxiliary != "were" && !v.modal
          ? denied_quality(v.text)
          : "";
  if (!other.empty() && find_attribute(v.text)) {
    for (const int whom : who) {
      Fact& fact = add(Kind::kAttribute, whom);
      fact.attribute = find_attribute(v.text);
      fact.value = other;
      fact.contrast = v.text;
    }
  }
  if (passive) done_by(k);
  if (passive || (v.infinitive && !begun)) return;
  if (v.verb->kind == VerbKind::kLight) {
    light(k);
    return;
  }
  // "my brother drew this monster": before it was filmed
  static const std::set<std::string> creates = {"draw", "paint", "sketch", "make", "build", "write", "film"};
  if (v.past && !v.third && !v.base && v.auxiliary.empty() && creates.count(v.verb->base)) return;
  // "falls in love", "breaks into song", "bursts into tears": no falling and no breaking
  const auto behind_verb = [&](size_t n) {
    return v.end + n < tokens_.size() ? tokens_[v.end + n].text : "";
  };
  static const std::set<std::string> moods = {"love",     "song",    "tears",   "laughter",
                                              "applause", "ruin",    "silence", "disrepair",
                                              "action",   "trouble", "panic"};
  if ((behind_verb(0) == "in" || behind_verb(0) == "into") && moods.count(behind_verb(1))) return;
  // "the stage explodes in blue and purple light", "the crowd erupts in cheers"
  static const std::set<std::string> bursts = {"explode", "erupt", "burst"};
  if (bursts.count(v.verb->base) &&
      (behind_verb(0) == "in" || behind_verb(0) == "into" || behind_verb(0) == "with")) {
    static const std::set<std::string> real = {"flames", "flame", "fire",   "pieces", "fragments",
                                               "dust",   "smoke", "shards", "a"};
    if (!real.count(behind_verb(1))) return;
  }
  if (phrasal(k)) return;
  // "an umbrella growing out of its back": how it is there
  static const std::set<std::string> juts = {"grow", "stick", "poke", "jut", "sprout", "protrude"};
  if (juts.count(v.verb->base) && kind(k + 1) == ChunkKind::kPreposition && at(k + 1)->text != "into" &&
      at(k + 1)->text != "to")
    return;
  std::string deed = v.verb->base;
  if (second_word(k, deed) == Second::kTorn) return;
  size_t next = k + 1;
  std::string particle;
  static const std::set<std::string> particles = {"up", "down", "off", "out", "open", "over", "away"};
  if (at(next) && (at(next)->kind == ChunkKind::kAdverb || at(next)->kind == ChunkKind::kPreposition) &&
      particles.count(at(next)->text) && at(next)->end == at(next)->begin + 1 &&
      kind(next + 1) == ChunkKind::kThing &&
      (v.verb->kind == VerbKind::kObject || v.verb->kind == VerbKind::kBoth)) {
    particle = " " + at(next)->text;
    ++next;
  }
  if (particle.empty() && takes_along(next)) return;
  int object = -1;
  // "folds back into a crane": no back
  if (kind(next) == ChunkKind::kThing && thing_at(next).name == "back" && !thing_at(next).determined) return;
  if (kind(next) == ChunkKind::kThing) {
    object = measures_.count(next) ? -1 : at(next)->thing;  // "drops three floors": how far
  } else if (kind(next) == ChunkKind::kPronoun) {
    object = meant_by(chunks_, next, at(next)->text, who[0]);
    if (object < 0 || kind(next + 1) == ChunkKind::kThing) return;  // "offers him a pie"
  } else if (kind(next) == ChunkKind::kQuality || kind(next) == ChunkKind::kQuote ||
             kind(next) == ChunkKind::kOther) {
    return;
  }
  if (!object_fits(v, object, next)) return;
  if (v.verb->base == "feed" && object >= 0 && at(next + 1) && at(next + 1)->text == "to") return;
  if (object >= 0 && at(next + 1)) {
    const Chunk& after = *at(next + 1);
    static const std::set<std::string> away = {"off",     "out",  "from", "apart",
                                               "through", "open", "shut", "closed"};
    static const std::set<std::string> ways = {"follow", "lead", "chase", "ride",
                                               "guide"};  // "follows a rope down"
    if (after.kind == ChunkKind::kAdverb && particles.count(after.text) && particle.empty() &&
        !ways.count(v.verb->base) && after.end == after.begin + 1) {
      particle = " " + after.text;  // "picks it up"
    } else if (away.count(after.text)) {
      static const std::set<std::string> whole = {"throw", "toss", "kick", "hold",  "carry",
                                                  "pour",  "drop", "read", "steal", "snatch"};
      if (!whole.count(v.verb->base)) return;  // "shakes the water off its fur" is no shaking of water
    }
  }
  const size_t first = caption_.facts.size();
  for (const int doer : who) {
    Fact& fact = add(Kind::kAction, doer);
    fact.verb = v.verb;
    fact.value = deed + particle;
    fact.object = object;
    fact.negated = v.negated;
    fact.silent = before_clause(k);
    // "sits down": stood before
    if (at(k + 1) && (at(k + 1)->text == "down" || at(k + 1)->text == "up")) fact.contrast = "changes";
  }
  if (who.size() == 1) events_.push_back({k, static_cast<int>(first)});
  if (object >= 0) ++next;
  // "knocks into the pins": says nothing without the pins
  // "drops in a knob of butter", "climbs out of the taxi": no deed by itself
  static const std::set<std::string> dropping = {"drop", "pop", "crack", "break", "blow", "tear", "fold"};
  static const std::set<std::string> beams = {"spotlight", "beam", "ray", "shadow", "glow"};
  const bool rest = object < 0 && !v.negated && kind(next) == ChunkKind::kPreposition;
  // "sinks to his knees"
  static const std::set<std::string> downward = {"sink", "fall", "drop"};
  static const std::set<std::string> whose = {"his", "her", "its", "their"};
  static const std::set<std::string> sinks_onto = {"onto", "into", "against", "to", "back"};  // "the throne"
  const bool to_knees =
      downward.count(v.verb->base) > 0 && behind_verb(0) == "to" && whose.count(behind_verb(1)) > 0;
  const bool half_said =
      (dropping.count(v.verb->base) && (named(who[0]).living() || v.verb->base == "blow")) ||
      (v.verb->base == "fall" && beams.count(named(who[0]).name)) || to_knees ||
      (v.verb->base == "sink" && rest && sinks_onto.count(at(next)->text) > 0 && named(who[0]).living()) ||
      (v.verb->base == "climb" && rest && tokens_[at(next)->begin].text == "out");
  for (size_t f = first; rest && half_said && f < caption_.facts.size(); ++f) caption_.facts[f].silent = true;
  static const std::set<std::string> needy = {"knock", "bump", "slam", "dip",   "press", "rub",
                                              "brush", "push", "pull", "cling", "stick"};
  const bool breaks =
      (v.verb->base == "break" || v.verb->base == "burst") && at(next) && at(next)->text == "through";
  const bool half = object < 0 && (breaks || needy.count(v.verb->base) > 0) && deed == v.verb->base &&
                    !v.negated && kind(next) == ChunkKind::kPreposition;
  if (v.negated) {
    deny(k, first, next);
  } else {
    const Fact base = caption_.facts[first];
    for (const int doer : who) {
      Fact action = base;
      action.thing = doer;
      const int whole = base.silent ? -1 : placed(k, action, next);
      if (half && who.size() == 1 && whole >= 0) events_.back().fact = whole;
      if (half && who.size() == 1 && whole < 0) events_.pop_back();
      action.manner = manner(k, next);
      if (action.manner.empty() || base.silent || half) continue;
      caption_.facts.push_back(action);
    }
  }
  for (size_t doer = 0; half && doer < who.size(); ++doer) caption_.facts[first + doer].silent = true;
  if (at(k + 1) && at(k + 1)->direction && v.verb->kind == VerbKind::kMotion && !v.negated) {
    for (const int doer : who) {
      Fact& fact = add(Kind::kDirection, doer);
      fact.value = at(k + 1)->text;
      fact.contrast = opposite_direction(fact.value);
    }
  }
}

void Reader::done_by(size_t k) {
  const Chunk& v = chunks_.list[k];
  using VerbKind = VerbEntry::Kind;
  if (kind(k + 1) != ChunkKind::kPreposition || at(k + 1)->text != "by" || kind(k + 2) != ChunkKind::kThing ||
      v.negated || v.modal || v.auxiliary == "was" || v.auxiliary == "were" || v.auxiliary == "has" ||
      v.auxiliary == "have" || v.auxiliary == "had")
    return;
  const Thing& doer = thing_at(k + 2);
  if (!doer.sure || doer.negated || !doer.noun || doer.name == "sun" || doer.name == "moon" ||
      (v.verb->living && !doer.living()) || kind(k + 3) == ChunkKind::kAnd)
    return;
  if (v.verb->kind != VerbKind::kObject && v.verb->kind != VerbKind::kBoth) return;
  for (const int whom : subjects_[k]) {
    if (!named(whom).sure || named(whom).negated) continue;
    Fact& fact = add(Kind::kAction, at(k + 2)->thing);
    fact.verb = v.verb;
    fact.value = v.verb->base;
    fact.object = whom;
    fact.silent = before_clause(k);
  }
}

bool Reader::object_fits(const Chunk& v, int object, size_t next) const {
  using VerbKind = VerbEntry::Kind;
  if (object < 0) return v.verb->kind != VerbKind::kObject;
  const Thing& o = named(object);
  if (!o.sure || o.negated || o.name == "camera") return false;
  // "crosses the wider end over the other": of something
  static const std::set<std::string> ends = {"end",  "ends", "side", "sides", "half",
                                             "part", "rest", "tip",  "edge"};
  if (ends.count(o.name)) return false;
  if (kind(next) == ChunkKind::kThing) {
    // "as the band plays the crowd cheers": the next clause's subject
    const Chunk* after = at(next + 1);
    if (after && after->kind == ChunkKind::kVerb && after->finite()) return false;
    // "waters a single flower", "eats an ice cream and a cake" are fine; "paints the wall red" is more than
    // that
    if (after && after->kind == ChunkKind::kQuality) return false;
    // "hands the man a letter", but "feeds the elephant an apple"
    if (after && after->kind == ChunkKind::kThing && v.verb->base != "feed") return false;
  }
  if (o.noun && o.noun->category == "abstract") return v.verb->base == "play" && !o.determined;
  static const std::set<std::string> over = {"orbit", "circle", "climb", "fly",   "jump",
                                             "roll",  "spin",   "swing", "bounce"};
  if (v.verb->kind == VerbKind::kMotion) return over.count(v.verb->base) > 0;
  return v.verb->kind == VerbKind::kObject || v.verb->kind == VerbKind::kBoth;
}

}  // namespace drf::templates
