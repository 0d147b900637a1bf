#include "drf/critic/templates_english.h"

#include <algorithm>

#include "drf/base/random.h"
#include "drf/critic/templates_caption.h"

namespace drf::critic {
namespace {

constexpr size_t kMaxFacts = 24;  // of one prompt: a caption of a page must not cost a page of questions
constexpr uint32_t kFactStream = 1u << 16;  // twins of facts are drawn apart from those of template sets

struct Pair {
  std::string text, twin;  // answers Yes and No; a twin may be missing
};

void ask(std::vector<Question>& questions, Aspect aspect, const Pair& pair, const QuestionOptions& options) {
  Question q;
  q.aspect = aspect;
  q.text = pair.text;
  q.answer = "Yes";
  questions.push_back(q);
  if (!options.twins || pair.twin.empty()) return;
  q.text = pair.twin;
  q.answer = "No";
  questions.push_back(q);
}

// Turns the facts of one caption into sentences.
class Writer {
 public:
  Writer(const Caption& caption, int64_t index, const QuestionOptions& options)
      : caption_(caption), index_(index), options_(options) {
    for (const Fact& fact : caption.facts) {
      if (fact.attribute) said_.insert(fact.attribute->kin);
      if (fact.verb) said_.insert(fact.verb->base);
      if (fact.global) said_.insert(fact.global->question);
      if (fact.kind == Fact::Kind::kDirection) said_.insert(fact.value);
    }
    for (const Thing& thing : caption.things) {
      ++uses_[thing.name];
      if (thing.noun) said_.insert(thing.noun->kin);
    }
    for (const std::string& word : caption.words) {
      if (const AttributeEntry* entry = find_attribute(word)) said_.insert(entry->kin);
      if (const NounEntry* noun = find_noun(word)) said_.insert(noun->kin);
      said_.insert(word);
    }
  }

  Pair write(const Fact& fact, uint32_t number) {
    RandomStream random(
        {options_.seed, Purpose::kTwins, static_cast<uint32_t>(index_), kFactStream + number});
    switch (fact.kind) {
      case Fact::Kind::kExists:
        return exists(fact, random);
      case Fact::Kind::kCount:
        return count(fact, random);
      case Fact::Kind::kAttribute:
        return attribute(fact, random);
      case Fact::Kind::kAction:
        return action(fact, random);
      case Fact::Kind::kDirection:
        return direction(fact);
      case Fact::Kind::kRelation:
        return {be(fact.thing) + fact.value + " " + the(fact.object) + "?",
                be(fact.thing) + fact.contrast + " " + the(fact.object) + "?"};
      case Fact::Kind::kGlobal:
        return {fact.global->question, unless_said(fact.global->twin)};
      default:
        return {fact.value, fact.contrast};
    }
  }

 private:
  const Thing& thing(int i) const { return caption_.things[static_cast<size_t>(i)]; }
  std::string the(int i) const { return "the " + thing(i).name; }
  std::string be(int i) const { return (thing(i).plural ? "Are " : "Is ") + the(i) + " "; }
  std::string does(int i) const { return (thing(i).plural ? "Do " : "Does ") + the(i) + " "; }
  std::string unless_said(const std::string& text) const { return said_.count(text) ? "" : text; }

  // One of `choices` that the caption does not mention, or "".
  std::string other(const std::vector<std::string>& choices, RandomStream& random) const {
    std::vector<std::string> left;
    for (const std::string& choice : choices) {
      if (!said_.count(choice)) left.push_back(choice);
    }
    return left.empty() ? "" : left[random.next_below(left.size())];
  }

  // A noun of the same category for something else, or "".
  std::string other_noun(const Thing& t, RandomStream& random) const {
    if (!t.noun) return "";
    if (t.noun->kin == "man") return unless_said("woman");
    if (t.noun->kin == "woman") return unless_said("man");
    return other(category_heads(t.noun->category), random);
  }

  // A noun for something that is not to be seen: of the same category where one excludes the other to the
  // eye, else a thing that would be a surprise anywhere (beside a cup there may well be a plate).
  std::string absent_noun(const Thing& t, RandomStream& random) const {
    static const std::set<std::string> exclusive = {"animal", "creature", "shape", "instrument", "food"};
    if (t.noun && t.noun->category == "beast") return "";
    const bool same =
        t.noun && (exclusive.count(t.noun->category) || t.noun->kin == "man" || t.noun->kin == "woman");
    if (same) return other_noun(t, random);
    std::vector<std::string> surprises;
    for (const std::string& noun : far_nouns()) {
      if (!t.noun || find_noun(noun)->category != t.noun->category) surprises.push_back(noun);
    }
    return other(surprises, random);
  }

  static std::string there(const std::string& noun, bool plural, bool mass) {
    if (plural) return "Are there " + noun + "?";
    return "Is there " + (mass ? noun : with_article(noun)) + "?";
  }

  Pair exists(const Fact& fact, RandomStream& random) {
    const Thing& t = thing(fact.thing);
    const std::string noun = absent_noun(t, random);
    said_.insert(noun);  // nothing is asked for twice
    const bool one = t.name == "sun" || t.name == "moon";
    return {one ? "Is the " + t.name + " visible?" : there(t.name, t.plural, t.mass()),
            noun.empty() ? "" : there(t.plural ? plural_of(noun) : noun, t.plural, false)};
  }

  Pair count(const Fact& fact, RandomStream& random) const {
    const Thing& t = thing(fact.thing);
    if (t.count == 1)
      return {"Is there exactly one " + t.name + "?",
              t.noun || looks_plural(plural_of(t.name)) ? "Are there two " + plural_of(t.name) + "?" : ""};
    std::vector<std::string> numbers;
    for (int64_t n = 2; n <= 6; ++n) {
      if (n != t.count) numbers.push_back(number_word(n));
    }
    const std::string wrong = other(numbers, random);
    return {"Are there " + number_word(t.count) + " " + t.name + "?",
            wrong.empty() ? "" : "Are there " + wrong + " " + t.name + "?"};
  }

  Pair attribute(const Fact& fact, RandomStream& random) const {
    const AttributeEntry& entry = *fact.attribute;
    std::string wrong = entry.opposite;
    if (entry.kind == AttributeEntry::Kind::kColor) wrong = other(color_heads(), random);
    if (entry.kind == AttributeEntry::Kind::kMaterial) wrong = other(material_phrases(), random);
    const Thing& t = thing(fact.thing);
    if (entry.phrase == "old" && !t.animate()) wrong = "new";
    if (entry.kind == AttributeEntry::Kind::kPair) wrong = unless_said(wrong);
    // Of two balls the question must say which: "Is there a red ball?"
    if (uses_.at(t.name) > 1 && entry.kind != AttributeEntry::Kind::kMaterial) {
      return {there(fact.value + " " + t.name, t.plural, t.mass()),
              wrong.empty() ? "" : there(wrong + " " + t.name, t.plural, t.mass())};
    }
    return {be(fact.thing) + fact.value + "?", wrong.empty() ? "" : be(fact.thing) + wrong + "?"};
  }

  Pair action(const Fact& fact, RandomStream& random) const {
    const Thing& who = thing(fact.thing);
    const std::string start = fact.participle ? be(fact.thing) : does(fact.thing);
    const std::string with = fact.object >= 0 ? " " + the(fact.object) : "";
    Pair pair = {start + fact.value + with + "?", ""};
    if (fact.verb && fact.verb->base == "play" && fact.object >= 0 &&
        (!thing(fact.object).noun || thing(fact.object).noun->category != "instrument")) {
      return {start + "play " + thing(fact.object).name + "?", ""};  // games have no article
    }
    if (fact.object >= 0 && thing(fact.object).noun && !thing(fact.object).scenery) {
      const Thing& object = thing(fact.object);
      const std::string noun = other_noun(object, random);
      if (!noun.empty())
        pair.twin = start + fact.value + " the " + (object.plural ? plural_of(noun) : noun) + "?";
      return pair;
    }
    if (!fact.verb) return pair;
    if (fact.verb->motion) {
      pair.twin = does(fact.thing) + "stay still?";
    } else if (!fact.verb->opposite.empty() && (who.animate() || fact.verb->opposite != "sleep")) {
      const std::string contrary = unless_said(fact.verb->opposite);
      if (!contrary.empty()) pair.twin = does(fact.thing) + contrary + with + "?";
    }
    return pair;
  }

  Pair direction(const Fact& fact) const {
    const bool place = fact.value.rfind("on ", 0) == 0;
    const bool turn = fact.value.find("clockwise") != std::string::npos;
    const std::string start = place ? be(fact.thing) : does(fact.thing) + (turn ? "turn " : "move ");
    const std::string end = place ? " side?" : "?";
    return {start + fact.value + end, said_.count(fact.contrast) ? "" : start + fact.contrast + end};
  }

  const Caption& caption_;
  int64_t index_;
  const QuestionOptions& options_;
  std::set<std::string> said_;
  std::map<std::string, int> uses_;
};

// Laws of motion that the caption gives occasion to ask for.
std::vector<Pair> physics_of(const Caption& caption) {
  static const std::set<std::string> falls = {"fall",   "drop", "bounce", "pour", "throw",  "roll",
                                              "tumble", "jump", "leap",   "toss", "splash", "drip"};
  bool gravity = false, contact = false, limbs = false;
  for (const Fact& fact : caption.facts) {
    if (fact.kind == Fact::Kind::kAction) {
      gravity |= fact.verb && falls.count(fact.verb->base) > 0;
      contact |= fact.object >= 0;
      limbs |= caption.things[static_cast<size_t>(fact.thing)].animate();
    }
    contact |= fact.kind == Fact::Kind::kRelation && (fact.value == "on" || fact.value == "in");
  }
  std::vector<Pair> pairs;
  if (gravity)
    pairs.push_back({"Do objects fall as gravity demands?", "Does anything float that should fall?"});
  if (contact)
    pairs.push_back(
        {"Do objects touch one another without merging?", "Do objects pass through one another?"});
  if (limbs) pairs.push_back({"Do the limbs move naturally?", "Are there missing or extra limbs?"});
  return pairs;
}

const std::vector<Pair>& pairs_of(Aspect aspect) {
  static const std::vector<Pair> motion = {
      {"Do the objects keep their shape and color?", "Does an object change its shape or color?"},
      {"Is the motion smooth?", "Does anything flicker or jump?"},
      {"Does every object stay in existence?", "Does an object appear from nowhere or vanish?"}};
  static const std::vector<Pair> quality = {
      {"Is the video sharp?", "Is the video blurry?"},
      {"Is the video free of artifacts?", "Are there visible artifacts or noise?"},
      {"Are the corners and edges of the picture clean?", "Are there spots in the corners of the picture?"},
      {"Is the exposure natural?", "Is the picture overexposed or too dark?"}};
  return aspect == Aspect::kPF ? motion : quality;
}

}  // namespace

std::vector<Question> reference_questions(const std::string& reference, const QuestionOptions& options) {
  std::vector<Question> questions;
  for (const Pair& pair : {Pair{"Is the motion in video 2 as physically plausible as in video 1?",
                                "Does video 2 break a physical law that video 1 keeps?"},
                           Pair{"Do things in video 2 move in the manner of those in video 1?",
                                "Do things in video 2 move in another manner than those in video 1?"}}) {
    ask(questions, Aspect::kPF, pair, options);
  }
  for (Question& q : questions) q.reference = reference;
  return questions;
}

std::vector<Question> generic_questions(Aspect aspect, const std::string& prompt,
                                        const QuestionOptions& options) {
  std::vector<Question> questions;
  if (aspect == Aspect::kTA) {
    std::string what = prompt;
    while (!what.empty() && (what.back() == '.' || what.back() == ' ')) what.pop_back();
    ask(questions, aspect, {"Does the video show this: " + what + "?", ""}, options);
    return questions;
  }
  for (const Pair& pair : pairs_of(aspect)) ask(questions, aspect, pair, options);
  return questions;
}

std::vector<Question> english_questions(const std::string& prompt, int64_t index,
                                        const QuestionOptions& options) {
  const Caption caption = parse_caption(prompt);
  std::vector<Question> questions;
  if (options.aspects.count(Aspect::kTA)) {
    Writer writer(caption, index, options);
    std::set<std::string> asked;
    for (size_t f = 0; f < caption.facts.size() && asked.size() < kMaxFacts; ++f) {
      const Pair pair = writer.write(caption.facts[f], static_cast<uint32_t>(f));
      if (asked.insert(pair.text).second) ask(questions, Aspect::kTA, pair, options);
    }
    if (questions.empty()) questions = generic_questions(Aspect::kTA, prompt, options);
    if (options.dense) {
      Question q;
      q.aspect = Aspect::kTA;
      q.kind = Kind::kDense;
      q.text = "Describe the video.";
      q.answer = prompt;
      questions.push_back(q);
    }
  }
  for (const Aspect aspect : {Aspect::kPF, Aspect::kVQ}) {
    if (!options.aspects.count(aspect)) continue;
    for (const Question& q : generic_questions(aspect, prompt, options)) questions.push_back(q);
    if (aspect != Aspect::kPF) continue;
    for (const Pair& pair : physics_of(caption)) ask(questions, aspect, pair, options);
  }
  return questions;
}

}  // namespace drf::critic
