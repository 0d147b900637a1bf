#include "drf/writer/language.h"

#include <algorithm>
#include <map>
#include <set>

#include "drf/base/letters.h"
#include "drf/writer/question_words.h"

namespace drf::writer {
namespace {

const char* script_of(char32_t c) {
  const auto in = [&](char32_t from, char32_t to) { return c >= from && c <= to; };
  if (in('A', 'Z') || in('a', 'z') || (in(0xC0, 0x24F) && c != 0xD7 && c != 0xF7) || in(0x1E00, 0x1EFF))
    return "Latin";
  if (in(0x370, 0x3FF)) return "Greek";
  if (in(0x400, 0x52F)) return "Cyrillic";
  if (in(0x590, 0x5FF)) return "Hebrew";
  if (in(0x600, 0x6FF) || in(0x750, 0x77F)) return "Arabic";
  if (in(0x900, 0x97F)) return "Devanagari";
  if (in(0xE00, 0xE7F)) return "Thai";
  if (in(0x3040, 0x30FF) || in(0x3400, 0x4DBF) || in(0x4E00, 0x9FFF) || in(0x20000, 0x2FFFF)) return "Han";
  if (in(0x1100, 0x11FF) || in(0xAC00, 0xD7AF)) return "Hangul";
  return c >= 0x250 && !in(0x2000, 0x303F) && !in(0xFE00, 0xFFFF) && c < 0x1F000 ? "other" : nullptr;
}

// Small words by which languages with Latin letters are told from English. Those that English shares with
// others (a, in, on, is, as, do, ...) say English, unless more words say otherwise.
const std::set<std::string> kEnglish = {
    "the",   "of",    "with",    "and",  "are", "does", "from", "its",   "that", "there", "their",
    "while", "which", "through", "what", "how", "a",    "an",   "in",    "on",   "is",    "to",
    "at",    "by",    "as",      "for",  "his", "her",  "over", "under", "into", "this"};
const std::set<std::string> kForeign = {
    "der", "die",  "das",   "und", "ein",  "eine", "einem", "einen", "einer", "auf", "mit", "im",
    "ist", "von",  "durch", "le",  "la",   "les",  "un",    "une",   "des",   "du",  "et",  "dans",
    "sur", "avec", "est",   "el",  "los",  "las",  "una",   "por",   "con",   "del", "y",   "se",
    "il",  "lo",   "gli",   "di",  "che",  "e",    "nel",   "della", "o",     "os",  "um",  "uma",
    "de",  "com",  "na",    "no",  "het",  "een",  "van",   "en",    "op",    "met", "och", "ett",
    "i",   "og",   "w",     "z",   "jest", "bir",  "ve",    "yang",  "di",    "dan"};

const std::set<std::string> kVerbs = {"is",   "are",   "was",    "were", "do",    "does",
                                      "did",  "has",   "have",   "had",  "can",   "could",
                                      "will", "would", "should", "may",  "might", "must"};

}  // namespace

std::string script_of(const std::string& text) {
  std::map<std::string, int64_t> counts;
  for (size_t i = 0; i < text.size();) {
    const auto letter = letter_at(text, i);
    if (letter)
      if (const char* script = script_of(letter->code)) ++counts[script];
    i += letter ? letter->bytes : 1;
  }
  const auto most = std::max_element(counts.begin(), counts.end(),
                                     [](const auto& a, const auto& b) { return a.second < b.second; });
  return most == counts.end() ? "" : most->first;
}

bool may_be_english(const std::string& text) {
  if (!is_latin(text)) return false;
  int64_t english = 0, foreign = 0;
  for (const std::string& word : words_of(text)) {
    const bool accented =
        std::any_of(word.begin(), word.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
    english += kEnglish.count(word) > 0;
    foreign += kForeign.count(word) > 0 || accented;
  }
  return english >= foreign;
}

bool is_english_yes_no(const std::string& question) {
  if (!is_latin(question)) return false;
  for (size_t at = 0; at != std::string::npos; at = question.find(',', at + 1)) {
    const auto words = words_of(question.substr(at));
    if (!words.empty() && kVerbs.count(words[0])) return true;
  }
  return false;
}

}  // namespace drf::writer
