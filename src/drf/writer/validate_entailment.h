#pragma once
// Check "entailment": whether what a question takes for true follows from its caption. A language model is
// asked, by text alone, with the twin as the control: a question stays only where the model gives it the
// answer it should have, and gives its twin the opposite one; a paraphrase where it gives it the question's
// answer. What should be answered with yes must hold of every video of the caption, what should be answered
// with no of none: that a caption is silent about a barrel makes no barrel impossible. Of physics and
// quality, which no caption states, the model is asked to imagine the good videos of the caption, so that
// what a caption wishes (melting, grain) is not held against it. Reasons: "the caption does not say so", "its
// twin holds as well", "the paraphrase does not hold", "not judged".

#include <string>
#include <vector>

#include "drf/writer/draft.h"
#include "drf/writer/text_model.h"

namespace drf::writer {

/// The right answer to a question, to its twin and to its paraphrase must have more than this probability
/// among yes and no.
constexpr double kEntailed = 0.5;

/// The chat by which `text`, the question or what belongs to it, is judged: whether its answer is yes in
/// every video of the prompt (`wants_yes`), or in any; of an open question its answer is.
TextRequest judgement_request(const questions::Question& question, const std::string& text, bool wants_yes,
                              const std::string& prompt);

/// Drops what does not hold, with p_question, p_twin and p_paraphrase: the probabilities of the right
/// answers. A twin of "No" is right where the model says no; a paraphrase goes alone. A request that fails
/// drops what it was about: what nobody judged is not asked. Throws as TextModel::judge, and Interrupted.
void check_entailment(std::vector<Draft>& drafts, const std::vector<std::string>& prompts, TextModel& model,
                      Ledger& ledger);

}  // namespace drf::writer
