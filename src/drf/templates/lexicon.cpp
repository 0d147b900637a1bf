#include "drf/templates/lexicon.h"

#include <algorithm>
#include <charconv>
#include <memory>
#include <mutex>
#include <set>
#include <string_view>
#include <unordered_map>

// The table is taken into the program as it is: no file is looked for at run time. DRF_LEXICON is its path
// (CMakeLists.txt).
__asm__(
    ".section .rodata\n"
    ".global drf_lexicon_begin\n"
    ".global drf_lexicon_end\n"
    "drf_lexicon_begin:\n"
    ".incbin \"" DRF_LEXICON
    "\"\n"
    "drf_lexicon_end:\n"
    ".byte 0\n"
    ".previous\n");
extern "C" const char drf_lexicon_begin[], drf_lexicon_end[];

namespace drf::templates {
namespace {

using View = std::string_view;

uint32_t number_of(View text) {
  uint32_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value, 36);
  return value;
}

// Cuts the next piece off, up to the mark.
View cut(View& text, char mark) {
  const size_t end = std::min(text.find(mark), text.size());
  const View piece = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return piece;
}

std::vector<uint32_t> numbers_of(View list) {
  std::vector<uint32_t> numbers;
  while (!list.empty() && list != "-") numbers.push_back(number_of(cut(list, ',')));
  return numbers;
}

struct Concept {
  uint32_t kind = 0;
  std::vector<uint32_t> above{}, wholes{};
};

// The lines, cut but not read: a word is read when it is asked for.
struct Table {
  std::vector<std::string> kinds;
  std::vector<Concept> concepts;
  std::vector<std::pair<View, View>> words;  // sorted
  Table() {
    View text(drf_lexicon_begin, static_cast<size_t>(drf_lexicon_end - drf_lexicon_begin));
    View head = cut(text, '\n');
    while (head == "#" || head.starts_with("# ")) head = cut(text, '\n');  // the licence
    head.remove_prefix(1);
    while (!head.empty()) kinds.emplace_back(cut(head, ' '));
    while (!text.empty()) {
      View line = cut(text, '\n');
      if (line[0] == '@') {
        cut(line, ' ');  // numbered in their order
        Concept& entry = concepts.emplace_back();
        entry.kind = number_of(cut(line, ' '));
        entry.above = numbers_of(cut(line, ' '));
        entry.wholes = numbers_of(line);
      } else {
        const View word = cut(line, ' ');
        words.emplace_back(word, line);
      }
    }
  }
  View line_of(View word) const {
    const auto it = std::lower_bound(words.begin(), words.end(), word,
                                     [](const auto& entry, View wanted) { return entry.first < wanted; });
    return it != words.end() && it->first == word ? it->second : View();
  }
  // The concept itself, and all that it is a kind of.
  std::set<uint32_t> above(uint32_t of) const {
    std::set<uint32_t> all;
    std::vector<uint32_t> open{of};
    while (!open.empty()) {
      const uint32_t c = open.back();
      open.pop_back();
      if (all.insert(c).second) open.insert(open.end(), concepts[c].above.begin(), concepts[c].above.end());
    }
    return all;
  }
};

const Table& table() {
  static const Table all;
  return all;
}

bool has(View marks, char mark) { return marks.find(mark) != View::npos; }
bool ends(View word, View end) {
  return word.size() > end.size() + 1 && word.substr(word.size() - end.size()) == end;
}

// What a plural may be of, the likeliest first.
std::vector<std::string> singulars(const std::string& word) {
  const auto stem = [&](size_t off, const char* more) { return word.substr(0, word.size() - off) + more; };
  if (ends(word, "ies")) return {stem(3, "y"), stem(1, "")};
  if (ends(word, "men")) return {stem(2, "an")};
  for (const char* end : {"ses", "xes", "zes", "ches", "shes", "oes"}) {
    if (ends(word, end)) return {stem(2, ""), stem(1, "")};
  }
  if (ends(word, "s") && !ends(word, "ss") && !ends(word, "us") && !ends(word, "is")) return {stem(1, "")};
  return {};
}

// Of the likeliest sense; of no kind in particular where another one is of another category (a crane, a
// tart).
std::string kind_of(const std::vector<uint32_t>& concepts) {
  const auto kind = [](uint32_t c) { return table().kinds[table().concepts[c].kind]; };
  const auto category = [&](uint32_t c) { return kind(c).substr(0, kind(c).find('.')); };
  for (const uint32_t c : concepts) {
    if (category(c) != category(concepts[0])) return "thing.open";
  }
  return kind(concepts[0]);
}

std::unique_ptr<LexiconWord> read(const std::string& key) {
  View line = table().line_of(key);
  bool plural = false;
  std::string base = key;
  if (!line.empty() && line[0] == '=') {
    base = line.substr(1);
    line = table().line_of(base);
    plural = true;
  }
  if (line.empty()) {
    for (const std::string& one : singulars(key)) {
      line = table().line_of(one);
      if (!line.empty() && line[0] == '=') line = View();
      if (line.empty()) continue;
      base = one;
      plural = true;
      break;
    }
  }
  if (line.empty()) return nullptr;
  const View marks = cut(line, ' ');
  const bool noun = has(marks, 'N') || has(marks, 'n') || has(marks, 'x');
  if (plural && !noun) return nullptr;
  auto word = std::make_unique<LexiconWord>();
  word->base = base;
  std::replace(word->base.begin(), word->base.end(), '_', ' ');
  word->plural = plural || has(marks, 'p');
  word->concepts = numbers_of(line);
  if (noun) {
    const bool seen = !has(marks, 'x') && !word->concepts.empty();
    word->kind = seen ? kind_of(word->concepts) : "abstract.any";
  }
  if (!word->concepts.empty()) {
    const std::string& kind = table().kinds[table().concepts[word->concepts[0]].kind];
    word->stuff = kind.rfind("mass", 0) == 0;
    word->food = kind.rfind("food", 0) == 0;
  }
  word->verb = has(marks, 'V') ? 'V' : has(marks, 'v') ? 'v' : 0;
  word->adjective = has(marks, 'A') ? 'A' : has(marks, 'a') ? 'a' : 0;
  if (plural) word->adjective = 0;
  word->adverb = has(marks, 'r');
  word->common = has(marks, 'c');
  return word;
}

}  // namespace

const LexiconWord* find_lexicon(const std::string& word) {
  static std::mutex guard;
  static std::unordered_map<std::string, std::unique_ptr<LexiconWord>> seen;
  const std::lock_guard lock(guard);
  const auto it = seen.find(word);
  if (it != seen.end()) return it->second.get();
  std::string key = word;
  std::replace(key.begin(), key.end(), ' ', '_');
  // Most of what is asked for is no word; only words are kept, so that no prompt fills the memory.
  auto found = key.empty() || key.find_first_not_of("abcdefghijklmnopqrstuvwxyz-_") != std::string::npos
                   ? nullptr
                   : read(key);
  return found ? seen.emplace(word, std::move(found)).first->second.get() : nullptr;
}

std::string lexicon_verb(const std::string& form) {
  const auto verb = [](const std::string& base) {
    const LexiconWord* word = base.size() > 2 ? find_lexicon(base) : nullptr;
    return word && word->base == base && word->verb;
  };
  if (verb(form)) return form;
  const auto stem = [&](size_t off, const char* more) { return form.substr(0, form.size() - off) + more; };
  std::vector<std::string> bases;
  for (const View end : {View("ing"), View("ed")}) {
    if (!ends(form, end)) continue;
    if (end == "ed" && ends(form, "ied")) bases.push_back(stem(3, "y"));
    const std::string bare = stem(end.size(), "");
    bases.push_back(bare + "e");
    bases.push_back(bare);
    if (bare.size() > 2 && bare[bare.size() - 1] == bare[bare.size() - 2])
      bases.push_back(bare.substr(0, bare.size() - 1));
  }
  for (const std::string& base : singulars(form)) bases.push_back(base);
  for (const std::string& base : bases) {
    if (verb(base)) return base;
  }
  return "";
}

const std::unordered_set<std::string>& common_words() {
  static const auto all = [] {
    std::unordered_set<std::string> words;
    for (const auto& [word, line] : table().words) {
      View rest = line;
      if (line[0] != '=' && has(cut(rest, ' '), 'c') && !has(word, '_')) words.emplace(word);
    }
    return words;
  }();
  return all;
}

std::vector<std::string> names_above(const LexiconWord& word) {
  static const auto names = [] {
    std::vector<std::vector<std::string>> all(table().concepts.size());
    for (const auto& [name, line] : table().words) {
      View rest = line;
      if (line[0] == '=') continue;
      cut(rest, ' ');
      if (rest.empty()) continue;
      std::string spaced(name);
      std::replace(spaced.begin(), spaced.end(), '_', ' ');
      all[numbers_of(rest)[0]].push_back(spaced);
    }
    return all;
  }();
  std::vector<std::string> above;
  for (const uint32_t of : word.concepts) {
    for (const uint32_t c : table().above(of)) above.insert(above.end(), names[c].begin(), names[c].end());
  }
  return above;
}

bool narrower(const std::string& one, const std::string& wide) {
  if (one.rfind(wide + " ", 0) == 0) return true;
  const LexiconWord* known = find_lexicon(one);
  if (!known) known = find_lexicon(one.substr(one.rfind(' ') + 1));
  const LexiconWord* of = find_lexicon(wide);
  if (!known || !of || known->concepts.empty() || one == wide) return false;
  for (const uint32_t narrow : known->concepts) {
    for (const uint32_t c : of->concepts) {
      if (narrow != c && is_kind_of(narrow, c)) return true;
    }
  }
  return false;
}

bool is_kind_of(uint32_t a, uint32_t b) { return table().above(a).count(b) > 0; }

bool is_part_of(uint32_t a, uint32_t b) {
  const auto of_b = table().above(b);
  for (const uint32_t part : table().above(a)) {
    for (const uint32_t whole : table().concepts[part].wholes) {
      if (of_b.count(whole)) return true;
    }
  }
  return false;
}

std::string lexicon_text() { return std::string(drf_lexicon_begin, drf_lexicon_end); }

}  // namespace drf::templates
