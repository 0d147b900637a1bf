#pragma once
// Check "form": a question that can be asked and answered at all. Deterministic, by what is written alone.
// Reasons: "empty", "too short", "too long", "not one line", "control character", "no question mark",
// "more than one question", "more than one fact", "a choice, not a yes or no", "not a yes/no question",
// "about the text", "gives the answer away", "the twin is its question", "no twin", "the paraphrase is its
// question", "the paraphrase is the twin", "the paraphrase turns it round".

#include <vector>

#include "drf/writer/draft.h"

namespace drf::writer {

constexpr size_t kLeastLetters = 6, kMostLetters = 220;  ///< of a question, in characters
constexpr size_t kMostWords = 40;
constexpr size_t kMostAnswerLetters = 2000;  ///< of an open question's answer
/// Of the words of an open question's answer that say something, the share that its question may hold.
constexpr double kMostOfAnswer = 0.6;

/// Drops what breaks a rule; a twin that does takes its question along, which has no control without it, a
/// paraphrase goes alone; one that denies where its question does not, or the reverse, does as well. A
/// written yes/no question must have a twin. What joins two things ("shape and color", "flicker or jump") is
/// let be in the templates' questions, who wrote them so that one answer fits both.
void check_form(std::vector<Draft>& drafts, Ledger& ledger);

/// The reason against one yes/no question, "" if there is none. `one_fact`: whether it must ask one alone.
std::string fault_of_form(const std::string& question, bool one_fact = true);

}  // namespace drf::writer
