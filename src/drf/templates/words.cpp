#include "drf/templates/words.h"

#include <mutex>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "drf/templates/colors.h"
#include "drf/templates/lexicon.h"
#include "drf/templates/lists.h"
#include "drf/templates/looks.h"
#include "drf/templates/rows.h"
#include "drf/templates/verbs.h"

namespace drf::templates {
namespace {

const std::string kNoContrary = "-";

bool vowel(char c) { return std::string("aeiou").find(c) != std::string::npos; }

struct Attributes {
  std::unordered_map<std::string, AttributeEntry> entries;
  std::map<std::string, std::vector<std::string>> colors;
  Attributes() {
    using Kind = AttributeEntry::Kind;
    for (const auto& [whose, pairs] : kPairs) {
      for (const std::string& pair : split(pairs, ' ')) {
        auto sides = split(spaced(pair), '|');
        if (sides.size() < 2) sides.push_back(kNoContrary);
        AttributeEntry& entry =
            entries.try_emplace(sides[0], AttributeEntry{Kind::kPair, sides[0], sides[0]}).first->second;
        if (whose != "lifeless" && entry.opposite.empty()) entry.opposite = sides[1];
        if (whose != "living" && entry.opposite_of_things.empty()) entry.opposite_of_things = sides[1];
      }
    }
    for (const std::string& entry : split(kMaterials, ';')) {
      const auto sides = split(entry, '=');
      entries[sides[0]] = {Kind::kMaterial, sides[1], sides[1]};
    }
    for (const auto& [list, others] : kColors) {
      const auto words = split(list, ' ');
      colors[words[0]] = split(others, ' ');
      for (const std::string& word : words) entries[word] = {Kind::kColor, word, words[0]};
    }
    for (const auto& [color, shades] : kShades) {
      for (const std::string& shade : split(shades, ' '))
        entries[shade + " " + color] = {Kind::kColor, shade + " " + color, entries.at(color).kin};
    }
  }
};
const Attributes& attributes() {
  static const Attributes all;
  return all;
}

struct Verbs {
  std::unordered_map<std::string, VerbEntry> entries;  // by base
  std::unordered_map<std::string, VerbForm> forms;
  Verbs() {
    using Kind = VerbEntry::Kind;
    const auto add = [&](const std::string& list, Kind kind) {
      for (const std::string& word : split(list, ' ')) {
        const auto sides = split(word, '|');
        entries.emplace(sides[0], VerbEntry{kind, sides[0], sides.size() > 1 ? spaced(sides[1]) : "", false});
      }
    };
    add(kPostureVerbs, Kind::kPosture);
    add(kMotionVerbs, Kind::kMotion);
    add(kAloneVerbs, Kind::kAlone);
    add(kBothVerbs, Kind::kBoth);
    add(kObjectVerbs, Kind::kObject);
    add(kLightVerbs, Kind::kLight);
    for (const std::string& base : split(kLivingVerbs, ' ')) {
      if (const auto it = entries.find(base); it != entries.end()) it->second.living = true;
    }
    std::map<std::string, std::vector<std::string>> irregular;
    for (const std::string& row : split(kIrregular, ';')) {
      const auto words = split(row, ' ');
      irregular[words[0]] = {words[1], words[2]};
    }
    for (const auto& [base, entry] : entries) {
      const auto form = [&](const std::string& word) -> VerbForm& {
        VerbForm& f = forms[word];
        if (!f.verb || word == base) f.verb = &entry;
        return f;
      };
      form(base).base = true;
      form(third_person(base)).third = true;
      form(gerund(base)).ing = true;
      const auto past = irregular.find(base);
      const std::string ed = gerund(base).substr(0, gerund(base).size() - 3) + "ed";
      const bool ied = ends_with(base, "y") && !vowel(base[base.size() - 2]);
      const std::string regular = ied ? base.substr(0, base.size() - 1) + "ied" : ed;
      form(past == irregular.end() ? regular : past->second[0]).past = true;
      VerbForm& participle = form(past == irregular.end() ? regular : past->second[1]);
      participle.past = participle.participle = true;
    }
  }
};
const Verbs& verbs() {
  static const Verbs all;
  return all;
}

// A verb that only the lexicon has: it is known as one, and never asked.
const VerbForm* lexicon_form(const std::string& word) {
  static std::mutex guard;
  static std::unordered_map<std::string, VerbEntry> entries;
  static std::unordered_map<std::string, VerbForm> forms;
  const std::string base = lexicon_verb(word);
  if (base.empty()) return nullptr;
  // "building", "railing": a thing by itself, whatever its stem
  const LexiconWord* noun = find_lexicon(word);
  if (noun && noun->base == word && base != word && !noun->concepts.empty()) return nullptr;
  const std::lock_guard lock(guard);
  const auto known = forms.find(word);
  if (known != forms.end()) return &known->second;
  VerbForm& form = forms[word];
  form.verb = &entries.emplace(base, VerbEntry{VerbEntry::Kind::kLight, base, "", false}).first->second;
  form.base = word == base;
  form.ing = !form.base && ends_with(word, "ing");
  form.past = form.participle = !form.base && ends_with(word, "ed");
  form.third = !form.base && !form.ing && !form.past;
  return &form;
}

const std::set<std::string>& class_words(const std::string& word_class) {
  static const auto all = [] {
    std::map<std::string, std::set<std::string>> classes;
    for (const auto& [name, list] : kClasses) {
      for (const std::string& word : split(list, ' ')) classes[name].insert(word);
    }
    for (const std::string& word : split(kDoubling, ' ')) classes["doubling"].insert(word);
    for (const std::string& word : split(kAdjectives, ' ')) classes["adjective"].insert(word);
    return classes;
  }();
  return all.at(word_class);
}

}  // namespace

const AttributeEntry* find_attribute(const std::string& word) { return find_in(attributes().entries, word); }
const VerbForm* find_verb(const std::string& word) {
  const VerbForm* listed = find_in(verbs().forms, word);
  return listed || is_listed(word) ? listed : lexicon_form(word);
}
bool is_adjective(const std::string& word) {
  if (find_attribute(word) || is_a("adjective", word)) return true;
  const LexiconWord* known = is_listed(word) ? nullptr : find_lexicon(word);
  return known && known->base == word && (known->adjective == 'A' || (known->adjective && known->common));
}
bool is_listed(const std::string& word) {
  static const std::unordered_set<std::string> all = list_words();
  return all.count(word) > 0;
}

std::unordered_set<std::string> list_words() {
  std::unordered_set<std::string> words;
  for (const std::string& word : listed_nouns()) words.insert(word);
  for (const auto& [word, entry] : attributes().entries) words.insert(word);
  for (const auto& [word, form] : verbs().forms) words.insert(word);
  for (const auto& [phrase, entry] : global_phrases()) {
    for (const std::string& word : split(phrase, ' ')) words.insert(word);
  }
  for (const auto& [name, list] : kClasses) {
    if (name == "foreign") continue;
    for (const std::string& word : split(list, ' ')) words.insert(word);
  }
  for (const std::string& word : split(kAdjectives, ' ')) words.insert(word);
  for (const std::string& number : kNumbers) words.insert(number);
  return words;
}

std::optional<int64_t> find_number(const std::string& word) {
  for (int64_t n = 1; n <= 20; ++n) {
    if (word == kNumbers[n] || word == std::to_string(n)) return n;
  }
  return std::nullopt;
}

std::string number_word(int64_t number) {
  return number >= 0 && number <= 20 ? kNumbers[number] : std::to_string(number);
}

const std::map<std::string, GlobalEntry>& global_phrases() {
  static const auto all = [] {
    std::map<std::string, GlobalEntry> phrases;
    for (const bool style : {false, true}) {
      for (const Look& look : style ? kStyles : kTimesAndCamera) {
        for (const std::string& phrase : split(look.words, '|'))
          phrases[phrase] = {look.question, look.twin, style};
      }
    }
    return phrases;
  }();
  return all;
}

const std::map<std::string, std::string>& relations() { return kRelations; }
const std::map<std::string, std::string>& spelled_relations() { return kSpelledRelations; }
const std::map<std::string, std::string>& directions() { return kDirections; }
const std::map<std::string, std::string>& camera_moves() { return kCameraMoves; }

std::string opposite_direction(const std::string& direction) {
  for (const auto& [a, b] : kOppositeDirections) {
    if (direction == a) return b;
    if (direction == b) return a;
  }
  return "";
}

const std::vector<std::string>& other_colors(const std::string& kin) { return attributes().colors.at(kin); }
const std::vector<std::string>& other_materials(const std::string& phrase) {
  return kOtherMaterials.at(phrase);
}

bool is_a(const std::string& word_class, const std::string& word) {
  return class_words(word_class).count(word) > 0;
}

// Not "cowboy": by her kin a cowgirl is one.
bool is_male(const std::string& noun) {
  static const std::set<std::string> men = {
      "man",      "boy",     "brother",   "father",    "dad",     "grandfather", "grandpa", "son",
      "grandson", "husband", "uncle",     "groom",     "king",    "prince",      "guy",     "gentleman",
      "monk",     "waiter",  "fisherman", "policeman", "fireman", "wizard"};
  return men.count(noun) > 0;
}
bool is_female(const std::string& noun) {
  static const std::set<std::string> women = {
      "woman",    "girl",          "lady",    "sister", "mother",    "mom",     "grandmother", "grandma",
      "daughter", "granddaughter", "wife",    "aunt",   "bride",     "queen",   "princess",    "goddess",
      "nun",      "witch",         "mermaid", "geisha", "ballerina", "actress", "waitress"};
  return women.count(noun) > 0;
}

std::string base_form(const std::string& word) {
  const VerbForm* form = find_verb(word);
  if (form) return form->base ? form->verb->base : "";
  return lexicon_verb(word) == word ? word : "";
}

bool and_does(const std::string& word, const std::string& next) {
  return word == "and" && ends_with(next, "s") && !lexicon_verb(next).empty();
}

bool is_film(const std::string& name) {
  static const std::set<std::string> films = {"scene", "shot", "clip", "video", "footage", "sequence"};
  return films.count(name) > 0;
}

std::string with_article(const std::string& noun) {
  if (noun.empty()) return noun;
  const bool as_you = noun.rfind("uni", 0) == 0 || noun.rfind("eu", 0) == 0 || noun.rfind("ewe", 0) == 0 ||
                      noun.rfind("one", 0) == 0 || noun.rfind("ufo", 0) == 0 || noun.rfind("uku", 0) == 0;
  const bool silent = noun.rfind("hour", 0) == 0 || noun.rfind("honest", 0) == 0;
  return ((vowel(noun[0]) && !as_you) || silent ? "an " : "a ") + noun;
}

std::string third_person(const std::string& base) {
  if (base == "have") return "has";
  if (ends_with(base, "y") && !vowel(base[base.size() - 2])) return base.substr(0, base.size() - 1) + "ies";
  for (const char* end : {"s", "sh", "ch", "x", "z", "o"}) {
    if (ends_with(base, end)) return base + "es";
  }
  return base + "s";
}

std::string gerund(const std::string& base) {
  if (ends_with(base, "ie")) return base.substr(0, base.size() - 2) + "ying";
  static const auto more = [] {
    const auto words = split(kMoreDoubling, ' ');
    return std::set<std::string>(words.begin(), words.end());
  }();
  if (class_words("doubling").count(base) || more.count(base)) return base + base.back() + "ing";
  if (ends_with(base, "e") && !ends_with(base, "ee") && base != "dye")
    return base.substr(0, base.size() - 1) + "ing";
  return base + "ing";
}

bool looks_plural(const std::string& word) {
  return ends_with(word, "s") && !ends_with(word, "ss") && !ends_with(word, "us") && !ends_with(word, "is");
}

bool ends_with(const std::string& word, const std::string& end) {
  return word.size() > end.size() && word.compare(word.size() - end.size(), end.size(), end) == 0;
}

}  // namespace drf::templates
