// What an event of the caption changes is not asked as if it held all along: the empty glass that is filled,
// the broken toy that is repaired, the two birds that a third one joins.
#include <sstream>

#include "drf/templates/reader.h"

namespace drf::templates {
namespace {

// A row a kind of state: its words, and the verbs (base forms) after or before which it does not hold. What
// is too much costs a question, what is missing makes a wrong one.
struct Change {
  std::string states, verbs;
};

const std::vector<Change> kChanges = {
    {"empty full crowded busy deserted",
     "fill refill pour empty drain spill load unload pack unpack serve drink eat board gather leave enter "
     "arrive "
     "stream flood scoop sip swallow crowd disperse exit overflow clear put place throw toss collect pick "
     "add walk come appear enter sit"},
    {"open closed unopened",
     "open close shut unlock lock slam seal unseal zip unzip burst unfold force pry kick push pull swing "
     "creak"},
    {"broken cracked ruined torn tattered ragged intact",
     "repair mend fix restore rebuild assemble reassemble glue heal patch sew stitch weld reconstruct "
     "renovate "
     "darn tape build solder replace"},
    {"cracked intact", "split break shatter burst crumble collapse crack"},
    {"lit unlit burning glowing candlelit steaming",
     "light relight ignite extinguish blow dim kindle strike snuff flare die sputter quench douse cool"},
    {"wet dry muddy dusty dirty clean flooded snowy icy snow-covered spotless",
     "dry wet soak wash wipe clean scrub peel pour fill drench rinse mop sweep dust polish drench splash "
     "spill spray drip dip dunk "
     "bathe "
     "flood swim dive plunge thaw melt stain smear splatter rub lick brush hose drain shake vacuum shovel "
     "clear"},
    {"frozen icy snowy snow-covered", "thaw melt defrost crack break shatter warm heat freeze"},
    {"folded unfolded wrinkled curly straight smooth round square",
     "unfold fold open unwrap wrap unroll roll iron press smooth straighten curl crumple flatten bend "
     "squeeze knead"},
    {"rusty shiny worn mossy dull",
     "polish restore clean scrub rust sand paint repair wash oil scrape sharpen"},
    {"old new young middle-aged abandoned", "age rejuvenate restore renovate rebuild"},
    {"happy sad smiling crying", "smile laugh cry weep frown grin sob beam cheer comfort console hug"},
    {"bearded bald shaggy fluffy furry long-haired", "shave shear trim shed wash"},
    {"masked hooded barefoot blindfolded shirtless",
     "remove take put unmask dress undress untie wear lift pull slip"},
    {"ripe unripe blooming leafy bare grassy", "ripen rot bloom wilt wither sprout bud shed blossom revive"},
    {"big small large tiny huge giant little long short thick thin tall low wide narrow massive enormous "
     "gigantic "
     "miniature fat slim skinny plump chubby",
     "grow shrink expand swell inflate deflate enlarge lengthen widen thicken balloon shrivel"},
    {"sunlit moonlit dark", "darken brighten light illuminate set"}};

// Verbs whose subject or object has another color behind them ...
const std::set<std::string> kRecoloring = {
    "paint",   "cover",  "beat",      "whisk", "mash",   "dye",    "stain",    "color", "colour",  "bleach",
    "tint",    "coat",   "blush",     "rust",  "ripen",  "char",   "burn",     "toast", "redden",  "whiten",
    "blacken", "fade",   "glow",      "melt",  "roast",  "bake",   "cook",     "fry",   "grill",   "ignite",
    "explode", "become", "transform", "morph", "evolve", "mutate", "dissolve", "merge", "crumble", "split",
    "bleed",   "frost",  "varnish",   "spray", "dip",    "cut"};
// ... and those behind which there are fewer or more of them, or it has another size; its color goes with it.
const std::set<std::string> kRecounting = {
    "vanish",  "disappear", "multiply",  "divide",   "duplicate", "shatter", "eat",
    "swallow", "devour",    "burst",     "pop",      "trim",      "shave",   "stretch",
    "blow",    "hatch",     "evaporate", "collapse", "remove",    "steal",   "leave"};

std::set<std::string> words_of(const std::string& list) {
  std::set<std::string> words;
  std::istringstream in(list);
  for (std::string word; in >> word;) words.insert(word);
  return words;
}

// The base forms that a word which no list knows as a verb may have: "restores", "glued", "reviving".
std::vector<std::string> bases_of(const std::string& word) {
  std::vector<std::string> bases;
  for (const std::string end : {"s", "es", "d", "ed", "ing"}) {
    if (word.size() < end.size() + 3 || !ends_with(word, end)) continue;
    bases.push_back(word.substr(0, word.size() - end.size()));
    if (end == "ing") bases.push_back(bases.back() + "e");
  }
  return bases;
}

// Base forms of all that happens, each with the words that it was read of.
std::map<std::string, std::set<std::string>> deeds_of(const std::vector<Token>& tokens) {
  std::map<std::string, std::set<std::string>> deeds;
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].kind != Token::Kind::kWord || function_word(tokens[i].text)) continue;
    const std::string& w = tokens[i].text;
    if (const VerbForm* form = find_verb(w)) {
      const bool to = i > 0 && tokens[i - 1].text == "to";
      const bool bare = form->base && !form->past && (is_adjective(w) || find_noun(w)) && !to;
      if (!bare) deeds[form->verb->base].insert(w);
    } else {
      for (const std::string& base : bases_of(w)) deeds[base].insert(w);
    }
  }
  return deeds;
}

}  // namespace

void Reader::changes() {
  const auto deeds = deeds_of(tokens_);
  static const auto rows = [] {
    std::vector<std::pair<std::set<std::string>, std::set<std::string>>> rows;
    for (const Change& change : kChanges) rows.emplace_back(words_of(change.states), words_of(change.verbs));
    return rows;
  }();
  const auto undone = [&](const std::string& state) {
    for (const auto& [states, verbs] : rows) {
      if (!states.count(state)) continue;
      for (const std::string& verb : verbs) {
        const auto it = deeds.find(verb);
        // "a dusty road": the word itself is no deed
        if (it != deeds.end() && !(it->second.size() == 1 && it->second.count(state))) return true;
      }
    }
    return false;
  };
  std::set<int> recolored = remade_things(kRecoloring), recounted = remade_things(kRecounting);
  recounted.insert(recolored.begin(), recolored.end());
  // "vanishes and reappears in blue", "left in the sun until they were black", "corn pops"
  for (const char* word : {"reappear", "reappears", "reappearing", "return", "returns", "until", "till",
                           "again", "back", "corn", "kernel", "kernels"}) {
    if (caption_.words.count(word)) recolored = recounted;
  }
  const std::set<int> moved = moved_things();
  const bool single_out = one_of_them();
  const bool others = joined_or_left();
  for (Fact& fact : caption_.facts) {
    const bool where =
        fact.kind == Kind::kRelation || (fact.kind == Kind::kAction && !fact.negated && fact.verb &&
                                         fact.verb->kind == VerbEntry::Kind::kPosture);
    fact.silent |= fact.kind == Kind::kRelation && moved.count(fact.thing) > 0;
    // "three kittens sleep in a basket; one wakes up"
    fact.silent |= where && single_out && named(fact.thing).plural;
    if (fact.kind == Kind::kCount) fact.silent |= others || recounted.count(fact.thing) > 0;
    if (fact.kind == Kind::kPassive) {  // "is lit, then blown out"
      fact.silent |= undone(fact.value);
      continue;
    }
    if (fact.kind != Kind::kAttribute) continue;
    if (!fact.attribute || fact.attribute->kind == AttributeEntry::Kind::kColor) {
      fact.silent |= recolored.count(fact.thing) > 0;
      continue;
    }
    if (fact.attribute->kind == AttributeEntry::Kind::kMaterial) {
      fact.silent |= transformed_.count(fact.thing) > 0;
      continue;
    }
    const std::string& state = fact.attribute->phrase;
    // "beans falling into an empty bowl"
    for (size_t k = 1; k < chunks_.list.size(); ++k)
      fact.silent |= rows[0].first.count(state) > 0 && kind(k) == ChunkKind::kThing &&
                     at(k)->thing == fact.thing && kind(k - 1) == ChunkKind::kPreposition &&
                     at(k - 1)->text == "into";
    fact.silent |= transformed_.count(fact.thing) > 0;
    fact.silent |= undone(state);
    // "empty until a dancer appears"
    fact.silent |=
        (caption_.words.count("until") || caption_.words.count("till")) && rows[0].first.count(state) > 0;
    static const std::set<std::string> lights = {"lit", "unlit", "burning", "glowing", "candlelit", "dark"};
    for (const char* words :
         {" goes out ", " go out ", " going out ", " turns on ", " turns off ", " comes on ", " come on ",
          " switches on ", " switches off ", " puts out ", " comes to life "})
      fact.silent |= lights.count(state) && caption_.text.find(words) != std::string::npos;
  }
}

// What is another thing behind an event of these verbs. Of an event whose subject or object is open, all that
// its sentence names.
std::set<int> Reader::remade_things(const std::set<std::string>& verbs) const {
  std::set<int> things = transformed_;
  const auto all_of_sentence = [&](size_t k, bool earlier) {
    for (size_t i = 0; i < chunks_.list.size(); ++i) {
      bool same = true;
      for (size_t n = std::min(i, k); n < std::max(i, k); ++n) same &= kind(n) != ChunkKind::kEnd;
      if (kind(i) == ChunkKind::kThing && (same || (earlier && i < k))) things.insert(at(i)->thing);
    }
  };
  static const std::set<std::string> turning = {"turn",  "go",     "grow", "change",
                                                "shift", "become", "fade", "get"};
  for (size_t k = 0; k < chunks_.list.size(); ++k) {
    if (kind(k) != ChunkKind::kVerb && kind(k) != ChunkKind::kOther) continue;
    const std::string word = at(k)->text;
    std::vector<std::string> bases = bases_of(word);
    if (at(k)->verb) bases = {at(k)->verb->base};
    size_t next = k + 1;
    while (kind(next) == ChunkKind::kAdverb) ++next;
    const bool quality =
        kind(next) == ChunkKind::kQuality ||
        (kind(next) == ChunkKind::kThing && find_attribute(at(next)->text)) ||
        (kind(next) == ChunkKind::kPreposition && (at(next)->text == "into" || at(next)->text == "from"));
    bool remakes = false;
    for (const std::string& base : bases)
      remakes |= verbs.count(base) > 0 || (turning.count(base) && quality);
    if (!remakes) continue;
    things.insert(subjects_[k].begin(), subjects_[k].end());
    if (kind(next) == ChunkKind::kThing) things.insert(at(next)->thing);
    const bool pronoun = kind(next) == ChunkKind::kPronoun ||
                         (k > 0 && (kind(k - 1) == ChunkKind::kPronoun || kind(k - 1) == ChunkKind::kAnd));
    if (pronoun || subjects_[k].empty()) all_of_sentence(k, pronoun);
  }
  return things;
}

// Who jumps off or climbs out of where he was.
std::set<int> Reader::moved_things() const {
  static const std::set<std::string> leaving = {"jump", "leap",   "climb",  "fall",  "fly",  "roll",
                                                "run",  "dive",   "slide",  "crawl", "drop", "tumble",
                                                "hop",  "topple", "pounce", "slip",  "swoop"};
  std::set<int> things;
  for (const Fact& fact : caption_.facts) {
    if (fact.kind == Kind::kAction && !fact.negated && fact.object < 0 && leaving.count(fact.verb->base))
      things.insert(fact.thing);
  }
  return things;
}

// "one wakes up", "one of them": what was told of several is true of the others alone.
bool Reader::one_of_them() const {
  for (size_t i = 0; i + 1 < tokens_.size(); ++i) {
    if (tokens_[i].text != "one" && tokens_[i].text != "two") continue;
    const std::string& next = tokens_[i + 1].text;
    const VerbForm* form = find_verb(next);
    if (next == "of" || next == "then" || (form && form->third && !find_noun(next))) return true;
    if (form && form->third && tokens_[i].text == "one") return true;
  }
  return false;
}

// "then a third one lands", "one of them", "one by one": how many there are is not the same all along.
bool Reader::joined_or_left() const {
  static const std::string words[] = {
      " another ",    " a third ",    " a fourth ",  " a fifth ",    " a sixth ",      " third one ",
      " fourth one ", " one more ",   " more ",      " of them ",    " one by one ",   " one after another ",
      " joins ",      " join ",       " joined ",    " joining ",    " the last one ", " the last of ",
      " is left ",    " are left ",   " remain ",    " remains ",    " remaining ",    " adds ",
      " multiply ",   " multiplies ", " doubles ",   " a few more ", " the rest ",     " flies away ",
      " fly away ",   " flies off ",  " runs away ", " walks away ", " drives off ",   " leaves ",
      " one leaves ", " disappears ", " disappear ", " vanishes ",   " vanish ",       " appears ",
      " appear ",     " counts down "};
  for (const std::string& text : words) {
    if (caption_.text.find(text) != std::string::npos) return true;
  }
  return false;
}

}  // namespace drf::templates
