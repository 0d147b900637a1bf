#include "drf/critic/templates_words.h"

#include <algorithm>

#include <algorithm>
#include <sstream>
#include <unordered_map>

#include "drf/critic/templates_lists.h"

namespace drf::critic {
namespace {

std::vector<std::string> split(const std::string& text, char mark) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, mark);) {
    const size_t begin = part.find_first_not_of(" \n");
    if (begin == std::string::npos) continue;
    parts.push_back(part.substr(begin, part.find_last_not_of(" \n") - begin + 1));
  }
  return parts;
}

template <typename Map, typename Key>
auto find_in(const Map& map, const Key& key) -> decltype(&map.begin()->second) {
  const auto it = map.find(key);
  return it == map.end() ? nullptr : &it->second;
}

bool ends(const std::string& word, const std::string& end) {
  return word.size() > end.size() && word.compare(word.size() - end.size(), end.size(), end) == 0;
}

bool vowel(char c) { return std::string("aeiou").find(c) != std::string::npos; }

std::string regular_plural(const std::string& noun) {
  const size_t stem = noun.size() < 2 ? 0 : noun.size() - 2;
  if ((noun == "man" || ends(noun, "man")) && noun != "human") return noun.substr(0, stem) + "en";
  if (noun == "tomato" || noun == "potato" || noun == "volcano") return noun + "es";
  if (ends(noun, "o")) return noun + "s";
  return third_person(noun);
}

struct Nouns {
  std::unordered_map<std::string, NounEntry> entries;
  std::map<std::string, std::vector<std::string>> heads;
  std::map<std::string, std::string> plurals;
  Nouns() {
    for (const auto& [category, list] : kNouns) {
      for (const std::string& kin : split(list, ';')) {
        std::string head;
        for (const std::string& word : split(kin, ' ')) {
          const auto forms = split(word, '/');
          if (head.empty()) head = forms[0];
          const std::string plural = forms.size() > 1 ? forms[1] : regular_plural(forms[0]);
          plurals[forms[0]] = plural;
          if (category != "mass") entries.insert_or_assign(plural, NounEntry{category, head, true});
          // A sheep, two sheep: the determiner tells, the singular stands here. Glasses are always plural.
          if (forms[0] != plural || plural.back() != 's')
            entries.insert_or_assign(forms[0], NounEntry{category, head, false});
        }
        heads[category].push_back(head);
      }
    }
    // A chef may well be a man, a car may stand beside a truck: no sure contrasts.
    for (const char* category : {"person", "beast"}) heads[category].clear();
  }
};
const Nouns& nouns() {
  static const Nouns all;
  return all;
}

struct Attributes {
  std::unordered_map<std::string, AttributeEntry> entries;
  std::vector<std::string> colors, materials;
  Attributes() {
    using Kind = AttributeEntry::Kind;
    for (const std::string& pair : split(kPairs, ' ')) {
      const auto sides = split(pair, '|');
      entries[sides[0]] = {Kind::kPair, sides[0], sides[0], sides[1]};
    }
    for (const std::string& entry : split(kMaterials, ';')) {
      const auto sides = split(entry, '=');
      entries[sides[0]] = {Kind::kMaterial, sides[1], sides[1], ""};
      if (std::find(materials.begin(), materials.end(), sides[1]) == materials.end())
        materials.push_back(sides[1]);
    }
    for (const std::string& kin : split(kColors, ';')) {
      const auto words = split(kin, ' ');
      colors.push_back(words[0]);
      for (const std::string& word : words) entries[word] = {Kind::kColor, word, words[0], ""};
    }
  }
};
const Attributes& attributes() {
  static const Attributes all;
  return all;
}

const std::unordered_map<std::string, VerbEntry>& verbs() {
  static const auto all = [] {
    std::unordered_map<std::string, VerbEntry> entries;
    const auto add = [&](const VerbEntry& verb) {
      for (const std::string& form : {verb.base, third_person(verb.base), gerund(verb.base)})
        entries[form] = verb;
    };
    for (const std::string& base : split(kMotionVerbs, ' ')) add({base, true, ""});
    for (const std::string& word : split(kOtherVerbs, ' ')) {
      const auto sides = split(word, '|');
      add({sides[0], false, sides.size() > 1 ? sides[1] : ""});
    }
    return entries;
  }();
  return all;
}

const std::set<std::string>& class_words(const std::string& word_class) {
  static const auto all = [] {
    std::map<std::string, std::set<std::string>> classes;
    for (const auto& [name, list] : kClasses) {
      for (const std::string& word : split(list, ' ')) classes[name].insert(word);
    }
    for (const std::string& word : split(kDoubling, ' ')) classes["doubling"].insert(word);
    return classes;
  }();
  return all.at(word_class);
}

}  // namespace

const NounEntry* find_noun(const std::string& word) { return find_in(nouns().entries, word); }
const AttributeEntry* find_attribute(const std::string& word) { return find_in(attributes().entries, word); }
const VerbEntry* find_verb(const std::string& word) { return find_in(verbs(), word); }

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
    for (const auto& [words, questions] : kTimesAndWeather) {
      const auto sides = split(questions, '|');
      for (const std::string& phrase : split(words, '|')) phrases[phrase] = {sides[0], sides[1], false};
    }
    const auto add = [&](const std::vector<Look>& list, bool setting) {
      for (const Look& look : list) {
        for (std::string phrase : split(look.words, ' ')) {
          phrases[phrase] = {look.question, look.twin, setting};
          // "pixel-art" is written in two words as well.
          const size_t dash = phrase.find('-');
          if (dash != std::string::npos)
            phrases[phrase.replace(dash, 1, " ")] = {look.question, look.twin, setting};
        }
      }
    };
    add(kSettings, true);
    add(kStyles, false);
    return phrases;
  }();
  return all;
}

const std::map<std::string, std::string>& relations() { return kRelations; }
const std::map<std::string, std::string>& directions() { return kDirections; }
const std::map<std::string, std::string>& camera_moves() { return kCameraMoves; }

std::string opposite_direction(const std::string& direction) {
  for (const auto& [a, b] : kOppositeDirections) {
    if (direction == a) return b;
    if (direction == b) return a;
  }
  return "";
}

const std::vector<std::string>& category_heads(const std::string& category) {
  static const std::vector<std::string> none;
  const auto* heads = find_in(nouns().heads, category);
  return heads ? *heads : none;
}

const std::vector<std::string>& far_nouns() {
  static const auto all = split(kFarNouns, ';');
  return all;
}

const std::vector<std::string>& color_heads() { return attributes().colors; }
const std::vector<std::string>& material_phrases() { return attributes().materials; }

bool is_a(const std::string& word_class, const std::string& word) {
  return class_words(word_class).count(word) > 0;
}

std::string with_article(const std::string& noun) {
  if (noun.empty()) return noun;
  const bool as_you = noun.rfind("uni", 0) == 0 || noun.rfind("eu", 0) == 0 || noun.rfind("one", 0) == 0;
  const bool silent = noun.rfind("hour", 0) == 0 || noun.rfind("honest", 0) == 0;
  return ((vowel(noun[0]) && !as_you) || silent ? "an " : "a ") + noun;
}

std::string third_person(const std::string& base) {
  if (ends(base, "y") && !vowel(base[base.size() - 2])) return base.substr(0, base.size() - 1) + "ies";
  for (const char* end : {"s", "sh", "ch", "x", "z", "o"}) {
    if (ends(base, end)) return base + "es";
  }
  return base + "s";
}

std::string gerund(const std::string& base) {
  if (ends(base, "ie")) return base.substr(0, base.size() - 2) + "ying";
  if (class_words("doubling").count(base)) return base + base.back() + "ing";
  if (ends(base, "e") && !ends(base, "ee")) return base.substr(0, base.size() - 1) + "ing";
  return base + "ing";
}

std::string base_of_third(const std::string& word) {
  if (ends(word, "ies") && word.size() > 4) return word.substr(0, word.size() - 3) + "y";
  for (const char* end : {"sses", "shes", "ches", "xes", "zzes", "oes"}) {
    if (ends(word, end) && !ends(word, "aches")) return word.substr(0, word.size() - 2);
  }
  return word.substr(0, word.size() - 1);
}

std::string plural_of(const std::string& noun) {
  const std::string* known = find_in(nouns().plurals, noun);
  return known ? *known : regular_plural(noun);
}

bool looks_plural(const std::string& word) {
  return ends(word, "s") && !ends(word, "ss") && !ends(word, "us") && !ends(word, "is");
}

}  // namespace drf::critic
