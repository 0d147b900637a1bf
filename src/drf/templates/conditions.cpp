#include "drf/templates/conditions.h"

#include <sstream>

#include "drf/templates/wishes.h"

namespace drf::templates {
namespace {

bool is_calm(const Caption& caption) {
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

}  // namespace

Wishes::Wishes(const Caption& caption) : text_(caption.text), calm_(!caption.strange && is_calm(caption)) {
  std::istringstream in(text_);
  for (std::string word; in >> word;) words_.push_back(word);
  for (const Wish& wish : kWishes) {
    if (has(wish.words)) contradicted_ += wish.contradicts;
  }
  if (odd_limbs()) contradicted_ += 'l';
}

bool Wishes::has(const std::string& wish) const {
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

// "with five legs", "no arms", "an eight-armed statue"
bool Wishes::odd_limbs() const {
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

bool is_group(const Thing& t) {
  static const std::set<std::string> groups = {"crowd", "couple", "choir", "team",
                                               "band",  "family", "twin",  "wildlife"};
  return t.noun && groups.count(t.noun->kin) > 0;
}

}  // namespace drf::templates
