// Nouns: the hand's lists first, which say what is asked and how, then the lexicon.
#include <map>
#include <mutex>
#include <unordered_map>

#include "drf/templates/lexicon.h"
#include "drf/templates/more_nouns.h"
#include "drf/templates/nouns.h"
#include "drf/templates/rows.h"
#include "drf/templates/words.h"

namespace drf::templates {
namespace {

std::string regular_plural(const std::string& noun) {
  const size_t stem = noun.size() < 2 ? 0 : noun.size() - 2;
  if ((noun == "man" || ends_with(noun, "man")) && noun != "human") return noun.substr(0, stem) + "en";
  if (noun == "tomato" || noun == "potato" || noun == "volcano") return noun + "es";
  if (ends_with(noun, "o")) return noun + "s";
  return third_person(noun);
}

// Where a word stands in several rows the first counts: what can be seen comes before what cannot.
struct Nouns {
  std::unordered_map<std::string, NounEntry> entries;
  std::map<std::string, std::string> plurals;
  Nouns() {
    for (const auto* rows : {&kNouns, &kMoreNouns, &kUnseenNouns}) add(*rows);
  }
  void add(const std::vector<std::pair<std::string, std::string>>& rows) {
    for (const auto& [place, list] : rows) {
      const std::string category = place.substr(0, place.find('.')),
                        group = place.substr(place.find('.') + 1);
      const bool bare = category == "body" || category == "part" || category == "abstract";
      for (const std::string& kin : split(list, ';')) {
        std::string head;
        for (const std::string& word : split(kin, ' ')) {
          const auto forms = split(word, '/');
          const std::string one = spaced(forms[0]);
          if (head.empty() || bare) head = one;  // these are lists, not kin
          const std::string plural = forms.size() > 1 ? spaced(forms[1]) : regular_plural(one);
          plurals.emplace(one, plural);
          if (category != "mass") entries.emplace(plural, NounEntry{category, group, head, true});
          // A sheep, two sheep: the determiner tells, the singular stands here. Glasses are always plural.
          if (one != plural || plural.back() != 's') {
            if (one == plural) entries.erase(plural);
            entries.emplace(one, NounEntry{category, group, head, false});
          }
        }
      }
    }
  }
};
const Nouns& nouns() {
  static const Nouns all;
  return all;
}

// Concepts that a word of the lists has first, with that word's kin: what the lexicon calls by another name
// is the same thing.
const std::unordered_map<uint32_t, std::string>& kin_of_concepts() {
  static const auto all = [] {
    std::unordered_map<uint32_t, std::string> kin;
    for (const auto& [word, entry] : nouns().entries) {
      const LexiconWord* known = entry.visible() && !entry.plural ? find_lexicon(word) : nullptr;
      if (!known || known->concepts.empty() || known->kind.rfind(entry.category, 0) != 0) continue;
      std::string& name = kin[known->concepts[0]];
      if (name.empty() || entry.kin < name) name = entry.kin;
    }
    return kin;
  }();
  return all;
}

const NounEntry* lexicon_noun(const std::string& word) {
  static std::mutex guard;
  static std::unordered_map<std::string, NounEntry> entries;
  const LexiconWord* known = find_lexicon(word);
  if (!known || known->kind.empty() || known->adjective == 'A') return nullptr;
  if (known->concepts.empty() && (known->verb == 'V' || known->adverb)) return nullptr;
  const std::lock_guard lock(guard);
  const auto it = entries.find(word);
  if (it != entries.end()) return &it->second;
  NounEntry entry;
  entry.category = known->kind.substr(0, known->kind.find('.'));
  entry.group = known->kind.substr(known->kind.find('.') + 1);
  entry.kin = known->base;
  if (!known->concepts.empty()) {
    const auto kin = kin_of_concepts().find(known->concepts[0]);
    if (kin != kin_of_concepts().end()) entry.kin = kin->second;
  }
  entry.plural = known->plural;
  entry.lexicon = known;
  return &entries.emplace(word, entry).first->second;
}

}  // namespace

const NounEntry* find_noun(const std::string& word) {
  const NounEntry* listed = find_in(nouns().entries, word);
  return listed || is_listed(word) ? listed : lexicon_noun(word);
}

const NounEntry* find_noun_beside(const std::string& word) {
  const NounEntry* noun = find_noun(word);
  return noun ? noun : lexicon_noun(word);
}

std::vector<std::string> listed_nouns() {
  std::vector<std::string> words;
  for (const auto& [word, entry] : nouns().entries) words.push_back(word);
  return words;
}

std::string plural_of(const std::string& noun) {
  const std::string* known = find_in(nouns().plurals, noun);
  return known ? *known : regular_plural(noun);
}

}  // namespace drf::templates
