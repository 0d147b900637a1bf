#pragma once
// A caption as a story: its clauses, each asked about in its own words, where a word tells which of two comes
// first ("then", "until", "as soon as") or what comes last. It needs no knowledge of a verb and no tree, only
// where each clause begins, whom it tells of, and where it ends: so it reads where the parsers are silent.

#include <string>
#include <vector>

#include "drf/templates/caption.h"

namespace drf::templates {

/// "then he cuts the fringe".
struct StoryClause {
  size_t start = 0;                     ///< its first token, its link included
  size_t subject = 0, subject_end = 0;  ///< tokens; none where it shares the subject of the clause before
  size_t verb = 0, end = 0;             ///< what follows the verb ends before `end`
  std::string base{};                   ///< of the verb; "be"
  bool many = false, gerund = false, there = false;
  size_t perfect = 0;       ///< the participle of "has melted", which is read beside "by the time" alone
  bool participle = false;  ///< "a dog digging a hole until ..."
  bool films = false;       ///< "drone shot circling a lighthouse": it tells of the camera
  bool open = false;        ///< not read: denied, past, wished for
  std::string link{};       ///< "then", "first", "before", "after", "until", "once", "when", "by", "while"
  // What questions say (story_names.cpp): whom it tells of, and what follows the verb where that is
  // certain.
  std::string who{}, rest{};
  bool said = false;
  bool takes_it = false;  ///< its object is what was named before: "it"
  bool plural = false;
  const NounEntry* noun = nullptr;  ///< of whom it tells
  size_t head = 0;                  ///< the token that names it
};

/// The clauses of tokens [begin, end), one sentence.
std::vector<StoryClause> story_clauses(const std::vector<Token>& tokens, size_t begin, size_t end);

/// Says of each clause of a caption's sentences whom it tells of and in which words.
void name_doers(const std::vector<Token>& tokens, const Caption& caption,
                std::vector<std::vector<StoryClause>>& sentences);

/// Whether its doer is done with it when what is told next begins; whether it is what comes of the deed
/// before, or is done to the same thing.
bool story_deed_over(const StoryClause& clause);
bool story_deed_begins(const StoryClause& clause);

/// The question on what a clause tells, or "" where it has been asked or is not certain to be one fact that
/// is seen.
std::string story_deed(const StoryClause& clause, const Caption& caption);

/// What a clause's deed is done without, as a plain question, or none: "walks without an umbrella".
Fact story_without(const StoryClause& clause, const std::vector<Token>& tokens, const Caption& caption);

/// Appends what the caption tells of the order of its clauses.
void add_story(const std::vector<Token>& tokens, Caption& caption);
/// ... and of what it starts and ends with.
void add_story_ends(const std::vector<Token>& tokens, Caption& caption);

}  // namespace drf::templates
