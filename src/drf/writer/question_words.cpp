#include "drf/writer/question_words.h"

#include <algorithm>
#include <map>
#include <set>

#include "drf/base/letters.h"

namespace drf::writer {
namespace {

const std::set<std::string> kEmpty = {
    "a",    "an",     "the",      "is",      "are",      "was",     "were",    "be",     "been",  "being",
    "do",   "does",   "did",      "has",     "have",     "had",     "can",     "could",  "there", "this",
    "that", "these",  "those",    "it",      "its",      "it's",    "you",     "see",    "seen",  "any",
    "some", "video",  "clip",     "visible", "shown",    "show",    "appear",  "scene",  "will",  "would",
    "of",   "depict", "depicted", "contain", "featured", "feature", "present", "footage"};
const std::set<std::string> kNegations = {"not",     "no",   "never",   "without", "nobody",
                                          "nothing", "none", "neither", "cannot",  "lack"};
const std::map<std::string, std::string> kSpellings = {
    {"one", "1"},         {"two", "2"},        {"three", "3"},     {"four", "4"},         {"five", "5"},
    {"six", "6"},         {"seven", "7"},      {"eight", "8"},     {"nine", "9"},         {"ten", "10"},
    {"grey", "gray"},     {"colour", "color"}, {"large", "big"},   {"tiny", "small"},     {"little", "small"},
    {"person", "people"}, {"men", "man"},      {"women", "woman"}, {"children", "child"}, {"onto", "on"},
    {"into", "in"},       {"beside", "next"}};
// Phrases that only say where one is to look; longest first.
const std::vector<Phrase> kPlaces =
    phrases({"in the video", "in this video", "in the clip", "in the scene", "in the frame", "in the shot",
             "in the image", "in the footage"});

bool ends_with(const std::string& word, const std::string& end) {
  return word.size() > end.size() && word.compare(word.size() - end.size(), end.size(), end) == 0;
}

// "running", "runs", "run" -> "run"; "moving", "moved", "move" -> "mov".
std::string stem(std::string word) {
  if (ends_with(word, "'s")) word.resize(word.size() - 2);
  if (ends_with(word, "ies") && word.size() > 4) {
    word.replace(word.size() - 3, 3, "y");
  } else if (ends_with(word, "s") && !ends_with(word, "ss") && !ends_with(word, "us") && word.size() > 3) {
    word.pop_back();
  }
  for (const char* end : {"ing", "ed"}) {
    const size_t n = std::string(end).size();
    if (!ends_with(word, end) || word.size() < n + 3) continue;
    word.resize(word.size() - n);
    const char last = word.back();
    if (word.size() > 3 && last == word[word.size() - 2] && last != 'l' && last != 's' && last != 'e')
      word.pop_back();
    break;
  }
  if (word.size() > 3 && word.back() == 'e') word.pop_back();
  return word;
}

}  // namespace

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  std::string word;
  const std::string small = lower(text);
  const auto end = [&] {
    while (!word.empty() && word.back() == '\'') word.pop_back();
    if (!word.empty()) words.push_back(word);
    word.clear();
  };
  for (size_t i = 0; i < small.size();) {
    const auto letter = letter_at(small, i);
    const size_t bytes = letter ? letter->bytes : 1;
    const char c = small[i];
    const bool apostrophe = (c == '\'' || (letter && letter->code == 0x2019)) && !word.empty();
    const bool mark = letter && ((letter->code >= 0x2000 && letter->code <= 0x206F) ||
                                 (letter->code >= 0x3000 && letter->code <= 0x303F) ||
                                 (letter->code >= 0xFF00 && letter->code <= 0xFF0F) ||
                                 (letter->code >= 0xFF1A && letter->code <= 0xFF20) || letter->code == 0xBF ||
                                 letter->code == 0xA1 || letter->code == 0x61F || letter->code == 0x60C ||
                                 letter->code == 0xA0);
    if (apostrophe) {
      word += '\'';
    } else if (bytes == 1 ? (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') : !mark) {
      word += small.substr(i, bytes);
    } else {
      end();
    }
    i += bytes;
  }
  end();
  return words;
}

std::vector<Phrase> phrases(const std::vector<std::string>& texts) {
  std::vector<Phrase> all;
  for (const std::string& text : texts) all.push_back(words_of(text));
  return all;
}

bool has_phrase(const std::vector<std::string>& words, const Phrase& phrase) {
  return std::search(words.begin(), words.end(), phrase.begin(), phrase.end()) != words.end();
}

Meaning meaning_of(const std::string& question) {
  std::vector<std::string> words = words_of(question);
  for (const Phrase& place : kPlaces) {
    for (auto at = words.begin();
         (at = std::search(words.begin(), words.end(), place.begin(), place.end())) != words.end();)
      words.erase(at, at + static_cast<std::ptrdiff_t>(place.size()));
  }
  Meaning meaning;
  std::vector<std::string> rest;
  for (std::string word : words) {
    if (ends_with(word, "n't")) {
      meaning.negated = !meaning.negated;
      word.resize(word.size() - 3);
    }
    const auto spelled = kSpellings.find(word);
    if (spelled != kSpellings.end()) word = spelled->second;
    if (kNegations.count(word)) {
      meaning.negated = !meaning.negated;
    } else if (!kEmpty.count(word)) {
      const std::string stemmed = stem(word);
      if (!kEmpty.count(stemmed)) rest.push_back(stemmed);
    }
  }
  if (rest.size() == 2) std::sort(rest.begin(), rest.end());
  for (const std::string& word : rest) meaning.key += (meaning.key.empty() ? "" : " ") + word;
  return meaning;
}

std::string key_of(const std::string& question) {
  std::string key = meaning_of(question).key;
  if (!key.empty()) return key;
  for (const std::string& word : words_of(question)) key += (key.empty() ? "" : " ") + word;
  return key.empty() ? question : key;
}

}  // namespace drf::writer
