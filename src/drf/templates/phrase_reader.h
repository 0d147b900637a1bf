#pragma once
// The reader of one noun phrase: for phrases.cpp, which reads what stands before its nouns, and
// heads.cpp, which reads these and says whether the phrase can be trusted.

#include <string>
#include <vector>

#include "drf/templates/phrases.h"

namespace drf::templates {

class PhraseReader {
 public:
  PhraseReader(const std::vector<Token>& tokens, size_t i, Thing& thing)
      : tokens_(tokens), start_(i), at_(i), thing_(thing) {}

  size_t read(bool after_subject);

 private:
  const std::string& word(size_t i) const { return word_at(tokens_, i); }
  bool mark(size_t i, const char* text) const {
    return i < tokens_.size() && tokens_[i].kind == Token::Kind::kMark && tokens_[i].text == text;
  }
  // A name: a capital that no sentence's beginning explains.
  bool name(size_t i) const;
  static bool upper(char c) { return c >= 'A' && c <= 'Z'; }
  bool unknown(const std::string& w) const { return !w.empty() && !function_word(w) && !is_known(w); }
  // May stand inside a noun phrase and be its head.
  bool nounish(size_t i) const;
  // Of a word that the lexicon has as a verb too, what stands before must make a noun.
  bool backed(size_t i) const;
  // What may follow a modifier: another one, or a head.
  bool phrase_goes_on(size_t i) const;
  void determiner();
  void number();
  size_t modifier();
  bool has(const AttributeEntry* entry) const;
  static bool looks_adjective(const std::string& word);
  static bool superlative(const std::string& word);
  // The nouns, up to the head.
  void head(bool open);
  bool ends_before(size_t i);
  bool clear_end() const;
  // Whether a clear verb follows before the clause ends: then the word at hand is a noun.
  bool later_verb(size_t i) const;
  void finish();
  // What the lexicon alone has is believed where the words around it leave no other reading.
  void trust_lexicon();
  // An unknown head is believed between an article and a clear end of its phrase.
  void doubt_unknown();
  // "a quick pan to": of the camera
  void doubt_camera();
  // Words within the name, and right behind it.
  void doubt_neighbours();

  const std::vector<Token>& tokens_;
  const size_t start_;
  size_t at_;
  Thing& thing_;
  std::vector<std::string> names_;
  bool singular_ = false, many_ = false, vague_ = false;
  bool some_ = false;     ///< behind "all", "some": a singular noun is stuff there
  bool several_ = false;  ///< behind "both", "several": a singular noun is none there
};

}  // namespace drf::templates
