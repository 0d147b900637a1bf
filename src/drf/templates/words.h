#pragma once
// The general parser's English: word lists as data, and the forms that words take.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_set>
#include <vector>

namespace drf::templates {

struct LexiconWord;

/// A noun that the lists or the lexicon hold, in the form that was looked up.
struct NounEntry {
  std::string category;  ///< of nouns.h: "person", "animal", "vehicle", ..., "part", "abstract"
  std::string group;     ///< within its category: what is often seen together
  std::string kin;       ///< nouns of one kin may name one object (dog, puppy): never each other's contrast
  bool plural = false;
  const LexiconWord* lexicon = nullptr;  ///< where only the lexicon has it: less is sure of it
  bool living() const { return category == "person" || category == "animal" || category == "beast"; }
  /// Something that is there or is not, to the eye.
  bool visible() const {
    return category != "part" && category != "abstract" && category != "body" && group != "shy";
  }
};

/// A verb that the lists hold.
struct VerbEntry {
  enum class Kind {
    kMotion,   ///< its subject changes its place
    kAlone,    ///< says enough without an object
    kPosture,  ///< where its subject is
    kBoth,     ///< with an object or without
    kObject,   ///< says nothing without its object
    kLight,    ///< never asked
  } kind = Kind::kLight;
  std::string base;      ///< "run"
  std::string opposite;  ///< a base form that is false where this one is true, or ""
  bool living = false;   ///< only people and animals do it
};

/// A form of a verb; one word may be several.
struct VerbForm {
  const VerbEntry* verb = nullptr;
  bool base = false, third = false, ing = false, past = false;
  bool participle = false;  ///< past as well where one form is both
};

/// A quality that can be seen, as a word before a noun.
struct AttributeEntry {
  enum class Kind { kColor, kMaterial, kPair } kind;
  std::string phrase;                ///< after "is": "red", "made of wood", "big"
  std::string kin;                   ///< colors that may be taken for each other share it
  std::string opposite{};            ///< of a pair of any subject or of a living one; "-" where nothing is
  std::string opposite_of_things{};  ///< of a pair, where the subject is lifeless
};

/// A fact about the whole video that a word or phrase states.
struct GlobalEntry {
  std::string question, twin;  ///< "Is it night?", "Is it day?"
  bool style = false;          ///< a look, which may also be that of a thing in the scene
};

/// Lookups take small letters. The results live as long as the program.
const NounEntry* find_noun(const std::string& word);
/// Of a word that is certainly a noun where it stands: also one that the lists have as something else
/// ("lock").
const NounEntry* find_noun_beside(const std::string& word);
const AttributeEntry* find_attribute(const std::string& word);
const VerbForm* find_verb(const std::string& word);
/// The verb that a word is in its base form, by the lists or the lexicon ("fold"), or "".
std::string base_form(const std::string& word);
/// Whether two words go on with what somebody does: "and steps".
bool and_does(const std::string& word, const std::string& next);
/// Qualities, and adjectives that are never asked for; not unknown words that look like one.
bool is_adjective(const std::string& word);
/// All words that the lists hold, in all their forms, and the nouns among them.
std::unordered_set<std::string> list_words();
std::vector<std::string> listed_nouns();
bool is_listed(const std::string& word);
/// Whether any list, or the lexicon, holds the word.
bool is_known(const std::string& word);
/// Whether a list holds the word, or it names a thing and nothing else: of such words it is known what they
/// wish for.
bool is_plain(const std::string& word);
/// Known to be spelled rightly, and nothing else.
bool only_spelled(const std::string& word);
/// The known word that an unknown one of four letters or more is one slip away from (a letter too many, too
/// few, wrong or exchanged), or "".
std::string meant(const std::string& word);
/// Whether a slip from `other` is plain: in a word of six letters or more two letters are exchanged, or one
/// is doubled or should be.
bool surely_meant(const std::string& word, const std::string& other);
/// 2 for "two" or "2", up to 20; nothing for other words.
std::optional<int64_t> find_number(const std::string& word);
std::string number_word(int64_t number);

/// Phrases of one word or more, separated by single blanks.
const std::map<std::string, GlobalEntry>& global_phrases();
/// A relation to its contrary: "on" -> "under".
const std::map<std::string, std::string>& relations();
/// Relations in other words: "on the left of" -> "to the left of".
const std::map<std::string, std::string>& spelled_relations();
/// What follows a verb of motion, to how a question says it: "leftwards" -> "to the left".
const std::map<std::string, std::string>& directions();
/// "to the left" -> "to the right"
std::string opposite_direction(const std::string& direction);
/// A camera's verb with its particle, to the contrary: "zoom in" -> "zoom out".
const std::map<std::string, std::string>& camera_moves();

/// The colors (by kin) that a color is never taken for, and the phrases of other materials.
const std::vector<std::string>& other_colors(const std::string& kin);
const std::vector<std::string>& other_materials(const std::string& phrase);
/// Nouns of men and boys, and of women and girls, in one number.
bool is_male(const std::string& noun);
bool is_female(const std::string& noun);
/// The film itself, not a thing in it: "The scene opens on a street", "the shot widens".
bool is_film(const std::string& name);

/// Closed classes, the keys of kClasses in lists.h.
bool is_a(const std::string& word_class, const std::string& word);

/// "an" before a vowel's sound, else "a".
std::string with_article(const std::string& noun);
std::string third_person(const std::string& base);
std::string gerund(const std::string& base);
std::string plural_of(const std::string& noun);
/// Whether an unknown word looks like a plural.
bool looks_plural(const std::string& word);
bool ends_with(const std::string& word, const std::string& end);

}  // namespace drf::templates
