#pragma once
// Cuts a sentence into the clauses of a story: which words are its verbs (story_verbs.cpp), where
// each clause begins and ends, and by which word of time it hangs on the one before
// (story_clauses.cpp).

#include <string>
#include <vector>

#include "drf/templates/story.h"

namespace drf::templates {

class ClauseCutter {
 public:
  ClauseCutter(const std::vector<Token>& tokens, size_t begin, size_t end);
  std::vector<StoryClause> run();

 private:
  const std::string& word(size_t i) const;
  bool mark(size_t i) const { return i >= begin_ && i < end_ && tokens_[i].kind == Token::Kind::kMark; }
  bool joins(size_t i) const { return word(i) == "and" || word(i) == "but" || word(i) == "or"; }
  bool tagged(size_t i, const char* tag) const { return i < tags_.size() && tags_[i].rfind(tag, 0) == 0; }
  bool adverb(size_t i) const;
  bool of_time(size_t i) const {
    return word(i) == "then" || word(i) == "finally" || word(i) == "eventually";
  }
  /// The tokens of a phrase, from token i on; 0 where it does not stand there.
  size_t phrase_at(size_t i, const std::string& phrase) const;

  /// Those of a phrase of time that ends before token k, and its link; 0 where there is none.
  size_t phrase_before(size_t k, size_t from, const char** link) const;

  // Which words are verbs (story_verbs.cpp).
  bool verb(size_t i, StoryClause& clause) const;
  bool third(size_t i, size_t k, bool subject, bool shares) const;
  bool only_verb(size_t i, bool many) const;
  bool participle(size_t i, StoryClause& clause) const;
  bool of_everyone(size_t i) const;
  bool films(size_t i, StoryClause& clause) const;
  bool opens_object(size_t i) const;
  bool plain_end(size_t i) const;
  bool many(size_t k) const;

  // Its subject, its link, and where it starts; false for what is no clause (story_clauses.cpp).
  bool bounds(StoryClause& clause);
  bool inverted(size_t i, StoryClause& clause) const;
  bool border(size_t i) const;
  bool ends_phrase(size_t i) const;
  void note(StoryClause& clause, const std::string& w) const;
  size_t fronted(size_t j, size_t k, StoryClause& clause) const;
  void absorb(StoryClause& clause, size_t from) const;

  const std::vector<Token>& tokens_;
  const size_t begin_, end_;
  std::vector<std::string> tags_;
  std::vector<StoryClause> clauses_;
};

}  // namespace drf::templates
