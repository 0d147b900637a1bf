#pragma once
// Which language a text is in, as far as its letters and its small words tell. Languages that are written
// with the same letters are told from English, not from one another.

#include <string>

namespace drf::writer {

/// "Latin", "Cyrillic", "Greek", "Arabic", "Hebrew", "Devanagari", "Thai", "Hangul", "Han" (Chinese and
/// Japanese) or "other": whichever has most letters; "" for a text without letters.
std::string script_of(const std::string& text);
inline bool is_latin(const std::string& text) { return script_of(text) == "Latin"; }

/// Latin letters, and at least as many small words of English (the, of, a, in, ...) as words that other
/// languages have (der, le, una, ...) or that have accents; a text with neither may be English too.
bool may_be_english(const std::string& text);

/// An English question that wants a yes or a no: it begins with a form of be, do, have or a modal verb, or
/// such a form follows a comma ("At the end, is ...").
bool is_english_yes_no(const std::string& question);

}  // namespace drf::writer
