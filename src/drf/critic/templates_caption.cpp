#include "drf/critic/templates_caption.h"

#include <algorithm>

#include "drf/critic/templates_scene.h"
#include "drf/critic/templates_subjects.h"

namespace drf::critic {
namespace {

using ChunkKind = Chunk::Kind;
using Kind = Fact::Kind;

class Reader {
 public:
  Reader(const std::vector<Token>& tokens, Caption& caption)
      : tokens_(tokens), chunks_(chunks_of(tokens)), caption_(caption), subjects_(chunks_.list.size()) {}

  void read() {
    caption_.things = chunks_.things;
    for (size_t k = 0; k < chunks_.list.size(); ++k) {
      const Chunk& chunk = chunks_.list[k];
      if (chunk.kind == ChunkKind::kEnd) irreal_ = false;
      if (chunk.kind == ChunkKind::kLink && chunk.text == "if") irreal_ = true;
      if (chunk.kind == ChunkKind::kThing) thing(k);
      if (chunk.kind == ChunkKind::kVerb) verb(k);
      if (chunk.kind == ChunkKind::kPreposition) relation(k);
    }
    orders();
  }

 private:
  const Chunk* at(size_t k) const { return k < chunks_.list.size() ? &chunks_.list[k] : nullptr; }
  ChunkKind kind(size_t k) const { return k < chunks_.list.size() ? chunks_.list[k].kind : ChunkKind::kEnd; }
  ChunkKind before(size_t k) const { return k == 0 ? ChunkKind::kEnd : kind(k - 1); }
  const Thing& named(int t) const { return chunks_.things[static_cast<size_t>(t)]; }
  const Thing& thing_at(size_t k) const { return named(chunks_.list[k].thing); }
  Fact& add(Kind kind, int thing) {
    Fact& fact = caption_.facts.emplace_back();
    fact.kind = kind;
    fact.thing = thing;
    return fact;
  }

  // ---- what is there ----

  // Whether the phrase at k is denied by what stands before it, through "or" and "and".
  bool denied(size_t k) const {
    if (thing_at(k).negated) return true;
    if (before(k) == ChunkKind::kPreposition) return chunks_.list[k - 1].text == "without";
    if (before(k) == ChunkKind::kAnd && k >= 2 && kind(k - 2) == ChunkKind::kThing &&
        chunks_.list[k - 1].text != "but")
      return denied(k - 2);
    return false;
  }
  // Compared to, wished for, spoken of: not there for sure.
  bool unreal(size_t k) const {
    if (irreal_) return true;
    if (before(k) == ChunkKind::kPreposition) {
      static const std::set<std::string> of_nothing = {"like",    "unlike", "than",  "for", "about",
                                                       "despite", "except", "style", "per", "via"};
      const std::string& text = chunks_.list[k - 1].text;
      if (of_nothing.count(text)) return true;
      if (text == "of" && (k < 2 || kind(k - 2) != ChunkKind::kThing)) return true;  // "dreaming of dragons"
      if (text == "into" && thing_at(k).living()) return true;                       // "twists it into a dog"
      if (text == "of" && k >= 2 && kind(k - 2) == ChunkKind::kThing) {
        const NounEntry* whole =
            thing_at(k - 2).noun;  // "the steps of a temple", but not "the king of hearts"
        if (whole && (whole->kin == "statue" || whole->kin == "billboard")) return true;
        return !whole ||
               (whole->category != "part" && whole->category != "body" && whole->category != "structure" &&
                whole->category != "tableware" && whole->category != "place");
      }
      if (k >= 2 && kind(k - 2) == ChunkKind::kVerb) return unreal_verb(chunks_.list[k - 2]);
    }
    if (before(k) == ChunkKind::kVerb) return unreal_verb(chunks_.list[k - 1]);
    if (before(k) == ChunkKind::kLink)
      return (chunks_.list[k - 1].text == "as" || chunks_.list[k - 1].text == "after" ||
              chunks_.list[k - 1].text == "before" || chunks_.list[k - 1].text == "until") &&
             kind(k + 1) != ChunkKind::kVerb && kind(k + 1) != ChunkKind::kAdverb;
    if (before(k) == ChunkKind::kAnd && k >= 2 && kind(k - 2) == ChunkKind::kThing &&
        kind(k + 1) != ChunkKind::kVerb)
      return unreal(k - 2);
    return before(k) == ChunkKind::kOther && k > 0;
  }
  static bool unreal_verb(const Chunk& verb) {
    static const std::set<std::string> of_nothing = {
        "want",   "need",   "wish",      "hope",      "think",   "know",     "believe", "remember",
        "forget", "avoid",  "prevent",   "represent", "match",   "dream",    "search",  "tell",
        "ask",    "become", "seem",      "wonder",    "look",    "resemble", "refuse",  "prefer",
        "call",   "decide", "plan",      "try",       "attempt", "talk",     "speak",   "lose",
        "miss",   "miss",   "like",      "love",      "hate",    "learn",    "teach",   "prepare",
        "wait",   "turn",   "transform", "morph",     "order",   "protect",  "point"};
    return verb.negated || verb.modal || (verb.verb && of_nothing.count(verb.verb->base)) ||
           (!verb.verb && verb.auxiliary != "has" && verb.auxiliary != "have");
  }

  void thing(size_t k) {
    const Chunk& chunk = chunks_.list[k];
    const Thing& t = named(chunk.thing);
    if (!mentioned_.insert(chunk.thing).second) return;
    if (denied(k)) {
      absent(k);
      return;
    }
    if (!t.sure || unreal(k) || before_clause(k)) return;
    if (t.name == "camera") return;  // the one that films
    if (t.proper) {
      if (!(k > 0 && kind(k - 1) == ChunkKind::kPreposition && chunks_.list[k - 1].text == "style"))
        add(Kind::kExists, chunk.thing);
      return;
    }
    if (t.noun && t.noun->category == "place") {
      setting(k);
      return;
    }
    const bool scenery = t.noun && t.noun->category == "part";
    if (scenery) {
      static const std::set<std::string> seen = {"background", "sky", "floor", "ceiling", "screen"};
      if (seen.count(t.name)) attributes(chunk.thing);
      return;
    }
    if (t.noun && t.noun->category == "body") {
      attributes(chunk.thing);
      return;
    }
    if (!t.visible()) return;
    if (!t.noun && kind(k + 1) == ChunkKind::kQuality) return;
    add(Kind::kExists, chunk.thing);
    if (t.count > 1 && t.count <= 12) add(Kind::kCount, chunk.thing);
    attributes(chunk.thing);
  }

  // "before he boards the train", "after the rain stops": perhaps not in the video any more, or not yet.
  bool before_clause(size_t k) const {
    for (size_t i = k; i > 0; --i) {
      const Chunk& chunk = chunks_.list[i - 1];
      if (chunk.kind == ChunkKind::kEnd || chunk.kind == ChunkKind::kComma) return false;
      if (chunk.kind == ChunkKind::kLink) return chunk.text == "before" || chunk.text == "after";
    }
    return false;
  }

  void attributes(int index) {
    for (const auto& [entry, phrase] : named(index).attributes) {
      Fact& fact = add(Kind::kAttribute, index);
      fact.attribute = entry;
      fact.value = phrase;
    }
  }

  void absent(size_t k) {
    const Thing& t = thing_at(k);
    if (!t.sure || irreal_ || t.proper || !t.noun || !t.noun->visible() || t.noun->category == "place" ||
        !t.attributes.empty())
      return;
    for (const Thing& other : chunks_.things) {
      if (&other != &t && other.noun && other.noun->kin == t.noun->kin) return;
    }
    int whom = -1;
    bool scene = false;
    if (before(k) == ChunkKind::kPreposition || before(k) == ChunkKind::kAnd) {
      // "a painter without a brush" says nothing of other brushes, "a kitchen without smoke" does
      size_t i = k - 1;
      while (i > 0 && kind(i) != ChunkKind::kPreposition) --i;
      if (i == 0 || kind(i - 1) != ChunkKind::kThing) return;
      const Thing& near = thing_at(i - 1);
      scene = near.noun && (near.noun->category == "place" || near.name == "room");
      if (!scene && near.sure && near.visible()) whom = chunks_.list[i - 1].thing;
      if (!scene && near.noun &&
          near.noun->category == "body") {  // "a turtle with a house on its back instead of a shell"
        size_t first = i;
        while (first > 0 && kind(first - 1) != ChunkKind::kEnd) --first;
        if (kind(first) == ChunkKind::kThing && thing_at(first).sure && thing_at(first).visible())
          whom = chunks_.list[first].thing;
      }
      if (whom >= 0 && t.noun->category == "clothing" && !named(whom).living()) whom = -1;
      if (!scene && whom < 0) return;
    } else if (t.noun->category == "clothing" || before(k) == ChunkKind::kVerb) {
      return;  // whose it would be is open
    }
    add(Kind::kAbsent, chunks_.list[k].thing).object = whom;
  }

  void setting(size_t k) {
    const Thing& t = thing_at(k);
    static const std::set<std::string> where = {"in",     "at",    "on",     "through",
                                                "across", "along", "inside", "down"};
    const bool stated = before(k) == ChunkKind::kPreposition && where.count(chunks_.list[k - 1].text) > 0;
    const bool alone =
        k == 0 || (caption_.tags && kind(k + 1) != ChunkKind::kVerb && kind(k + 1) != ChunkKind::kAnd);
    if (t.plural && t.noun->kin != "forest") return;
    if (!stated && !(alone && kind(k + 1) != ChunkKind::kVerb)) return;
    add(Kind::kSetting, chunks_.list[k].thing);
  }

  // ---- what happens ----

  void verb(size_t k) {
    const Chunk& v = chunks_.list[k];
    if (v.sure && !irreal_) subjects_[k] = subjects_of(chunks_, k, subjects_);
    const std::vector<int>& who = subjects_[k];
    if (!v.sure || irreal_ || v.modal || who.empty()) return;
    if (named(who[0]).name == "camera") {
      camera(k);
      return;
    }
    if (!v.verb) {
      copula(k);
      return;
    }
    using VerbKind = VerbEntry::Kind;
    const bool passive = (v.past && !v.auxiliary.empty()) ||
                         (v.participle && v.auxiliary.empty() && !v.base && !v.third && !v.ing);
    const bool begun = v.infinitive && k > 0 && kind(k - 1) == ChunkKind::kVerb;
    if (v.participle && (v.auxiliary == "is" || v.auxiliary == "are") && v.verb->kind == VerbKind::kObject &&
        !v.negated) {
      for (const int whom : who) {
        Fact& fact = add(Kind::kPassive, whom);
        fact.verb = v.verb;
        fact.value = v.text;
      }
    }
    if (passive || v.verb->kind == VerbKind::kLight || (v.infinitive && !begun)) return;
    size_t next = k + 1;
    std::string particle;
    static const std::set<std::string> particles = {"up", "down", "off", "out", "open", "over"};
    if (at(next) && (at(next)->kind == ChunkKind::kAdverb || at(next)->kind == ChunkKind::kPreposition) &&
        particles.count(at(next)->text) && at(next)->end == at(next)->begin + 1 &&
        kind(next + 1) == ChunkKind::kThing && v.verb->kind == VerbKind::kObject) {
      particle = " " + at(next)->text;
      ++next;
    }
    int object = -1;
    if (kind(next) == ChunkKind::kThing) {
      object = at(next)->thing;
    } else if (kind(next) == ChunkKind::kPronoun) {
      object = meant_by(chunks_, next, at(next)->text, who[0]);
      if (object < 0) return;
    } else if (kind(next) == ChunkKind::kQuality || kind(next) == ChunkKind::kQuote ||
               kind(next) == ChunkKind::kOther) {
      return;
    }
    if (!object_fits(v, object, next)) return;
    const size_t first = caption_.facts.size();
    for (const int doer : who) {
      Fact& fact = add(Kind::kAction, doer);
      fact.verb = v.verb;
      fact.value = v.verb->base + particle;
      fact.object = object;
      fact.negated = v.negated;
      fact.silent = before_clause(k);
      // "sits down": stood before
      if (at(k + 1) && (at(k + 1)->text == "down" || at(k + 1)->text == "up")) fact.contrast = "changes";
    }
    if (who.size() == 1) events_.push_back({k, static_cast<int>(first)});
    if (kind(next) == ChunkKind::kThing) ++next;
    if (at(k + 1) && at(k + 1)->direction && v.verb->kind == VerbKind::kMotion && !v.negated) {
      for (const int doer : who) {
        Fact& fact = add(Kind::kDirection, doer);
        fact.value = at(k + 1)->text;
        fact.contrast = opposite_direction(fact.value);
      }
    }
  }

  bool object_fits(const Chunk& v, int object, size_t next) const {
    using VerbKind = VerbEntry::Kind;
    if (object < 0) return v.verb->kind != VerbKind::kObject;
    const Thing& o = named(object);
    if (!o.sure || o.negated || o.name == "camera") return false;
    if (kind(next) == ChunkKind::kThing) {
      // "as the band plays the crowd cheers": the next clause's subject
      const Chunk* after = at(next + 1);
      if (after && after->kind == ChunkKind::kVerb && after->finite()) return false;
      // "waters a single flower", "eats an ice cream and a cake" are fine; "paints the wall red" is more than
      // that
      if (after && after->kind == ChunkKind::kQuality) return false;
      // "hands the man a letter"
      if (after && after->kind == ChunkKind::kThing) return false;
    }
    if (o.noun && o.noun->category == "abstract") return v.verb->base == "play" && !o.determined;
    static const std::set<std::string> over = {"climb", "fly", "jump", "roll", "spin", "swing", "bounce"};
    if (v.verb->kind == VerbKind::kMotion) return over.count(v.verb->base) > 0;
    return v.verb->kind == VerbKind::kObject || v.verb->kind == VerbKind::kBoth;
  }

  // "the egg is red", "the cat is on the mat" (a relation, met at its preposition)
  void copula(size_t k) {
    const Chunk& v = chunks_.list[k];
    if (v.negated || (v.auxiliary != "is" && v.auxiliary != "are") || kind(k + 1) != ChunkKind::kQuality)
      return;
    const AttributeEntry* entry = find_attribute(at(k + 1)->text);
    for (size_t i = k; i > 0 && kind(i - 1) != ChunkKind::kEnd; --i) {
      if (kind(i - 1) == ChunkKind::kLink) return;  // "until the glass is empty"
    }
    if (!entry || (kind(k + 2) != ChunkKind::kEnd && kind(k + 2) != ChunkKind::kComma &&
                   kind(k + 2) != ChunkKind::kAnd))
      return;
    for (const int who : subjects_[k]) {
      Fact& fact = add(Kind::kAttribute, who);
      fact.attribute = entry;
      fact.value = entry->phrase;
    }
  }

  // "the camera slowly pulls back"
  void camera(size_t k) {
    const Chunk& v = chunks_.list[k];
    if (v.negated || !v.verb) return;
    std::string text = v.verb->base, best;
    for (size_t n = 0; n < 4; ++n) {
      if (camera_moves().count(text)) best = text;
      const size_t i = v.end + n;
      if (i >= tokens_.size() || tokens_[i].kind != Token::Kind::kWord) break;
      text += " " + tokens_[i].text;
    }
    if (best.empty()) return;
    Fact& fact = add(Kind::kCamera, subjects_[k][0]);
    fact.value = best;
    fact.contrast = camera_moves().at(best);
    fact.silent = before_clause(k);
    events_.push_back({k, static_cast<int>(caption_.facts.size()) - 1});
  }

  // ---- where it is ----

  void relation(size_t k) {
    const auto contrary = relations().find(chunks_.list[k].text);
    if (chunks_.list[k].text == "full") contents(k);
    if (contrary == relations().end() || kind(k + 1) != ChunkKind::kThing || k == 0 || irreal_) return;
    const Thing& t = thing_at(k + 1);
    if (!t.sure || denied(k + 1) || t.proper || !t.noun) return;
    std::vector<int> who;
    size_t i = k - 1;
    while (i > 0 && kind(i) == ChunkKind::kAdverb && !at(i)->direction) --i;
    if (kind(i) == ChunkKind::kThing) {
      const bool first =
          before(i) == ChunkKind::kEnd ||
          (before(i) == ChunkKind::kAnd && i >= 2 && kind(i - 2) == ChunkKind::kThing && verbless(i)) ||
          (before(i) == ChunkKind::kAnd && after_phrase(i));
      if (!first || denied(i)) return;
      who = {at(i)->thing};
    } else if (kind(i) == ChunkKind::kVerb) {
      const Chunk& v = chunks_.list[i];
      static const std::set<std::string> put = {"park", "seat", "place", "hang", "stack", "perch", "mount"};
      const bool posture = v.verb && v.verb->kind == VerbEntry::Kind::kPosture && !v.infinitive;
      const bool placed = v.verb && v.participle && put.count(v.verb->base) > 0;
      if (v.negated || v.modal ||
          !(posture || placed || (!v.verb && (v.auxiliary == "is" || v.auxiliary == "are"))))
        return;
      who = subjects_[i];
    }
    if (who.empty()) return;
    for (const int of : who) relate(of, k, contrary->first, contrary->second);
  }
  // "a vase full of tulips"
  void contents(size_t k) {
    if (k == 0 || kind(k - 1) != ChunkKind::kThing || kind(k + 1) != ChunkKind::kThing || irreal_) return;
    const Thing& in = thing_at(k - 1);
    const Thing& t = thing_at(k + 1);
    if (!in.sure || !t.sure || !in.noun || !t.noun || denied(k - 1) || in.plural || !t.visible()) return;
    if (in.noun->category != "tableware" && in.noun->group != "carry") return;
    Fact& fact = add(Kind::kRelation, chunks_.list[k + 1].thing);
    fact.object = chunks_.list[k - 1].thing;
    fact.value = "in";
    fact.contrast = "outside";
  }
  // Whether the sentence has had no verb before i.
  bool verbless(size_t i) const {
    for (; i > 0 && kind(i - 1) != ChunkKind::kEnd; --i) {
      if (kind(i - 1) == ChunkKind::kVerb || kind(i - 1) == ChunkKind::kPreposition) return false;
    }
    return true;
  }
  // "..., and a green cone on it": what "and" begins is a phrase of its own behind a comma.
  bool after_phrase(size_t i) const { return i >= 2 && kind(i - 2) == ChunkKind::kComma; }

  void relate(int of, size_t k, const std::string& relation, const std::string& contrary) {
    const Thing& who = named(of);
    const Thing& t = thing_at(k + 1);
    const std::string& category = t.noun->category;
    if (of == chunks_.list[k + 1].thing || !who.sure || who.negated || !who.visible()) return;
    if ((relation == "in" || relation == "wrapped") && who.living() && category == "clothing") {
      add(Kind::kWears, of).object = chunks_.list[k + 1].thing;
      return;
    }
    static const std::set<std::string> flat = {"floor", "ground"};
    if (category == "place" || category == "mass" || category == "clothing" || t.noun->group == "sky" ||
        category == "abstract" || category == "body" ||
        (category == "part" && !(flat.count(t.name) && relation == "on")))
      return;
    if (category == "part") return;
    static const std::set<std::string> upright = {"fence",  "billboard", "streetlight", "window", "door",
                                                  "mirror", "curtain",   "wall",        "flag"};
    if (upright.count(t.noun->kin) && (relation == "on" || relation == "under")) return;
    const bool hollow = category == "tableware" || category == "vehicle" || t.noun->group == "carry" ||
                        t.noun->group == "store" || t.noun->group == "home" || t.noun->kin == "birdcage";
    if ((relation == "in" || relation == "inside") && !hollow) return;
    Fact& fact = add(Kind::kRelation, of);
    fact.object = chunks_.list[k + 1].thing;
    fact.value = relation;
    fact.contrast = contrary;
  }

  // ---- in which order ----

  void orders() {
    for (size_t e = 0; e + 1 < events_.size(); ++e) {
      const auto [k1, f1] = events_[e];
      const auto [k2, f2] = events_[e + 1];
      const Fact& a = caption_.facts[static_cast<size_t>(f1)];
      const Fact& b = caption_.facts[static_cast<size_t>(f2)];
      if (a.negated || b.negated || (a.verb == b.verb && a.thing == b.thing && a.value == b.value)) continue;
      std::string link;
      bool sentence = false, other_verb = false;
      for (size_t k = k1 + 1; k < k2; ++k) {
        if (kind(k) == ChunkKind::kEnd) sentence = true;
        if (kind(k) == ChunkKind::kLink) link = link.empty() || link == at(k)->text ? at(k)->text : "?";
        if (kind(k) == ChunkKind::kVerb &&
            !(at(k)->verb && (at(k)->verb->base == "begin" || at(k)->verb->base == "start")))
          other_verb = true;
      }
      const std::string head = sentence_head(k1);
      int first = -1, second = -1;
      if (other_verb) continue;
      if (link == "then" || (link == "before" && !sentence) || (link == "until" && !sentence)) {
        first = f1;
        second = f2;
      } else if (link == "after" && !sentence) {
        first = f2;
        second = f1;
      } else if (link.empty() && !sentence && (head == "before" || head == "after")) {
        first = head == "after" ? f1 : f2;
        second = head == "after" ? f2 : f1;
      }
      if (first < 0) continue;
      Fact& fact = add(Kind::kOrder, caption_.facts[static_cast<size_t>(first)].thing);
      fact.first = first;
      fact.second = second;
    }
  }
  std::string sentence_head(size_t k) const {
    while (k > 0 && kind(k - 1) != ChunkKind::kEnd) --k;
    return kind(k) == ChunkKind::kLink ? at(k)->text : "";
  }

  struct Event {
    size_t chunk;
    int fact;
  };
  const std::vector<Token>& tokens_;
  Chunks chunks_;
  Caption& caption_;
  std::vector<std::vector<int>> subjects_;
  std::vector<Event> events_;
  std::set<int> mentioned_;
  bool irreal_ = false;
};

// Capitals say nothing where most common words have them.
void lower_titles(std::vector<Token>& tokens) {
  size_t capitals = 0, words = 0;
  for (size_t i = 1; i < tokens.size(); ++i) {
    if (tokens[i].kind != Token::Kind::kWord || function_word(tokens[i].text) || !is_known(tokens[i].text))
      continue;
    ++words;
    capitals += tokens[i].raw[0] >= 'A' && tokens[i].raw[0] <= 'Z';
  }
  if (2 * capitals <= words || words < 4) return;
  for (Token& token : tokens) {
    if (token.kind == Token::Kind::kWord) token.raw = token.text;
  }
}

}  // namespace

Caption parse_caption(const std::string& prompt) {
  Caption caption;
  std::vector<Token> tokens = tokens_of(prompt);
  caption.text = " ";
  for (const Token& token : tokens) {
    if (token.kind == Token::Kind::kWord) caption.words.insert(token.text);
    caption.text += (token.kind == Token::Kind::kQuote ? "text" : token.text) + " ";
  }
  caption.english = is_english(tokens);
  if (!caption.english) return caption;
  lower_titles(tokens);
  caption.tags = is_tag_list(tokens);
  if (caption.tags) {
    for (Token& token : tokens) {
      if (token.kind == Token::Kind::kMark && token.text == ",") token.text = ";";
    }
  }
  tokens = without_request(std::move(tokens), caption.request);
  Reader(tokens, caption).read();
  add_scene_facts(tokens, caption);
  return caption;
}

}  // namespace drf::critic
