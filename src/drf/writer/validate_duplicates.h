#pragma once
// Check "duplicates": of what a prompt's questions ask in the same words, after what does not matter to the
// meaning is taken away (question_words.h), the first stays. Deterministic, and blind to synonyms: "Is there
// a sofa?" beside "Is there a couch?" stays, as does one fact put in three words or more in another order.
// Reasons: "asked already", "contradicts another", "the same words", "the twin is asked already", "the twin
// contradicts another", and of a paraphrase likewise.

#include <vector>

#include "drf/writer/draft.h"

namespace drf::writer {

/// A question and an answer claim something; a negation in the question turns it round. The same words with
/// the same claim are a duplicate, with the opposite one a contradiction: both are dropped, the later one
/// each time. A twin goes alone: it is not asked, and stays the control. Paraphrases come after all questions
/// of the prompt and may mean no more than their own does. What is left has nothing more to drop, in any
/// order.
void check_duplicates(std::vector<Draft>& drafts, Ledger& ledger);

/// Where what asked a twin already is gone, the twin is asked after all.
void ask_lost_twins(std::vector<Draft>& drafts, Ledger& ledger);

}  // namespace drf::writer
