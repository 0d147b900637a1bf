#pragma once
// The general parser's English: word lists as data, and the forms that words take.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace drf::critic {

/// A noun that the lists hold, in the form that was looked up.
struct NounEntry {
  std::string category;  ///< of templates_lists.h: "person", "animal", "vehicle", ...
  std::string kin;       ///< nouns of one kin may name one object (dog, puppy): never each other's contrast
  bool plural = false;
};

/// A verb that the lists hold.
struct VerbEntry {
  std::string base;      ///< "run"
  bool motion = false;   ///< its subject changes its place
  std::string opposite;  ///< a base form that contradicts it, or ""
};

/// A word before a noun.
struct AttributeEntry {
  enum class Kind { kColor, kMaterial, kPair } kind;
  std::string phrase;    ///< after "is": "red", "made of wood", "big"
  std::string kin;       ///< colors that may be taken for each other share it
  std::string opposite;  ///< of a pair, else ""
};

/// A fact about the whole video that a word or phrase states.
struct GlobalEntry {
  std::string question, twin;  ///< "Is it night?", "Is it day?"
  bool setting = false;        ///< a place: a noun, which may also be part of another ("beach ball")
};

/// Lookups take small letters. The results live as long as the program.
const NounEntry* find_noun(const std::string& word);
const AttributeEntry* find_attribute(const std::string& word);
/// The verb whose base form, third person or -ing form is `word`.
const VerbEntry* find_verb(const std::string& word);
/// 2 for "two" or "2", up to 20; nothing for other words.
std::optional<int64_t> find_number(const std::string& word);
std::string number_word(int64_t number);

/// Phrases of one word or more, separated by single blanks.
const std::map<std::string, GlobalEntry>& global_phrases();
/// A relation to its contrary: "on" -> "under".
const std::map<std::string, std::string>& relations();
/// What follows a verb of motion, to how a question says it: "leftwards" -> "to the left".
const std::map<std::string, std::string>& directions();
/// "to the left" -> "to the right"
std::string opposite_direction(const std::string& direction);
/// A camera's verb with its particle, to the contrary: "zoom in" -> "zoom out".
const std::map<std::string, std::string>& camera_moves();

/// One noun (singular) a kin of the category.
const std::vector<std::string>& category_heads(const std::string& category);
/// Nouns that hardly any unknown noun is another word for.
const std::vector<std::string>& far_nouns();
/// One color a kin, and the materials' phrases.
const std::vector<std::string>& color_heads();
const std::vector<std::string>& material_phrases();
/// Closed classes: "determiner", "pronoun", "auxiliary", "conjunction", "preposition", "framing" (a video
/// of), "collective" (a flock of), "adverb", "not_verb" (nouns in -ing), "foreign" (function words of other
/// languages), "singular" (determiners that need a singular noun).
bool is_a(const std::string& word_class, const std::string& word);

/// "an" before a vowel's sound, else "a".
std::string with_article(const std::string& noun);
std::string third_person(const std::string& base);
std::string gerund(const std::string& base);
/// The base form behind an unknown verb's third person: "chases" -> "chase".
std::string base_of_third(const std::string& word);
std::string plural_of(const std::string& noun);
/// Whether an unknown word looks like a plural.
bool looks_plural(const std::string& word);

}  // namespace drf::critic
