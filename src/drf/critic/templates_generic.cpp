#include "drf/critic/templates_generic.h"

#include <algorithm>
#include <sstream>

#include "drf/critic/templates_wishes.h"

namespace drf::critic {
namespace {

// Several that one word names.
bool is_group(const Thing& t) {
  static const std::set<std::string> groups = {"crowd", "couple", "choir", "team",
                                               "band",  "family", "twin",  "wildlife"};
  return t.noun && groups.count(t.noun->kin) > 0;
}

// What the prompt wishes that a question would count as a fault (templates_wishes.h).
class Wishes {
 public:
  explicit Wishes(const Caption& caption) : text_(caption.text), calm_(!caption.strange && is_calm(caption)) {
    std::istringstream in(text_);
    for (std::string word; in >> word;) words_.push_back(word);
    for (const Wish& wish : kWishes) {
      if (has(wish.words)) contradicted_ += wish.contradicts;
    }
    if (odd_limbs()) contradicted_ += 'l';
  }
  /// `question`: a letter of templates_wishes.h.
  bool operator()(char question) const { return contradicted_.find(question) != std::string::npos; }
  /// Nothing happens that changes a thing, as far as each word is known.
  bool calm() const { return calm_; }

 private:
  bool has(const std::string& wish) const {
    std::istringstream in(wish);
    for (std::string entry; in >> entry;) {
      if (entry[0] == '=') {
        if (text_.find(" " + entry.substr(1) + " ") != std::string::npos) return true;
      } else if (entry.find('_') != std::string::npos) {
        for (char& c : entry) c = c == '_' ? ' ' : c;
        if (text_.find(" " + entry) != std::string::npos) return true;
      } else {
        for (const std::string& word : words_) {
          if (word.rfind(entry, 0) == 0) return true;
          // the second half of "close-up", "found-footage"
          const size_t dash = word.find('-');
          if (dash != std::string::npos && word.compare(dash + 1, entry.size(), entry) == 0) return true;
        }
      }
    }
    return false;
  }
  static bool is_calm(const Caption& caption) {
    static const auto calm = [] {
      std::set<std::string> verbs;
      std::istringstream in(kCalmVerbs);
      for (std::string verb; in >> verb;) verbs.insert(verb);
      return verbs;
    }();
    for (const std::string& word : caption.words) {
      const VerbForm* form = find_verb(word);
      if (form && !calm.count(form->verb->base) && !find_noun(word) && !is_adjective(word) &&
          !is_a("preposition", word))
        return false;
    }
    return true;
  }
  // "with five legs", "no arms", "an eight-armed statue"
  bool odd_limbs() const {
    static const std::set<std::string> limbs = {"leg",  "arm",  "limb", "head", "finger", "hand", "eye",
                                                "wing", "tail", "foot", "toe",  "paw",    "neck"};
    for (size_t i = 0; i + 1 < words_.size(); ++i) {
      const size_t dash = words_[i].find('-');
      if (dash != std::string::npos &&
          (find_number(words_[i].substr(0, dash)) || words_[i].rfind("multi", 0) == 0))
        return true;
      if (!find_number(words_[i]) && words_[i] != "no" && words_[i] != "without" && words_[i] != "many")
        continue;
      for (size_t next = i + 1; next <= i + 2 && next < words_.size(); ++next) {
        const NounEntry* noun = find_noun(words_[next]);
        if (noun && limbs.count(noun->kin)) return true;
      }
    }
    return false;
  }

  const std::string text_;
  const bool calm_;
  std::vector<std::string> words_;
  std::string contradicted_;
};

class Physics {
 public:
  Physics(const Caption& caption, const Wishes& wishes) : caption_(caption), wishes_(wishes) {}

  std::vector<QuestionPair> pairs() {
    std::vector<QuestionPair> pairs;
    // Of a scene in which anything may happen these are not certain.
    const bool calm = wishes_.calm();
    if (calm && !wishes_('s'))
      pairs.push_back(
          {"Do the objects keep their shape and color?", "Does an object change its shape or color?"});
    if (calm && !wishes_('m')) pairs.push_back({"Is the motion smooth?", "Does anything flicker or jitter?"});
    if (calm && !wishes_('e'))
      pairs.push_back(
          {"Does every object stay in existence?", "Does an object appear from nowhere or vanish?"});
    bool gravity = false, contact = false, limbs = false;
    static const std::set<std::string> apart = {"pass",       "race",    "chase", "follow",
                                                "photograph", "film",    "greet", "befriend",
                                                "examine",    "inspect", "trail"};
    static const std::set<std::string> falls = {"fall", "drop", "bounce", "tumble", "pour", "drip"};
    for (const Fact& fact : caption_.facts) {
      if (fact.negated || fact.silent) continue;
      if (fact.kind == Fact::Kind::kAction) {
        gravity |= falls.count(fact.verb->base) > 0;
        limbs |= has_limbs(fact.thing) && moves_limbs(*fact.verb);
        contact |=
            fact.object >= 0 && solid(fact.object) && solid(fact.thing) && !apart.count(fact.verb->base);
        demanded(fact, pairs);
      }
      if (fact.kind == Fact::Kind::kRelation &&
          (fact.value == "on" || fact.value == "on top of" || fact.value == "in"))
        contact |= solid(fact.thing) && solid(fact.object);
    }
    if (gravity && !wishes_('g'))
      pairs.push_back({"Do objects fall as gravity demands?", "Does anything float that should fall?"});
    if (contact && !wishes_('t'))
      pairs.push_back(
          {"Do objects touch one another without merging?", "Do objects pass through one another?"});
    if (!wishes_('i')) identity(pairs);
    if (limbs && !wishes_('l'))
      pairs.push_back({"Do the limbs move naturally?", "Are there missing or extra limbs?"});
    if (pairs.empty())
      pairs.push_back({"Does the motion suit the scene?", "Is the motion out of place in the scene?"});
    return pairs;
  }

 private:
  const Thing& thing(int i) const { return caption_.things[static_cast<size_t>(i)]; }
  bool only(int i) const {
    int64_t same = 0;
    for (const Thing& other : caption_.things) same += other.name == thing(i).name;
    return same == 1;
  }
  static bool moves_limbs(const VerbEntry& verb) {
    static const std::set<std::string> still = {
        "stare",   "gaze", "watch", "look",  "read",   "smile",  "talk",      "speak", "sing",
        "whisper", "cry",  "laugh", "blink", "wink",   "snore",  "think",     "drift", "glide",
        "hum",     "wear", "roll",  "slide", "bark",   "meow",   "yawn",      "shout", "frown",
        "grin",    "hold", "weep",  "sob",   "giggle", "vanish", "disappear", "glow"};
    return verb.kind != VerbEntry::Kind::kPosture && verb.kind != VerbEntry::Kind::kLight &&
           !still.count(verb.base);
  }
  bool solid(int i) const {
    const Thing& t = thing(i);
    return t.proper ||
           (t.noun && t.noun->visible() && t.noun->category != "mass" && t.noun->category != "nature");
  }
  bool has_limbs(int i) const {
    const Thing& t = thing(i);
    if (t.proper) return true;
    if (!t.noun) return false;
    static const std::set<std::string> groups = {"plain", "trade", "pet", "farm", "savanna", "forest"};
    static const std::set<std::string> bare = {"goldfish", "bat", "twin"};
    return t.noun->living() && groups.count(t.noun->group) > 0 && !bare.count(t.noun->kin);
  }

  // People, animals and vehicles stay who and what they are.
  void identity(std::vector<QuestionPair>& pairs) const {
    size_t most = pairs.size() + 2;
    for (const Fact& fact : caption_.facts) {
      if (fact.kind != Fact::Kind::kExists || pairs.size() == most) continue;
      const Thing& t = thing(fact.thing);
      if (!only(fact.thing) || t.proper || t.plural || !t.noun || is_group(t)) continue;
      if (!t.noun->living() && t.noun->category != "vehicle") continue;
      pairs.push_back({"Does the " + t.name + " stay the same " + t.name + " throughout the video?",
                       "Does the " + t.name + " turn into something else?"});
    }
  }

  // What the scene demands of what happens.
  void demanded(const Fact& fact, std::vector<QuestionPair>& pairs) const {
    if (!only(fact.thing) || thing(fact.thing).proper) return;
    const std::string who = "the " + thing(fact.thing).name;
    const bool many = thing(fact.thing).plural;
    const std::string& verb = fact.verb->base;
    static const std::set<std::string> steps = {"walk", "run", "jog", "trot", "gallop", "march", "sprint"};
    if (steps.count(verb) && has_limbs(fact.thing) && !wishes_('l') && !wishes_('h'))
      pairs.push_back({"Do the legs of " + who + " move?", "Do the legs of " + who + " stay still?"});
    if (verb == "roll" && fact.object < 0 && solid(fact.thing) && !thing(fact.thing).living() &&
        thing(fact.thing).noun->category != "vehicle")
      pairs.push_back(
          {std::string(many ? "Do " : "Does ") + who + (many ? " turn as they roll?" : " turn as it rolls?"),
           std::string(many ? "Do " : "Does ") + who + " slide without turning?"});
    if (verb == "melt" && fact.object < 0)
      pairs.push_back({std::string(many ? "Do " : "Does ") + who +
                           (many ? " lose their shape as they melt?" : " lose its shape as it melts?"),
                       std::string(many ? "Do " : "Does ") + who + " stay firm and whole?"});
    if ((verb == "break" || verb == "shatter") && fact.object < 0 && solid(fact.thing) && !wishes_('r'))
      pairs.push_back({std::string(many ? "Do " : "Does ") + who + " stay broken after breaking?",
                       std::string(many ? "Do " : "Does ") + who + " become whole again after breaking?"});
    if (fact.object < 0) return;
    const Thing& object = thing(fact.object);
    if (!only(fact.object) || object.proper || !object.noun) return;
    if (verb == "pour" && object.mass() && object.noun->group == "drink" && !wishes_('g'))
      pairs.push_back(
          {"Does the " + object.name + " flow downward?", "Does the " + object.name + " flow upward?"});
    if ((verb == "ride" || verb == "drive") && !object.plural && !wishes_('h') && !wishes_('g') &&
        (object.noun->kin == "bicycle" || object.noun->kin == "motorcycle" || object.noun->kin == "car"))
      pairs.push_back({"Do the wheels of the " + object.name + " turn?",
                       "Do the wheels of the " + object.name + " stand still?"});
  }

  const Caption& caption_;
  const Wishes& wishes_;
};

std::vector<QuestionPair> quality(const Caption& caption, const Wishes& wishes) {
  std::vector<QuestionPair> pairs;
  if (!wishes('b')) pairs.push_back({"Is the video sharp?", "Is the video blurry?"});
  if (!wishes('n'))
    pairs.push_back({"Is the video free of artifacts?", "Are there visible artifacts or noise?"});
  if (!wishes('d'))
    pairs.push_back({"Are the corners and edges of the picture clean?",
                     "Are there spots in the corners of the picture?"});
  if (!wishes('x')) pairs.push_back({"Is the exposure natural?", "Is the picture overexposed or too dark?"});
  const Thing* person = nullptr;
  int64_t persons = 0;
  for (const Thing& t : caption.things) {
    const bool is_person = t.proper || (t.noun && t.noun->category == "person");
    persons += is_person;
    const bool seen = std::any_of(caption.facts.begin(), caption.facts.end(), [&](const Fact& fact) {
      return fact.kind == Fact::Kind::kExists && &caption.things[static_cast<size_t>(fact.thing)] == &t;
    });
    if (is_person && seen && !is_group(t) && !t.proper && !t.plural && t.noun->group != "figure") person = &t;
  }
  // "five ducklings follow their mother"
  static const std::set<std::string> parents = {"mother", "father", "baby", "child", "twin", "owner"};
  if (person && parents.count(person->noun->kin) &&
      std::any_of(caption.things.begin(), caption.things.end(),
                  [](const Thing& t) { return t.noun && t.noun->category == "animal"; }))
    person = nullptr;
  if (person && persons == 1 && !wishes('f'))
    pairs.push_back({"Does the face of the " + person->name + " look natural?",
                     "Is the face of the " + person->name + " distorted?"});
  if (caption.text.find(" text ") != std::string::npos && !wishes('b') && !wishes('n'))
    for (const Fact& fact : caption.facts) {
      if (fact.kind != Fact::Kind::kPlain || fact.value.rfind("Does the text ", 0) != 0) continue;
      pairs.push_back({"Can the text be read?", "Is the text garbled?"});
      break;
    }
  if (pairs.size() < 2 && !wishes('k'))
    pairs.push_back({"Is the picture free of blocky patches?", "Are there blocky patches in the picture?"});
  if (pairs.size() < 2 && !wishes('p'))
    pairs.push_back({"Is the picture free of watermarks?", "Is there a watermark on the picture?"});
  if (pairs.empty())
    pairs.push_back(
        {"Does the look of the picture suit the scene?", "Is the look of the picture out of place?"});
  return pairs;
}

}  // namespace

std::vector<QuestionPair> generic_pairs(Aspect aspect, const Caption& caption) {
  // What a prompt in another language wishes is not known: only what no prompt contradicts.
  if (!caption.english) {
    if (aspect == Aspect::kPF)
      return {{"Does the motion suit the scene?", "Is the motion out of place in the scene?"}};
    return {{"Does the look of the picture suit the scene?", "Is the look of the picture out of place?"}};
  }
  const Wishes wishes(caption);
  return aspect == Aspect::kPF ? Physics(caption, wishes).pairs() : quality(caption, wishes);
}

}  // namespace drf::critic
