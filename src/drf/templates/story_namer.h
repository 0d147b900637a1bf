#pragma once
// Says of each clause of a story whom it tells of and in which words.

#include <set>
#include <string>
#include <vector>

#include "drf/templates/story.h"

namespace drf::templates {

class StoryNamer {
 public:
  StoryNamer(const std::vector<Token>& tokens, const Caption& caption,
             std::vector<std::vector<StoryClause>>& sentences);
  void run();

 private:
  const std::string& word(size_t i) const { return word_at(tokens_, i); }
  static bool pronoun(const std::string& w) { return w == "he" || w == "she" || w == "it" || w == "they"; }
  static bool his(const std::string& w) { return w == "his" || w == "her" || w == "its" || w == "their"; }
  std::string raw(size_t i) const {
    return tokens_[i].slip || tokens_[i].raw.empty() ? tokens_[i].text : tokens_[i].raw;
  }
  std::string text(size_t begin, size_t end) const;

  // Whom it tells of (story_names.cpp).
  void phrase(StoryClause& clause, const std::string& owner = "the") const;
  bool everyone(StoryClause& clause) const;
  bool twice(size_t head) const;
  void shares(std::vector<StoryClause>& clauses, size_t c) const;
  static void same(StoryClause& clause, const StoryClause& as);

  // Whom a pronoun means (story_pronouns.cpp).
  static bool fits(const std::string& pronoun, const std::string& name, const NounEntry* noun, bool plural,
                   bool proper);
  bool another(const std::string& pronoun, const StoryClause& one, size_t from, size_t to, bool acts) const;
  void means(size_t s, size_t c, const std::string& w, StoryClause& clause) const;
  void the_only_ones(StoryClause& clause) const;
  void the_only_one(const std::string& pronoun, StoryClause& clause) const;
  bool owns(const std::string& his, const StoryClause& clause, size_t s) const;

  // Which thing one of them is (story_objects.cpp).
  std::string meant(size_t i, const StoryClause& clause, size_t s) const;
  bool object_is(const StoryClause& clause, size_t s, const std::string& name) const;
  std::string direct_object(size_t i, const StoryClause& clause, size_t s,
                            const std::set<std::string>& names) const;

  // What is told (story_rests.cpp).
  void rest(size_t s, size_t c);
  size_t rest_end(const StoryClause& clause) const;
  bool objective(size_t i, size_t end) const;

  const std::vector<Token>& tokens_;
  const Caption& caption_;
  std::vector<std::vector<StoryClause>>& sentences_;
  std::vector<std::pair<const Thing*, size_t>> mentions_;  ///< of each thing, at which tokens
};

}  // namespace drf::templates
