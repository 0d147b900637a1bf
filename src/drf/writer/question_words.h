#pragma once
// The words of a question, as far as they can be told without a dictionary: what the checks of form and of
// meaning compare.

#include <string>
#include <vector>

namespace drf::writer {

/// Words in small letters (A to Z; others as they are), without punctuation; an apostrophe within a word
/// stays. Letters of scripts without blanks make one long word.
std::vector<std::string> words_of(const std::string& text);

/// Some words, as words_of() gives them.
using Phrase = std::vector<std::string>;
std::vector<Phrase> phrases(const std::vector<std::string>& texts);
/// Whether `phrase` stands in `words` as whole words.
bool has_phrase(const std::vector<std::string>& words, const Phrase& phrase);

/// What a question asks, with what does not matter to it taken away: articles, auxiliaries, "in the video";
/// endings (-s, -ed, -ing); spellings; numbers as digits.
struct Meaning {
  /// The rest, in order; two words are sorted ("Is the ball red?" is "Is there a red ball?"), three or more
  /// are not ("the cat chases the dog" is not "the dog chases the cat"). "" if nothing is left.
  std::string key;
  bool negated = false;  ///< an odd number of not, no, never, without, ...
};
Meaning meaning_of(const std::string& question);
/// What two questions have in common that ask the same, or the opposite: the key, or all words where nothing
/// is left ("Is it there?").
std::string key_of(const std::string& question);

}  // namespace drf::writer
