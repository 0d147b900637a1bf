#pragma once
// Cuts a caption into chunks: the state that the readers of its kinds of words share. Noun phrases are placed
// in chunks.cpp, verbs read in verb_groups.cpp, the words between them in
// small_words.cpp.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "drf/templates/chunks.h"

namespace drf::templates {

class Cutter {
 public:
  explicit Cutter(const std::vector<Token>& tokens) : tokens_(tokens) {}
  Chunks run();

 private:
  using Kind = Chunk::Kind;

  const std::string& word(size_t i) const { return word_at(tokens_, i); }
  Chunk& add(Kind kind, size_t length) {
    Chunk chunk;
    chunk.kind = kind;
    chunk.begin = at_;
    at_ += length;
    chunk.end = at_;
    if (length > 0) chunk.text = tokens_[chunk.begin].text;
    chunks_.list.push_back(chunk);
    return chunks_.list.back();
  }
  // What stands before, adverbs left out.
  Kind before() const {
    for (auto it = chunks_.list.rbegin(); it != chunks_.list.rend(); ++it) {
      if (it->kind != Kind::kAdverb) return it->kind;
    }
    return Kind::kEnd;
  }
  bool finite_before() const {
    for (auto it = chunks_.list.rbegin(); it != chunks_.list.rend() && it->kind != Kind::kEnd; ++it) {
      if (it->kind == Kind::kVerb && it->finite()) return true;
    }
    return false;
  }
  bool noun_starts(size_t i) const {
    const std::string& w = word(i);
    if (w.empty()) return false;
    if (is_a("determiner", w) || find_number(w) || is_adjective(w) || find_noun(w)) return true;
    return !function_word(w) && !is_a("adverb", w) && !find_verb(w);
  }
  bool last_is(const char* text) const { return !chunks_.list.empty() && chunks_.list.back().text == text; }

  // Each reads what begins at at_, if it is of its kind, and says whether it was.
  bool mark();
  bool quote();
  bool thing();
  // "a flock of birds", "a close-up of a cup": the birds, the cup.
  bool of_phrase(Thing& thing, const std::string& last, size_t length);
  bool named_after(const Thing& owner);
  bool picture_acts(size_t i) const;
  void place(const Thing& thing, size_t length);
  // Prepositions of several words, and those that mean that something is not so.
  bool phrase();
  bool pronoun();
  bool link();
  // Only behind a verb of motion: one can look up without going there.
  bool direction();
  bool small_word();
  // "is not holding", "does not run", "slowly rises", "to cry"
  bool verb_group();
  bool noun_phrase_after_to(size_t i) const;
  void push(Chunk group, size_t end);
  // Whether the sentence so far tells what the camera does.
  bool of_camera() const;
  // Whether a word that is some verb's form is a verb here.
  bool verb_here(size_t i, const VerbForm& form, const NounEntry* noun);

  const std::vector<Token>& tokens_;
  size_t at_ = 0;
  bool undecided_ = false, collective_ = false;
  Chunks chunks_;
};

}  // namespace drf::templates
