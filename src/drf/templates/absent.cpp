// Which things a caption denies, and of whom or what they are denied.
#include "drf/templates/reader.h"

namespace drf::templates {

size_t Reader::list_ends(size_t k) const {
  const bool articles = thing_at(k).determined;
  while (kind(k) == ChunkKind::kThing && kind(k + 1) == ChunkKind::kComma &&
         kind(k + 2) == ChunkKind::kThing && (articles || !thing_at(k + 2).determined))
    k += 2;
  if (kind(k + 1) == ChunkKind::kComma) ++k;
  const bool ends = kind(k + 1) == ChunkKind::kAnd && kind(k + 2) == ChunkKind::kThing;
  return ends && (!articles || chunks_.list[k + 1].text == "or") ? k + 1 : 0;
}

bool Reader::denied(size_t k) const {
  if (thing_at(k).negated) return true;
  if (before(k) == ChunkKind::kPreposition) return chunks_.list[k - 1].text == "without";
  // "no plates, cups or forks", "without a nose, a hat or arms"
  if (before(k) == ChunkKind::kComma && k >= 2 && kind(k - 2) == ChunkKind::kThing && list_ends(k) > 0 &&
      (!thing_at(k).determined || (thing_at(k - 2).determined && !thing_at(k - 2).negated)))
    return denied(k - 2);
  if (before(k) == ChunkKind::kAnd && k >= 2 && kind(k - 2) == ChunkKind::kThing &&
      chunks_.list[k - 1].text != "but") {
    // "no windows and a single bulb", "with no boats and a ship": what has an article of its own is there
    const bool none = thing_at(k - 2).negated ||
                      (before(k - 2) == ChunkKind::kPreposition && tokens_[at(k - 3)->end - 1].text == "no");
    if (chunks_.list[k - 1].text == "and" && thing_at(k).determined && none) return false;
    return denied(k - 2);
  }
  return false;
}

// What may fill the picture from side to side: a place, a room, a party.
bool Reader::scene_like(const Thing& t) {
  static const std::set<std::string> rooms = {"room", "hall", "aisle", "chamber"};
  static const std::set<std::string> events = {"party",    "wedding", "parade",   "picnic",  "festival",
                                               "concert",  "fair",    "feast",    "banquet", "ceremony",
                                               "carnival", "funeral", "reception"};
  const std::string last = t.name.substr(t.name.rfind(' ') + 1);
  return t.noun && !t.plural && (t.noun->category == "place" || rooms.count(last) || events.count(last));
}

// Nouns of which as such nothing is asked, and whose absence is seen.
bool Reader::seen_as_none(const Thing& t) {
  static const std::set<std::string> names = {
      "paintings", "pictures",  "posters",    "photographs", "slides",  "decorations", "products",
      "goods",     "scenery",   "furniture",  "goals",       "writing", "graffiti",    "audience",
      "patients",  "hump",      "spines",     "strings",     "antlers", "thorns",      "logo",
      "logos",     "watermark", "watermarks", "subtitles"};
  return names.count(t.name) > 0;
}

void Reader::absent(size_t k) {
  const Thing& t = thing_at(k);
  // "paints a fish rather than a bird": what is not done, of nobody who lacks it
  if (before(k) == ChunkKind::kPreposition && tokens_[at(k - 1)->begin].text == "rather") return;
  // "without a hat and a coat": with the coat or without
  if (before(k) == ChunkKind::kAnd && chunks_.list[k - 1].text == "and" && t.determined && !t.negated) return;
  // What can be seen from outside: no heart, no brain.
  static const std::set<std::string> outer = {"beak",    "hoof", "tail",  "wing", "leg",  "arm",   "head",
                                              "face",    "ear",  "eye",   "horn", "fin",  "paw",   "claw",
                                              "beard",   "mane", "tooth", "nose", "tusk", "trunk", "shell",
                                              "feather", "foot", "hand",  "neck"};
  const bool body = t.noun && t.noun->category == "body" && outer.count(t.noun->kin) > 0;
  if ((!t.sure && !seen_as_none(t)) || irreal_ || t.proper || !t.noun ||
      (!t.noun->visible() && !body && !seen_as_none(t)) || t.noun->category == "place" ||
      !t.attributes.empty() || only_of_these(k))
    return;
  for (size_t other = 0; other < chunks_.list.size(); ++other) {  // not of "no boats or ships" the boats
    if (kind(other) != ChunkKind::kThing || &thing_at(other) == &t || !thing_at(other).noun) continue;
    if (thing_at(other).noun->kin == t.noun->kin && (other < k || !denied(other))) return;
  }
  int whom = -1;
  bool scene = false;
  const bool listed = before(k) == ChunkKind::kComma && !t.negated;
  // "a beach with no footprints in the sand, and no clouds", "..., no boats and no clouds"
  const auto comma = [&](size_t c) {
    const size_t i = at(c)->begin;
    return before(c) == ChunkKind::kComma || tokens_[i].text == "," || (i > 0 && tokens_[i - 1].text == ",");
  };
  const bool own =
      t.negated && before(k) == ChunkKind::kAnd && k >= 3 &&
      (comma(k - 1) || (kind(k - 2) == ChunkKind::kThing && thing_at(k - 2).negated && comma(k - 2)));
  if (own && t.noun->category == "clothing") return;
  if (listed && (list_ends(k) == 0 || at(list_ends(k))->text == "and")) return;
  if (before(k) == ChunkKind::kPreposition || (before(k) == ChunkKind::kAnd && !own) || listed) {
    // "a painter without a brush" says nothing of other brushes, "a kitchen without smoke" does
    size_t i = k - 1;
    while (i > 0 && kind(i) != ChunkKind::kPreposition) --i;
    // "a boat glides over the lake, without a rower": nobody, where the prompt has nobody else
    if (i > 0 && kind(i - 1) == ChunkKind::kComma && t.noun->category == "person" &&
        before(k) != ChunkKind::kAnd) {
      for (const Thing& other : chunks_.things) {
        if (&other != &t && (other.proper || (other.noun ? other.noun->category == "person" : !other.sure)))
          return;
      }
      add(Kind::kAbsent, chunks_.list[k].thing);
      return;
    }
    if (i == 0 || kind(i - 1) != ChunkKind::kThing) return;
    // "no cars on the road and no birds in the sky": the cars have none in any case
    if (before(k) == ChunkKind::kAnd && t.negated && thing_at(i - 1).negated) {
      if (!body && t.noun->category != "clothing") add(Kind::kAbsent, chunks_.list[k].thing);
      return;
    }
    // "a street in Cairo with no cars": what the phrase is about, not the name within it
    while (i >= 3 && thing_at(i - 1).proper && kind(i - 2) == ChunkKind::kPreposition &&
           kind(i - 3) == ChunkKind::kThing)
      i -= 2;
    if (thing_at(i - 1).proper && i >= 2 && kind(i - 2) == ChunkKind::kPreposition) return;
    // "a garden at night with no lamps", "a beach in summer without umbrellas"
    static const std::set<std::string> seasons = {"winter", "spring", "summer", "autumn", "fall", "daylight"};
    if (i >= 3 && kind(i - 2) == ChunkKind::kPreposition && kind(i - 3) == ChunkKind::kThing &&
        (global_phrases().count(at(i - 2)->text + " " + thing_at(i - 1).name) > 0 ||
         (at(i - 2)->text == "in" && seasons.count(thing_at(i - 1).name))))
      i -= 2;
    // "a man in a hat with no beard": his; "a bus near a tower without lights": whose is open
    if (i >= 3 && kind(i - 2) == ChunkKind::kPreposition && kind(i - 3) == ChunkKind::kThing &&
        tokens_[at(i)->begin].text != "instead" && at(i - 2)->text != "of" && at(i - 2)->text != "with" &&
        at(i - 2)->text != "holding") {
      const NounEntry* inner = thing_at(i - 1).noun;
      const bool place = inner && scene_like(thing_at(i - 1));
      const bool personal = body || t.noun->category == "clothing";
      if (personal && thing_at(i - 3).living() && !thing_at(i - 1).living())
        i -= 2;
      else if (!place || thing_at(i - 3).living())  // "a man in a park without a dog"
        return;
    }
    const Thing& near = thing_at(i - 1);
    scene = scene_like(near);
    // "walks through the rain without an umbrella": the rain has none in any case
    static const std::set<std::string> weather = {"rain", "snow", "wind", "storm",
                                                  "fog",  "mist", "sun",  "night"};
    if (weather.count(near.name)) return;
    // "a pool with no water in it": there may be water beside it
    const bool within =
        kind(k + 1) == ChunkKind::kPreposition && kind(k + 2) == ChunkKind::kPronoun && t.mass();
    scene &= !within;
    if (!scene && near.sure && (near.visible() || within)) whom = chunks_.list[i - 1].thing;
    // "a horse with wheels instead of hooves": the horse
    if (tokens_[at(i)->begin].text == "instead" && i >= 3 && kind(i - 2) == ChunkKind::kPreposition &&
        kind(i - 3) == ChunkKind::kThing) {
      const Thing& owner = thing_at(i - 3);
      whom = !scene && owner.sure && owner.visible() ? at(i - 3)->thing : -1;
    }
    if (i >= 2 && kind(i - 2) == ChunkKind::kVerb) {  // "eats soup without a spoon"
      const std::vector<int>& doers = subjects_[i - 2];
      whom = !scene && doers.size() == 1 && named(doers[0]).sure && named(doers[0]).living() ? doers[0] : -1;
    }
    if (!scene && near.noun &&
        (near.noun->category == "body" ||
         near.noun->category == "part")) {  // "a turtle with a house on its back instead of a shell"
      size_t first = i;
      while (first > 0 && kind(first - 1) != ChunkKind::kEnd) --first;
      if (kind(first) == ChunkKind::kThing && thing_at(first).sure && thing_at(first).visible())
        whom = chunks_.list[first].thing;
    }
    if (whom >= 0 && t.noun->category == "clothing" && !named(whom).living()) {
      size_t first = i;  // "a man wearing sunglasses but no shirt"
      while (first > 0 && kind(first - 1) != ChunkKind::kEnd) --first;
      const bool worn = near.noun && near.noun->category == "clothing";
      whom = worn && kind(first) == ChunkKind::kThing && thing_at(first).sure && thing_at(first).living()
                 ? chunks_.list[first].thing
                 : -1;
    }
    if (!scene && whom < 0) return;
  } else if (before(k) == ChunkKind::kVerb && !at(k - 1)->verb && subjects_[k - 1].size() == 1 &&
             (at(k - 1)->text == "has" || at(k - 1)->text == "have")) {  // "the clock has no hands"
    whom = subjects_[k - 1][0];
    if (t.noun->category == "clothing" && !named(whom).living()) return;
  } else if (t.noun->category == "clothing" || before(k) == ChunkKind::kVerb) {
    return;  // whose it would be is open
  }
  if (body && whom < 0) return;
  // "a bear with no eyes ... She sews two buttons onto its face"
  static const std::set<std::string> gives = {"sew",      "sews", "stitch",   "stitches", "glue",
                                              "glues",    "draw", "draws",    "grow",     "grows",
                                              "attaches", "gets", "receives", "paints"};
  for (const std::string& w : gives) {
    if (body && caption_.words.count(w)) return;
  }
  add(Kind::kAbsent, chunks_.list[k].thing).object = whom;
}

// "no dog barks", "no people with hats": there may be others. Not so "no boats are in sight".
bool Reader::only_of_these(size_t k) const {
  if (kind(k + 1) == ChunkKind::kRelative) return true;
  // "no second sword", "no other cat", "no sharp knife": there may be a first, this one, a blunt one
  static const std::set<std::string> plain = {"not", "one", "single", "visible"};
  const std::string name = " " + thing_at(k).name + " ";
  for (size_t i = at(k)->begin; i < at(k)->end; ++i) {
    const std::string& w = tokens_[i].text;
    const bool article = is_a("determiner", w) && w != "another";
    if (!article && !plain.count(w) && name.find(" " + w + " ") == std::string::npos) return true;
  }
  // "no animals" beside a cat: no others
  static const std::set<std::string> wide = {"animal",  "animals", "person",   "people",   "persons",
                                             "human",   "humans",  "insect",   "creature", "adult",
                                             "insects", "adults",  "creatures"};
  const NounEntry* noun = thing_at(k).noun;
  for (const Thing& other : chunks_.things) {
    if (!noun || !wide.count(thing_at(k).name) || &other == &thing_at(k) || other.negated) continue;
    const bool person = other.proper || (other.noun && other.noun->category == "person");
    if (noun->category == "person" ? person : other.noun && other.noun->living() && !person) return true;
  }
  if (kind(k + 1) == ChunkKind::kPreposition && at(k + 1)->text == "with") return true;
  if (kind(k + 1) != ChunkKind::kVerb) return false;
  // "an astronaut with no helmet sits": the astronaut does
  if (before(k) == ChunkKind::kPreposition && at(k + 1)->finite()) return false;
  static const std::set<std::string> seen = {"visible", "around", "there", "present", "nearby"};
  const size_t behind = at(k + 1)->end;
  const auto word = [&](size_t i) { return i < tokens_.size() ? tokens_[i].text : std::string(); };
  const bool in_sight = word(behind) == "in" && (word(behind + 1) == "sight" || word(behind + 1) == "view");
  return at(k + 1)->verb != nullptr || !(in_sight || seen.count(word(behind)));
}

}  // namespace drf::templates
